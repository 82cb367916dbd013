package viewerprotocol

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
)

var viewerProtocolHTTPSOnly = &cause.Cause{
	ID:       "VIEWER_PROTOCOL_HTTPS_ONLY",
	Title:    "The cache behavior takes HTTPS only, and the request came over plain HTTP",
	Stage:    "viewer-protocol",
	Symptoms: []int{403},
	Severity: cause.High,
	Doc: cause.Doc{
		Explain: `A cache behavior can take HTTP and HTTPS, redirect HTTP to HTTPS, or take HTTPS only. In the last case CloudFront answers plain HTTP with 403.
A redirecting behavior answers 403 too where it cannot redirect: methods other than GET and HEAD over HTTP/1.0.`,
		Why:     "Old links, scripts and devices begin with http://, and HTTPS only tells them nothing about where to go.",
		Example: "http://www.example.com/ meets a behavior with the viewer protocol policy https-only.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-viewers-to-cloudfront.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		step, _ := p.Trace.Step("viewer-protocol")
		if !p.StoppedHere() || p.Trace.Outcome.Status < 400 && p.Trace.Outcome.Original < 400 {
			return cause.RuleOut("the request's protocol is taken or redirected", step.Evidence...)
		}
		return cause.Confirm(p.BehaviorName(p.Trace.Behavior),
			"The request came over plain HTTP, and this part of the distribution takes HTTPS only.", step.Evidence...).
			WithBecause("the scheme and the viewer protocol policy are both known")
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		pattern := p.Trace.Behavior.PathPattern
		return []fix.Fix{{
			Title:      "Redirect plain HTTP to HTTPS in the behavior " + pattern,
			Complexity: fix.Quick, Minutes: 10,
			Impact:      "None while it deploys: HTTPS requests are not touched",
			Explanation: "Plain HTTP is answered with a redirect to the same address over HTTPS instead of a 403. Content still travels over HTTPS only.",
			SideEffects: []string{"Clients that do not follow redirects still have to be changed to https://"},
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetViewerProtocolPolicy(pattern, "redirect-to-https"))},
			Confidence:  fix.High,
		}}
	},
}
