package causes

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/doctor"
	"cfdoctor/internal/worldtest"
)

// What the mutations must reach, in percent, and how many false alarms they may raise.
const (
	minMutations    = 150
	minFirstCause   = 98
	minStatus       = 98
	maxFalseAlarms  = 0
	mutationFolder  = "../worldtest/mutations"
	companionPrefix = "with:"
	falsePrefix     = "without:"
)

// expectation is what a mutation's "want" line says:
//
//	want S3_POLICY_WRONG_SOURCE_ARN|S3_POLICY_MISSING_OAC_GRANT 403
//	want any NO_ALARMS -
//	want none 200
//	want ORIGIN_CERT_EXPIRED 502 with:CERT_EXPIRING
//	want none 200 without:LOG_DELIVERY_BROKEN
//
// The first word lists the causes that may lead the findings; after "any" they may stand anywhere, in the advice too; "none" means that
// nothing explains an error. Then comes the predicted status, "-" where the sources leave it open; causes that are rightly confirmed as
// well, because they are true of the same fault; and causes that are not true at all, be it as advice.
type expectation struct {
	causes     []string // empty for "none"
	anywhere   bool
	status     int // 0 is not judged
	companions []string
	untrue     []string
}

func parseExpectation(words []string) (expectation, error) {
	var e expectation
	if len(words) > 0 && words[0] == "any" {
		e.anywhere, words = true, words[1:]
	}
	if len(words) < 2 {
		return e, fmt.Errorf("want needs causes and a status, has %q", words)
	}
	if words[0] != "none" {
		e.causes = strings.Split(words[0], "|")
	}
	if words[1] != "-" {
		status, err := strconv.Atoi(words[1])
		if err != nil {
			return e, fmt.Errorf("the status: %w", err)
		}
		e.status = status
	}
	for _, word := range words[2:] {
		companions, isWith := strings.CutPrefix(word, companionPrefix)
		untrue, isWithout := strings.CutPrefix(word, falsePrefix)
		switch {
		case isWith:
			e.companions = append(e.companions, strings.Split(companions, "|")...)
		case isWithout:
			e.untrue = append(e.untrue, strings.Split(untrue, "|")...)
		default:
			return e, fmt.Errorf("%q is not understood", word)
		}
	}
	return e, nil
}

// mutant is one mutation's outcome.
type mutant struct {
	firstRight, statusRight, statusJudged bool
	falseAlarms                           []string
	name, got, want                       string
}

// judge compares a diagnosis with what is expected of it.
func (e expectation) judge(d *doctor.Case) mutant {
	findings := d.Result.Findings
	m := mutant{statusJudged: e.status != 0, statusRight: d.Report.Trace.Outcome.Status == e.status}
	switch {
	case e.anywhere:
		m.firstRight = slices.ContainsFunc(slices.Concat(findings, d.Result.Proactive), func(f cause.Finding) bool {
			return slices.Contains(e.causes, f.Cause.ID)
		})
	case len(e.causes) == 0:
		m.firstRight = !slices.ContainsFunc(findings, func(f cause.Finding) bool { return f.Explains })
	default:
		m.firstRight = len(findings) > 0 && slices.Contains(e.causes, findings[0].Cause.ID)
	}
	for _, f := range findings {
		expected := slices.Contains(e.causes, f.Cause.ID) || slices.Contains(e.companions, f.Cause.ID)
		if f.Explains && f.Verdict.Likelihood() == cause.GradeConfirmed && !expected {
			m.falseAlarms = append(m.falseAlarms, f.Cause.ID)
		}
	}
	for _, f := range slices.Concat(findings, d.Result.Proactive) {
		if slices.Contains(e.untrue, f.Cause.ID) {
			m.falseAlarms = append(m.falseAlarms, f.Cause.ID)
		}
	}
	first := "nothing"
	if len(findings) > 0 {
		first = findings[0].Cause.ID + " (" + string(findings[0].Verdict.Likelihood()) + ")"
	}
	m.got = fmt.Sprintf("first %s, status %d at %q", first, d.Report.Trace.Outcome.Status, cmp.Or(d.Report.Trace.StoppedAt, "no stage"))
	return m
}

func (m mutant) miss() string {
	var wrong []string
	if !m.firstRight {
		wrong = append(wrong, "the first cause is wrong")
	}
	if m.statusJudged && !m.statusRight {
		wrong = append(wrong, "the status is wrong")
	}
	if len(m.falseAlarms) > 0 {
		wrong = append(wrong, "false alarm "+strings.Join(m.falseAlarms, ", "))
	}
	return strings.Join(wrong, "; ")
}

// TestMutations breaks one setting of a healthy world at a time and asks what is wrong. `make mutate` prints the figures; one mutation
// alone runs with -run TestMutations/WORLD/NAME -v, which tells what the diagnosis made of it.
func TestMutations(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of diagnoses")
	}
	files, err := filepath.Glob(mutationFolder + "/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, c := range All() {
		known[c.ID] = true
	}
	sections := 0
	var mutants []mutant
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		world := strings.TrimSuffix(filepath.Base(file), ".txtar")
		for _, section := range txtar.Parse(text).Files {
			sections++
			t.Run(world+"/"+section.Name, func(t *testing.T) {
				m := mutate(t, known, "world "+world+"\n"+string(section.Data))
				m.name = world + "/" + section.Name
				mutants = append(mutants, m)
			})
		}
	}
	if len(mutants) == sections { // not where -run picks some
		sum(t, mutants)
	}
}

func mutate(t *testing.T, known map[string]bool, text string) mutant {
	tc, err := worldtest.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	want, err := parseExpectation(tc.Want)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range slices.Concat(want.causes, want.companions, want.untrue) {
		if !known[id] {
			t.Logf("the catalogue has no %s", id)
		}
	}
	d, err := diagnose(tc)
	if err != nil {
		t.Fatal(err)
	}
	m := want.judge(d)
	m.want = strings.Join(tc.Want, " ")
	if miss := m.miss(); miss != "" {
		t.Logf("%s: got %s, want %s\n%s", miss, m.got, m.want, describe(d))
	}
	return m
}

// sum prints the figures, and fails with every miss where they are not good enough.
func sum(t *testing.T, mutants []mutant) {
	var first, status, judged, alarms int
	var misses []string
	for _, m := range mutants {
		if m.firstRight {
			first++
		}
		if m.statusJudged {
			judged++
			if m.statusRight {
				status++
			}
		}
		alarms += len(m.falseAlarms)
		if miss := m.miss(); miss != "" {
			misses = append(misses, fmt.Sprintf("%s: %s: got %s, want %s", m.name, miss, m.got, m.want))
		}
	}
	percent := func(part, whole int) float64 { return 100 * float64(part) / float64(max(whole, 1)) }
	fmt.Printf("mutations: %d, first cause right %.1f %%, status right %.1f %% of %d, false alarms %d\n",
		len(mutants), percent(first, len(mutants)), percent(status, judged), judged, alarms)
	report := t.Logf
	if len(mutants) < minMutations || percent(first, len(mutants)) < minFirstCause || percent(status, judged) < minStatus || alarms > maxFalseAlarms {
		report = t.Errorf
	}
	for _, miss := range misses {
		report("%s", miss)
	}
	if len(mutants) < minMutations {
		t.Errorf("there are %d mutations, want %d at least", len(mutants), minMutations)
	}
}
