package webacl

import (
	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
)

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
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		c, ok := v.Data.(*culprit)
		if !ok || c.rule == nil {
			return remedies(p, v)
		}
		if f, ok := editSet(p, c); ok {
			return append([]fix.Fix{f}, remedies(p, v)...)
		}
		return remedies(p, v)
	},
}

// editSet puts the viewer's address right in the IP set that the rule names.
func editSet(p *cause.Pass, c *culprit) (fix.Fix, bool) {
	rule, ip := ruleOf(c), p.Request.ClientIP
	if rule == nil || c.rule.Group != "" || !ip.IsValid() {
		return fix.Fix{}, false
	}
	arn, negated := addressSet(rule.Statement)
	out, known := account.IPSet(arn).In(p.World).Get()
	if arn == "" || !known {
		return fix.Fix{}, false
	}
	f := fix.Fix{
		Complexity: fix.Quick, Minutes: 5, Confidence: fix.High,
		Impact: "None: other addresses are judged as before",
	}
	entry := holding(out.IPSet, ip)
	switch {
	case negated && entry == "":
		cidr := ip.Unmap().String() + "/32"
		if ip.Unmap().Is6() {
			cidr = ip.String() + "/128"
		}
		f.Title = "Add " + cidr + " to the addresses that may come"
		f.Explanation = "The rule blocks who is not in the IP set; the viewer's address joins it."
		f.SideEffects = []string{"Everybody behind this address gets in: make sure that it belongs to whom you think"}
		f.Changes = []fix.Change{fix.EditIPSet(arn, fix.AddAddress(cidr))}
		return f, true
	case !negated && entry != "":
		f.Title = "Take " + entry + " out of the blocked addresses"
		f.Explanation = "The rule blocks who is in the IP set; the entry that holds the viewer's address leaves it."
		f.SideEffects = []string{"Everybody in " + entry + " gets in again: find out first why it was blocked"}
		f.Changes = []fix.Change{fix.EditIPSet(arn, fix.RemoveAddress(entry))}
		return f, true
	}
	return fix.Fix{}, false
}
