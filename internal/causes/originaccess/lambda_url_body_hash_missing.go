package originaccess

import (
	"fmt"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var lambdaURLBodyHashMissing = &cause.Cause{
	ID:        "LAMBDA_URL_BODY_HASH_MISSING",
	Title:     "A body is sent through origin access control to a function URL without its hash",
	Stage:     "origin-access",
	Symptoms:  []int{403},
	Severity:  cause.Critical,
	OfRequest: true,
	Doc: cause.Doc{
		Explain: `CloudFront signs requests to a function URL without reading their body, and Lambda does not take unsigned payloads. For POST and PUT the viewer
has to send the SHA-256 of the body in the header x-amz-content-sha256, which CloudFront signs. Without it Lambda answers 403 about the
signature, while GET works.`,
		Why:     "Browsers and most clients do not send that header by themselves; the same API worked with authorization type NONE or without CloudFront.",
		Example: "POST /comments with a JSON body and no x-amz-content-sha256.",
		Manual:  "The client has to compute the hash, or a Lambda@Edge function that reads the body: neither is a setting.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		x := passage.Exchange(p)
		a := x.LambdaURL
		_, sent := p.Request.Header("x-amz-content-sha256")
		writes := p.Request.Method == "POST" || p.Request.Method == "PUT"
		switch {
		case a == nil:
			return cause.RuleOut("the request does not get as far as a function URL")
		case !writes:
			return cause.RuleOut("the request has no body")
		case sent:
			return cause.RuleOut("the viewer sends the body's hash")
		case !a.URL.IsKnown() || x.Signing == edge.SigningUnknown:
			return cause.Need("the function URL's type of authorization or how CloudFront signs is not known", a.URL, x.Origin.OAC)
		case a.AuthType != "AWS_IAM" || x.Signing != edge.SigningOAC:
			return cause.RuleOut("the function URL or the origin does not work with signed requests", a.URL.Ref("FunctionUrlConfigs[].AuthType"))
		case p.Request.BodySize > 0:
			verdict := cause.Confirm(p.OriginName(x.Origin),
				fmt.Sprintf("The %s has a body, and the viewer did not send its hash (x-amz-content-sha256), which Lambda wants to check the signature.", p.Request.Method), hashRefs(p, a, x)...).
				WithBecause("the body, the headers, the URL's type of authorization and how CloudFront signs are known")
			if !a.BodyHashMissing.Yes() {
				verdict = verdict.Explaining(false) // the policy refuses the request first
			}
			return verdict
		case passage.Suspected(p, 403):
			return cause.Possible(p.OriginName(x.Origin),
				fmt.Sprintf("If the %s has a body, Lambda refuses it, because the viewer does not send the body's hash (x-amz-content-sha256).", p.Request.Method),
				"whether the request has a body is not known: name its size with --body-size", hashRefs(p, a, x)...).Explaining(true)
		}
		return cause.Need("whether the request has a body is not known: name its size with --body-size")
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{{
			Title:       "Send the body's hash",
			Complexity:  fix.Advanced,
			Minutes:     120,
			Impact:      "None: such requests fail now",
			Explanation: "With the SHA-256 of the body in x-amz-content-sha256, CloudFront's signature covers the body and Lambda accepts it.",
			SideEffects: []string{"Clients that cannot compute the hash stay locked out"},
			Manual: []string{
				"In the client: compute the SHA-256 of the exact body, in hexadecimal, and send it as the header x-amz-content-sha256 with POST and PUT",
				"Where clients cannot be changed: a Lambda@Edge function at origin request with the body included can compute the hash and set the header, for bodies up to 1 MB; a CloudFront Function cannot, since it sees no body",
				"Or give the function URL the authorization type NONE and check a secret header that CloudFront adds in the function itself",
			},
			Confidence: fix.High,
		}}
	},
}

func hashRefs(p *cause.Pass, a *edge.LambdaURLAccess, x *edge.Exchange) []evidence.Ref {
	return []evidence.Ref{
		a.URL.Ref("FunctionUrlConfigs[].AuthType").With(string(a.AuthType), "signed requests only"),
		x.Origin.OAC.Ref("OriginAccessControlConfig.SigningBehavior").With("", "CloudFront signs, without the body"),
	}
}
