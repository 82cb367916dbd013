package requestlimits

import (
	"fmt"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var requestBodyTooLarge = &cause.Cause{
	ID:       "REQUEST_BODY_TOO_LARGE",
	Title:    "The request's body is larger than CloudFront or the origin takes",
	Stage:    stage,
	Symptoms: []int{413},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront takes bodies of up to 64 GB. The origin's limit is often far lower: API Gateway takes 10 MB, a Lambda function 6 MB (1 MB behind a load
balancer), a web server what it is configured for. The answer is 413.`,
		Why:     "Uploads grew, or the client sends a file within JSON, which makes it a third larger.",
		Example: "POST /upload of 14 MB to an API Gateway origin.",
		Manual:  "The limits of CloudFront, API Gateway and Lambda are fixed; that of a web server is in its own configuration.",
		References: []string{
			guide + "cloudfront-limits.html",
			"https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html",
			"https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
			"https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html",
		},
		Since: "0.1",
	},
	Detect: detectBody,
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{client("Upload to S3 instead of through the API", "S3 takes objects of gigabytes, and the API only hears that they are there.",
			"Let the application hand out a presigned S3 address, or let CloudFront send PUT requests to a bucket through an origin access control; then pass the object's key to the API.",
			"Where the origin is a web server of your own, raise its limit (client_max_body_size, LimitRequestBody).",
			"Or send the file in parts.")}
	},
}

// lambdaBody is the largest body that a function takes, in bytes (Lambda quotas).
const lambdaBody = 6 << 20

func detectBody(p *cause.Pass) cause.Verdict {
	step, _ := p.Trace.Step(stage)
	if p.StoppedHere() && step.Status == 413 {
		return cause.Likely(p.DistributionName(), "The request's body is larger than the 64 GB that CloudFront takes.",
			"the limit is documented, and the status of the answer is not", ref(p, step.Summary))
	}
	o := p.Trace.Origin
	if limit, name := originLimit(p.Trace); limit > 0 && p.Request.BodySize > limit {
		summary := fmt.Sprintf("The request's body has %d bytes, and %s takes %d at most.", p.Request.BodySize, name, limit)
		domain := p.Model.Ref(o.Field+".DomainName", o.Endpoint.Domain, name)
		v := cause.Likely(p.OriginName(o), summary, "the origin's answer is not simulated beyond its limit", domain)
		if p.Trace.StoppedAt == "origin-response" && p.Trace.Outcome.Status == 413 {
			v = cause.Confirm(p.OriginName(o), summary, domain).WithBecause("the body's size and the limit are known, and nothing else is in the way")
		}
		return v.Explaining(!p.Symptom.Given || p.Symptom.Code == 413)
	}
	if p.Symptom.Code == 413 && !p.Reproduced() && o != nil {
		return cause.Possible(p.OriginName(o), "The origin may take no bodies as large as this one.",
			"what the origin takes, or how large the body was, is not known", p.Model.Ref(o.Field+".DomainName", o.Endpoint.Domain, "its limit is not known")).Explaining(true)
	}
	return cause.RuleOut("the body is within the limits that are known")
}

// originLimit is the longest body that the origin's service takes; 0 where no limit is known.
func originLimit(t *edge.Trace) (limit int64, name string) {
	if t.Origin == nil {
		return 0, ""
	}
	switch t.Origin.Endpoint.Kind {
	case cloudfront.KindAPIGateway:
		return edge.APIBodyLimit, "API Gateway"
	case cloudfront.KindLambdaURL:
		return lambdaBody, "a Lambda function"
	}
	return 0, ""
}
