package cachelookup

import (
	"strconv"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var privateResponseCached = &cause.Cause{
	ID:        "PRIVATE_RESPONSE_CACHED",
	Title:     "An answer meant for one viewer may be kept and given to others",
	Stage:     stage,
	Severity:  cause.High,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `CloudFront gives a kept answer to everybody who asks with the same cache key. Cookies or an Authorization header that reach the origin but are not in the key
let the origin answer personally, and the next viewer gets that answer. A minimum TTL above zero keeps even what the origin marks no-store or private.`,
		Why: `An origin request policy forwards all cookies to an application while a cache policy for static files keeps the answers; or the minimum TTL was raised to save
requests.`,
		Example: "CachingOptimized together with the origin request policy AllViewer on the behavior of a shop.",
		References: []string{
			guide + "Expiration.html",
			guide + "understanding-how-origin-request-policies-and-cache-policies-work-together.html",
		},
		Since: "0.1",
	},
	Detect: detectPrivate,
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		b := passage.Behavior(p)
		if b == nil || !v.Fires() {
			return nil
		}
		off := fix.Fix{
			Title: "Keep no answers of the behavior " + b.PathPattern, Complexity: fix.Quick, Minutes: 10,
			Impact:      "Every request of this behavior goes to the origin",
			Explanation: "With the managed policy CachingDisabled each viewer gets an answer of his own. Static files deserve a behavior of their own, with caching and without cookies.",
			SideEffects: []string{"More requests reach the origin, and CloudFront no longer compresses its answers"},
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetCachePolicy(passage.Key(b), cloudfront.CachingDisabledID))},
			Invalidate:  []string{"/*"}, Confidence: fix.High,
		}
		return []fix.Fix{off}
	},
}

func detectPrivate(p *cause.Pass) cause.Verdict {
	b := passage.Behavior(p)
	if b == nil {
		return cause.RuleOut("no cache behavior takes the request")
	}
	f := b.Forwarding()
	switch {
	case !cloudfront.CacheableMethod(p.Request.Method, f.CachesOptions):
		return cause.RuleOut("answers to " + p.Request.Method + " requests are not kept")
	case f.CachingDisabled().Yes():
		return cause.RuleOut("the behavior keeps no answers", policyRef(p, b, "MaxTTL", "0", ""))
	}
	if v, ok := keptAgainstWill(p, b, f); ok {
		return v
	}
	if o := passage.Origin(p); o != nil && o.Endpoint.IsS3() {
		return cause.RuleOut("the origin is a bucket, which answers everybody alike", p.Model.Ref(o.Field+".DomainName", o.Endpoint.Domain, ""))
	}
	if !f.TTLKnown || b.OriginRequestPolicy.Missing() {
		return cause.Need("what the behavior keeps and forwards is not known", b.CachePolicy, b.OriginRequestPolicy)
	}
	what := ""
	switch {
	case f.CookieToOrigin("session").Yes() && f.CookieInKey("session").No():
		what = "cookies"
	case f.HeaderToOrigin("Authorization", p.Request.Method).Yes() && f.HeaderInKey("Authorization").No():
		what = "the Authorization header"
	default:
		return cause.RuleOut("what tells viewers apart is in the cache key, or does not reach the origin")
	}
	refs := []evidence.Ref{policyRef(p, b, "MinTTL", strconv.FormatInt(f.TTL.Min, 10), "seconds"), policyRef(p, b, "DefaultTTL", strconv.FormatInt(f.TTL.Default, 10), "seconds, where the origin says nothing"),
		b.OriginRequestPolicy.Ref("OriginRequestPolicyConfig")}
	summary := "The behavior " + b.PathPattern + " sends " + what + " to the origin, keeps its answers, and does not have " + what + " in the cache key: a personal answer could be given to others."
	because := "it depends on what the origin answers, and whether it marks personal answers private"
	if f.TTL.Min > 0 {
		because = "it depends on what the origin answers; with the minimum TTL above zero even answers marked private or no-store are kept"
		return cause.Likely(p.BehaviorName(b), summary, because, refs...).Explaining(false).AtSeverity(cause.Medium)
	}
	return cause.Possible(p.BehaviorName(b), summary, because, refs...).Explaining(false).AtSeverity(cause.Medium)
}

// keptAgainstWill judges an object whose own headers ask not to be kept.
func keptAgainstWill(p *cause.Pass, b *edge.Behavior, f *cloudfront.Forwarding) (cause.Verdict, bool) {
	s3 := p.Exchange().S3
	if s3 == nil || s3.Key == "" || !f.TTLKnown {
		return cause.Verdict{}, false
	}
	fact := p.Model.ObjectFact(s3.Bucket.Name, s3.Key)
	object, ok := fact.Get()
	if !ok {
		return cause.Need("whether the object asks not to be kept is not known", fact), f.TTL.Min > 0 && fact.Missing()
	}
	control := deref(object.CacheControl)
	fresh := f.TTL.Freshness(cloudfront.ParseCacheControl(control), cloudfront.UntilExpires(deref(object.Expires), p.World.Now))
	if !fresh.Overridden {
		return cause.Verdict{}, false
	}
	return cause.Confirm(p.BehaviorName(b), "The object "+s3.Key+" asks not to be kept ("+control+"), and the behavior's minimum TTL keeps it for "+strconv.FormatInt(f.TTL.Min, 10)+" seconds all the same.",
		fact.Ref("CacheControl").With(control, ""), policyRef(p, b, "MinTTL", strconv.FormatInt(f.TTL.Min, 10), "seconds")).
		WithBecause("the object's header and the minimum TTL are both known").Explaining(false).AtSeverity(cause.Medium), true
}
