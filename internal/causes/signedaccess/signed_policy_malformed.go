package signedaccess

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront/signed"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var signedPolicyMalformed = &cause.Cause{
	ID:       "SIGNED_POLICY_MALFORMED",
	Title:    "The policy or the expiry of the signature cannot be read",
	Stage:    stage,
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `Policy has to be base64 text (with - _ ~ for + = /) of a JSON document with exactly one statement and an end; Expires has to be a number of
seconds. What CloudFront cannot read it refuses with 403.`,
		Why:     "The policy was encoded with plain base64, cut off on the way, has two statements or a quoted number, or Expires counts milliseconds.",
		Example: "Expires=1798761600000, which counts milliseconds.",
		Manual:  manual,
		References: []string{
			guide + "private-content-creating-signed-url-custom-policy.html",
			guide + "private-content-setting-signed-cookie-custom-policy.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return judge(p, []signed.Check{signed.PolicyParses}, func(s *edge.SignedAccess, r signed.CheckResult) words {
			what := "policy"
			if s.Credentials.Policy == "" {
				what = "expiry"
			}
			return words{summary: "CloudFront cannot read the " + what + " of this request's signature."}
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{signAgain("Send a policy that CloudFront can read", "A policy of the documented form, or an expiry in seconds, can be checked.",
			"Write the policy as one statement with Resource and Condition, where DateLessThan holds AWS:EpochTime as a number without quotes.",
			"Sign and encode the very bytes that are sent; replace + with -, = with _ and / with ~ in the base64 text.",
			"Count Expires in seconds since 1970, not in milliseconds.")}
	},
}
