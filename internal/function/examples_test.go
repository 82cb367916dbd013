package function

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
)

// The uses of CloudFront Functions that the Developer Guide gives examples of (DG/service_code_examples_cloudfront_functions_examples), each
// in code of our own.
func TestUsualFunctions(t *testing.T) {
	store := &Store{ID: "s", Complete: true, Items: map[string]string{"old": "/new", "flags": `{"beta":true}`, "en": "/en/index.html"}}
	tests := []struct {
		name, runtime, source string
		event                 Event
		check                 func(Result) bool
	}{
		{"security headers", Runtime1, `function handler(event) {
			var headers = event.response.headers;
			headers['strict-transport-security'] = { value: 'max-age=63072000' };
			headers['x-frame-options'] = { value: 'DENY' };
			return event.response;
		}`, viewerResponse(), func(r Result) bool {
			return r.Status == 200 && value1(r.Response.Headers, "x-frame-options") == "DENY" && value1(r.Response.Headers, "via") != ""
		}},
		{"cross-origin headers", Runtime2, `function handler(event) {
			const { value } = { value: 0 };
			return event.response;
		}`, viewerResponse(), func(r Result) bool { return r.Kind == ExecutionError && !r.Certain && r.Otherwise.Status == 200 }},
		{"cross-origin headers on request", Runtime2, `async function handler(event) {
			const request = event.request, response = event.response;
			if (!response.headers['access-control-allow-origin'] && request.headers['origin']) {
				response.headers['access-control-allow-origin'] = { value: request.headers['origin'].value };
			}
			return response;
		}`, viewerResponse(), func(r Result) bool {
			return value1(r.Response.Headers, "access-control-allow-origin") == "https://app.example.org"
		}},
		{"redirect by country", Runtime2, `async function handler(event) {
			const headers = event.request.headers;
			const country = headers['cloudfront-viewer-country'];
			if (country && country.value === 'DE') {
				return { statusCode: 302, statusDescription: 'Found', headers: { location: { value: 'https://' + headers.host.value + '/de' + event.request.uri } } };
			}
			return event.request;
		}`, viewerRequest("/x", "CloudFront-Viewer-Country", "DE"), func(r Result) bool {
			return r.Status == 302 && value1(r.Response.Headers, "location") == "https://www.example.com/de/x"
		}},
		{"index document", Runtime2, `async function handler(event) {
			const request = event.request;
			if (request.uri.endsWith('/')) { request.uri += 'index.html'; } else if (!request.uri.includes('.')) { request.uri += '/index.html'; }
			return request;
		}`, viewerRequest("/docs/"), func(r Result) bool { return r.Request.URI == "/docs/index.html" && r.Certain }},
		{"true client address", Runtime1, `function handler(event) {
			event.request.headers['true-client-ip'] = { value: event.viewer.ip };
			return event.request;
		}`, viewerRequest("/"), func(r Result) bool { return value1(r.Request.Headers, "true-client-ip") == "198.51.100.7" }},
		{"origin header", Runtime1, `function handler(event) {
			var headers = event.request.headers;
			if (headers.host && !headers.origin) { headers.origin = { value: 'https://' + headers.host.value }; }
			return event.request;
		}`, viewerRequest("/"), func(r Result) bool { return value1(r.Request.Headers, "origin") == "https://www.example.com" }},
		{"sorted query string", Runtime1, `function handler(event) {
			var parts = [];
			for (var name in event.request.querystring) {
				var q = event.request.querystring[name];
				(q.multiValue || [q]).forEach(function (v) { parts.push(name + '=' + v.value); });
			}
			event.request.querystring = parts.sort().join('&');
			return event.request;
		}`, viewerRequest("/?b=2&a=1&a=0"), func(r Result) bool { return r.Request.RawQuery == "a=0&a=1&b=2" }},
		{"one host name", Runtime2, `function handler(event) {
			const host = event.request.headers.host.value;
			if (host.startsWith('www.')) { return event.request; }
			const query = Object.keys(event.request.querystring).map(k => k + '=' + event.request.querystring[k].value).join('&');
			return { statusCode: 301, statusDescription: 'Moved Permanently', headers: { location: { value: ` + "`https://www.${host}${event.request.uri}${query ? '?' + query : ''}`" + ` } } };
		}`, func() Event {
			ev := viewerRequest("/a?x=1")
			ev.Request.Headers[0].Value = "example.com"
			return ev
		}(), func(r Result) bool { return value1(r.Response.Headers, "location") == "https://www.example.com/a?x=1" }},
		{"raw query string", Runtime2, `function handler(event) {
			event.request.headers['x-q'] = { value: '' + event.request.rawQueryString() };
			return event.request;
		}`, viewerRequest("/a?x=%20&y"), func(r Result) bool {
			return value1(r.Request.Headers, "x-q") == "x=%20&y" && r.Request.RawQuery == "x=%20&y"
		}},
		{"store: redirect", Runtime2, `import cf from 'cloudfront';
		const kvs = cf.kvs();
		async function handler(event) {
			const request = event.request;
			const key = request.uri.split('/')[1];
			try {
				request.uri = await kvs.get(key);
			} catch (err) {
				console.log('no entry for ' + key);
			}
			const flags = await kvs.get('flags', { format: 'json' });
			if (flags.beta && await kvs.exists('en')) { request.headers['x-beta'] = { value: '1' }; }
			return request;
		}`, viewerRequest("/old"), func(r Result) bool {
			return r.Request.URI == "/new" && value1(r.Request.Headers, "x-beta") == "1" && slices.Equal(r.Tainted, []string{"kvs"}) && r.Certain
		}},
		{"store: missing key", Runtime2, `import cf from 'cloudfront';
		async function handler(event) {
			event.request.uri = await cf.kvs().get('none');
			return event.request;
		}`, viewerRequest("/"), func(r Result) bool { return r.Kind == ExecutionError && r.Certain }},
		{"origin by ID", Runtime2, `import cf from 'cloudfront';
		function handler(event) { cf.selectRequestOriginById('api', { hostHeader: 'api.example.com' }); return event.request; }`,
			viewerRequest("/"), func(r Result) bool {
				return r.Origin.Method == "selectRequestOriginById" && r.Origin.OriginIDs[0] == "api" && *r.Origin.Settings.HostHeader == "api.example.com"
			}},
		{"origin group", Runtime2, `import cf from 'cloudfront';
		function handler(event) {
			cf.createRequestOriginGroup({ originIds: [{ originId: 'a' }, { originId: 'b' }], failoverCriteria: { statusCodes: [500, 502] } });
			return event.request;
		}`, viewerRequest("/"), func(r Result) bool {
			return slices.Equal(r.Origin.OriginIDs, []string{"a", "b"}) && slices.Equal(r.Origin.FailoverStatus, []int{500, 502})
		}},
		{"other origin", Runtime2, `import cf from 'cloudfront';
		function handler(event) {
			cf.updateRequestOrigin({ domainName: 'eu.s3.eu-west-1.amazonaws.com', originPath: '/site', customHeaders: { a: 'b' },
				originAccessControlConfig: { enabled: true, signingBehavior: 'always', signingProtocol: 'sigv4', originType: 's3' } });
			return event.request;
		}`, viewerRequest("/"), func(r Result) bool {
			s := r.Origin.Settings
			return *s.DomainName == "eu.s3.eu-west-1.amazonaws.com" && *s.OriginPath == "/site" && s.HostHeader == nil &&
				s.AccessControl.OriginType == "s3" && s.CustomHeaders[0] == Pair{"a", "b"}
		}},
		{"cache control", Runtime2, `function handler(event) {
			const response = event.response;
			if (!response.headers['cache-control']) { response.headers['cache-control'] = { value: 'public, max-age=63072000' }; }
			return response;
		}`, viewerResponse(), func(r Result) bool {
			return value1(r.Response.Headers, "cache-control") == "public, max-age=63072000" && r.Certain
		}},
		{"store: two versions of a page", Runtime2, `import cf from 'cloudfront';
		import crypto from 'crypto';
		const kvs = cf.kvs();
		async function handler(event) {
			const request = event.request;
			const share = parseInt(crypto.createHash('md5').update(event.viewer.ip).digest('hex').slice(0, 8), 16) % 2;
			if (await kvs.exists('en')) { request.uri = (await kvs.get('en')).replace('index', 'index' + share); }
			return request;
		}`, viewerRequest("/"), func(r Result) bool { return strings.HasPrefix(r.Request.URI, "/en/index") && r.Certain }},
		{"origin near the viewer", Runtime2, `import cf from 'cloudfront';
		function handler(event) {
			const country = event.request.headers['cloudfront-viewer-country'];
			const near = { DE: 'eu-central-1', FR: 'eu-west-3' };
			const region = country && near[country.value];
			if (region) { cf.updateRequestOrigin({ domainName: 'site.s3.' + region + '.amazonaws.com', originAccessControlConfig: { enabled: true, region } }); }
			return event.request;
		}`, viewerRequest("/x", "CloudFront-Viewer-Country", "FR"), func(r Result) bool {
			return *r.Origin.Settings.DomainName == "site.s3.eu-west-3.amazonaws.com" && r.Origin.Settings.AccessControl.Enabled && r.Certain
		}},
		{"single page app", Runtime2, `function handler(event) {
			if (!/\.\w+$/.test(event.request.uri)) { event.request.uri = '/index.html'; }
			return event.request;
		}`, viewerRequest("/account/7"), func(r Result) bool { return r.Request.URI == "/index.html" && r.Certain }},
		{"polyfill", Runtime2, `if (!Array.prototype.last) { Array.prototype.last = function () { return this[this.length - 1]; }; }
		function handler(event) { event.request.uri = '/' + event.request.uri.split('/').last(); return event.request; }`,
			viewerRequest("/a/b"), func(r Result) bool { return r.Request.URI == "/b" }},
		{"replaced body", Runtime2, `function handler(event) {
			event.response.body = { encoding: 'base64', data: btoa('hello') };
			event.response.cookies.seen = { value: 'yes', attributes: 'Path=/; Secure' };
			return event.response;
		}`, viewerResponse(), func(r Result) bool {
			return string(r.Response.Body) == "hello" && r.Response.Cookies[0] == Cookie{"seen", "yes", "Path=/; Secure"}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			defer func() {
				if p := recover(); p != nil {
					t.Errorf("panic: %v", p)
				}
			}()
			res := compile(t, tt.runtime, tt.source, store).Run(context.Background(), tt.event)
			if !tt.check(res) {
				t.Errorf("%+v\nrequest %+v\nresponse %+v", res, res.Request, res.Response)
			}
		})
	}
}

// A signed token is checked with the same arithmetic in both runtimes.
func TestTokenValidation(t *testing.T) {
	const secret = "a secret with \u00fcmlaut"
	b64 := base64.RawURLEncoding.EncodeToString
	token := func(claims string) string {
		signed := b64([]byte(`{"alg":"HS256"}`)) + "." + b64([]byte(claims))
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(signed))
		return signed + "." + b64(mac.Sum(nil))
	}
	decode := map[string]string{
		Runtime1: `String.bytesFrom(part, 'base64url').fromUTF8()`,
		Runtime2: `Buffer.from(part, 'base64url').toString('utf8')`,
	}
	tests := []struct {
		name, token string
		want        Kind
	}{
		{"good", token(`{"name":"J\u00f6rg","exp":1893456000}`), RequestReturned},
		{"raw text", token(`{"name":"Jörg","exp":1893456000}`), RequestReturned},
		{"expired", token(`{"exp":1000000000}`), ResponseGenerated},
		{"forged", token(`{"exp":1893456000}`) + "x", ResponseGenerated},
		{"none", "", ResponseGenerated},
	}
	for runtime, how := range decode {
		source := `var crypto = require('crypto');
		function decoded(part) { return JSON.parse(` + how + `); }
		function handler(event) {
			var no = { statusCode: 401, statusDescription: 'Unauthorized' };
			var q = event.request.querystring.jwt;
			if (!q) { return no; }
			var parts = q.value.split('.');
			var want = crypto.createHmac('sha256', ` + "'" + secret + "'" + `).update(parts[0] + '.' + parts[1]).digest('base64url');
			if (want !== parts[2]) { return no; }
			if (decoded(parts[1]).exp * 1000 < Date.now()) { return no; }
			delete event.request.querystring.jwt;
			return event.request;
		}`
		p := compile(t, runtime, source, nil)
		for _, tt := range tests {
			ev := viewerRequest("/a?x=1")
			if tt.token != "" {
				ev.Request.RawQuery += "&jwt=" + tt.token
			}
			res := p.Run(context.Background(), ev)
			if res.Kind != tt.want || !res.Certain {
				t.Errorf("%s %s: %+v", runtime, tt.name, res)
			}
			if res.Request != nil && res.Request.RawQuery != "x=1" {
				t.Errorf("%s %s: query %q", runtime, tt.name, res.Request.RawQuery)
			}
		}
	}
}

// Each expression must be true.
func TestBuiltIns(t *testing.T) {
	both := []string{
		`require('crypto').createHash('md5').update('abc').digest('hex') === '900150983cd24fb0d6963f7d28e17f72'`,
		`require('crypto').createHash('sha1').update('a').update('bc').digest('base64') === 'qZk+NkcGgWq6PiVxeFDCbJzQ2J0='`,
		`require('crypto').createHash('sha256').update('é').digest('hex').slice(0, 8) === '4a99557e'`,
		`(function () { try { require('crypto').createHash('sha512'); } catch (e) { return e instanceof TypeError; } })()`,
		`require('querystring').parse('name=value&abc=x%20y&abc=1+2').abc.join() === 'x y,1 2'`,
		`require('querystring').stringify({ name: 'value', abc: ['x y', '1'], none: '' }) === 'name=value&abc=x%20y&abc=1&none='`,
		`require('querystring').unescape('%e4%bd%a0') === '你' && require('querystring').unescape('%ff') === '\ufffd'`,
		`new Date().toISOString() === '2026-11-03T12:00:00.000Z' && Date.now() === new Date().getTime()`,
		`new Date(0).getTime() === 0 && new Date(2020, 1, 1) instanceof Date && Date.UTC(1970, 0, 1) === 0`,
		`typeof Map === 'undefined' && typeof Proxy === 'undefined' && typeof setTimeout === 'undefined'`,
		`typeof this === 'undefined' && typeof globalThis === 'object' && typeof console.error === 'undefined'`,
		`(function () {}) instanceof Function && [].constructor === Array && ({}).constructor === Object`,
		`/(?<y>\d{4})/.exec('in 2024').groups.y === '2024' && 'a-b'.replace(/-/g, '+') === 'a+b'`,
		`Object.prototype.hasOwnProperty.call(event.request.headers, 'host') && 'host' in event.request.headers`,
		`event.request.headers.hasOwnProperty('host') && !event.request.headers.hasOwnProperty('cookie')`,
		`JSON.parse(JSON.stringify(event)).request.headers.host.value === 'www.example.com'`,
		`Object.keys(event.request.headers).join() === 'host'`,
		`event.version === '1.0' && event.context.eventType === 'viewer-request' && event.context.distributionId === 'E2EXAMPLE'`,
		`new Error('x').stack !== 1 && String(new TypeError('y')) === 'TypeError: y'`,
	}
	per := map[string][]string{
		Runtime1: {
			`String.bytesFrom([0xc3, 0xa9]).fromUTF8() === 'é' && 'é'.toUTF8().length === 2`,
			`String.bytesFrom('w6k', 'base64url').fromUTF8() === 'é' && 'a\u0100'.toBytes() === null`,
			`typeof Buffer === 'undefined' && typeof atob === 'undefined' && typeof 'a'.replaceAll === 'undefined'`,
		},
		Runtime2: {
			`Buffer.from('héllo').toString('hex') === '68c3a96c6c6f' && Buffer.from('aGk', 'base64').toString() === 'hi'`,
			`Buffer.concat([Buffer.from([1]), Buffer.alloc(2, 7)]).equals(Buffer.from([1, 7, 7]))`,
			`Buffer.from([0, 0, 1, 2]).readUInt16BE(2) === 258 && Buffer.isBuffer(Buffer.from('a').slice(0, 1))`,
			`JSON.stringify(Buffer.from('a')) === '{"type":"Buffer","data":[97]}' && Buffer.from('ab').indexOf('b') === 1`,
			`require('crypto').createHash('md5').update(Buffer.from('abc')).digest().toString('hex') === '900150983cd24fb0d6963f7d28e17f72'`,
			`atob('aGk=') === 'hi' && btoa('\xff') === '/w==' && 'a.b.c'.replaceAll('.', '') === 'abc'`,
			`typeof String.bytesFrom === 'undefined' && require('buffer').Buffer === Buffer`,
		},
	}
	for runtime, own := range per {
		for _, expression := range append(slices.Clone(both), own...) {
			source := `function handler(event) { return { statusCode: 200, statusDescription: '' + (` + expression + `) }; }`
			res := compile(t, runtime, source, nil).Run(context.Background(), viewerRequest("/"))
			if res.Kind != ResponseGenerated || res.Response.StatusDescription != "true" {
				t.Errorf("%s: %s: %v %s", runtime, expression, res.Response, res.Because)
			}
		}
	}
}

func TestWhatTheSandboxCannotTell(t *testing.T) {
	partial := &Store{Items: map[string]string{"a": "1"}}
	tests := []struct {
		name, source string
		store        *Store
		event        Event
		because      string
	}{
		{"key not captured", `import cf from 'cloudfront'; async function handler(e) { try { await cf.kvs().get('b'); } catch (x) {} return e.request; }`,
			partial, viewerRequest("/"), `the code reads the key "b" of the key value store, which the sandbox does not know`},
		{"no store", `import cf from 'cloudfront'; async function handler(e) { await cf.kvs().exists('b'); return e.request; }`,
			nil, viewerRequest("/"), `the key "b"`},
		{"edge location", `import cf from 'cloudfront'; function handler(e) { e.request.headers['x'] = { value: cf.edgeLocation.name }; return e.request; }`,
			nil, viewerRequest("/"), "cf.edgeLocation"},
		{"chance", `function handler(e) { if (Math.random() < 0.02) { return { statusCode: 503 }; } return e.request; }`,
			nil, viewerRequest("/"), "the outcome depends on Math.random"},
		{"header not known", `function handler(e) { return e.request.headers['user-agent'] ? e.request : { statusCode: 403 }; }`,
			nil, func() Event { e := viewerRequest("/"); e.Unknown = []string{"request.headers.user-agent"}; return e }(), "request.headers.user-agent, which is not known"},
		{"cookies not known", `function handler(e) { return e.request.cookies.a ? e.request : { statusCode: 403 }; }`,
			nil, func() Event { e := viewerRequest("/"); e.Unknown = []string{"request.cookies.*"}; return e }(), "request.cookies.a, which is not known"},
		{"engine has it, AWS does not say", `function handler(e) { new TextEncoder(); return e.request; }`,
			nil, viewerRequest("/"), "TextEncoder"},
		{"syntax not sure", `function handler(e) { e.request.uri = null ?? '/a'; return e.request; }`,
			nil, viewerRequest("/"), "the operator ??"},
		{"other event", `function handler(e) { return e.request; }`, nil, Event{Type: "origin-request"}, "origin-request"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res := compile(t, Runtime2, tt.source, tt.store).Run(context.Background(), tt.event)
			if res.Kind != Unknown || res.Certain || res.Request != nil || !strings.Contains(res.Because, tt.because) {
				t.Errorf("%+v", res)
			}
		})
	}
	known := compile(t, Runtime2, tests[0].source, &Store{Items: partial.Items, Complete: true})
	if res := known.Run(context.Background(), viewerRequest("/")); res.Kind != RequestReturned || !res.Certain {
		t.Errorf("with all keys known: %+v", res)
	}
}

func TestLogs(t *testing.T) {
	res := run2(t, `function handler(e) { console.log('one', 'two'); console.log({ a: 1 }); console.log(undefined); console.log('x'.repeat(20000)); console.log('y'); return e.request; }`, viewerRequest("/"))
	if len(res.Logs) != 4 || res.Logs[0] != "one" || res.Logs[1] != `{"a":1}` || res.Logs[2] != "undefined" || len(res.Logs[3]) >= 10240 {
		t.Errorf("%d lines: %.100q", len(res.Logs), res.Logs)
	}
}
