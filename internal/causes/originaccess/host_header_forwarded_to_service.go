package originaccess

import (
	"fmt"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var hostHeaderForwardedToService = &cause.Cause{
	ID:        "HOST_HEADER_FORWARDED_TO_SERVICE",
	Title:     "The viewer's Host header reaches an AWS service that answers to its own name only",
	Stage:     "origin-access",
	Symptoms:  []int{403, 404},
	Severity:  cause.Critical,
	OfRequest: true,
	Doc: cause.Doc{
		Explain: `API Gateway, Lambda function URLs and other services of AWS find what is asked for by the Host header, which has to be the service's own name. The
behavior sends the viewer's Host on, so that the service does not know the request: 403 Forbidden.`,
		Why:     "The origin request policy AllViewer was chosen so that the API gets every header; the one for such origins is AllViewerExceptHostHeader.",
		Example: "AllViewer on a behavior whose origin is abc123.execute-api.eu-west-1.amazonaws.com.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		x := passage.Exchange(p)
		o := passage.Origin(p)
		if o == nil || o.Endpoint.IsS3() || !o.Endpoint.NeedsOwnHost().Yes() {
			return cause.RuleOut("the origin is no service of AWS that answers to its own name only")
		}
		verdict := judgeHost(p, o, x, fmt.Sprintf("The viewer's Host header is sent on to %s, which answers to its own name only.", o.Endpoint.Domain))
		if !verdict.Fires() || verdict.Likelihood() != cause.GradeConfirmed {
			return verdict
		}
		return certainHost(p, o, x, verdict)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix { return hostFixes(p, false) },
}

// certainHost weakens a verdict where the service may know the foreign name: API Gateway knows the account's custom domain names.
func certainHost(p *cause.Pass, o *edge.Origin, x *edge.Exchange, verdict cause.Verdict) cause.Verdict {
	weaker := func(because string) cause.Verdict {
		if passage.Suspected(p, 403, 404) || p.StoppedHere() {
			return cause.Likely(verdict.Resource, verdict.Summary, because, verdict.Evidence...).Explaining(passage.Suspected(p, 403, 404))
		}
		return cause.Possible(verdict.Resource, verdict.Summary, because, verdict.Evidence...).AtSeverity(cause.Medium)
	}
	switch o.Endpoint.Kind {
	case cloudfront.KindLambdaURL:
		return verdict
	case cloudfront.KindAPIGateway:
		rest, http := account.RestDomainNames(o.Endpoint.Region).In(p.World), account.HTTPDomainNames(o.Endpoint.Region).In(p.World)
		switch {
		case p.StoppedHere() && p.Trace.Outcome.Certainty != edge.Uncertain && x.Response.Code == "ForbiddenException":
			return verdict
		case rest.Missing() || http.Missing():
			return weaker("whether the API has a custom domain name like the viewer's host was not read").Needing(rest, http)
		case p.StoppedHere():
			return verdict
		}
		return cause.RuleOut("the account has a custom domain name like the viewer's host at API Gateway", rest.Ref(""), http.Ref(""))
	}
	return weaker("what this service answers to another host is not documented")
}
