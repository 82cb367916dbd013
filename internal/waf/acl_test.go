package waf

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/tri"
)

// ruleOn is a rule with any action and extra members.
func ruleOn(name string, priority int, action, statement, extra string) string {
	return fmt.Sprintf(`{"Name":%q,"Priority":%d,"Action":%s,"Statement":%s%s}`, name, priority, action, statement, extra)
}

const everything = `{"ByteMatchStatement":{"SearchString":"Lw==","PositionalConstraint":"STARTS_WITH","FieldToMatch":{"UriPath":{}},"TextTransformations":[]}}`

func TestPriorityDecides(t *testing.T) {
	a := Compile(rulesACL(t, ruleOn("late", 20, `{"Block":{}}`, everything, ""), ruleOn("early", 3, `{"Allow":{}}`, everything, "")), References{})
	res := a.Evaluate(browse("/"))
	if res.Action != Allow || res.Rule == nil || res.Rule.Name != "early" || res.Rule.Field != "Rules[1].Statement.ByteMatchStatement" {
		t.Errorf("got %v by %+v", res.Action, res.Rule)
	}
}

func TestResponses(t *testing.T) {
	custom := `{"Block":{"CustomResponse":{"ResponseCode":429,"CustomResponseBodyKey":"slow","ResponseHeaders":[{"Name":"retry-after","Value":"5"}]}}}`
	res := Compile(rulesACL(t, ruleOn("r", 1, custom, everything, "")), References{}).Evaluate(browse("/"))
	want := &Response{Status: 429, BodyKey: "slow", Body: "slow down", ContentType: "TEXT_PLAIN", Headers: []Header{{"retry-after", "5"}}}
	if res.Status != 429 || !reflect.DeepEqual(res.Response, want) || !res.Rule.CustomResponse || res.Rule.Body != "slow down" {
		t.Errorf("%+v, %+v", res, res.Rule)
	}

	acl := rulesACL(t)
	acl.DefaultAction = &types.DefaultAction{Block: &types.BlockAction{}}
	if res := Compile(acl, References{}).Evaluate(browse("/")); res.Action != Block || res.Status != 403 || res.Rule != nil || !res.Certain {
		t.Errorf("default block: %+v", res)
	}
	for name, acl := range map[string]*types.WebACL{"nil": nil, "empty": {}} {
		if res := Compile(acl, References{}).Evaluate(browse("/")); res.Action != ActionUnknown || res.Certain {
			t.Errorf("%s: %+v", name, res)
		}
	}
}

func TestInsertedHeaders(t *testing.T) {
	insert := func(action, name string) string {
		return `{"` + action + `":{"CustomRequestHandling":{"InsertHeaders":[{"Name":"` + name + `","Value":"1"}]}}}`
	}
	res := Compile(rulesACL(t, ruleOn("c", 1, insert("Count", "seen"), everything, ""), ruleOn("n", 2, insert("Count", "never"), byteMatch(`{"Method":{}}`, "EXACTLY", "PUT"), ""),
		ruleOn("a", 3, insert("Allow", "ok"), everything, "")), References{}).Evaluate(browse("/"))
	if want := []Header{{"x-amzn-waf-seen", "1"}, {"x-amzn-waf-ok", "1"}}; !reflect.DeepEqual(res.InsertedHeaders, want) {
		t.Errorf("got %v, want %v", res.InsertedHeaders, want)
	}
}

func TestCaptchaAndChallengeDependOnTheToken(t *testing.T) {
	cookie := Header{"Cookie", "aws-waf-token=abc"}
	for _, tc := range []struct {
		action string
		req    *Request
		want   Action
		status int
		maybe  int
	}{
		{`{"Captcha":{}}`, &Request{Path: "/"}, Captcha, 405, 0},
		{`{"Challenge":{}}`, &Request{Path: "/"}, Challenge, 202, 0},
		{`{"Challenge":{}}`, &Request{Path: "/", Headers: []Header{cookie}}, Allow, 0, 1},
		{`{"Challenge":{}}`, &Request{Path: "/", Headers: []Header{cookie}, Token: tri.True}, Allow, 0, 0},
		{`{"Captcha":{}}`, &Request{Path: "/", Headers: []Header{cookie}, Token: tri.False}, Captcha, 405, 0},
		{`{}`, &Request{Path: "/"}, Allow, 0, 1},
	} {
		res := Compile(rulesACL(t, ruleOn("r", 1, tc.action, everything, `,"RuleLabels":[{"Name":"met"}]`)), References{}).Evaluate(tc.req)
		if res.Action != tc.want || res.Status != tc.status || len(res.Maybe) != tc.maybe || res.Certain != (tc.maybe == 0) {
			t.Errorf("%s: %+v, want %v %d", tc.action, res, tc.want, tc.status)
		}
		if len(res.Labels) != 1 || res.Labels[0] != "awswaf:111122223333:webacl:edge:met" {
			t.Errorf("%s: labels %q", tc.action, res.Labels)
		}
	}
}

func TestLabels(t *testing.T) {
	count := func(name string, priority int, statement, label string) string {
		return ruleOn(name, priority, `{"Count":{}}`, statement, `,"RuleLabels":[{"Name":"`+label+`"}]`)
	}
	label := func(scope, key string) string {
		return `{"LabelMatchStatement":{"Scope":"` + scope + `","Key":"` + key + `"}}`
	}
	for _, tc := range []struct {
		scope, key string
		want       tri.Bool
	}{
		{"LABEL", "header:encoding:utf8", yesT}, {"LABEL", "encoding:utf8", yesT}, {"LABEL", "utf8", yesT}, {"LABEL", "tf8", noT}, {"LABEL", "UTF8", noT}, {"LABEL", "header:encoding", noT},
		{"LABEL", "awswaf:111122223333:webacl:edge:header:encoding:utf8", yesT}, {"LABEL", "awswaf:111122223333:webacl:edge:utf8", noT},
		{"NAMESPACE", "header:encoding:", yesT}, {"NAMESPACE", "encoding:", yesT}, {"NAMESPACE", "header", yesT}, {"NAMESPACE", "utf8:", noT}, {"NAMESPACE", "coding:", noT},
		{"NAMESPACE", "awswaf:111122223333:webacl:edge:header:", yesT}, {"NAMESPACE", "awswaf:999:", noT},
		{"LABEL", "geo:known", unknownT}, {"NAMESPACE", "geo:", unknownT},
		{"LABEL", "awswaf:clientip:geo:country:DE", unknownT}, {"LABEL", "awswaf:managed:token:absent", noT},
	} {
		a := Compile(rulesACL(t, count("a", 1, everything, "header:encoding:utf8"), count("g", 2, `{"GeoMatchStatement":{"CountryCodes":["DE"]}}`, "geo:known"),
			ruleOn("r", 3, `{"Block":{}}`, label(tc.scope, tc.key), "")), References{})
		res := a.Evaluate(browse("/"))
		got := tri.Of(res.Action == Block)
		if got == noT && len(res.Maybe) > 0 {
			got = unknownT
		}
		if got != tc.want {
			t.Errorf("%s %s: %v, want %v", tc.scope, tc.key, got, tc.want)
		}
	}
}

func TestLabelsOfGroups(t *testing.T) {
	counted := `{"Name":"crs","Priority":1,"OverrideAction":{"None":{}},"Statement":{"ManagedRuleGroupStatement":{"VendorName":"AWS","Name":"AWSManagedRulesCommonRuleSet",
		"RuleActionOverrides":[{"Name":"SizeRestrictions_BODY","ActionToUse":{"Count":{}}}]}}}`
	block := ruleOn("large", 2, `{"Block":{}}`, `{"AndStatement":{"Statements":[
		{"LabelMatchStatement":{"Scope":"LABEL","Key":"awswaf:managed:aws:core-rule-set:SizeRestrictions_Body"}},
		{"NotStatement":{"Statement":`+byteMatch(`{"UriPath":{}}`, "STARTS_WITH", "/upload")+`}}]}}`, "")
	a := Compile(rulesACL(t, counted, block), References{})
	large := func(path string) *Request {
		return &Request{Method: "POST", Path: path, Headers: []Header{{"User-Agent", browserAgent}}, BodySize: 9000}
	}
	if res := a.Evaluate(large("/api")); res.Action != Block || !res.Certain || res.Rule.Name != "large" {
		t.Errorf("/api: %+v", res)
	}
	if res := a.Evaluate(large("/upload")); res.Action != Allow || len(res.Labels) != 1 {
		t.Errorf("/upload: %+v", res)
	}

	bots := Compile(rulesACL(t, managed("BotControlRuleSet"), ruleOn("r", 9, `{"Block":{}}`, `{"LabelMatchStatement":{"Scope":"LABEL","Key":"awswaf:managed:token:absent"}}`, "")), References{})
	if res := bots.Evaluate(browse("/")); res.Action != Block {
		t.Errorf("no token: %+v", res)
	}
	if res := bots.Evaluate(with(browse("/"), Header{"Cookie", "aws-waf-token=x"})); res.Action != Allow || res.Certain {
		t.Errorf("some token: %+v", res)
	}
}

// TestLabelsThatMayNotBeThere: what WAF may have skipped leaves no certain label.
func TestLabelsThatMayNotBeThere(t *testing.T) {
	labelled := func(key string) string {
		return ruleOn("r", 9, `{"Block":{}}`, `{"LabelMatchStatement":{"Scope":"LABEL","Key":"`+key+`"}}`, "")
	}
	geo := `{"GeoMatchStatement":{"CountryCodes":["FR"]}}`
	german := browse("/")
	german.Country = "DE"
	scanner := &Request{Method: "GET", Path: "/", Query: strings.Repeat("q", 3000), Headers: []Header{{"User-Agent", "sqlmap/1.8"}}}
	counting := strings.Replace(managed("CommonRuleSet"), `"None"`, `"Count"`, 1)
	for name, tc := range map[string]struct {
		rules []string
		req   *Request
		want  Action
		sure  bool
	}{
		"geo alone":           {[]string{ruleOn("g", 1, `{"Count":{}}`, geo, ""), labelled("awswaf:clientip:geo:country:DE")}, german, Block, true},
		"geo combined":        {[]string{ruleOn("g", 1, `{"Count":{}}`, `{"AndStatement":{"Statements":[`+byteMatch(`{"Method":{}}`, "EXACTLY", "PUT")+`,`+geo+`]}}`, ""), labelled("awswaf:clientip:geo:country:DE")}, german, Allow, false},
		"another country":     {[]string{ruleOn("g", 1, `{"Count":{}}`, geo, ""), labelled("awswaf:clientip:geo:country:FR")}, german, Allow, true},
		"region":              {[]string{ruleOn("g", 1, `{"Count":{}}`, geo, ""), labelled("awswaf:clientip:geo:region:DE-BE")}, german, Allow, false},
		"group that may end":  {[]string{counting, labelled("awswaf:managed:aws:core-rule-set:SizeRestrictions_QueryString")}, scanner, Allow, false},
		"group that goes on":  {[]string{counting, labelled("awswaf:managed:aws:core-rule-set:SizeRestrictions_QueryString")}, &Request{Path: "/", Query: scanner.Query, Headers: german.Headers}, Block, true},
		"group ends at first": {[]string{counting, labelled("awswaf:managed:aws:core-rule-set:SizeRestrictions_QueryString")}, &Request{Path: "/", Query: scanner.Query}, Allow, true},
	} {
		res := Compile(rulesACL(t, tc.rules...), References{}).Evaluate(tc.req)
		if res.Action != tc.want || res.Certain != tc.sure {
			t.Errorf("%s: %v, certain %v (%+v); want %v, %v", name, res.Action, res.Certain, res.Maybe, tc.want, tc.sure)
		}
	}
}

func TestOwnRuleGroup(t *testing.T) {
	const arn = "arn:aws:wafv2:us-east-1:111122223333:global/rulegroup/team/9"
	var rg types.RuleGroup
	if err := json.Unmarshal([]byte(`{"Name":"team","ARN":"`+arn+`","CustomResponseBodies":{"b":{"Content":"from the group","ContentType":"TEXT_HTML"}},"Rules":[
		`+ruleOn("second", 2, `{"Block":{"CustomResponse":{"ResponseCode":401,"CustomResponseBodyKey":"b"}}}`, `{"LabelMatchStatement":{"Scope":"LABEL","Key":"n"}}`, "")+`,
		`+ruleOn("first", 1, `{"Count":{}}`, everything, `,"RuleLabels":[{"Name":"n"}]`)+`]}`), &rg); err != nil {
		t.Fatal(err)
	}
	refs := References{RuleGroup: func(s string) (*types.RuleGroup, bool) { return &rg, s == arn }}
	use := func(override, extra string) string {
		return `{"Name":"g","Priority":1,"OverrideAction":{"` + override + `":{}},"Statement":{"RuleGroupReferenceStatement":{"ARN":"` + arn + `"` + extra + `}}}`
	}
	res := Compile(rulesACL(t, use("None", "")), refs).Evaluate(browse("/"))
	if res.Status != 401 || res.Rule == nil || res.Rule.Group != "team" || res.Rule.InnerRule != "second" || res.Rule.Body != "from the group" || res.Rule.Kind != KindLabel {
		t.Errorf("%+v %+v", res, res.Rule)
	}
	if want := []string{"awswaf:111122223333:rulegroup:team:n"}; !reflect.DeepEqual(res.Labels, want) {
		t.Errorf("labels %q, want %q", res.Labels, want)
	}
	if res := Compile(rulesACL(t, use("Count", "")), refs).Evaluate(browse("/")); res.Action != Allow || !res.Certain {
		t.Errorf("counting group: %+v", res)
	}
	over := use("None", `,"RuleActionOverrides":[{"Name":"second","ActionToUse":{"Block":{"CustomResponse":{"ResponseCode":418,"CustomResponseBodyKey":"slow"}}}}]`)
	if res := Compile(rulesACL(t, over), refs).Evaluate(browse("/")); res.Status != 418 || res.Rule.Body != "slow down" {
		t.Errorf("overridden: %+v", res)
	}
	if res := Compile(rulesACL(t, use("None", "")), References{}).Evaluate(browse("/")); res.Certain || len(res.Maybe) != 1 || res.Maybe[0].Group != "team" {
		t.Errorf("unread group: %+v", res)
	}
}

func TestFirewallManagerGroupsGoFirstAndLast(t *testing.T) {
	group := func(name string) types.FirewallManagerRuleGroup {
		vendor, set := "AWS", "AWSManagedRulesKnownBadInputsRuleSet"
		return types.FirewallManagerRuleGroup{Name: &name, OverrideAction: &types.OverrideAction{}, FirewallManagerStatement: &types.FirewallManagerStatement{
			ManagedRuleGroupStatement: &types.ManagedRuleGroupStatement{VendorName: &vendor, Name: &set},
		}}
	}
	propfind := &Request{Method: "PROPFIND", Path: "/"}
	acl := rulesACL(t, ruleOn("own", 0, `{"Allow":{}}`, everything, ""))
	acl.PostProcessFirewallManagerRuleGroups = []types.FirewallManagerRuleGroup{group("post")}
	if res := Compile(acl, References{}).Evaluate(propfind); res.Action != Allow {
		t.Errorf("after the own rules: %v", res.Action)
	}
	acl.PreProcessFirewallManagerRuleGroups = []types.FirewallManagerRuleGroup{group("pre")}
	res := Compile(acl, References{}).Evaluate(propfind)
	if res.Action != Block || res.Rule.Name != "pre" || !strings.HasPrefix(res.Rule.Field, "PreProcessFirewallManagerRuleGroups[0].") {
		t.Errorf("before the own rules: %+v", res.Rule)
	}
}

func TestRateBasedRules(t *testing.T) {
	rate := func(rest string) string {
		return `{"RateBasedStatement":{"Limit":100` + rest + `}}`
	}
	login := `,"ScopeDownStatement":` + byteMatch(`{"UriPath":{}}`, "STARTS_WITH", "/login")
	for _, tc := range []struct {
		statement string
		req       *Request
		because   string // empty: certainly no match
	}{
		{rate(`,"AggregateKeyType":"IP"`), browse("/"), "exceeds 100 requests in 300 s, counted per client address"},
		{rate(`,"AggregateKeyType":"IP","EvaluationWindowSec":60` + login), browse("/login"), "in 60 s"},
		{rate(`,"AggregateKeyType":"IP"` + login), browse("/"), ""},
		{rate(`,"AggregateKeyType":"CUSTOM_KEYS","CustomKeys":[{"Header":{"Name":"x-api-key","TextTransformations":[]}},{"IP":{}}]`), browse("/"), ""},
		{rate(`,"AggregateKeyType":"CUSTOM_KEYS","CustomKeys":[{"Header":{"Name":"x-api-key","TextTransformations":[]}},{"IP":{}}]`), with(browse("/"), Header{"X-Api-Key", "k"}), `header "x-api-key" and client address`},
		{rate(`,"AggregateKeyType":"CUSTOM_KEYS","CustomKeys":[{"Cookie":{"Name":"sid","TextTransformations":[]}}]`), browse("/"), ""},
		{rate(`,"AggregateKeyType":"FORWARDED_IP","ForwardedIPConfig":{"HeaderName":"X-Forwarded-For","FallbackBehavior":"NO_MATCH"}`), browse("/"), ""},
	} {
		res := Compile(rulesACL(t, blockIf(tc.statement)), References{}).Evaluate(tc.req)
		if tc.because == "" {
			if len(res.Maybe) != 0 || !res.Certain {
				t.Errorf("%s: %+v, want no match", tc.statement, res.Maybe)
			}
			continue
		}
		if res.Action != Allow || res.Certain || len(res.Maybe) != 1 || res.Maybe[0].Kind != KindRate || !strings.Contains(res.Maybe[0].Because, tc.because) {
			t.Errorf("%s: %+v, want %q", tc.statement, res.Maybe, tc.because)
		}
	}
}

func TestTrace(t *testing.T) {
	acl := rulesACL(t, ruleOn("counted", 1, `{"Count":{}}`, everything, ""), ruleOn("put", 2, `{"Block":{}}`, byteMatch(`{"Method":{}}`, "EXACTLY", "PUT"), ""),
		managed("KnownBadInputsRuleSet"), ruleOn("geo", 7, `{"Block":{}}`, `{"GeoMatchStatement":{"CountryCodes":["DE"]}}`, ""),
		ruleOn("all", 8, `{"Block":{}}`, everything, ""), ruleOn("unreached", 9, `{"Block":{}}`, everything, ""))
	r := browse("/")
	if res := Compile(acl, References{}).Evaluate(r); res.Trace != nil {
		t.Error("a trace that nobody asked for")
	}
	r.Explain = true
	res := Compile(acl, References{}).Evaluate(r)
	var got []string
	for _, s := range res.Trace {
		got = append(got, fmt.Sprintf("%s %v %v", s.Name, s.Matched, s.Counted))
	}
	want := []string{"counted yes true", "put no false", "AWS-KnownBadInputsRuleSet no false", "geo unknown false", "all yes false"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSamples(t *testing.T) {
	var sampled []types.SampledHTTPRequest
	if err := json.Unmarshal([]byte(`[
		{"Request":{"ClientIP":"192.0.2.15","Country":"SE","URI":"/notes","Method":"POST","Headers":[]},"Weight":1,"Timestamp":"2026-11-20T09:30:00Z","Action":"BLOCK",
		 "RuleNameWithinRuleGroup":"AWS#AWSManagedRulesCommonRuleSet#CrossSiteScripting_BODY","Labels":[{"Name":"l"}]},
		{"Request":{"URI":"/other","Method":"POST"},"Action":"BLOCK"}, {"Request":{"URI":"/notes","Method":"GET"},"Action":"BLOCK"}, {}]`), &sampled); err != nil {
		t.Fatal(err)
	}
	a := Compile(rulesACL(t, managed("CommonRuleSet")), References{})
	r := &Request{Method: "POST", Path: "/notes", Headers: []Header{{"User-Agent", browserAgent}}, BodySize: 100}
	got := Samples(a, sampled, r)
	if len(got) != 1 || got[0].Action != Block || got[0].Rule != "AWS-CommonRuleSet" || got[0].InnerRule != "CrossSiteScripting_BODY" || got[0].SameClient {
		t.Fatalf("got %+v", got)
	}
	res := a.Evaluate(r)
	if res.Suspicious() {
		t.Errorf("suspicious without the samples: %+v", res.Maybe)
	}
	if res.Corroborate(got); !res.Suspicious() || !res.Maybe[0].Likely || res.Maybe[0].InnerRule != "CrossSiteScripting_BODY" {
		t.Errorf("with the samples: %+v", res.Maybe)
	}
	r.ClientIP = got[0].ClientIP.Next()
	if got := Samples(a, sampled, r); len(got) != 0 {
		t.Errorf("another client's sample: %+v", got)
	}
}
