package webacl

import (
	"strings"

	"cfdoctor/internal/waf"
)

// family is a kind of decision. Every decision of a web ACL belongs to exactly one, so that one cause only speaks for it.
type family uint8

const (
	byDefault family = iota
	byAddress
	byRate
	byManaged
	byRule
	byOversize
	byChallenge
	byCustomResponse
)

// familyOf sorts a decision. What the viewer gets goes first where it is not a plain block, then why the rule matches, then what it is made of.
func familyOf(rule *waf.RuleRef, action waf.Action, status int) family {
	switch {
	case action == waf.Captcha || action == waf.Challenge:
		return byChallenge
	case rule == nil:
		return byDefault
	case rule.Kind == waf.KindRate:
		return byRate
	case rule.CustomResponse && status != 403:
		return byCustomResponse
	case rule.Oversize:
		return byOversize
	case rule.Kind == waf.KindIPSet || reputation(rule):
		return byAddress
	case rule.Kind == waf.KindManaged:
		return byManaged
	}
	return byRule
}

// reputation reports a rule of the managed groups that judge by address alone (WAF/aws-managed-rule-groups-ip-rep).
func reputation(rule *waf.RuleRef) bool {
	return rule.GroupVendor == "AWS" && (strings.HasSuffix(rule.Group, "IpReputationList") || strings.HasSuffix(rule.Group, "AnonymousIpList"))
}

// ruleName is a rule with the rule of the group that it refers to.
func ruleName(r *waf.RuleRef) string {
	if r.InnerRule != "" {
		return r.InnerRule + " (rule " + r.Name + ")"
	}
	return r.Name
}
