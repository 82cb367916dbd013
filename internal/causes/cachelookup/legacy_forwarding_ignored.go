package cachelookup

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/fix"
)

var legacyForwardingIgnored = &cause.Cause{
	ID:        "LEGACY_FORWARDING_IGNORED",
	Title:     "The behavior has a cache policy beside the older forwarding settings, which then count for nothing",
	Stage:     stage,
	Severity:  cause.Medium,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `A behavior has either a cache policy or ForwardedValues with TTLs of its own. Where a template or a record names both, the policy decides, and the headers, cookies and
query strings that ForwardedValues lists are neither in the cache key nor sent to the origin.`,
		Why:     "A policy was added to a template that had ForwardedValues, and nobody took them out.",
		Example: "CachePolicyId CachingOptimized beside ForwardedValues with QueryString true.",
		References: []string{
			guide + "controlling-the-cache-key.html",
			guide + "DownloadDistValuesCacheBehavior.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		b := passage.Behavior(p)
		if b == nil {
			return cause.RuleOut("no cache behavior takes the request")
		}
		if b.Config.ForwardedValues == nil || deref(b.Config.CachePolicyId) == "" {
			return cause.RuleOut("the behavior has either a cache policy or the older settings, not both")
		}
		return cause.Confirm(p.BehaviorName(b), "The behavior "+b.PathPattern+" names a cache policy and older forwarding settings; the older ones count for nothing.",
			p.Model.Ref(b.Field+".ForwardedValues", "", "ignored beside a cache policy"), p.Model.Ref(b.Field+".CachePolicyId", *b.Config.CachePolicyId, "")).
			WithBecause("both are in the behavior's configuration").Explaining(false)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		b := passage.Behavior(p)
		return []fix.Fix{{
			Title: "Take the older forwarding settings out", Complexity: fix.Quick, Minutes: 10,
			Impact:      "None: they count for nothing now",
			Explanation: "The behavior then says only what it does. What the older settings were meant to forward belongs in the cache policy or an origin request policy.",
			SideEffects: []string{"A template or script that still has the older settings brings them back when it is next applied: take them out there too"},
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetCachePolicy(passage.Key(b), deref(b.Config.CachePolicyId)))},
			Confidence:  fix.High,
		}}
	},
}
