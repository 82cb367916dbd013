package waf

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/tri"
)

const (
	yesT, noT, unknownT = tri.True, tri.False, tri.Unknown
)

func byteMatch(field, how, text string, transformations ...string) string {
	var list []string
	for i, name := range transformations {
		list = append(list, fmt.Sprintf(`{"Priority":%d,"Type":%q}`, i, name))
	}
	return fmt.Sprintf(`{"ByteMatchStatement":{"SearchString":%q,"PositionalConstraint":%q,"FieldToMatch":%s,"TextTransformations":[%s]}}`,
		base64.StdEncoding.EncodeToString([]byte(text)), how, field, strings.Join(list, ","))
}

func sizeOf(field, op string, size int) string {
	return fmt.Sprintf(`{"SizeConstraintStatement":{"FieldToMatch":%s,"ComparisonOperator":%q,"Size":%d,"TextTransformations":[{"Priority":0,"Type":"NONE"}]}}`, field, op, size)
}

func regexMatch(field, pattern string) string {
	return fmt.Sprintf(`{"RegexMatchStatement":{"RegexString":%q,"FieldToMatch":%s,"TextTransformations":[]}}`, pattern, field)
}

type statementCase struct {
	statement string
	req       *Request
	want      tri.Bool
}

func checkStatements(t *testing.T, cases []statementCase) {
	t.Helper()
	for _, tc := range cases {
		if got := matched(t, tc.statement, References{}, tc.req); got != tc.want {
			t.Errorf("%s\n  on %s %s?%s: %v, want %v", tc.statement, tc.req.Method, tc.req.Path, tc.req.Query, got, tc.want)
		}
	}
}

func with(r *Request, headers ...Header) *Request {
	r.Headers = append(r.Headers, headers...)
	return r
}

func TestStringMatch(t *testing.T) {
	path, agent := `{"UriPath":{}}`, `{"SingleHeader":{"Name":"x-bot"}}`
	get := func(p string) *Request { return &Request{Method: "GET", Path: p} }
	bot := func(v string) *Request { return with(get("/"), Header{"X-Bot", v}) }
	checkStatements(t, []statementCase{
		{byteMatch(path, "EXACTLY", "/a"), get("/a"), yesT},
		{byteMatch(path, "EXACTLY", "/a"), get("/A"), noT},
		{byteMatch(path, "EXACTLY", "/a", "LOWERCASE"), get("/A"), yesT},
		{byteMatch(path, "STARTS_WITH", "/api/"), get("/api/v1"), yesT},
		{byteMatch(path, "STARTS_WITH", "/api/"), get("/v1/api/"), noT},
		{byteMatch(path, "ENDS_WITH", ".php"), get("/x.php"), yesT},
		{byteMatch(path, "ENDS_WITH", ".php"), get("/x.php/"), noT},
		{byteMatch(path, "CONTAINS", "min"), get("/admin/"), yesT},
		{byteMatch(agent, "CONTAINS_WORD", "BadBot"), bot("BadBot;"), yesT},
		{byteMatch(agent, "CONTAINS_WORD", "BadBot"), bot("-BadBot; x"), yesT},
		{byteMatch(agent, "CONTAINS_WORD", "BadBot"), bot("BadBots xBadBot BadBot_"), noT},
		{byteMatch(agent, "CONTAINS", "BadBot"), get("/"), noT},
		{byteMatch(path, "CONTAINS", "/a b", "URL_DECODE"), get("/a%20b"), yesT},
		{byteMatch(path, "CONTAINS", "x", "HEX_DECODE"), get("/"), unknownT},
	})
}

func TestFields(t *testing.T) {
	cookie := func(pattern, scope string) string {
		return `{"Cookies":{"MatchPattern":` + pattern + `,"MatchScope":"` + scope + `","OversizeHandling":"CONTINUE"}}`
	}
	headers := func(pattern, scope string) string {
		return `{"Headers":{"MatchPattern":` + pattern + `,"MatchScope":"` + scope + `","OversizeHandling":"CONTINUE"}}`
	}
	r := with(&Request{Method: "GET", Path: "/p", Query: "UserName=abc&SalesRegion=boston&salesregion=seattle&empty"},
		Header{"Cookie", "a=1; B=two"}, Header{"X-Key", "secret"})
	ordered := &Request{Method: "GET", Path: "/", Ordered: true, Headers: []Header{{"Host", "h"}, {"User-Agent", "u"}}}
	arg := `{"SingleQueryArgument":{"Name":"SALESREGION"}}`
	checkStatements(t, []statementCase{
		{byteMatch(`{"Method":{}}`, "EXACTLY", "GET"), r, yesT},
		{byteMatch(`{"QueryString":{}}`, "CONTAINS", "boston&"), r, yesT},
		{byteMatch(arg, "EXACTLY", "boston"), r, yesT},
		{byteMatch(arg, "EXACTLY", "seattle"), r, yesT},
		{byteMatch(arg, "EXACTLY", "abc"), r, noT},
		{byteMatch(`{"AllQueryArguments":{}}`, "EXACTLY", "abc"), r, yesT},
		{byteMatch(`{"AllQueryArguments":{}}`, "EXACTLY", "UserName"), r, noT},
		{byteMatch(cookie(`{"All":{}}`, "ALL"), "EXACTLY", "two"), r, yesT},
		{byteMatch(cookie(`{"All":{}}`, "KEY"), "EXACTLY", "two"), r, noT},
		{byteMatch(cookie(`{"IncludedCookies":["b"]}`, "VALUE"), "EXACTLY", "two"), r, noT},
		{byteMatch(cookie(`{"IncludedCookies":["B"]}`, "VALUE"), "EXACTLY", "two"), r, yesT},
		{byteMatch(cookie(`{"ExcludedCookies":["B"]}`, "VALUE"), "EXACTLY", "two"), r, noT},
		{byteMatch(headers(`{"IncludedHeaders":["x-key"]}`, "VALUE"), "EXACTLY", "secret"), r, yesT},
		{byteMatch(headers(`{"ExcludedHeaders":["X-KEY"]}`, "ALL"), "EXACTLY", "secret"), r, noT},
		{byteMatch(headers(`{"All":{}}`, "KEY"), "EXACTLY", "X-Key"), r, yesT},
		{byteMatch(`{"HeaderOrder":{"OversizeHandling":"CONTINUE"}}`, "EXACTLY", "host:user-agent"), ordered, yesT},
		{byteMatch(`{"HeaderOrder":{"OversizeHandling":"CONTINUE"}}`, "CONTAINS", "host"), r, unknownT},
		{byteMatch(`{"JA3Fingerprint":{"FallbackBehavior":"MATCH"}}`, "EXACTLY", "f0"), r, unknownT},
		{byteMatch(`{"JA4Fingerprint":{"FallbackBehavior":"NO_MATCH"}}`, "EXACTLY", "t13d"), &Request{JA4: "t13d"}, yesT},
		{byteMatch(`{"UriFragment":{"FallbackBehavior":"MATCH"}}`, "EXACTLY", "x"), r, yesT},
		{byteMatch(`{"UriFragment":{}}`, "EXACTLY", "x"), r, noT},
		{byteMatch(`{"SingleHeader":{"Name":"x-two"}}`, "EXACTLY", "1"), with(&Request{}, Header{"X-Two", "1"}, Header{"x-two", "2"}), unknownT},
	})
}

func TestOversizeHandling(t *testing.T) {
	many, big := &Request{Path: "/"}, &Request{Path: "/", Headers: []Header{{"X-Big", strings.Repeat("x", 9000)}, {"X-Last", "needle"}}}
	for i := range 201 {
		many.Headers = append(many.Headers, Header{fmt.Sprint("h", i), "v"})
	}
	field := func(kind, handling string) string {
		return fmt.Sprintf(`{%q:{"MatchPattern":{"All":{}},"MatchScope":"ALL","OversizeHandling":%q}}`, kind, handling)
	}
	body := func(handling string) string { return `{"Body":{"OversizeHandling":"` + handling + `"}}` }
	large := &Request{Method: "POST", Path: "/", BodySize: 20000}
	tail := post("/", strings.Repeat("a", 16384)+"needle")
	jar := &Request{Path: "/", Headers: []Header{{"Cookie", "a=" + strings.Repeat("x", 8300)}}}
	checkStatements(t, []statementCase{
		{byteMatch(field("Headers", "MATCH"), "CONTAINS", "zzz"), many, yesT},
		{byteMatch(field("Headers", "NO_MATCH"), "CONTAINS", "v"), many, noT},
		{byteMatch(field("Headers", "CONTINUE"), "EXACTLY", "v"), many, yesT},
		{byteMatch(field("Headers", "CONTINUE"), "EXACTLY", "needle"), big, unknownT},
		{byteMatch(field("Headers", "MATCH"), "CONTAINS", "zzz"), browse("/"), noT},
		{byteMatch(field("Cookies", "MATCH"), "CONTAINS", "zzz"), jar, yesT},
		{byteMatch(body("MATCH"), "CONTAINS", "zzz"), large, yesT},
		{byteMatch(body("NO_MATCH"), "CONTAINS", "zzz"), large, noT},
		{byteMatch(body("CONTINUE"), "CONTAINS", "zzz"), large, unknownT},
		{byteMatch(body("CONTINUE"), "CONTAINS", "needle"), tail, noT},
		{byteMatch(body("MATCH"), "CONTAINS", "zzz"), &Request{BodySize: -1}, unknownT},
		{byteMatch(body("CONTINUE"), "CONTAINS", "zzz"), browse("/"), noT},
	})
	res := Compile(rulesACL(t, blockIf(byteMatch(body("MATCH"), "CONTAINS", "zzz"))), References{}).Evaluate(large)
	if res.Rule == nil || !res.Rule.Oversize {
		t.Errorf("an oversize body: %+v", res.Rule)
	}
	raised := rulesACL(t, blockIf(byteMatch(body("MATCH"), "CONTAINS", "zzz")))
	raised.AssociationConfig = &types.AssociationConfig{RequestBody: map[string]types.RequestBodyAssociatedResourceTypeConfig{
		"CLOUDFRONT": {DefaultSizeInspectionLimit: types.SizeInspectionLimitKb32},
	}}
	if res = Compile(raised, References{}).Evaluate(tail); res.Action != Allow {
		t.Errorf("a body within the raised limit got %v", res.Action)
	}
}

func TestSizeConstraint(t *testing.T) {
	body, query := `{"Body":{"OversizeHandling":"CONTINUE"}}`, `{"QueryString":{}}`
	large := &Request{Method: "POST", BodySize: 20000}
	checkStatements(t, []statementCase{
		{sizeOf(query, "GT", 4), &Request{Query: "a=123"}, yesT},
		{sizeOf(query, "LE", 4), &Request{Query: "a=123"}, noT},
		{sizeOf(query, "EQ", 5), &Request{Query: "a=123"}, yesT},
		{sizeOf(query, "NE", 5), &Request{Query: "a=123"}, noT},
		{sizeOf(query, "GE", 0), &Request{}, unknownT},
		{sizeOf(query, "GT", 0), &Request{}, noT},
		{sizeOf(`{"SingleHeader":{"Name":"x"}}`, "GE", 0), &Request{}, noT},
		{sizeOf(body, "GT", 8192), &Request{BodySize: 8193}, yesT},
		{sizeOf(body, "GT", 8192), large, yesT},
		{sizeOf(body, "GT", 18000), large, unknownT},
		{sizeOf(body, "LT", 18000), large, unknownT},
		{sizeOf(body, "GT", 30000), large, noT},
		{sizeOf(body, "GT", 10), &Request{BodySize: -1}, unknownT},
	})
}

func TestJSONBody(t *testing.T) {
	field := func(scope, pattern, fallback string) string {
		return fmt.Sprintf(`{"JsonBody":{"MatchPattern":%s,"MatchScope":%q,"InvalidFallbackBehavior":%q,"OversizeHandling":"CONTINUE"}}`, pattern, scope, fallback)
	}
	all, sub := `{"All":{}}`, `{"IncludedPaths":["/a/b"]}`
	documented := post("/", `{"a":{"c":"d","b":{"e":{"f":"g"}}}}`)
	is := func(scope, pattern, word string) string {
		return byteMatch(field(scope, pattern, ""), "EXACTLY", word)
	}
	broken, scalar, twice := post("/", `{"a":"x",,"b":"y"}`), post("/", `"x"`), post("/", `{"a":1,"a":2}`)
	checkStatements(t, []statementCase{
		{is("ALL", sub, "e"), documented, yesT}, {is("ALL", sub, "f"), documented, yesT}, {is("ALL", sub, "g"), documented, yesT},
		{is("KEY", sub, "e"), documented, yesT}, {is("KEY", sub, "g"), documented, noT}, {is("VALUE", sub, "g"), documented, yesT},
		{is("VALUE", sub, "e"), documented, noT}, {is("ALL", sub, "b"), documented, noT}, {is("ALL", sub, "d"), documented, noT},
		{is("ALL", all, "d"), documented, yesT}, {is("KEY", all, "a"), documented, yesT},
		{is("VALUE", `{"IncludedPaths":["/dogs/1/name"]}`, "rex"), post("/", `{"dogs":[{"name":"bo"},{"name":"rex"}]}`), yesT},
		{is("VALUE", `{"IncludedPaths":["/x~1y"]}`, "z"), post("/", `{"x/y":"z"}`), yesT},
		{is("VALUE", all, "12.50"), post("/", `[12.50]`), yesT},
		{is("VALUE", all, "x"), broken, yesT}, {is("VALUE", all, "y"), broken, unknownT}, {is("VALUE", all, "q"), twice, unknownT},
		{byteMatch(field("ALL", all, "MATCH"), "EXACTLY", "q"), scalar, yesT},
		{byteMatch(field("ALL", all, "NO_MATCH"), "CONTAINS", "x"), scalar, noT},
		{byteMatch(field("ALL", all, "EVALUATE_AS_STRING"), "CONTAINS", `"x"`), scalar, yesT},
		{byteMatch(field("ALL", all, "MATCH"), "EXACTLY", "q"), broken, unknownT},
		{byteMatch(field("ALL", all, "NO_MATCH"), "EXACTLY", "x"), broken, unknownT},
		{byteMatch(field("ALL", all, "NO_MATCH"), "EXACTLY", "q"), &Request{BodySize: 30}, unknownT},
		{byteMatch(field("ALL", all, "NO_MATCH"), "EXACTLY", "q"), browse("/"), noT},
	})
}

func TestRegex(t *testing.T) {
	path := `{"UriPath":{}}`
	checkStatements(t, []statementCase{
		{regexMatch(path, `^/(admin|root)\b`), &Request{Path: "/admin/x"}, yesT},
		{regexMatch(path, `^/(admin|root)\b`), &Request{Path: "/administer"}, noT},
		{regexMatch(path, `(?i)\.PHP$`), &Request{Path: "/x.php"}, yesT},
	})
	set := `{"RegexPatternSetReferenceStatement":{"ARN":"p","FieldToMatch":{"UriPath":{}},"TextTransformations":[]}}`
	a, b := "^/a$", "(?<!x)b"
	refs := References{RegexPatternSet: func(string) (*types.RegexPatternSet, bool) {
		return &types.RegexPatternSet{RegularExpressionList: []types.Regex{{RegexString: &a}, {RegexString: &b}}}, true
	}}
	for path, want := range map[string]tri.Bool{"/a": yesT, "/c": unknownT} {
		if got := matched(t, set, refs, &Request{Path: path}); got != want {
			t.Errorf("pattern set on %s: %v, want %v", path, got, want)
		}
	}
}

func TestInjectionIsNeverCertain(t *testing.T) {
	sqli := `{"SqliMatchStatement":{"FieldToMatch":{"AllQueryArguments":{}},"TextTransformations":[{"Priority":0,"Type":"URL_DECODE"}],"SensitivityLevel":"LOW"}}`
	xss := `{"XssMatchStatement":{"FieldToMatch":{"AllQueryArguments":{}},"TextTransformations":[{"Priority":0,"Type":"URL_DECODE"}]}}`
	for _, tc := range []struct {
		statement, query string
		want             tri.Bool
		likely           bool
	}{
		{sqli, "id=1%27%20or%20%271%27=%271", unknownT, true},
		{sqli, "q=blue+shoes", noT, false},
		{sqli, "name=O%27Reilly", unknownT, false},
		{xss, "q=%3Cscript%3Ealert(1)%3C/script%3E", unknownT, true},
		{xss, "q=a%20%3C%20b", unknownT, false},
		{xss, "q=blue+shoes%21+%22quoted%22", noT, false},
	} {
		res := Compile(rulesACL(t, blockIf(tc.statement)), References{}).Evaluate(&Request{Path: "/", Query: tc.query})
		if tc.want == noT {
			if len(res.Maybe) != 0 || !res.Certain {
				t.Errorf("%s: %+v, want no match", tc.query, res.Maybe)
			}
			continue
		}
		if res.Action != Allow || len(res.Maybe) != 1 || res.Maybe[0].Likely != tc.likely || res.Maybe[0].Weak == tc.likely {
			t.Errorf("%s: %+v, want one possibility, likely %v", tc.query, res.Maybe, tc.likely)
		}
	}
}

func TestLogic(t *testing.T) {
	a, b := byteMatch(`{"UriPath":{}}`, "STARTS_WITH", "/a"), byteMatch(`{"Method":{}}`, "EXACTLY", "GET")
	geo := `{"GeoMatchStatement":{"CountryCodes":["DE"]}}`
	and := func(x ...string) string { return `{"AndStatement":{"Statements":[` + strings.Join(x, ",") + `]}}` }
	or := func(x ...string) string { return `{"OrStatement":{"Statements":[` + strings.Join(x, ",") + `]}}` }
	not := func(x string) string { return `{"NotStatement":{"Statement":` + x + `}}` }
	get := &Request{Method: "GET", Path: "/a"}
	checkStatements(t, []statementCase{
		{and(a, b), get, yesT}, {and(a, not(b)), get, noT}, {or(not(a), b), get, yesT}, {or(not(a), not(b)), get, noT},
		{and(a, geo), get, unknownT}, {and(not(a), geo), get, noT}, {or(a, geo), get, yesT}, {or(not(a), geo), get, unknownT}, {not(geo), get, unknownT},
	})
	// An allow list of countries turns the doubt round: without the country, a block is worth a word.
	res := Compile(rulesACL(t, blockIf(not(geo))), References{}).Evaluate(get)
	if !res.Suspicious() {
		t.Errorf("a country allow list and an unknown country: %+v", res.Maybe)
	}
}

func TestGeoAndASN(t *testing.T) {
	de := &Request{Path: "/", Country: "DE", ASN: 64500, ClientIP: netip.MustParseAddr("192.0.2.1")}
	geo := `{"GeoMatchStatement":{"CountryCodes":["DE","FR"]}}`
	asn := `{"AsnMatchStatement":{"AsnList":[64500]}}`
	checkStatements(t, []statementCase{
		{geo, de, yesT}, {geo, &Request{Country: "SE"}, noT}, {geo, &Request{}, unknownT},
		{asn, de, yesT}, {asn, &Request{ASN: 1}, noT}, {asn, &Request{}, unknownT},
	})
}

func TestForwardedAddress(t *testing.T) {
	geo := func(fallback string) string {
		return `{"GeoMatchStatement":{"CountryCodes":["US"],"ForwardedIPConfig":{"HeaderName":"x-forwarded-for","FallbackBehavior":"` + fallback + `"}}}`
	}
	ip := func(position string) string {
		return `{"IPSetReferenceStatement":{"ARN":"x","IPSetForwardedIPConfig":{"HeaderName":"X-Forwarded-For","FallbackBehavior":"MATCH","Position":"` + position + `"}}}`
	}
	refs := References{IPSet: func(string) (*types.IPSet, bool) {
		return &types.IPSet{Addresses: []string{"10.0.0.0/8", "2001:db8::/32"}}, true
	}}
	fwd := func(v string) *Request { return &Request{Path: "/", Headers: []Header{{"X-Forwarded-For", v}}} }
	long := "10.1.1.1" + strings.Repeat(", 192.0.2.1", 10)
	for _, tc := range []statementCase{
		{geo("MATCH"), &Request{}, noT}, {geo("MATCH"), fwd("nonsense"), yesT}, {geo("NO_MATCH"), fwd("nonsense"), noT}, {geo("MATCH"), fwd("192.0.2.1"), unknownT},
		{ip("FIRST"), fwd("10.1.1.1, 192.0.2.1"), yesT}, {ip("LAST"), fwd("10.1.1.1, 192.0.2.1"), noT}, {ip("ANY"), fwd("192.0.2.1,2001:db8::1"), yesT},
		{ip("ANY"), fwd(long), noT}, {ip("FIRST"), fwd("10.1.1.1;192.0.2.1"), yesT}, {ip("FIRST"), fwd(""), yesT}, {ip("FIRST"), &Request{}, noT},
		{`{"NotStatement":{"Statement":` + ip("FIRST") + `}}`, &Request{}, unknownT}, {`{"NotStatement":{"Statement":` + ip("FIRST") + `}}`, fwd("192.0.2.1"), yesT},
	} {
		if got := matched(t, tc.statement, refs, tc.req); got != tc.want {
			t.Errorf("%s on %v: %v, want %v", tc.statement, tc.req.Headers, got, tc.want)
		}
	}
}
