package cachelookup

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var cacheHitRatioLow = &cause.Cause{
	ID:        "CACHE_HIT_RATIO_LOW",
	Title:     "Few requests are answered from the cache",
	Stage:     stage,
	Severity:  cause.Medium,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `A request that the cache answers is faster and spares the origin. The cache cannot answer where caching is off, where the origin forbids it, or where the cache key
holds things that differ from request to request: all headers, all cookies, all query strings, the User-Agent.`,
		Why:     `A policy made for an API stands on the behavior of static files, or everything was forwarded "to be safe".`,
		Example: "A cache hit rate of 12 %, and all query strings in the key while campaigns add parameters of their own.",
		References: []string{
			guide + "cache-hit-ratio.html",
			guide + "controlling-the-cache-key.html",
			guide + "Expiration.html",
		},
		Since: "0.1",
	},
	Detect: detectHitRatio,
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{{
			Title: "Let more be answered from the cache", Complexity: fix.Standard, Minutes: 60,
			Impact:      "None where the answers do not depend on what leaves the key",
			Explanation: "Static files want a behavior with the managed policy CachingOptimized; for the others the key should hold only what changes the answer.",
			SideEffects: []string{"An answer that does depend on something outside the key would be given to the wrong viewers: check before you take anything out"},
			Manual: []string{
				"Give the paths of static files (/static/*, *.css, *.js, images) a behavior with the cache policy CachingOptimized and no origin request policy.",
				"For the others make a cache policy that lists the few query strings, headers and cookies on which the answer depends; send the rest with an origin request policy.",
				"Let the origin send Cache-Control: max-age with what may be kept.",
			},
			ByHand:     policiesByHand(p),
			Confidence: fix.Medium,
		}}
	},
}

// policiesByHand are the reads that show what is in the cache keys, and which managed policies there are to choose from.
func policiesByHand(p *cause.Pass) []fix.HandCall {
	out := []fix.HandCall{{Purpose: "See the managed cache policies", Service: "cloudfront", Operation: "ListCachePolicies", Params: []fix.HandParam{{Name: "Type", Value: "managed"}}}}
	seen := map[string]bool{}
	for _, b := range p.Model.Behaviors {
		if id := deref(b.Config.CachePolicyId); id != "" && !seen[id] {
			seen[id] = true
			out = append(out, fix.HandCall{Purpose: "See what the cache policy of " + b.PathPattern + " has in its key, and for how long it keeps answers", Service: "cloudfront",
				Operation: "GetCachePolicy", Params: []fix.HandParam{{Name: "Id", Value: id}}})
		}
	}
	return out
}

const (
	lowRate  = 50 // percent: below it the cache does little
	fineRate = 75 // percent: above it nothing is said
)

func detectHitRatio(p *cause.Pass) cause.Verdict {
	var reasons []string
	var refs []evidence.Ref
	for _, b := range p.Model.Behaviors {
		if reason, ref := splinters(p, b); reason != "" {
			reasons = append(reasons, "behavior "+b.PathPattern+": "+reason)
			refs = append(refs, ref)
		}
	}
	why := strings.Join(reasons, "; ")
	rate, known := posture.Recent(p, "CacheHitRate").Mean()
	if !known {
		if on, read := posture.AdditionalMetrics(p); read && !on && why == "" {
			return cause.RuleOut("every behavior keeps answers under a short key")
		}
		return cause.Need("how many requests the cache answers is not known: it is one of the additional metrics", posture.Metrics(p))
	}
	ref := posture.MetricRef(p, "CacheHitRate", posture.Number(rate)+" %", "mean of the last hours")
	switch {
	case rate >= fineRate:
		return cause.RuleOut("the cache answers "+posture.Number(rate)+" % of the requests", ref)
	case rate < lowRate && why != "":
		return cause.Confirm(p.DistributionName(), "The cache answers "+posture.Number(rate)+" % of the requests only. "+strings.ToUpper(why[:1])+why[1:]+".", append([]evidence.Ref{ref}, refs...)...).
			WithBecause("the metric and the behaviors' cache keys are known")
	case rate < lowRate:
		return cause.Possible(p.DistributionName(), "The cache answers "+posture.Number(rate)+" % of the requests only, though the behaviors keep answers under a short key.",
			"the origin may forbid keeping its answers, or each object is asked for rarely", ref)
	}
	return cause.RuleOut("the cache answers "+posture.Number(rate)+" % of the requests", ref)
}

// splinters says what keeps a behavior's answers from being used again, "" for nothing that is known.
func splinters(p *cause.Pass, b *edge.Behavior) (string, evidence.Ref) {
	f := b.Forwarding()
	probe := "cfdoctor-no-such-name"
	switch {
	case f.CachingDisabled().Yes():
		return "caching is off", policyRef(p, b, "MaxTTL", "0", "nothing is kept")
	case f.HeaderInKey("User-Agent").Yes():
		return "the User-Agent header is in the cache key", policyRef(p, b, "ParametersInCacheKeyAndForwardedToOrigin.HeadersConfig", "", "every browser version has a copy of its own")
	case f.CookieInKey(probe).Yes():
		return "all cookies are in the cache key", policyRef(p, b, "ParametersInCacheKeyAndForwardedToOrigin.CookiesConfig.CookieBehavior", string(types.CachePolicyCookieBehaviorAll), "every visitor has a copy of his own")
	case f.QueryInKey(probe).Yes():
		return "all query strings are in the cache key", policyRef(p, b, "ParametersInCacheKeyAndForwardedToOrigin.QueryStringsConfig.QueryStringBehavior", string(types.CachePolicyQueryStringBehaviorAll), "every campaign parameter makes a copy of its own")
	}
	return "", evidence.Ref{}
}
