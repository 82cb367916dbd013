package doctor

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/signature/signaturetest"
)

func TestSharpen(t *testing.T) {
	for name, c := range map[string]struct {
		seen          string // an example's name, "" where nothing was seen
		stage, id     string
		grade         cause.Likelihood
		want          cause.Likelihood // "" where it is ruled out
		explainsNot   bool
		wantsEvidence bool
	}{
		"the page names the cause":           {seen: "geo", stage: "geo-restriction", id: "GEO_RESTRICTION_BLOCK", grade: cause.GradePossible, want: cause.GradeLikely, wantsEvidence: true},
		"likely stays likely":                {seen: "geo", stage: "geo-restriction", id: "GEO_RESTRICTION_BLOCK", grade: cause.GradeLikely, want: cause.GradeLikely, wantsEvidence: true},
		"another producer answered":          {seen: "geo", stage: "origin-access", id: "S3_POLICY_MISSING_OAC_GRANT", grade: cause.GradeLikely},
		"the firewall did not answer":        {seen: "geo", stage: "web-acl", id: "WAF_RULE_BLOCKED", grade: cause.GradePossible},
		"the same producer, another page":    {seen: "geo", stage: "allowed-methods", id: "METHOD_NOT_ALLOWED", grade: cause.GradePossible, want: cause.GradePossible},
		"a stage that anybody answers for":   {seen: "geo", stage: "custom-error-response", id: "CUSTOM", grade: cause.GradePossible, want: cause.GradePossible},
		"what facts show stays":              {seen: "geo", stage: "origin-access", id: "S3_POLICY_MISSING_OAC_GRANT", grade: cause.GradeConfirmed, want: cause.GradeConfirmed},
		"what does not explain it stays too": {seen: "geo", stage: "origin-access", id: "S3_OAI_LEGACY", grade: cause.GradePossible, want: cause.GradePossible, explainsNot: true},
		"nothing was seen":                   {stage: "origin-access", id: "S3_POLICY_MISSING_OAC_GRANT", grade: cause.GradeLikely, want: cause.GradeLikely},
	} {
		t.Run(name, func(t *testing.T) {
			text := "world s3-oac\nask GET https://www.fernhill.example/about.html 403\n"
			if c.seen != "" {
				text += "answer probe:HTTP {\"Host\":\"www.fernhill.example\"} " + exampleAnswer(t, c.seen) + "\n"
			}
			diagnosis := diagnosed(t, text, found())
			q := Question{Request: requestOf(diagnosis), Code: 403}
			verdict := cause.Possible("distribution", "Something is wrong.", "it could be", evidence.Ref{Call: "test"}).Graded(c.grade, "before")
			in := cause.Result{Findings: []cause.Finding{{Cause: &cause.Cause{ID: c.id, Stage: c.stage}, Verdict: verdict, Explains: !c.explainsNot}}}
			out := sharpen(in, diagnosis.Model, q)
			if c.want == "" {
				if len(out.Findings) != 0 || len(out.RuledOut) != 1 || !strings.Contains(out.RuledOut[0].Because, "which this does not give") {
					t.Fatalf("found %d, ruled out %+v", len(out.Findings), out.RuledOut)
				}
				return
			}
			if len(out.Findings) != 1 || len(out.RuledOut) != 0 {
				t.Fatalf("found %d, ruled out %d", len(out.Findings), len(out.RuledOut))
			}
			got := out.Findings[0].Verdict
			if got.Likelihood() != c.want || (len(got.Evidence) == 2) != c.wantsEvidence {
				t.Errorf("%s with %d refs", got.Likelihood(), len(got.Evidence))
			}
			if raised := c.want != c.grade; raised != strings.Contains(got.Because, "active validation saw 403 from") {
				t.Errorf("because %q", got.Because)
			}
			if len(in.Findings[0].Verdict.Evidence) != 1 {
				t.Error("the finding that was given is changed")
			}
		})
	}
}

func TestSharpenPutsTheLikelierFirst(t *testing.T) {
	d := diagnosed(t, "world s3-oac\nask GET https://www.fernhill.example/about.html 403\nanswer probe:HTTP {\"Host\":\"www.fernhill.example\"} "+exampleAnswer(t, "geo")+"\n", found())
	possible := cause.Possible("distribution", "Something is wrong.", "it could be")
	out := sharpen(cause.Result{Findings: []cause.Finding{
		{Cause: &cause.Cause{ID: "METHOD_NOT_ALLOWED", Stage: "allowed-methods"}, Verdict: possible, Explains: true},
		{Cause: &cause.Cause{ID: "ELSEWHERE", Stage: "origin-access"}, Verdict: cause.Confirm("distribution", "Something else is wrong.")},
		{Cause: &cause.Cause{ID: "GEO_RESTRICTION_BLOCK", Stage: "geo-restriction"}, Verdict: possible, Explains: true},
	}}, d.Model, Question{Request: requestOf(d), Code: 403})
	var ids []string
	for _, f := range out.Findings {
		ids = append(ids, f.Cause.ID)
	}
	if want := []string{"GEO_RESTRICTION_BLOCK", "METHOD_NOT_ALLOWED", "ELSEWHERE"}; !slices.Equal(ids, want) {
		t.Errorf("in the order %v, want %v", ids, want)
	}
}

// exampleAnswer is an example of an answer, as a probe records it.
func exampleAnswer(t *testing.T, name string) string {
	t.Helper()
	e, ok := signaturetest.Named(name)
	if !ok {
		t.Fatalf("there is no example %s", name)
	}
	text, err := json.Marshal(map[string]any{"Status": e.Answer.Status, "Headers": e.Answer.Headers, "Body": e.Answer.Body})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
