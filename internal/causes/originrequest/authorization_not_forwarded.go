package originrequest

import (
	"strconv"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var authorizationNotForwarded = &cause.Cause{
	ID:       "AUTHORIZATION_NOT_FORWARDED",
	Title:    "The viewer's Authorization header does not reach the origin",
	Stage:    "origin-request",
	Symptoms: []int{401, 403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront takes the Authorization header off GET and HEAD requests unless the cache key holds it or all of the viewer's headers are forwarded. The origin then sees
an anonymous request and asks for a login that was sent.`,
		Why: `The header cannot be listed in an origin request policy alone, so that it is often forgotten: it belongs in a cache policy, or all viewer headers are forwarded.
POST and PUT requests keep it, which makes the fault look accidental.`,
		Example: "CachingOptimized on the behavior of an API whose clients send a bearer token.",
		References: []string{
			guide + "http-401-unauthorized.html",
			guide + "add-origin-custom-headers.html",
			guide + "RequestAndResponseBehaviorCustomOrigin.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict { return originway.Each(p, judgeAuthorization) },
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		b, ok := v.Data.(*edge.Behavior)
		if !ok {
			return nil
		}
		return forwardEverything(p, b, "The origin gets the Authorization header of every request, and answers that belong to one viewer are not kept.")
	},
}

const guide = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"

func judgeAuthorization(w *originway.Way) cause.Verdict {
	p, b := w.Pass, w.Behavior
	if w.Bucket() || w.Origin.OAC.IsKnown() {
		return cause.RuleOut("CloudFront signs its requests to this origin itself, or the origin takes no such header", w.Address(""))
	}
	forwards := b.Forwarding().ForwardsAuthorization(p.Request.Method)
	ref := keyRef(p, b)
	_, sent := p.Request.Header("Authorization")
	suspected := w.Unexplained(401, 403)
	switch {
	case forwards.Yes():
		return cause.RuleOut("the Authorization header reaches the origin", ref)
	case !forwards.Known():
		return cause.Need("which headers are forwarded is not known", b.CachePolicy, b.OriginRequestPolicy)
	}
	ref.Note = "Authorization is not in the cache key, and not all viewer headers are forwarded"
	summary := "The behavior " + b.PathPattern + " does not send the viewer's Authorization header to the origin on " + p.Request.Method + " requests."
	api := p.Exchange().API
	switch {
	case sent && api != nil && p.Trace.StoppedAt == "origin-object" && p.Trace.Outcome.Status == 401:
		return cause.Likely(p.BehaviorName(b), summary, "the API's method wants a token; its authorizer may take it from elsewhere than this header", ref).
			Explaining(p.Reproduced()).With(b)
	case sent && suspected:
		return cause.Likely(p.BehaviorName(b), summary, "what the origin does with an anonymous request is not known", ref).Explaining(true).With(b)
	case sent:
		return cause.Possible(p.BehaviorName(b), summary, "it matters if the origin looks at the header that the request carries", ref).
			Explaining(false).AtSeverity(cause.Medium).With(b)
	case suspected && (p.Symptom.Code == 401 || b.Forwarding().ForwardsCookies().No()):
		return cause.Possible(p.BehaviorName(b), summary, "whether the failing request carries the header was not said: name it with --header", ref).
			Explaining(true).With(b)
	case p.Symptom.Given && p.Asked && !originway.Shows(p, 401, 403):
		return cause.RuleOut("a missing login is a 401 or 403, and viewers see " + strconv.Itoa(p.Symptom.Code))
	}
	return cause.RuleOut("the request carries no Authorization header", ref)
}

// keyRef points at what decides about the headers of a behavior.
func keyRef(p *cause.Pass, b *edge.Behavior) evidence.Ref {
	switch {
	case b.Config.ForwardedValues != nil:
		return p.Model.Ref(b.Field+".ForwardedValues.Headers", "", "")
	case b.OriginRequestPolicy.IsKnown():
		return b.OriginRequestPolicy.Ref("OriginRequestPolicyConfig")
	}
	return b.CachePolicy.Ref("CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin")
}

// forwardEverything sends all of the viewer's headers, cookies and query strings to the origin and keeps no answers.
func forwardEverything(p *cause.Pass, b *edge.Behavior, explanation string) []fix.Fix {
	f := fix.Fix{
		Title: "Send everything but the Host header to the origin, and keep no answers", Complexity: fix.Quick, Minutes: 10,
		Impact:      "Every request of this behavior goes to the origin",
		Explanation: explanation + " The managed policies CachingDisabled and AllViewerExceptHostHeader are made for this.",
		SideEffects: []string{"Nothing of the behavior " + b.PathPattern + " is answered from the cache any more: give static files a behavior of their own",
			"The origin keeps getting its own name as Host; choose AllViewer instead where it needs the viewer's"},
		Changes: []fix.Change{fix.EditDistribution(p.Model.ID(),
			fix.SetCachePolicy(passage.Key(b), cloudfront.CachingDisabledID), fix.SetOriginRequestPolicy(passage.Key(b), cloudfront.AllViewerExceptHostHeaderID))},
		Invalidate: []string{"/*"}, Confidence: fix.Medium,
	}
	return []fix.Fix{f}
}
