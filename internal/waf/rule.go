package waf

import "cfdoctor/internal/tri"

// effect is a rule's action with everything that belongs to it.
type effect struct {
	action   Action
	response *Response // of a block; nil: WAF's own 403
	insert   []Header  // for the origin, on allow, count and a valid token
}

// status is what the viewer gets when the effect ends the evaluation (WAF/web-acl-rule-actions).
func (f *effect) status() int {
	switch f.action {
	case Block:
		if f.response != nil && f.response.Status != 0 {
			return f.response.Status
		}
		return 403
	case Captcha:
		return 405
	case Challenge:
		return 202
	}
	return 0
}

// ends tells whether a match ends the evaluation.
func (f *effect) ends(e *evaluation) tri.Bool {
	switch f.action {
	case Allow, Block:
		return tri.True
	case Captcha, Challenge:
		return e.token().Not()
	case Count:
		return tri.False
	}
	return tri.Unknown
}

// rule is a compiled rule, at the top level or inside a group.
type rule struct {
	ref    RuleRef
	when   node
	effect effect
	labels []string // fully qualified
}

// entry is a rule of the web ACL itself: either a plain rule or a reference to a group.
type entry struct {
	rule
	group *group
}

func (t *entry) run(e *evaluation) (decided bool) {
	if t.group != nil {
		return t.group.run(e, &t.rule)
	}
	m := t.when.eval(e)
	decided = t.take(e, m, nil)
	if e.req.Explain {
		e.trace(&t.rule, t.when, m, decided)
	}
	return decided
}

// take applies a rule's match. The scope is the enclosing group's scope-down statement, or nil.
func (r *rule) take(e *evaluation, m match, scope node) (decided bool) {
	if m.is == tri.False {
		return false
	}
	ends := r.effect.ends(e)
	if m.is == tri.True {
		e.addLabels(r.labels, true)
		if ends == tri.True {
			r.decide(e)
			return true
		}
		if ends == tri.False {
			e.insertHeaders(r.effect.insert)
			return false
		}
		r.suspect(e, possibly, r.doubtfulEnd())
		return false
	}
	if ends != tri.True {
		e.addLabels(r.labels, false)
	}
	if ends != tri.False {
		r.suspect(e, m, r.doubt(e, scope))
	}
	return false
}

func (r *rule) decide(e *evaluation) {
	ref := r.ref
	ref.Why = r.when.explain(e, tri.True)
	ref.Oversize = oversized(e, r.when)
	e.out.Rule = &ref
	e.out.Action = r.effect.action
	e.out.Status = r.effect.status()
	e.out.Response = r.effect.response
	if r.effect.action == Allow {
		e.insertHeaders(r.effect.insert)
	}
}

// suspect records the rule as one that might decide.
func (r *rule) suspect(e *evaluation, m match, because string) {
	e.out.Maybe = append(e.out.Maybe, Maybe{
		RuleRef: r.ref,
		Action:  r.effect.action,
		Status:  r.effect.status(),
		Because: because,
		Likely:  m.hint == likely,
		Weak:    m.hint == weak,
	})
}

// doubt says why the match is unknown: because of the scope, where the rule itself certainly matches.
func (r *rule) doubt(e *evaluation, scope node) string {
	if r.when.eval(e).is != tri.Unknown && scope != nil {
		return scope.explain(e, tri.Unknown)
	}
	return r.when.explain(e, tri.Unknown)
}

// doubtfulEnd says why a matching rule might not decide.
func (r *rule) doubtfulEnd() string {
	if r.effect.action == ActionUnknown {
		return "it matches, but what its action does is not known"
	}
	return "it matches, and whether the viewer's WAF token is valid is not known"
}

func (e *evaluation) trace(r *rule, when node, m match, decided bool) {
	t := RuleResult{RuleRef: r.ref, Matched: m.is, Action: r.effect.action, Counted: m.is == tri.True && !decided}
	t.Why = when.explain(e, m.is)
	e.out.Trace = append(e.out.Trace, t)
}
