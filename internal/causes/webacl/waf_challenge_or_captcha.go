package webacl

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/waf"
)

var wafChallengeOrCaptcha = &cause.Cause{
	ID:       "WAF_CHALLENGE_OR_CAPTCHA",
	Title:    "The web ACL answers with a challenge or a CAPTCHA, which this client cannot solve",
	Stage:    stage,
	Symptoms: []int{202, 405},
	Severity: cause.High,
	Doc: cause.Doc{
		Explain: `A rule with the action Challenge or CAPTCHA wants a token, which a browser gets by running a script or solving a puzzle. A request without one is
answered with 202 or 405 in place of the content. An API client, a script or a fetch from another page cannot solve it and sees an empty or strange answer.`,
		Why: `The action suits pages that a browser opens, and the rule covers API paths, feeds, health checks or background requests too. The answer carries no CORS
headers, so that a page of another host sees a CORS error.`,
		Example: "A bot rule with Challenge on all paths, and a mobile application that calls /api/orders.",
		References: []string{
			guide + "waf-captcha-and-challenge-how-it-works.html",
			guide + "waf-captcha-and-challenge-actions.html",
			guide + "waf-application-integration.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return judge(p, byChallenge, func(c *culprit) string {
			what := "a challenge (202)"
			if c.action == waf.Captcha {
				what = "a CAPTCHA (405)"
			}
			if c.grade == cause.GradePossible {
				return "In " + c.aclName() + " " + c.name() + " may answer this request with " + what + "."
			}
			return "In " + c.aclName() + " " + c.name() + " answers this request with " + what + ", since it carries no token of WAF's."
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		c, ok := v.Data.(*culprit)
		if !ok || c.rule == nil {
			return remedies(p, v)
		}
		token := fix.Fix{
			Title: "Have the client get a token", Complexity: fix.Advanced, Minutes: 240,
			Impact:      "None on other viewers",
			Explanation: "WAF's JavaScript and mobile SDKs get a token in the background and send it along, so that the rule lets the request pass.",
			Manual:      []string{"Put WAF's application integration SDK into the page or the application, and send the token with every request (cookie aws-waf-token, or the header x-aws-waf-token)."},
			Confidence:  fix.Medium,
		}
		out := remedies(p, v)
		if len(out) == 2 {
			out[0], out[1] = out[1], out[0] // the rule is there for good reason: sparing the path goes before counting
		}
		return append(out, token)
	},
}
