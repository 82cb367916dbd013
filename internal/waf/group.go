package waf

import "cfdoctor/internal/tri"

// group is a rule group as one rule of the web ACL uses it: overrides are already applied to its rules.
type group struct {
	rules []rule
	scope node // nil: all requests
	// counts is the override of the whole group to Count: it changes what comes of the group, not how its rules
	// are evaluated (WAF/web-acl-rule-group-override-options).
	counts bool
	// merges puts the weak doubts of all rules into one Maybe.
	merges bool
	// prefix is the namespace of labels that the group may add besides those of its rules; empty: none.
	prefix string
	// onEntry adds labels that the group gives to every request it inspects; may be nil.
	onEntry func(*evaluation)
}

func (g *group) run(e *evaluation, top *rule) (decided bool) {
	scope := yes
	if g.scope != nil {
		scope = g.scope.eval(e)
	}
	seen := RuleResult{RuleRef: top.ref, Matched: tri.False, Action: Count}
	if scope.is != tri.False {
		decided = g.inspect(e, scope, &seen)
	}
	if e.req.Explain {
		if seen.Matched == tri.False && scope.is == tri.False {
			seen.Why = g.scope.explain(e, tri.False)
		}
		e.out.Trace = append(e.out.Trace, seen)
	}
	return decided
}

func (g *group) inspect(e *evaluation, scope match, seen *RuleResult) (decided bool) {
	if g.onEntry != nil && scope.is == tri.True {
		g.onEntry(e)
	}
	if g.prefix != "" {
		e.addPrefix(g.prefix)
	}
	var quiet quietDoubts
	// reached is false once a rule that might have ended the group was passed and the evaluation goes on anyway.
	reached := true
	for i := range g.rules {
		r := &g.rules[i]
		m := both(scope, r.when.eval(e))
		if m.is == tri.False {
			continue
		}
		seen.note(e, r, m)
		ends := r.effect.ends(e)
		switch {
		case g.counts:
			e.addLabels(r.labels, m.is == tri.True && reached)
			if m.is == tri.True && ends == tri.True {
				return false
			}
			reached = reached && ends == tri.False
		case g.merges && m.is == tri.Unknown && m.hint == weak && ends != tri.False:
			if ends != tri.True {
				e.addLabels(r.labels, false)
			}
			quiet.add(r)
		default:
			if r.take(e, m, g.scope) {
				quiet.flush(e, g.scope)
				seen.Counted = false
				return true
			}
		}
	}
	quiet.flush(e, g.scope)
	return false
}

// note keeps for the trace the first rule that matches, or else the first that might.
func (t *RuleResult) note(e *evaluation, r *rule, m match) {
	if !e.req.Explain || t.Matched == tri.True || t.Matched == tri.Unknown && m.is == tri.Unknown {
		return
	}
	t.RuleRef, t.Matched, t.Action, t.Counted = r.ref, m.is, r.effect.action, m.is == tri.True
	t.Why = r.doubtOrReason(e, m)
}

func (r *rule) doubtOrReason(e *evaluation, m match) string {
	if is := r.when.eval(e).is; is == tri.True || m.is == tri.True {
		return r.when.explain(e, tri.True)
	}
	return r.when.explain(e, tri.Unknown)
}

// quietDoubts collects the rules of a managed group for which nothing in the request speaks.
type quietDoubts struct {
	first *rule
	count int
}

func (q *quietDoubts) add(r *rule) {
	if q.first == nil {
		q.first = r
	}
	q.count++
}

// flush reports them as one weak possibility, which names a rule only when there is a single one. It comes before
// a decision in the same group: the rules were passed before.
func (q *quietDoubts) flush(e *evaluation, scope node) {
	if q.first == nil {
		return
	}
	ref := q.first.ref
	if q.count > 1 {
		ref.InnerRule = ""
	}
	e.out.Maybe = append(e.out.Maybe, Maybe{
		RuleRef: ref,
		Action:  q.first.effect.action,
		Status:  q.first.effect.status(),
		Because: q.first.doubt(e, scope),
		Weak:    true,
	})
}
