package causes

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/collect"
	"cfdoctor/internal/doctor"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source/bundle"
	"cfdoctor/internal/worldtest"
)

// diagnose runs a case through the whole doctor, as the command line does.
func diagnose(c *worldtest.Case) (*doctor.Case, error) {
	b, err := bundle.Parse(bytes.NewReader(c.Bundle()), c.World, 1<<20)
	if err != nil {
		return nil, err
	}
	target, err := collect.ParseTarget(c.Target)
	if err != nil {
		return nil, err
	}
	d := &doctor.Doctor{Catalogue: All(), Version: "test"}
	return d.Diagnose(context.Background(), b, b.CapturedAt, doctor.Question{
		Target: target, Request: c.Request, PathGiven: c.Asked, Code: c.Code, Proactive: true,
	})
}

// outcome says what a diagnosis made of one cause: confirmed, likely, possible, ruled-out or not-checked.
func outcome(r cause.Result, id string) (word string, f *cause.Finding) {
	for _, list := range [][]cause.Finding{r.Findings, r.Proactive} {
		for i := range list {
			if list[i].Cause.ID == id {
				return string(list[i].Verdict.Likelihood()), &list[i]
			}
		}
	}
	for _, out := range r.RuledOut {
		if out.Cause.ID == id {
			return "ruled-out", nil
		}
	}
	return "not-checked", nil
}

// cases reads the .txtar beside every cause.
func cases(t *testing.T) map[string][]txtar.File {
	t.Helper()
	out := map[string][]txtar.File{}
	for _, c := range All() {
		files, err := filepath.Glob("*/" + strings.ToLower(c.ID) + ".txtar")
		if err != nil || len(files) != 1 {
			t.Errorf("%s: want one file */%s.txtar, have %v", c.ID, strings.ToLower(c.ID), files)
			continue
		}
		text, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		out[c.ID] = txtar.Parse(text).Files
	}
	return out
}

func TestCatalogueIsWhole(t *testing.T) {
	if err := cause.Validate(All()); err != nil {
		t.Error(err)
	}
}

// TestFilesAndIDsAgree parses names, not packages: a file whose name ends in a GOOS or GOARCH is silently left out of the build.
func TestFilesAndIDsAgree(t *testing.T) {
	known := map[string]bool{}
	for _, c := range All() {
		known[strings.ToLower(c.ID)] = true
	}
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(path, "/") {
			return err
		}
		name, isTxtar := strings.CutSuffix(d.Name(), ".txtar")
		if isTxtar && !known[name] {
			t.Errorf("%s belongs to no cause of the catalogue", path)
		}
		if isTxtar {
			if _, err := os.Stat(strings.TrimSuffix(path, ".txtar") + ".go"); err != nil {
				if _, err := os.Stat(strings.TrimSuffix(path, ".txtar") + "_cause.go"); err != nil {
					t.Errorf("%s has no .go file of that name beside it", path)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestCases runs every case: fires/… must find the cause with evidence, silent/… must rule it out with a reason, unknown/… must not check it.
func TestCases(t *testing.T) {
	byID := map[string]*cause.Cause{}
	for _, c := range All() {
		byID[c.ID] = c
	}
	for id, files := range cases(t) {
		kinds := map[string]int{}
		for _, file := range files {
			kind, _, _ := strings.Cut(file.Name, "/")
			kinds[kind]++
			t.Run(id+"/"+file.Name, func(t *testing.T) { runCase(t, byID[id], kind, string(file.Data)) })
		}
		for _, kind := range []string{"fires", "silent", "unknown"} {
			// "told-before": what is told before a diagnosis begins, and so never found by one.
			excused := kind == "unknown" && kinds["always-known"] > 0 || kind == "fires" && kinds["needs-probe"]+kinds["told-before"] > 0
			if kinds[kind] == 0 && !excused {
				t.Errorf("%s: no case %s/…", id, kind)
			}
		}
	}
}

func runCase(t *testing.T, c *cause.Cause, kind, text string) {
	tc, err := worldtest.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	d, err := diagnose(tc)
	if err != nil {
		t.Fatal(err)
	}
	got, f := outcome(d.Result, c.ID)
	switch kind {
	case "fires":
		if f == nil {
			t.Fatalf("it does not fire: %s\n%s", got, describe(d))
		}
		checkFinding(t, f)
		checkFixes(t, d, f)
		checkOrder(t, d)
	case "silent":
		if got != "ruled-out" {
			t.Errorf("got %s, want ruled out\n%s", got, describe(d))
		}
	case "needs-probe": // no fact of an account decides; what is not checked says what to look at
		if got != "not-checked" || !slices.ContainsFunc(d.Result.NotChecked, func(n cause.NotChecked) bool {
			return n.Cause.ID == c.ID && strings.Contains(n.Because, "needs active validation")
		}) {
			t.Errorf("got %s, want it not checked for want of active validation\n%s", got, describe(d))
		}
	case "unknown":
		if got == "confirmed" || got == "ruled-out" {
			t.Errorf("got %s although a fact is missing\n%s", got, describe(d))
		}
	}
	for _, want := range tc.Want {
		checkWant(t, d, c.ID, got, f, want)
	}
}

// checkWant understands: confirmed, likely, possible, ruled-out, not-checked; first; explains; decoy; a status; a stage id; changes:KIND for a
// fix that changes such a resource, and changes:nothing where all of its fixes are a person's.
func checkWant(t *testing.T, d *doctor.Case, id, got string, f *cause.Finding, want string) {
	t.Helper()
	trace := d.Report.Trace
	status, isStatus := strconv.Atoi(want)
	switch {
	case slices.Contains([]string{"confirmed", "likely", "possible", "ruled-out", "not-checked"}, want):
		if got != want {
			t.Errorf("got %s, want %s\n%s", got, want, describe(d))
		}
	case strings.HasPrefix(want, "changes:"):
		if kind := strings.TrimPrefix(want, "changes:"); !changes(d, id, kind) {
			t.Errorf("none of its fixes changes %s\n%s", kind, describe(d))
		}
	case want == "first":
		if len(d.Result.Findings) == 0 || d.Result.Findings[0].Cause.ID != id {
			t.Errorf("it is not the first finding\n%s", describe(d))
		}
	case want == "explains" || want == "decoy":
		if f == nil || f.Explains != (want == "explains") {
			t.Errorf("want it to be found with explains=%v\n%s", want == "explains", describe(d))
		}
	case isStatus == nil:
		if trace.Outcome.Status != status {
			t.Errorf("the outcome is %d, want %d\n%s", trace.Outcome.Status, status, describe(d))
		}
	default:
		if trace.StoppedAt != want {
			t.Errorf("the request stops at %q, want %q\n%s", trace.StoppedAt, want, describe(d))
		}
	}
}

// changes reports whether one of a cause's fixes changes a kind of resource; "nothing" is that none changes any.
func changes(d *doctor.Case, id, kind string) bool {
	all := map[string]bool{}
	for _, p := range d.Plan {
		if slices.Contains(p.Causes, id) {
			for _, touched := range p.Fix.Touches() {
				all[touched] = true
			}
		}
	}
	return all[kind] || kind == "nothing" && len(all) == 0
}

func checkFinding(t *testing.T, f *cause.Finding) {
	t.Helper()
	v := f.Verdict
	if len(v.Evidence) == 0 {
		t.Error("it cites no evidence")
	}
	for _, ref := range v.Evidence {
		if ref.Call == "" || ref.Resource == "" {
			t.Errorf("the evidence %+v names no call or resource", ref)
		}
	}
	if v.Resource == "" || !strings.HasSuffix(strings.TrimSpace(v.Summary), ".") {
		t.Errorf("resource %q, summary %q: want both, the summary in whole sentences", v.Resource, v.Summary)
	}
	if v.Likelihood() != cause.GradeConfirmed && v.Because == "" {
		t.Error("it is not confirmed and does not say why")
	}
}

// checkFixes demands that every fix that changes something is proven to cure, and that there is a fix or a reason why not.
func checkFixes(t *testing.T, d *doctor.Case, f *cause.Finding) {
	t.Helper()
	if f.Cause.Fixes == nil {
		return
	}
	planned := 0
	for _, p := range d.Plan {
		if !slices.Contains(p.Causes, f.Cause.ID) {
			continue
		}
		planned++
		if p.Fix.Title == "" || p.Fix.Explanation == "" || p.Fix.Minutes <= 0 || p.Fix.Complexity == "" || p.Fix.Impact == "" {
			t.Errorf("fix %q lacks a title, explanation, minutes, complexity or impact", p.Fix.Title)
		}
		if len(p.Fix.Changes) == 0 && len(p.Fix.Manual) == 0 {
			t.Errorf("fix %q changes nothing and says nothing to do", p.Fix.Title)
		}
	}
	for _, remedy := range f.Cause.Fixes(f.Pass, f.Verdict) {
		if !slices.ContainsFunc(d.Plan, func(p doctor.Planned) bool {
			return slices.Contains(p.Causes, f.Cause.ID) && p.Fix.Title == remedy.Title
		}) {
			t.Errorf("the fix %q does not cure: simulated again, the cause is still there or something else broke", remedy.Title)
		}
	}
	if planned == 0 && f.Verdict.Likelihood() == cause.GradeConfirmed {
		t.Error("it is confirmed and no fix is offered")
	}
}

// TestHealthyWorldsStaySilent is the guard against false alarms: on a healthy world nothing critical or high may fire.
func TestHealthyWorldsStaySilent(t *testing.T) {
	for _, world := range worldtest.Worlds() {
		t.Run(world, func(t *testing.T) {
			tc, err := worldtest.Load(world)
			if err != nil {
				t.Fatal(err)
			}
			d, err := diagnose(tc)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range slices.Concat(d.Result.Findings, d.Result.Proactive) {
				if f.Severity == cause.Critical || f.Severity == cause.High || f.Explains {
					t.Errorf("%s (%s, %s): %s", f.Cause.ID, f.Severity, f.Verdict.Likelihood(), f.Verdict.Summary)
				}
			}
			if s := d.Report.Trace.Outcome.Status; s >= 400 {
				t.Errorf("a healthy world answers %d at %s", s, d.Report.Trace.StoppedAt)
			}
		})
	}
}

// TestLosingKnowledgeNeverFlips takes each fact of every case away, once as not captured and once as denied: a cause that fires may weaken,
// it must not be ruled out; a ruled-out cause must not become confirmed.
func TestLosingKnowledgeNeverFlips(t *testing.T) {
	byID := map[string]*cause.Cause{}
	for _, c := range All() {
		byID[c.ID] = c
	}
	for id, files := range cases(t) {
		for _, file := range files {
			kind, _, _ := strings.Cut(file.Name, "/")
			if kind != "fires" && kind != "silent" {
				continue
			}
			t.Run(id+"/"+file.Name, func(t *testing.T) { loseEach(t, byID[id], string(file.Data)) })
		}
	}
}

// loseEach judges one cause on one request, again and again with one fact less. The world is read once: what is lost is the fact alone.
func loseEach(t *testing.T, c *cause.Cause, text string) {
	tc, err := worldtest.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	d, err := diagnose(tc)
	if err != nil {
		t.Fatal(err)
	}
	request := tc.Request.Clone()
	request.Host = d.Report.Symptom.Domain
	judge := func(w *evidence.World) (cause.Verdict, bool) {
		m, err := d.Model.On(w)
		if err != nil {
			return cause.Verdict{}, false // without the distribution itself there is no diagnosis
		}
		return cause.Judge(c, &cause.Pass{
			World: w, Model: m, Request: request, Trace: m.Simulate(request), Symptom: cause.Symptom{Code: tc.Code, Given: tc.Code != 0}, Asked: true,
		}), true
	}
	whole, _ := judge(d.World)
	for _, rec := range d.World.Records() {
		forgotten, denied := d.World.Clone(), d.World.Clone()
		forgotten.Forget(rec.Call)
		denied.Deny(rec.Call)
		for how, w := range map[string]*evidence.World{"not captured": forgotten, "denied": denied} {
			less, ok := judge(w)
			if ok && whole.Fires() && less.IsRuledOut() {
				t.Errorf("%s %v %s: the cause that fires is ruled out: %s", rec.Call.Name(), rec.Call.Params, how, less.Because)
			}
			if ok && whole.IsRuledOut() && less.Fires() && less.Likelihood() == cause.GradeConfirmed {
				t.Errorf("%s %v %s: the cause that is ruled out becomes confirmed: %s", rec.Call.Name(), rec.Call.Params, how, less.Summary)
			}
		}
	}
}

// describe sums a diagnosis up for a failing test.
func describe(d *doctor.Case) string {
	var b strings.Builder
	fmt.Fprintf(&b, "outcome %+v, stopped at %q\n", d.Report.Trace.Outcome, d.Report.Trace.StoppedAt)
	for _, s := range d.Report.Trace.Steps {
		if s.Verdict != "pass" && s.Verdict != "skipped" {
			fmt.Fprintf(&b, "  %s: %s %s\n", s.Stage, s.Verdict, s.Summary)
		}
	}
	for _, f := range d.Result.Findings {
		fmt.Fprintf(&b, "  finding %s %s explains=%v: %s\n", f.Cause.ID, f.Verdict.Likelihood(), f.Explains, f.Verdict.Summary)
	}
	for _, f := range d.Result.Proactive {
		fmt.Fprintf(&b, "  proactive %s %s: %s\n", f.Cause.ID, f.Verdict.Likelihood(), f.Verdict.Summary)
	}
	return b.String()
}
