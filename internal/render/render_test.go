package render

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/jsonschema-go/jsonschema"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/report"
	"cfdoctor/internal/report/schema"
)

func TestFormatOf(t *testing.T) {
	for file, want := range map[string]string{
		"r.txt": "text", "r.json": "json", "a.b/r.MD": "markdown", "r.html": "html", "r.sarif": "sarif", "r": "", "r.htm": "", ".json": "json",
	} {
		got, err := FormatOf(file)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("FormatOf(%q) = %q, %v, want %q", file, got, err, want)
		}
	}
	if err := Write(&bytes.Buffer{}, "pdf", singleCause(), Options{}); err == nil {
		t.Error("Write takes a format that does not exist")
	}
	if err := Trace(&bytes.Buffer{}, "html", singleCause(), Options{}); err == nil {
		t.Error("Trace takes a format that it does not have")
	}
}

// TestFirstScreen: who is woken at night reads the answer without scrolling.
func TestFirstScreen(t *testing.T) {
	got := render(t, "text", singleCause(), Options{Width: 80})
	top, _, _ := strings.Cut(got, "THE REQUEST'S WAY")
	if n := strings.Count(top, "\n"); n > 24 {
		t.Errorf("the first screen has %d lines, want at most 24:\n%s", n, top)
	}
	for _, want := range []string{"GET https://www.example.com/images/logo.png?v=2", "403 seen", "CRITICAL, confirmed", "visitors see 403",
		"AWS:SourceArn", "^^^", "should be", "Quick fix", "about 5 minutes", "cfdoctor fix E2EXAMPLE1SHOP --fix fix-1", "403 → 200", "Below:"} {
		if !strings.Contains(top, want) {
			t.Errorf("the first screen lacks %q:\n%s", want, top)
		}
	}
}

// TestRedactedQuestion: a command that cannot run as it stands says so.
func TestRedactedQuestion(t *testing.T) {
	r := singleCause()
	r.Symptom.Flags = append(r.Symptom.Flags, "--header", "Cookie: "+evidence.Redacted)
	if got := render(t, "text", r, Options{}); !strings.Contains(got, "# put the values back where it says "+evidence.Redacted) {
		t.Errorf("nothing says that the question is not whole:\n%s", got)
	}
}

// TestTold: the headline says what is known and no more.
func TestTold(t *testing.T) {
	tests := []struct {
		name   string
		change func(*report.Report)
		want   string
	}{
		{"healthy", func(*report.Report) {}, "✓ Nothing here explains an error"},
		{"nothing told", func(r *report.Report) { r.Trace.Outcome = report.Outcome{Certainty: "unknown"} }, "? No fault found, but too little is known"},
		{"fails without a cause", func(r *report.Report) { r.Trace.Outcome.Status = 502 }, "? The request fails in the simulation, and no known cause explains why"},
		{"a stage without a cause", func(r *report.Report) {
			r.Symptom.ErrorCode, r.Trace = 403, report.Trace{Outcome: report.Outcome{Status: 403, Certainty: "certain"}, StoppedAt: "origin-access", Steps: steps("origin-access")}
		}, "✗ The error comes from this stage: The origin's permission"},
		{"another error than simulated", func(r *report.Report) {
			r.Symptom.ErrorCode, r.Trace = 502, report.Trace{Outcome: report.Outcome{Status: 403, Certainty: "certain"}, StoppedAt: "origin-access", Steps: steps("origin-access")}
		}, "? Nothing in the configuration explains the 502"},
		{"an error without a cause", func(r *report.Report) { r.Symptom.ErrorCode = 504 }, "? Nothing in the configuration explains the 504"},
		{"a risk", func(r *report.Report) { r.Findings = []report.Finding{{Severity: "medium"}} }, "! Nothing fails now; worth a look: 1 medium"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := healthyReview()
			test.change(r)
			if got := render(t, "text", r, Options{}); !strings.Contains(got, test.want) {
				t.Errorf("want %q in:\n%s", test.want, got)
			}
		})
	}
}

// TestVerboseHoldsAll: what a short report leaves out, a verbose one has.
func TestVerboseHoldsAll(t *testing.T) {
	short := render(t, "text", singleCause(), Options{Width: 200})
	full := render(t, "text", singleCause(), Options{Width: 200, Verbose: true})
	for _, only := range []string{"#!/bin/sh", "call_aws(", "WAF_RULE_BLOCK: the distribution has no web ACL", "put-metric-alarm", "if the name does not lead to CloudFront"} {
		if strings.Contains(short, only) {
			t.Errorf("a short report has %q", only)
		}
		if !strings.Contains(full, only) {
			t.Errorf("a verbose report lacks %q", only)
		}
	}
}

// TestHereDocumentsStartTheLine: indented, their end would not be recognized by a shell.
func TestHereDocumentsStartTheLine(t *testing.T) {
	full := render(t, "text", singleCause(), Options{Verbose: true})
	if !strings.Contains(full, "\nEOF\n") {
		t.Errorf("the here-document is indented:\n%s", full)
	}
}

func TestJSON(t *testing.T) {
	var s jsonschema.Schema
	if err := json.Unmarshal([]byte(schema.Diagnosis()), &s); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range fixtures() {
		text := render(t, "json", r, Options{})
		var back report.Report
		if err := json.Unmarshal([]byte(text), &back); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if name == "hostile" || name == "bare" {
			continue // their words are of no enumeration, and what is no UTF-8 cannot come back
		}
		if diff := cmp.Diff(r, &back, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(evidence.Ref{})); diff != "" {
			t.Errorf("%s comes back changed:\n%s", name, diff)
		}
		var instance any
		if err := json.Unmarshal([]byte(text), &instance); err != nil {
			t.Fatal(err)
		}
		if err := resolved.Validate(instance); err != nil {
			t.Errorf("%s against the schema: %v", name, err)
		}
		if strings.Contains(text, ": null") && !strings.Contains(text, `"ok": null`) {
			t.Errorf("%s has null:\n%s", name, text)
		}
	}
	if text := render(t, "json", &report.Report{Verdict: "<&>\u202e\u009b"}, Options{}); !strings.Contains(text, `"<&>\u202e\u009b"`) {
		t.Errorf("signs of HTML are escaped, or invisible ones are not:\n%s", text)
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.md")
	if err := os.WriteFile(path, []byte("before"), 0o640); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "latest.md")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(link, singleCause()); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.HasPrefix(got, []byte("# 403 from CloudFront")) {
		t.Errorf("the file holds %.40q, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the file's permissions became %v, %v", info.Mode(), err)
	}
	fresh := filepath.Join(dir, "new.json")
	if err := WriteFile(fresh, singleCause()); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(fresh); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("a new file has %v, %v", info.Mode(), err)
	}
	if err := WriteFile(filepath.Join(dir, "no", "such.json"), singleCause()); err == nil {
		t.Error("a folder that does not exist is no error")
	}
	if err := WriteFile(filepath.Join(dir, "report.pdf"), singleCause()); err == nil {
		t.Error("an ending without a format is no error")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestWrong(t *testing.T) {
	tests := []struct {
		value, expected string
		noted           bool
		want            string
	}{
		{"arn:aws:x/E1OLD", "arn:aws:x/E2NEW", false, "E1OLD"},
		{"http-only", "https-only", false, "http"},
		{"30", "60", false, "30"},
		{"same", "same", true, ""},
		{"anything", "", true, "anything"},
		{"anything", "", false, ""},
		{"a/b/c", "a/c", false, "b/"},
		{"表示 x", "表示 y", false, "x"},
	}
	for _, test := range tests {
		start, end, _ := wrong(test.value, test.expected, test.noted)
		if got := string([]rune(test.value)[start:end]); got != test.want {
			t.Errorf("wrong(%q, %q) points at %q, want %q", test.value, test.expected, got, test.want)
		}
	}
}

func TestColumns(t *testing.T) {
	for text, want := range map[string]int{"abc": 3, "表示": 4, "e\u0301": 1, "👍": 2, "│ ✗ –": 5, "ﾊ": 1, "Ａ": 2} {
		if got := columns(text); got != want {
			t.Errorf("columns(%q) = %d, want %d", text, got, want)
		}
	}
}

// BenchmarkLongValue: a value of a megabyte without a blank takes time in proportion.
func BenchmarkLongValue(b *testing.B) {
	r := singleCause()
	r.Findings[0].Summary = strings.Repeat("x", 1<<20)
	for b.Loop() {
		render(b, "text", r, Options{Width: 80})
	}
}

func TestTelling(t *testing.T) {
	refs := []evidence.Ref{{Call: "a", Field: "F"}, {Call: "b", Field: "F", Value: "v", Note: "n"}, {Call: "c", Field: "F", Value: "v", Expected: "w"}, {Call: "d", Field: "F", Value: "v"}}
	if got, ok := telling(refs); !ok || got.Call != "c" {
		t.Errorf("telling picks %v", got)
	}
	if _, ok := telling([]evidence.Ref{{Call: "a"}}); ok {
		t.Error("a call without a field tells nothing")
	}
}
