// Package request describes one request as a viewer sends it to CloudFront: the failing request of a diagnosis.
package request

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Header is one header line.
type Header struct{ Name, Value string }

// Request is one viewer request. Its path is raw: as sent, percent-encoding included, without the query string.
type Request struct {
	Method      string // GET, HEAD, …
	Scheme      string // "https" or "http"
	Host        string // the Host header; "" means the distribution's own domain name
	Path        string // begins with "/"
	Query       string // without "?"; "" also when there is none
	Headers     []Header
	BodySize    int64      // bytes; 0 is no body
	ClientIP    netip.Addr // the zero Addr is unknown
	Country     string     // ISO 3166-1 alpha-2, upper case; "" is unknown
	HTTPVersion string     // "HTTP/1.1", "HTTP/2.0", "HTTP/3.0"; "" is not said
	TLSVersion  string     // what the client offers at most, such as "TLSv1.1"; "" is a current client
	ServerName  string     // the name that the TLS connection was opened for (SNI); "" is Host
	ClientCert  ClientCert // whether the client presents a certificate of its own (mutual TLS)
}

// ClientCert says whether a viewer presents a certificate.
type ClientCert string

// The values of ClientCert. Not said is what most requests are: the viewer is taken to have none.
const (
	ClientCertUnsaid  ClientCert = ""
	ClientCertPresent ClientCert = "present"
	ClientCertAbsent  ClientCert = "absent"
)

// userAgent is sent where a person gives none: what a current browser says, so that bot rules see a browser.
const userAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"

// New returns GET https://host/ with the headers that a request always has: Accept and a browser's User-Agent.
// Host is not among Headers: it is a field of its own.
func New(host, path string) Request {
	r := Request{
		Method: "GET", Scheme: "https", Host: host,
		Headers: []Header{{"Accept", "*/*"}, {"User-Agent", userAgent}},
	}
	r.SetPath(path)
	return r
}

// SetPath takes a path that may carry a query string; a missing leading slash is added.
func (r *Request) SetPath(path string) {
	path, _, _ = strings.Cut(path, "#")
	r.Path, r.Query, _ = strings.Cut(path, "?")
	if !strings.HasPrefix(r.Path, "/") {
		r.Path = "/" + r.Path
	}
}

// SetURL takes a whole URL apart into scheme, host, path and query, as [SplitURL] does.
func (r *Request) SetURL(raw string) error {
	scheme, host, rest, err := SplitURL(raw)
	if err != nil {
		return fmt.Errorf("read the URL: %w", err)
	}
	r.Scheme, r.Host = scheme, host
	r.SetPath(rest)
	return nil
}

// Header returns the first header of that name, in any case of letters.
func (r *Request) Header(name string) (string, bool) {
	for _, h := range r.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value, true
		}
	}
	return "", false
}

// SetHeaderLines sets headers as people write them, and the cookies "a=1; b=2" where there are any. As in curl, "Name: value" is a header, "Name:" one
// that the request has not, and Host its host. A body without a Content-Length gets one. It returns the first line that is no header, and
// false, where there is one.
func (r *Request) SetHeaderLines(lines []string, cookies string) (wrong string, ok bool) {
	for _, line := range lines {
		name, value, found := strings.Cut(line, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case !found || name == "" || strings.ContainsAny(name, " \t"):
			return line, false
		case strings.EqualFold(name, "Host"):
			r.Host = strings.ToLower(value)
		case value == "":
			r.RemoveHeader(name)
		default:
			r.SetHeader(name, value)
		}
	}
	if cookies != "" {
		r.SetHeader("Cookie", cookies)
	}
	if _, given := r.Header("Content-Length"); r.BodySize > 0 && !given {
		r.SetHeader("Content-Length", strconv.FormatInt(r.BodySize, 10))
	}
	return "", true
}

// SetHeader replaces every header of that name.
func (r *Request) SetHeader(name, value string) {
	r.RemoveHeader(name)
	r.Headers = append(r.Headers, Header{name, value})
}

// RemoveHeader drops every header of that name.
func (r *Request) RemoveHeader(name string) {
	r.Headers = slices.DeleteFunc(slices.Clone(r.Headers), func(h Header) bool { return strings.EqualFold(h.Name, name) })
}

// Cookies returns the pairs of all Cookie headers, in order.
func (r *Request) Cookies() []Header {
	var out []Header
	for _, h := range r.Headers {
		if !strings.EqualFold(h.Name, "Cookie") {
			continue
		}
		for part := range strings.SplitSeq(h.Value, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			if name != "" {
				out = append(out, Header{name, value})
			}
		}
	}
	return out
}

// Clone returns a copy whose headers can be changed alone.
func (r Request) Clone() Request {
	r.Headers = slices.Clone(r.Headers)
	return r
}

// URL is the request's address as text, for messages.
func (r Request) URL() string {
	out := r.Scheme + "://" + r.Host + r.Path
	if r.Query != "" {
		out += "?" + r.Query
	}
	return out
}
