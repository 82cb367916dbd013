package doctor

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/request"
)

func TestQuestionAsFlags(t *testing.T) {
	m := diagnosed(t, "world s3-oac\n").Model
	plain := func(edits ...func(*Question)) Question {
		q := Question{Request: request.New("www.fernhill.example", "/about.html"), PathGiven: true}
		for _, edit := range edits {
			edit(&q)
		}
		return q
	}
	for name, c := range map[string]struct {
		q    Question
		want string // flags joined by "|"
	}{
		"path alone":          {plain(), "--request-path|/about.html"},
		"nobody named a path": {plain(func(q *Question) { q.PathGiven = false; q.Code = 403 }), "--error-code|403"},
		"another host":        {plain(func(q *Question) { q.Request.Host = m.DomainName() }), "--request-path|/about.html|--request-domain|" + m.DomainName()},
		"all of the viewer": {plain(func(q *Question) {
			r := &q.Request
			r.Method, r.Scheme, r.BodySize, r.Country, r.ClientIP = "POST", "http", 7, "DE", netip.MustParseAddr("203.0.113.7")
			r.HTTPVersion, r.TLSVersion, r.ServerName, r.ClientCert = "HTTP/2.0", "TLSv1.1", "a.example", request.ClientCertAbsent
			r.SetHeaderLines([]string{"Accept:", "Origin: https://a.example"}, "")
			q.Active = true
		}), "--request-path|/about.html|--scheme|http|--method|POST|--header|Accept:|--header|Origin: https://a.example|--body-size|7|--viewer-ip|203.0.113.7|" +
			"--viewer-country|DE|--http-version|HTTP/2.0|--tls-version|TLSv1.1|--server-name|a.example|--client-cert|absent|--active-validation"},
		"secrets": {plain(func(q *Question) {
			q.Request.SetPath("/a?Signature=abc&x=1")
			q.Request.SetHeaderLines([]string{"X-Preview: abc", "Referer: abc", "Authorization: abc"}, "session=abc")
		}), "--request-path|/a?Signature=[redacted]&x=1|--header|X-Preview: [redacted]|--header|Referer: [redacted]|--header|Authorization: [redacted]|--header|Cookie: [redacted]"},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.q.flags(m)
			if want := strings.Split(c.want, "|"); !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			if slices.ContainsFunc(got, func(w string) bool { return strings.Contains(strings.ReplaceAll(w, evidence.Redacted, ""), "abc") }) {
				t.Error("a secret stands in the flags")
			}
		})
	}
}
