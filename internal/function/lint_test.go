package function

import (
	"context"
	"strings"
	"testing"
)

func TestLint(t *testing.T) {
	const none = Certainty(0)
	tests := []struct {
		rule, source string
		one, two     Certainty
	}{
		{"const-let", `const a = 1;`, Certain, none},
		{"const-let", `for (let i = 0; i < 1; i++) {}`, Certain, none},
		{"const-let", `for (const k in {}) {}`, Certain, none},
		{"async", `async function f() { await 1; }`, Certain, none},
		{"await-in-arguments", `async function f() { g(await 1); }`, Certain, Certain},
		{"await-in-arguments", `async function f() { g("x" + (await 1)); }`, Certain, Certain},
		{"await-in-arguments", `async function f() { (await g()).then(1); var a = [await 1]; }`, none, none},
		{"await-in-arguments", `function f() { return g(1); } async function h() { await g(1); }`, none, none},
		{"await-outside-async", `await 1;`, Certain, Certain},
		{"async-closure", `var f = async () => { await 1; };`, Certain, Unsure},
		{"for-of", `for (var a of []) {}`, Certain, Certain},
		{"optional-catch", `try { f(); } catch { }`, Certain, Certain},
		{"optional-catch", `try { f(); } catch (e) { } finally { }`, none, none},
		{"array-destructuring", `var [a] = [1];`, Certain, Certain},
		{"object-destructuring", `var { a } = {};`, Likely, Likely},
		{"object-destructuring", `function f({ a }) {}`, Likely, Likely},
		{"class", `class A {}`, Likely, Likely},
		{"spread", `f(...[]);`, Likely, Likely},
		{"spread", `var a = { ...b };`, Likely, Likely},
		{"spread", `function f(...rest) {}`, none, none},
		{"default-parameter", `function f(a = 1) {}`, Likely, Likely},
		{"optional-chaining", `var b = a?.b;`, Likely, Likely},
		{"nullish", `var b = a ?? 1;`, Unsure, Unsure},
		{"logical-assignment", `a ||= 1;`, Likely, Likely},
		{"generator", `function* f() {}`, Likely, Likely},
		{"regexp-flag", `var a = /a/u;`, Likely, Likely},
		{"regexp-flag", `var a = /a/gim;`, none, none},
		{"export", `export function handler() {}`, Likely, Likely},
		{"import", `import c from 'crypto';`, Unsure, none},
		{"named-import", `import { createHash } from 'crypto';`, Likely, Likely},
		{"module", `import fs from 'fs';`, Certain, Certain},
		{"module", `import a from './a.js';`, Likely, Likely},
		{"module", `import cf from 'cloudfront';`, Likely, none},
		{"dynamic-code", `eval('1');`, Certain, Certain},
		{"dynamic-code", `var o = { eval: 1 }; o.eval;`, none, none},
		{"timer", `setTimeout(f, 1);`, Certain, Certain},
		{"network", `fetch('/');`, Certain, Certain},
		{"network", `function fetch() {} fetch();`, none, none},
		{"built-in", `new Map();`, Likely, Likely},
		{"", "var a = `x${1}`, b = (c) => c, d = 2 ** 3; label: for (;;) { break label; }", none, none},
		{"", `var a = 1, o = { a, m() {}, get x() { return 1; }, ['c']: 2 };`, none, none},
	}
	for _, tt := range tests {
		for runtime, want := range map[string]Certainty{Runtime1: tt.one, Runtime2: tt.two} {
			got := none
			for _, issue := range compile(t, runtime, tt.source, nil).Lint() {
				if issue.Rule == tt.rule || tt.rule == "" {
					got = max(got, issue.Certainty)
				}
			}
			if got != want {
				t.Errorf("%s: %s in %s: %v, want %v", tt.rule, tt.source, runtime, got, want)
			}
		}
	}
}

func TestLintPlaces(t *testing.T) {
	p := compile(t, Runtime2, "function handler(e) {\n  // ü\n  var ü = 1; for (var x of []) {}\n  return e.request;\n}", nil)
	issues := p.Lint()
	if len(issues) != 1 || issues[0].Line != 3 || issues[0].Column != 14 {
		t.Fatalf("%+v", issues)
	}
	res := p.Run(context.Background(), viewerRequest("/"))
	if res.Kind != ExecutionError || !res.Certain || res.Line != 3 || res.Because != "the runtime cloudfront-js-2.0 cannot load the code: for…of is not supported" {
		t.Errorf("%+v", res)
	}
}

func TestErrorsHaveReasons(t *testing.T) {
	tests := []struct {
		body, because string
		line          int
		certain       bool
	}{
		{"\n  return event.request.headers['x-a'].value;", "it reads .value of event.request.headers['x-a'], which is undefined because the request has no header named x-a", 2, true},
		{"var c = event.request.querystring.q;\n  return c.value;", "it reads .value of c, which is undefined because the request has no query string parameter named q", 2, true},
		{"var a;\n\n a.b.c = 1;", "it reads .b of a, which is undefined", 3, true},
		{"null.x = 1;", "it sets .x of null, which is null", 1, true},
		{"event.request.foo();", "it calls event.request.foo, which is not a function", 1, true},
		{"return nothing;", "it uses nothing, which is not defined", 1, true},
		{"n = 1;", "it uses n, which is not defined", 1, true},
		{"throw new Error('broken');", "it throws Error: broken", 1, true},
		{"throw 'text';", "it throws text", 0, true},
		{"eval('1');", "it throws InternalError: dynamic code evaluation is not supported", 1, true},
		{"return require('crypto').createHash('sha512');", `it throws TypeError: not supported algorithm: "sha512"`, 1, true},
		{"new URL('/');", "AWS does not list URL", 1, false},
		{"window.x = 1;", "it uses window, which is not defined", 1, false},
		{"return [1].at(0);", "AWS does not list Array.prototype.at", 1, false},
		{"return JSON.parse('{');", "it throws SyntaxError", 1, true},
		{"const a = 1; a = 2;", "it throws TypeError: 'a' is read-only", 1, true},
	}
	for _, tt := range tests {
		res := run2(t, "function handler(event) {"+tt.body+"}", viewerRequest("/"))
		if res.Kind != ExecutionError || res.Status != 503 || res.Certain != tt.certain || !strings.Contains(res.Because, tt.because) || res.Line != tt.line {
			t.Errorf("%s: %+v", tt.body, res)
		}
	}
}

func TestCodeThatDoesNotLoad(t *testing.T) {
	tests := []struct {
		source  string
		certain bool
		line    int
	}{
		{"function handler(e) {\n return e.request\n", true, 3},
		{"function handler(e) { var a = ; }", true, 1},
		{"\nvar x = 010; function handler(e) { return e.request; }", false, 2},
		{"return 1;", true, 1},
		{"function main(e) { return e.request; }", true, 0},
		{"var handlers = 1;", false, 0},
		{"throw new Error('at once'); function handler(e) { return e.request; }", true, 1},
	}
	for _, tt := range tests {
		p := compile(t, Runtime2, tt.source, nil)
		for range 2 {
			if res := p.Run(context.Background(), viewerRequest("/")); res.Kind != ExecutionError || res.Certain != tt.certain || res.Line != tt.line || res.Status != 503 {
				t.Errorf("%q: %+v", tt.source, res)
			}
		}
	}
	if res := compile(t, "cloudfront-js-3.0", `function handler(e) { return e.request; }`, nil).Run(context.Background(), viewerRequest("/")); res.Kind != Unknown {
		t.Errorf("unknown runtime: %+v", res)
	}
}
