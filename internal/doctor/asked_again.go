package doctor

import (
	"slices"
	"strconv"
	"strings"

	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/request"
)

// flags is the question as flags of cfdoctor's commands: what to add to the distribution to ask it again. Fixes are numbered within one
// diagnosis, so "cfdoctor fix" needs the whole question. Secrets are redacted; what a flag would give anyway is left out, and so is the
// door to the account.
func (q Question) flags(m *edge.Model) []string {
	r := q.Request
	var out []string
	add := func(name, value string, given bool) {
		if given {
			out = append(out, "--"+name, value)
		}
	}
	path := r.Path
	if r.Query != "" {
		path += "?" + evidence.RedactQuery(r.Query)
	}
	add("error-code", strconv.Itoa(q.Code), q.Code != 0)
	add("request-path", path, q.PathGiven)
	add("request-domain", r.Host, r.Host != "" && r.Host != defaultHost(m))
	add("scheme", r.Scheme, r.Scheme != "" && r.Scheme != "https")
	add("method", r.Method, r.Method != "" && r.Method != "GET")
	for _, line := range headerFlags(r) {
		add("header", line, true)
	}
	add("body-size", strconv.FormatInt(r.BodySize, 10), r.BodySize > 0)
	add("viewer-ip", r.ClientIP.String(), r.ClientIP.IsValid())
	add("viewer-country", r.Country, r.Country != "")
	add("http-version", r.HTTPVersion, r.HTTPVersion != "")
	add("tls-version", r.TLSVersion, r.TLSVersion != "")
	add("server-name", r.ServerName, r.ServerName != "")
	add("client-cert", string(r.ClientCert), r.ClientCert != request.ClientCertUnsaid)
	if q.Active {
		out = append(out, "--active-validation")
	}
	return out
}

// headerFlags are the headers that differ from those that every request of ours has, as people write them: "Name:" is one that it lacks.
func headerFlags(r request.Request) []string {
	var out []string
	usual := request.New("", "/")
	for _, h := range usual.Headers {
		if _, has := r.Header(h.Name); !has {
			out = append(out, h.Name+":")
		}
	}
	for _, h := range r.Headers {
		byItself := strings.EqualFold(h.Name, "Content-Length") && h.Value == strconv.FormatInt(r.BodySize, 10)
		if slices.Contains(usual.Headers, h) || byItself {
			continue
		}
		out = append(out, h.Name+": "+shownValue(h))
	}
	return out
}

// plainHeaders are the request headers whose values are no secrets. Any other may carry one, whatever its name: applications make up their own,
// and a bucket policy may take the Referer for a password.
var plainHeaders = map[string]bool{
	"accept": true, "accept-encoding": true, "accept-language": true, "cache-control": true, "connection": true, "content-length": true,
	"content-type": true, "expect": true, "origin": true, "pragma": true, "range": true, "transfer-encoding": true,
	"upgrade": true, "user-agent": true, "x-forwarded-for": true, "x-forwarded-proto": true,
}

func shownValue(h request.Header) string {
	name := strings.ToLower(h.Name)
	for _, prefix := range []string{"access-control-", "if-", "sec-", "cloudfront-"} {
		if strings.HasPrefix(name, prefix) {
			return h.Value
		}
	}
	if plainHeaders[name] {
		return h.Value
	}
	return evidence.Redacted
}
