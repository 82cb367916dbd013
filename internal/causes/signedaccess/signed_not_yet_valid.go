package signedaccess

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront/signed"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var signedNotYetValid = &cause.Cause{
	ID:       "SIGNED_NOT_YET_VALID",
	Title:    "The signed URL or cookie is used before its start",
	Stage:    stage,
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain:    "A custom policy may name a start, DateGreaterThan. Up to and including that second CloudFront answers 403.",
		Why:        "The start was meant for a later release, the signing machine's clock runs ahead, or a time zone slipped into the number.",
		Example:    "DateGreaterThan is one hour ahead because local time was taken for UTC.",
		Manual:     manual,
		References: []string{guide + "private-content-creating-signed-url-custom-policy.html"},
		Since:      "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return judge(p, []signed.Check{signed.Started}, func(s *edge.SignedAccess, r signed.CheckResult) words {
			if s.Verdict.Policy == nil || s.Verdict.Policy.Starts.IsZero() {
				return words{summary: "The signature may not be valid yet."}
			}
			return words{summary: "The signature of this request is valid only after " + s.Verdict.Policy.Starts.UTC().Format("2006-01-02 15:04 UTC") + "."}
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{signAgain("Sign with an earlier start", "A policy whose start is past, or that names none, is valid at once.",
			"Leave DateGreaterThan out unless a later start is wanted, or set it some minutes back to allow for clocks that differ.",
			"Check the clock and the time zone of the machine that signs: the start counts seconds since 1970 in UTC.")}
	},
}
