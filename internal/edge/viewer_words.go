package edge

import (
	"fmt"
	"strconv"

	"cfdoctor/internal/evidence"
)

// Words, numbers and evidence are made for an exchange that explains. A prediction gets empty ones from the helpers of this file, which take
// plain strings, so that it allocates nothing for them; "%q" shows a value from the account.

// say makes a sentence.
func (x *Exchange) say(format string, args ...string) string {
	if !x.Explain {
		return ""
	}
	if len(args) == 0 {
		return format
	}
	values := make([]any, len(args))
	for i, a := range args {
		values[i] = a
	}
	return fmt.Sprintf(format, values...)
}

// digits shows a number.
func (x *Exchange) digits(n int) string {
	if !x.Explain {
		return ""
	}
	return strconv.Itoa(n)
}

// explained is a step with words.
func (x *Exchange) explained(verdict Verdict, format string, args ...string) Step {
	return Step{Verdict: verdict, Summary: x.say(format, args...)}
}

// worded gives a step its summary.
func (x *Exchange) worded(s Step, format string, args ...string) Step {
	s.Summary = x.say(format, args...)
	return s
}

// possibly records what else could happen while the step itself stands. Predictions do without what is weak: it never changes an outcome.
func (x *Exchange) possibly(alternative Alternative) {
	if x.Explain || !alternative.Weak {
		x.alternatives = append(x.alternatives, alternative)
	}
}

// weakly records what nothing in the evidence points to.
func (x *Exchange) weakly(condition string, status int) {
	x.possibly(Alternative{Status: status, If: condition, Weak: true})
}

// ref points at a member of the distribution's configuration.
func (x *Exchange) ref(field, value, note string) evidence.Ref {
	if !x.Explain {
		return evidence.Ref{}
	}
	return x.Model.Ref(field, value, note)
}

// originRef points at a member of the origin's settings, "" for all of them.
func (x *Exchange) originRef(member, value, note string) evidence.Ref {
	if !x.Explain {
		return evidence.Ref{}
	}
	return x.Model.Ref(memberOf(x.Origin.Field, member), value, note)
}

// behaviorRef points at a member of the cache behavior's settings.
func (x *Exchange) behaviorRef(member, value, note string) evidence.Ref {
	if !x.Explain {
		return evidence.Ref{}
	}
	return x.Model.Ref(memberOf(x.Behavior.Field, member), value, note)
}

func memberOf(field, member string) string {
	if member == "" {
		return field
	}
	return field + "." + member
}

// cite points at a field of a fact.
func cite[T any](x *Exchange, fact evidence.Fact[T], field string) evidence.Ref {
	if !x.Explain {
		return evidence.Ref{}
	}
	return fact.Ref(field)
}
