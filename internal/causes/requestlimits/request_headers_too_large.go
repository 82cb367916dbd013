package requestlimits

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
)

var requestHeadersTooLarge = &cause.Cause{
	ID:       "REQUEST_HEADERS_TOO_LARGE",
	Title:    "The request's headers or cookies are larger than CloudFront takes",
	Stage:    stage,
	Symptoms: []int{494},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `Request line, headers and cookies together may have 32,768 bytes. CloudFront answers more with 494 and closes the connection. Such requests are not in
the access log, and origins often have lower limits of their own.`,
		Why:     "Cookies pile up: many applications share a domain, or a token is kept in several cookies. Only viewers with that history are affected.",
		Example: "A browser with 35 KB of cookies for .example.com.",
		Manual:  manual,
		References: []string{
			guide + "RequestAndResponseBehaviorCustomOrigin.html",
			guide + "cloudfront-limits.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return judge(p, "The request's headers and cookies are larger than the 32,768 bytes that CloudFront takes.", "the headers are within CloudFront's limit", 494)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{client("Send fewer and smaller cookies and headers", "A request whose headers stay within 32,768 bytes is taken.",
			"Look at the cookies in the browser's developer tools, and remove those that nobody needs: an answer may set them with a date in the past.",
			"Set cookies for the one host and path that need them instead of the whole domain, and keep sessions on the server.",
			"Keep static files on a host of their own that gets no cookies.")}
	},
}
