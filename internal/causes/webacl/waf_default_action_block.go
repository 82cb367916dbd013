package webacl

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
)

var wafDefaultActionBlock = &cause.Cause{
	ID:       "WAF_DEFAULT_ACTION_BLOCK",
	Title:    "No rule of the web ACL allows the request, and its default action is to block",
	Stage:    stage,
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A web ACL whose default action is Block lets only those requests pass that a rule allows. Everything else is answered with 403, new pages and new
kinds of clients included.`,
		Why:     "The web ACL was made as an allow list, or the default was chosen without thinking of paths and viewers that come later.",
		Example: "Rules allow the office's addresses only, and a viewer comes from elsewhere.",
		References: []string{
			guide + "web-acl-default-action.html",
			guide + "web-acl-processing.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return judge(p, byDefault, func(c *culprit) string {
			return "No rule of " + c.aclName() + " allows this request, and the web ACL blocks whatever no rule allows."
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		c, ok := v.Data.(*culprit)
		if !ok {
			return []fix.Fix{readFirst()}
		}
		return []fix.Fix{
			allowPath(p, c),
			{
				Title: "Allow what no rule blocks", Complexity: fix.Quick, Minutes: 10, Compromise: true,
				Impact:      "None on viewers who get through now",
				Explanation: "With the default action Allow the web ACL keeps out only what a rule blocks.",
				SideEffects: []string{"The web ACL is no longer an allow list: everybody whom no rule blocks gets through, so find out first why the default was to block"},
				Changes:     []fix.Change{fix.EditWebACL(c.acl.ARN, fix.SetDefaultAction("Allow"))},
				Confidence:  fix.Medium,
			},
		}
	},
}

// allowPath lets one path through where no rule decides.
func allowPath(p *cause.Pass, c *culprit) fix.Fix {
	path := c.path(p)
	rule := fix.AllowRule("allow-path", pathIs(path))
	rule["Priority"] = nextPriority(c)
	return fix.Fix{
		Title: "Allow the path " + path, Complexity: fix.Quick, Minutes: 10,
		Impact:      "None: everything else is judged as before",
		Explanation: "A new last rule allows exactly this path; the default stays closed for the rest.",
		SideEffects: []string{"Every viewer can fetch " + path + ", unless an earlier rule blocks"},
		Changes: []fix.Change{c.edited(fix.Edits{{Path: fix.At("Rules"), Op: fix.AddItem, Key: "Name", New: rule,
			Label: "Rules tab: choose Add rules, Add my own rules and rule groups; add a rule with the action Allow for URI path exactly “" + path + "”, last in order"}})},
		Confidence: fix.High,
	}
}

// nextPriority is free and comes after every rule.
func nextPriority(c *culprit) int {
	next := 0
	for _, r := range c.rules() {
		next = max(next, int(r.Priority)+1)
	}
	return next
}
