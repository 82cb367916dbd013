package collect

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source"
)

const distributionList = `{"DistributionList":{"Quantity":3,"Items":[
	{"Id":"E2ABCDEFGHIJKL","DomainName":"d111111abcdef8.cloudfront.net","Comment":"shop","Aliases":{"Quantity":2,"Items":["www.shop.example","*.shop.example"]}},
	{"Id":"E2ZZZZZZZZZZZZ","DomainName":"d222222abcdef8.cloudfront.net","Comment":"img","Aliases":{"Quantity":2,"Items":["img.shop.example","*.img.shop.example"]}},
	{"Id":"E3OTHEROTHER00","DomainName":"d333333abcdef8.cloudfront.net","Comment":"","Aliases":{"Quantity":1,"Items":["www.other.example"]}}]}}`

func known(id string) recorded {
	return say("cloudfront", "GetDistribution", map[string]any{"Id": id}, `{"Distribution":{"Id":"`+id+`","DomainName":"d444444abcdef8.cloudfront.net",
		"DistributionConfig":{"CallerReference":"x","Comment":"","Enabled":true,"Aliases":{"Quantity":1,"Items":["www.one.example"]}}}}`)
}

func account1() []recorded {
	return []recorded{
		say("cloudfront", "ListDistributions", nil, distributionList),
		known("E2ABCDEFGHIJKL"),
		refuse("cloudfront", "GetDistribution", nil, "NoSuchDistribution"),
		refuse("cloudfront", "GetDistributionTenantByDomain", nil, "EntityNotFound"),
		say("sts", "GetCallerIdentity", nil, `{"Account":"111122223333"}`),
		say("route53", "ListHostedZones", nil, `{"HostedZones":[{"Id":"/hostedzone/Z1","Name":"brand.example.","CallerReference":"x"}]}`),
		say("route53", "ListResourceRecordSets", nil, `{"ResourceRecordSets":[
			{"Name":"new.brand.example.","Type":"CNAME","TTL":60,"ResourceRecords":[{"Value":"cdn.brand.example."}]},
			{"Name":"cdn.brand.example.","Type":"A","AliasTarget":{"HostedZoneId":"Z2FDTNDATAQYW2","DNSName":"d222222abcdef8.cloudfront.net.","EvaluateTargetHealth":false}}]}`),
	}
}

func TestResolve(t *testing.T) {
	for _, tc := range []struct{ name, target, id, note string }{
		{"id", "e2abcdefghijkl", "E2ABCDEFGHIJKL", ""},
		{"arn", "arn:aws:cloudfront::111122223333:distribution/E2ABCDEFGHIJKL", "E2ABCDEFGHIJKL", ""},
		{"domain", "d222222abcdef8.cloudfront.net", "E2ZZZZZZZZZZZZ", ""},
		{"label", "d222222abcdef8", "E2ZZZZZZZZZZZZ", ""},
		{"alias", "https://www.shop.example/x", "E2ABCDEFGHIJKL", ""},
		{"exact before wildcard", "img.shop.example", "E2ZZZZZZZZZZZZ", ""},
		{"wildcard", "api.shop.example", "E2ABCDEFGHIJKL", ""},
		{"longer wildcard", "a.img.shop.example", "E2ZZZZZZZZZZZZ", ""},
		{"by DNS", "new.brand.example", "E2ZZZZZZZZZZZZ", "DNS leads new.brand.example"},
		{"sibling", "static.other.example", "E3OTHEROTHER00", "only one with a name under other.example"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			target, err := ParseTarget(tc.target)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Resolve(t.Context(), New(newFake(account1()...), now, Options{}), target)
			if err != nil {
				t.Fatal(err)
			}
			if got.ID != tc.id || !strings.HasSuffix(got.DomainName, ".cloudfront.net") || !strings.Contains(got.Note, tc.note) || (tc.note == "") != (got.Note == "") {
				t.Errorf("%s leads to %+v", tc.target, got)
			}
		})
	}
}

func TestResolveTenant(t *testing.T) {
	src := load(t, "testdata/tenants.json")
	got, err := Resolve(t.Context(), New(src, now, Options{}), Target{Domain: "acme.example"})
	if err != nil || got.ID != "ETENANTS000001" || !strings.Contains(got.Note, "tenant") {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestResolveNotFound(t *testing.T) {
	for _, tc := range []struct {
		name   string
		target Target
		why    Why
		near   string
		says   string
	}{
		{"mistyped id", Target{ID: "E2ABCDEFGHJIKL"}, Mistyped, "E2ABCDEFGHIJKL", "there is no distribution E2ABCDEFGHJIKL in account 111122223333 – did you mean E2ABCDEFGHIJKL (www.shop.example)?"},
		{"unknown id", Target{ID: "EXXXXXXXXXXXXX"}, OtherAccount, "", "no distribution EXXXXXXXXXXXXX in account 111122223333"},
		{"ARN of another account", Target{ID: "EXXXXXXXXXXXXX", Account: "999988887777"}, OtherAccount, "", "--profile"},
		{"mistyped domain", Target{Domain: "d111111abcdef9.cloudfront.net"}, Mistyped, "E2ABCDEFGHIJKL", "did you mean"},
		{"unknown domain", Target{Domain: "www.nothing-alike.test"}, OtherAccount, "", "no distribution for www.nothing-alike.test"},
		{"several siblings", Target{Domain: "shop.example"}, Mistyped, "E2ABCDEFGHIJKL", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Resolve(t.Context(), New(newFake(account1()...), now, Options{}), tc.target)
			var missing *NotFoundError
			if !errors.As(err, &missing) {
				t.Fatalf("error is %v", err)
			}
			near := ""
			if len(missing.Nearest) > 0 {
				near = missing.Nearest[0].ID
			}
			says := err.Error() + " – " + missing.Hint()
			if missing.Why != tc.why || near != tc.near || !strings.Contains(says, tc.says) || strings.Contains(says, "\n") {
				t.Errorf("why %q, nearest %q: %s", missing.Why, near, says)
			}
		})
	}
}

func TestResolveDenied(t *testing.T) {
	src := newFake(refuse("cloudfront", "ListDistributions", nil, "AccessDenied"), refuse("cloudfront", "GetDistribution", nil, "AccessDenied"))
	for _, tc := range []struct {
		target Target
		needs  string
	}{
		{Target{ID: "E2ABCDEFGHIJKL"}, "cloudfront:GetDistribution"},
		{Target{Domain: "www.shop.example"}, "cloudfront:ListDistributions"},
	} {
		_, err := Resolve(t.Context(), New(src, now, Options{}), tc.target)
		var denied *DeniedError
		if !errors.As(err, &denied) || denied.Needs != tc.needs || !strings.Contains(denied.Hint(), tc.needs) {
			t.Errorf("%+v: %v", tc.target, err)
		}
	}
}

func TestResolveFailure(t *testing.T) {
	src := newFake(refuse("cloudfront", "ListDistributions", nil, "Throttling"), refuse("cloudfront", "GetDistribution", nil, "ExpiredToken"))
	for _, target := range []Target{{ID: "E2ABCDEFGHIJKL"}, {Domain: "www.shop.example"}} {
		_, err := Resolve(t.Context(), New(src, now, Options{}), target)
		var missing *NotFoundError
		if err == nil || errors.As(err, &missing) {
			t.Errorf("%+v: a failure is not knowledge: %v", target, err)
		}
	}
}

// What the door says comes through: the command line tells a missing credential from a missing network by it.
func TestResolveKeepsTheCause(t *testing.T) {
	cause := errors.New("no credentials")
	src := newFake()
	src.before = func(context.Context, evidence.Call) error { return fmt.Errorf("sign: %w", cause) }
	for _, target := range []Target{{ID: "E2ABCDEFGHIJKL"}, {Domain: "www.shop.example"}} {
		if _, err := Resolve(t.Context(), New(src, now, Options{}), target); !errors.Is(err, cause) {
			t.Errorf("%+v: %v", target, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Resolve(ctx, New(src, now, Options{}), target); !errors.Is(err, context.Canceled) {
			t.Errorf("%+v, cancelled: %v", target, err)
		}
	}
}

// A recording of one distribution has no list.
func TestResolveInARecording(t *testing.T) {
	for _, tc := range []struct {
		name   string
		src    source.Source
		target Target
		id     string
		why    Why
	}{
		{"by alias", recording{newFake(known("E2ABCDEFGHIJKL"), known("E4OTHER0000000"))}, Target{Domain: "www.one.example"}, "E2ABCDEFGHIJKL", ""},
		{"by its domain", recording{newFake(known("E2ABCDEFGHIJKL"))}, Target{Domain: "d444444abcdef8.cloudfront.net"}, "E2ABCDEFGHIJKL", ""},
		{"the only one", recording{newFake(known("E2ABCDEFGHIJKL"))}, Target{Domain: "shop.two.example"}, "E2ABCDEFGHIJKL", ""},
		{"none of two", recording{newFake(known("E2ABCDEFGHIJKL"), known("E4OTHER0000000"))}, Target{Domain: "shop.two.example"}, "", NotRecorded},
		{"another id", recording{newFake(known("E2ABCDEFGHIJKL"))}, Target{ID: "E9ANOTHER00000"}, "", NotRecorded},
		{"a list without the distribution", newFake(say("cloudfront", "ListDistributions", nil, distributionList)), Target{ID: "E2ABCDEFGHIJKL"}, "", NotRecorded},
		{"nothing", newFake(), Target{Domain: "www.one.example"}, "", NotRecorded},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := Resolve(t.Context(), New(tc.src, now, Options{}), tc.target)
			if got.ID != tc.id {
				t.Errorf("leads to %q, want %q (%v)", got.ID, tc.id, err)
			}
			var missing *NotFoundError
			if tc.why != "" && (!errors.As(err, &missing) || missing.Why != tc.why) {
				t.Errorf("error is %v, want %s", err, tc.why)
			}
		})
	}
}

func TestEdits(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "ab", 1}, {"abc", "xabc", 1}, {"kitten", "sitting", 3}, {"", "abc", 3}} {
		if got := edits(tc.a, tc.b); got != tc.want {
			t.Errorf("edits(%q, %q) = %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.StringMatching(`[ab]{0,8}`).Draw(t, "a")
		b := rapid.StringMatching(`[ab]{0,8}`).Draw(t, "b")
		d := edits(a, b)
		if d != edits(b, a) || (d == 0) != (a == b) || d > max(len(a), len(b)) || d < len(a)-len(b) {
			t.Fatalf("edits(%q, %q) = %d", a, b, d)
		}
	})
}

var _ interface {
	Recorded(service, operation string) []evidence.Call
} = recording{}
