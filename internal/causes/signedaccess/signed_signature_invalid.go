package signedaccess

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront/signed"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var signedSignatureInvalid = &cause.Cause{
	ID:       "SIGNED_SIGNATURE_INVALID",
	Title:    "The signature does not verify with the public key that it names",
	Stage:    stage,
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront checks the signature over the policy, or over the URL and its expiry, with the public key that Key-Pair-Id names. A signature made
with another private key, over other bytes, or spoilt on the way does not verify, and the answer is 403.`,
		Why: `The application holds the private key of another public key; the URL or a query parameter was changed after signing; the policy was signed with
blanks or line breaks that are not sent; or the signature was encoded with + / = instead of CloudFront's - ~ _.`,
		Example: "A canned policy signed for /report.pdf, and ?download=1 added to the URL afterwards.",
		Manual:  manual,
		References: []string{
			guide + "private-content-creating-signed-url-canned-policy.html",
			guide + "private-content-creating-signed-url-custom-policy.html",
			guide + "private-content-trusted-signers.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		checks := []signed.Check{signed.SignatureDecodes, signed.SignatureVerifies}
		return judge(p, checks, func(s *edge.SignedAccess, r signed.CheckResult) words {
			if r.Check == signed.SignatureDecodes {
				return words{summary: "The signature of this request cannot be decoded, so CloudFront refuses it."}
			}
			return words{
				summary: "The signature of this request does not fit the key " + s.Credentials.KeyPairID + ": another private key made it, or what was signed was changed afterwards.",
				refs:    []evidence.Ref{keyRef(p, s, "it does not verify the signature")},
			}
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		s := p.Exchange().Signed
		steps := []string{
			"Check that the private key belongs to " + s.Credentials.KeyPairID + ": openssl rsa -pubout -in private_key.pem (openssl ec for an elliptic curve) must print the public key that CloudFront shows.",
			"Sign the URL exactly as the viewer sends it, query string included, and add nothing afterwards. Sign the policy's bytes without blanks or line breaks around them.",
			"Replace + with -, = with _ and / with ~ in the base64 text of the signature and the policy.",
		}
		if hint := s.Verdict.Hint; hint != "" {
			steps = append([]string{"The signature itself shows the likely mistake: " + hint + "."}, steps...)
		}
		f := signAgain("Sign the same URL again with the right key", "CloudFront serves the request once the signature verifies with the public key that it names.", steps...)
		f.ByHand = []fix.HandCall{{Purpose: "See the public key with which CloudFront checks the signature", Service: "cloudfront", Operation: "GetPublicKey",
			Params: []fix.HandParam{{Name: "Id", Value: s.Credentials.KeyPairID}}}}
		return []fix.Fix{f}
	},
}
