package function

import (
	"context"
	"strings"
	"testing"
)

func TestReturnedValues(t *testing.T) {
	tests := []struct {
		name, body string
		response   bool // in viewer-response
		want       Kind
		certain    bool
		because    string
	}{
		{"nothing", ``, false, ValidationError, false, "undefined instead of a request or a response"},
		{"null", `return null;`, false, ValidationError, false, "null"},
		{"text", `return '/';`, false, ValidationError, false, "a string"},
		{"the event", `return event;`, false, ValidationError, true, "neither a request nor a response"},
		{"uri without slash", `r.uri = 'a'; return r;`, false, ValidationError, true, `"a", which does not start with a slash`},
		{"uri removed", `delete r.uri; return r;`, false, ValidationError, true, "uri is undefined"},
		{"uri a number", `r.uri = 1; return r;`, false, ValidationError, true, "uri is a number"},
		{"other method", `r.method = 'POST'; return r;`, false, ValidationError, false, "method"},
		{"long uri", `r.uri = '/' + 'a'.repeat(9000); return r;`, false, ValidationError, false, "8,192"},
		{"new request", `return { method: r.method, uri: '/n', headers: r.headers, cookies: r.cookies, querystring: {} };`, false, RequestReturned, true, "pass"},
		{"without cookies", `return { method: r.method, uri: '/n', headers: r.headers, querystring: '' };`, false, RequestReturned, false, "request.cookies is missing"},
		{"query text", `r.querystring = 'a=1'; return r;`, false, RequestReturned, true, "pass"},
		{"query text with space", `r.querystring = 'a=1 2'; return r;`, false, ValidationError, false, "space"},
		{"query number", `r.querystring = 1; return r;`, false, ValidationError, true, "is a number"},
		{"query without value", `r.querystring.a = {}; return r;`, false, ValidationError, true, "request.querystring.a.value is undefined"},
		{"cookie as text", `r.cookies.a = 'b'; return r;`, false, ValidationError, true, "must be an object with a value"},
		{"header as text", `r.headers['x-a'] = 'b'; return r;`, false, ValidationError, true, "request.headers.x-a is a string"},
		{"header with number", `r.headers['x-a'] = { value: 1 }; return r;`, false, ValidationError, false, "is a number"},
		{"header in capitals", `r.headers['X-A'] = { value: 'b' }; return r;`, false, ValidationError, true, "lower case"},
		{"header set to undefined", `r.headers['x-a'] = undefined; return r;`, false, RequestReturned, false, "x-a is undefined"},
		{"line break", `r.headers['x-a'] = { value: 'a\r\nb' }; return r;`, false, ValidationError, false, "line break"},
		{"not a name", `r.headers['x a'] = { value: 'a' }; return r;`, false, ValidationError, false, "no header name"},
		{"several values", `r.headers['x-a'] = { value: 'z', multiValue: [{ value: 'a' }, { value: 'b' }] }; return r;`, false, RequestReturned, true, "pass"},
		{"several wrong values", `r.headers['x-a'] = { value: 'z', multiValue: ['a'] }; return r;`, false, ValidationError, true, "multiValue"},
		{"too deep", `var o = r; for (var i = 0; i < 20; i++) { o.more = {}; o = o.more; } return r;`, false, ValidationError, false, "too deep"},
		{"status only", `return { statusCode: 204 };`, false, ResponseGenerated, true, "status 204"},
		{"status as text", `return { statusCode: '302' };`, false, ValidationError, false, "is a string"},
		{"status not a number", `return { statusCode: NaN };`, false, ValidationError, true, "not a finite number"},
		{"status not whole", `return { statusCode: 200.5 };`, false, ValidationError, false, "200.5"},
		{"status too large", `return { statusCode: 1000 };`, false, ValidationError, false, "1000"},
		{"status an object", `return { statusCode: {} };`, false, ValidationError, true, "an object"},
		{"location as text", `return { statusCode: 301, headers: { location: '/' } };`, false, ValidationError, true, "response.headers.location is a string"},
		{"Location in capitals", `return { statusCode: 301, headers: { Location: { value: '/' } } };`, false, ValidationError, true, "lower case"},
		{"text body", `return { statusCode: 200, body: 'x' };`, false, ResponseGenerated, true, ""},
		{"encoded body", `return { statusCode: 200, body: { encoding: 'text', data: 'x' } };`, false, ResponseGenerated, true, ""},
		{"body without data", `return { statusCode: 200, body: { encoding: 'text' } };`, false, ValidationError, true, "body.data"},
		{"unknown encoding", `return { statusCode: 200, body: { encoding: 'hex', data: '' } };`, false, ValidationError, true, "encoding"},
		{"not base64", `return { statusCode: 200, body: { encoding: 'base64', data: '?' } };`, false, ValidationError, false, "base64"},
		{"body a number", `return { statusCode: 200, body: 1 };`, false, ValidationError, false, "a number"},
		{"promise", `return Promise.resolve(r);`, false, RequestReturned, true, ""},
		{"rejected", `return Promise.reject(new Error('no'));`, false, ExecutionError, true, "Error: no"},
		{"request for response", `return r;`, true, ValidationError, true, "must return a response"},
		{"response changed", `event.response.statusCode = 404; return event.response;`, true, ResponseGenerated, true, "404"},
		{"response without status", `delete event.response.statusCode; return event.response;`, true, ValidationError, false, "statusCode"},
		{"content type", `event.response.headers['content-type'].value = 'a/b'; return event.response;`, true, ResponseGenerated, true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ev := viewerRequest("/a?x=1")
			if tt.response {
				ev = viewerResponse()
			}
			res := run2(t, `function handler(event) { var r = event.request; `+tt.body+` }`, ev)
			if res.Kind != tt.want || res.Certain != tt.certain || !strings.Contains(res.Because, tt.because) {
				t.Errorf("%+v", res)
			}
			if want := map[Kind]int{ValidationError: 502, ExecutionError: 503}[tt.want]; want != 0 && res.Status != want {
				t.Errorf("Status = %d", res.Status)
			}
		})
	}
}

// Every header of the page's lists is refused, and one that is on none is let through.
func TestHeaderRestrictions(t *testing.T) {
	set := compile(t, Runtime2, `function handler(event) {
		var out = event.response || event.request;
		var name = event.request.querystring.h.value;
		out.headers[name] = { value: 'changed' };
		return out;
	}`, nil)
	remove := compile(t, Runtime2, `function handler(event) {
		var out = event.response || event.request;
		delete out.headers[event.request.querystring.h.value];
		return out;
	}`, nil)
	run := func(p *Program, ev Event, name string) Result {
		ev.Request.RawQuery = "h=" + name
		return p.Run(context.Background(), ev)
	}
	for _, name := range append(strings.Fields(strings.ReplaceAll(strings.Join(disallowedHeaders, " "), "*", "any")), readOnlyHeaders[ViewerRequest]...) {
		if res := run(set, viewerRequest("/"), name); res.Kind != ValidationError || !res.Certain || res.Status != 502 {
			t.Errorf("request, %s set: %+v", name, res)
		}
	}
	for _, name := range append([]string{"x-cache", "x-edge-location", "connection"}, readOnlyHeaders[ViewerResponse]...) {
		if res := run(set, viewerResponse(), name); res.Kind != ValidationError || !res.Certain {
			t.Errorf("response, %s set: %+v", name, res)
		}
	}
	for _, name := range []string{"x-forwarded-for", "accept-encoding", "authorization", "warning", "x-amz-meta-a"} {
		if res := run(set, viewerRequest("/"), name); res.Kind != RequestReturned || !res.Certain {
			t.Errorf("request, %s set: %+v", name, res)
		}
	}
	for _, name := range []string{"content-length", "server", "host", "x-amz-id-2"} {
		if res := run(set, viewerResponse(), name); res.Kind != ResponseGenerated || !res.Certain {
			t.Errorf("response, %s set: %+v", name, res)
		}
	}
	if res := run(remove, viewerRequest("/"), "host"); res.Kind != ValidationError || res.Because != "the function removes the header host, which is read-only" {
		t.Errorf("host removed: %+v", res)
	}
	if res := run(remove, viewerResponse(), "via"); res.Kind != ValidationError {
		t.Errorf("via removed: %+v", res)
	}
	if res := run(remove, viewerRequest("/", "via", "1.1 proxy", "x-cache", "hidden"), "accept"); res.Kind != RequestReturned || value1(res.Request.Headers, "x-cache") != "" {
		t.Errorf("nothing removed: %+v %+v", res, res.Request)
	}
}

func TestOriginRules(t *testing.T) {
	tests := []struct {
		call    string
		want    Kind
		certain bool
	}{
		{`updateRequestOrigin({ domainName: 'a.example.com' })`, RequestReturned, true},
		{`updateRequestOrigin({ domainName: 'a.example.com:8080' })`, ValidationError, true},
		{`updateRequestOrigin({ domainName: '` + strings.Repeat("a", 254) + `' })`, ValidationError, true},
		{`updateRequestOrigin({ domainName: 'https//a' })`, ValidationError, false},
		{`updateRequestOrigin('a.example.com')`, ValidationError, false},
		{`selectRequestOriginById(1)`, ValidationError, false},
		{`createRequestOriginGroup({ originIds: [{ originId: 'a' }], failoverCriteria: { statusCodes: [500] } })`, ValidationError, true},
		{`createRequestOriginGroup()`, ValidationError, true},
		{`createRequestOriginGroup({ originIds: [{ originId: 'a' }, { originId: 'b' }] })`, ValidationError, false},
		{`overrideRequestOrigin({})`, ExecutionError, true},
	}
	for _, tt := range tests {
		res := run2(t, `import cf from 'cloudfront'; function handler(event) { cf.`+tt.call+`; return event.request; }`, viewerRequest("/"))
		if res.Kind != tt.want || res.Certain != tt.certain || (res.Origin != nil) != (tt.want == RequestReturned) {
			t.Errorf("%.60s: %+v", tt.call, res)
		}
	}
}
