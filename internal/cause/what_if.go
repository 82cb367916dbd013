package cause

import (
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

// Fails reports whether the simulated request ends in an error, be it behind a custom error page.
func (p *Pass) Fails() bool { return !Works(p.Trace) }

// Reproduced reports whether the simulation ends in what the person reports; in a review, whether it ends in an error.
func (p *Pass) Reproduced() bool {
	outcome := p.Trace.Outcome
	if p.Symptom.Given {
		return outcome.Status == p.Symptom.Code || outcome.Original == p.Symptom.Code
	}
	return p.Fails()
}

// Try simulates the same request for another path, which may carry a query string.
func (p *Pass) Try(path string) *edge.Trace {
	r := p.Request.Clone()
	r.SetPath(path)
	return p.Model.Simulate(r)
}

// With simulates the same request with changes made; nil where the distribution is not known.
func (p *Pass) With(changes ...fix.Change) *edge.Trace {
	m, err := p.Model.On(fix.Fix{Changes: changes}.Apply(p.World))
	if err != nil {
		return nil
	}
	return m.Simulate(p.Request)
}

// Works reports whether a simulated request is answered without an error.
func Works(t *edge.Trace) bool {
	return t != nil && !t.Outcome.NoHTTP && t.Outcome.Status < 400 && t.Outcome.Original == 0
}

// Proven reports whether a simulated request is answered without an error for certain.
func Proven(t *edge.Trace) bool { return Works(t) && t.Outcome.Certainty == edge.Certain }
