package observed

import (
	"slices"
	"strconv"
	"strings"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/request"
)

// Ports of the schemes, which viewers of CloudFront use (DG/cnames-and-https-requirements: there are no others).
const (
	PortHTTP  = 80
	PortHTTPS = 443
)

// ViewerPort is the port of a scheme.
func ViewerPort(scheme string) int {
	if scheme == "http" {
		return PortHTTP
	}
	return PortHTTPS
}

// ViewerNames asks for the addresses of a viewer's host, and for the records by which a name leads elsewhere.
func ViewerNames(host string) []DNSQuestion {
	return []DNSQuestion{{host, "A"}, {host, "AAAA"}}
}

// ViewerHandshake asks for the handshake of a browser with the host that it wants.
func ViewerHandshake(host string, port int) TLSQuestion {
	return TLSQuestion{Host: host, Port: port, ServerName: host, As: AsBrowser}
}

// ViewerRequest asks for the answer to a viewer's request. Credentials among its headers are withheld. ok is false for methods that may change
// something at the origin: such a request is not sent.
func ViewerRequest(r request.Request, port int, version string) (q HTTPQuestion, ok bool) {
	if !slices.Contains([]string{"GET", "HEAD", "OPTIONS"}, r.Method) || r.BodySize > 0 {
		return q, false
	}
	q = HTTPQuestion{Scheme: r.Scheme, Host: r.Host, Port: port, Method: r.Method, Path: r.Path, Version: version}
	if r.Scheme == "https" {
		q.ServerName = r.Host
	}
	if port != ViewerPort(r.Scheme) {
		q.HostHeader = r.Host + ":" + strconv.Itoa(port)
	}
	if r.Query != "" {
		q.Path += "?" + r.Query
	}
	for _, h := range r.Headers {
		if evidence.IsSecretHeader(h.Name) {
			q.Withheld = append(q.Withheld, h.Name)
		} else {
			q.Headers = append(q.Headers, h.Name+": "+h.Value)
		}
	}
	return q, true
}

// ViewerPreflight asks for the answer to the question that a browser asks before a page's request to another origin, as OPTIONS with the method and
// the headers that are to come (Fetch standard, CORS-preflight request). ok is false where the request comes from no page, where a browser sends
// it without asking, and where it is such a question itself: then [ViewerRequest] sends it.
func ViewerPreflight(r request.Request, port int) (q HTTPQuestion, ok bool) {
	origin, fromPage := r.Header("Origin")
	if !fromPage || r.Method == "OPTIONS" {
		return q, false
	}
	var unsafe []string
	for _, h := range r.Headers {
		if !sentUnasked(h.Name) {
			unsafe = append(unsafe, strings.ToLower(h.Name))
		}
	}
	if len(unsafe) == 0 && slices.Contains([]string{"GET", "HEAD", "POST"}, r.Method) {
		return q, false
	}
	p := request.Request{Method: "OPTIONS", Scheme: r.Scheme, Host: r.Host, Path: r.Path, Query: r.Query}
	p.SetHeader("Origin", origin)
	p.SetHeader("Access-Control-Request-Method", r.Method)
	if len(unsafe) > 0 {
		slices.Sort(unsafe)
		p.SetHeader("Access-Control-Request-Headers", strings.Join(slices.Compact(unsafe), ","))
	}
	return ViewerRequest(p, port, "")
}

// sentUnasked reports headers that a browser sends to other origins without a preflight (Fetch standard: the safelisted ones, and those that a
// page cannot set). Content-Type is not among them: JSON, for which pages set it, is not safelisted.
func sentUnasked(name string) bool {
	name = strings.ToLower(name)
	return slices.Contains([]string{
		"accept", "accept-language", "content-language", "range", "origin", "referer", "user-agent", "cookie", "host", "connection", "accept-encoding",
		"content-length", "cache-control", "pragma", "dnt",
	}, name) || strings.HasPrefix(name, "sec-")
}

// OfViewer reports whether a call is a probe of the edge as a viewer meets it, and not of an origin or of DNS: a browser's handshake, or a request
// whose Host header follows from the host that is connected to. CloudFront's requests to origins always name theirs.
func OfViewer(c evidence.Call) bool {
	if !IsProbe(c) {
		return false
	}
	switch c.Operation {
	case OperationTLS:
		return c.Params["As"] == AsBrowser
	case OperationHTTP:
		_, named := c.Params["HostHeader"]
		return !named
	}
	return false
}

// Shown is a call as a report may show it: with the secrets in a request's query hidden.
func Shown(c evidence.Call) evidence.Call {
	q, err := HTTPQuestionOf(c)
	if err != nil {
		return c
	}
	if path, query, found := strings.Cut(q.Path, "?"); found {
		q.Path = path + "?" + evidence.RedactQuery(query)
	}
	return HTTP(q).Call
}
