package function

import (
	"slices"
	"testing"
)

// TestUntouchedMapsStay: maps that the code never looks at come back as they were sent, wherever it puts them, and maps that it only lists,
// freezes or probes are whole.
func TestUntouchedMapsStay(t *testing.T) {
	headers := []string{"accept", "a", "accept", "b", "__proto__", "p", "cookie", "c=1; d=2; c=3"}
	for name, source := range map[string]string{
		"untouched":       `function handler(e) { return e.request; }`,
		"a new request":   `function handler(e) { var r = e.request; return { method: r.method, uri: r.uri, headers: r.headers, cookies: r.cookies, querystring: r.querystring }; }`,
		"copied by hand":  `function handler(e) { var r = Object.assign({}, e.request); r.cookies = Object.assign({}, r.cookies); return r; }`,
		"probed":          `function handler(e) { 'x' in e.request.headers; return e.request; }`,
		"frozen":          `function handler(e) { Object.freeze(e.request.headers); return e.request; }`,
		"sealed unread":   `function handler(e) { Object.seal(e.request.cookies); return e.request; }`,
		"listed":          `function handler(e) { for (var k in e.request.querystring) {} return e.request; }`,
		"JSON":            `function handler(e) { var c = JSON.parse(JSON.stringify(e.request.cookies)); e.request.cookies = c; return e.request; }`,
		"prototype asked": `function handler(e) { Object.getPrototypeOf(e.request.headers); return e.request; }`,
	} {
		t.Run(name, func(t *testing.T) {
			ev := viewerRequest("/a?x=1&y=%20&x=2", headers...)
			want := ev.Request.normal()
			res := run2(t, source, ev)
			if res.Kind != RequestReturned {
				t.Fatalf("%+v", res)
			}
			if !slices.Equal(res.Request.Headers, grouped(want.Headers)) || !slices.Equal(res.Request.Cookies, grouped(want.Cookies)) ||
				res.Request.RawQuery != want.RawQuery {
				t.Errorf("%+v, want %+v", res.Request, want)
			}
		})
	}
}

// TestUntouchedMapElsewhere: an untouched map in a place that is not its own counts by what is in it.
func TestUntouchedMapElsewhere(t *testing.T) {
	ev := viewerRequest("/", "accept", "a", "cookie", "c=1")
	res := run2(t, `function handler(e) { return { statusCode: 200, headers: e.request.headers, cookies: e.request.cookies }; }`, ev)
	if res.Kind != ResponseGenerated || len(res.Response.Headers) != 2 || res.Response.Headers[1] != (Pair{"accept", "a"}) || len(res.Response.Cookies) != 1 {
		t.Errorf("%+v %+v", res, res.Response)
	}
	if res = run2(t, `function handler(e) { return e.request.headers; }`, ev); res.Kind != ValidationError {
		t.Errorf("%+v", res)
	}
	ev.ViewerIP = "192.0.2.7"
	if res = run2(t, `function handler(e) { return e.viewer; }`, ev); res.Kind != ValidationError {
		t.Errorf("%+v", res)
	}
}

// TestSeparatorInTexts: no text of the code's passes for a token of the sandbox's.
func TestSeparatorInTexts(t *testing.T) {
	for source, want := range map[string]Kind{
		`function handler(e) { e.request.uri = '/\x7fw1'; return e.request; }`:      Unknown,
		`function handler(e) { return { statusCode: 200, ['a\x7f']: 'w1' }; }`:      Unknown,
		`function handler(e) { e.request.headers['a\x7fb']; return e.request; }`:    RequestReturned,
		`function handler(e) { console.log('a\x7fb', 'c\x7f'); return e.request; }`: RequestReturned,
	} {
		if res := run2(t, source, viewerRequest("/")); res.Kind != want {
			t.Errorf("%s: %+v, want %v", source, res, want)
		}
	}
}

// TestEntriesKept: in a map that is partly used, the rest stays as it was, repeated names included, and what was used counts as it is now.
func TestEntriesKept(t *testing.T) {
	ev := viewerRequest("/?a=1&b=2&a=3", "accept", "x", "accept", "y", "x-one", "1", "x-two", "2")
	res := run2(t, `function handler(e) {
  var r = e.request;
  r.headers['x-one'].value += '!';
  delete r.headers['x-two'];
  r.headers['x-new'] = { value: 'n' };
  r.querystring.b.value = '4';
  return r;
}`, ev)
	if res.Kind != RequestReturned {
		t.Fatalf("%+v", res)
	}
	want := []Pair{{"host", "www.example.com"}, {"accept", "x"}, {"accept", "y"}, {"x-one", "1!"}, {"x-new", "n"}}
	if !slices.Equal(res.Request.Headers, want) || res.Request.RawQuery != "a=1&a=3&b=4" {
		t.Errorf("%+v", res.Request)
	}
	res = run2(t, `function handler(e) { var q = e.request.querystring; q.b; return q; }`, viewerRequest("/?statusCode=1&b=2"))
	if res.Kind != ValidationError {
		t.Errorf("%+v", res)
	}
	res = run2(t, `function handler(e) { var h = e.request.headers; h.host; return { statusCode: 200, body: h, headers: { a: h } }; }`, ev)
	if res.Kind != ValidationError {
		t.Errorf("%+v", res)
	}
}
