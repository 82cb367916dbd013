package signedaccess

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront/signed"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var signedExpired = &cause.Cause{
	ID:       "SIGNED_EXPIRED",
	Title:    "The signed URL or cookie is past its end",
	Stage:    stage,
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `Every signature has an end: Expires, or DateLessThan in the policy. CloudFront compares it with the time at which the request begins. A download
that is under way goes on; a new request, or a download that is taken up again, gets 403.`,
		Why:     "The link was kept or shared for longer than it was made for, a page is cached with links in it, or the signing machine's clock is wrong.",
		Example: "Expires=1767225600, which was the first of January 2026.",
		Manual:  manual,
		References: []string{
			guide + "private-content-signed-urls.html",
			guide + "private-content-creating-signed-url-canned-policy.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return judge(p, []signed.Check{signed.NotExpired}, func(s *edge.SignedAccess, r signed.CheckResult) words {
			if s.Verdict.Policy == nil || s.Verdict.Policy.Ends.IsZero() {
				return words{summary: "The signature may be past its end."}
			}
			return words{summary: "The signature of this request was valid until " + s.Verdict.Policy.Ends.UTC().Format("2006-01-02 15:04 UTC") + ", which is past."}
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{signAgain("Sign the URL or the cookies again", "A new signature with a later end lets the viewer in.",
			"Hand out a fresh signature, made when the page is shown rather than when it is built or cached.",
			"Give it an end that covers the whole use: a large download may be interrupted and taken up again, and a player asks for segment after segment.",
			"Check the clock and the time zone of the machine that signs: the end counts seconds since 1970 in UTC.")}
	},
}
