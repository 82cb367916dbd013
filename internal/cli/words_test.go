package cli

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"cfdoctor/internal/report"
)

// TestGuidesConversations says what the people in AWS's guide say, about recordings of accounts like theirs.
func TestGuidesConversations(t *testing.T) {
	cases := []struct {
		bundle, sentence string
		id               string
		code             int
		causes           []string // one of them leads
		understood       string
		fixes            bool
	}{
		{"guide-403-images.json", "My CloudFront distribution d123456abcdef is returning 403 errors when I try to access images.", "E2GUIDES3IMAGES", 403,
			[]string{"S3_NO_ORIGIN_ACCESS"}, "d123456abcdef, error 403", true},
		{"guide-504-load-balancer.json", "My CloudFront distribution abc123def456 is giving 504 errors. The distribution uses a custom origin pointing to my ALB.", "ABC123DEF456", 504,
			[]string{"ORIGIN_READ_TIMEOUT"}, "abc123def456, error 504", true},
	}
	for _, c := range cases {
		t.Run(c.bundle, func(t *testing.T) {
			file, err := filepath.Abs("../../examples/" + c.bundle)
			if err != nil {
				t.Fatal(err)
			}
			status, out, errs := person(t, false, "", c.sentence, "--from", file, "-o", "json")
			if status != exitFound || !strings.Contains(errs, "understood: distribution or URL "+c.understood) {
				t.Fatalf("exit status %d:\n%s", status, errs)
			}
			var r report.Report
			if err := json.Unmarshal([]byte(out), &r); err != nil {
				t.Fatal(err)
			}
			if r.Distribution.ID != c.id || r.Symptom.ErrorCode != c.code || len(r.Findings) == 0 || r.Findings[0].Cause != c.causes[0] || !r.Findings[0].ExplainsSymptom {
				t.Errorf("distribution %s, error %d, findings %+v", r.Distribution.ID, r.Symptom.ErrorCode, r.Findings)
			}
			if c.fixes != (len(r.Fixes) > 0) {
				t.Errorf("%d fixes", len(r.Fixes))
			}
		})
	}
}

func TestPlainWords(t *testing.T) {
	file, err := filepath.Abs("../../examples/s3-policy-missing.json")
	if err != nil {
		t.Fatal(err)
	}
	status, out, errs := person(t, false, "", "distribution E1HEALTHYS3OAC fails on www.fernhill.example/about.html with 404", "--error-code", "403", "--from", file, "-o", "json", "--quiet")
	if status != exitFound || errs != "" {
		t.Fatalf("exit status %d: %s", status, errs)
	}
	var r report.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if r.Symptom.ErrorCode != 403 || r.Symptom.Path != "/about.html" || r.Symptom.Domain != "www.fernhill.example" {
		t.Errorf("a flag wins over a word, and the rest is the sentence's: %+v", r.Symptom)
	}
	for sentence, want := range map[string]string{
		"my site is broken": "the sentence names no distribution",
		"diagnos":           "did you mean diagnose?",
		"xyzzy":             "unknown command",
	} {
		if status, out, errs := person(t, false, "", sentence); status != exitNoAnswer || out != "" || !strings.Contains(errs, want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%q: exit status %d, %q %q", sentence, status, out, errs)
		}
	}
	if status, out, _ := person(t, false, ""); status != exitFine || !strings.Contains(out, "diagnose") || strings.Contains(out, "--viewer-country") {
		t.Errorf("without a word, exit status %d:\n%s", status, out)
	}
}
