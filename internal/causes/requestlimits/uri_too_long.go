package requestlimits

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
)

var uriTooLong = &cause.Cause{
	ID:       "URI_TOO_LONG",
	Title:    "The URL is longer than CloudFront takes",
	Stage:    stage,
	Symptoms: []int{414},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain:    "CloudFront takes URLs of up to 8,192 bytes, path and query string together, and answers longer ones with 414. Such requests are not in the access log.",
		Why:        "A search with many filters, a token or a whole document travels in the query string.",
		Example:    "GET /search?filter=… with 9,000 bytes of filters.",
		Manual:     manual,
		References: []string{guide + "RequestAndResponseBehaviorCustomOrigin.html", guide + "cloudfront-limits.html"},
		Since:      "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return judge(p, "The request's URL is longer than the 8,192 bytes that CloudFront takes.", "the URL is within CloudFront's limit", 414)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{client("Shorten the URL", "A URL within 8,192 bytes is taken.",
			"Send what is long in the body of a POST request, or keep it on the server under a short key.",
			"Let the behavior allow POST where it does not yet.")}
	},
}
