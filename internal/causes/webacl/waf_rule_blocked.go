package webacl

import "cfdoctor/internal/cause"

const guide = "https://docs.aws.amazon.com/waf/latest/developerguide/"

var wafRuleBlocked = &cause.Cause{
	ID:       "WAF_RULE_BLOCKED",
	Title:    "A rule of the web ACL blocks the request",
	Stage:    stage,
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `The distribution's web ACL has a rule of your own that matches the request and blocks it. CloudFront answers 403 ("Request blocked"); neither its
functions nor the origin see the request, and the access log says no more than Error.`,
		Why: `Rules are written against an attack and match more than meant: a part of a path, a country, a header that a client lacks. Or a rule meant for one
application sits in a web ACL that others share.`,
		Example: `A rule that blocks every path with "admin" in it meets /administration/guide.html.`,
		References: []string{
			guide + "web-acl-processing.html",
			guide + "waf-rules.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return judge(p, byRule, func(c *culprit) string {
			if c.grade == cause.GradePossible {
				return "In " + c.aclName() + " " + c.name() + " may block this request."
			}
			return "In " + c.aclName() + " " + c.name() + " blocks this request" + c.why() + "."
		})
	},
	Fixes: remedies,
}
