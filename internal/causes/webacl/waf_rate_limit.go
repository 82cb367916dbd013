package webacl

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
)

var wafRateLimit = &cause.Cause{
	ID:       "WAF_RATE_LIMIT",
	Title:    "A rate-based rule of the web ACL answers, because too many requests came",
	Stage:    stage,
	Symptoms: []int{403, 429},
	Severity: cause.High,
	Doc: cause.Doc{
		Explain: `A rate-based rule counts requests by address or another key. While more than its limit came within its window, WAF answers for the origin: with 403, or
with what the rule says, such as 429. The block ends by itself when the rate falls.`,
		Why: `A limit that suits one viewer is too low for an office, a mobile network or a proxy with one address for many, for a page with many small requests, or
for a load test.`,
		Example: "A limit of 100 requests in five minutes for each address, and a page that loads 120 files.",
		References: []string{
			guide + "waf-rule-statement-type-rate-based.html",
			guide + "listing-managed-ips.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return judge(p, byRate, func(c *culprit) string {
			if c.grade == cause.GradePossible {
				return "In " + c.aclName() + " " + c.name() + " limits how many requests may come, and may have been over its limit."
			}
			return "In " + c.aclName() + " " + c.name() + " limits this viewer at the moment, because too many requests came."
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		c, ok := v.Data.(*culprit)
		if !ok || c.rule == nil {
			return remedies(p, v)
		}
		raise := fix.Fix{
			Title: "Raise the limit, or count by what tells viewers apart", Complexity: fix.Standard, Minutes: 30,
			Impact:      "None: viewers who were held back get through",
			Explanation: "What limit suits is in the traffic, which the configuration does not tell.",
			Manual: []string{
				"Look at the rule's metrics and sampled requests: how many requests does a lively viewer send within the window?",
				"AWS WAF & Shield console, Web ACLs, Rules tab: select " + c.rule.Name + ", choose Edit, and set the limit well above that.",
				"Where many viewers share an address, aggregate by a header, a cookie or the forwarded address instead; where the page itself sends many requests, scope the rule down to the paths that need it.",
			},
			Confidence: fix.Medium,
		}
		return append([]fix.Fix{raise}, remedies(p, v)...)
	},
}
