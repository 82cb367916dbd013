package signedaccess

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront/signed"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var signedResourceMismatch = &cause.Cause{
	ID:       "SIGNED_RESOURCE_MISMATCH",
	Title:    "The signature is genuine, and was made for another URL",
	Stage:    stage,
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A signature is for one URL, or with a custom policy for a pattern of URLs. Scheme, host, path and query string all count, as the viewer sends
them. CloudFront answers 403 where the request is for another URL than the signature.`,
		Why: `The URL was signed with the distribution's own domain name and is used with the alternate one, signed as http and used as https, signed decoded and
sent percent-encoded; the pattern lacks a wildcard; or a query parameter was added.`,
		Example: "Resource https://d111.cloudfront.net/a.pdf, and the viewer asks for https://www.example.com/a.pdf.",
		Manual:  manual,
		References: []string{
			guide + "private-content-creating-signed-url-custom-policy.html",
			guide + "private-content-creating-signed-url-canned-policy.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return judge(p, []signed.Check{signed.Resource}, func(s *edge.SignedAccess, r signed.CheckResult) words {
			summary := "The signature was made for another URL than the one that the viewer asks for."
			if s.Verdict.SignedFor != "" {
				summary = "The signature was made for " + s.Verdict.SignedFor + ", and the viewer asks for another URL"
				if s.Verdict.Differs != "" {
					summary += ": the " + string(s.Verdict.Differs) + " differs"
				}
				summary += "."
			}
			return words{summary: summary}
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		steps := []string{
			"Sign the URL with the scheme, the host, the path and the query string that the viewer will send, percent-encoded as they are sent.",
			"For several files use a custom policy with a wildcard, such as https://www.example.com/members/*; a wildcard stays within its part of the URL.",
		}
		if hint := p.Exchange().Signed.Verdict.Hint; hint != "" {
			steps = append([]string{"The signature itself shows the likely mistake: " + hint + "."}, steps...)
		}
		return []fix.Fix{signAgain("Sign for the URL that viewers use", "CloudFront serves the request once the signed resource covers its URL.", steps...)}
	},
}
