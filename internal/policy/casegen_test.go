package policy

import (
	"bufio"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

// oracleCase is one policy question with our answer, for comparison with another evaluator. Lines of JSON.
type oracleCase struct {
	Policy    json.RawMessage     `json:"policy"`
	Principal string              `json:"principal"` // a service name, or the ARN of a user
	Action    string              `json:"action"`
	Resource  string              `json:"resource"`
	Context   map[string][]string `json:"context"` // complete: keys not listed are absent
	Allowed   string              `json:"allowed"` // yes, no or unknown
	Reason    string              `json:"reason"`  // allowed, explicit deny, implicit deny or undecided
}

// TestWriteOracleCases writes random cases to the file that POLICY_CASES names, and is skipped without it.
// The cases keep to what is documented and what S3 knows: real condition keys, no origin access identities.
func TestWriteOracleCases(t *testing.T) {
	name := os.Getenv("POLICY_CASES")
	if name == "" {
		t.Skip("POLICY_CASES names no file")
	}
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriter(file)
	enc := json.NewEncoder(out)
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		if err := enc.Encode(newOracleCase(t, r)); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

func newOracleCase(t *testing.T, r *rand.Rand) oracleCase {
	var list []any
	for range 1 + r.IntN(3) {
		list = append(list, oracleStatement(r))
	}
	text, err := json.Marshal(map[string]any{"Version": Version2012, "Statement": list})
	if err != nil {
		t.Fatal(err)
	}
	c := oracleCase{
		Policy:    text,
		Principal: pick(r, "cloudfront.amazonaws.com", "cloudfront.amazonaws.com", "arn:aws:iam::111122223333:user/ann"),
		Action:    pick(r, "s3:GetObject", "s3:GetObject", "s3:PutObject"),
		Resource:  pick(r, testObject, "arn:aws:s3:::example-bucket/assets/logo.png"),
		Context:   map[string][]string{},
	}
	ctx := NewContext()
	for _, key := range slices.Sorted(maps.Keys(oracleKeys)) {
		// A new object has no tags yet: S3 sends no such key with PutObject.
		sent := c.Action == "s3:GetObject" || key != "s3:ExistingObjectTag/stage"
		if values := oracleKeys[key]; sent && r.IntN(3) > 0 {
			c.Context[key] = []string{values[r.IntN(len(values))]}
			ctx.Set(key, c.Context[key]...)
		}
	}
	who := Service(c.Principal)
	if c.Principal[:4] == "arn:" {
		who = Principal{Kind: AWSPrincipal, ID: c.Principal}
	}
	d := mustParse(t, string(text)).Evaluate(Request{Principal: who, Action: c.Action, Resource: c.Resource, Context: ctx.Close()})
	c.Allowed, c.Reason = d.Allowed.String(), d.Reason.String()
	return c
}

// oracleKeys holds values that requests carry.
var oracleKeys = map[string][]string{
	"aws:SourceArn":              {testSourceARN, "arn:aws:cloudfront::444455556666:distribution/E2"},
	"aws:SourceAccount":          {"111122223333", "444455556666"},
	"aws:SecureTransport":        {"true", "false"},
	"aws:SourceIp":               {"192.0.2.7", "198.51.100.7", "2001:db8::7"},
	"aws:SourceVpce":             {"vpce-1a2b3c4d", "vpce-9"},
	"aws:Referer":                {"https://www.example.com/a", "https://example.org/"},
	"aws:CurrentTime":            {"2024-05-01T00:00:00Z", "2026-01-01T12:30:00Z"},
	"s3:TlsVersion":              {"1.1", "1.2", "1.3"},
	"aws:PrincipalIsAWSService":  {"true", "false"},
	"aws:PrincipalOrgID":         {"o-example123", "o-other12345"},
	"s3:ExistingObjectTag/stage": {"live", "Test", "home"},
}

func oracleStatement(r *rand.Rand) map[string]any {
	s := map[string]any{"Effect": pick(r, "Allow", "Allow", "Deny")}
	principals := []any{
		"*", map[string]any{"AWS": "*"}, map[string]any{"Service": "cloudfront.amazonaws.com"},
		map[string]any{"Service": []string{"s3.amazonaws.com", "cloudfront.amazonaws.com"}},
		map[string]any{"AWS": "arn:aws:iam::111122223333:root"}, map[string]any{"AWS": "444455556666"},
		map[string]any{"AWS": []string{"arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333:root"}},
	}
	s[negate(r, "Principal", s["Effect"] == "Deny")] = principals[r.IntN(len(principals))]
	if not, ok := s["NotPrincipal"]; ok && not == "*" {
		s["NotPrincipal"] = map[string]any{"Service": "cloudfront.amazonaws.com"}
	}
	actions := []any{"s3:*", "s3:GetObject", "S3:getobject", "s3:Get*", []string{"s3:PutObject", "s3:List*"}}
	s[negate(r, "Action", true)] = actions[r.IntN(len(actions))]
	resources := []any{
		"arn:aws:s3:::example-bucket/*", "arn:aws:s3:::example-bucket", "arn:aws:s3:::example-bucket/assets/*",
		[]string{"arn:aws:s3:::example-bucket", "arn:aws:s3:::example-bucket/*"}, "arn:aws:s3:::example-bucket/*.htm?",
	}
	s[negate(r, "Resource", true)] = resources[r.IntN(len(resources))]
	if conditions := oracleConditions(r); len(conditions) > 0 {
		s["Condition"] = conditions
	}
	return s
}

func oracleConditions(r *rand.Rand) map[string]any {
	type form struct {
		key    string
		ops    []string
		values []any
	}
	forms := []form{
		{"AWS:SourceArn", []string{"StringEquals", "StringLike", "ArnEquals", "ArnLike", "StringNotEquals", "ArnNotLike"},
			[]any{testSourceARN, "arn:aws:cloudfront::111122223333:distribution/*", "arn:*:distribution/E?", "arn:aws:cloudfront::*:*"}},
		{"aws:SourceAccount", []string{"StringEquals", "StringNotEquals", "NumericEquals"}, []any{"111122223333", []string{"444455556666", "111122223333"}}},
		{"aws:SecureTransport", []string{"Bool"}, []any{"true", "false", false}},
		{"aws:SourceIp", []string{"IpAddress", "NotIpAddress"}, []any{"192.0.2.0/24", "198.51.100.7", []string{"2001:db8::/32", "10.0.0.0/8"}}},
		{"aws:SourceVpce", []string{"StringEquals", "StringNotEquals", "Null"}, []any{"vpce-1a2b3c4d", []string{"vpce-8", "vpce-9"}}},
		{"aws:Referer", []string{"StringLike", "StringNotLike"}, []any{"https://www.example.com/*", []string{"http*://*.org/", "*.net"}}},
		{"aws:CurrentTime", []string{"DateLessThan", "DateGreaterThanEquals", "DateEquals"}, []any{"2025-01-01T00:00:00Z", "2026-01-01T12:30:00Z"}},
		{"s3:TlsVersion", []string{"NumericLessThan", "NumericGreaterThanEquals", "NumericNotEquals"}, []any{"1.2", 1.3}},
		{"aws:PrincipalIsAWSService", []string{"Bool"}, []any{"true", "false"}},
		{"aws:PrincipalOrgID", []string{"StringEquals", "StringNotEquals", "StringNotLike"}, []any{"o-example123", "o-ex*"}},
		{"s3:ExistingObjectTag/stage", []string{"StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringEquals", "StringLike"},
			[]any{"LIVE", "test", "l${*}", "${aws:PrincipalOrgID}", "?ive"}},
	}
	out := map[string]any{}
	for range r.IntN(3) {
		f := forms[r.IntN(len(forms))]
		op, value := f.ops[r.IntN(len(f.ops))], f.values[r.IntN(len(f.values))]
		if op == "Null" {
			value = pick(r, "true", "false")
		} else if r.IntN(4) == 0 {
			op += "IfExists"
		}
		out[op] = map[string]any{f.key: value}
	}
	return out
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

func negate(r *rand.Rand, element string, may bool) string {
	if may && r.IntN(6) == 0 {
		return "Not" + element
	}
	return element
}
