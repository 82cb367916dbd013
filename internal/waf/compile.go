package waf

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

// References resolves what a web ACL refers to. A nil function, like a false answer, means that the thing was not
// read; what refers to it is then unknown.
type References struct {
	IPSet           func(arn string) (*types.IPSet, bool)
	RegexPatternSet func(arn string) (*types.RegexPatternSet, bool)
	RuleGroup       func(arn string) (*types.RuleGroup, bool)
	// ManagedRuleGroup answers with the rules and actions that DescribeManagedRuleGroup lists. An empty version is
	// the default version.
	ManagedRuleGroup func(vendor, name, version string) ([]types.RuleSummary, bool)
}

// ACL is a web ACL prepared for many evaluations.
type ACL struct {
	entries   []entry
	fallback  effect // the default action
	fields    []fieldSpec
	bodyLimit int64 // bytes of a body that WAF inspects
	// readsLabels tells whether any statement asks for labels.
	readsLabels bool
	pool        sync.Pool
}

// compiler carries what statements need to know about the entity they are in.
type compiler struct {
	refs      References
	acl       *ACL
	slots     map[string]int
	namespace string
	bodies    map[string]types.CustomResponseBody
	depth     int
	combined  int       // depth within combinations of statements
	geos      []geoNode // of the rule being compiled, within combinations
}

// Compile prepares a web ACL. It never fails: a part that is invalid or that refs cannot resolve becomes unknown,
// and the rest stays what it is. A nil acl has no rules and an unknown default action.
func Compile(acl *types.WebACL, refs References) *ACL {
	a := &ACL{bodyLimit: 16 << 10}
	if acl == nil {
		return a
	}
	c := &compiler{
		refs: refs, acl: a, slots: map[string]int{},
		namespace: labelNamespace(deref(acl.LabelNamespace), deref(acl.ARN)), bodies: acl.CustomResponseBodies,
	}
	a.bodyLimit = bodyLimit(acl.AssociationConfig)
	a.fallback = c.defaultAction(acl.DefaultAction)

	c.firewallManager("PreProcessFirewallManagerRuleGroups", acl.PreProcessFirewallManagerRuleGroups)
	from := len(a.entries)
	for i := range acl.Rules {
		a.entries = append(a.entries, c.entry(&acl.Rules[i], fmt.Sprintf("Rules[%d].Statement", i)))
	}
	slices.SortStableFunc(a.entries[from:], byPriority)
	c.firewallManager("PostProcessFirewallManagerRuleGroups", acl.PostProcessFirewallManagerRuleGroups)
	return a
}

func byPriority(a, b entry) int { return cmp.Compare(a.ref.Priority, b.ref.Priority) }

// bodyLimit is 16 KB unless the web ACL raises it (WAF/web-acl-setting-body-inspection-limit).
func bodyLimit(config *types.AssociationConfig) int64 {
	if config != nil {
		switch config.RequestBody[string(types.AssociatedResourceTypeCloudfront)].DefaultSizeInspectionLimit {
		case types.SizeInspectionLimitKb32:
			return 32 << 10
		case types.SizeInspectionLimitKb48:
			return 48 << 10
		case types.SizeInspectionLimitKb64:
			return 64 << 10
		}
	}
	return 16 << 10
}

// firewallManager adds the rule groups that Firewall Manager puts before or after the web ACL's own rules.
func (c *compiler) firewallManager(field string, groups []types.FirewallManagerRuleGroup) {
	from := len(c.acl.entries)
	for i := range groups {
		g := &groups[i]
		r := types.Rule{Name: g.Name, Priority: g.Priority, OverrideAction: g.OverrideAction}
		if s := g.FirewallManagerStatement; s != nil {
			r.Statement = &types.Statement{
				ManagedRuleGroupStatement:   s.ManagedRuleGroupStatement,
				RuleGroupReferenceStatement: s.RuleGroupReferenceStatement,
			}
		}
		c.acl.entries = append(c.acl.entries, c.entry(&r, fmt.Sprintf("%s[%d].FirewallManagerStatement", field, i)))
	}
	slices.SortStableFunc(c.acl.entries[from:], byPriority)
}

func (c *compiler) entry(r *types.Rule, field string) entry {
	s := r.Statement
	counts := r.OverrideAction != nil && r.OverrideAction.Count != nil
	switch {
	case s != nil && s.ManagedRuleGroupStatement != nil:
		ref := RuleRef{Name: deref(r.Name), Priority: r.Priority, Kind: KindManaged, Field: field + ".ManagedRuleGroupStatement"}
		return entry{rule: rule{ref: ref}, group: c.managedGroup(s.ManagedRuleGroupStatement, ref, counts)}
	case s != nil && s.RuleGroupReferenceStatement != nil:
		ref := RuleRef{Name: deref(r.Name), Priority: r.Priority, Kind: KindGroup, Field: field + ".RuleGroupReferenceStatement"}
		return entry{rule: rule{ref: ref}, group: c.ownGroup(s.RuleGroupReferenceStatement, ref, counts)}
	}
	return entry{rule: c.rule(r, field)}
}

// rule compiles a rule that is not a reference to a group.
func (c *compiler) rule(r *types.Rule, field string) rule {
	kind, name := kindOf(r.Statement)
	c.geos = nil
	if name != "" {
		field += "." + name
	}
	out := rule{
		ref:    RuleRef{Name: deref(r.Name), Priority: r.Priority, Kind: kind, Field: field},
		when:   c.statement(r.Statement),
		effect: c.action(r.Action),
	}
	if len(c.geos) > 0 {
		out.when = labelled{out.when, c.geos}
	}
	for _, l := range r.RuleLabels {
		if n := deref(l.Name); n != "" {
			out.labels = append(out.labels, c.namespace+n)
		}
	}
	out.ref.describe(out.effect.response)
	return out
}

func (f *RuleRef) describe(r *Response) {
	f.CustomResponse, f.BodyKey, f.Body = r != nil, "", ""
	if r != nil {
		f.BodyKey, f.Body = r.BodyKey, r.Body
	}
}

// ownGroup compiles a reference to a rule group of an account.
func (c *compiler) ownGroup(s *types.RuleGroupReferenceStatement, ref RuleRef, counts bool) *group {
	g := &group{counts: counts}
	arn := deref(s.ARN)
	ref.Group = nameInARN(arn)
	rg := resolve(c.refs.RuleGroup, arn)
	if rg == nil {
		g.prefix = labelNamespace("", arn)
		g.rules = []rule{{ref: ref, when: unknownNode{because: "the rule group could not be read", hint: plain}}}
		return g
	}
	inner := *c
	inner.namespace, inner.bodies = labelNamespace(deref(rg.LabelNamespace), arn), rg.CustomResponseBodies
	if n := deref(rg.Name); n != "" {
		ref.Group = n
	}
	rules := slices.Clone(rg.Rules)
	slices.SortStableFunc(rules, func(a, b types.Rule) int { return cmp.Compare(a.Priority, b.Priority) })
	for i := range rules {
		r := inner.rule(&rules[i], ref.Field)
		at := ref
		at.InnerRule, at.Kind = r.ref.Name, r.ref.Kind
		r.ref = at
		c.override(&r, s.RuleActionOverrides, s.ExcludedRules)
		r.ref.describe(r.effect.response)
		g.rules = append(g.rules, r)
	}
	return g
}

// override replaces a group rule's action as the web ACL says. ExcludedRules is the older way to say Count.
func (c *compiler) override(r *rule, overrides []types.RuleActionOverride, excluded []types.ExcludedRule) {
	for i := range excluded {
		if deref(excluded[i].Name) == r.ref.InnerRule {
			r.effect = effect{action: Count}
		}
	}
	for i := range overrides {
		if o := &overrides[i]; deref(o.Name) == r.ref.InnerRule && o.ActionToUse != nil {
			r.effect = c.action(o.ActionToUse)
		}
	}
}

func (c *compiler) action(a *types.RuleAction) effect {
	switch {
	case a == nil:
	case a.Block != nil:
		return effect{action: Block, response: c.response(a.Block.CustomResponse)}
	case a.Allow != nil:
		return effect{action: Allow, insert: inserted(a.Allow.CustomRequestHandling)}
	case a.Count != nil:
		return effect{action: Count, insert: inserted(a.Count.CustomRequestHandling)}
	case a.Captcha != nil:
		return effect{action: Captcha, insert: inserted(a.Captcha.CustomRequestHandling)}
	case a.Challenge != nil:
		return effect{action: Challenge, insert: inserted(a.Challenge.CustomRequestHandling)}
	}
	return effect{}
}

func (c *compiler) defaultAction(a *types.DefaultAction) effect {
	switch {
	case a == nil:
	case a.Block != nil:
		return effect{action: Block, response: c.response(a.Block.CustomResponse)}
	case a.Allow != nil:
		return effect{action: Allow, insert: inserted(a.Allow.CustomRequestHandling)}
	}
	return effect{}
}

func (c *compiler) response(r *types.CustomResponse) *Response {
	if r == nil {
		return nil
	}
	out := &Response{Status: 403, BodyKey: deref(r.CustomResponseBodyKey)}
	if r.ResponseCode != nil {
		out.Status = int(*r.ResponseCode)
	}
	if b, ok := c.bodies[out.BodyKey]; ok {
		out.Body, out.ContentType = deref(b.Content), string(b.ContentType)
	}
	for _, h := range r.ResponseHeaders {
		out.Headers = append(out.Headers, Header{Name: deref(h.Name), Value: deref(h.Value)})
	}
	return out
}

// inserted lists the headers for the origin, whose names WAF prefixes (WAF/customizing-the-incoming-request).
func inserted(h *types.CustomRequestHandling) []Header {
	if h == nil {
		return nil
	}
	var out []Header
	for _, x := range h.InsertHeaders {
		out = append(out, Header{Name: "x-amzn-waf-" + deref(x.Name), Value: deref(x.Value)})
	}
	return out
}

// nameInARN is the third part of a WAF ARN's path: region or global, kind, name, id.
func nameInARN(arn string) string {
	if parts := strings.Split(arn, "/"); len(parts) >= 3 {
		return parts[len(parts)-2]
	}
	return arn
}

func resolve[T any](f func(string) (*T, bool), arn string) *T {
	if f == nil {
		return nil
	}
	if v, ok := f(arn); ok {
		return v
	}
	return nil
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
