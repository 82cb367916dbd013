package allowedmethods

import (
	"slices"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var methodNotAllowed = &cause.Cause{
	ID:       "METHOD_NOT_ALLOWED",
	Title:    "The cache behavior does not allow the request's method",
	Stage:    "allowed-methods",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `Every cache behavior allows GET and HEAD, these and OPTIONS, or all seven methods. CloudFront answers any other method with 403 itself.
The origin never sees the request, so its logs show nothing.`,
		Why: `GET and HEAD are the default. A form, an API call or a CORS preflight is added later, and nobody thinks of the behavior; or the path falls to
another behavior than the one that was opened.`,
		Example: "POST /contact meets the default behavior, which allows GET and HEAD.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-invalid-method.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		step, reached := p.Trace.Step("allowed-methods")
		b := behaviorOf(p)
		switch {
		case b == nil:
			return cause.RuleOut("the distribution has no cache behavior for the path")
		case p.StoppedHere():
			return cause.Confirm(p.BehaviorName(b),
				"CloudFront refuses "+p.Request.Method+" requests here: the cache behavior "+b.PathPattern+" does not allow that method.",
				step.Evidence...).WithBecause("the method and the behavior's list are both known")
		case (!reached || step.Verdict == edge.Skipped) && !allows(b, p.Request.Method):
			return cause.Confirm(p.BehaviorName(b),
				"Once what stops the request now is out of the way, CloudFront will refuse its method: the cache behavior does not allow "+p.Request.Method+".",
				p.Model.Ref(b.Field+".AllowedMethods.Items", "", p.Request.Method+" is not among them"))
		}
		return cause.RuleOut("the behavior allows "+p.Request.Method, step.Evidence...)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		pattern := behaviorOf(p).PathPattern
		wanted := fix.AllMethods()
		if !slices.Contains(wanted, p.Request.Method) {
			return []fix.Fix{{
				Title: "Use a method that CloudFront forwards", Complexity: fix.Advanced, Minutes: 60,
				Impact:      "None on other viewers",
				Explanation: "CloudFront forwards GET, HEAD, OPTIONS, PUT, POST, PATCH and DELETE only; no setting lets another method through.",
				Manual:      []string{"Change the client to one of these methods, or let it reach the origin without CloudFront."},
				Confidence:  fix.High,
			}}
		}
		if p.Request.Method == "OPTIONS" {
			wanted = []string{"GET", "HEAD", "OPTIONS"}
		}
		f := fix.Fix{
			Title:      "Allow " + p.Request.Method + " in the behavior " + pattern,
			Complexity: fix.Quick, Minutes: 10,
			Impact:      "None while it deploys: requests that work now go on working",
			Explanation: "The behavior " + pattern + " gets the smallest set of methods that holds " + p.Request.Method + "; CloudFront then forwards such requests to the origin.",
			SideEffects: []string{"The origin receives methods that it did not before: it has to check itself who may write"},
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetAllowedMethods(pattern, wanted...))},
			Confidence:  fix.High,
		}
		if after := p.With(f.Changes...); p.StoppedHere() && !cause.Works(after) && after != nil && after.Exchange.S3 != nil {
			return []fix.Fix{sendElsewhere(p, after)}
		}
		return []fix.Fix{f}
	},
}

// sendElsewhere is the remedy where the origin is a bucket that refuses the request even when CloudFront forwards it. S3 takes PUT, DELETE and
// CORS preflights, and only from whom the bucket's policy or CORS rules let in (S3API/PutObject, S3API/DeleteObject, S3UG/cors).
func sendElsewhere(p *cause.Pass, after *edge.Trace) fix.Fix {
	why := "S3 would refuse it"
	if step, ok := after.Step(after.StoppedAt); ok {
		why = step.Summary
	}
	return fix.Fix{
		Title: "Send " + p.Request.Method + " requests for this path to an origin that takes them", Complexity: fix.Standard, Minutes: 45,
		Impact:      "None on other paths",
		Explanation: "The behavior's origin is an S3 bucket; allowing the method alone would only turn CloudFront's 403 into S3's own error: " + why + ".",
		Manual: []string{
			"Decide which origin handles " + p.Request.Path + " (an API, a load balancer, a function URL).",
			"Add a cache behavior for that path with this origin, all methods allowed and the cache policy CachingDisabled, before the behavior that takes the path now.",
			"If the bucket is meant to take them: let its policy (s3:PutObject, s3:DeleteObject) or its CORS rules (OPTIONS) allow it first, and then the behavior the method.",
		},
		Confidence: fix.Medium,
	}
}

// behaviorOf is the behavior that takes the request, or would where an earlier stage ends it.
func behaviorOf(p *cause.Pass) *edge.Behavior {
	if p.Trace.Behavior != nil {
		return p.Trace.Behavior
	}
	return p.Model.BehaviorFor(p.Request.Path)
}

func allows(b *edge.Behavior, method string) bool {
	if b.Config.AllowedMethods == nil {
		return method == "GET" || method == "HEAD"
	}
	for _, m := range b.Config.AllowedMethods.Items {
		if string(m) == method {
			return true
		}
	}
	return false
}
