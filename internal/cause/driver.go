package cause

import (
	"cmp"
	"slices"
	"strings"

	"cfdoctor/internal/edge"
)

// Finding is a cause that fired, with what the driver adds.
type Finding struct {
	Cause    *Cause
	Verdict  Verdict
	Pass     *Pass // the request it was found with
	Severity Severity
	Explains bool // it explains the reported symptom
	// Later is true for what the request does not get to because an earlier stage answers: it will show once that is fixed.
	Later bool
}

// RuledOut is a cause that known facts exclude.
type RuledOut struct {
	Cause   *Cause
	Because string
}

// NotChecked is a cause that could not be judged.
type NotChecked struct {
	Cause   *Cause
	Because string
	Needs   []string // IAM actions
}

// Result is the judgement of a whole catalogue.
type Result struct {
	Findings   []Finding // root causes first
	Proactive  []Finding // what does not explain the symptom and has not failed yet
	RuledOut   []RuledOut
	NotChecked []NotChecked
}

// Diagnose judges every cause of the catalogue on every pass. A cause found with several passes is reported once, with the pass that
// shows it best; it counts as ruled out only when every pass rules it out.
func Diagnose(catalogue []*Cause, passes []*Pass) Result {
	var res Result
	order := stageOrder()
	for _, c := range catalogue {
		judge(&res, c, passes, order)
	}
	res.hideConsequences()
	slices.SortStableFunc(res.Findings, func(a, b Finding) int { return compare(a, b, order) })
	slices.SortStableFunc(res.Proactive, func(a, b Finding) int { return compare(a, b, order) })
	return res
}

func judge(res *Result, c *Cause, passes []*Pass, order map[string]int) {
	var best *Finding
	var open, out Verdict
	for _, p := range passes {
		v := Judge(c, p)
		switch {
		case v.Fires():
			f := finding(c, v, scope(p, c), order)
			if best == nil || compare(f, *best, order) < 0 {
				best = &f
			}
		case v.IsNotChecked() && !open.IsNotChecked():
			open = v
		case v.IsRuledOut() && out.Because == "":
			out = v
		}
	}
	switch {
	case best != nil:
		if best.Explains || !best.Later && !c.Proactive {
			res.Findings = append(res.Findings, *best)
		} else {
			res.Proactive = append(res.Proactive, *best)
		}
		if len(best.Verdict.Needs) > 0 {
			res.NotChecked = append(res.NotChecked, unchecked(c, best.Verdict))
		}
	case open.IsNotChecked():
		res.NotChecked = append(res.NotChecked, unchecked(c, open))
	default:
		res.RuledOut = append(res.RuledOut, RuledOut{c, out.Because})
	}
}

func finding(c *Cause, v Verdict, p *Pass, order map[string]int) Finding {
	f := Finding{Cause: c, Verdict: v, Pass: p, Severity: cmp.Or(v.severity, c.Severity)}
	f.Explains = explains(c, v, p)
	stopped, ok := order[p.Trace.StoppedAt]
	f.Later = ok && order[c.Stage] > stopped && !f.Explains
	return f
}

// unprobed is what reasons say where nobody looked from outside; one of them says it once.
const unprobed = "needs active validation"

func unchecked(c *Cause, v Verdict) NotChecked {
	n := NotChecked{Cause: c, Because: v.Because}
	for _, gap := range v.Needs {
		if need := gap.Needs(); need != "" && !slices.Contains(n.Needs, need) {
			n.Needs = append(n.Needs, need)
		}
		if why := gap.Why(); !strings.Contains(n.Because, why) && !(strings.Contains(why, unprobed) && strings.Contains(n.Because, unprobed)) {
			n.Because = strings.TrimPrefix(n.Because+"; "+why, "; ")
		}
	}
	return n
}

// explains decides whether a verdict accounts for what the person sees.
func explains(c *Cause, v Verdict, p *Pass) bool {
	if c.Proactive {
		return false
	}
	if v.explains != nil {
		return *v.explains
	}
	if p.Symptom.Given && !p.Asked {
		return false
	}
	if !p.Symptom.Given {
		return p.Trace.StoppedAt == c.Stage && (p.Trace.Outcome.Status >= 400 || p.Trace.Outcome.NoHTTP)
	}
	code := p.Symptom.Code
	// Where an error page gave another status, the stage that failed accounts for the error beneath, and the page for what is seen.
	if o := p.Trace.Outcome; p.Trace.StoppedAt == c.Stage && (o.Original == code || o.Original == 0 && o.Status == code) {
		return true
	}
	return slices.ContainsFunc(p.Trace.Offers(c.Stage), func(a edge.Alternative) bool { return a.Status == code })
}

// hideConsequences drops findings that another finding accounts for.
func (res *Result) hideConsequences() {
	hidden := map[string]string{}
	for _, f := range slices.Concat(res.Findings, res.Proactive) {
		for _, id := range f.Cause.Hides {
			if victim := res.Find(id); victim != nil && hides(f, *victim) {
				hidden[id] = f.Cause.ID
			}
		}
	}
	drop := func(list []Finding) []Finding {
		return slices.DeleteFunc(list, func(f Finding) bool {
			by, ok := hidden[f.Cause.ID]
			if ok {
				res.RuledOut = append(res.RuledOut, RuledOut{f.Cause, "it is only a consequence of " + by})
			}
			return ok
		})
	}
	res.Findings = drop(res.Findings)
	res.Proactive = drop(res.Proactive)
}

func hides(f, victim Finding) bool {
	return rankOf(f.Verdict.likelihood) <= rankOf(victim.Verdict.likelihood) && (f.Explains || !victim.Explains)
}

// Find returns the finding of a cause, nil where it did not fire.
func (res *Result) Find(id string) *Finding {
	for _, list := range [][]Finding{res.Findings, res.Proactive} {
		for i := range list {
			if list[i].Cause.ID == id {
				return &list[i]
			}
		}
	}
	return nil
}

// compare is the one order of findings: what explains the symptom, then the likelier, then the earlier stage (a request that is stopped
// early never gets to the later fault), then the worse, then the id so that the order is always the same. Of what does not explain the
// symptom the worse comes first.
func compare(a, b Finding, order map[string]int) int {
	if !a.Explains && !b.Explains && a.Severity != b.Severity {
		return cmp.Compare(severityRank(a.Severity), severityRank(b.Severity))
	}
	return cmp.Or(
		cmp.Compare(boolRank(a.Explains), boolRank(b.Explains)),
		cmp.Compare(rankOf(a.Verdict.likelihood), rankOf(b.Verdict.likelihood)),
		cmp.Compare(order[a.Cause.Stage], order[b.Cause.Stage]),
		cmp.Compare(severityRank(a.Severity), severityRank(b.Severity)),
		cmp.Compare(a.Cause.ID, b.Cause.ID),
	)
}

// Adding is the result with a finding of a cause that did not fire before, among what has not failed yet.
func (res Result) Adding(f Finding) Result {
	res.Proactive = append(slices.Clone(res.Proactive), f)
	order := stageOrder()
	slices.SortStableFunc(res.Proactive, func(a, b Finding) int { return compare(a, b, order) })
	res.RuledOut = slices.DeleteFunc(slices.Clone(res.RuledOut), func(r RuledOut) bool { return r.Cause.ID == f.Cause.ID })
	res.NotChecked = slices.DeleteFunc(slices.Clone(res.NotChecked), func(n NotChecked) bool { return n.Cause.ID == f.Cause.ID })
	return res
}

func boolRank(yes bool) int {
	if yes {
		return 0
	}
	return 1
}

func rankOf(l Likelihood) int {
	return slices.Index([]Likelihood{GradeConfirmed, GradeLikely, GradePossible}, l)
}

func severityRank(s Severity) int {
	return slices.Index([]Severity{Critical, High, Medium, Low}, s)
}

func stageOrder() map[string]int {
	order := map[string]int{}
	for i, s := range edge.Stages() {
		order[s.ID] = i
	}
	return order
}

// Judge asks one cause about one pass.
func Judge(c *Cause, p *Pass) Verdict {
	v := c.Detect(scope(p, c))
	if !c.OfRequest || v.likelihood != GradeConfirmed || p.Model == nil {
		return v
	}
	name := p.Model.UnreadFunction(p.Trace)
	switch {
	case name == "":
		return v
	case p.Symptom.Given && p.Reproduced():
		return v.Graded(GradeLikely, unread(name))
	}
	return v.Graded(GradePossible, unread(name)).Explaining(false)
}

// unread is why what follows from the request is open.
func unread(name string) string {
	return "the function " + name + " runs before the origin is asked, and may change the path, the headers or the origin in a way that is not known here"
}

// scope returns the pass as one cause sees it.
func scope(p *Pass, c *Cause) *Pass {
	scoped := *p
	scoped.cause = c
	return &scoped
}
