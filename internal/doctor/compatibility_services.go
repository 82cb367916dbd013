package doctor

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	lambda "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/policy"
	"cfdoctor/internal/tri"
)

// lambdaURL compares with a function URL (DG/private-content-restricting-access-to-lambda).
func (x *matching) lambdaURL() {
	x.httpsOnly(true)
	f := x.m.LambdaURLFor(x.o)
	url, ok := f.URL.Get()
	if !ok {
		x.row("Access to the function", accessWords(x.o), "a function URL that lets CloudFront in", f.URL.Why(), tri.Unknown)
		return
	}
	c := x.caller()
	signs := c.signed
	if !c.known {
		signs = tri.Unknown
	}
	if url.AuthType == lambda.FunctionUrlAuthTypeNone {
		x.row("Signing", accessWords(x.o), "nothing: the function URL is open to everybody", "AuthType NONE", tri.True)
	} else {
		x.row("Signing", accessWords(x.o), "requests signed with an origin access control", "AuthType "+string(url.AuthType), signs)
	}
	x.lambdaGrants(f, url)
	if bodies := slices.Concat(x.allowing(types.MethodPost), x.allowing(types.MethodPut)); len(bodies) > 0 && url.AuthType == lambda.FunctionUrlAuthTypeAwsIam {
		x.row("Allowed methods", "POST or PUT for "+patterns(unique(bodies)), "viewers that send the body's SHA-256 in x-amz-content-sha256", "up to the viewers", tri.Unknown)
	}
}

func unique(behaviors []*edge.Behavior) []*edge.Behavior {
	var out []*edge.Behavior
	for _, b := range behaviors {
		if !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	return out
}

func (x *matching) lambdaGrants(f *edge.LambdaURLFacts, url lambda.FunctionUrlConfig) {
	const requires = "a policy that allows lambda:InvokeFunctionUrl and lambda:InvokeFunction"
	switch {
	case f.Policy.IsAbsent():
		x.row("Access to the function", accessWords(x.o), requires, "the function has no policy", tri.False)
		return
	case f.Document == nil:
		x.row("Access to the function", accessWords(x.o), requires, "not read: "+f.Policy.Why(), tri.Unknown)
		return
	}
	principal := policy.Service(cloudfront.ServicePrincipal)
	c := policy.NewContext().Set("lambda:FunctionUrlAuthType", string(url.AuthType))
	if url.AuthType == lambda.FunctionUrlAuthTypeNone {
		principal = policy.Principal{Kind: policy.Anonymous}
		c.SetAbsent("aws:SourceArn", "aws:SourceAccount")
	} else {
		c.Set("aws:SourceArn", x.m.ARN()).Set("aws:SourceAccount", accountOf(x.m))
	}
	ask := func(action string, c policy.Context) tri.Bool {
		return f.Document.Evaluate(policy.Request{Principal: principal, Action: action, Resource: text(url.FunctionArn), Context: c}).Allowed
	}
	useURL := ask("lambda:InvokeFunctionUrl", c)
	invoke := ask("lambda:InvokeFunction", c.Clone().Set("lambda:InvokedViaFunctionUrl", "true"))
	ok, has := tri.Unknown, "could not be told for certain"
	switch {
	case useURL.No():
		ok, has = tri.False, "lambda:InvokeFunctionUrl is not allowed"
	case invoke.No():
		has = "lambda:InvokeFunction is not allowed, which newer function URLs want"
	case useURL.Yes() && invoke.Yes():
		ok, has = tri.True, "both are allowed"
	}
	x.row("Access to the function", accessWords(x.o), requires, has, ok)
}

// api compares with API Gateway, which speaks HTTPS only and has its stage in the path (APIGW/apigateway-basic-concept,
// APIGW/how-to-call-api).
func (x *matching) api() {
	x.httpsOnly(true)
	f := x.m.APIFor(x.o)
	stages, known := apiStages(f)
	if !known {
		x.row("Origin path", orNone(text(x.o.Config.OriginPath)), "the API's stage", "the API was not read", tri.Unknown)
		return
	}
	x.row("Origin path", orNone(text(x.o.Config.OriginPath)), "the API's stage in front of the path", "stages "+orNone(show(strings.Join(stages, ", "))), x.stageFits(stages))
	rest, isREST := f.REST.Get()
	http, isHTTP := f.HTTP.Get()
	switch {
	case isREST && rest.EndpointConfiguration != nil && len(rest.EndpointConfiguration.Types) == 1 && rest.EndpointConfiguration.Types[0] == "PRIVATE":
		x.row("Way to the API", "over the internet", "a Regional or edge-optimized API", "a private API", tri.False)
	case isREST && rest.DisableExecuteApiEndpoint, isHTTP && http.DisableExecuteApiEndpoint != nil && *http.DisableExecuteApiEndpoint:
		x.row("Way to the API", "its default endpoint", "a default endpoint that is on", "it is off", tri.False)
	default:
		x.row("Way to the API", "its default endpoint", "a default endpoint that is on", "it is on", tri.True)
	}
	// An integration may take 29 seconds unless the quota was raised (APIGW/limits).
	x.row("Read timeout", seconds(x.o.ReadTimeout()), "more than the 29 s that an integration may take", "29 s unless the quota was raised", waits(x.o.ReadTimeout(), 29))
}

// waits reports whether one side waits longer than the other. That it does not is no fault by itself: whether requests ever take that long is
// not known.
func waits(have, longest int) tri.Bool {
	if have > longest {
		return tri.True
	}
	return tri.Unknown
}

func apiStages(f *edge.APIFacts) (names []string, known bool) {
	if out, ok := f.RESTStages.Get(); ok && f.REST.IsKnown() {
		for _, s := range out.Item {
			names = append(names, text(s.StageName))
		}
		return names, true
	}
	if out, ok := f.HTTPStages.Get(); ok && f.HTTP.IsKnown() {
		for _, s := range out.Items {
			names = append(names, text(s.StageName))
		}
		return names, true
	}
	return nil, false
}

// stageFits reports whether the path that reaches the API begins with a stage. Without an origin path it is the viewer who has to name it.
func (x *matching) stageFits(stages []string) tri.Bool {
	if slices.Contains(stages, "$default") {
		return tri.True
	}
	if origin := text(x.o.Config.OriginPath); origin != "" {
		return tri.Of(slices.Contains(stages, firstSegment(origin)))
	}
	out := tri.True
	for _, b := range x.behaviors {
		segment := firstSegment("/" + strings.TrimPrefix(b.PathPattern, "/"))
		switch {
		case strings.ContainsAny(segment, "*?"):
			out = tri.And(out, tri.Unknown)
		default:
			out = tri.And(out, tri.Of(slices.Contains(stages, segment)))
		}
	}
	return out
}

func firstSegment(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return first
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return show(s)
}
