package signature_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cfdoctor/internal/observed"
	"cfdoctor/internal/signature"
	"cfdoctor/internal/signature/signaturetest"
)

func TestEveryRowIsRecognised(t *testing.T) {
	shown := map[string]bool{}
	names := map[string]bool{}
	for _, e := range signaturetest.Examples() {
		if names[e.Name] {
			t.Errorf("two examples are called %s", e.Name)
		}
		names[e.Name] = true
		shown[e.Row] = true
		t.Run(e.Name, func(t *testing.T) {
			v := signature.Classify(e.Answer)
			if v.ID != e.Row {
				t.Fatalf("classified as %s (%s, %v), want %s", v.ID, v.Producer, v.Reasons, e.Row)
			}
			if e.Code != "" && v.Error != e.Code {
				t.Errorf("the error is %q, want %q", v.Error, e.Code)
			}
			if len(v.Reasons) == 0 && v.Sure != signature.Possible {
				t.Error("sure, and names no reason")
			}
			if e.Answer.Status >= 400 && !v.IsError() {
				t.Error("an error passes for none")
			}
		})
	}
	for _, row := range signature.Table() {
		if !shown[row.ID] {
			t.Errorf("no example shows row %s", row.ID)
		}
	}
}

func TestRowsAreDocumented(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range signature.Table() {
		switch {
		case seen[row.ID]:
			t.Errorf("two rows are called %s", row.ID)
		case row.Source == "" || row.Means == "" || row.Grade == "" || row.Sure == "":
			t.Errorf("%s lacks a source, a grade, a certainty or words", row.ID)
		case row.Grade == signature.Unverified && row.Sure == signature.Certain:
			t.Errorf("%s is certain, and nobody verified it", row.ID)
		case !strings.HasSuffix(row.Means, "."):
			t.Errorf("%s: %q is no sentence", row.ID, row.Means)
		}
		seen[row.ID] = true
	}
}

func TestWhatTheHeadersTell(t *testing.T) {
	of := func(name string) signature.Verdict {
		e, ok := signaturetest.Named(name)
		if !ok {
			t.Fatalf("there is no example %s", name)
		}
		return signature.Classify(e.Answer)
	}
	if v := of("spa-masked"); !v.Masked || !v.IsError() || !v.ThroughCloudFront {
		t.Errorf("a masked error: %+v", v)
	}
	if v := of("s3-fine"); !v.Cached || v.IsError() || v.Stacked {
		t.Errorf("a cached answer: %+v", v)
	}
	if v := of("origin-error-cached"); !v.Cached {
		t.Error("an error with an Age is not taken for cached")
	}
	if v := of("origin-dns"); v.Sentence != "CloudFront wasn't able to resolve the origin domain name." {
		t.Errorf("the page says %q", v.Sentence)
	}
	if v := of("elsewhere"); v.ThroughCloudFront {
		t.Error("an answer without CloudFront's headers passed CloudFront")
	}
	twice := signature.Answer{Status: 200, Headers: []observed.Header{
		{Name: "Via", Value: "1.1 a.cloudfront.net (CloudFront), 1.1 b.cloudfront.net (CloudFront)"},
	}}
	if !signature.Classify(twice).Stacked {
		t.Error("two passages through CloudFront were not seen")
	}
}

// Amazon S3 writes "Access Denied", CloudFront's signed URLs "Access denied": one letter tells a bucket policy from a signature.
func TestTheLetterThatTells(t *testing.T) {
	cloudFront, _ := signaturetest.Named("signed-denied")
	s3, _ := signaturetest.Named("s3-AccessDenied")
	if a, b := signature.Classify(cloudFront.Answer).Producer, signature.Classify(s3.Answer).Producer; a != signature.CloudFront || b != signature.S3 {
		t.Errorf("told %s and %s apart", a, b)
	}
}

// Nothing that anybody may send brings the classifier down, and every error is called one.
func TestClassifyTakesAnything(t *testing.T) {
	examples := signaturetest.Examples()
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.SampledFrom(examples).Draw(t, "base").Answer
		a := signature.Answer{
			Status: rapid.IntRange(0, 700).Draw(t, "status"),
			Body:   base.Body[:rapid.IntRange(0, len(base.Body)).Draw(t, "cut")] + rapid.String().Draw(t, "tail"),
		}
		for _, h := range base.Headers {
			if rapid.Bool().Draw(t, "keep") {
				a.Headers = append(a.Headers, h)
			}
		}
		v := signature.Classify(a)
		if v.ID == "" || v.Producer == "" || v.Sure == "" {
			t.Fatalf("no verdict: %+v", v)
		}
		if a.Status >= 400 && !v.IsError() {
			t.Fatalf("status %d is no error to %s", a.Status, v.ID)
		}
	})
}
