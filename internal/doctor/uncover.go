package doctor

import (
	"cmp"
	"slices"
	"strconv"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
)

// maxUncovered bounds how many faults behind each other are told of.
const maxUncovered = 4

// uncover adds what the request meets once the cause of its error is gone, as the simulation of the fixes shows it, and which no cause could
// see from in front: one fault often hides another. What only one of several fixes would lead to is that fix's doing, and left out; so is what
// stands at the same stage, such as a web ACL's default action behind its rule: the causes there have weighed it already.
func (d *Doctor) uncover(m *edge.Model, result cause.Result, plan []Planned) (cause.Result, []Planned) {
	i := slices.IndexFunc(result.Findings, func(f cause.Finding) bool { return f.Explains })
	if i < 0 {
		return result, plan
	}
	front, stage := result.Findings[i].Cause.ID, result.Findings[i].Cause.Stage
	for range maxUncovered {
		next := behind(front, plan)
		if next == nil {
			break
		}
		sameStage := next.Cause.Stage == stage
		front, stage = next.Cause.ID, next.Cause.Stage
		if result.Find(front) != nil {
			continue
		}
		if sameStage {
			break
		}
		f := *next
		f.Explains, f.Later = false, true
		f.Verdict.Summary = "Once what stops the request now is out of the way: " + f.Verdict.Summary
		result = result.Adding(f)
		plan = d.planFor(plan, m, f)
	}
	return result, inOrder(plan, result)
}

// inOrder numbers the fixes in the order of the findings that they are for.
func inOrder(plan []Planned, result cause.Result) []Planned {
	place := map[string]int{}
	for i, f := range slices.Concat(result.Findings, result.Proactive) {
		place[f.Cause.ID] = i
	}
	slices.SortStableFunc(plan, func(a, b Planned) int { return cmp.Compare(place[a.Finding.Cause.ID], place[b.Finding.Cause.ID]) })
	for i := range plan {
		plan[i].ID = "fix-" + strconv.Itoa(i+1)
	}
	return plan
}

// behind is the confirmed finding that all the simulated fixes of a cause lead to, nil where there is none.
func behind(id string, plan []Planned) *cause.Finding {
	var next *cause.Finding
	for _, p := range plan {
		if p.Causes[0] != id || p.Proof.Method != "simulated" {
			continue
		}
		if p.Next == nil || p.Next.Verdict.Likelihood() != cause.GradeConfirmed || next != nil && next.Cause.ID != p.Next.Cause.ID {
			return nil
		}
		next = p.Next
	}
	return next
}
