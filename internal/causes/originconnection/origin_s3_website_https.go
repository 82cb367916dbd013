package originconnection

import (
	"fmt"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var originS3WebsiteHTTPS = &cause.Cause{
	ID:       "ORIGIN_S3_WEBSITE_HTTPS",
	Title:    "CloudFront connects with HTTPS to an S3 website endpoint, which speaks HTTP only",
	Stage:    "origin-connection",
	Symptoms: []int{502, 504},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A bucket's website endpoint answers plain HTTP on port 80 only. With the origin protocol policy "HTTPS only", or "Match viewer" and a viewer who uses
HTTPS, CloudFront connects to port 443, where nothing answers: 504, or 502.`,
		Why:     "HTTPS only is the usual choice for origins, and a template or person set it for the website endpoint too.",
		Example: "OriginProtocolPolicy https-only with site.s3-website-us-east-1.amazonaws.com.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistS3AndCustomOrigins.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-s3-origin.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		o := passage.Origin(p)
		switch {
		case o == nil || o.Endpoint.Kind != cloudfront.KindS3Website:
			return cause.RuleOut("the origin is not an S3 website endpoint")
		case o.Config.CustomOriginConfig == nil:
			return cause.RuleOut("the origin has no protocol policy")
		}
		policy := string(o.Config.CustomOriginConfig.OriginProtocolPolicy)
		ref := protocolRef(p, o, policy)
		secure := policy == "https-only" || policy == "match-viewer" && p.Request.Scheme == "https"
		if !secure {
			return cause.RuleOut("CloudFront connects to the website endpoint with plain HTTP", ref)
		}
		verdict := cause.Confirm(p.OriginName(o), fmt.Sprintf("CloudFront connects with HTTPS to the website endpoint %s, which speaks HTTP only.", o.Endpoint.Domain), ref).
			WithBecause("the origin's address and its protocol policy are known").WithDetail("OriginProtocolPolicy is " + policy + "; website endpoints listen on port 80 only")
		if p.StoppedHere() && (p.Symptom.Code == 502 || p.Symptom.Code == 504) {
			// Which of the two CloudFront answers is not documented.
			verdict = verdict.Explaining(true)
		}
		return verdict
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		o := passage.Origin(p)
		if o == nil {
			return nil
		}
		return []fix.Fix{{
			Title:       "Connect to the website endpoint with HTTP",
			Complexity:  fix.Quick,
			Minutes:     10,
			Impact:      "None while it deploys: requests fail until edge locations take the change up",
			Explanation: "Viewers still use HTTPS to CloudFront; only the way from CloudFront to the website endpoint is plain HTTP, which is all it speaks.",
			SideEffects: []string{"Content travels unencrypted between CloudFront and S3: for anything that is not public, use the bucket's own endpoint with an origin access control"},
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetOriginProtocolPolicy(o.ID, "http-only"))},
			Invalidate:  []string{"/*"},
			Confidence:  fix.High,
		}}
	},
}

func protocolRef(p *cause.Pass, o *edge.Origin, policy string) evidence.Ref {
	return p.Model.Ref(o.Field+".CustomOriginConfig.OriginProtocolPolicy", policy, "website endpoints speak plain HTTP only").Want("http-only")
}
