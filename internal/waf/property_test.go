package waf

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
	"pgregory.net/rapid"

	"cfdoctor/internal/tri"
)

var propertyStatements = []string{
	everything,
	byteMatch(`{"UriPath":{}}`, "STARTS_WITH", "/a"),
	byteMatch(`{"Body":{"OversizeHandling":"CONTINUE"}}`, "CONTAINS", "needle", "LOWERCASE"),
	byteMatch(`{"Body":{"OversizeHandling":"MATCH"}}`, "CONTAINS", "needle"),
	byteMatch(`{"Body":{"OversizeHandling":"NO_MATCH"}}`, "STARTS_WITH", "n"),
	byteMatch(`{"JsonBody":{"MatchPattern":{"All":{}},"MatchScope":"ALL","InvalidFallbackBehavior":"MATCH"}}`, "EXACTLY", "needle"),
	sizeOf(`{"Body":{}}`, "GT", 5), sizeOf(`{"Body":{}}`, "LE", 17000),
	`{"IPSetReferenceStatement":{"ARN":"x"}}`,
	`{"GeoMatchStatement":{"CountryCodes":["DE"]}}`,
	`{"AsnMatchStatement":{"AsnList":[64500]}}`,
	byteMatch(`{"JA3Fingerprint":{"FallbackBehavior":"MATCH"}}`, "EXACTLY", "f00"),
	`{"LabelMatchStatement":{"Scope":"LABEL","Key":"l1"}}`, `{"LabelMatchStatement":{"Scope":"NAMESPACE","Key":"ns:"}}`,
	`{"LabelMatchStatement":{"Scope":"LABEL","Key":"awswaf:clientip:geo:country:DE"}}`,
	`{"LabelMatchStatement":{"Scope":"NAMESPACE","Key":"awswaf:clientip:geo:region:"}}`,
	`{"LabelMatchStatement":{"Scope":"NAMESPACE","Key":"awswaf:managed:aws:core-rule-set:"}}`,
	`{"LabelMatchStatement":{"Scope":"LABEL","Key":"awswaf:managed:token:absent"}}`,
	`{"RateBasedStatement":{"Limit":100,"AggregateKeyType":"IP","ScopeDownStatement":{"GeoMatchStatement":{"CountryCodes":["DE"]}}}}`,
	`{"XssMatchStatement":{"FieldToMatch":{"Body":{}},"TextTransformations":[]}}`,
}

func drawStatement(t *rapid.T, depth int) string {
	kind := 0
	if depth < 2 {
		kind = rapid.IntRange(0, 5).Draw(t, "kind")
	}
	switch kind {
	case 1, 2:
		name := map[int]string{1: "And", 2: "Or"}[kind]
		return fmt.Sprintf(`{"%sStatement":{"Statements":[%s,%s]}}`, name, drawStatement(t, depth+1), drawStatement(t, depth+1))
	case 3:
		return fmt.Sprintf(`{"NotStatement":{"Statement":%s}}`, drawStatement(t, depth+1))
	}
	return rapid.SampledFrom(propertyStatements).Draw(t, "statement")
}

func drawACL(t *rapid.T) *ACL {
	actions := []string{`{"Allow":{}}`, `{"Block":{}}`, `{"Count":{}}`, `{"Captcha":{}}`, `{"Challenge":{}}`, `{"Block":{"CustomResponse":{"ResponseCode":429}}}`}
	acl := &types.WebACL{}
	text := `{"LabelNamespace":"awswaf:1:webacl:w:","DefaultAction":` + rapid.SampledFrom(actions[:2]).Draw(t, "default") + `,"Rules":[`
	for i := range rapid.IntRange(1, 6).Draw(t, "rules") {
		if i > 0 {
			text += ","
		}
		if rapid.IntRange(0, 4).Draw(t, "managed") == 0 {
			text += fmt.Sprintf(`{"Name":"m%d","Priority":%d,"OverrideAction":{%q:{}},"Statement":{"ManagedRuleGroupStatement":{"VendorName":"AWS","Name":"AWSManagedRules%s","ScopeDownStatement":%s}}}`,
				i, i, rapid.SampledFrom([]string{"None", "Count"}).Draw(t, "override"), rapid.SampledFrom([]string{"CommonRuleSet", "BotControlRuleSet"}).Draw(t, "group"), drawStatement(t, 1))
			continue
		}
		text += ruleOn(fmt.Sprint("r", i), i, rapid.SampledFrom(actions).Draw(t, "action"), drawStatement(t, 0),
			rapid.SampledFrom([]string{``, `,"RuleLabels":[{"Name":"l1"}]`, `,"RuleLabels":[{"Name":"ns:l2"}]`}).Draw(t, "labels"))
	}
	if err := json.Unmarshal([]byte(text+"]}"), acl); err != nil {
		t.Fatal(err)
	}
	return Compile(acl, References{IPSet: func(string) (*types.IPSet, bool) {
		return &types.IPSet{Addresses: []string{"192.0.2.0/24"}}, true
	}})
}

// TestLearningMoreNeverContradicts: what a certain result says stays true when an unknown becomes known, and an
// uncertain one has named the outcome among its possibilities.
func TestLearningMoreNeverContradicts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawACL(t)
		body := rapid.SampledFrom([]string{"", "needle", `{"k":"needle"}`, `{"k":,}`, string(make([]byte, 20000)), `<script>alert(1)</script>`}).Draw(t, "body")
		full := &Request{
			Method: "POST", Path: rapid.SampledFrom([]string{"/a", "/b"}).Draw(t, "path"),
			Body: []byte(body), BodySize: int64(len(body)),
			ClientIP: netip.MustParseAddr(rapid.SampledFrom([]string{"192.0.2.1", "198.51.100.1", "2001:db8::1"}).Draw(t, "ip")),
			Country:  rapid.SampledFrom([]string{"DE", "FR"}).Draw(t, "country"), ASN: rapid.SampledFrom([]int64{64500, 1}).Draw(t, "asn"),
			JA3: rapid.SampledFrom([]string{"f00", "f01"}).Draw(t, "ja3"), Token: rapid.SampledFrom([]tri.Bool{tri.True, tri.False}).Draw(t, "token"),
			Headers: []Header{{"User-Agent", browserAgent}, {"Cookie", "aws-waf-token=x"}},
		}
		less := *full
		hide := func(name string, f func()) {
			if rapid.Bool().Draw(t, name) {
				f()
			}
		}
		hide("hide ip", func() { less.ClientIP = netip.Addr{} })
		hide("hide country", func() { less.Country = "" })
		hide("hide asn", func() { less.ASN = 0 })
		hide("hide ja3", func() { less.JA3 = "" })
		hide("hide token", func() { less.Token = tri.Unknown })
		hide("hide content", func() { less.Body = nil })
		if less.Body == nil {
			hide("hide size", func() { less.BodySize = -1 })
		}
		before, after := a.Evaluate(&less), a.Evaluate(full)
		if before.Action == after.Action && before.Status == after.Status {
			return
		}
		if before.Certain {
			t.Fatalf("certain %v %d became %v %d", before.Action, before.Status, after.Action, after.Status)
		}
		for _, m := range before.Maybe {
			if m.Action == after.Action && m.Status == after.Status {
				return
			}
		}
		t.Fatalf("%v %d by %+v was not foreseen in %+v", after.Action, after.Status, after.Rule, before.Maybe)
	})
}

// TestEvaluationsDoNotShareState: a reused evaluation answers as a fresh one does.
func TestEvaluationsDoNotShareState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawACL(t)
		r1, r2 := post("/a", "needle"), browse("/b?x=1")
		r1.Country, r1.Explain, r2.Explain = "DE", true, true
		first := fmt.Sprintf("%+v", strip(a.Evaluate(r1)))
		a.Evaluate(r2)
		if again := fmt.Sprintf("%+v", strip(a.Evaluate(r1))); again != first {
			t.Fatalf("first %s\nthen %s", first, again)
		}
	})
}

// strip replaces pointers by what they point to, for printing.
func strip(r Result) any {
	var rule RuleRef
	if r.Rule != nil {
		rule = *r.Rule
	}
	r.Rule, r.Response = nil, nil
	return []any{r, rule}
}

func FuzzEvaluate(f *testing.F) {
	for _, s := range propertyStatements {
		f.Add(`{"DefaultAction":{"Allow":{}},"Rules":[`+blockIf(s)+`]}`, "/a", "q=1", "X-Forwarded-For", "10.0.0.1", "{}", int64(2))
	}
	f.Add(`{"Rules":[`+managed("CommonRuleSet")+`,`+managed("BotControlRuleSet")+`]}`, "", "%", "cookie", "a=b; =;", "<", int64(-1))
	f.Fuzz(func(t *testing.T, aclJSON, path, query, name, value, body string, size int64) {
		var acl types.WebACL
		if json.Unmarshal([]byte(aclJSON), &acl) != nil {
			t.Skip()
		}
		a := Compile(&acl, References{})
		r := &Request{Method: "POST", Path: path, Query: query, Headers: []Header{{name, value}}, Body: []byte(body), BodySize: size, Explain: true}
		res := a.Evaluate(r)
		if res.Action == Count {
			t.Fatal("counting is no outcome")
		}
		for _, m := range res.Maybe {
			if m.Because == "" {
				t.Fatalf("no reason for %+v", m)
			}
		}
	})
}
