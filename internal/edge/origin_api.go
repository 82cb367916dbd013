package edge

import (
	"strings"

	rest "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	v2 "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/policy"
	"cfdoctor/internal/tri"
)

// APIFacts is what the account tells about the API behind an origin: REST or HTTP, whichever the id belongs to.
type APIFacts struct {
	ID, Region string
	REST       evidence.Fact[account.RestAPIOutput]
	RESTStages evidence.Fact[account.RestStagesOutput]
	Resources  evidence.Fact[account.RestResourcesOutput]
	HTTP       evidence.Fact[account.HTTPAPIOutput]
	HTTPStages evidence.Fact[account.HTTPStagesOutput]
	Routes     evidence.Fact[account.HTTPRoutesOutput]
	// Policy is the REST API's resource policy, nil where it has none or it was not read.
	Policy *policy.Document
}

// APIRoute is what API Gateway does with one request.
type APIRoute struct {
	*APIFacts
	// Stage is the API's stage; "" where none fits. Path is what is left of the path below it.
	Stage, Path string
	// Mapping is the custom domain name's mapping that leads to the API; nil where the request comes by the API's own name.
	Mapping *APIMapping
	// StageMissing is True where the path does not begin with a stage of the API.
	StageMissing tri.Bool
	// Method is the REST API's method that fits, Route the HTTP API's. Both are nil where none does.
	Method   *rest.Method
	Resource *rest.Resource
	Route    *v2.Route
	// Decision is the resource policy's, for an anonymous caller.
	Decision policy.Decision
	// Block is what the stage's own web ACL says; nil for HTTP APIs, which have none.
	Block *RegionalWAF
}

// APIFor returns what is known of the API that an origin's own name stands for.
func (m *Model) APIFor(o *Origin) *APIFacts {
	return o.data.api.get(func() *APIFacts {
		id, _, _ := strings.Cut(o.Endpoint.Name, "-vpce-")
		return m.apiByID(o.Endpoint.Region, id)
	})
}

// apiByID returns what is known of an API.
func (m *Model) apiByID(region, id string) *APIFacts {
	key := [2]string{region, id}
	if known, ok := m.shared.apis.Load(key); ok {
		return known.(*APIFacts)
	}
	f := &APIFacts{
		ID: id, Region: region, REST: account.RestAPI(region, id).In(m.World), HTTP: account.HTTPAPI(region, id).In(m.World),
		RESTStages: account.RestStages(region, id).In(m.World), Resources: account.RestResources(region, id).In(m.World),
		HTTPStages: account.HTTPStages(region, id).In(m.World), Routes: account.HTTPRoutes(region, id).In(m.World),
	}
	if out, ok := f.REST.Get(); ok && str(out.Policy) != "" {
		// The API returns the policy with its quotes escaped once more (APIGW/apigateway-resource-policies-create-attach).
		f.Policy, _ = policy.Parse(strings.ReplaceAll(str(out.Policy), `\"`, `"`))
	}
	known, _ := m.shared.apis.LoadOrStore(key, f)
	return known.(*APIFacts)
}

// accessAPI judges a request to API Gateway, which picks the API by the Host header: its own name, or a custom domain name of the account's APIs.
func (x *Exchange) accessAPI(region string) Step {
	host := cloudfront.NormalizeHost(x.Forwarded.Host)
	if host == x.Origin.Endpoint.Domain && x.Origin.Endpoint.Kind == cloudfront.KindAPIGateway {
		a := &APIRoute{APIFacts: x.Model.APIFor(x.Origin)}
		x.API = a
		if a.REST.IsKnown() {
			a.matchStage(restStageNames(a.RESTStages), x.Forwarded.Path, false)
		} else if a.HTTP.IsKnown() {
			a.matchStage(httpStageNames(a.HTTPStages), x.Forwarded.Path, true)
		}
		return x.judgeAPI(a)
	}
	d := x.Model.customDomainOf(host, region)
	if step, done := x.throughDomain(&d, region); done {
		return step
	}
	guess := 0
	if !d.complete {
		guess = 403
		x.UnreadAPI = []evidence.Gap{account.RestDomainNames(region).In(x.Model.World), account.HTTPDomainNames(region).In(x.Model.World)}
	}
	if step, done := x.hostStep(ByAPIGateway, "ForbiddenException", "The viewer's Host header is sent on to API Gateway, which knows only its own name", guess); done {
		return step
	}
	return x.Unsure(Alternative{Status: 403, If: "API Gateway has no custom domain name like the origin's"},
		"The origin's name leads to API Gateway, and no custom domain name like it is known").WithEvidence(d.listed)
}

// judgeAPI judges the API itself, once its stage is known.
func (x *Exchange) judgeAPI(a *APIRoute) Step {
	switch {
	case a.REST.IsKnown():
		return x.accessREST(a)
	case a.HTTP.IsKnown():
		return x.accessHTTP(a)
	case a.REST.IsAbsent() && a.HTTP.IsAbsent():
		return x.Unsure(Alternative{Status: 403, If: "the API was deleted"}, "No API of this account has the origin's id; it may belong to another account or be gone").
			WithEvidence(a.REST.Ref(""), a.HTTP.Ref(""))
	}
	return x.Unsure(Alternative{Status: 403, If: "the API refuses the request, or has no such stage", Weak: true}, "The API was not read").WithEvidence(a.REST.Ref(""), a.HTTP.Ref(""))
}

func restStageNames(f evidence.Fact[account.RestStagesOutput]) evidence.Fact[[]string] {
	return evidence.Map(f, func(out account.RestStagesOutput) []string {
		var names []string
		for _, s := range out.Item {
			names = append(names, str(s.StageName))
		}
		return names
	})
}

func httpStageNames(f evidence.Fact[account.HTTPStagesOutput]) evidence.Fact[[]string] {
	return evidence.Map(f, func(out account.HTTPStagesOutput) []string {
		var names []string
		for _, s := range out.Items {
			names = append(names, str(s.StageName))
		}
		return names
	})
}

// matchStage takes the stage off the path. An HTTP API's $default stage serves what no named stage does
// (APIGW/http-api-stages).
func (a *APIRoute) matchStage(stages evidence.Fact[[]string], path string, hasDefault bool) {
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	names, ok := stages.Get()
	if !ok {
		return
	}
	a.StageMissing = tri.True
	for _, name := range names {
		if name == first && first != "" {
			a.Stage, a.Path, a.StageMissing = name, "/"+rest, tri.False
			return
		}
	}
	for _, name := range names {
		if hasDefault && name == "$default" {
			a.Stage, a.Path, a.StageMissing = name, path, tri.False
		}
	}
}

// accessREST judges endpoint and resource policy (APIGW/apigateway-private-apis, APIGW/rest-api-disable-default-endpoint,
// APIGW/apigateway-resource-policies).
func (x *Exchange) accessREST(a *APIRoute) Step {
	api, _ := a.REST.Get()
	if c := api.EndpointConfiguration; c != nil && len(c.Types) == 1 && c.Types[0] == rest.EndpointTypePrivate {
		return x.apiStop("ForbiddenException", "The API is private: it takes requests from inside its VPC only").
			WithEvidence(a.REST.Ref("EndpointConfiguration.Types").With("PRIVATE", ""))
	}
	if api.DisableExecuteApiEndpoint && a.Mapping == nil {
		return x.apiStop("ForbiddenException", "The API's default endpoint is switched off").WithEvidence(a.REST.Ref("DisableExecuteApiEndpoint").With("true", ""))
	}
	if a.Stage != "" {
		stage := "arn:" + x.Model.Partition() + ":apigateway:" + a.Region + "::/restapis/" + a.ID + "/stages/" + a.Stage
		block, step, done := x.regionalWAF(stage, a.Region)
		a.Block = block
		if done {
			return step
		}
	}
	if str(api.Policy) == "" {
		return x.Pass("The API has no resource policy and is public").WithEvidence(a.REST.Ref("EndpointConfiguration.Types"))
	}
	if a.Policy == nil {
		return x.Unsure(Alternative{Status: 403, If: "the API's resource policy refuses CloudFront"}, "The API's resource policy could not be understood").WithEvidence(a.REST.Ref("Policy"))
	}
	arn := "arn:" + x.Model.Partition() + ":execute-api:" + a.Region + ":" + x.Model.account() + ":" + a.ID + "/" + a.Stage + "/" + x.Forwarded.Method + a.Path
	// The caller is CloudFront, from one of its addresses (APIGW/apigateway-resource-policies-aws-condition-keys).
	c := policy.NewContext().SetPublicAddress("aws:SourceIp").
		SetAbsent("aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp", "aws:PrincipalOrgID", "aws:PrincipalArn", "aws:SourceArn").
		Set("aws:SecureTransport", boolWord(x.Forwarded.Scheme == "https"))
	x.headerKeys(c)
	a.Decision = a.Policy.Evaluate(policy.Request{Principal: policy.Principal{Kind: policy.Anonymous}, Action: "execute-api:Invoke", Resource: arn, Context: c})
	refs := decisionRefs(a.Decision, "Policy.", a.REST.Ref("Policy"))
	switch a.Decision.Allowed {
	case tri.True:
		return x.Pass("The API's resource policy lets the request in").WithEvidence(refs...)
	case tri.False:
		return x.apiStop("AccessDeniedException", "The API's resource policy refuses the request").WithEvidence(refs...)
	}
	if forAddresses(a.Decision) {
		step := x.Guess(403, ByAPIGateway, "The API's resource policy lets some addresses in, and hardly CloudFront's").WithEvidence(refs...)
		x.Response.Code = "AccessDeniedException"
		return step
	}
	return x.Unsure(Alternative{Status: 403, If: "the API's resource policy leaves out the addresses that CloudFront connects from"},
		"Whether the API's resource policy lets CloudFront in could not be told").WithEvidence(refs...)
}

func (x *Exchange) accessHTTP(a *APIRoute) Step {
	api, _ := a.HTTP.Get()
	if deref(api.DisableExecuteApiEndpoint) && a.Mapping == nil {
		return x.apiStop("ForbiddenException", "The API's default endpoint is switched off").WithEvidence(a.HTTP.Ref("DisableExecuteApiEndpoint").With("true", ""))
	}
	return x.Pass("The API is public").WithEvidence(a.HTTP.Ref("ApiEndpoint"))
}

func (x *Exchange) apiStop(code, summary string) Step {
	step := x.Stop(403, ByAPIGateway, "%s", summary)
	x.Response.Code = code
	return step
}
