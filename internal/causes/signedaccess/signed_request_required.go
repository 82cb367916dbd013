package signedaccess

import (
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront/signed"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var signedRequestRequired = &cause.Cause{
	ID:       "SIGNED_REQUEST_REQUIRED",
	Title:    "The behavior serves signed URLs or cookies only, and the request has no complete signature",
	Stage:    stage,
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A cache behavior with trusted key groups or signers is private: CloudFront serves a request there only with a signed URL or with signed
cookies, and answers any other with 403 and a short XML text. The origin is not asked.`,
		Why: `The link was copied without its query string, the page that sets the cookies was not visited, one of the three parameters is lost on the way,
or "Restrict viewer access" covers a path that was meant to be public.`,
		Example: "GET /members/report.pdf without Policy or Expires, Signature and Key-Pair-Id.",
		Manual:  manual,
		References: []string{
			guide + "private-content-trusted-signers.html",
			guide + "private-content-choosing-signed-urls-cookies.html",
			guide + "http-403-permission-denied.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		v := judge(p, []signed.Check{signed.Present}, func(s *edge.SignedAccess, r signed.CheckResult) words {
			pattern := p.Trace.Behavior.PathPattern
			if s.Credentials.From == "" {
				return words{summary: "The behavior " + pattern + " serves signed URLs and cookies only, and this request has neither."}
			}
			return words{summary: "The behavior " + pattern + " serves signed URLs and cookies only, and the signed " + s.Credentials.From +
				" of this request lacks " + strings.Join(s.Credentials.Missing, " and ") + "."}
		})
		if v.Fires() && !p.Symptom.Given && p.Request.Path == "/" {
			// A review asks for the root by itself, without a signature: that a private distribution refuses it is as it should be.
			return v.AtSeverity(cause.Low).Explaining(false)
		}
		return v
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		pattern := p.Trace.Behavior.PathPattern
		open := signAgain("Make the path public, if it is meant to be",
			"A behavior of its own for the public path, or no restriction on "+pattern+", lets viewers in without a signature.",
			"Decide whether everything under "+pattern+" may be public. If only some paths may, create a behavior for them above "+pattern+" with Restrict viewer access set to No.",
			"If all may: Behaviors tab, select "+pattern+", choose Edit, set Restrict viewer access to No, and choose Save changes.")
		open.SideEffects = []string{"Whoever knows an address under the path can fetch it from then on"}
		open.Confidence, open.Compromise = fix.Medium, true
		sign := signAgain("Sign the request", "With a signed URL, or with the three signed cookies set for this host and path, CloudFront serves the request.",
			"Have the application hand out a signed URL for this address, or set the cookies CloudFront-Policy (or CloudFront-Expires), CloudFront-Signature and CloudFront-Key-Pair-Id.",
			"Sign with the private key that belongs to a public key in the behavior's key groups: the AWS CLI makes a URL to try with (its command is cloudfront sign).",
			"Hand the address on with its whole query string: no parameter may be lost or renamed, and their names are case sensitive.")
		if signed := p.Exchange().Signed; signed != nil {
			sign.ByHand = keysByHand(signed.Groups)
		}
		return []fix.Fix{sign, open}
	},
}
