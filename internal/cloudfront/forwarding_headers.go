package cloudfront

import (
	"strings"

	"cfdoctor/internal/tri"
)

// treatment is what CloudFront does with a viewer's header that no setting mentions.
type treatment uint8

const (
	treatOther     treatment = iota // legacy settings forward it, policies do not
	treatForward                    // always sent on
	treatRemove                     // dropped unless a setting asks for it
	treatReplace                    // CloudFront sends a value of its own unless a setting asks for the viewer's
	treatNever                      // dropped or rewritten whatever the settings say
	treatAmbiguous                  // the documentation contradicts itself
)

// treatmentOf is the table "HTTP request headers and CloudFront behavior" of DG/RequestAndResponseBehaviorCustomOrigin.
//
// Origin is the ambiguous one: the table says that it is forwarded, the pages on CORS say that it must be configured.
func treatmentOf(name string) treatment {
	var buf [32]byte // long enough for every name below, so the request path does not allocate
	switch string(appendLower(buf[:0], name)) {
	case "accept", "accept-charset", "accept-language", "expect", "referer", "x-http-method-override", "cookie", "authorization",
		"accept-encoding", "x-forwarded-proto", "x-real-ip":
		return treatRemove
	case "host", "user-agent":
		return treatReplace
	case "connection", "te", "trailer", "upgrade", "x-amz-cf-id", "proxy-authenticate", "proxy-authorization", "proxy-connection":
		return treatNever
	case "cache-control", "content-length", "content-md5", "content-type", "date", "from", "if-match", "if-modified-since",
		"if-none-match", "if-range", "if-unmodified-since", "max-forwards", "pragma", "range", "request-range",
		"transfer-encoding", "via", "warning", "x-forwarded-for":
		return treatForward
	case "origin":
		return treatAmbiguous
	}
	if hasPrefixFold(name, "x-edge-") {
		return treatNever
	}
	return treatOther
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// HeaderInKey reports whether the value of the named header is part of the cache key. Accept-Encoding has rules of
// its own: see [Forwarding.AcceptEncoding].
func (f Forwarding) HeaderInKey(name string) tri.Bool { return f.keyHeaders.has(name, true) }

// HeaderToOrigin reports whether the viewer's value of the named header reaches the origin in a request with this
// method. False also covers the headers that CloudFront replaces by its own value: Host and User-Agent, unless a
// setting names them. For Cookie it tells whether any cookie can pass, for Accept-Encoding whether the setting names
// it: [Forwarding.AcceptEncoding] tells what is sent.
func (f Forwarding) HeaderToOrigin(name, method string) tri.Bool {
	if hasPrefixFold(name, "cloudfront-") {
		return f.cloudFrontHeader(name)
	}
	how := treatmentOf(name)
	switch {
	case how == treatNever:
		return tri.False
	case how == treatForward:
		return tri.True
	case strings.EqualFold(name, "Cookie"):
		return f.ForwardsCookies()
	}
	asked := tri.Or(f.keyHeaders.has(name, true), f.addHeaders.has(name, true))
	switch {
	case asked.Yes():
		if strings.EqualFold(name, "X-Forwarded-Proto") || strings.EqualFold(name, "X-Real-IP") {
			return tri.Unknown // "all viewer headers" against a table that says they are removed
		}
		return tri.True
	case how == treatAmbiguous:
		return tri.Unknown
	case strings.EqualFold(name, "Authorization") && f.keepsAuthorization(method):
		return tri.True
	case how == treatOther && f.legacy:
		return tri.True
	}
	return asked
}

// keepsAuthorization reports whether Authorization travels without any setting: with methods that are never cached,
// and with OPTIONS where it is not cached.
func (f Forwarding) keepsAuthorization(method string) bool {
	switch method {
	case "DELETE", "PATCH", "POST", "PUT":
		return true
	case "OPTIONS":
		return !f.CachesOptions
	}
	return false
}

// cloudFrontHeader reports whether CloudFront adds one of its own CloudFront-* headers: only when a policy names it,
// which "all viewer headers" does not (DG/adding-cloudfront-headers).
func (f Forwarding) cloudFrontHeader(name string) tri.Bool {
	named := func(n names) tri.Bool {
		switch n.rule {
		case unknownNames:
			return tri.Unknown
		case listedNames:
			return tri.Of(listed(n.list, name, true))
		}
		return tri.Of(listed(n.also, name, true))
	}
	return tri.Or(named(f.keyHeaders), named(f.addHeaders))
}

// ForwardsHost reports whether the origin gets the viewer's Host header instead of its own domain name.
func (f Forwarding) ForwardsHost() tri.Bool { return f.HeaderToOrigin("Host", "GET") }

// ForwardsAuthorization reports whether the viewer's Authorization header reaches the origin.
func (f Forwarding) ForwardsAuthorization(method string) tri.Bool {
	return f.HeaderToOrigin("Authorization", method)
}

// AcceptEncoding is what the origin gets for the viewer's Accept-Encoding; empty means no such header. inKey says
// that this value is part of the cache key (DG/cache-key-understand-cache-policy, DG/ServingCompressedFiles).
//
// sure is false when a policy that decides it could not be read.
func (f Forwarding) AcceptEncoding(viewer string) (sent string, inKey, sure bool) {
	if viewer == "" {
		return "", false, f.keyHeaders.rule != unknownNames
	}
	if f.keyHeaders.rule == unknownNames {
		return "", false, false
	}
	if f.Gzip || f.Brotli {
		gzip, brotli := f.Gzip && offers(viewer, "gzip"), f.Brotli && offers(viewer, "br")
		switch {
		case gzip && brotli:
			return "br,gzip", true, true
		case brotli:
			return "br", true, true
		case gzip:
			return "gzip", true, true
		case f.legacy:
			return "", false, true
		}
		return "identity", false, true
	}
	if f.keyHeaders.has("Accept-Encoding", true).Yes() {
		return viewer, true, true
	}
	switch f.addHeaders.has("Accept-Encoding", true) {
	case tri.True:
		return viewer, false, true
	case tri.False:
		return "", false, true
	}
	return "", false, false
}

// offers reports whether an Accept-Encoding value takes the coding: listed, and not with weight zero.
func offers(accept, coding string) bool {
	for item := range strings.SplitSeq(accept, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(item), ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(weight), " ", ""), "q=")
		return !found || strings.Trim(q, "0.") != ""
	}
	return false
}

// UncacheableHeader reports whether the header can never be part of the cache key; with S3 and MediaStore origins
// Host cannot either (DG/header-caching).
func UncacheableHeader(name string) bool {
	switch lowerASCII(name) {
	case "cache-control", "connection", "content-length", "cookie", "max-forwards", "pragma", "proxy-authenticate",
		"proxy-authorization", "proxy-connection", "request-range", "te", "trailer", "transfer-encoding", "upgrade",
		"x-amz-cf-id", "x-forwarded-proto", "x-real-ip":
		return true
	}
	return hasPrefixFold(name, "x-edge-")
}

// ForbiddenCustomHeader reports whether CloudFront refuses the name as an origin custom header
// (DG/add-origin-custom-headers).
func ForbiddenCustomHeader(name string) bool {
	switch lowerASCII(name) {
	case "cache-control", "connection", "content-length", "cookie", "host", "if-match", "if-modified-since", "if-none-match",
		"if-range", "if-unmodified-since", "max-forwards", "pragma", "proxy-authenticate", "proxy-authorization",
		"proxy-connection", "range", "request-range", "te", "trailer", "transfer-encoding", "upgrade", "via", "x-real-ip":
		return true
	}
	return hasPrefixFold(name, "x-amz-") || hasPrefixFold(name, "x-edge-")
}
