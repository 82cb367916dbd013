package edge

import (
	"strings"
	"time"

	lambda "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/policy"
	"cfdoctor/internal/tri"
)

// LambdaURLFacts is what the account tells about the function behind a function URL.
type LambdaURLFacts struct {
	// URL is the URL's configuration, absent where none of the Region's functions has this URL.
	URL      evidence.Fact[lambda.FunctionUrlConfig]
	Policy   evidence.Fact[account.LambdaPolicyOutput]
	Document *policy.Document
}

// LambdaURLAccess is one request to a Lambda function URL.
type LambdaURLAccess struct {
	*LambdaURLFacts
	AuthType lambda.FunctionUrlAuthType
	// InvokeURL and Invoke are the decisions on lambda:InvokeFunctionUrl and lambda:InvokeFunction.
	InvokeURL, Invoke policy.Decision
	// BodyHashMissing is True where a signed request has a body and not the hash of it.
	BodyHashMissing tri.Bool
}

// bothPermissionsSince is when function URLs began to want both permissions (DG/private-content-restricting-access-to-lambda speaks of new ones);
// the exact day is not documented.
var bothPermissionsSince = time.Date(2025, 11, 1, 0, 0, 0, 0, time.UTC)

// LambdaURLFor finds the function behind an origin's function URL.
func (m *Model) LambdaURLFor(o *Origin) *LambdaURLFacts {
	return o.data.lambda.get(func() *LambdaURLFacts { return m.compileLambdaURL(o) })
}

func (m *Model) compileLambdaURL(o *Origin) *LambdaURLFacts {
	f := &LambdaURLFacts{}
	region := o.Endpoint.Region
	functions := account.Functions(region).In(m.World)
	f.URL = evidence.Select(functions, o.Endpoint.Domain, func(account.FunctionsOutput) (lambda.FunctionUrlConfig, bool) {
		return lambda.FunctionUrlConfig{}, false
	})
	out, _ := functions.Get()
	for _, fn := range out.Functions {
		fact := m.functionURLs(region, fn)
		urls, ok := fact.Get()
		if !ok && fact.Missing() && f.URL.IsAbsent() {
			// The URL may be this function's: reading them one by one ends at a limit, or at the first match.
			f.URL = evidence.Map(fact, func(account.FunctionURLsOutput) lambda.FunctionUrlConfig { return lambda.FunctionUrlConfig{} })
		}
		for _, url := range urls.FunctionUrlConfigs {
			if urlHost(str(url.FunctionUrl)) == o.Endpoint.Domain {
				f.URL = evidence.Map(fact, func(account.FunctionURLsOutput) lambda.FunctionUrlConfig { return url })
				m.readLambdaPolicy(f, region, str(fn.FunctionName), url)
				return f
			}
		}
	}
	return f
}

// functionURLs reads a function's URLs, which may be asked for by its name or by its ARN.
func (m *Model) functionURLs(region string, fn lambda.FunctionConfiguration) evidence.Fact[account.FunctionURLsOutput] {
	byName := account.FunctionURLs(region, str(fn.FunctionName)).In(m.World)
	if byARN := account.FunctionURLs(region, str(fn.FunctionArn)).In(m.World); byName.Missing() && !byARN.Missing() {
		return byARN
	}
	return byName
}

func urlHost(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	host, _, _ := strings.Cut(rest, "/")
	return strings.ToLower(host)
}

// readLambdaPolicy reads the policy of what the URL belongs to: the function, or one alias of it.
func (m *Model) readLambdaPolicy(f *LambdaURLFacts, region, name string, url lambda.FunctionUrlConfig) {
	arn := str(url.FunctionArn)
	qualifier := ""
	if parts := strings.Split(arn, ":"); len(parts) == 8 {
		qualifier = parts[7]
		arn = strings.Join(parts[:7], ":")
	}
	for _, function := range []string{name, arn} {
		f.Policy = account.LambdaPolicy(region, function, qualifier).In(m.World)
		if !f.Policy.Missing() {
			break
		}
	}
	if out, ok := f.Policy.Get(); ok {
		f.Document, _ = policy.Parse(out.Policy)
	}
}

func (f *LambdaURLFacts) evaluate(r policy.Request) policy.Decision {
	switch {
	case f.Policy.IsAbsent():
		return policy.Decision{Allowed: tri.False, Reason: policy.ImplicitDeny}
	case f.Document == nil:
		return policy.Decision{}
	}
	return f.Document.Evaluate(r)
}

func (x *Exchange) accessLambdaURL() Step {
	if step, done := x.hostStep(ByLambdaURL, "AccessDeniedException", "The viewer's Host header is sent on to the function URL, which answers only for its own name", 0); done {
		return step
	}
	a := &LambdaURLAccess{LambdaURLFacts: x.Model.LambdaURLFor(x.Origin)}
	x.LambdaURL = a
	url, ok := a.URL.Get()
	if !ok {
		return x.Unsure(Alternative{Status: 403, If: "the function URL does not exist any more, or does not let CloudFront in", Weak: a.URL.Missing()},
			"The function behind the URL was not found in the account").WithEvidence(a.URL.Ref(""))
	}
	a.AuthType = url.AuthType
	principal, c := x.lambdaCaller(a)
	resource := str(url.FunctionArn)
	a.InvokeURL = a.evaluate(policy.Request{Principal: principal, Action: "lambda:InvokeFunctionUrl", Resource: resource, Context: c})
	viaURL := c.Clone().Set("lambda:InvokedViaFunctionUrl", "true")
	a.Invoke = a.evaluate(policy.Request{Principal: principal, Action: "lambda:InvokeFunction", Resource: resource, Context: viaURL})
	if a.AuthType == lambda.FunctionUrlAuthTypeAwsIam && x.Signing != SigningOAC {
		return x.unsignedLambda(a)
	}
	return x.judgeLambda(a, url)
}

// lambdaCaller is who calls: with AuthType NONE everybody, signed or not.
func (x *Exchange) lambdaCaller(a *LambdaURLAccess) (policy.Principal, policy.Context) {
	principal, c := x.caller(a.AuthType == lambda.FunctionUrlAuthTypeNone)
	return principal, c.Clone().Set("lambda:FunctionUrlAuthType", string(a.AuthType)).SetUnknown("aws:UserAgent")
}

func (x *Exchange) unsignedLambda(a *LambdaURLAccess) Step {
	refs := []evidence.Ref{a.URL.Ref("FunctionUrlConfigs[].AuthType").With(string(a.AuthType), ""),
		x.originRef("OriginAccessControlId", str(x.Origin.Config.OriginAccessControlId), "CloudFront does not sign")}
	if x.Signing == SigningUnknown || x.Signing == SigningViewer {
		return x.Unsure(Alternative{Status: 403, If: "CloudFront does not sign its requests, or the viewer's signature is not valid for the function"},
			"The function URL wants signed requests; whether this one is signed is not known").WithEvidence(refs...)
	}
	return x.lambdaStop("AccessDeniedException", "The function URL wants signed requests, and CloudFront does not sign").WithEvidence(refs...)
}

func (x *Exchange) judgeLambda(a *LambdaURLAccess, url lambda.FunctionUrlConfig) Step {
	refs := decisionRefs(a.InvokeURL, "Policy.", a.Policy.Ref("Policy"))
	switch {
	case a.InvokeURL.Allowed.No():
		return x.lambdaStop("AccessDeniedException", "The function's policy does not let this distribution use the function URL").WithEvidence(refs...)
	case a.Invoke.Allowed.No() && newLambdaURL(url):
		return x.lambdaStop("AccessDeniedException", "The function's policy lets CloudFront use the URL and not invoke the function, and newer URLs want both").
			WithEvidence(decisionRefs(a.Invoke, "Policy.", a.Policy.Ref("Policy"))...)
	case a.Invoke.Allowed.No():
		return x.Unsure(Alternative{Status: 403, If: "Lambda wants the permission lambda:InvokeFunction for this URL too"},
			"The function's policy lets CloudFront use the URL, and not invoke the function").WithEvidence(refs...)
	case !a.InvokeURL.Allowed.Known() || !a.Invoke.Allowed.Known():
		return x.Unsure(Alternative{Status: 403, If: "the function's policy does not let CloudFront in"},
			"Whether the function's policy lets CloudFront in could not be told").WithEvidence(refs...)
	}
	if step, done := x.bodyHash(a); done {
		return step
	}
	return x.Pass("The function's policy lets this distribution use the function URL").WithEvidence(refs...)
}

func newLambdaURL(url lambda.FunctionUrlConfig) bool {
	created, err := time.Parse(time.RFC3339, str(url.CreationTime))
	return err == nil && created.After(bothPermissionsSince)
}

// bodyHash: with origin access control Lambda takes a body only with its SHA-256 in x-amz-content-sha256, which the viewer has to send
// (DG/private-content-restricting-access-to-lambda).
func (x *Exchange) bodyHash(a *LambdaURLAccess) (step Step, done bool) {
	method := x.Forwarded.Method
	if a.AuthType != lambda.FunctionUrlAuthTypeAwsIam || method != "POST" && method != "PUT" || x.Viewer.BodySize <= 0 {
		return Step{}, false
	}
	if _, ok := x.Viewer.Header("x-amz-content-sha256"); ok {
		return Step{}, false
	}
	a.BodyHashMissing = tri.True
	return x.lambdaStop("InvalidSignatureException", "The request has a body and the viewer did not send its hash (x-amz-content-sha256), which the signature needs"), true
}

func (x *Exchange) lambdaStop(code, summary string) Step {
	step := x.Stop(403, ByLambdaURL, "%s", summary)
	x.Response.Code = code
	return step
}
