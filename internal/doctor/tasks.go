package doctor

import (
	"fmt"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/collect"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/report"
)

// tasks is the list of the eight steps, as the report and the progress display show them.
type tasks struct{ list []report.Task }

func newTasks() *tasks {
	t := &tasks{}
	for i, title := range []string{
		"Verify dependencies",
		"Validate the distribution and collect information",
		"Analyze the configuration for the error",
		"Validate the origin configuration",
		"Check cache behaviors and request handling",
		"Examine security settings",
		"Generate remediation steps",
		"Additional diagnostics and proactive recommendations",
	} {
		t.list = append(t.list, report.Task{Step: i + 1, Title: title, Status: "skipped"})
	}
	return t
}

func (t *tasks) set(step int, status, note string) {
	t.list[step-1].Status, t.list[step-1].Note = status, note
}

// note adds a remark to a step, after what it says already.
func (t *tasks) note(step int, remark string) {
	if remark == "" {
		return
	}
	task := &t.list[step-1]
	task.Note = strings.TrimPrefix(task.Note+"; "+remark, "; ")
}

func (t *tasks) done(step int, note string) { t.set(step, "done", note) }

// collected sums up what was read: partial where reads were refused or failed.
func (t *tasks) collected(w *evidence.World, stats collect.Stats) {
	counts := map[evidence.State]int{}
	for _, rec := range w.Records() {
		counts[rec.State]++
	}
	note := fmt.Sprintf("%d calls", stats.Calls)
	if n := counts[evidence.Denied]; n > 0 {
		note += fmt.Sprintf(", %d denied", n)
	}
	if n := counts[evidence.Failed]; n > 0 {
		note += fmt.Sprintf(", %d failed", n)
	}
	if counts[evidence.Denied]+counts[evidence.Failed] > 0 {
		t.set(2, "partial", note)
		return
	}
	t.done(2, note)
}

// stepOf assigns the stages of the edge model to the steps of a diagnosis.
func stepOf(stage string) int {
	switch {
	case strings.HasPrefix(stage, "origin-"):
		return 4
	case stage == "geo-restriction", stage == "web-acl", stage == "signed-access", stage == "viewer-connection", stage == "field-level-encryption":
		return 6
	case stage == "cache-behavior", stage == "viewer-protocol", stage == "allowed-methods", stage == "default-root-object", stage == "cache-lookup",
		strings.Contains(stage, "function"):
		return 5
	}
	return 3
}

// judged sums up one of the analysing steps.
func (t *tasks) judged(step int, result cause.Result, q Question) {
	found, out, open := 0, 0, 0
	mine := func(c *cause.Cause) bool { return step == 3 || stepOf(c.Stage) == step }
	for _, f := range result.Findings {
		if mine(f.Cause) {
			found++
		}
	}
	for _, r := range result.RuledOut {
		if mine(r.Cause) {
			out++
		}
	}
	for _, n := range result.NotChecked {
		if mine(n.Cause) {
			open++
		}
	}
	note := fmt.Sprintf("%d found, %d ruled out, %d not checked", found, out, open)
	switch {
	case step == 3 && q.Code == 0:
		note = "general review, no error code given: " + note
	case step == 3 && q.SawCode:
		note = fmt.Sprintf("no error code given, active validation saw %d: ", q.Code) + note
	}
	status := "done"
	if open > 0 {
		status = "partial"
	}
	t.set(step, status, note)
}

func (t *tasks) planned(plan []Planned) {
	proven := 0
	for _, p := range plan {
		if p.Proof.Method == "simulated" {
			proven++
		}
	}
	t.done(7, fmt.Sprintf("%d fixes, %d proven by simulation", len(plan), proven))
}

func (t *tasks) finish(q Question) {
	if q.Proactive {
		t.done(8, "")
		return
	}
	t.set(8, "partial", "proactive checks were switched off")
}

func dependencyNote(deps []report.Dependency) string {
	var missing []string
	for _, d := range deps {
		if d.State == "missing" {
			missing = append(missing, d.Name)
		}
	}
	if len(missing) == 0 {
		return ""
	}
	return "missing: " + strings.Join(missing, ", ")
}
