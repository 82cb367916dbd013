package webacl

import "cfdoctor/internal/cause"

var wafIPReputationBlocked = &cause.Cause{
	ID:       "WAF_IP_REPUTATION_BLOCKED",
	Title:    "A rule of the web ACL blocks the viewer's address",
	Stage:    stage,
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A rule looks at the viewer's address: it is in an IP set of yours, outside one that lists who may come, or on one of AWS's lists of bad or anonymous
addresses (proxies, VPNs, hosting providers). The answer is 403 for these viewers, and everybody else is served.`,
		Why: `An address was blocked after an incident and belongs to somebody else by now, an office changed its way out, a partner's server runs at a hosting
provider, or many viewers share one address.`,
		Example: "203.0.113.77/32 is in the IP set abuse-2026, which the first rule blocks.",
		References: []string{
			guide + "waf-rule-statement-type-ipset-match.html",
			guide + "aws-managed-rule-groups-ip-rep.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return judge(p, byAddress, func(c *culprit) string {
			switch {
			case c.grade == cause.GradePossible:
				return "In " + c.aclName() + " " + c.name() + " blocks some addresses, and this viewer's may be one of them."
			case p.Request.ClientIP.IsValid():
				return "In " + c.aclName() + " " + c.name() + " blocks the viewer's address " + p.Request.ClientIP.String() + "."
			}
			return "In " + c.aclName() + " " + c.name() + " blocks the viewer's address" + c.why() + "."
		})
	},
	Fixes: remedies,
}
