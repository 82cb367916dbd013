package fix

import (
	"slices"
	"strings"
	"testing"
)

// What an aws program of some years ago does not know is named, and only where it says something.
func TestRecentMembers(t *testing.T) {
	tests := []struct{ root, document, want string }{
		{"DistributionConfig", `{"Enabled":true,"Origins":{"Quantity":1,"Items":[{"Id":"a","S3OriginConfig":{"OriginAccessIdentity":"","OriginReadTimeout":30}}]}}`, ""},
		{"DistributionConfig", `{"Origins":{"Items":[{"S3OriginConfig":{"OriginReadTimeout":60}}]}}`, "S3OriginConfig.OriginReadTimeout"},
		{"DistributionConfig", `{"DefaultCacheBehavior":{"GrpcConfig":{"Enabled":false}},"CacheBehaviors":{"Items":[{"PathPattern":"/a"}]}}`, ""},
		{"DistributionConfig", `{"DefaultCacheBehavior":{"GrpcConfig":{"Enabled":true}}}`, "DefaultCacheBehavior.GrpcConfig GrpcConfig.Enabled"},
		{"DistributionConfig", `{"CacheBehaviors":{"Items":[{"CachePolicyId":"x"}]}}`, "CacheBehaviors.CachePolicyId"},
		{"DistributionConfig", `{"Origins":{"Items":[{"CustomOriginConfig":{"IpAddressType":"ipv4"}},{"CustomOriginConfig":{"IpAddressType":"ipv6"}}]}}`, "CustomOriginConfig.IpAddressType"},
		{"DistributionConfig", `{"; rm -rf ~":true,"$(id)":"x"}`, ""},
		{"", `{"Rules":[{"Name":"a","Statement":{"NotStatement":{"Statement":{"AsnMatchStatement":{"AsnList":[1]}}}}}]}`, "AsnMatchStatement.AsnList Statement.AsnMatchStatement"},
		{"", `{"Rules":[{"Statement":{"AndStatement":{"Statements":[{"LabelMatchStatement":{"Key":"x"}}]}},"Action":{"Captcha":{}}}]}`,
			"Action.Captcha LabelMatchStatement.Key Statement.LabelMatchStatement"},
		{"", `{"CustomResponseBodies":{"mine":{"Content":"x"}}}`, "CustomResponseBodies"},
	}
	for _, test := range tests {
		if got := strings.Join(recent(test.root, tree(t, test.document)), " "); got != test.want {
			t.Errorf("%s: got %q, want %q", test.document, got, test.want)
		}
	}
}

// What an edit puts in counts even where it says what the service would do anyway: the program would refuse it.
func TestRecentMembersOfEdits(t *testing.T) {
	none := tree(t, `{}`)
	edits := Edits{{Path: origin("a").Field("CustomOriginConfig", "IpAddressType"), Op: Set, New: "ipv4"}, {Path: At("DefaultRootObject"), Op: Set, New: "index.html"}}
	if got := recent("DistributionConfig", none, edits...); !slices.Equal(got, []string{"CustomOriginConfig.IpAddressType"}) {
		t.Errorf("got %v", got)
	}
}

// The scripts and Go hold the same states for alike, in whatever order lists of texts come back; cache behaviors have an order that counts.
func TestScriptsCompareAsGoDoes(t *testing.T) {
	const document = `{"Aliases":{"Items":["a","b","c"]},"CacheBehaviors":{"Items":[{"PathPattern":"/a","AllowedMethods":{"Items":["GET","HEAD"]}},{"PathPattern":"/b"}]},"Statement":[{"Action":["x","y"]}]}`
	tests := []struct {
		name, old, with string
		alike           bool
	}{
		{"the same", "", "", true},
		{"aliases", `["a","b","c"]`, `["c","a","b"]`, true},
		{"methods of a behavior", `["GET","HEAD"]`, `["HEAD","GET"]`, true},
		{"actions of a policy", `["x","y"]`, `["y","x"]`, true},
		{"an alias less", `["a","b","c"]`, `["a","b"]`, false},
		{"an alias twice", `["a","b","c"]`, `["a","b","b"]`, false},
		{"behaviors", `{"PathPattern":"/a","AllowedMethods":{"Items":["GET","HEAD"]}},{"PathPattern":"/b"}`, `{"PathPattern":"/b"},{"PathPattern":"/a","AllowedMethods":{"Items":["GET","HEAD"]}}`, false},
	}
	c := newCloud(t)
	for _, test := range tests {
		other := strings.ReplaceAll(document, test.old, test.with)
		if test.old == "" {
			other = document
		}
		c.put("a.json", document)
		c.put("b.json", other)
		i := slices.IndexFunc(helperText, func(h struct{ name, text string }) bool { return h.name == "check" })
		out, err := c.run(`say() { printf '%s\n' "$*"; }` + "\n" + helperText[i].text + "\ncheck it \"$FAKE/a.json\" \"$FAKE/b.json\"")
		if want := map[bool]string{true: "PASS it\n", false: "FAIL it\n"}[test.alike]; err != nil || out != want {
			t.Errorf("%s: the script says %q (%v), want %q", test.name, out, err, want)
		}
		if got := SameState(tree(t, document), tree(t, other)); got != test.alike {
			t.Errorf("%s: Go says %v", test.name, got)
		}
	}
}

// A service that gives the methods back in another order has still been changed as wanted.
func TestScriptPassesShuffledLists(t *testing.T) {
	c := newCloud(t)
	c.put("shuffle", "")
	f := Fix{Title: "methods", Changes: []Change{EditDistribution(distributionID, SetAllowedMethods("", "GET", "HEAD", "OPTIONS"))}}
	if out, err := c.run(Script(f, contextOf(t))); err != nil || !strings.Contains(out, "PASS") {
		t.Errorf("%v\n%s", err, out)
	}
}
