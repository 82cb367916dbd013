package signedaccess

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront/signed"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var signedIPMismatch = &cause.Cause{
	ID:       "SIGNED_IP_MISMATCH",
	Title:    "The viewer's address is outside the range that the signed policy admits",
	Stage:    stage,
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A custom policy may admit one IPv4 address or range only. CloudFront compares it with the address that the viewer's connection comes from, and
answers 403 to others. A viewer who comes over IPv6 never matches.`,
		Why: `The application saw another address than CloudFront does: a proxy or load balancer stood before it, the viewer has several ways out, changed from
Wi-Fi to mobile, or reaches the application over IPv4 and CloudFront over IPv6.`,
		Example: "AWS:SourceIp is 192.0.2.0/24, and the viewer comes from 198.51.100.7.",
		Manual:  manual,
		References: []string{
			guide + "private-content-creating-signed-url-custom-policy.html",
			guide + "cloudfront-enable-ipv6.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return judge(p, []signed.Check{signed.Address}, func(s *edge.SignedAccess, r signed.CheckResult) words {
			if !r.Passed.No() {
				return words{summary: "The signed policy admits viewers from " + r.Want + " only, and this viewer may come from elsewhere."}
			}
			return words{summary: "The signed policy admits viewers from " + r.Want + " only, and this one comes from " + r.Got + "."}
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{signAgain("Sign for the address that CloudFront sees, or for none", "Without IpAddress in the policy, or with a range that holds the viewer's address, the request is served.",
			"Leave IpAddress out unless it is needed; a short time to the end limits sharing as well.",
			"If it is needed, take the viewer's own address, not that of a proxy before the application, and allow for its whole range.",
			"Policies know IPv4 only: turn IPv6 off for the distribution (General tab, Settings) while you restrict by address.")}
	},
}
