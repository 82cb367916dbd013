package webacl

import (
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
)

var wafBodyOversize = &cause.Cause{
	ID:       "WAF_BODY_OVERSIZE",
	Title:    "The request is larger than WAF inspects, and a rule counts that as a match",
	Stage:    stage,
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `WAF inspects the first 16 KB of a body for CloudFront (up to 64 KB can be set), and 8 KB of headers or cookies. Each rule says what becomes of the
rest: inspect what there is, match, or not match. A rule that blocks and says match answers every larger request with 403.`,
		Why:     "The rule was made strict so that an attack cannot hide behind padding, and uploads or large JSON bodies came later.",
		Example: "A rule against SQL in the body with oversize handling MATCH, and an upload of 200 KB.",
		References: []string{
			guide + "waf-oversize-request-components.html",
			guide + "web-acl-setting-body-inspection-limit.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return judge(p, byOversize, func(c *culprit) string {
			return "In " + c.aclName() + " " + c.name() + " blocks this request for its size alone: it is larger than WAF inspects."
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		c, ok := v.Data.(*culprit)
		if !ok || c.rule == nil {
			return remedies(p, v)
		}
		if member := oversizeMember(ruleOf(c)); member != "" && groupKind(c) == "" {
			at := fix.At("Rules").Element("Name", c.rule.Name).Field("Statement", member, "FieldToMatch", "Body", "OversizeHandling")
			return append([]fix.Fix{{
				Title: "Let the rule " + c.rule.Name + " inspect what fits", Complexity: fix.Quick, Minutes: 10,
				Impact:      "None: smaller requests are judged as before",
				Explanation: "With oversize handling CONTINUE the rule looks at the beginning of a large body and matches by what it finds there, not by the size.",
				SideEffects: []string{"What lies beyond the inspected part of a body is not looked at"},
				Changes: []fix.Change{fix.EditWebACL(c.acl.ARN, fix.Edits{{Path: at, Op: fix.Set, New: "CONTINUE",
					Label: "Rules tab: select “" + c.rule.Name + "”, choose Edit; set Oversize handling to Continue; choose Save rule"}})},
				Confidence: fix.High,
			}}, remedies(p, v)...)
		}
		return remedies(p, v)
	},
}

// oversizeMember is the statement whose oversize handling can be set in one place: a statement about the body that stands by itself.
func oversizeMember(r *types.Rule) string {
	if r == nil || r.Statement == nil {
		return ""
	}
	s := r.Statement
	body := func(f *types.FieldToMatch) bool { return f != nil && f.Body != nil }
	switch {
	case s.ByteMatchStatement != nil && body(s.ByteMatchStatement.FieldToMatch):
		return "ByteMatchStatement"
	case s.SqliMatchStatement != nil && body(s.SqliMatchStatement.FieldToMatch):
		return "SqliMatchStatement"
	case s.XssMatchStatement != nil && body(s.XssMatchStatement.FieldToMatch):
		return "XssMatchStatement"
	case s.RegexMatchStatement != nil && body(s.RegexMatchStatement.FieldToMatch):
		return "RegexMatchStatement"
	}
	return ""
}
