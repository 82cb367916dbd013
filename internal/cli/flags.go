package cli

import (
	"net/netip"
	"strings"

	"github.com/spf13/pflag"

	"cfdoctor/internal/collect"
	"cfdoctor/internal/request"
)

// requestFlags describe the failing request.
type requestFlags struct {
	path, domain, method, scheme string
	headers                      []string
	cookie                       string
	viewerIP, viewerCountry      string
	bodySize                     int64
	httpVersion, tlsVersion      string
	serverName, clientCert       string
}

func (f *requestFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.path, "request-path", "", "path of the failing request, may carry ?query")
	flags.StringVar(&f.domain, "request-domain", "", "host that the viewer asks for")
	flags.StringVar(&f.method, "method", "", "HTTP method (default GET)")
	flags.StringVar(&f.scheme, "scheme", "", "http or https (default https)")
	flags.StringArrayVarP(&f.headers, "header", "H", nil, "a request header, 'Name: value'; 'Name:' means that the request has no such header")
	flags.StringVar(&f.cookie, "cookie", "", "the request's cookies, 'a=1; b=2'")
	flags.StringVar(&f.viewerIP, "viewer-ip", "", "the viewer's IP address")
	flags.StringVar(&f.viewerCountry, "viewer-country", "", "the viewer's country, two letters (ISO 3166-1)")
	flags.Int64Var(&f.bodySize, "body-size", 0, "size of the request's body in bytes")
	flags.StringVar(&f.httpVersion, "http-version", "", "HTTP/1.1, HTTP/2.0 or HTTP/3.0")
	flags.StringVar(&f.tlsVersion, "tls-version", "", "the newest TLS version that the client offers, such as TLSv1.1")
	flags.StringVar(&f.serverName, "server-name", "", "name that the TLS connection was opened for, where it is not the host")
	flags.StringVar(&f.clientCert, "client-cert", "", "present or absent: whether the client has a certificate (mutual TLS)")
}

// read makes the target and the request of a command line, and reports whether a path was named at all.
func (f *requestFlags) read(given string) (t collect.Target, r request.Request, pathGiven bool, err error) {
	if t, err = collect.ParseTarget(given); err != nil {
		return t, r, false, usage(collect.TargetForms, "%w", err)
	}
	r, pathGiven, err = f.build(t)
	return t, r, pathGiven, err
}

// build makes the request of a target and the flags; the flags win. It also reports whether a path was named at all.
func (f *requestFlags) build(t collect.Target) (r request.Request, pathGiven bool, err error) {
	r = request.New("", "/")
	if t.URL != "" {
		if err := r.SetURL(t.URL); err != nil {
			return r, false, usage("", "%w", err)
		}
		pathGiven = true
	}
	if f.path != "" {
		r.SetPath(f.path)
		pathGiven = true
	}
	if f.domain != "" {
		r.Host = strings.ToLower(strings.TrimSuffix(f.domain, "."))
	}
	if f.method != "" {
		r.Method = strings.ToUpper(f.method)
	}
	if err := f.setConnection(&r); err != nil {
		return r, false, err
	}
	return r, pathGiven, f.setHeaders(&r)
}

func (f *requestFlags) setConnection(r *request.Request) error {
	switch f.scheme {
	case "":
	case "http", "https":
		r.Scheme = f.scheme
	default:
		return usage("give http or https", "--scheme %q is neither http nor https", f.scheme)
	}
	if f.viewerIP != "" {
		ip, err := netip.ParseAddr(f.viewerIP)
		if err != nil {
			return usage("give an address such as 203.0.113.7", "--viewer-ip %q is not an IP address", f.viewerIP)
		}
		r.ClientIP = ip
	}
	if f.viewerCountry != "" {
		if len(f.viewerCountry) != 2 {
			return usage("give two letters such as DE", "--viewer-country %q is not an ISO 3166-1 code", f.viewerCountry)
		}
		r.Country = strings.ToUpper(f.viewerCountry)
	}
	if f.bodySize < 0 {
		return usage("give a number of bytes", "--body-size %d is negative", f.bodySize)
	}
	r.BodySize = f.bodySize
	switch cert := request.ClientCert(f.clientCert); cert {
	case request.ClientCertUnsaid, request.ClientCertPresent, request.ClientCertAbsent:
		r.ClientCert = cert
	default:
		return usage("give present or absent", "--client-cert %q is neither present nor absent", f.clientCert)
	}
	r.HTTPVersion, r.TLSVersion, r.ServerName = f.httpVersion, f.tlsVersion, f.serverName
	return nil
}

func (f *requestFlags) setHeaders(r *request.Request) error {
	if line, ok := r.SetHeaderLines(f.headers, f.cookie); !ok {
		return usage("give 'Name: value'", "--header %q is not of the form 'Name: value'", line)
	}
	return nil
}
