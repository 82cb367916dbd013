package function

import (
	"context"
	"strings"
	"testing"
	"time"
)

// noon is the time functions see in tests.
var noon = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

func viewerRequest(uri string, headers ...string) Event {
	ev := Event{
		Type: ViewerRequest, DistributionID: "E2EXAMPLE", DistributionDomain: "d111111abcdef8.cloudfront.net",
		RequestID: "req-1", ViewerIP: "198.51.100.7", Now: noon,
		Request: Request{Method: "GET", URI: uri, Headers: []Pair{{"host", "www.example.com"}}},
	}
	if path, query, ok := strings.Cut(uri, "?"); ok {
		ev.Request.URI, ev.Request.RawQuery = path, query
	}
	for i := 0; i+1 < len(headers); i += 2 {
		ev.Request.Headers = append(ev.Request.Headers, Pair{headers[i], headers[i+1]})
	}
	return ev
}

func viewerResponse(headers ...string) Event {
	ev := viewerRequest("/page.html", "origin", "https://app.example.org")
	ev.Type = ViewerResponse
	ev.Response = &Response{Status: 200, StatusDescription: "OK", Headers: []Pair{{"Content-Type", "text/html"}, {"Via", "1.1 origin"}}}
	for i := 0; i+1 < len(headers); i += 2 {
		ev.Response.Headers = append(ev.Response.Headers, Pair{headers[i], headers[i+1]})
	}
	return ev
}

func compile(t testing.TB, runtime, source string, store *Store) *Program {
	t.Helper()
	p := Compile(Code{Name: "test", Runtime: runtime, Source: source}, store)
	t.Cleanup(p.Close)
	return p
}

func run2(t testing.TB, source string, ev Event) Result {
	t.Helper()
	return compile(t, Runtime2, source, nil).Run(context.Background(), ev)
}

func value1(pairs []Pair, name string) string {
	for _, p := range pairs {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

func TestFunctionAnswersForbidden(t *testing.T) {
	source := `function handler(event) {
  var headers = event.request.headers;
  if (!headers['x-preview-key'] || headers['x-preview-key'].value !== 'ember-7') {
    return { statusCode: 403, statusDescription: 'Forbidden', body: 'preview only' };
  }
  return event.request;
}
`
	p := compile(t, Runtime2, source, nil)
	res := p.Run(context.Background(), viewerRequest("/index.html"))
	if res.Kind != ResponseGenerated || res.Status != 403 || !res.Certain || string(res.Response.Body) != "preview only" {
		t.Errorf("without the key: %+v", res)
	}
	if want := (Read{"request.headers.x-preview-key", false}); len(res.Reads) != 1 || res.Reads[0] != want {
		t.Errorf("Reads = %v, want %v", res.Reads, want)
	}
	res = p.Run(context.Background(), viewerRequest("/index.html", "X-Preview-Key", "ember-7"))
	if res.Kind != RequestReturned || !res.Certain || res.Request.URI != "/index.html" {
		t.Errorf("with the key: %+v", res)
	}
}

func TestMissingCookieThrows(t *testing.T) {
	source := `function handler(event) {
  var request = event.request;
  var variant = request.cookies.variant.value;
  if (variant === 'b') {
    request.uri = '/b' + request.uri;
  }
  return request;
}
`
	p := compile(t, Runtime2, source, nil)
	res := p.Run(context.Background(), viewerRequest("/about.html"))
	const because = "it reads .value of request.cookies.variant, which is undefined because the request has no cookie named variant"
	if res.Kind != ExecutionError || res.Status != 503 || !res.Certain || res.Line != 3 || res.Column != 40 || res.Because != because {
		t.Errorf("without the cookie: %+v", res)
	}
	res = p.Run(context.Background(), viewerRequest("/about.html", "cookie", "a=1; variant=b"))
	if res.Kind != RequestReturned || res.Request.URI != "/b/about.html" || len(res.Request.Cookies) != 2 {
		t.Errorf("with the cookie: %+v", res)
	}
}

// What the caller does not know of the viewer makes a run unknown that asks for it, and no other.
func TestUnknownViewer(t *testing.T) {
	cases := []struct {
		body string
		want Kind
	}{
		{"return event.request;", RequestReturned},
		{"var viewer = 'viewer.ip'; return event.request;", RequestReturned},
		{"if (event.viewer.ip === '192.0.2.1') { event.request.uri = '/x'; } return event.request;", Unknown},
		{"console.log(JSON.stringify(event.viewer)); return event.request;", Unknown},
		{"event.request.uri = event.viewer.place.country; return event.request;", ExecutionError},
	}
	for _, c := range cases {
		ev := viewerRequest("/a")
		ev.ViewerIP, ev.Unknown = "", []string{"viewer.ip"}
		p := compile(t, Runtime1, "function handler(event) { "+c.body+" }", nil)
		if got := p.Run(context.Background(), ev); got.Kind != c.want {
			t.Errorf("%s gives %s (%s), want %s", c.body, got.Kind, got.Because, c.want)
		}
	}
}

// A text with the character that parts the sandbox's answer is no valid request, and is not mistaken for another value.
func TestSeparatorInAValue(t *testing.T) {
	for _, body := range []string{
		"event.request.uri = '/a\\x7fsb'; return event.request;",
		"event.request.headers['x'] = { value: '\\x7f' }; return event.request;",
		"return { statusCode: 200, ['a\\x7fb']: 1 };",
	} {
		p := compile(t, Runtime2, "function handler(event) { "+body+" }", nil)
		if got := p.Run(context.Background(), viewerRequest("/a")); got.Kind != Unknown || got.Because == "" {
			t.Errorf("%s gives %s (%s)", body, got.Kind, got.Because)
		}
	}
}
