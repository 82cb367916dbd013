package webacl

import (
	"fmt"
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/waf"
)

const stage = "web-acl"

// culprit is what answers for the web ACL, or might.
type culprit struct {
	acl     *edge.WebACLResult
	rule    *waf.RuleRef // nil: the default action
	action  waf.Action
	status  int
	grade   cause.Likelihood
	because string
	refs    []evidence.Ref
	weak    bool // nothing in the request speaks for it

	// origin is the web ACL of the load balancer or API stage, nil for CloudFront's; acl then has its ARN alone.
	origin *edge.RegionalWAF
}

func (c *culprit) family() family { return familyOf(c.rule, c.action, c.status) }

// aclName is how sentences name the web ACL.
func (c *culprit) aclName() string {
	parts := strings.Split(c.acl.ARN, "/")
	if len(parts) >= 3 {
		return "the web ACL " + parts[len(parts)-2]
	}
	return "the web ACL"
}

// name is how sentences name the rule.
func (c *culprit) name() string {
	if c.rule == nil {
		return "the default action"
	}
	return "the rule " + ruleName(c.rule)
}

// why is what in the request matches, as a clause to follow a colon; "" where it is not known.
func (c *culprit) why() string {
	if c.rule != nil && c.rule.Why != "" {
		return ": " + c.rule.Why
	}
	return ""
}

// judge gives the verdict of the cause that speaks for one family.
func judge(p *cause.Pass, f family, say func(*culprit) string) cause.Verdict {
	w := p.Exchange().WAF
	step, _ := p.Trace.Step(stage)
	switch {
	case w == nil && p.Trace.Reached(stage) && p.Exchange().TenantUnread():
		return cause.Need("the tenant of the host was not read, which may have a web ACL of its own", p.Exchange().Host.TenantFact)
	case w == nil && p.Trace.Reached(stage):
		return cause.RuleOut("no web ACL is attached", step.Evidence...)
	case w == nil:
		if v, ok := ahead(p, f, say); ok {
			return v
		}
		return cause.RuleOut("the request does not get as far as the web ACL")
	case !w.Fact.IsKnown():
		return unread(p, f, w, say)
	}
	decided := decision(p, w, step)
	if decided != nil && decided.family() == f {
		return fire(p, decided, say)
	}
	if decided != nil && decided.grade == cause.GradeConfirmed {
		return cause.RuleOut("the web ACL answers by something else: "+decided.name(), decided.refs...)
	}
	if m := undecided(p, w, f); m != nil {
		if suspected(p, m) {
			return fire(p, m, say)
		}
		return cause.Need(m.because, gaps(p, m)...)
	}
	switch {
	case len(w.Missing) > 0:
		return cause.Need("what the web ACL's rules refer to was not read", w.Missing...)
	case decided != nil:
		return cause.RuleOut("the web ACL answers by something else: "+decided.name(), decided.refs...)
	}
	return cause.RuleOut("no rule of this kind could match the request", step.Evidence...)
}

// ahead tells of a block that the request meets once what stops it earlier is out of the way.
func ahead(p *cause.Pass, f family, say func(*culprit) string) (v cause.Verdict, ok bool) {
	if !p.Trace.Reached("geo-restriction") {
		return v, false
	}
	w := p.Exchange().WebACLAhead()
	switch {
	case w != nil && w.Fact.Missing():
		return cause.Need("the web ACL behind what stops the request was not read", w.Fact), true
	case w != nil && w.Fact.IsKnown() && len(w.Missing) > 0:
		return cause.Need("what the rules of the web ACL refer to was not read", w.Missing...), true
	}
	if w == nil || !w.Fact.IsKnown() || !w.Result.Certain || w.Result.Suspicious() || w.Result.Status < 400 {
		return v, false
	}
	ref := w.Fact.Ref("WebACL.DefaultAction").With("Block", "")
	if r := w.Result.Rule; r != nil {
		ref = w.Fact.Ref("WebACL."+r.Field).With(ruleName(r), r.Why)
	}
	c := &culprit{acl: w, rule: w.Result.Rule, action: w.Result.Action, status: w.Result.Status, grade: cause.GradeConfirmed, refs: []evidence.Ref{ref},
		because: "the rules and everything in the request that they look at are known"}
	if c.family() != f {
		return v, false
	}
	return cause.Confirm(resource(p, c), "Once what stops the request now is out of the way: "+say(c), ref).
		WithBecause(c.because).WithDetail(detail(c)).Explaining(false).With(c), true
}

// unread is the verdict where the web ACL could not be read. The most usual kind of block is the suspect where the viewer sees one and
// nothing else accounts for it.
func unread(p *cause.Pass, f family, w *edge.WebACLResult, say func(*culprit) string) cause.Verdict {
	because := "the web ACL's rules could not be read"
	if !strings.HasPrefix(w.ARN, "arn:") {
		because = "a web ACL of AWS WAF Classic is attached, whose rules are not read"
	}
	if f != byManaged || p.Symptom.Code != 403 || p.Reproduced() {
		if !strings.HasPrefix(w.ARN, "arn:") {
			return cause.Need(because)
		}
		return cause.Need(because, w.Fact)
	}
	c := &culprit{acl: w, action: waf.Block, status: 403, grade: cause.GradePossible, because: because,
		refs: []evidence.Ref{p.Model.Ref(w.Field, w.ARN, ""), w.Fact.Ref("")}}
	return cause.Possible(resource(p, c), say(c), because, c.refs...).Needing(w.Fact)
}

// decision is what the simulation takes for the web ACL's answer; nil where the request passes. A rule that evidence speaks for goes before
// what the rest of the rules decide, as in the stage.
func decision(p *cause.Pass, w *edge.WebACLResult, step edge.Step) *culprit {
	r := &w.Result
	if !p.StoppedHere() {
		return nil
	}
	for i := range r.Maybe {
		m := &r.Maybe[i]
		if m.Likely && m.Action != waf.Allow && (m.Action != r.Action || m.Status != r.Status) {
			return &culprit{acl: w, rule: &m.RuleRef, action: m.Action, status: m.Status, grade: cause.GradeLikely, because: m.Because, refs: step.Evidence}
		}
	}
	c := &culprit{acl: w, rule: r.Rule, action: r.Action, status: r.Status, grade: cause.GradeConfirmed, refs: step.Evidence,
		because: "the rules and everything in the request that they look at are known"}
	for i := range r.Maybe {
		m := &r.Maybe[i]
		if !m.Weak || len(w.Missing) > 0 {
			c.grade, c.because = cause.GradeLikely, "an earlier rule, "+ruleName(&m.RuleRef)+", might decide instead: "+m.Because
			break
		}
	}
	return c
}

// undecided is the first rule of a family that might answer; those that something in the request speaks for go first.
func undecided(p *cause.Pass, w *edge.WebACLResult, f family) *culprit {
	var found *culprit
	for i := range w.Result.Maybe {
		m := &w.Result.Maybe[i]
		if m.Action == waf.Allow || familyOf(&m.RuleRef, m.Action, m.Status) != f || found != nil && (m.Weak || !found.weak) {
			continue
		}
		found = &culprit{acl: w, rule: &m.RuleRef, action: m.Action, status: m.Status, grade: cause.GradePossible, because: m.Because, weak: m.Weak,
			refs: []evidence.Ref{w.Fact.Ref("WebACL."+m.Field).With(ruleName(&m.RuleRef), m.Because)}}
	}
	return found
}

// suspected reports whether an undecided rule would account for what the viewer sees and the simulation does not. One that nothing in the
// request speaks for is suspected only where nothing else is.
func suspected(p *cause.Pass, c *culprit) bool {
	if !p.Symptom.Given || p.Symptom.Code != c.status || p.Reproduced() {
		return false
	}
	if !c.weak {
		return true
	}
	for _, a := range p.Trace.Alternatives {
		if !a.Weak && a.Status == c.status {
			return false
		}
	}
	return true
}

func fire(p *cause.Pass, c *culprit, say func(*culprit) string) cause.Verdict {
	summary := say(c)
	var v cause.Verdict
	switch c.grade {
	case cause.GradeConfirmed:
		v = cause.Confirm(resource(p, c), summary, c.refs...).WithBecause(c.because)
	case cause.GradeLikely:
		v = cause.Likely(resource(p, c), summary, c.because, c.refs...).Needing(gaps(p, c)...)
	default:
		v = cause.Possible(resource(p, c), summary, c.because, c.refs...).Needing(gaps(p, c)...)
	}
	code, given := p.Symptom.Code, p.Symptom.Given
	if p.StoppedHere() && (!given || code == c.status) {
		v = v.Explaining(true) // a challenge or a response of a rule's own is no error by its status, and yet not what the viewer wants
	}
	return v.WithDetail(detail(c)).With(c)
}

func resource(p *cause.Pass, c *culprit) string {
	if strings.HasPrefix(c.acl.ARN, "arn:") {
		return c.acl.ARN
	}
	return p.DistributionName()
}

func detail(c *culprit) string {
	out := fmt.Sprintf("Default action, %s", c.action)
	if c.rule != nil {
		out = fmt.Sprintf("Rule %s, priority %d, action %s", c.rule.Name, c.rule.Priority, c.action)
		if c.rule.Group != "" {
			out += ", rule group " + strings.TrimPrefix(c.rule.GroupVendor+" ", " ") + c.rule.Group
		}
		if c.rule.InnerRule != "" {
			out += ", its rule " + c.rule.InnerRule
		}
		out += c.why()
	}
	if c.rule != nil && c.rule.CustomResponse {
		out += fmt.Sprintf("; custom response %d", c.status)
	}
	return out
}

// gaps are the reads that would tell more of a rule.
func gaps(p *cause.Pass, c *culprit) []evidence.Gap {
	out := append([]evidence.Gap(nil), c.acl.Missing...)
	if c.rule != nil && c.rule.Kind == waf.KindRate {
		out = append(out, account.RateKeys(c.acl.ARN, c.rule.Name).In(p.World))
	}
	return out
}
