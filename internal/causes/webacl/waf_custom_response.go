package webacl

import (
	"strconv"

	"cfdoctor/internal/cause"
)

var wafCustomResponse = &cause.Cause{
	ID:        "WAF_CUSTOM_RESPONSE",
	Title:     "A rule of the web ACL answers with a status of its own",
	Stage:     stage,
	AnyStatus: true,
	Severity:  cause.High,
	Doc: cause.Doc{
		Explain: `A rule that blocks may answer with a status, headers and a body of its own: 404, 429, a redirect, even 200. It looks like an answer of the
application, and the origin never saw the request. A response with a body is not replaced by CloudFront's error pages.`,
		Why:     "The response was chosen to hide a block or to tell clients to wait, and the rule matches more than meant.",
		Example: "A rule that answers 404 to paths with /internal/ in them, and a link to /docs/internal/overview.html.",
		References: []string{
			guide + "customizing-the-response-for-blocked-requests.html",
			guide + "customizing-the-response-status-codes.html",
			guide + "cloudfront-waf-use-cases.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return judge(p, byCustomResponse, func(c *culprit) string {
			status := strconv.Itoa(c.status)
			if c.grade == cause.GradePossible {
				return "In " + c.aclName() + " " + c.name() + " may answer this request with " + status + "."
			}
			return "In " + c.aclName() + " " + c.name() + " answers this request itself with " + status + c.why() + "."
		})
	},
	Fixes: remedies,
}
