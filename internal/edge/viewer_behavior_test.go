package edge

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	wafv2 "github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/request"
)

func TestCacheBehaviorStage(t *testing.T) {
	const stage = "cache-behavior"
	at := func(path string) func(*request.Request) { return func(r *request.Request) { r.Path = path } }
	runViewerCases(t, []viewerCase{
		{name: "pattern matches", request: at("/api/x"), stage: stage, verdict: Pass, certain: Certain, says: "/api/*"},
		{name: "default", request: at("/x"), stage: stage, verdict: Pass, certain: Certain, says: "default"},
		{name: "other case misses", request: at("/API/x"), stage: stage, verdict: Pass, certain: Certain, says: "letter case"},
		{name: "bare folder misses", request: at("/api"), stage: stage, verdict: Pass, certain: Certain, says: "slash"},
		{name: "dot segments are resolved", request: at("/x/../api/y"), stage: stage, verdict: Pass, certain: Certain, says: "/api/*"},
		{name: "encoded letters are not documented", request: at("/%61pi/x"), stage: stage, verdict: Unknown, certain: Likely},
	})
}

func TestRoutingExplains(t *testing.T) {
	w := newViewerWorld()
	w.config.CacheBehaviors.Items = []types.CacheBehavior{
		{PathPattern: ptr("/Images/*"), TargetOriginId: ptr("o")}, {PathPattern: ptr("*.jpg"), TargetOriginId: ptr("o")}, {PathPattern: ptr("/images/*"), TargetOriginId: ptr("o")},
	}
	x, _ := viewerRun(w.model(t), request.New(testAlias, "/images/a.jpg"), true)
	r := x.Routing
	if r.Behavior.PathPattern != "*.jpg" || len(r.Considered) != 2 || r.Considered[0].Matched.Yes() || !r.Considered[1].Matched.Yes() {
		t.Errorf("considered %+v", r.Considered)
	}
	if len(r.NearMisses) != 1 || r.NearMisses[0].Behavior.PathPattern != "/Images/*" {
		t.Errorf("near misses %+v", r.NearMisses)
	}
	if len(r.Shadowed) != 1 || r.Shadowed[0].PathPattern != "/images/*" {
		t.Errorf("shadowed %+v", r.Shadowed)
	}
}

func TestViewerProtocolAndMethods(t *testing.T) {
	plain := func(method, path string) func(*request.Request) {
		return func(r *request.Request) { r.Scheme, r.Method, r.Path = "http", method, path }
	}
	redirectAPI := func(w *viewerWorld) {
		w.config.CacheBehaviors.Items[0].ViewerProtocolPolicy = types.ViewerProtocolPolicyRedirectToHttps
	}
	runViewerCases(t, []viewerCase{
		{name: "redirect GET", request: plain("GET", "/a"), stage: "viewer-protocol", verdict: Stop, status: 301, certain: Certain},
		{name: "redirect POST", world: redirectAPI, request: plain("POST", "/api/a"), stage: "viewer-protocol", verdict: Stop, status: 307, certain: Certain},
		{name: "redirect POST that is not allowed either", request: plain("POST", "/a"), stage: "viewer-protocol", verdict: Stop, status: 307, certain: Likely},
		{name: "redirect POST over HTTP/1.0", world: redirectAPI, request: func(r *request.Request) {
			plain("POST", "/api/a")(r)
			r.HTTPVersion = "HTTP/1.0"
		}, stage: "viewer-protocol", verdict: Stop, status: 403},
		{name: "HTTPS only", request: plain("GET", "/api/a"), stage: "viewer-protocol", verdict: Stop, status: 403, certain: Certain},
		{name: "HTTPS passes", stage: "viewer-protocol", verdict: Pass},
		{name: "POST not allowed (DG/http-403-invalid-method)", request: func(r *request.Request) { r.Method = "POST" }, stage: "allowed-methods", verdict: Stop, status: 403, certain: Certain},
		{name: "POST allowed", request: func(r *request.Request) { r.Method, r.Path = "POST", "/api/a" }, stage: "allowed-methods", verdict: Pass},
		{name: "TRACE never", request: func(r *request.Request) { r.Method, r.Path = "TRACE", "/api/a" }, stage: "allowed-methods", verdict: Stop, status: 403},
	})
}

func TestRedirectKeepsTheAddress(t *testing.T) {
	r := request.New(testAlias, "/a%20b?x=1&y")
	r.Scheme = "http"
	x, _ := viewerRun(newViewerWorld().model(t), r, true)
	if got, _ := x.Response.Header("Location"); got != "https://www.example.com/a%20b?x=1&y" {
		t.Errorf("redirects to %q", got)
	}
}

func TestSignedAccess(t *testing.T) {
	const stage = "signed-access"
	restrict := func(w *viewerWorld) {
		w.config.DefaultCacheBehavior.TrustedKeyGroups = &types.TrustedKeyGroups{Enabled: ptr(true), Items: []string{"g1"}}
	}
	known := func(w *viewerWorld) {
		restrict(w)
		account.KeyGroup("g1").Set(w.World, account.KeyGroupOutput{KeyGroup: types.KeyGroup{KeyGroupConfig: &types.KeyGroupConfig{Items: []string{"K1"}}}})
	}
	signed := func(r *request.Request) { r.Query = "Expires=4102444800&Signature=AAAA&Key-Pair-Id=K2" }
	runViewerCases(t, []viewerCase{
		{name: "not asked for", stage: stage, verdict: Pass},
		{name: "nothing sent", world: known, stage: stage, verdict: Stop, status: 403, certain: Certain},
		{name: "nothing sent, keys unknown", world: restrict, stage: stage, verdict: Stop, status: 403, certain: Certain},
		{name: "unknown key", world: known, request: signed, stage: stage, verdict: Stop, status: 403, certain: Certain},
		{name: "key of a group nobody read", world: restrict, request: signed, stage: stage, verdict: Unknown, certain: Likely},
		{name: "the distribution lists the group's keys", request: signed, world: func(w *viewerWorld) {
			restrict(w)
			w.dist.ActiveTrustedKeyGroups = &types.ActiveTrustedKeyGroups{Items: []types.KGKeyPairIds{{KeyGroupId: ptr("g1"), KeyPairIds: &types.KeyPairIds{Items: []string{"K1"}}}}}
		}, stage: stage, verdict: Stop, status: 403},
		{name: "trusted signer whose keys nobody can read", request: signed, world: func(w *viewerWorld) {
			w.config.DefaultCacheBehavior.TrustedSigners = &types.TrustedSigners{Enabled: ptr(true), Items: []string{"self"}}
			w.dist.ActiveTrustedSigners = &types.ActiveTrustedSigners{Items: []types.Signer{{AwsAccountNumber: ptr("self"), KeyPairIds: &types.KeyPairIds{Items: []string{"K2"}}}}}
		}, stage: stage, verdict: Unknown, certain: Likely},
	})
}

func TestWebACLStage(t *testing.T) {
	const stage = "web-acl"
	allow := &wafv2.DefaultAction{Allow: &wafv2.AllowAction{}}
	acl := func(fallback *wafv2.DefaultAction, rules ...wafv2.Rule) func(*viewerWorld) {
		return func(w *viewerWorld) {
			w.config.WebACLId = ptr(testWebACL)
			account.WebACL(testWebACL).Set(w.World, account.WebACLOutput{WebACL: wafv2.WebACL{ARN: ptr(testWebACL), Name: ptr("edge"), DefaultAction: fallback, Rules: rules}})
		}
	}
	country := wafv2.Rule{
		Name: ptr("no-brazil"), Action: &wafv2.RuleAction{Block: &wafv2.BlockAction{}}, VisibilityConfig: &wafv2.VisibilityConfig{MetricName: ptr("brazil")},
		Statement: &wafv2.Statement{GeoMatchStatement: &wafv2.GeoMatchStatement{CountryCodes: []wafv2.CountryCode{"BR"}}},
	}
	rate := wafv2.Rule{
		Name: ptr("rate"), Action: &wafv2.RuleAction{Block: &wafv2.BlockAction{}},
		Statement: &wafv2.Statement{RateBasedStatement: &wafv2.RateBasedStatement{Limit: ptr(int64(100)), AggregateKeyType: "IP"}},
	}
	runViewerCases(t, []viewerCase{
		{name: "none attached", stage: stage, verdict: Pass, certain: Certain},
		{name: "allows", world: acl(allow), stage: stage, verdict: Pass, certain: Certain},
		{name: "blocks by default", world: acl(&wafv2.DefaultAction{Block: &wafv2.BlockAction{}}), stage: stage, verdict: Stop, status: 403, certain: Certain, by: ByWAF, says: "default action"},
		{name: "rule blocks", world: acl(allow, country), request: func(r *request.Request) { r.Country = "BR" }, stage: stage, verdict: Stop, status: 403, certain: Certain, says: "no-brazil"},
		{name: "rule that cannot be judged", world: acl(allow, country), stage: stage, verdict: Unknown, certain: Likely},
		{name: "default block that an address list may open", world: acl(&wafv2.DefaultAction{Block: &wafv2.BlockAction{}}, wafv2.Rule{
			Name: ptr("office"), Action: &wafv2.RuleAction{Allow: &wafv2.AllowAction{}},
			Statement: &wafv2.Statement{IPSetReferenceStatement: &wafv2.IPSetReferenceStatement{ARN: ptr("arn:aws:wafv2:us-east-1:111122223333:global/ipset/office/1")}},
		}), stage: stage, verdict: Stop, status: 403, certain: Likely},
		{name: "all but some countries, and the country is not known", world: acl(allow, wafv2.Rule{
			Name: ptr("only-germany"), Action: &wafv2.RuleAction{Block: &wafv2.BlockAction{}},
			Statement: &wafv2.Statement{NotStatement: &wafv2.NotStatement{Statement: &wafv2.Statement{GeoMatchStatement: &wafv2.GeoMatchStatement{CountryCodes: []wafv2.CountryCode{"DE"}}}}},
		}), stage: stage, verdict: Unknown, certain: Likely},
		{name: "rate rule is a weak possibility", world: acl(allow, rate), stage: stage, verdict: Pass, certain: Certain},
		{name: "rate rule that limits the viewer now", world: func(w *viewerWorld) {
			acl(allow, rate)(w)
			account.RateKeys(testWebACL, "rate").Set(w.World, account.RateKeysOutput{ManagedKeysIPV4: wafv2.RateBasedStatementManagedKeysIPSet{Addresses: []string{"192.0.2.7/32"}}})
		}, request: func(r *request.Request) { r.ClientIP = netip.MustParseAddr("192.0.2.7") }, stage: stage, verdict: Stop, status: 403, certain: Likely, says: "at the moment"},
		{name: "another viewer's sample is no proof", world: func(w *viewerWorld) {
			acl(allow, country)(w)
			account.SampledRequests(testWebACL, "brazil", testNow()).Set(w.World, account.SampledRequestsOutput{SampledRequests: []wafv2.SampledHTTPRequest{{
				Action: ptr("BLOCK"), Request: &wafv2.HTTPRequest{ClientIP: ptr("192.0.2.7"), URI: ptr("/page.html"), Method: ptr("GET")}}}})
		}, stage: stage, verdict: Unknown, certain: Likely},
		{name: "could not be read", world: func(w *viewerWorld) { w.config.WebACLId = ptr(testWebACL); w.Deny(account.WebACL(testWebACL).Call) }, stage: stage, verdict: Unknown, certain: Likely},
		{name: "WAF Classic", world: func(w *viewerWorld) { w.config.WebACLId = ptr("473e64fd-f30b-4765-81a0-62ad96dd167a") }, stage: stage, verdict: Unknown, certain: Likely, says: "Classic"},
		{name: "the tenant turns it off", world: func(w *viewerWorld) {
			acl(&wafv2.DefaultAction{Block: &wafv2.BlockAction{}})(w)
			w.tenant(types.DistributionTenant{DistributionId: ptr(testID), Enabled: ptr(true), Customizations: &types.Customizations{
				WebAcl: &types.WebAclCustomization{Action: types.CustomizationActionTypeDisable}}})
		}, stage: stage, verdict: Pass},
	})
}

func TestFieldLevelEncryption(t *testing.T) {
	const stage = "field-level-encryption"
	with := func(config *types.FieldLevelEncryptionConfig) func(*viewerWorld) {
		return func(w *viewerWorld) {
			w.config.CacheBehaviors.Items[0].FieldLevelEncryptionId = ptr("fle")
			account.FieldLevelEncryption("fle").Set(w.World, account.FieldLevelEncryptionOutput{FieldLevelEncryption: types.FieldLevelEncryption{FieldLevelEncryptionConfig: config}})
		}
	}
	forms := &types.FieldLevelEncryptionConfig{ContentTypeProfileConfig: &types.ContentTypeProfileConfig{
		ForwardWhenContentTypeIsUnknown: ptr(false),
		ContentTypeProfiles:             &types.ContentTypeProfiles{Items: []types.ContentTypeProfile{{ContentType: ptr("application/x-www-form-urlencoded"), ProfileId: ptr("P1")}}},
	}}
	post := func(contentType string, size int64) func(*request.Request) {
		return func(r *request.Request) {
			r.Method, r.Path, r.BodySize = "POST", "/api/form", size
			if contentType != "" {
				r.SetHeader("Content-Type", contentType)
			}
		}
	}
	runViewerCases(t, []viewerCase{
		{name: "none", request: post("text/plain", 10), stage: stage, verdict: Skipped},
		{name: "form", world: with(forms), request: post("application/x-www-form-urlencoded; charset=utf-8", 10), stage: stage, verdict: Unknown, certain: Certain},
		{name: "unknown content type", world: with(forms), request: post("application/json", 10), stage: stage, verdict: Stop, status: 400, certain: Certain},
		{name: "no content type", world: with(forms), request: post("", 10), stage: stage, verdict: Unknown, certain: Likely},
		{name: "too large", world: with(forms), request: post("application/x-www-form-urlencoded", maxEncryptedBody+1), stage: stage, verdict: Stop, status: 400},
		{name: "GET is let alone", world: with(forms), request: func(r *request.Request) { r.Path = "/api/x" }, stage: stage, verdict: Skipped},
		{name: "could not be read", world: func(w *viewerWorld) { w.config.CacheBehaviors.Items[0].FieldLevelEncryptionId = ptr("fle") }, request: post("a/b", 1), stage: stage, verdict: Unknown, certain: Likely},
	})
}

func (w *viewerWorld) function(source string) {
	w.config.DefaultCacheBehavior.FunctionAssociations = &types.FunctionAssociations{Items: []types.FunctionAssociation{{EventType: types.EventTypeViewerRequest, FunctionARN: ptr(testFunction)}}}
	account.FunctionCode("gate", "LIVE").Set(w.World, account.FunctionCodeOutput{FunctionCode: []byte(source)})
	account.Function("gate", "LIVE").Set(w.World, account.FunctionOutput{FunctionSummary: types.FunctionSummary{FunctionConfig: &types.FunctionConfig{Runtime: types.FunctionRuntimeCloudfrontJs20}}})
}

func TestViewerRequestFunction(t *testing.T) {
	const stage = "viewer-request-function"
	code := func(body string) func(*viewerWorld) {
		return func(w *viewerWorld) {
			w.function("function handler(event) { var request = event.request; " + body + " }")
		}
	}
	runViewerCases(t, []viewerCase{
		{name: "none", stage: stage, verdict: Pass},
		{name: "lets pass", world: code("return request;"), stage: stage, verdict: Pass, certain: Certain},
		{name: "rewrites", world: code("request.uri = '/v2' + request.uri; return request;"), stage: stage, verdict: Rewrite, certain: Certain, says: "/v2/page.html"},
		{name: "answers", world: code("return {statusCode: 401, statusDescription: 'Unauthorized'};"), stage: stage, verdict: Stop, status: 401, certain: Certain, by: ByFunction},
		{name: "throws (DG/http-503-service-unavailable)", world: code("return request.cookies.a.value;"), stage: stage, verdict: Stop, status: 503, certain: Certain},
		{name: "returns nonsense (DG/http-502-bad-gateway)", world: code("request.uri = 'no-slash'; return request;"), stage: stage, verdict: Stop, status: 502, certain: Certain},
		{name: "asks for an address nobody knows", world: code("if (event.viewer.ip === '192.0.2.1') { return request; } return {statusCode: 403};"), stage: stage, verdict: Unknown, certain: Likely},
		{name: "asks for an address that is known", world: code("if (event.viewer.ip === '192.0.2.1') { return request; } return {statusCode: 403};"),
			request: func(r *request.Request) { r.ClientIP = netip.MustParseAddr("192.0.2.7") }, stage: stage, verdict: Stop, status: 403, certain: Certain},
		{name: "names the viewer without asking", world: code("var viewer = request.uri; return request;"), stage: stage, verdict: Pass, certain: Certain},
		{name: "code not read", world: func(w *viewerWorld) { w.function(""); w.Deny(account.FunctionCode("gate", "LIVE").Call) }, stage: stage, verdict: Unknown, certain: Likely},
		{name: "Lambda@Edge", world: func(w *viewerWorld) {
			w.config.DefaultCacheBehavior.LambdaFunctionAssociations = &types.LambdaFunctionAssociations{Items: []types.LambdaFunctionAssociation{{
				EventType: types.EventTypeViewerRequest, LambdaFunctionARN: ptr("arn:aws:lambda:us-east-1:111122223333:function:auth:3")}}}
		}, stage: stage, verdict: Unknown, certain: Likely},
	})
}

func TestFunctionChangesTheRequest(t *testing.T) {
	w := newViewerWorld()
	w.function(`function handler(event) {
		var r = event.request;
		r.uri = '/index.html';
		r.querystring = {lang: {value: 'de'}};
		r.headers['x-tenant'] = {value: 'a'};
		delete r.headers['accept'];
		r.cookies.seen = {value: '1'};
		return r;
	}`)
	r := request.New(testAlias, "/page?x=1")
	r.SetHeader("Upgrade", "websocket")
	x, _ := viewerRun(w.model(t), r, true)
	if x.Current.Path != "/index.html" || x.Current.Query != "lang=de" {
		t.Errorf("the request is for %s?%s", x.Current.Path, x.Current.Query)
	}
	for name, want := range map[string]string{"X-Tenant": "a", "Cookie": "seen=1", "Upgrade": "websocket", "User-Agent": r.Headers[1].Value} {
		if got, _ := x.Current.Header(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if _, ok := x.Current.Header("Accept"); ok {
		t.Error("the function's deletion of Accept is lost")
	}
	if x.Viewer.Path != "/page" || x.Viewer.Query != "x=1" {
		t.Error("the viewer's request was changed")
	}
	if x.Behavior.Default != true || x.ViewerRequest.Before != "/page?x=1" || x.ViewerRequest.After != "/index.html?lang=de" {
		t.Errorf("recorded %q to %q", x.ViewerRequest.Before, x.ViewerRequest.After)
	}
}

func TestDefaultRootObject(t *testing.T) {
	const stage = "default-root-object"
	root := func(r *request.Request) { r.Path = "/" }
	set := func(value string) func(*viewerWorld) {
		return func(w *viewerWorld) { w.config.DefaultRootObject = ptr(value) }
	}
	runViewerCases(t, []viewerCase{
		{name: "root", request: root, stage: stage, verdict: Rewrite, certain: Certain},
		{name: "not the root", stage: stage, verdict: Skipped},
		{name: "folder", request: func(r *request.Request) { r.Path = "/docs/" }, stage: stage, verdict: Skipped},
		{name: "two slashes are not the root (DG/DefaultRootObject)", request: func(r *request.Request) { r.Path = "//" }, stage: stage, verdict: Skipped},
		{name: "unset", world: set(""), request: root, stage: stage, verdict: Pass, certain: Certain},
		{name: "too long", world: set(strings.Repeat("a", 256)), request: root, stage: stage, verdict: Stop, status: 400},
		{name: "bad character", world: set("a b.html"), request: root, stage: stage, verdict: Stop, status: 400},
	})
	w := newViewerWorld()
	w.config.DefaultRootObject = ptr("/index.html")
	x, _ := viewerRun(w.model(t), request.New(testAlias, "/"), true)
	if x.Current.Path != "//index.html" {
		t.Errorf("a leading slash gives %q", x.Current.Path)
	}
}

// TestCacheKeyShown: a key may hold what lets its bearer in, which people see no more of than the name.
func TestCacheKeyShown(t *testing.T) {
	got := withoutValues([]cloudfront.Header{{Name: "Host", Value: "a.example"}, {Name: "authorization", Value: "Bearer x"}, {Name: "Cookie", Value: "sid=x; b"}, {Name: "X-Token", Value: "x"}})
	want := []cloudfront.Header{{Name: "Host", Value: "a.example"}, {Name: "authorization", Value: "…"}, {Name: "Cookie", Value: "sid=…; b"}, {Name: "X-Token", Value: "…"}}
	if !slices.Equal(got, want) {
		t.Errorf("shown %q", got)
	}
}

func TestCacheLookup(t *testing.T) {
	m := newViewerWorld().model(t)
	x, steps := viewerRun(m, request.New(testAlias, "/"), true)
	if !x.Cache.Cacheable.Yes() || x.Cache.Key != testDomain+"/index.html" {
		t.Errorf("cache %+v", x.Cache)
	}
	if s := stepOf(steps, "cache-lookup"); s.Verdict != Pass {
		t.Errorf("verdict %s", s.Verdict)
	}
	x, _ = viewerRun(m, request.New(testAlias, "/api/x"), true)
	if !x.Cache.Cacheable.No() {
		t.Errorf("CachingDisabled is cacheable: %+v", x.Cache)
	}
}
