package waf

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

// managedRule is what AWS documents of one rule of a managed rule group, for the latest static version. An action
// that DescribeManagedRuleGroup lists takes precedence, because actions change from version to version.
type managedRule struct {
	name   string
	label  string // without the group's namespace; empty: none is documented
	action Action
	when   node
}

// managedTable is what is known of a group.
type managedTable struct {
	namespace string // of its labels
	rules     []managedRule
	onEntry   func(*evaluation)
	idle      string // prefix of listed rules that this configuration does not run; empty: none
}

// awsNamespace precedes the labels of AWS's own groups (WAF/waf-rule-label-requirements).
const awsNamespace = "awswaf:managed:aws:"

// table finds what is known of a managed rule group (WAF/aws-managed-rule-groups-list).
func (c *compiler) table(s *types.ManagedRuleGroupStatement) (t managedTable, ok bool) {
	if deref(s.VendorName) != "AWS" {
		return t, false
	}
	switch strings.TrimPrefix(deref(s.Name), "AWSManagedRules") {
	case "CommonRuleSet":
		return c.commonRules(), true
	case "AdminProtectionRuleSet":
		return c.adminRules(), true
	case "KnownBadInputsRuleSet":
		return c.badInputRules(), true
	case "SQLiRuleSet":
		return c.sqlRules(), true
	case "LinuxRuleSet":
		return c.linuxRules(), true
	case "UnixRuleSet":
		return c.unixRules(), true
	case "WindowsRuleSet":
		return c.windowsRules(), true
	case "PHPRuleSet":
		return c.phpRules(), true
	case "WordPressRuleSet":
		return c.wordPressRules(), true
	case "AmazonIpReputationList":
		return reputationRules(), true
	case "AnonymousIpList":
		return anonymousRules(), true
	case "BotControlRuleSet":
		return botRules(s.ManagedRuleGroupConfigs), true
	case "ATPRuleSet", "ACFPRuleSet":
		return fraudRules(s), true
	case "AntiDDoSRuleSet":
		return floodRules(), true
	}
	return t, false
}

func (c *compiler) managedGroup(s *types.ManagedRuleGroupStatement, ref RuleRef, counts bool) *group {
	g := &group{counts: counts, merges: true}
	ref.Group, ref.GroupVendor = deref(s.Name), deref(s.VendorName)
	if s.ScopeDownStatement != nil {
		g.scope = c.statement(s.ScopeDownStatement)
	}
	table, known := c.table(s)
	if known {
		g.onEntry = table.onEntry
	} else {
		table.namespace = "awswaf:managed:" + lowercase(ref.GroupVendor) + ":"
		g.prefix = table.namespace
	}
	var listed []types.RuleSummary
	if c.refs.ManagedRuleGroup != nil {
		listed, _ = c.refs.ManagedRuleGroup(ref.GroupVendor, ref.Group, deref(s.Version))
	}
	rules := c.listedRules(table, listed)
	if len(rules) == 0 {
		rules = []managedRule{{when: unknownNode{because: "what the rules of this group look for is not public"}}}
	}
	for _, m := range rules {
		r := rule{ref: ref, when: m.when, effect: effect{action: m.action}}
		r.ref.InnerRule = m.name
		switch {
		case m.label != "":
			r.labels = []string{table.namespace + m.label}
		case known:
			g.prefix = table.namespace
		}
		if m.name != "" {
			c.override(&r, s.RuleActionOverrides, s.ExcludedRules)
		}
		r.ref.describe(r.effect.response)
		g.rules = append(g.rules, r)
	}
	return g
}

// listedRules joins what is documented with what the account's API lists: the list gives rules, order and actions.
func (c *compiler) listedRules(table managedTable, listed []types.RuleSummary) []managedRule {
	if len(listed) == 0 {
		return table.rules
	}
	var out []managedRule
	for i := range listed {
		m := managedRule{name: deref(listed[i].Name), when: unknownNode{because: "the rule's condition is not public"}}
		if table.idle != "" && strings.HasPrefix(m.name, table.idle) {
			continue
		}
		for _, d := range table.rules {
			if d.name == m.name {
				m = d
			}
		}
		if a := c.action(listed[i].Action).action; a != ActionUnknown {
			m.action = a
		}
		out = append(out, m)
	}
	return out
}

// inspectManaged inspects a component after URL decoding with an exact or public test.
func (c *compiler) inspectManaged(kind fieldKind, t test) node {
	spec := fieldSpec{kind: kind, filter: filter{all: true}, scope: valuesOnly}
	if decode, ok := transforms(types.TextTransformationTypeUrlDecode); ok {
		spec.chain = []transform{decode}
	}
	return &inspectNode{slot: c.slot(spec), test: t}
}

// larger compares a component's size as sent.
func (c *compiler) larger(spec fieldSpec, than int64) node {
	return &sizeNode{slot: c.slot(spec), op: types.ComparisonOperatorGt, size: than}
}
