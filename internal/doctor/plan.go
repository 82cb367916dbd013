package doctor

import (
	"fmt"
	"slices"
	"strconv"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/report"
)

// Planned is a fix with the finding it is for, its forms and its proof.
type Planned struct {
	ID       string
	Fix      fix.Fix
	Finding  cause.Finding // the first that it is for
	Causes   []string      // the ids of all that it is for, in the order of the findings
	Rendered fix.Rendered
	Proof    report.Proof
	// Next is what the same request meets once this fix is made, nil where nothing else is in its way.
	Next *cause.Finding
}

// plan asks every finding for its fixes, proves them, and drops those that do not cure.
func (d *Doctor) plan(m *edge.Model, findings []cause.Finding) []Planned {
	var out []Planned
	for _, finding := range findings {
		out = d.planFor(out, m, finding)
	}
	return out
}

// planFor appends the fixes of one finding.
func (d *Doctor) planFor(out []Planned, m *edge.Model, finding cause.Finding) []Planned {
	if finding.Cause.Fixes == nil {
		return out
	}
	for _, f := range finding.Cause.Fixes(finding.Pass, finding.Verdict) {
		p, ok := d.prove(finding, f)
		if !ok {
			continue
		}
		if finding.Pass.World != m.World && p.Proof.Method == "simulated" {
			p.Proof.Because += ", where what stands before it is mended too"
		}
		p.Rendered = fix.Render(f, renderContext(m, finding))
		if at := slices.IndexFunc(out, p.sameAs); at >= 0 {
			out[at].Causes = append(out[at].Causes, finding.Cause.ID)
			continue
		}
		p.ID, p.Causes = "fix-"+strconv.Itoa(len(out)+1), []string{finding.Cause.ID}
		out = append(out, p)
	}
	return out
}

// sameAs reports whether two fixes make the same change: one that mends two causes is offered once.
func (p Planned) sameAs(other Planned) bool {
	return p.Rendered.Script != "" && p.Rendered.Script == other.Rendered.Script && !slices.Contains(other.Causes, p.Finding.Cause.ID)
}

func renderContext(m *edge.Model, f cause.Finding) fix.Context {
	return fix.Context{
		World: m.World, DistributionID: m.ID(), ARN: m.ARN(), Domain: m.DomainName(),
		RequestURL: f.Pass.Request.URL(), Partition: m.Partition(),
	}
}

// prove makes the fix in a copy of the world and runs the same request again. It reports false where the cause is still there or where
// something that stood before now fails: such a fix is not offered.
func (d *Doctor) prove(f cause.Finding, remedy fix.Fix) (Planned, bool) {
	p := Planned{Fix: remedy, Finding: f}
	before := f.Pass.Trace.Outcome
	p.Proof = report.Proof{Method: "none", Before: before.Status, Because: "a person has to act first, so nothing can be simulated"}
	if len(remedy.Changes) == 0 {
		return p, true
	}
	after, err := d.again(remedy.Apply(f.Pass.World), f.Pass)
	if err != nil {
		p.Proof.Because = err.Error()
		return p, true
	}
	outcome := after.Trace.Outcome
	p.Proof = report.Proof{Method: "simulated", Before: before.Status, After: outcome.Status}
	if verdict := cause.Judge(f.Cause, after); verdict.Fires() && !weaker(verdict, f.Verdict) {
		return p, false
	}
	if f.Explains && worse(f.Cause.Stage, f.Pass.Trace, after.Trace) {
		return p, false
	}
	p.Next = d.next(after, f)
	p.Proof.Because = proofWords(f, outcome, p.Next)
	return p, true
}

// again simulates a pass's request in another world.
func (d *Doctor) again(w *evidence.World, p *cause.Pass) (*cause.Pass, error) {
	m, err := p.Model.On(w)
	if err != nil {
		return nil, fmt.Errorf("simulate with the fix made: %w", err)
	}
	return pass(m, p.Request, p.Symptom, p.Asked), nil
}

// weaker reports whether a cause that still fires does so with less likelihood: what spoke for it is gone, and what is left was possible before.
func weaker(now, before cause.Verdict) bool {
	switch before.Likelihood() {
	case cause.GradeConfirmed:
		return now.Likelihood() != cause.GradeConfirmed
	case cause.GradeLikely:
		return now.Likelihood() == cause.GradePossible
	}
	return false
}

// worse reports whether the request now ends earlier than it did, and before the stage that the fix is about: then the fix broke something.
// An error behind that stage was there before, and only shows now.
func worse(fixed string, before, after *edge.Trace) bool {
	if after.Outcome.Status < 400 && !after.Outcome.NoHTTP {
		return false
	}
	return after.StoppedAt != "" && edge.Before(after.StoppedAt, fixed) && edge.Before(after.StoppedAt, before.StoppedAt)
}

// next finds what stops the request once the fix is made.
func (d *Doctor) next(after *cause.Pass, fixed cause.Finding) *cause.Finding {
	if after.Trace.Outcome.Status < 400 && !after.Trace.Outcome.NoHTTP {
		return nil
	}
	review := *after
	review.Symptom = cause.Symptom{}
	for _, f := range cause.Diagnose(d.Catalogue, []*cause.Pass{&review}).Findings {
		if f.Explains && f.Cause.ID != fixed.Cause.ID {
			return &f
		}
	}
	return nil
}

func proofWords(f cause.Finding, after edge.Outcome, next *cause.Finding) string {
	switch {
	case next != nil:
		return fmt.Sprintf("simulated again with the change made, this cause is gone; then %s (%s) comes next", next.Cause.ID, next.Cause.Title)
	case !f.Explains:
		return "simulated again with the change made, this cause is gone"
	case after.NoHTTP:
		return "simulated again with the change made, the connection still fails"
	case after.Certainty == edge.Certain:
		return fmt.Sprintf("simulated again with the change made, the same request is answered with %d", after.Status)
	}
	return fmt.Sprintf("simulated again with the change made, the same request is most likely answered with %d", after.Status)
}
