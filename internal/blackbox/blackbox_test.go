package blackbox

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/signature/signaturetest"
)

const host = "www.fernhill.example"

func TestParse(t *testing.T) {
	for raw, want := range map[string]struct {
		url  string
		port int
		err  bool
	}{
		"www.fernhill.example":              {url: "https://www.fernhill.example/", port: 443},
		"http://www.fernhill.example/a?b":   {url: "http://www.fernhill.example/a?b", port: 80},
		"https://www.fernhill.example:8443": {url: "https://www.fernhill.example:8443/", port: 8443},
		"https://[2001:db8::1]:444/x":       {url: "https://[2001:db8::1]:444/x", port: 444},
		"https://www.fernhill.example:0/":   {err: true},
		"https://www.fernhill.example:x/":   {err: true},
	} {
		got, err := Parse(raw)
		if (err != nil) != want.err || err == nil && (got.Port != want.port || got.first().address() != want.url) {
			t.Errorf("%s is %s, port %d (%v)", raw, got.first().address(), got.Port, err)
		}
	}
}

// seen is what the probes of one URL found.
type seen struct {
	target Target
	world  *evidence.World
}

func look(t *testing.T, raw string) *seen {
	t.Helper()
	target, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	w := evidence.NewWorld(time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC), "")
	observed.DNS(observed.DNSQuestion{Name: host, Type: "A"}).Set(w, observed.DNSAnswer{Rcode: "NOERROR", Chain: []string{"d111111abcdef8.cloudfront.net"}, Addresses: []string{"192.0.2.1"}})
	observed.DNS(observed.DNSQuestion{Name: host, Type: "AAAA"}).Set(w, observed.DNSAnswer{Rcode: "NOERROR"})
	return &seen{target, w}
}

func (s *seen) answer(raw string, a observed.Answer) {
	at, err := Parse(raw)
	if err != nil {
		panic(err) // the test's own address
	}
	q, _ := at.first().question()
	observed.HTTP(q).Set(s.world, a)
}

func (s *seen) handshake(names []string, ends time.Time, trust observed.Trust) {
	q, _ := s.target.handshake()
	observed.TLS(q).Set(s.world, observed.Handshake{Version: "TLSv1.3", Trust: trust, Chain: []observed.Certificate{
		{Names: names, NotBefore: ends.AddDate(-1, 0, 0), NotAfter: ends},
	}})
}

func example(t *testing.T, name string) observed.Answer {
	t.Helper()
	e, ok := signaturetest.Named(name)
	if !ok {
		t.Fatalf("there is no example %s", name)
	}
	return observed.Answer{Status: e.Answer.Status, Headers: e.Answer.Headers, Body: e.Answer.Body}
}

func served() observed.Answer {
	return observed.Answer{Status: 200, Headers: []observed.Header{
		{Name: "Via", Value: "1.1 0123456789abcdef.cloudfront.net (CloudFront)"}, {Name: "X-Amz-Cf-Id", Value: "id"}, {Name: "X-Cache", Value: "Miss from cloudfront"},
	}}
}

func redirectTo(location string) observed.Answer {
	a := served()
	a.Status, a.Headers = 302, append([]observed.Header{{Name: "Location", Value: location}}, a.Headers...)
	return a
}

func TestRead(t *testing.T) {
	const url = "https://" + host + "/a"
	later := time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		see   func(*seen)
		state string
		cause string // a problem's or the answer's; "" for no problem above a note
		words string // in the verdict
	}{
		"all is well":       {func(s *seen) { s.answer(url, served()); s.handshake([]string{host}, later, observed.Trusted) }, Fine, "", "Nothing is wrong: 200"},
		"nobody looked":     {func(*seen) {}, Unknown, "", "Nobody could look"},
		"a country refused": {func(s *seen) { s.answer(url, example(t, "geo")) }, Failing, "GEO_RESTRICTION_BLOCK", "403, certainly made by CloudFront itself"},
		"no such name": {func(s *seen) {
			observed.DNS(observed.DNSQuestion{Name: host, Type: "A"}).Set(s.world, observed.DNSAnswer{Rcode: "NXDOMAIN"})
			s.answer(url, observed.Answer{Failure: observed.Unresolved})
		}, Failing, "ALIAS_DNS_NOT_POINTING", "has no address"},
		"another certificate": {func(s *seen) {
			s.answer(url, served())
			s.handshake([]string{"*.cloudfront.net"}, later, observed.Trusted)
		}, Failing, "VIEWER_CERT_NAME_MISMATCH", "and yet"},
		"an expired certificate": {func(s *seen) {
			s.answer(url, served())
			s.handshake([]string{host}, s.world.Now.AddDate(0, 0, -1), observed.Trusted)
		},
			Failing, "VIEWER_CERT_EXPIRED", "expired on 2026-11-19"},
		"a certificate near its end": {func(s *seen) {
			s.answer(url, served())
			s.handshake([]string{host}, s.world.Now.AddDate(0, 0, 9), observed.Trusted)
		},
			Fine, "CERT_EXPIRING", "Nothing is wrong"},
		"a self-signed certificate": {func(s *seen) { s.answer(url, served()); s.handshake([]string{host}, later, observed.SelfSigned) }, Failing, "VIEWER_CERT_NOT_USABLE", "self-signed"},
		"a client certificate is wanted": {func(s *seen) {
			q, _ := s.target.handshake()
			observed.TLS(q).Set(s.world, observed.Handshake{Failure: observed.CertificateWanted})
			s.answer(url, observed.Answer{Failure: observed.TLSFailed})
		}, Failing, "VIEWER_MTLS_REQUIRED", "client certificate"},
		"a loop":           {func(s *seen) { s.answer(url, redirectTo("/b")); s.answer("https://"+host+"/b", redirectTo("/a")) }, Failing, "REDIRECT_LOOP", "in circles"},
		"not by this edge": {func(s *seen) { s.answer(url, observed.Answer{Status: 200}) }, Failing, "ALIAS_DNS_NOT_POINTING", "did not come through CloudFront"},
	} {
		t.Run(name, func(t *testing.T) {
			s := look(t, url)
			c.see(s)
			r := s.target.Read(s.world, "test")
			var causes []string
			for _, p := range r.Problems {
				if p.Level != "note" {
					causes = append(causes, p.Cause)
				}
			}
			causes = append(causes, r.Answer.Causes...)
			if r.State != c.state || !strings.Contains(r.Verdict, c.words) {
				t.Errorf("%s: %s", r.State, r.Verdict)
			}
			if c.cause != "" && !slices.Contains(causes, c.cause) || c.cause == "" && len(causes) > 0 {
				t.Errorf("the causes are %v, want %q", causes, c.cause)
			}
			if len(r.Next) == 0 {
				t.Error("it says nothing of what to do")
			}
		})
	}
}

func TestRedirectsToOtherHostsAreLeftAlone(t *testing.T) {
	const elsewhere = "https://elsewhere.example/x?Signature=s3cr3t"
	s := look(t, "https://"+host+"/a")
	s.answer("https://"+host+"/a", redirectTo(elsewhere))
	asked := func() bool {
		for _, q := range s.target.WayQuestions(s.world) {
			if q.Asks().Params["Host"] == "elsewhere.example" {
				return true
			}
		}
		return false
	}
	if asked() {
		t.Error("another host is asked")
	}
	hops, loop := s.target.Way(s.world)
	if loop || len(hops) != 1 || hops[0].Followed || !strings.Contains(hops[0].Note, "not followed") || strings.Contains(hops[0].Location, "s3cr3t") {
		t.Errorf("loop %v, %+v", loop, hops)
	}
	s.target.AnyHost = true
	if !asked() {
		t.Error("another host is not asked although the person said so")
	}
}

func TestIssuanceBlocked(t *testing.T) {
	for records, want := range map[string]bool{
		"":                                     false,
		`0 issue "amazon.com"`:                 false,
		`0 issue "letsencrypt.org"`:            true,
		`0 iodef "mailto:ca@fernhill.example"`: false,
		`0 issue "letsencrypt.org"|0 issuewild "AMAZONTRUST.com"`: false,
	} {
		if got := issuanceBlocked(strings.Split(records, "|")); got != want {
			t.Errorf("%s: %v", records, got)
		}
	}
}
