package webacl

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/waf"
)

// Remedies that change a web ACL take effect within minutes, and never take protection away from more requests than they say.

// remedies are the fixes that fit every rule: put the viewer's address right in a list that it goes by, keep the rule off this path, or let it
// count instead of acting.
func remedies(p *cause.Pass, v cause.Verdict) []fix.Fix {
	c, ok := v.Data.(*culprit)
	switch {
	case !ok || c.rule == nil:
		return []fix.Fix{readFirst()}
	case !strings.HasPrefix(c.rule.Field, "Rules["):
		return []fix.Fix{askFirewallManager(c)}
	}
	return append(editSets(p, c), count(c), spare(p, c))
}

// count lets one rule count what it matches.
func count(c *culprit) fix.Fix {
	edits, what := fix.SetRuleAction(c.rule.Name, "Count"), "the rule "+c.rule.Name
	switch kind := groupKind(c); {
	case kind != "" && c.rule.InnerRule == "":
		edits, what = fix.SetGroupToCount(c.rule.Name), "the whole rule group of the rule "+c.rule.Name
	case kind == managedGroup:
		edits, what = fix.OverrideManagedRule(c.rule.Name, c.rule.InnerRule), "the rule "+c.rule.InnerRule+" of the managed group"
	case kind == ownGroup:
		edits, what = fix.OverrideGroupRule(c.rule.Name, c.rule.InnerRule), "the rule "+c.rule.InnerRule+" of the rule group"
	}
	return fix.Fix{
		Title:       "Let " + what + " count instead of act",
		Complexity:  fix.Quick,
		Compromise:  true,
		Minutes:     10,
		Impact:      "None: requests that pass now go on passing",
		Explanation: "What matches is counted and labeled, and no longer answered by WAF. All other rules stay at work.",
		SideEffects: []string{"Requests that this rule would have kept out get through, attacks among them: look at what it counts, and put a narrower rule in its place"},
		Changes:     []fix.Change{c.edited(edits)},
		Confidence:  fix.High,
	}
}

// spare keeps a rule off the path of this request.
func spare(p *cause.Pass, c *culprit) fix.Fix {
	path := c.path(p)
	other := fix.Not(pathIs(path))
	var edits fix.Edits
	switch {
	case groupKind(c) == managedGroup:
		edits = fix.ScopeDownGroup(c.rule.Name, other)
	case groupKind(c) == ownGroup:
		return spareByOrder(p, c)
	case c.rule.Kind == waf.KindRate:
		edits = fix.ScopeDownRate(c.rule.Name, other)
	default:
		edits = fix.Edits{{Path: fix.At("Rules").Element("Name", c.rule.Name).Field("Statement"), Op: fix.Narrow, New: other,
			Label: "Rules tab: select “" + c.rule.Name + "”, choose Edit; in the Rule JSON editor put its statement and “the path is not " + path +
				"” into an AndStatement; choose Save rule"}}
	}
	return fix.Fix{
		Title:       "Keep the rule " + c.rule.Name + " off the path " + path,
		Complexity:  fix.Standard,
		Minutes:     20,
		Impact:      "None: other paths are judged as before",
		Explanation: "The rule goes on looking at every other path. It is the better choice where one upload, callback or API needs what the rule takes for an attack.",
		SideEffects: []string{"Nothing of this rule protects " + path + " any longer: the application has to check such requests itself"},
		Changes:     []fix.Change{c.edited(edits)},
		Confidence:  fix.High,
	}
}

// spareByOrder allows the path before a rule group of one's own, which has no scope of its own to narrow.
func spareByOrder(p *cause.Pass, c *culprit) fix.Fix {
	path := c.path(p)
	return fix.Fix{
		Title:       "Allow the path " + path + " before the rule " + c.rule.Name,
		Complexity:  fix.Standard,
		Minutes:     20,
		Impact:      "None: other paths are judged as before",
		Explanation: "A rule that allows exactly this path comes before the rule group.",
		SideEffects: []string{"No later rule of the web ACL looks at " + path + " any longer"},
		Changes:     []fix.Change{c.edited(fix.AddRuleBefore(c.rule.Name, fix.AllowRule("allow-"+c.rule.Name, pathIs(path))))},
		Confidence:  fix.Medium,
	}
}

// edited is the web ACL with edits, CloudFront's or the origin's.
func (c *culprit) edited(edits fix.Edits) fix.Change {
	if c.origin != nil {
		return fix.EditResourceWebACL(c.origin.Resource, c.origin.Region, c.origin.ARN, edits)
	}
	return fix.EditWebACL(c.acl.ARN, edits)
}

// path is the one that the web ACL sees: the origin's has the origin path before it.
func (c *culprit) path(p *cause.Pass) string {
	if c.origin != nil {
		return p.Exchange().Forwarded.Path
	}
	return p.Request.Path
}

// rules are the web ACL's own.
func (c *culprit) rules() []types.Rule {
	if c.origin == nil {
		return c.acl.Fact.Or(account.WebACLOutput{}).WebACL.Rules
	}
	if out, _ := c.origin.Fact.Get(); out.WebACL != nil {
		return out.WebACL.Rules
	}
	return nil
}

func askFirewallManager(c *culprit) fix.Fix {
	return fix.Fix{
		Title: "Have the Firewall Manager policy changed", Complexity: fix.Standard, Minutes: 60,
		Impact:      "None until the policy changes",
		Explanation: "The rule " + c.rule.Name + " is put into the web ACL by AWS Firewall Manager and cannot be edited in this account: a change would be undone.",
		Manual:      []string{"Ask the administrator of Firewall Manager in your organization to except the request, or to let " + ruleName(c.rule) + " count."},
		Confidence:  fix.Medium,
	}
}

// readFirst is the remedy where nobody could read the rules.
func readFirst() fix.Fix {
	return fix.Fix{
		Title: "Find the rule that blocks the request", Complexity: fix.Quick, Minutes: 15,
		Impact:      "None: looking changes nothing",
		Explanation: "The rules are not known from here, so a change would be a guess.",
		Manual: []string{
			"Open the AWS WAF & Shield console, choose Web ACLs (in the new console Resources & protection packs), Global (CloudFront), and the distribution's web ACL; on its overview look for the request among the sampled requests.",
			"Or diagnose again with credentials that may call wafv2:GetWebACL and wafv2:GetSampledRequests.",
		},
		Confidence: fix.Low,
	}
}

const (
	managedGroup = "ManagedRuleGroupStatement"
	ownGroup     = "RuleGroupReferenceStatement"
)

// groupKind is the member of the API that refers to a rule's group; "" for a rule of the web ACL itself.
func groupKind(c *culprit) string {
	for _, kind := range []string{managedGroup, ownGroup} {
		if strings.HasSuffix(c.rule.Field, kind) {
			return kind
		}
	}
	return ""
}

// pathIs is a statement that matches one path and nothing else.
func pathIs(path string) map[string]any {
	return map[string]any{"ByteMatchStatement": map[string]any{
		"SearchString":         base64.StdEncoding.EncodeToString([]byte(path)),
		"FieldToMatch":         map[string]any{"UriPath": map[string]any{}},
		"TextTransformations":  []any{map[string]any{"Priority": 0, "Type": "NONE"}},
		"PositionalConstraint": "EXACTLY",
	}}
}

// ruleOf is the web ACL's rule behind a culprit; nil where it is not among those that can be edited.
func ruleOf(c *culprit) *types.Rule {
	rules := c.rules()
	i := slices.IndexFunc(rules, func(r types.Rule) bool { return r.Name != nil && *r.Name == c.rule.Name })
	if i < 0 {
		return nil
	}
	return &rules[i]
}
