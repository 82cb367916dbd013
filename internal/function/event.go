package function

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// The event types a CloudFront function can be associated with (DG/functions-event-structure).
const (
	ViewerRequest  = "viewer-request"
	ViewerResponse = "viewer-response"
)

// Event is what CloudFront calls a function with.
type Event struct {
	// Type is ViewerRequest or ViewerResponse.
	Type                                                    string
	DistributionID, DistributionDomain, RequestID, ViewerIP string
	// Now is the time the code sees; if it is zero, a run that reads the clock is not certain.
	Now     time.Time
	Request Request
	// Response is the response so far, for ViewerResponse only.
	Response *Response
	// Unknown lists entries the caller does not know, named as in [Read.Path], for example
	// "request.headers.cloudfront-viewer-country", "viewer.ip", or "request.cookies.*" for
	// all that are not given. A run that reads one of them is Unknown.
	Unknown []string
}

// Pair is one header, cookie or query string parameter. Several pairs may have one name.
type Pair struct{ Name, Value string }

// Request is a viewer's request.
type Request struct {
	// Method is upper case; URI is the path alone, starts with '/', and is not decoded.
	Method, URI string
	// RawQuery is the query string without '?'. Query is its parts, not decoded; if it is
	// nil, the parts are those of RawQuery.
	RawQuery string
	Query    []Pair
	// Headers may be in any case. The Cookie header is read into Cookies if those are nil.
	Headers []Pair
	Cookies []Pair
}

// Response is a response as a function sees or makes it.
type Response struct {
	Status            int
	StatusDescription string
	// Headers do not contain Set-Cookie; Cookies are what it sets.
	Headers []Pair
	Cookies []Cookie
	// Body is nil if the function gave none. It is decoded.
	Body []byte
}

// Cookie is a cookie that a response sets; Attributes is the text after the first ';'.
type Cookie struct{ Name, Value, Attributes string }

// ParseQuery splits a raw query string at '&' and '=' and decodes nothing.
func ParseQuery(raw string) []Pair {
	var pairs []Pair
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		pairs = append(pairs, Pair{name, value})
	}
	return pairs
}

// normal returns the request as CloudFront shows it to a function: header names in lower
// case, cookies apart, what is never exposed left out.
func (r Request) normal() Request {
	if r.Query == nil {
		r.Query = ParseQuery(r.RawQuery)
	} else if r.RawQuery == "" {
		r.RawQuery = joinQuery(r.Query)
	}
	headers := make([]Pair, 0, len(r.Headers))
	var cookies []Pair
	for _, h := range r.Headers {
		h.Name = strings.ToLower(h.Name)
		switch {
		case h.Name == "cookie":
			cookies = append(cookies, parseCookies(h.Value)...)
		case !disallowed(h.Name):
			headers = append(headers, h)
		}
	}
	r.Headers = headers
	if r.Cookies == nil {
		r.Cookies = cookies
	}
	return r
}

// normal returns the response as CloudFront shows it to a function.
func (r Response) normal() Response {
	headers := make([]Pair, 0, len(r.Headers))
	cookies := slices.Clone(r.Cookies)
	for _, h := range r.Headers {
		h.Name = strings.ToLower(h.Name)
		switch {
		case h.Name == "set-cookie":
			cookies = append(cookies, parseSetCookie(h.Value))
		case !disallowed(h.Name):
			headers = append(headers, h)
		}
	}
	r.Headers, r.Cookies = headers, cookies
	return r
}

func parseCookies(header string) []Pair {
	var pairs []Pair
	for part := range strings.SplitSeq(header, ";") {
		if name, value, ok := strings.Cut(strings.TrimSpace(part), "="); ok {
			pairs = append(pairs, Pair{name, value})
		}
	}
	return pairs
}

func parseSetCookie(header string) Cookie {
	first, attributes, _ := strings.Cut(header, ";")
	name, value, _ := strings.Cut(strings.TrimSpace(first), "=")
	return Cookie{name, value, strings.TrimSpace(attributes)}
}

func joinQuery(pairs []Pair) string {
	parts := make([]string, len(pairs))
	for i, p := range pairs {
		parts[i] = p.Name
		if p.Value != "" {
			parts[i] += "=" + p.Value
		}
	}
	return strings.Join(parts, "&")
}

// arguments are those of the sandbox's run: scalars as they are, maps as JSON, null for what is not there. The event's request and
// response must be normal already.
func (ev *Event) arguments(random float64) []any {
	now := ev.Now
	if now.IsZero() {
		now = time.Unix(0, 0)
	}
	// Absent without '?', empty with a bare '?': the two cannot be told apart here (DG/general-helper-methods).
	var rawQuery, response any
	if ev.Request.RawQuery != "" {
		rawQuery = plainText(ev.Request.RawQuery)
	}
	if ev.Response != nil {
		response = responseJSON(*ev.Response)
	}
	return []any{
		float64(now.UnixMilli()), random, ev.Type, plainText(ev.DistributionID), plainText(ev.DistributionDomain), plainText(ev.RequestID),
		plainText(ev.Request.Method), plainText(ev.Request.URI), rawQuery,
		`{"ip":` + jsString(ev.ViewerIP) + `}`, pairsJSON(ev.Request.Headers), pairsJSON(ev.Request.Cookies), pairsJSON(ev.Request.Query), response,
	}
}

// plainText is s with what is no UTF-8 replaced, as in JSON.
func plainText(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func pairsJSON(pairs []Pair) string {
	if len(pairs) == 0 {
		return "{}"
	}
	w := make(jsonWriter, 0, 64*len(pairs))
	w.pairs(pairs)
	return string(w)
}

func responseJSON(r Response) string {
	w := make(jsonWriter, 0, 256)
	w.raw(`{"status":` + strconv.Itoa(r.Status))
	w.field("description", r.StatusDescription)
	w.field("headers", pairsJSON(r.Headers))
	var cookies jsonWriter
	cookies.entries(cookieEntries(r.Cookies))
	w.field("cookies", string(cookies))
	w.raw("}")
	return string(w)
}

func cookieEntries(cookies []Cookie) []entry {
	out := make([]entry, len(cookies))
	for i, c := range cookies {
		out[i] = entry{plainText(c.Name), c.Value, c.Attributes}
	}
	return out
}
