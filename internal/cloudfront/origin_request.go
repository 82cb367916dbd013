package cloudfront

import (
	"slices"
	"strings"

	"cfdoctor/internal/tri"
)

// Header is one header field.
type Header struct {
	Name, Value string
}

// OriginHeader is a header field of a request to the origin. Unsure means that it may be missing: a policy that
// decides could not be read, or the documentation does not say.
type OriginHeader struct {
	Name, Value string
	Unsure      bool
}

// ViewerRequest is what CloudFront builds the request to the origin from.
type ViewerRequest struct {
	Method       string
	Headers      []Header
	ViewerIP     string   // empty if unknown
	OriginDomain string   // the origin's domain name, which becomes Host
	Custom       []Header // the origin's custom headers; they replace a viewer's of the same name
	CloudFront   []Header // CloudFront-* values, of which those that a policy names are added
	WebSocket    bool     // the viewer opened a WebSocket connection
}

// UserAgent is the User-Agent that the origin sees when the viewer's is not forwarded.
const UserAgent = "Amazon CloudFront"

// SetsHeader reports whether CloudFront sends the origin a header of that name whether or not the viewer did.
func SetsHeader(name string) bool {
	var buf [32]byte // long enough for every name below
	switch string(appendLower(buf[:0], name)) {
	case "host", "user-agent", "connection", "x-amz-cf-id", "via", "x-forwarded-for", "accept-encoding":
		return true
	}
	return hasPrefixFold(name, "cloudfront-")
}

// OriginHeaders returns the headers that the origin receives, in a fixed order: first what CloudFront sets, then what
// it passes on in the viewer's order, then the origin's custom headers (DG/RequestAndResponseBehaviorCustomOrigin,
// DG/add-origin-custom-headers). Authorization from origin access control is not among them. The values of Via and
// X-Amz-Cf-Id are those of one request and stand as placeholders.
func (f Forwarding) OriginHeaders(r ViewerRequest) []OriginHeader {
	out := make([]OriginHeader, 0, len(r.Headers)+len(r.Custom)+8)
	out = append(out, f.OriginHost(valueOf(r.Headers, "Host"), r.OriginDomain))
	out = append(out, f.replaced("User-Agent", valueOf(r.Headers, "User-Agent"), UserAgent))
	connection := "Keep-Alive"
	if r.WebSocket {
		connection = "Upgrade"
	}
	out = append(out, OriginHeader{Name: "Connection", Value: connection})
	out = append(out, OriginHeader{Name: "X-Amz-Cf-Id", Value: "<request id>"})
	out = append(out, appended(r, "Via", "<version> <id>.cloudfront.net (CloudFront)", " "))
	if r.ViewerIP != "" {
		out = append(out, appended(r, "X-Forwarded-For", r.ViewerIP, ""))
	}
	if sent, _, sure := f.AcceptEncoding(valueOf(r.Headers, "Accept-Encoding")); sent != "" || !sure {
		out = append(out, OriginHeader{"Accept-Encoding", sent, !sure})
	}
	for _, h := range r.Headers {
		if o, ok := f.passed(r, h); ok {
			out = append(out, o)
		}
	}
	for _, h := range r.CloudFront {
		if sent := f.HeaderToOrigin(h.Name, r.Method); !sent.No() {
			out = append(out, OriginHeader{h.Name, h.Value, !sent.Yes()})
		}
	}
	for _, h := range r.Custom {
		out = slices.DeleteFunc(out, func(o OriginHeader) bool { return strings.EqualFold(o.Name, h.Name) })
		out = append(out, OriginHeader{Name: h.Name, Value: h.Value})
	}
	return out
}

// OriginHost returns the Host header that the origin receives: its own domain name unless a setting asks for the viewer's, which is "" where
// the viewer sent none. It is the one among those of [Forwarding.OriginHeaders].
func (f Forwarding) OriginHost(viewer, originDomain string) OriginHeader {
	return f.replaced("Host", viewer, originDomain)
}

// replaced is a header for which CloudFront has a value of its own unless a setting asks for the viewer's.
func (f Forwarding) replaced(name, viewer, own string) OriginHeader {
	if viewer == "" {
		return OriginHeader{Name: name, Value: own}
	}
	switch f.HeaderToOrigin(name, "GET") { // the method decides about Authorization alone
	case tri.True:
		return OriginHeader{Name: name, Value: viewer}
	case tri.False:
		return OriginHeader{Name: name, Value: own}
	}
	return OriginHeader{name, own, true}
}

// appended is a list header to which CloudFront adds its own part.
func appended(r ViewerRequest, name, own, space string) OriginHeader {
	if viewer := valueOf(r.Headers, name); viewer != "" {
		own = viewer + "," + space + own
	}
	return OriginHeader{Name: name, Value: own}
}

// passed is a viewer's header as it travels on. Headers that OriginHeaders has already set are not passed again, and
// a viewer's CloudFront-* header never is: CloudFront writes its own.
func (f Forwarding) passed(r ViewerRequest, h Header) (OriginHeader, bool) {
	switch {
	case strings.EqualFold(h.Name, "Host"), strings.EqualFold(h.Name, "User-Agent"), strings.EqualFold(h.Name, "Connection"),
		strings.EqualFold(h.Name, "Via"), strings.EqualFold(h.Name, "Accept-Encoding"), strings.EqualFold(h.Name, "X-Amz-Cf-Id"),
		hasPrefixFold(h.Name, "cloudfront-"), strings.EqualFold(h.Name, "X-Forwarded-For") && r.ViewerIP != "":
		return OriginHeader{}, false
	case strings.EqualFold(h.Name, "Upgrade"):
		return OriginHeader{Name: h.Name, Value: h.Value}, r.WebSocket
	case strings.EqualFold(h.Name, "Cookie"):
		value, sure := f.OriginCookies(h.Value)
		return OriginHeader{h.Name, value, !sure}, value != ""
	}
	sent := f.HeaderToOrigin(h.Name, r.Method)
	return OriginHeader{h.Name, h.Value, !sent.Yes()}, !sent.No()
}

// valueOf returns the first value of a header, or "".
func valueOf(headers []Header, name string) string {
	for _, h := range headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// OriginCookies filters a Cookie header to what reaches the origin. sure is false when a cookie that may be dropped is
// still in it.
func (f Forwarding) OriginCookies(cookie string) (value string, sure bool) {
	return filter(cookie, ";", "; ", f.CookieToOrigin)
}

// OriginQuery filters a raw query string to what reaches the origin, in the viewer's order. The parameters of signed
// URLs have to be removed first: see [WithoutSignature].
func (f Forwarding) OriginQuery(raw string) (value string, sure bool) {
	return filter(raw, "&", "&", f.QueryToOrigin)
}

// KeyQuery filters a raw query string to what is in the cache key. Order and case count.
func (f Forwarding) KeyQuery(raw string) (value string, sure bool) {
	return filter(raw, "&", "&", f.QueryInKey)
}

// filter keeps the name=value items whose name takes lets pass, those of Unknown included.
func filter(list, separator, joiner string, takes func(string) tri.Bool) (value string, sure bool) {
	sure = true
	var kept []string
	for item := range strings.SplitSeq(list, separator) {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		name, _, _ := strings.Cut(item, "=")
		passes := takes(name)
		sure = sure && passes.Known()
		if !passes.No() {
			kept = append(kept, item)
		}
	}
	return strings.Join(kept, joiner), sure
}

// WithoutSignature removes the parameters of a signed URL, which are part neither of the key nor of the request to
// the origin where the behavior restricts viewer access (DG/private-content-signed-urls).
func WithoutSignature(rawQuery string) string {
	value, _ := filter(rawQuery, "&", "&", func(name string) tri.Bool {
		switch name {
		case "Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm":
			return tri.False
		}
		return tri.True
	})
	return value
}

// CacheKey returns the cache key of a request as text: the distribution's domain name and the path, then the query
// string, headers and cookies that the settings add (DG/understanding-the-cache-key). Two requests share a cached
// response exactly if their keys are equal. sure is false when a policy that decides could not be read.
func (f Forwarding) CacheKey(distributionDomain, path, rawQuery string, headers []Header) (key string, sure bool) {
	var b strings.Builder
	b.WriteString(distributionDomain)
	b.WriteString(path)
	query, sure := f.KeyQuery(rawQuery)
	if query != "" {
		b.WriteString("?" + query)
	}
	encoding, inKey, known := f.AcceptEncoding(valueOf(headers, "Accept-Encoding"))
	sure = sure && known
	if inKey {
		b.WriteString("\naccept-encoding: " + encoding)
	}
	lines, known := f.keyLines(headers)
	for _, line := range lines {
		b.WriteString("\n" + line)
	}
	return b.String(), sure && known
}

// keyLines are the header lines of the key, sorted by name; cookies are sorted within theirs (DG/Cookies).
func (f Forwarding) keyLines(headers []Header) (lines []string, sure bool) {
	sure = f.keyHeaders.rule != unknownNames && f.keyCookies.rule != unknownNames
	for _, h := range headers {
		switch name := lowerASCII(h.Name); {
		case name == "accept-encoding":
		case name == "cookie":
			value, _ := filter(h.Value, ";", "; ", func(c string) tri.Bool {
				return tri.And(tri.Of(!strings.HasPrefix(c, "$")), f.keyCookies.has(c, false))
			})
			if value != "" {
				cookies := strings.Split(value, "; ")
				slices.Sort(cookies)
				lines = append(lines, "cookie: "+strings.Join(cookies, "; "))
			}
		case f.HeaderInKey(h.Name).Yes():
			lines = append(lines, name+": "+h.Value)
		}
	}
	slices.Sort(lines)
	return lines, sure
}
