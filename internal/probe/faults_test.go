package probe_test

import (
	"bufio"
	"bytes"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes"
	"cfdoctor/internal/collect"
	"cfdoctor/internal/doctor"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/probe"
	"cfdoctor/internal/source/bundle"
	"cfdoctor/internal/worldtest"
)

// fault is one thing that is wrong with an origin, and what a diagnosis has to make of it.
type fault struct {
	name  string
	start func(b *bench) (port int) // 0 where nothing has to listen
	world string                    // more lines of the case
	code  int                       // the status that viewers report

	cause  string // "" where CloudFront does not mind
	grade  string // confirmed where nothing is said
	status int    // what the simulation predicts with what was seen
}

// faults is the table of the issue. Statuses are those of DG/http-502-bad-gateway, DG/http-504-gateway-timeout.
func faults() []fault {
	return []fault{
		{name: "certificate expired", code: 502, cause: "ORIGIN_CERT_EXPIRED", status: 502, start: withLeaf(func(b *bench, c *x509.Certificate) { c.NotAfter = b.now.AddDate(0, 0, -2) })},
		{name: "certificate not yet valid", code: 502, cause: "ORIGIN_CERT_EXPIRED", status: 502, start: withLeaf(func(b *bench, c *x509.Certificate) { c.NotBefore = b.now.AddDate(0, 0, 2) })},
		{name: "self-signed", code: 502, cause: "ORIGIN_CERT_SELF_SIGNED", status: 502, start: selfSigned},
		{name: "unknown authority", code: 502, cause: "ORIGIN_CERT_SELF_SIGNED", status: 502, start: unknownAuthority},
		{name: "missing intermediate", code: 502, cause: "ORIGIN_CERT_CHAIN_INCOMPLETE", status: 502, start: missingIntermediate},
		{name: "chain in the wrong order", code: 502, cause: "ORIGIN_CERT_CHAIN_ORDER", status: 502, start: wrongOrder},
		{name: "wrong name", code: 502, cause: "ORIGIN_CERT_NAME_MISMATCH", status: 502, start: withLeaf(func(b *bench, c *x509.Certificate) {
			c.Subject, c.DNSNames = pkix.Name{CommonName: "other.example"}, []string{"other.example"}
		})},
		{name: "wildcard one level off", code: 502, cause: "ORIGIN_CERT_NAME_MISMATCH", status: 502, start: withLeaf(func(b *bench, c *x509.Certificate) {
			c.Subject, c.DNSNames = pkix.Name{CommonName: "*.example"}, []string{"*.example", "*.eu." + originName}
		})},
		{name: "certificate for an address only", code: 502, cause: "ORIGIN_CERT_NAME_MISMATCH", status: 502, start: withLeaf(func(b *bench, c *x509.Certificate) {
			c.Subject, c.DNSNames, c.IPAddresses = pkix.Name{}, nil, []net.IP{net.IPv4(127, 0, 0, 1)}
		})},
		{name: "server name refused", code: 502, cause: "ORIGIN_CERT_NAME_MISMATCH", status: 502, start: alerting(112)},
		{name: "signed with SHA-1", code: 502, cause: "ORIGIN_CERT_SELF_SIGNED", grade: "likely", status: 502, start: signedWithSHA1},
		{name: "RSA key of 1024 bits", code: 502, status: 200, start: rsa1024},
		{name: "TLS 1.0 only", code: 502, cause: "ORIGIN_TLS_PROTOCOL_UNSUPPORTED", status: 502, start: versions(tls.VersionTLS10, tls.VersionTLS10)},
		{name: "TLS 1.1 only", code: 502, cause: "ORIGIN_TLS_PROTOCOL_UNSUPPORTED", status: 502, start: versions(tls.VersionTLS11, tls.VersionTLS11)},
		{name: "TLS 1.2, and TLS 1.1 offered", code: 502, cause: "ORIGIN_TLS_PROTOCOL_UNSUPPORTED", status: 502, start: versions(tls.VersionTLS12, tls.VersionTLS12),
			world: setting("OriginSslProtocols", `{"Quantity":1,"Items":["TLSv1.1"]}`)},
		{name: "TLS 1.3 only", code: 502, cause: "ORIGIN_TLS_PROTOCOL_UNSUPPORTED", grade: "likely", status: 200, start: versions(tls.VersionTLS13, tls.VersionTLS13)},
		{name: "RC4-SHA only", code: 502, cause: "ORIGIN_TLS_CIPHER_UNSUPPORTED", status: 502, start: ciphers(tls.TLS_RSA_WITH_RC4_128_SHA)},
		{name: "3DES only", code: 502, status: 200, start: ciphers(tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA), world: ""},
		{name: "ChaCha20 only", code: 502, cause: "ORIGIN_TLS_CIPHER_UNSUPPORTED", status: 502, start: ciphers(tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256)},
		{name: "RSA with GCM only", code: 502, cause: "ORIGIN_TLS_CIPHER_UNSUPPORTED", status: 502, start: ciphers(tls.TLS_RSA_WITH_AES_128_GCM_SHA256)},
		{name: "ECDSA key P-256 only", code: 502, status: 200, start: withLeaf(func(*bench, *x509.Certificate) {})},
		{name: "ECDSA key P-521 only", code: 502, cause: "ORIGIN_TLS_CIPHER_UNSUPPORTED", grade: "likely", status: 200, start: p521},
		{name: "client certificate required", code: 502, cause: "ORIGIN_MTLS_REJECTED", status: 502, start: clientCertificate(tls.RequireAnyClientCert)},
		{name: "client certificate requested", code: 502, cause: "ORIGIN_MTLS_REJECTED", grade: "likely", status: 200, start: clientCertificate(tls.RequestClientCert)},
		{name: "plain HTTP on 443", code: 502, cause: "ORIGIN_PROTOCOL_POLICY_MISMATCH", status: 502, start: plain(answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))},
		{name: "HTTPS on 80", code: 400, cause: "ORIGIN_PROTOCOL_POLICY_MISMATCH", status: 400, start: httpsForHTTP, world: setting("OriginProtocolPolicy", `"http-only"`)},
		{name: "reset when the handshake begins", code: 502, cause: "ORIGIN_PROTOCOL_POLICY_MISMATCH", status: 502, start: plain(reset)},
		{name: "silent before the handshake", code: 504, cause: "ORIGIN_READ_TIMEOUT", status: 504, start: plain(silent)},
		{name: "silent after the handshake", code: 504, cause: "ORIGIN_READ_TIMEOUT", status: 504, start: speaking(silent)},
		{name: "slow first byte", code: 504, cause: "ORIGIN_READ_TIMEOUT", status: 504, start: speaking(slow)},
		{name: "closed without an answer", code: 502, cause: "ORIGIN_BAD_RESPONSE", status: 502, start: speaking(func(c net.Conn) { readHead(c) })},
		{name: "no HTTP", code: 502, cause: "ORIGIN_BAD_RESPONSE", status: 502, start: speaking(answering("220 mail.example ESMTP\r\n"))},
		{name: "body cut short", code: 502, cause: "ORIGIN_BAD_RESPONSE", status: 200, start: speaking(answering("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this"))},
		{name: "headers of 40 KB", code: 502, cause: "ORIGIN_BAD_RESPONSE", status: 502, start: speaking(answering(bigHeaders(40)))},
		{name: "headers of 200 KB", code: 502, cause: "ORIGIN_BAD_RESPONSE", status: 502, start: speaking(answering(bigHeaders(200)))},
		{name: "redirect loop", code: 301, cause: "REDIRECT_LOOP", status: 301, world: setting("OriginProtocolPolicy", `"http-only"`),
			start: plain(answering("HTTP/1.1 301 Moved Permanently\r\nLocation: https://www.harbour.example/catalog\r\nContent-Length: 0\r\n\r\n"))},
		{name: "error of the application", code: 500, cause: "ORIGIN_RETURNS_ERROR", status: 500, start: speaking(answering("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"))},
		{name: "connection refused", code: 502, cause: "ORIGIN_PORT_CLOSED", status: 502, start: refusing},
		{name: "no such name", code: 502, cause: "ORIGIN_DNS_FAILURE", status: 502, start: named(dnsReply{rcode: dns.RcodeNameError})},
		{name: "broken zone", code: 502, cause: "ORIGIN_DNS_FAILURE", status: 502, start: named(dnsReply{rcode: dns.RcodeServerFailure})},
		{name: "no address", code: 502, cause: "ORIGIN_DNS_FAILURE", status: 502, start: named(dnsReply{})},
		{name: "private address", code: 504, cause: "ORIGIN_NOT_PUBLIC", status: 504, start: named(dnsReply{addresses: []string{"10.20.0.15"}})},
		{name: "nothing wrong", code: 502, status: 200, start: speaking(answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))},
	}
}

// TestFaults diagnoses each fault with the whole catalogue: a recorded account, and a live look at a server on this computer. With -v it prints
// what was found.
func TestFaults(t *testing.T) {
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC) // when the world was recorded
	authorities := newPKI(t, now)
	var mu sync.Mutex
	lines := map[string]string{}
	t.Run("all", func(t *testing.T) {
		for _, f := range faults() {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				b := &bench{pki: authorities, t: t, names: map[string]dnsReply{}}
				line := f.check(t, b)
				mu.Lock()
				defer mu.Unlock()
				lines[f.name] = line
			})
		}
	})
	var table strings.Builder
	for _, f := range faults() {
		table.WriteString(lines[f.name])
	}
	t.Logf("fault → cause, predicted status, evidence\n%s", table.String())
}

func (f fault) check(t *testing.T, b *bench) (line string) {
	port := f.start(b)
	d := diagnose(t, b, f, port)
	status := d.Report.Trace.Outcome.Status
	if status != f.status {
		t.Errorf("the simulation predicts %d, want %d\n%s", status, f.status, steps(d))
	}
	var critical []cause.Finding
	for _, list := range [][]cause.Finding{d.Result.Findings, d.Result.Proactive} {
		for _, found := range list {
			if !found.Cause.Proactive && found.Verdict.Likelihood() == cause.GradeConfirmed && found.Explains || found.Cause.ID == f.cause {
				critical = append(critical, found)
			}
		}
	}
	if f.cause == "" {
		if len(critical) > 0 {
			t.Errorf("it finds %s\n%s", critical[0].Cause.ID, steps(d))
		}
		return fmt.Sprintf("  %-34s → CloudFront does not mind, %d, %s\n", f.name, status, evidenceLine(nil, d))
	}
	if len(critical) != 1 || critical[0].Cause.ID != f.cause {
		for _, c := range critical {
			t.Logf("found %s %s", c.Cause.ID, c.Verdict.Likelihood())
		}
		t.Fatalf("want %s and nothing else\n%s", f.cause, steps(d))
	}
	found := critical[0]
	grade := f.grade
	if grade == "" {
		grade = "confirmed"
	}
	if string(found.Verdict.Likelihood()) != grade || !found.Explains {
		t.Errorf("%s is %s, explains=%t, want %s\n%s", f.cause, found.Verdict.Likelihood(), found.Explains, grade, steps(d))
	}
	cited := evidenceLine(&found, d)
	if cited == "" {
		t.Errorf("%s does not cite a probe: %+v", f.cause, found.Verdict.Evidence)
	}
	return fmt.Sprintf("  %-34s → %s (%s), %d, %s\n", f.name, f.cause, found.Verdict.Likelihood(), status, cited)
}

// diagnose asks the doctor about the world "server", its origin being on this computer.
func diagnose(t *testing.T, b *bench, f fault, port int) *doctor.Case {
	t.Helper()
	text := "world server\nforget probe:DNS\nforget probe:TLS\nforget probe:HTTP\n" + setting("OriginReadTimeout", "1") + f.world
	if port != 0 {
		text += setting("HTTPSPort", strconv.Itoa(port)) + setting("HTTPPort", strconv.Itoa(port))
		b.extra = append(b.extra, probe.Override{Host: originName, Port: port, Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}})
	}
	c, err := worldtest.Parse(text + "ask GET /catalog " + strconv.Itoa(f.code) + "\n")
	if err != nil {
		t.Fatal(err)
	}
	account, err := bundle.Parse(bytes.NewReader(c.Bundle()), c.World, bundle.MaxSize)
	if err != nil {
		t.Fatal(err)
	}
	door, err := probe.New(probe.Options{
		Resolvers: []string{b.resolver()}, Resolve: b.extra, Roots: b.trusted, Now: func() time.Time { return b.now },
		HandshakeTimeout: 2 * time.Second, BodyTimeout: 2 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	source := probe.Beside(account, door)
	defer source.Close()
	target, err := collect.ParseTarget(c.Target)
	if err != nil {
		t.Fatal(err)
	}
	d := &doctor.Doctor{Catalogue: causes.All(), Version: "test"}
	out, err := d.Diagnose(t.Context(), source, account.CapturedAt, doctor.Question{
		Target: target, Request: c.Request, PathGiven: true, Code: f.code, Proactive: true, Active: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// evidenceLine is the first evidence that a probe gave, of a finding or else of the handshake's step.
func evidenceLine(f *cause.Finding, d *doctor.Case) string {
	refs := stepRefs(d)
	if f != nil {
		refs = f.Verdict.Evidence
	}
	for _, ref := range refs {
		if strings.HasPrefix(ref.Call, observed.Service+":") && ref.Value != "" {
			line := fmt.Sprintf("%s %s %s = %s", ref.Call, ref.Resource, ref.Field, ref.Value)
			if ref.Note != "" {
				line += " (" + ref.Note + ")"
			}
			return line
		}
	}
	return ""
}

func setting(member, value string) string {
	return "set cloudfront:GetDistribution Distribution.DistributionConfig.Origins.Items[Id=web].CustomOriginConfig." + member + " " + value + "\n"
}

// The servers.

// healthy answers every request with 200.
func healthy(c net.Conn) { answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")(c) }

func (b *bench) tls(config *tls.Config, handle func(net.Conn)) int {
	return serve(b.t, func(conn net.Conn) {
		server := tls.Server(conn, config)
		if server.Handshake() == nil {
			handle(server)
			server.Close()
		}
	})
}

func withLeaf(change func(*bench, *x509.Certificate)) func(*bench) int {
	return func(b *bench) int {
		leaf := b.leaf(b.t, newECDSA(b.t, elliptic.P256()), func(c *x509.Certificate) { change(b, c) })
		return b.tls(&tls.Config{Certificates: []tls.Certificate{leaf}}, healthy)
	}
}

func speaking(handle func(net.Conn)) func(*bench) int {
	return func(b *bench) int {
		return b.tls(&tls.Config{Certificates: []tls.Certificate{b.leaf(b.t, newECDSA(b.t, elliptic.P256()), nil)}}, handle)
	}
}

func plain(handle func(net.Conn)) func(*bench) int {
	return func(b *bench) int { return serve(b.t, handle) }
}

func selfSigned(b *bench) int {
	own := b.issue(b.t, nil, newECDSA(b.t, elliptic.P256()), func(*x509.Certificate) {})
	return b.tls(&tls.Config{Certificates: []tls.Certificate{chain(own.key, own)}}, healthy)
}

func unknownAuthority(b *bench) int {
	l := b.issue(b.t, &b.unknown, newECDSA(b.t, elliptic.P256()), func(*x509.Certificate) {})
	return b.tls(&tls.Config{Certificates: []tls.Certificate{chain(l.key, l, b.unknown)}}, healthy)
}

// missingIntermediate publishes the intermediate where the certificate says, as public authorities do.
func missingIntermediate(b *bench) int {
	der := b.intermediate.cert.Raw
	published := serve(b.t, answering(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/pkix-cert\r\nContent-Length: %d\r\n\r\n%s", len(der), der)))
	b.extra = append(b.extra, probe.Override{Host: "issuers.example", Port: published, Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}})
	l := b.issue(b.t, &b.intermediate, newECDSA(b.t, elliptic.P256()), func(c *x509.Certificate) {
		c.IssuingCertificateURL = []string{"http://issuers.example:" + strconv.Itoa(published) + "/intermediate.der"}
	})
	return b.tls(&tls.Config{Certificates: []tls.Certificate{chain(l.key, l)}}, healthy)
}

func wrongOrder(b *bench) int {
	l := b.issue(b.t, &b.intermediate, newECDSA(b.t, elliptic.P256()), func(*x509.Certificate) {})
	return b.tls(&tls.Config{Certificates: []tls.Certificate{chain(l.key, l, b.root, b.intermediate)}}, healthy)
}

func signedWithSHA1(b *bench) int {
	root := b.issue(b.t, nil, newRSA(b.t, 2048), func(c *x509.Certificate) {
		c.Subject, c.IsCA, c.BasicConstraintsValid, c.KeyUsage = pkix.Name{CommonName: "Old Root"}, true, true, x509.KeyUsageCertSign
	})
	pool := b.trusted.Clone()
	pool.AddCert(root.cert)
	l := b.issue(b.t, &root, newECDSA(b.t, elliptic.P256()), func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA1WithRSA })
	b.pki = &pki{now: b.now, root: b.root, intermediate: b.intermediate, unknown: b.unknown, trusted: pool}
	return b.tls(&tls.Config{Certificates: []tls.Certificate{chain(l.key, l)}}, healthy)
}

func rsa1024(b *bench) int {
	return b.tls(&tls.Config{Certificates: []tls.Certificate{b.leaf(b.t, newRSA(b.t, 1024), nil)}}, healthy)
}

func p521(b *bench) int {
	return b.tls(&tls.Config{Certificates: []tls.Certificate{b.leaf(b.t, newECDSA(b.t, elliptic.P521()), nil)}}, healthy)
}

func versions(oldest, newest uint16) func(*bench) int {
	return func(b *bench) int {
		return b.tls(&tls.Config{Certificates: []tls.Certificate{b.leaf(b.t, newRSA(b.t, 2048), nil)}, MinVersion: oldest, MaxVersion: newest}, healthy)
	}
}

func ciphers(suite uint16) func(*bench) int {
	return func(b *bench) int {
		return b.tls(&tls.Config{
			Certificates: []tls.Certificate{b.leaf(b.t, newRSA(b.t, 2048), nil)}, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite},
		}, healthy)
	}
}

func clientCertificate(kind tls.ClientAuthType) func(*bench) int {
	return func(b *bench) int {
		return b.tls(&tls.Config{Certificates: []tls.Certificate{b.leaf(b.t, newECDSA(b.t, elliptic.P256()), nil)}, ClientAuth: kind}, healthy)
	}
}

func httpsForHTTP(b *bench) int {
	server := &http.Server{Handler: http.NotFoundHandler(), ErrorLog: log.New(io.Discard, "", 0), TLSConfig: &tls.Config{Certificates: []tls.Certificate{b.leaf(b.t, newECDSA(b.t, elliptic.P256()), nil)}}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { server.Close() })
	go server.ServeTLS(l, "", "")
	return l.Addr().(*net.TCPAddr).Port
}

// alerting answers every hello with a fatal alert.
func alerting(code byte) func(*bench) int {
	return plain(func(c net.Conn) {
		head := make([]byte, 5)
		if _, err := io.ReadFull(c, head); err != nil {
			return
		}
		io.CopyN(io.Discard, c, int64(head[3])<<8|int64(head[4]))
		c.Write([]byte{21, 3, 3, 0, 2, 2, code})
	})
}

// answering reads a request's head and answers with a text.
func answering(text string) func(net.Conn) {
	return func(c net.Conn) {
		if readHead(c) {
			io.WriteString(c, text)
		}
	}
}

// readHead reads a request up to its empty line. What is no HTTP is no request.
func readHead(c net.Conn) bool {
	_, err := http.ReadRequest(bufio.NewReader(c))
	return err == nil
}

// silent holds a connection until the other side gives up.
func silent(c net.Conn) { io.Copy(io.Discard, c) }

// slow answers once the time that CloudFront waits is over, which is when the other side has gone.
func slow(c net.Conn) {
	silent(c)
	io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
}

func reset(c net.Conn) {
	c.Read(make([]byte, 1))
	c.(*net.TCPConn).SetLinger(0)
}

func refusing(b *bench) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func bigHeaders(kilobytes int) string {
	return "HTTP/1.1 200 OK\r\n" + strings.Repeat("Set-Cookie: "+strings.Repeat("x", 1000)+"\r\n", kilobytes) + "Content-Length: 0\r\n\r\n"
}

// named gives the origin's name an answer in DNS.
func named(reply dnsReply) func(*bench) int {
	return func(b *bench) int {
		b.names[originName] = reply
		return 0
	}
}

// steps is the way of the simulated request, for a test that fails.
func steps(d *doctor.Case) string {
	var out strings.Builder
	for _, s := range d.Report.Trace.Steps {
		if s.Verdict != "skipped" && s.Verdict != "pass" || strings.HasPrefix(s.Stage, "origin-") {
			fmt.Fprintf(&out, "  %s: %s %s\n", s.Stage, s.Verdict, s.Summary)
		}
	}
	for _, list := range [][]cause.Finding{d.Result.Findings, d.Result.Proactive} {
		for _, f := range list {
			fmt.Fprintf(&out, "  found %s %s explains=%t: %s\n", f.Cause.ID, f.Verdict.Likelihood(), f.Explains, f.Verdict.Summary)
		}
	}
	for _, n := range d.Result.NotChecked {
		if strings.HasPrefix(n.Cause.ID, "ORIGIN_") {
			fmt.Fprintf(&out, "  not checked %s: %s\n", n.Cause.ID, n.Because)
		}
	}
	for _, n := range d.Result.RuledOut {
		if strings.HasPrefix(n.Cause.ID, "ORIGIN_") {
			fmt.Fprintf(&out, "  ruled out %s: %s\n", n.Cause.ID, n.Because)
		}
	}
	return out.String()
}

// stepRefs is the evidence of the stages, the handshake's first.
func stepRefs(d *doctor.Case) (out []evidence.Ref) {
	for _, id := range []string{"origin-tls", "origin-connection", "origin-dns"} {
		for _, s := range d.Report.Trace.Steps {
			if s.Stage == id {
				out = append(out, s.Evidence...)
			}
		}
	}
	return out
}
