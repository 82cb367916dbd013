package edge

import (
	"strconv"
	"strings"

	"cfdoctor/internal/request"
)

// The limits of a request (DG/cloudfront-limits, DG/RequestAndResponseBehaviorCustomOrigin), in bytes.
const (
	maxURL     = 8192
	maxHead    = 32768    // request line and headers, without the body
	maxBody    = 64 << 30 // the status beyond it is not documented
	lineExtras = 4        // the colon, the space and the line's end of a header; whether they count is not documented
	ownHeaders = 256      // what a client may add on its own account
)

var requestLimits = &Stage{
	ID:    "request-limits",
	Title: "Size and form of the request",
	Doc: "A URL over 8,192 bytes is answered with 414, a request whose headers and query string exceed 32,768 bytes with 494, one that is malformed with " +
		"400, a GET with a body with 403. None of the first two is in the access log. The place of the check for a body is not documented.",
	Sources: []string{"DG/RequestAndResponseBehaviorCustomOrigin", "DG/cloudfront-limits", "DG/standard-logs-reference", "RFC 9112"},
	Run:     runRequestLimits,
}

func runRequestLimits(x *Exchange) Step {
	r := &x.Viewer
	target := len(r.Path)
	if r.Query != "" {
		target += 1 + len(r.Query)
	}
	if what := malformed(r); what != "" {
		return x.worded(x.Stop(400, ByCloudFront, ""), "The request is malformed: %s", what)
	}
	if target > maxURL {
		return x.worded(x.Stop(414, ByCloudFront, ""), "The URL has %s bytes, more than the 8,192 that CloudFront takes", strconv.Itoa(target))
	}
	least, most := headSize(r, target)
	if least > maxHead {
		return x.worded(x.Stop(494, ByCloudFront, ""), "The request's headers and URL have %s bytes, more than the 32,768 that CloudFront takes", strconv.Itoa(least))
	}
	if most > maxHead {
		return x.Unsure(Alternative{Status: 494, If: "the request's headers and URL exceed 32,768 bytes"}, "The request's headers and URL are close to the limit of 32,768 bytes")
	}
	if r.BodySize > 0 && r.Method == "GET" {
		x.redirectMayComeFirst()
		return x.Stop(403, ByCloudFront, "A GET request with a body is refused")
	}
	if r.BodySize > maxBody {
		return x.Guess(413, ByCloudFront, "The body is larger than the 64 GB that CloudFront takes")
	}
	if full := target + len(r.Scheme) + len("://") + len(r.Host); full > maxURL {
		return x.Unsure(Alternative{Status: 414, If: "scheme and host count towards the limit of 8,192 bytes for a URL"}, "The URL is close to the limit of 8,192 bytes")
	}
	if doubtful(r.Path) || doubtful(r.Query) {
		x.weakly("CloudFront refuses the request for its broken percent-encoding or its characters outside ASCII", 400)
		return x.explained(Unknown, "The URL has broken percent-encoding or characters outside ASCII; what CloudFront makes of them is not documented")
	}
	if step, done := x.handshakeFits(); done {
		return step
	}
	step := x.explained(Pass, "The request is within CloudFront's limits")
	if !x.Explain {
		return step
	}
	return step.WithDetail("told by the request alone: a URL of %d bytes (the limit is %d), headers of at most %d bytes (the limit is %d)", target, maxURL, most, maxHead)
}

// headSize is the size of the request without its body: the names and values alone, and with all that may be around them.
func headSize(r *request.Request, target int) (least, most int) {
	least = len(r.Method) + target + len("Host") + len(r.Host)
	for i := range r.Headers {
		least += len(r.Headers[i].Name) + len(r.Headers[i].Value)
	}
	return least, least + len("  HTTP/1.1\r\n") + lineExtras*(len(r.Headers)+1) + ownHeaders
}

// malformed names what no HTTP message can carry: spaces and control characters in the request line, line breaks in headers.
func malformed(r *request.Request) string {
	switch {
	case !strings.HasPrefix(r.Path, "/") && !(r.Path == "*" && r.Method == "OPTIONS"):
		return "the path does not begin with a slash"
	case hasControl(r.Path, ' ') || hasControl(r.Query, ' '):
		return "the URL has a space or a control character"
	case hasControl(r.Host, ' '):
		return "the host has a space or a control character"
	}
	for i := range r.Headers {
		if h := &r.Headers[i]; h.Name == "" || hasControl(h.Name, ' ') || strings.IndexByte(h.Name, ':') >= 0 {
			return "a header has a name that is none"
		} else if strings.IndexByte(h.Value, '\n') >= 0 || strings.IndexByte(h.Value, '\r') >= 0 || strings.IndexByte(h.Value, 0) >= 0 {
			return "a header's value has a line break"
		}
	}
	return ""
}

// hasControl reports a byte up to limit, or DEL.
func hasControl(s string, limit byte) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= limit || s[i] == 0x7f {
			return true
		}
	}
	return false
}

// doubtful reports bytes outside ASCII and percent signs without two hexadecimal digits.
func doubtful(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return true
		}
		if s[i] == '%' && (i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2])) {
			return true
		}
	}
	return false
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
