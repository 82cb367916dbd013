package edge

import "fmt"

// explained is a step with formatted words. Unlike Pass and its kin it formats only for an exchange that explains, and its arguments are
// plain strings, so that predicting allocates nothing for them.
func (x *Exchange) explained(verdict Verdict, format string, args ...string) Step {
	return x.worded(Step{Verdict: verdict}, format, args...)
}

// worded gives a step its summary, for an exchange that explains.
func (x *Exchange) worded(s Step, format string, args ...string) Step {
	if !x.Explain {
		return s
	}
	values := make([]any, len(args))
	for i, a := range args {
		values[i] = a
	}
	s.Summary = fmt.Sprintf(format, values...)
	return s
}

// weakly records what nothing in the evidence points to. Predictions do without: weak alternatives never change an outcome.
func (x *Exchange) weakly(condition string, status int) {
	if x.Explain {
		x.alternatives = append(x.alternatives, Alternative{Status: status, If: condition, Weak: true})
	}
}
