package waf

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/tri"
)

const browserAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"

// aclOf decodes what GetWebACL prints.
func aclOf(t testing.TB, text string) *types.WebACL {
	t.Helper()
	var acl types.WebACL
	if err := json.Unmarshal([]byte(text), &acl); err != nil {
		t.Fatalf("web ACL: %v", err)
	}
	return &acl
}

// rulesACL wraps rules into a web ACL that allows by default.
func rulesACL(t testing.TB, rules ...string) *types.WebACL {
	t.Helper()
	return aclOf(t, `{"Name":"edge","ARN":"arn:aws:wafv2:us-east-1:111122223333:global/webacl/edge/1","DefaultAction":{"Allow":{}},
		"LabelNamespace":"awswaf:111122223333:webacl:edge:","CustomResponseBodies":{"slow":{"Content":"slow down","ContentType":"TEXT_PLAIN"}},
		"Rules":[`+strings.Join(rules, ",")+`]}`)
}

// blockIf is a rule that blocks what the statement matches.
func blockIf(statement string) string {
	return `{"Name":"r","Priority":1,"Action":{"Block":{}},"Statement":` + statement + `}`
}

func managed(group string) string {
	return `{"Name":"AWS-` + group + `","Priority":5,"OverrideAction":{"None":{}},"Statement":{"ManagedRuleGroupStatement":{"VendorName":"AWS","Name":"AWSManagedRules` + group + `"}}}`
}

// browse is a browser's request for a page.
func browse(path string) *Request {
	path, query, _ := strings.Cut(path, "?")
	return &Request{
		Method: "GET", Path: path, Query: query, HTTPVersion: "HTTP/2.0",
		Headers: []Header{
			{"Host", "www.example.com"}, {"User-Agent", browserAgent},
			{"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"},
			{"Accept-Language", "en-US,en;q=0.5"}, {"Accept-Encoding", "gzip, deflate, br, zstd"},
			{"Referer", "https://www.example.com/catalog/index.html"},
			{"Sec-Ch-Ua", `"Chromium";v="131", "Not_A Brand";v="24"`}, {"Sec-Fetch-Mode", "navigate"},
			{"Cookie", "_ga=GA1.2.1371131.1731; session=eyJhbGciOi.J9-x_y; theme=dark"},
		},
	}
}

func post(path string, body string) *Request {
	r := browse(path)
	r.Method, r.Body, r.BodySize = "POST", []byte(body), int64(len(body))
	return r
}

// matched evaluates a single blocking statement: did it match?
func matched(t testing.TB, statement string, refs References, r *Request) tri.Bool {
	t.Helper()
	res := Compile(rulesACL(t, blockIf(statement)), refs).Evaluate(r)
	switch {
	case res.Action == Block:
		return tri.True
	case len(res.Maybe) > 0:
		return tri.Unknown
	}
	return tri.False
}

func TestOwnAddressList(t *testing.T) {
	const arn = "arn:aws:wafv2:us-east-1:111122223333:global/ipset/abuse-2026/1c56"
	acl := rulesACL(t, `{"Name":"abusive-addresses","Priority":0,"Action":{"Block":{}},"Statement":{"IPSetReferenceStatement":{"ARN":"`+arn+`"}}}`)
	name := "abuse-2026"
	a := Compile(acl, References{IPSet: func(s string) (*types.IPSet, bool) {
		return &types.IPSet{Name: &name, Addresses: []string{"198.51.100.0/24", "203.0.113.77/32"}}, s == arn
	}})
	r := browse("/about.html")
	r.ClientIP = netip.MustParseAddr("203.0.113.77")
	res := a.Evaluate(r)
	if res.Action != Block || res.Status != 403 || !res.Certain || res.Rule == nil {
		t.Fatalf("got %+v, want a certain block", res)
	}
	if r := res.Rule; r.Kind != KindIPSet || r.Name != "abusive-addresses" || r.Field != "Rules[0].Statement.IPSetReferenceStatement" ||
		!strings.Contains(r.Why, "203.0.113.77/32") {
		t.Errorf("rule %+v", *r)
	}
	r.ClientIP = netip.MustParseAddr("::ffff:198.51.100.9")
	if res := a.Evaluate(r); res.Action != Block {
		t.Errorf("an IPv4-mapped address got %v", res.Action)
	}
	r.ClientIP = netip.MustParseAddr("203.0.113.78")
	if res := a.Evaluate(r); res.Action != Allow || !res.Certain {
		t.Errorf("an address outside got %+v", res)
	}
	r.ClientIP = netip.Addr{}
	if res := a.Evaluate(r); res.Action != Allow || res.Certain || len(res.Maybe) != 1 || res.Suspicious() {
		t.Errorf("an unknown address got %+v", res)
	}
}

func TestUnresolvedReferencesAreUnknown(t *testing.T) {
	for _, s := range []string{
		`{"IPSetReferenceStatement":{"ARN":"arn:aws:wafv2:us-east-1:1:global/ipset/x/1"}}`,
		`{"RegexPatternSetReferenceStatement":{"ARN":"a/b/c/d","FieldToMatch":{"UriPath":{}},"TextTransformations":[]}}`,
		`{"ByteMatchStatement":{"SearchString":"YQ==","PositionalConstraint":"NEARLY","FieldToMatch":{"UriPath":{}}}}`,
		`{"RegexMatchStatement":{"RegexString":"(?=x)","FieldToMatch":{"UriPath":{}}}}`,
		`{"AndStatement":{"Statements":[]}}`,
		`{"ByteMatchStatement":{"SearchString":"YQ==","PositionalConstraint":"CONTAINS","FieldToMatch":{}}}`,
		`{}`, `null`,
	} {
		if got := matched(t, s, References{}, browse("/")); got != tri.Unknown {
			t.Errorf("%s: %v, want unknown", s, got)
		}
	}
}

func TestBodyOver8KB(t *testing.T) {
	a := Compile(rulesACL(t, managed("CommonRuleSet")), References{})
	r := &Request{Method: "POST", Path: "/notes", Headers: []Header{{"Host", "d0.cloudfront.net"}, {"User-Agent", "notes-ios/5.1"}}, BodySize: 11840}
	res := a.Evaluate(r)
	if res.Action != Block || res.Status != 403 || !res.Certain {
		t.Fatalf("got %+v, want a certain block", res)
	}
	want := RuleRef{Name: "AWS-CommonRuleSet", Priority: 5, Group: "AWSManagedRulesCommonRuleSet", GroupVendor: "AWS", InnerRule: "SizeRestrictions_BODY",
		Kind: KindManaged, Field: "Rules[0].Statement.ManagedRuleGroupStatement", Why: res.Rule.Why}
	if *res.Rule != want || !strings.Contains(res.Rule.Why, "11840 bytes") {
		t.Errorf("rule %+v, want %+v", *res.Rule, want)
	}
	if len(res.Labels) != 1 || res.Labels[0] != "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body" {
		t.Errorf("labels %q", res.Labels)
	}
	if r.BodySize = 8192; a.Evaluate(r).Action != Allow {
		t.Error("8,192 bytes are blocked; the rule asks for more")
	}
	r.BodySize = -1
	if res := a.Evaluate(r); res.Action != Allow || res.Suspicious() || len(res.Maybe) != 1 {
		t.Errorf("an unknown size got %+v", res)
	}
	r.Headers = append(r.Headers, Header{"content-length", "9000"})
	if res := a.Evaluate(r); res.Action != Block {
		t.Errorf("a Content-Length of 9000 got %v", res.Action)
	}
}

// TestHealthyRequestsRaiseNothing is what keeps reports readable: these groups guard most healthy sites.
func TestHealthyRequestsRaiseNothing(t *testing.T) {
	groups := []string{"CommonRuleSet", "KnownBadInputsRuleSet", "SQLiRuleSet", "LinuxRuleSet", "UnixRuleSet", "WindowsRuleSet", "PHPRuleSet", "WordPressRuleSet", "AdminProtectionRuleSet"}
	var rules []string
	for _, g := range groups {
		rules = append(rules, managed(g))
	}
	a := Compile(rulesACL(t, rules...), References{})
	form := post("/cart", "sku=ab-12&amount=3&note=two+boxes")
	form.Headers = append(form.Headers, Header{"Content-Type", "application/x-www-form-urlencoded"})
	for name, r := range map[string]*Request{
		"page":    browse("/"),
		"asset":   browse("/static/js/app.3f2a.js"),
		"search":  browse("/search?q=blue%20shoes&page=2&sort=price_asc"),
		"date":    browse("/api/v1/items?from=2026-01-01T00:00:00Z&email=a.b@example.com"),
		"json":    post("/api/items", `{"title":"Blue shoes","tags":["new","sale"],"price":12.5,"ok":true}`),
		"form":    form,
		"options": {Method: "OPTIONS", Path: "/api", Headers: []Header{{"Host", "x.example.com"}, {"User-Agent", browserAgent}, {"Origin", "https://a.example.com"}}},
	} {
		res := a.Evaluate(r)
		var strong []string
		for _, m := range res.Maybe {
			if !m.Weak || r.Method == "GET" {
				strong = append(strong, m.InnerRule+": "+m.Because)
			}
		}
		if res.Action != Allow || len(strong) > 0 || res.Suspicious() {
			t.Errorf("%s: %v, maybe %q", name, res.Action, strong)
		}
	}
}

func TestClientGroupsGiveOneWeakPossibilityEach(t *testing.T) {
	a := Compile(rulesACL(t, managed("AmazonIpReputationList"), managed("AnonymousIpList"), managed("BotControlRuleSet"),
		`{"Name":"shop","Priority":9,"OverrideAction":{"None":{}},"Statement":{"ManagedRuleGroupStatement":{"VendorName":"Seller","Name":"OWASP"}}}`), References{})
	res := a.Evaluate(browse("/"))
	if res.Action != Allow || res.Certain || res.Suspicious() || len(res.Maybe) != 4 {
		t.Fatalf("got %+v", res)
	}
	for _, m := range res.Maybe {
		if !m.Weak || m.Likely || m.InnerRule != "" || m.Because == "" || m.Group == "" {
			t.Errorf("%+v, want one weak possibility for the whole group", m)
		}
	}
}

func TestBotControlJudgesTheAgent(t *testing.T) {
	a := Compile(rulesACL(t, managed("BotControlRuleSet")), References{})
	for agent, want := range map[string]struct {
		rule   string
		likely bool
	}{
		"curl/8.5.0":             {"CategoryHttpLibrary", true},
		"python-requests/2.32.3": {"CategoryHttpLibrary", true},
		"notes-ios/5.1":          {"SignalNonBrowserUserAgent", false},
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)": {"CategorySearchEngine", false},
	} {
		res := a.Evaluate(&Request{Method: "GET", Path: "/", Headers: []Header{{"User-Agent", agent}}})
		found := false
		for _, m := range res.Maybe {
			found = found || m.InnerRule == want.rule && m.Likely == want.likely && !m.Weak
		}
		if !found || !res.Suspicious() {
			t.Errorf("%s: %+v, want %v", agent, res.Maybe, want)
		}
	}
}

func TestDescribedActionsAndOverrides(t *testing.T) {
	describe := func(list string) References {
		var rules []types.RuleSummary
		if err := json.Unmarshal([]byte(list), &rules); err != nil {
			t.Fatal(err)
		}
		return References{ManagedRuleGroup: func(vendor, name, version string) ([]types.RuleSummary, bool) { return rules, true }}
	}
	noAgent := &Request{Method: "GET", Path: "/"}
	group := func(extra string) string {
		return `{"Name":"g","Priority":1,"OverrideAction":{"None":{}},"Statement":{"ManagedRuleGroupStatement":{"VendorName":"AWS","Name":"AWSManagedRulesCommonRuleSet"` + extra + `}}}`
	}
	counting := strings.Replace(group(""), `"None"`, `"Count"`, 1)
	for name, tc := range map[string]struct {
		rule string
		refs References
		want Action
		sure bool
	}{
		"default action":        {group(""), References{}, Block, true},
		"listed action":         {group(""), describe(`[{"Name":"NoUserAgent_HEADER","Action":{"Challenge":{}}}]`), Challenge, true},
		"unknown rule":          {group(""), describe(`[{"Name":"Newer_HEADER","Action":{"Block":{}}}]`), Allow, false},
		"group counts":          {counting, References{}, Allow, true},
		"rule counts":           {group(`,"RuleActionOverrides":[{"Name":"NoUserAgent_HEADER","ActionToUse":{"Count":{}}}]`), References{}, Allow, true},
		"rule excluded":         {group(`,"ExcludedRules":[{"Name":"NoUserAgent_HEADER"}]`), References{}, Allow, true},
		"rule to captcha":       {group(`,"RuleActionOverrides":[{"Name":"NoUserAgent_HEADER","ActionToUse":{"Captcha":{}}}]`), References{}, Captcha, true},
		"out of scope":          {group(`,"ScopeDownStatement":{"ByteMatchStatement":{"SearchString":"L2FwaQ==","PositionalConstraint":"STARTS_WITH","FieldToMatch":{"UriPath":{}},"TextTransformations":[]}}`), References{}, Allow, true},
		"scope is not known":    {group(`,"ScopeDownStatement":{"GeoMatchStatement":{"CountryCodes":["DE"]}}`), References{}, Allow, false},
		"scope certainly holds": {group(`,"ScopeDownStatement":{"NotStatement":{"Statement":{"ByteMatchStatement":{"SearchString":"L2FwaQ==","PositionalConstraint":"STARTS_WITH","FieldToMatch":{"UriPath":{}},"TextTransformations":[]}}}}`), References{}, Block, true},
	} {
		res := Compile(rulesACL(t, tc.rule), tc.refs).Evaluate(noAgent)
		if res.Action != tc.want || res.Certain != tc.sure {
			t.Errorf("%s: %v certain %v (%+v), want %v %v", name, res.Action, res.Certain, res.Maybe, tc.want, tc.sure)
		}
	}
}
