package edge

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/request"
	"cfdoctor/internal/tri"
)

// newGroupWorld is a bucket origin and a second one, spare, in an origin group.
func newGroupWorld(codes ...int32) *originWorld {
	w := newBucketWorld()
	spare := *w.origin()
	spare.Id, spare.OriginPath = ptr("spare"), ptr("/spare")
	w.config.Origins.Items = append(w.config.Origins.Items, spare)
	w.config.OriginGroups = &types.OriginGroups{Items: []types.OriginGroup{{
		Id: ptr("g"), FailoverCriteria: &types.OriginGroupFailoverCriteria{StatusCodes: &types.StatusCodes{Items: codes}},
		Members: &types.OriginGroupMembers{Items: []types.OriginGroupMember{{OriginId: ptr("o")}, {OriginId: ptr("spare")}}},
	}}}
	w.config.DefaultCacheBehavior.TargetOriginId = ptr("g")
	w.object("spare/img/logo.png", account.ObjectOutput{})
	return w
}

// TestFailover follows DG/high_availability_origin_failover.
func TestFailover(t *testing.T) {
	unreachable := func(w *originWorld) { w.origin().DomainName = ptr("192.0.2.1") }
	missing := func(w *originWorld) { w.missing("img/logo.png") }
	cases := map[string]struct {
		codes []int32
		edit  func(*originWorld)
		want  want
	}{
		"the primary answers":        {[]int32{403}, func(*originWorld) {}, want{200, Certain, ""}},
		"status in the group":        {[]int32{403, 404}, missing, want{200, Certain, ""}},
		"status not in the group":    {[]int32{500, 404}, missing, want{403, Certain, "origin-object"}},
		"POST is not tried again":    {[]int32{403}, func(w *originWorld) { w.req.Method = "POST" }, want{403, Certain, "origin-access"}},
		"no connection counts 503":   {[]int32{503}, unreachable, want{200, Certain, ""}},
		"no connection is not 502":   {[]int32{502}, unreachable, want{502, Certain, "origin-dns"}},
		"the second is broken too":   {[]int32{403}, func(w *originWorld) { missing(w); w.missing("spare/img/logo.png") }, want{403, Certain, "origin-object"}},
		"unknown, and both are fine": {[]int32{403}, func(w *originWorld) { w.Forget(account.Object(testBucket, "img/logo.png").Call) }, want{200, Likely, ""}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newGroupWorld(c.codes...)
			c.edit(w)
			w.expect(t, c.want)
		})
	}
	w := newGroupWorld(403)
	w.missing("img/logo.png")
	f := w.model(t).Simulate(w.req).Exchange.Failover
	if f == nil || f.Status != 403 || f.Attempt == nil || f.Attempt.S3.Key != "spare/img/logo.png" {
		t.Errorf("failover %+v", f)
	}
}

// errorPage sets a custom error response.
func (w *originWorld) errorPage(code int32, page, response string) {
	w.config.CustomErrorResponses = &types.CustomErrorResponses{Items: []types.CustomErrorResponse{
		{ErrorCode: &code, ResponsePagePath: ptr(page), ResponseCode: ptr(response), ErrorCachingMinTTL: ptr(int64(30))},
	}}
}

// TestErrorPage follows DG/GeneratingCustomErrorResponses and DG/custom-error-pages-response-code.
func TestErrorPage(t *testing.T) {
	cases := map[string]struct {
		page     string
		edit     func(*originWorld)
		want     want
		original int
	}{
		"hides the error":      {"/index.html", func(*originWorld) {}, want{200, Certain, "origin-object"}, 403},
		"is missing itself":    {"/errors/403.html", func(w *originWorld) { w.missing("errors/403.html") }, want{403, Certain, "origin-object"}, 403},
		"is not known":         {"/errors/403.html", func(*originWorld) {}, want{200, Likely, "origin-object"}, 403},
		"only a time to live":  {"", func(*originWorld) {}, want{403, Certain, "origin-object"}, 0},
		"for another status":   {"/index.html", func(w *originWorld) { w.config.CustomErrorResponses.Items[0].ErrorCode = ptr(int32(404)) }, want{403, Certain, "origin-object"}, 0},
		"not for gRPC":         {"/index.html", func(w *originWorld) { w.req.SetHeader("Content-Type", "application/grpc") }, want{403, Certain, "origin-object"}, 0},
		"behavior of the page": {"/pages/403.html", pageBehavior, want{200, Certain, "origin-object"}, 403},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newBucketWorld()
			w.missing("img/logo.png")
			w.errorPage(403, c.page, "200")
			c.edit(w)
			if tr := w.expect(t, c.want); tr.Outcome.Original != c.original {
				t.Errorf("original %d, want %d", tr.Outcome.Original, c.original)
			}
		})
	}
}

// pageBehavior sends the page's path to an origin with another origin path.
func pageBehavior(w *originWorld) {
	pages := *w.origin()
	pages.Id, pages.OriginPath = ptr("pages"), ptr("/static")
	w.config.Origins.Items = append(w.config.Origins.Items, pages)
	w.config.CacheBehaviors = &types.CacheBehaviors{Items: []types.CacheBehavior{{
		PathPattern: ptr("/pages/*"), TargetOriginId: ptr("pages"), CachePolicyId: w.config.DefaultCacheBehavior.CachePolicyId,
	}}}
	w.object("static/pages/403.html", account.ObjectOutput{})
}

// TestErrorCache: DG/HTTPStatusCodes always keeps a 404; of a 403 AWS's pages say different things.
func TestErrorCache(t *testing.T) {
	w := newBucketWorld()
	mayList(w)
	w.errorPage(404, "", "")
	tr := w.expect(t, want{404, Certain, "origin-object"})
	if c := tr.Exchange.ErrorCache; c == nil || c.Cached != tri.True || c.Seconds != 30 {
		t.Errorf("a 404 is kept: %+v", c)
	}
	w = newBucketWorld()
	w.missing("img/logo.png")
	tr = w.expect(t, want{403, Certain, "origin-object"})
	if c := tr.Exchange.ErrorCache; c == nil || c.Cached != tri.Unknown || c.Seconds != 10 {
		t.Errorf("a 403 may be kept: %+v", c)
	}
}

// corsPolicy sets a response headers policy with CORS.
func (w *originWorld) corsPolicy(override bool, methods []types.ResponseHeadersPolicyAccessControlAllowMethodsValues, origins ...string) {
	const id = "10000000-0000-4000-8000-000000000009"
	w.config.DefaultCacheBehavior.ResponseHeadersPolicyId = ptr(id)
	account.ResponseHeadersPolicy(id).Set(w.World, account.ResponseHeadersPolicyOutput{ResponseHeadersPolicy: types.ResponseHeadersPolicy{
		ResponseHeadersPolicyConfig: &types.ResponseHeadersPolicyConfig{CorsConfig: &types.ResponseHeadersPolicyCorsConfig{
			AccessControlAllowOrigins: &types.ResponseHeadersPolicyAccessControlAllowOrigins{Items: origins},
			AccessControlAllowMethods: &types.ResponseHeadersPolicyAccessControlAllowMethods{Items: methods},
			AccessControlAllowHeaders: &types.ResponseHeadersPolicyAccessControlAllowHeaders{Items: []string{"*"}},
			OriginOverride:            ptr(override),
		}},
	}})
}

// TestCORS follows DG/understanding-response-headers-policies and the Fetch standard.
func TestCORS(t *testing.T) {
	all := []types.ResponseHeadersPolicyAccessControlAllowMethodsValues{"ALL"}
	rule := func(w *originWorld) {
		account.BucketCORS(testBucket).Set(w.World, account.CORSOutput{CORSRules: []s3.CORSRule{{AllowedMethods: []string{"GET"}, AllowedOrigins: []string{"https://*.example.com"}}}})
		w.forward("88a5eaf4-2fd4-4709-b370-b4c650ea3fcf") // Managed-CORS-S3Origin
	}
	ask := func(w *originWorld, method, headers string) {
		w.req.Method = "OPTIONS"
		w.req.SetHeader("Access-Control-Request-Method", method)
		w.req.SetHeader("Access-Control-Request-Headers", headers)
	}
	cases := map[string]struct {
		edit     func(*originWorld)
		accepted tri.Bool
		policy   tri.Bool
	}{
		"nothing allows it":         {func(*originWorld) {}, tri.False, tri.False},
		"the bucket's rule":         {rule, tri.True, tri.False},
		"Origin does not reach S3":  {func(w *originWorld) { rule(w); w.config.DefaultCacheBehavior.OriginRequestPolicyId = nil }, tri.Unknown, tri.False},
		"the policy":                {func(w *originWorld) { w.corsPolicy(false, all, "*") }, tri.True, tri.True},
		"the policy, other origin":  {func(w *originWorld) { w.corsPolicy(false, all, "https://app.example.net") }, tri.False, tri.True},
		"the policy gives way":      {func(w *originWorld) { rule(w); w.corsPolicy(false, all, "https://app.example.net") }, tri.True, tri.False},
		"the policy overrides":      {func(w *originWorld) { rule(w); w.corsPolicy(true, all, "https://app.example.net") }, tri.False, tri.True},
		"preflight refused by S3":   {func(w *originWorld) { w.corsPolicy(true, all, "*"); preflight(w) }, tri.False, tri.True},
		"preflight by the rule":     {func(w *originWorld) { rule(w); ask(w, "GET", "") }, tri.True, tri.False},
		"preflight, method missing": {func(w *originWorld) { rule(w); ask(w, "PUT", "") }, tri.False, tri.False},
		"headers of an application": {func(w *originWorld) { *w = *newBalancerWorld(); w.req.SetHeader("Origin", "https://www.example.com") }, tri.Unknown, tri.False},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newBucketWorld()
			w.req.SetHeader("Origin", "https://www.example.com")
			c.edit(w)
			tr := w.model(t).Simulate(w.req)
			if got := tr.Exchange.CORS; got == nil || got.Accepted != c.accepted || got.FromPolicy != c.policy {
				t.Errorf("got %+v, want accepted %v, policy %v; %s", got, c.accepted, c.policy, doing(tr))
			}
		})
	}
}

func TestOriginPatterns(t *testing.T) {
	cases := []struct {
		pattern, origin string
		want            bool
	}{
		{"https://example.org", "https://example.org", true}, {"https://example.org", "http://example.org", false},
		{"*.example.org", "https://a.b.example.org", true}, {"*.example.org", "https://example.org", false},
		{"http://*.example.org", "https://a.example.org", false}, {"http://*.example.org", "http://a.example.org:8080", false},
		{"http://example.org:*", "http://example.org:8080", true}, {"example.org", "https://example.org.evil.example", false},
	}
	for _, c := range cases {
		if got := originFits(c.pattern, c.origin); got != c.want {
			t.Errorf("originFits(%q, %q) = %v", c.pattern, c.origin, got)
		}
	}
}

// TestResponseFunction: the function on the answer does not run for errors (DG/edge-function-restrictions-all).
func TestResponseFunction(t *testing.T) {
	const arn = "arn:aws:cloudfront::111122223333:function/tail"
	build := func(source string) *originWorld {
		w := newBucketWorld()
		w.config.DefaultCacheBehavior.FunctionAssociations = &types.FunctionAssociations{Items: []types.FunctionAssociation{
			{EventType: types.EventTypeViewerResponse, FunctionARN: ptr(arn)},
		}}
		account.FunctionCode("tail", "LIVE").Set(w.World, account.FunctionCodeOutput{FunctionCode: []byte(source)})
		account.Function("tail", "LIVE").Set(w.World, account.FunctionOutput{FunctionSummary: types.FunctionSummary{
			FunctionConfig: &types.FunctionConfig{Runtime: types.FunctionRuntimeCloudfrontJs20},
		}})
		return w
	}
	build("function handler(event) { return event.response; }").expect(t, want{200, Certain, ""})
	build("function handler(event) { throw new Error('x'); }").expect(t, want{503, Certain, "viewer-response-function"})
	build("function handler(event) { event.response.statusCode = 418; return event.response; }").expect(t, want{418, Certain, "viewer-response-function"})
	// S3's headers follow from HeadObject: what is not among them is not there, and what comes with the moment stays open (S3API/GetObject).
	read := func(header string) *originWorld {
		w := build("function handler(event) { var v = event.response.headers['" + header + "'].value; return event.response; }")
		w.object("img/logo.png", account.ObjectOutput{ContentType: ptr("image/png"), ETag: ptr(`"e"`), Metadata: map[string]string{"Team": "web"}})
		return w
	}
	for _, known := range []string{"content-type", "server", "etag", "x-amz-meta-team"} {
		read(known).expect(t, want{200, Certain, ""})
	}
	read("x-team").expect(t, want{503, Certain, "viewer-response-function"})
	for _, open := range []string{"date", "x-amz-request-id"} {
		read(open).expect(t, want{200, Likely, ""})
	}
	policied := read("x-team")
	policied.config.DefaultCacheBehavior.ResponseHeadersPolicyId = ptr("67f7725c-6f97-4210-82d7-5512b31e9d03")
	policied.expect(t, want{200, Likely, ""})
	w := build("function handler(event) { throw new Error('x'); }")
	w.missing("img/logo.png")
	w.expect(t, want{403, Certain, "origin-object"})
}

// TestFunctionChoosesOrigin follows DG/helper-functions-origin-modification.
func TestFunctionChoosesOrigin(t *testing.T) {
	w := newGroupWorld(404)
	w.config.DefaultCacheBehavior.TargetOriginId = ptr("o")
	w.config.DefaultCacheBehavior.FunctionAssociations = &types.FunctionAssociations{Items: []types.FunctionAssociation{
		{EventType: types.EventTypeViewerRequest, FunctionARN: ptr("arn:aws:cloudfront::111122223333:function/route")},
	}}
	account.Function("route", "LIVE").Set(w.World, account.FunctionOutput{FunctionSummary: types.FunctionSummary{
		FunctionConfig: &types.FunctionConfig{Runtime: types.FunctionRuntimeCloudfrontJs20},
	}})
	for source, path := range map[string]string{
		`cf.selectRequestOriginById('spare')`:                   "/spare/img/logo.png",
		`cf.updateRequestOrigin({originPath: '/spare'})`:        "/spare/img/logo.png",
		`cf.updateRequestOrigin({domainName: 'a.example.net'})`: "/img/logo.png",
	} {
		account.FunctionCode("route", "LIVE").Set(w.World, account.FunctionCodeOutput{
			FunctionCode: []byte("import cf from 'cloudfront';\nfunction handler(event) { " + source + "; return event.request; }"),
		})
		tr := w.model(t).Simulate(request.New(originDomain, "/img/logo.png"))
		if got := tr.Exchange.Forwarded; got.Path != path {
			t.Errorf("%s: forwarded %+v; %s", source, got, doing(tr))
		}
	}
}
