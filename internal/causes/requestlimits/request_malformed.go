package requestlimits

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
)

var requestMalformed = &cause.Cause{
	ID:       "REQUEST_MALFORMED",
	Title:    "CloudFront refuses the form of the request",
	Stage:    stage,
	Symptoms: []int{400, 403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront answers a request that is no valid HTTP with 400: spaces or control characters in the URL, broken headers. A GET request with a body is
answered with 403. Neither reaches the origin.`,
		Why:     "A client builds its URL without percent-encoding, puts a line break into a header, or sends a search as the body of a GET request.",
		Example: "GET /search with a JSON body.",
		Manual:  "The client has to send a valid request; no setting makes CloudFront take another.",
		References: []string{
			guide + "RequestAndResponseBehaviorCustomOrigin.html",
			guide + "http-400-bad-request.html",
			guide + "standard-logs-reference.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		summary := "CloudFront refuses the request because of its form."
		if p.Request.Method == "GET" && p.Request.BodySize > 0 {
			summary = "CloudFront refuses GET requests with a body, and this one has a body."
		}
		return judge(p, summary, "the request has a valid form", 400, 403)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		if p.Request.Method == "GET" && p.Request.BodySize > 0 {
			return []fix.Fix{client("Send the body with POST, or none", "CloudFront takes bodies with POST, PUT, PATCH and DELETE.",
				"Put what the body says into the query string, or use POST and let the behavior allow it.")}
		}
		return []fix.Fix{client("Send a valid request", "What is percent-encoded and free of control characters is taken.",
			"Percent-encode spaces, characters outside ASCII and reserved characters in the path and the query string.",
			"See that header names and values have no line breaks or control characters.")}
	},
}
