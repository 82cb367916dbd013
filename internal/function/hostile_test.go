package function

import (
	"context"
	"strings"
	"testing"
)

// hostile code must end, soon and without harm; which error it ends with matters less, but
// none of it may pass for a function that works.
func TestHostileCode(t *testing.T) {
	tests := map[string]string{
		"endless loop":           `function handler(e) { for (;;) {} }`,
		"endless loop at load":   `for (;;) {} function handler(e) { return e.request; }`,
		"endless promises":       `function handler(e) { return new Promise(function () { function again() { Promise.resolve().then(again); } again(); }); }`,
		"async endless":          `async function handler(e) { while (true) { await null; } }`,
		"promise never settled":  `function handler(e) { return new Promise(function () {}); }`,
		"array without end":      `function handler(e) { var a = []; for (;;) { a.push(new Array(1000).fill(1)); } }`,
		"string without end":     `function handler(e) { var s = 'x'; for (;;) { s += s; } }`,
		"huge repeat":            `function handler(e) { return 'ab'.repeat(1 << 28); }`,
		"huge join":              `function handler(e) { return Array(3e7).join('xx'); }`,
		"regular expression":     `function handler(e) { return /^(a|a)*$/.test('a'.repeat(60) + 'b') ? e.request : null; }`,
		"recursion":              `function f() { return f() + 1; } function handler(e) { return f(); }`,
		"recursion by toString":  `var o = { toString: function () { return '' + o; } }; function handler(e) { return '' + o; }`,
		"recursion by JSON":      `function handler(e) { var o = {}; var p = o; for (var i = 0; i < 1e5; i++) { p.a = {}; p = p.a; } return JSON.stringify(o); }`,
		"throwing toString":      `function handler(e) { throw { toString: function () { throw 1; } }; }`,
		"throwing message":       `function handler(e) { var x = new Error('a'); Object.defineProperty(x, 'message', { get: function () { throw x; } }); throw x; }`,
		"throwing getter":        `function handler(e) { return { get statusCode() { throw new Error('no'); } }; }`,
		"endless getter":         `function handler(e) { return { get statusCode() { for (;;) {} } }; }`,
		"cyclic result":          `function handler(e) { var o = { uri: '/' }; o.self = o; return o; }`,
		"huge result":            `function handler(e) { for (var i = 0; i < 20000; i++) { e.request.headers['x-' + i] = { value: 'v' }; } return e.request; }`,
		"throws undefined":       `function handler(e) { throw undefined; }`,
		"throws null later":      `async function handler(e) { throw null; }`,
		"eval":                   `function handler(e) { return eval('e.request'); }`,
		"new Function":           `function handler(e) { return new Function('e', 'return e.request')(e); }`,
		"function by its kind":   `function handler(e) { return (function () {}).constructor('return 1')() && e.request; }`,
		"async by its kind":      `async function a() {} function handler(e) { a.constructor('return 1')(); return e.request; }`,
		"timer":                  `function handler(e) { setTimeout(function () {}, 1); return e.request; }`,
		"network":                `function handler(e) { fetch('https://example.com'); return e.request; }`,
		"file module":            `var fs = require('fs'); function handler(e) { return e.request; }`,
		"std and os":             `function handler(e) { std.exit(1); return e.request; }`,
		"sandbox's own function": `function handler(e) { cfdoctorKey('x'); return e.request; }`,
		"escape of the wrapper":  `return 1; }) ; (function () { for (;;) {}`,
		"deep brackets":          strings.Repeat("(", 8000) + "1" + strings.Repeat(")", 8000),
		"deep arrays":            "var a = " + strings.Repeat("[", 8000) + strings.Repeat("]", 8000),
		"deep negation":          "var a = " + strings.Repeat("!", 16000) + "1",
		"deep blocks":            strings.Repeat("{", 8000) + strings.Repeat("}", 8000),
		"deep arrows":            strings.Repeat("a=>", 5000) + "1",
		"too large":              strings.Repeat(" ", maxSource) + `function handler(e) { return e.request; }`,
		"not code":               "\x00\xff\xfe",
		"empty":                  "",
	}
	for name, source := range tests {
		t.Run(name, func(t *testing.T) {
			res := run2(t, source, viewerRequest("/"))
			if res.Kind == RequestReturned || res.Kind == ResponseGenerated || res.Because == "" {
				t.Errorf("%+v", res)
			}
		})
	}
}

// Limits of the sandbox are not CloudFront's, so hitting them proves nothing for certain.
func TestLimitsAreNotCertain(t *testing.T) {
	for _, source := range []string{
		`function handler(e) { for (;;) {} }`,
		`function handler(e) { return 'ab'.repeat(1 << 28); }`,
		`function handler(e) { return handler(e); }`,
	} {
		if res := run2(t, source, viewerRequest("/")); res.Kind != ExecutionError || res.Certain || res.Status != 503 {
			t.Errorf("%s: %+v", source, res)
		}
	}
}

func TestContextStopsRun(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p := compile(t, Runtime2, `function handler(e) { for (;;) {} }`, nil)
	if res := p.Run(ctx, viewerRequest("/")); res.Kind != Unknown {
		t.Errorf("%+v", res)
	}
}

// Nothing a run does may be seen by the next one.
func TestRunsLeaveNothingBehind(t *testing.T) {
	tests := map[string]string{
		"variable":           `var n = 0; function handler(e) { n++; return answer(n); }`,
		"closure":            `var f = (function () { var n = 0; return function () { return ++n; }; })(); function handler(e) { return answer(f()); }`,
		"global":             `function handler(e) { globalThis.n = (globalThis.n || 0) + 1; return answer(globalThis.n); }`,
		"prototype":          `function handler(e) { String.prototype.n = ('' .n || 0) + 1; return answer(''.n); }`,
		"hidden prototype":   `function handler(e) { var o = {}['constructor']; o.n = (o.n || 0) + 1; return answer(o.n); }`,
		"proto of an entry":  `function handler(e) { var p = e.request.headers['__pro' + 'to__']; p.n = (p.n || 0) + 1; return answer(p.n); }`,
		"built-in function":  `function handler(e) { Math.abs.n = (Math.abs.n || 0) + 1; return answer(Math.abs.n); }`,
		"module":             `var crypto = require('crypto'); function handler(e) { crypto.n = (crypto.n || 0) + 1; return answer(crypto.n); }`,
		"console":            `function handler(e) { console.n = (console.n || 0) + 1; return answer(console.n); }`,
		"iterator prototype": `function handler(e) { var p = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())); p.n = (p.n || 0) + 1; return answer(p.n); }`,
		"async prototype":    `async function a() {} function handler(e) { var p = Object.getPrototypeOf(a); p.n = (p.n || 0) + 1; return answer(p.n); }`,
		"string function":    `function handler(e) { ''.trim.n = (''.trim.n || 0) + 1; return answer(''.trim.n); }`,
		"own toString":       `function handler(e) { var o = {}; o.toString = function () { return '1'; }; o.constructor = 2; return answer(+('' + o)); }`,
		"own error name":     `function handler(e) { var x = new Error('a'); x.name = 'Mine'; x.message = 'b'; return answer(x.toString() === 'Mine: b' ? 1 : 2); }`,
	}
	for name, source := range tests {
		t.Run(name, func(t *testing.T) {
			p := compile(t, Runtime2, source+` function answer(n) { return { statusCode: 200, statusDescription: '' + n }; }`, nil)
			for range 3 {
				res := p.Run(context.Background(), viewerRequest("/"))
				if res.Kind != ResponseGenerated || res.Response.StatusDescription != "1" {
					t.Fatalf("%+v %+v", res, res.Response)
				}
			}
		})
	}
}

func TestRunsSideBySide(t *testing.T) {
	p := compile(t, Runtime2, `function handler(e) { e.request.uri += '-' + e.request.querystring.n.value; return e.request; }`, nil)
	errs := make(chan string)
	for n := range 8 {
		go func() {
			digit := string(rune('0' + n))
			for range 20 {
				if res := p.Run(context.Background(), viewerRequest("/a?n="+digit)); res.Request == nil || res.Request.URI != "/a-"+digit {
					errs <- res.Because
					return
				}
			}
			errs <- ""
		}()
	}
	for range 8 {
		if e := <-errs; e != "" {
			t.Error(e)
		}
	}
}

func TestClosedProgramRuns(t *testing.T) {
	p := Compile(Code{Runtime: Runtime2, Source: `function handler(e) { return e.request; }`}, nil)
	p.Run(context.Background(), viewerRequest("/"))
	p.Close()
	if res := p.Run(context.Background(), viewerRequest("/")); res.Kind != RequestReturned {
		t.Errorf("%+v", res)
	}
}
