package originaccess

import (
	"fmt"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/tri"
)

var apigwDenies = &cause.Cause{
	ID:       "APIGW_DENIES",
	Title:    "The API refuses CloudFront's requests",
	Stage:    "origin-access",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `The API is there and so is the route, but API Gateway refuses the request with 403: the API is private (for its VPC only), its default
endpoint is switched off, its resource policy does not let the request in, or the method wants an API key or a request signed with AWS
credentials that does not reach it.`,
		Why: `API Gateway sees CloudFront's addresses, not the viewer's, so a resource policy with the viewers' addresses never matches. CloudFront forwards the
headers x-api-key and Authorization only where a policy says so. An endpoint is switched off when the API gets a domain name of its own.`,
		Example: "The method has apiKeyRequired, and no x-api-key header reaches the API.",
		Manual:  "What the API is to accept is a decision of its owner; secrets such as API keys are for a person to handle.",
		References: []string{
			"https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html",
			"https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html",
			"https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		x := passage.Exchange(p)
		a := x.API
		if a == nil {
			return cause.RuleOut("the request does not get as far as an API")
		}
		name := p.OriginName(x.Origin)
		switch {
		case a.REST.IsAbsent() && a.HTTP.IsAbsent():
			return cause.Need("no API of this account has the origin's id")
		case !a.REST.IsKnown() && !a.HTTP.IsKnown():
			if passage.Suspected(p, 403) {
				return cause.Possible(name, "The API may refuse the request.", "the API was not read", a.REST.Ref(""), a.HTTP.Ref("")).Needing(a.REST, a.HTTP)
			}
			return cause.Need("the API was not read", a.REST, a.HTTP)
		case a.StageMissing.Yes():
			return cause.RuleOut("the path does not begin with a stage of the API")
		}
		return judgeAPI(p, x, a, name)
	},
	Fixes: fixAPI,
}

// judgeAPI tells by whom and why the request was refused. What a viewer sent and CloudFront dropped is the fault of the forwarding.
func judgeAPI(p *cause.Pass, x *edge.Exchange, a *edge.APIRoute, name string) cause.Verdict {
	stoppedAt := p.Trace.StoppedAt
	refused := x.Response.By == edge.ByAPIGateway && x.Response.Status == 403
	step, _ := p.Trace.Step(stoppedAt)
	switch {
	case refused && stoppedAt == "origin-access" && step.Verdict == edge.Unknown:
		return cause.Likely(name, step.Summary+".", "which addresses CloudFront comes from was not compared with the policy's", step.Evidence...)
	case refused && stoppedAt == "origin-access":
		return cause.Confirm(name, step.Summary+".", step.Evidence...).WithBecause("the API's settings are known").WithDetail("the API answers 403 " + x.Response.Code)
	case refused && stoppedAt == "origin-object" && (a.Method != nil || a.Route != nil):
		wanted, dropped := droppedHeader(p, x)
		if dropped {
			return cause.RuleOut("the viewer sends "+wanted+", and CloudFront does not forward it", step.Evidence...)
		}
		return cause.Confirm(name, step.Summary+".", step.Evidence...).WithBecause("the method's settings are known").
			WithDetail("the API answers 403 " + x.Response.Code).Explaining(p.Symptom.Code == 403 || !p.Symptom.Given)
	}
	for _, at := range []string{"origin-access", "origin-object"} {
		open, _ := p.Trace.Step(at)
		for _, alternative := range p.Trace.Offers(at) {
			if alternative.Weak || alternative.Status != 403 {
				continue
			}
			if passage.Suspected(p, 403) {
				return cause.Likely(name, fmt.Sprintf("The API may refuse the request: %s.", alternative.If), open.Summary, open.Evidence...).
					Needing(p.Trace.Gaps()...).Explaining(true)
			}
			return cause.Need(open.Summary, p.Trace.Gaps()...)
		}
	}
	if a.Decision.Allowed == tri.Unknown && a.Policy != nil {
		return cause.Need("whether the API's resource policy lets the request in could not be told", a.REST)
	}
	if a.REST.IsKnown() && (a.Resources.Missing() || a.RESTStages.Missing()) || a.HTTP.IsKnown() && (a.Routes.Missing() || a.HTTPStages.Missing()) {
		return cause.Need("the API's routes were not read", a.Resources, a.RESTStages, a.Routes, a.HTTPStages)
	}
	return cause.RuleOut("the API lets the request in", a.REST.Ref(""), a.HTTP.Ref(""))
}

// droppedHeader reports a credential that the viewer sends and that does not reach the API.
func droppedHeader(p *cause.Pass, x *edge.Exchange) (name string, dropped bool) {
	for _, name := range []string{"Authorization", "x-api-key"} {
		if _, sent := p.Request.Header(name); sent && x.Forwarded.Sends(name).No() {
			return name, true
		}
	}
	return "", false
}
