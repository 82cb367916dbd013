package function

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"
)

// sound says what is wrong with a result that contradicts itself.
func sound(res Result) string {
	switch {
	case res.Because == "":
		return "no reason"
	case (res.Kind == RequestReturned) != (res.Request != nil):
		return "the request does not fit the kind"
	case (res.Kind == ResponseGenerated) != (res.Response != nil):
		return "the response does not fit the kind"
	case res.Kind == Unknown && (res.Certain || res.Status != 0):
		return "unknown and yet certain"
	case res.Kind == ExecutionError && res.Status != 503, res.Kind == ValidationError && res.Status != 502:
		return "the status does not fit the kind"
	}
	return ""
}

// FuzzRun runs arbitrary code. The instrumentation of go test -fuzz makes the engine very
// slow; TestArbitraryCode covers more ground.
func FuzzRun(f *testing.F) {
	f.Add(`function handler(e) { return e.request; }`, "/a?b=c", "x-a", "1")
	f.Add(`async function handler(e) { var r = e.request; r.headers['x'] = { value: 'y' }; return r; }`, "/", "", "")
	f.Add(`import cf from 'cloudfront'; function handler(e) { cf.updateRequestOrigin({ domainName: 'a' }); return e.request; }`, "/", "host", "a")
	f.Add("export default class { #a = 1; static { } }", "*", "\x00", "\xff")
	f.Fuzz(func(t *testing.T, source, uri, name, value string) {
		p := Compile(Code{Runtime: Runtime2, Source: source}, &Store{Items: map[string]string{name: value}})
		defer p.Close()
		if wrong := sound(p.Run(context.Background(), viewerRequest(uri, name, value))); wrong != "" {
			t.Error(wrong)
		}
	})
}

// FuzzReturned judges arbitrary values as if code had returned them.
func FuzzReturned(f *testing.F) {
	f.Add("o5|uri|s/|method|sGET|headers|o1|host|o1|value|swww.example.com|querystring|o0|cookies|o0", false)
	f.Add("o3|statusCode|n301|headers|o1|location|o1|value|s/|body|o2|encoding|sbase64|data|seA==", true)
	f.Add("a9|x|usymbol|d|h|a0|a1|n1|z|t|f", false)
	f.Add("o-1||a99|n1e|q", false)
	f.Add("o5|uri|s/|method|sGET|headers|w1|querystring|w3|cookies|w2", false)
	f.Add("o3|statusCode|n200|headers|w4|cookies|w0", true)
	f.Add("w4", false)
	f.Add("o2|uri|k1|headers|o1|host|k1", false)
	f.Add("8|t|1|1|0|tviewer.ip|tainted:kvs|w1", false)
	p := Compile(Code{Runtime: Runtime2, Source: `function handler() {}`}, nil)
	f.Fuzz(func(t *testing.T, raw string, response bool) {
		ev := viewerRequest("/")
		if response {
			ev = viewerResponse()
		}
		tokens := strings.Split(raw, "|")
		described := strconv.Itoa(len(tokens)+1) + separator + strings.Join(tokens, separator)
		env := &envelope{Value: described, Origin: [][]string{{"updateRequestOrigin", described, "2" + separator + "z"}}}
		if wrong := sound(p.judge(&ev, env)); wrong != "" {
			t.Error(wrong)
		}
		if env, err := readEnvelope(strings.ReplaceAll(raw, "|", separator)); err == nil {
			if wrong := sound(p.judge(&ev, env)); wrong != "" {
				t.Error(wrong)
			}
		}
	})
}

// FuzzLint reads arbitrary source.
func FuzzLint(f *testing.F) {
	f.Add("import a, { b } from 'c';\nexport default async function* f({ g } = {}, ...h) { for (const [i] of j) { await k?.l ?? 1n; } }")
	f.Add("export {a};import*as b from\"c\"\n/(/u;`${`")
	f.Fuzz(func(t *testing.T, source string) {
		s := parseScript(source)
		for _, issue := range lint(s, Runtime1) {
			if issue.Line < 1 || issue.Column < 1 || issue.Message == "" || issue.Certainty == 0 {
				t.Errorf("%+v", issue)
			}
		}
		if len(s.bare) != len(source) && s.tree != nil {
			t.Errorf("blanking moved the code: %q to %q", source, s.bare)
		}
	})
}

// TestArbitraryCode puts fragments together, most of them sensible, and runs them.
func TestArbitraryCode(t *testing.T) {
	fragments := []string{
		"event", ".request", ".headers", ".uri", ".value", "[0]", "['x']", "(", ")", "{", "}", ";", "=", "'/a'", "1", "return ",
		"function f() {", "=>", "async ", "await ", "throw ", "try {", "} catch (e) {", "for (;;) {", "if (", "var a = ", "const b = ",
		"new Map()", "Promise.resolve()", "Object.keys(", "JSON.stringify(", "delete ", "...", "`${", "}`", "/x/", "\n", ",", "?.", "this",
		"__proto__", "constructor", "prototype", "globalThis", "require('crypto')", "{ statusCode: 200 }", "Symbol.iterator", "null", "NaN",
	}
	rapid.Check(t, func(t *rapid.T) {
		body := ""
		for _, part := range rapid.SliceOfN(rapid.SampledFrom(fragments), 0, 8).Draw(t, "parts") {
			body += part
		}
		source := "function handler(event) { " + body + "; return event.request; }"
		p := Compile(Code{Runtime: rapid.SampledFrom([]string{Runtime1, Runtime2}).Draw(t, "runtime"), Source: source}, nil)
		defer p.Close()
		ev := viewerRequest(rapid.String().Draw(t, "uri"), rapid.String().Draw(t, "name"), rapid.String().Draw(t, "value"))
		first := p.Run(context.Background(), ev)
		if wrong := sound(first); wrong != "" {
			t.Fatal(wrong, source)
		}
		if again := p.Run(context.Background(), ev); again.Kind != first.Kind || again.Because != first.Because {
			t.Fatalf("%s: %+v, then %+v", source, first, again)
		}
	})
}

// FuzzEvent: whatever a viewer or origin sends, the sandbox gets maps that are JSON and hold all of it, and a map that the code leaves alone
// is what it was.
func FuzzEvent(f *testing.F) {
	f.Add("GET", "/a?b", "b=c&d&b=%00", "Cookie", "a=1; b; =c", "Set-Cookie", "id=\xff; Path=/", "192.0.2.1")
	f.Add("0", "0", "\xb0&\xec", "0", "0", "0", "0", "0")
	f.Add("", "", "&&=", "__proto__", "\x7f", "X-Cache", "\"\\\u2028", "::1")
	f.Fuzz(func(t *testing.T, method, uri, query, name, first, header, content, ip string) {
		ev := Event{
			Type: ViewerResponse, ViewerIP: ip,
			Request: Request{Method: method, URI: uri, RawQuery: query, Headers: []Pair{{name, first}, {header, content}, {name, content}}}.normal(),
		}
		response := Response{Status: 200, Headers: []Pair{{header, content}, {name, first}, {header, first}}}.normal()
		ev.Response = &response
		for i, text := range ev.arguments(0.5)[9:] {
			if !jsontext.Value(text.(string)).IsValid() {
				t.Fatalf("argument %d is no JSON: %q", i, text)
			}
		}
		c := &checker{event: &ev}
		for _, field := range watchedMaps[1:] {
			if got, bad := c.entries(field, value{kind: "object", untouched: field}, false); bad != nil || len(got) != len(c.unchanged(field)) {
				t.Fatalf("%s: %v, %v", field, got, bad)
			}
		}
		if got := plainPairs(c.unchanged("request.headers")); len(got) != len(ev.Request.Headers) {
			t.Fatalf("%v became %v", ev.Request.Headers, got)
		}
	})
}
