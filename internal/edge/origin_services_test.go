package edge

import (
	"testing"

	rest "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	lambda "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/request"
)

// TestREST follows APIGW/supported-gateway-response-types and APIGW/apigateway-resource-policies.
func TestREST(t *testing.T) {
	method := func(m rest.Method) func(*originWorld) {
		m.HttpMethod = ptr("GET")
		return func(w *originWorld) { w.resources(func(string) rest.Method { return m }) }
	}
	cases := map[string]struct {
		edit func(*originWorld)
		want want
	}{
		"stage in the origin path": {func(w *originWorld) {}, want{200, Likely, ""}},
		"no stage":                 {func(w *originWorld) { w.origin().OriginPath = ptr("") }, want{403, Certain, "origin-object"}},
		"stage twice":              {func(w *originWorld) { w.req.SetPath("/prod/items") }, want{403, Certain, "origin-object"}},
		"no such resource":         {func(w *originWorld) { w.req.SetPath("/nothing") }, want{403, Certain, "origin-object"}},
		"variable":                 {func(w *originWorld) { w.req.SetPath("/items/7") }, want{200, Likely, ""}},
		"below a variable":         {func(w *originWorld) { w.req.SetPath("/items/7/parts") }, want{403, Certain, "origin-object"}},
		"greedy":                   {func(w *originWorld) { w.req.SetPath("/files/a/b") }, want{200, Likely, ""}},
		"greedy wants something":   {func(w *originWorld) { w.req.SetPath("/files") }, want{403, Certain, "origin-object"}},
		"another method":           {func(w *originWorld) { w.req.Method = "DELETE" }, want{403, Certain, "origin-object"}},
		"private":                  {private, want{403, Certain, "origin-access"}},
		"endpoint switched off": {func(w *originWorld) {
			account.RestAPI("eu-west-1", testAPI).Set(w.World, rest.RestApi{DisableExecuteApiEndpoint: true})
		}, want{403, Certain, "origin-access"}},
		"Host forwarded":             {func(w *originWorld) { w.forward("216adef6-5c7f-47e4-b989-5492eafa07d3") }, want{403, Uncertain, "origin-access"}},
		"Host forwarded, no domains": {func(w *originWorld) { w.forward("216adef6-5c7f-47e4-b989-5492eafa07d3"); domains(w) }, want{403, Certain, "origin-access"}},
		"Host forwarded, own domain": {func(w *originWorld) { w.forward("216adef6-5c7f-47e4-b989-5492eafa07d3"); domains(w, originDomain) }, want{200, Likely, ""}},
		"API key":                    {method(rest.Method{ApiKeyRequired: ptr(true)}), want{403, Certain, "origin-object"}},
		"IAM":                        {method(rest.Method{AuthorizationType: ptr("AWS_IAM")}), want{403, Certain, "origin-object"}},
		"Cognito":                    {method(rest.Method{AuthorizationType: ptr("COGNITO_USER_POOLS")}), want{401, Uncertain, "origin-object"}},
		"resource policy denies":     {restPolicy("Deny"), want{403, Certain, "origin-access"}},
		"resource policy allows":     {restPolicy("Allow"), want{200, Likely, ""}},
		"nothing read":               {func(w *originWorld) { w.Forget(account.RestAPI("eu-west-1", testAPI).Call) }, want{200, Likely, ""}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newRESTWorld()
			c.edit(w)
			w.expect(t, c.want)
		})
	}
}

// domains sets the custom domain names of the Region's APIs.
func domains(w *originWorld, names ...string) {
	out := account.RestDomainNamesOutput{}
	for _, n := range names {
		out.Items = append(out.Items, rest.DomainName{DomainName: ptr(n)})
	}
	account.RestDomainNames("eu-west-1").Set(w.World, out)
	account.HTTPDomainNames("eu-west-1").Set(w.World, account.HTTPDomainNamesOutput{})
}

func private(w *originWorld) {
	account.RestAPI("eu-west-1", testAPI).Set(w.World, rest.RestApi{EndpointConfiguration: &rest.EndpointConfiguration{Types: []rest.EndpointType{rest.EndpointTypePrivate}}})
}

// restPolicy writes the policy as GetRestApi returns it, with its quotes escaped.
func restPolicy(effect string) func(*originWorld) {
	return func(w *originWorld) {
		text := `{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"` + effect + `\",\"Principal\":\"*\",\"Action\":\"execute-api:Invoke\",\"Resource\":\"*\"}]}`
		account.RestAPI("eu-west-1", testAPI).Set(w.World, rest.RestApi{Policy: ptr(text)})
	}
}

// TestHTTPAPI follows APIGW/http-api-develop-routes.
func TestHTTPAPI(t *testing.T) {
	cases := []struct {
		method, path string
		want         want
	}{
		{"GET", "/items", want{200, Likely, ""}},
		{"GET", "/items/7", want{200, Likely, ""}},
		{"POST", "/items", want{404, Certain, "origin-object"}},
		{"GET", "/nothing", want{404, Certain, "origin-object"}},
		{"POST", "/orders", want{401, Uncertain, "origin-object"}},
	}
	for _, c := range cases {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			w := newHTTPWorld()
			w.req.Method = c.method
			w.req.SetPath(c.path)
			w.expect(t, c.want)
		})
	}
}

// TestLambdaURL follows DG/private-content-restricting-access-to-lambda.
func TestLambdaURL(t *testing.T) {
	cases := map[string]struct {
		edit func(*originWorld)
		want want
	}{
		"both permissions":    {func(w *originWorld) {}, want{200, Likely, ""}},
		"no policy":           {func(w *originWorld) { account.LambdaPolicy("eu-west-1", "thumb", "").SetAbsent(w.World) }, want{403, Certain, "origin-access"}},
		"URL permission only": {func(w *originWorld) { w.lambdaPolicy("lambda:InvokeFunctionUrl") }, want{403, Certain, "origin-access"}},
		"… and an older URL": {func(w *originWorld) {
			w.lambdaPolicy("lambda:InvokeFunctionUrl")
			w.url(lambda.FunctionUrlAuthTypeAwsIam, "2024-01-01T00:00:00Z")
		}, want{200, Likely, ""}},
		"invoke permission only":  {func(w *originWorld) { w.lambdaPolicy("lambda:InvokeFunction") }, want{403, Certain, "origin-access"}},
		"policy not read":         {func(w *originWorld) { w.Deny(account.LambdaPolicy("eu-west-1", "thumb", "").Call) }, want{200, Likely, ""}},
		"not signed":              {func(w *originWorld) { w.origin().OriginAccessControlId = nil }, want{403, Certain, "origin-access"}},
		"public URL, not granted": {func(w *originWorld) { w.url(lambda.FunctionUrlAuthTypeNone, "2026-01-01T00:00:00Z") }, want{403, Certain, "origin-access"}},
		"body without its hash":   {func(w *originWorld) { w.req.Method, w.req.BodySize = "POST", 10 }, want{403, Certain, "origin-access"}},
		"body with its hash": {func(w *originWorld) {
			w.req.Method, w.req.BodySize = "POST", 10
			w.req.SetHeader("x-amz-content-sha256", "00")
		}, want{200, Likely, ""}},
		"POST without a body": {func(w *originWorld) { w.req.Method = "POST" }, want{200, Likely, ""}},
		"Host forwarded":      {func(w *originWorld) { w.forward("216adef6-5c7f-47e4-b989-5492eafa07d3") }, want{403, Certain, "origin-access"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newLambdaWorld()
			c.edit(w)
			w.expect(t, c.want)
		})
	}
}

// Reading functions one by one for their URLs ends at a limit: that none of those which were read has the URL is no proof that none has.
func TestLambdaURLUnasked(t *testing.T) {
	w := newLambdaWorld()
	account.FunctionURLs("eu-west-1", "thumb").Set(w.World, account.FunctionURLsOutput{})
	account.FunctionURLs("eu-west-1", testFunctionFn).SetAbsent(w.World)
	url := func() evidence.Fact[lambda.FunctionUrlConfig] {
		m := w.model(t)
		return m.LambdaURLFor(m.Origins[0]).URL
	}
	if got := url(); !got.IsAbsent() {
		t.Errorf("all functions were read, and the URL is %s", got.Why())
	}
	functions := account.Functions("eu-west-1").In(w.World).Or(account.FunctionsOutput{})
	functions.Functions = append(functions.Functions, lambda.FunctionConfiguration{FunctionName: ptr("late"), FunctionArn: ptr(testFunctionFn + "-late")})
	account.Functions("eu-west-1").Set(w.World, functions)
	if got := url(); !got.Missing() {
		t.Errorf("a function was not asked, and the URL is %s", got.Why())
	}
}

// newWebsiteWorld is a public bucket behind its website endpoint.
func newWebsiteWorld() *originWorld {
	w := newBucketWorld()
	*w.origin() = types.Origin{Id: ptr("o"), DomainName: ptr(testBucket + ".s3-website.eu-central-1.amazonaws.com"),
		CustomOriginConfig: &types.CustomOriginConfig{OriginProtocolPolicy: types.OriginProtocolPolicyHttpOnly}}
	account.PublicAccessBlock(testBucket).SetAbsent(w.World)
	w.policy(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::` + testBucket + `/*"}]}`)
	account.BucketWebsite(testBucket).Set(w.World, account.WebsiteOutput{
		IndexDocument: &s3.IndexDocument{Suffix: ptr("index.html")},
		RoutingRules: []s3.RoutingRule{{
			Condition: &s3.Condition{KeyPrefixEquals: ptr("old/")}, Redirect: &s3.Redirect{ReplaceKeyPrefixWith: ptr("new/"), HttpRedirectCode: ptr("302")},
		}},
	})
	w.object("docs/index.html", account.ObjectOutput{})
	return w
}

// TestWebsite follows S3UG/WebsiteEndpoints, S3UG/IndexDocumentSupport and S3UG/how-to-page-redirect.
func TestWebsite(t *testing.T) {
	missing := func(w *originWorld, path string) { w.req.SetPath(path); w.missing(path[1:]) }
	cases := map[string]struct {
		edit func(*originWorld)
		want want
	}{
		"an object":       {func(w *originWorld) {}, want{200, Certain, ""}},
		"a folder":        {func(w *originWorld) { w.req.SetPath("/docs/") }, want{200, Certain, ""}},
		"without a slash": {func(w *originWorld) { missing(w, "/docs") }, want{302, Certain, "origin-object"}},
		"missing":         {func(w *originWorld) { missing(w, "/nothing"); w.missing("nothing/index.html") }, want{403, Certain, "origin-object"}},
		"a routing rule":  {func(w *originWorld) { w.req.SetPath("/old/a") }, want{302, Certain, "origin-object"}},
		"hosting is off":  {func(w *originWorld) { account.BucketWebsite(testBucket).SetAbsent(w.World) }, want{404, Certain, "origin-access"}},
		"not public":      {func(w *originWorld) { account.BucketPolicy(testBucket).SetAbsent(w.World) }, want{403, Certain, "origin-access"}},
		"another Region": {func(w *originWorld) {
			account.Bucket(testBucket).Set(w.World, account.HeadBucketOutput{BucketRegion: "us-west-2"})
		}, want{400, Certain, "origin-access"}},
		"blocked": {blockPublic, want{403, Certain, "origin-access"}},
		"over https": {func(w *originWorld) {
			w.origin().CustomOriginConfig.OriginProtocolPolicy = types.OriginProtocolPolicyHttpsOnly
		}, want{504, Uncertain, "origin-connection"}},
		"a POST": {func(w *originWorld) { w.req.Method = "POST" }, want{405, Certain, "origin-access"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWebsiteWorld()
			c.edit(w)
			w.expect(t, c.want)
		})
	}
	w := newWebsiteWorld()
	w.req.SetPath("/old/a")
	if location, _ := w.model(t).Simulate(w.req).Exchange.Response.Header("Location"); location != "/new/a" {
		t.Errorf("Location %q", location)
	}
}

func blockPublic(w *originWorld) {
	account.PublicAccessBlock(testBucket).Set(w.World, account.PublicAccessBlockOutput{
		PublicAccessBlockConfiguration: s3.PublicAccessBlockConfiguration{RestrictPublicBuckets: ptr(true)},
	})
}

// TestForwarded follows the tables of DG/RequestAndResponseBehaviorCustomOrigin.
func TestForwarded(t *testing.T) {
	w := newBalancerWorld()
	w.origin().OriginPath = ptr("/app")
	w.forward("b689b0a8-53d0-40ab-baf2-68738e2966ac") // Managed-AllViewerExceptHostHeader
	w.req = request.New(originDomain, "/a//b?x=1&y=2")
	w.req.SetHeader("X-Trace", "7")
	f := w.model(t).Simulate(w.req).Exchange.Forwarded
	trace, _ := f.Header("X-Trace")
	if f.Path != "/app/a//b" || f.Query != "x=1&y=2" || f.Host != "origin.example.com" || f.SNI != f.Host || f.Port != 443 || f.Signed || trace != "7" {
		t.Errorf("forwarded %+v", f)
	}
}
