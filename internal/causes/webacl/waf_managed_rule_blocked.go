package webacl

import "cfdoctor/internal/cause"

var wafManagedRuleBlocked = &cause.Cause{
	ID:       "WAF_MANAGED_RULE_BLOCKED",
	Title:    "A rule of a managed rule group takes the request for an attack",
	Stage:    stage,
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `Managed rule groups look for signs of attacks: bodies over 8 KB, missing or bot-like user agents, scripts or SQL in parameters, paths of
administration pages, and more. What matches is answered with 403, harmless requests among it.`,
		Why: `An upload, a rich-text editor, a webhook with a URL in a parameter or a client without User-Agent looks like what the rules are after. It often begins
the day a group is added, switched from count to block, or updated.`,
		Example: "POST /notes with 11 KB of JSON meets SizeRestrictions_BODY, which blocks bodies over 8,192 bytes.",
		References: []string{
			guide + "aws-managed-rule-groups-list.html",
			guide + "aws-managed-rule-groups-baseline.html",
			guide + "web-acl-rule-group-override-options.html",
			guide + "web-acl-testing.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return judge(p, byManaged, func(c *culprit) string {
			switch {
			case c.rule == nil:
				return "The distribution has a web ACL that could not be read; a rule in it may block this request."
			case c.grade == cause.GradePossible:
				return "In " + c.aclName() + " the managed rules of " + c.rule.Name + " may take this request for an attack."
			}
			return "In " + c.aclName() + " the managed rule " + ruleName(c.rule) + " blocks this request" + c.why() + "."
		})
	},
	Fixes: remedies,
}
