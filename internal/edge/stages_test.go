package edge_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"

	"cfdoctor/internal/collect"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/request"
	"cfdoctor/internal/source/bundle"
	"cfdoctor/internal/worldtest"
)

// simulated takes a case's request through the model of its world, read as a diagnosis reads it.
func simulated(t *testing.T, c *worldtest.Case) *edge.Trace {
	t.Helper()
	b, err := bundle.Parse(bytes.NewReader(c.Bundle()), c.World, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	target, err := collect.ParseTarget(c.Target)
	if err != nil {
		t.Fatal(err)
	}
	collector := collect.New(b, b.CapturedAt, collect.Options{})
	found, err := collect.Resolve(t.Context(), collector, target)
	if err != nil {
		t.Fatal(err)
	}
	r := c.Request
	if r.Host == "" && target.Domain != "" && target.Domain != found.DomainName {
		r.Host = target.Domain
	}
	ask := r
	for {
		before := collector.Stats().Calls
		collect.Distribution(t.Context(), collector, found.ID, ask)
		m, err := edge.Compile(collector.Wait(), found.ID)
		if err != nil {
			t.Fatal(err)
		}
		if r.Host == "" {
			if aliases := m.Aliases(); len(aliases) > 0 {
				r.Host = strings.Replace(aliases[0], "*", "www", 1)
			}
		}
		trace := m.Simulate(r)
		if ask = trace.Exchange.Current; collector.Stats().Calls == before {
			return trace
		}
	}
}

// A case says in a comment what it rests on, such as "# DG/georestrictions: …".
var sourceLine = regexp.MustCompile(`(?m)^# ([A-Z0-9]+/[A-Za-z0-9._-]+|RFC \d+|API reference|bc:\w+|observed)`)

// TestStages runs the cases of every stage: testdata/stages/STAGE.txtar. A case is a world with overrides, a request, and what the stage makes
// of it: "want VERDICT STATUS", then words that the summary or the detail has, then "=> STATUS" for what the viewer gets.
func TestStages(t *testing.T) {
	for _, stage := range edge.Stages() {
		t.Run(stage.ID, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata", "stages", stage.ID+".txtar"))
			if err != nil {
				t.Fatal("the stage has no cases: ", err)
			}
			files := txtar.Parse(text).Files
			if len(files) < 2 {
				t.Errorf("%d cases are too few", len(files))
			}
			verdicts := map[string]bool{}
			for _, file := range files {
				t.Run(file.Name, func(t *testing.T) { verdicts[stageCase(t, stage.ID, string(file.Data))] = true })
			}
			if len(verdicts) < 2 {
				t.Errorf("all cases want the same: %v", verdicts)
			}
		})
	}
}

// stageCase checks one case and returns what it wants.
func stageCase(t *testing.T, stage, text string) string {
	if !sourceLine.MatchString(text) {
		t.Error("no comment names a source")
	}
	c, err := worldtest.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Want) < 2 {
		t.Fatal("no line says what is wanted")
	}
	words, outcome, _ := strings.Cut(strings.Join(c.Want[2:], " "), "=>")
	trace := simulated(t, c)
	at := slices.IndexFunc(trace.Steps, func(s edge.Step) bool { return s.Stage == stage })
	if at < 0 {
		t.Fatal("the trace has no such step")
	}
	s := trace.Steps[at]
	if string(s.Verdict) != c.Want[0] || strconv.Itoa(s.Status) != c.Want[1] {
		t.Errorf("%s %d, want %s %s: %s", s.Verdict, s.Status, c.Want[0], c.Want[1], s.Summary)
	}
	if !strings.Contains(s.Summary+" "+s.Detail, strings.TrimSpace(words)) {
		t.Errorf("%q and %q do not say %q", s.Summary, s.Detail, strings.TrimSpace(words))
	}
	if outcome = strings.TrimSpace(outcome); outcome != "" && outcome != strconv.Itoa(trace.Outcome.Status) {
		t.Errorf("the viewer gets %d, want %s", trace.Outcome.Status, outcome)
	}
	return strings.Join(c.Want, " ")
}

// told is what a step says that rests on nothing but the request.
const told = "told by the request alone"

// TestPassRestsOnEvidence: no stage lets a request pass without naming what it saw, whatever the world and the request.
func TestPassRestsOnEvidence(t *testing.T) {
	models := map[string]*edge.Model{}
	for _, name := range worldtest.Worlds() {
		c, err := worldtest.Parse("world " + name + "\nask GET /index.html\n")
		if err != nil {
			t.Fatal(err)
		}
		models[name] = simulated(t, c).Exchange.Model
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(worldtest.Worlds()).Draw(t, "world")
		m := models[name]
		hosts := append([]string{"", m.DomainName(), "www.nobody.example", "north.hollyoak.example"}, m.Aliases()...)
		r := request.New(rapid.SampledFrom(hosts).Draw(t, "host"), "")
		r.SetPath(rapid.OneOf(
			rapid.SampledFrom([]string{"/", "/index.html", "/static/app.css", "/api/x?a=1", "/members/a", "/forms/x", "/beta/", "/timetables", "/media/../x.jpg"}),
			rapid.StringMatching(`/[a-z/.%~]{0,12}(\?[a-z=&]{0,6})?`),
		).Draw(t, "path"))
		r.Method = rapid.SampledFrom([]string{"GET", "GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE"}).Draw(t, "method")
		r.Scheme = rapid.SampledFrom([]string{"https", "https", "http"}).Draw(t, "scheme")
		r.Country = rapid.SampledFrom([]string{"", "NL", "BR"}).Draw(t, "country")
		if rapid.Bool().Draw(t, "cross-origin") {
			r.SetHeader("Origin", "https://app.example.org")
		}
		for _, s := range m.Simulate(r).Steps {
			if s.Verdict == edge.Pass && len(s.Evidence) == 0 && !strings.Contains(s.Detail, told) {
				t.Fatalf("%s: %s %s: %s passes without evidence: %s", name, r.Method, r.URL(), s.Stage, s.Summary)
			}
		}
	})
}
