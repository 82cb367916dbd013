package originrequest

import (
	"strconv"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/tri"
)

var headersCookiesQueryNotForwarded = &cause.Cause{
	ID:       "HEADERS_COOKIES_QUERY_NOT_FORWARDED",
	Title:    "The origin does not get headers, cookies or query strings that the viewer sends",
	Stage:    "origin-request",
	Symptoms: []int{400, 401, 403, 404, 405, 406, 409, 415, 422, 500},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront sends an origin only what the behavior's policies name: no cookies, no query strings and few headers unless told otherwise. An application that needs an
API key, a session cookie or a search term then answers with an error of its own, or as if nobody were logged in.`,
		Why:     `A cache policy for static files (CachingOptimized) stands on the behavior of an application, and no origin request policy forwards the rest.`,
		Example: "GET /search?q=shoes, and a cache policy without query strings.",
		References: []string{
			guide + "controlling-origin-requests.html",
			guide + "RequestAndResponseBehaviorCustomOrigin.html",
			guide + "http-400-bad-request.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict { return originway.Each(p, judgeForwarding) },
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		b, ok := v.Data.(*edge.Behavior)
		if !ok {
			return nil
		}
		return forwardEverything(p, b, "The origin gets what the viewer sends.")
	},
}

func judgeForwarding(w *originway.Way) cause.Verdict {
	p, b := w.Pass, w.Behavior
	if w.Bucket() {
		return cause.RuleOut("the origin is a bucket, which answers by the path alone", w.Address(""))
	}
	if p.Symptom.Given && p.Asked && p.Symptom.Code < 400 {
		return cause.RuleOut("viewers see no error")
	}
	if b.CachePolicy.Missing() || b.OriginRequestPolicy.Missing() {
		return cause.Need("what the behavior forwards is not known", b.CachePolicy, b.OriginRequestPolicy)
	}
	dropped := droppedParts(p, b)
	ref := keyRef(p, b)
	statuses := []int{400, 401, 403, 404, 405, 406, 409, 415, 422, 500}
	switch {
	case len(dropped) > 0 && w.Actual && w.Final && p.Fails() && proven(p, b):
		ref.Note = "forwards none of: " + strings.Join(dropped, ", ")
		return w.Confirm(statuses, p.BehaviorName(b), "The behavior "+b.PathPattern+" does not send the origin "+strings.Join(dropped, ", ")+", without which the origin refuses the request.", ref).
			WithBecause("the same request, simulated with everything forwarded, is let in").With(b)
	case len(dropped) > 0 && w.Unexplained(statuses...):
		ref.Note = "forwards none of: " + strings.Join(dropped, ", ")
		return cause.Likely(p.BehaviorName(b), "The behavior "+b.PathPattern+" does not send the origin "+strings.Join(dropped, ", ")+", which the request carries.",
			"what the origin needs is not known", ref).Explaining(true).With(b)
	case len(dropped) > 0 && !p.Symptom.Given:
		ref.Note = "forwards none of: " + strings.Join(dropped, ", ")
		return cause.Possible(p.BehaviorName(b), "The behavior "+b.PathPattern+" does not send the origin "+strings.Join(dropped, ", ")+", which the request carries.",
			"it matters if the origin needs them", ref).Explaining(false).AtSeverity(cause.Medium).With(b)
	case len(dropped) > 0:
		return cause.RuleOut("something else gives the status "+strconv.Itoa(p.Symptom.Code), ref)
	case !forwardsAnything(b) && w.Unexplained(statuses...) && b.Forwarding().CachingDisabled().Yes():
		return cause.Possible(p.BehaviorName(b), "The behavior "+b.PathPattern+" sends the origin neither cookies nor query strings nor the viewer's own headers.",
			"whether the failing request carries any was not said: name them with --header and in the URL", ref).Explaining(true).With(b)
	}
	return cause.RuleOut("the behavior forwards what the request carries", ref)
}

// proven reports whether the request works once the origin gets what the viewer sends.
func proven(p *cause.Pass, b *edge.Behavior) bool {
	return cause.Works(p.With(forwardEverything(p, b, "")[0].Changes...))
}

func forwardsAnything(b *edge.Behavior) bool {
	f := b.Forwarding()
	return !f.ForwardsCookies().No() || !f.ForwardsQuery().No()
}

// droppedParts names what the request carries and the origin surely does not get.
func droppedParts(p *cause.Pass, b *edge.Behavior) []string {
	f := b.Forwarding()
	var out []string
	for part := range strings.SplitSeq(p.Request.Query, "&") {
		name, _, _ := strings.Cut(part, "=")
		if name != "" && f.QueryToOrigin(name) == tri.False && !signature(name) {
			out = append(out, "the query string "+name)
		}
	}
	for _, cookie := range p.Request.Cookies() {
		if f.CookieToOrigin(cookie.Name) == tri.False && !strings.HasPrefix(cookie.Name, "CloudFront-") {
			out = append(out, "the cookie "+cookie.Name)
		}
	}
	for _, h := range p.Request.Headers {
		if applicationHeader(h.Name) && f.HeaderToOrigin(h.Name, p.Request.Method) == tri.False {
			out = append(out, "the header "+h.Name)
		}
	}
	return out
}

// signature reports whether a query parameter is CloudFront's own.
func signature(name string) bool {
	switch name {
	case "Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm":
		return true
	}
	return false
}

// applicationHeader leaves out what every browser sends, what CloudFront replaces for good reason, and what has a cause of its own.
func applicationHeader(name string) bool {
	switch strings.ToLower(name) {
	case "accept", "accept-encoding", "authorization", "cookie", "connection", "host", "user-agent", "origin", "content-length", "upgrade", "te", "dnt", "priority":
		return false
	}
	lower := strings.ToLower(name)
	return !strings.HasPrefix(lower, "sec-") && !strings.HasPrefix(lower, "access-control-") && !strings.HasPrefix(lower, "x-edge-") && !strings.HasPrefix(lower, "proxy-")
}
