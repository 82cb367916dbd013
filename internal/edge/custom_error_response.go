package edge

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/tri"
)

var customErrorResponse = &Stage{
	ID:    "custom-error-response",
	Title: "Custom error page",
	Doc: "A custom error response replaces an error's body, and may replace its status, for the whole distribution. The page is fetched through the cache " +
		"behavior of its own path; where that fails, the viewer gets the status of the page's origin. Answers that a function or a web ACL rule was " +
		"written to give, gRPC, and requests that CloudFront rejects as malformed get no page.",
	Sources: []string{
		"DG/GeneratingCustomErrorResponses", "DG/creating-custom-error-pages", "DG/custom-error-pages-response-code", "DG/HTTPStatusCodes",
		"DG/functions-event-structure", "WAF/cloudfront-waf-use-cases", "DG/distribution-using-grpc",
	},
	Run: runCustomErrorResponse,
}

// ErrorPage is the custom error response that applies to an answer.
type ErrorPage struct {
	Entry types.CustomErrorResponse
	Field string
	// Original is the error's status, Status what the viewer gets.
	Original, Status int
	// Path is the page's path, "" where the entry only sets how long the error is kept.
	Path string
	// Fetch is the request for the page; nil where none was made.
	Fetch *Exchange
	// Reached is whether the page could be fetched.
	Reached tri.Bool
}

func runCustomErrorResponse(x *Exchange) Step {
	status := x.Response.Status
	if status < 400 || x.noHTTP {
		return x.Skip("The answer is no error")
	}
	entry, field := x.Model.errorEntry(status)
	if field == "" {
		return x.Skip("The distribution has no error page for %s", x.digits(status))
	}
	p := &ErrorPage{Entry: entry, Field: field, Original: status, Status: status, Path: str(entry.ResponsePagePath)}
	if why := x.exempt(); why != "" {
		return x.Skip("%s", why)
	}
	x.ErrorPage = p
	if p.Path == "" {
		return x.Skip("The setting for %s only says how long the error is kept", x.digits(status))
	}
	return x.fetchErrorPage(p)
}

// exempt says why an answer gets no error page, "" where it does.
func (x *Exchange) exempt() string {
	switch {
	case x.Response.Deliberate:
		return "A function or a rule gives this answer on purpose, and error pages do not replace it"
	case x.stoppedAt == "request-limits":
		return "CloudFront rejects the request itself, without an error page"
	case x.depth > 0:
		return "The request for an error page gets none itself"
	}
	if contentType, _ := x.Current.Header("Content-Type"); strings.HasPrefix(contentType, "application/grpc") {
		return "gRPC requests get no error pages"
	}
	return ""
}

// fetchErrorPage asks for the page as CloudFront does: through the behavior of its path, without viewer-request functions.
func (x *Exchange) fetchErrorPage(p *ErrorPage) Step {
	current := x.Current.Clone()
	current.Path, current.Query = p.Path, ""
	if current.Method != "HEAD" {
		current.Method = "GET"
	}
	page := x.sub(current)
	page.Behavior, _ = x.Model.route(p.Path)
	page.run(x.Model.pipeline.origin, nil)
	page.one(failover, nil)
	p.Fetch = page
	for _, a := range page.alternatives {
		if !a.Weak {
			a.If, a.Stage = "the error page cannot be fetched: "+a.If, ""
			x.alternatives = append(x.alternatives, a)
		}
	}
	p.Reached = tri.Of(page.Response.Status < 400 && page.Response.Status != 0)
	x.assumed = x.assumed || page.assumed
	refs := x.ref(p.Field, p.Path, "")
	x.original = p.Original
	if p.Reached.No() {
		p.Status = page.Response.Status
		x.Response.Status, x.uncertain = p.Status, x.uncertain || page.uncertain
		return x.worded(Step{Verdict: Rewrite, Status: p.Status}, "The error page %s cannot be fetched either, so the viewer gets its status %s",
			quoted(p.Path), strconv.Itoa(p.Status)).WithEvidence(refs)
	}
	if code, err := strconv.Atoi(str(p.Entry.ResponseCode)); err == nil {
		p.Status = code
	}
	x.Response.Status = p.Status
	x.Response.Headers, x.Response.HeadersKnown = page.Response.Headers, page.Response.HeadersKnown
	return x.worded(Step{Verdict: Rewrite, Status: p.Status}, "The error %s is replaced by the page %s with status %s",
		strconv.Itoa(p.Original), quoted(p.Path), strconv.Itoa(p.Status)).WithEvidence(refs)
}
