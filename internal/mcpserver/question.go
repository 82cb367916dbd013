package mcpserver

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"cfdoctor/internal/collect"
	"cfdoctor/internal/doctor"
	"cfdoctor/internal/request"
	"cfdoctor/internal/source"
	"cfdoctor/internal/source/bundle"
)

// asked are the arguments that describe a distribution and a request, named as in AWS's guide for agents.
type asked struct {
	DistributionID string   `json:"distribution_id" jsonschema:"the distribution: its ID (E…), ARN, domain (d….cloudfront.net), an alternate domain name, or the failing URL, which fills in scheme, domain and path too"`
	RequestPath    string   `json:"request_path,omitempty" jsonschema:"the path that fails, such as /images/logo.png; may carry ?query"`
	RequestDomain  string   `json:"request_domain,omitempty" jsonschema:"the host that viewers ask for"`
	Method         string   `json:"method,omitempty" jsonschema:"HTTP method, GET where not given"`
	Scheme         string   `json:"scheme,omitempty" jsonschema:"what viewers use, https where not given"`
	Headers        []string `json:"headers,omitempty" jsonschema:"request headers, each 'Name: value'; 'Name:' says that the request has no such header"`
	Cookie         string   `json:"cookie,omitempty" jsonschema:"the request's cookies, 'a=1; b=2'"`
	ViewerIP       string   `json:"viewer_ip,omitempty" jsonschema:"the viewer's IP address"`
	ViewerCountry  string   `json:"viewer_country,omitempty" jsonschema:"the viewer's country, two letters (ISO 3166-1)"`
	BodySize       int64    `json:"body_size,omitempty" jsonschema:"size of the request's body in bytes"`
	HTTPVersion    string   `json:"http_version,omitempty" jsonschema:"HTTP/1.1, HTTP/2.0 or HTTP/3.0"`
	TLSVersion     string   `json:"tls_version,omitempty" jsonschema:"the newest TLS version that the viewer offers, such as TLSv1.1"`
	ServerName     string   `json:"server_name,omitempty" jsonschema:"the name that the viewer's TLS connection was opened for (SNI), where it is not the host"`
	ClientCert     string   `json:"client_cert,omitempty" jsonschema:"present or absent: whether the viewer presents a certificate (mutual TLS)"`
	From           string   `json:"from,omitempty" jsonschema:"read this recording instead of the account: the name of a file in the folder of recordings that the server was started with"`
}

// question reads the arguments. Its errors say what to give instead.
func (a asked) question() (doctor.Question, error) {
	t, err := collect.ParseTarget(a.DistributionID)
	if err != nil {
		return doctor.Question{}, advise("for distribution_id, "+collect.TargetForms, "%w", err)
	}
	q := doctor.Question{Target: t, Request: request.New("", "/"), PathGiven: t.URL != "" || a.RequestPath != ""}
	if t.URL != "" {
		if err := q.Request.SetURL(t.URL); err != nil {
			return q, err
		}
	}
	if a.RequestPath != "" {
		q.Request.SetPath(a.RequestPath)
	}
	if a.RequestDomain != "" {
		q.Request.Host = strings.ToLower(strings.TrimSuffix(a.RequestDomain, "."))
	}
	if a.Method != "" {
		q.Request.Method = strings.ToUpper(a.Method)
	}
	if a.Scheme != "" {
		q.Request.Scheme = a.Scheme
	}
	if a.ViewerIP != "" {
		if q.Request.ClientIP, err = netip.ParseAddr(a.ViewerIP); err != nil {
			return q, advise("give an address such as 203.0.113.7", "viewer_ip %.60q is not an IP address", a.ViewerIP)
		}
	}
	q.Request.Country = strings.ToUpper(a.ViewerCountry)
	q.Request.BodySize = a.BodySize
	q.Request.HTTPVersion, q.Request.TLSVersion = a.HTTPVersion, a.TLSVersion
	q.Request.ServerName, q.Request.ClientCert = a.ServerName, request.ClientCert(a.ClientCert)
	return q, a.setHeaders(&q.Request)
}

func (a asked) setHeaders(r *request.Request) error {
	if line, ok := r.SetHeaderLines(a.Headers, a.Cookie); !ok {
		return advise("give each header as 'Name: value'", "%.80q in headers is not of that form", line)
	}
	return nil
}

// bundleName is the form of a recording's name: a file in the folder, never a path out of it.
const bundleName = `^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}\.json$`

// maxBundle is the largest recording that is read, in bytes.
const maxBundle = 256 << 20

// open opens the door that a call asks for: the server's own, or a recording of the folder.
func (s *server) open(ctx context.Context, from string) (source.Source, time.Time, error) {
	if from == "" {
		return s.Open(ctx)
	}
	// A root keeps every name below the folder, symbolic links too.
	root, err := os.OpenRoot(s.Bundles)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("open the folder of recordings: %w", err)
	}
	defer root.Close()
	file, err := root.Open(from)
	if err != nil {
		return nil, time.Time{}, advise("give the name of a file in the folder of recordings, or leave from out", "there is no recording %q", from)
	}
	defer file.Close()
	b, err := bundle.Parse(file, from, maxBundle)
	if err != nil {
		return nil, time.Time{}, err
	}
	return b, b.CapturedAt, nil
}

// diagnose opens the door and asks one question.
func (s *server) diagnose(ctx context.Context, from string, q doctor.Question, simulate bool, o doctor.Observer) (*doctor.Case, error) {
	ctx, cancel := s.limited(ctx)
	defer cancel()
	src, now, err := s.open(ctx, from)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	c, err := s.Diagnose(ctx, src, now, q, simulate, o)
	if err != nil {
		return nil, err
	}
	// A call that was cancelled has half an answer, which nobody should take for a whole one.
	return c, ctx.Err()
}
