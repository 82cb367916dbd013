package e2e

import (
	"bufio"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cfdoctor/internal/active"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/probe"
)

// authority writes certificates for servers that are no part of this project.
type authority struct {
	folder             string
	root, intermediate *x509.Certificate
	rootKey, key       crypto.Signer
	pool               *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	a := &authority{folder: t.TempDir(), pool: x509.NewCertPool(), rootKey: rsaKey(t, 2048), key: rsaKey(t, 2048)}
	ca := func(name string) *x509.Certificate {
		return &x509.Certificate{
			Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		}
	}
	a.root = a.sign(t, ca("Test Root"), ca("Test Root"), a.rootKey.Public(), a.rootKey)
	a.intermediate = a.sign(t, ca("Test Intermediate"), a.root, a.key.Public(), a.rootKey)
	a.pool.AddCert(a.root)
	a.write(t, "root.pem", pemBlock(a.root))
	a.write(t, "whole.pem", pemBlock(a.intermediate))
	a.write(t, "order.pem", pemBlock(a.root)+pemBlock(a.intermediate))
	return a
}

func (a *authority) sign(t *testing.T, c, parent *x509.Certificate, key crypto.PublicKey, signer crypto.Signer) *x509.Certificate {
	t.Helper()
	c.SerialNumber, _ = rand.Int(rand.Reader, big.NewInt(1<<62))
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key, signer)
	if err != nil {
		t.Fatal(err)
	}
	out, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// server writes a certificate for localhost and its key, and returns the arguments by which openssl finds them.
func (a *authority) server(t *testing.T, name string, key crypto.Signer, change func(*x509.Certificate)) []string {
	c := &x509.Certificate{
		Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(12 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	change(c)
	leaf := a.sign(t, c, a.intermediate, key.Public(), a.key)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert := a.write(t, name+".pem", pemBlock(leaf))
	private := a.write(t, name+".key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	return []string{"-cert", cert, "-key", private}
}

func (a *authority) write(t *testing.T, name, text string) string {
	path := filepath.Join(a.folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func pemBlock(c *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
}

func rsaKey(t *testing.T, bits int) crypto.Signer {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func ecKey(t *testing.T, curve elliptic.Curve) crypto.Signer {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func needsOpenSSL(t *testing.T) {
	if os.Getenv("CFDOCTOR_E2E") == "" {
		t.Skip("make e2e runs this test")
	}
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("there is no openssl on this computer")
	}
}

// sServer starts openssl s_server on a free port.
func sServer(t *testing.T, args ...string) (port int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "openssl", append([]string{"s_server", "-accept", "127.0.0.1:0", "-www"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints strings.Builder
	cmd.Stderr = &complaints
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "ACCEPT "); ok {
			port, err := strconv.Atoi(rest[strings.LastIndex(rest, ":")+1:])
			if err != nil {
				t.Fatal(rest)
			}
			go func() {
				for lines.Scan() {
				}
			}()
			return port
		}
	}
	t.Fatalf("s_server did not start: %s", complaints.String())
	return 0
}

// TestOpenSSLOrigins looks at OpenSSL's servers as CloudFront does, and checks that the command that is said to show the same does.
func TestOpenSSLOrigins(t *testing.T) {
	needsOpenSSL(t)
	a := newAuthority(t)
	none := func(*x509.Certificate) {}
	rsaServer := a.server(t, "rsa", rsaKey(t, 2048), none)
	whole := []string{"-cert_chain", filepath.Join(a.folder, "whole.pem")}
	other := a.server(t, "other", rsaKey(t, 2048), none)
	for _, tc := range []struct {
		name      string
		args      []string
		protocols []string // TLSv1.2 where nothing is said
		want      string   // failure, version, cipher, what is taken otherwise, client certificate, trust
	}{
		{"healthy", cat(rsaServer, whole), nil, "TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 trusted"},
		{"CBC with SHA-384 only", cat(rsaServer, whole, []string{"-tls1_2", "-cipher", "ECDHE-RSA-AES256-SHA384"}), nil, "TLSv1.2 ECDHE-RSA-AES256-SHA384 trusted"},
		{"RSA key exchange", cat(rsaServer, whole, []string{"-tls1_2", "-cipher", "AES128-SHA"}), nil, "TLSv1.2 AES128-SHA trusted"},
		{"DHE only", cat(rsaServer, whole, []string{"-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"}), nil, "no-common-cipher (TLSv1.2 DHE-RSA-AES128-GCM-SHA256) trusted"},
		{"Camellia only", cat(rsaServer, whole, []string{"-tls1_2", "-cipher", "ECDHE-RSA-CAMELLIA128-SHA256"}), nil, "no-common-cipher (TLSv1.2 ECDHE-RSA-CAMELLIA128-SHA256) trusted"},
		{"TLS 1.3 only", cat(rsaServer, whole, []string{"-tls1_3"}), nil, "no-common-protocol (TLSv1.3 TLS_AES_128_GCM_SHA256) trusted"},
		{"TLS 1.0 only", cat(rsaServer, whole, []string{"-tls1", "-cipher", "ALL:@SECLEVEL=0"}), nil, "no-common-protocol (TLSv1 ECDHE-RSA-AES256-SHA) trusted"},
		{"TLS 1.0 offered", cat(rsaServer, whole, []string{"-tls1", "-cipher", "ALL:@SECLEVEL=0"}), []string{"TLSv1", "TLSv1.2"}, "TLSv1 ECDHE-RSA-AES256-SHA trusted"},
		{"SSL 3 offered", cat(rsaServer, whole), []string{"SSLv3"}, "no-common-protocol (TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384) trusted"},
		{"ECDSA P-256", cat(a.server(t, "p256", ecKey(t, elliptic.P256()), none), whole), nil, "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384 trusted"},
		{"ECDSA P-521", cat(a.server(t, "p521", ecKey(t, elliptic.P521()), none), whole), nil, "no-common-cipher (TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384) trusted"},
		{"client certificate required", cat(rsaServer, whole, []string{"-Verify", "1"}), nil, "TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 required trusted"},
		{"client certificate requested", cat(rsaServer, whole, []string{"-verify", "1"}), nil, "TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 requested trusted"},
		{"another server name", cat(rsaServer, whole, []string{"-servername", "www.example.com", "-servername_fatal", "-cert2", other[1], "-key2", other[3]}), nil, "unrecognized-name"},
		{"chain out of order", cat(rsaServer, []string{"-cert_chain", filepath.Join(a.folder, "order.pem")}), nil, "TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 wrong-order"},
		{"no chain", cat(rsaServer, []string{"-no-CAfile", "-no-CApath"}), nil, "TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 unknown-issuer"},
		{"RSA 1024", cat(a.server(t, "small", rsaKey(t, 1024), none), whole, []string{"-cipher", "ALL:@SECLEVEL=0"}), nil, "TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 trusted"},
		{"SHA-1", cat(a.server(t, "sha1", rsaKey(t, 2048), func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA1WithRSA }), whole, []string{"-cipher", "ALL:@SECLEVEL=0"}), nil,
			"TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 weak-signature"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			port := sServer(t, tc.args...)
			if tc.protocols == nil {
				tc.protocols = []string{"TLSv1.2"}
			}
			read := observed.TLS(observed.TLSQuestion{Host: "localhost", Port: port, ServerName: "localhost", Protocols: tc.protocols})
			h := look(t, a, port, read)
			if got := inWords(h); got != tc.want {
				t.Errorf("seen %s, want %s (%s)", got, tc.want, h.Error)
			}
			if h.Failure == "" && h.ClientCertificate == "" {
				sameByHand(t, read.Call, h)
			}
		})
	}
}

func cat(lists ...[]string) (out []string) {
	for _, list := range lists {
		out = append(out, list...)
	}
	return out
}

// look makes a probe of a server on this computer.
func look[T any](t *testing.T, a *authority, port int, read evidence.Read[T]) (out T) {
	t.Helper()
	door, err := probe.New(probe.Options{
		Roots: a.pool, Resolve: []probe.Override{{Host: "localhost", Port: port, Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := door.Do(t.Context(), read.Call)
	if err != nil {
		t.Fatal(err)
	}
	if err := evidence.Decode(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func inWords(h observed.Handshake) string {
	words := []string{string(h.Failure), h.Version, h.Cipher}
	if h.Otherwise != nil {
		words = append(words, "("+h.Otherwise.Version+" "+h.Otherwise.Cipher+")")
	}
	return strings.Join(strings.Fields(strings.Join(append(words, h.ClientCertificate, string(h.Trust)), " ")), " ")
}

// sameByHand runs the command that stands for a handshake.
func sameByHand(t *testing.T, call evidence.Call, h observed.Handshake) {
	t.Helper()
	command, ok := active.Command(call, "")
	if !ok {
		t.Fatal("there is no command for the handshake")
	}
	out, err := exec.CommandContext(t.Context(), "sh", "-c", command).CombinedOutput()
	text := string(out)
	if !strings.Contains(text, "Cipher is "+h.Cipher) || strings.Count(text, "BEGIN CERTIFICATE") < len(h.Chain) {
		t.Errorf("%s (%v) shows something else than %s and %d certificates:\n%s", command, err, h.Cipher, len(h.Chain), text)
	}
}

// TestRequestByHand asks OpenSSL's server the same with a probe and with curl.
func TestRequestByHand(t *testing.T) {
	needsOpenSSL(t)
	a := newAuthority(t)
	port := sServer(t, cat(a.server(t, "rsa", rsaKey(t, 2048), func(*x509.Certificate) {}), []string{"-cert_chain", filepath.Join(a.folder, "whole.pem")})...)
	read := observed.HTTP(observed.HTTPQuestion{Scheme: "https", Host: "localhost", Port: port, ServerName: "localhost", Method: "GET", Path: "/it's?a=[1]&b=$x"})
	if answer := look(t, a, port, read); answer.Status != 200 || answer.Failure != "" && answer.Failure != observed.Truncated {
		t.Errorf("the answer is %+v", answer)
	}
	command, _ := active.Command(read.Call, "")
	curl := exec.CommandContext(t.Context(), "sh", "-c", command)
	curl.Env = append(os.Environ(), "CURL_CA_BUNDLE="+filepath.Join(a.folder, "root.pem"))
	out, _ := curl.CombinedOutput()
	if text := string(out); !strings.Contains(text, "> GET /it's?a=[1]&b=$x HTTP/1.1") || !strings.Contains(text, "200 ok") {
		t.Errorf("%s:\n%s", command, text)
	}
}

// TestNginxOrigin looks at a real web server, where there is one.
func TestNginxOrigin(t *testing.T) {
	needsOpenSSL(t)
	program, err := exec.LookPath("nginx")
	if err != nil {
		program, err = exec.LookPath("./.nginx/usr/sbin/nginx") // unpacked by setup.sh
	}
	if err != nil {
		t.Skip("there is no nginx on this computer: apt-get install nginx-light")
	}
	a := newAuthority(t)
	args := a.server(t, "nginx", rsaKey(t, 2048), func(*x509.Certificate) {})
	chain := a.write(t, "chain.pem", readFile(t, args[1])+pemBlock(a.intermediate))
	port := freePort(t)
	config := a.write(t, "nginx.conf", "daemon off; pid "+a.folder+"/nginx.pid; error_log "+a.folder+"/error.log; events {}\n"+
		"http { access_log off; client_body_temp_path "+a.folder+"/b; proxy_temp_path "+a.folder+"/p; fastcgi_temp_path "+a.folder+"/f; uwsgi_temp_path "+a.folder+"/u; scgi_temp_path "+a.folder+"/s;\n"+
		"server { listen 127.0.0.1:"+strconv.Itoa(port)+" ssl; ssl_certificate "+chain+"; ssl_certificate_key "+args[3]+"; ssl_protocols TLSv1.2;\n"+
		"location = /gone { return 404; } location / { return 200 ok; } } }\n")
	cmd := exec.CommandContext(t.Context(), program, "-p", a.folder, "-c", config)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	waitForPort(t, port)
	h := look(t, a, port, observed.TLS(observed.TLSQuestion{Host: "localhost", Port: port, ServerName: "localhost", Protocols: []string{"TLSv1.2"}}))
	if h.Failure != "" || h.Trust != observed.Trusted {
		t.Errorf("seen %s", inWords(h))
	}
	for scheme, want := range map[string]int{"https": 404, "http": 400} {
		q := observed.HTTPQuestion{Scheme: scheme, Host: "localhost", Port: port, ServerName: "localhost", Method: "GET", Path: "/gone"}
		if answer := look(t, a, port, observed.HTTP(q)); answer.Status != want || answer.WantsHTTPS() != (scheme == "http") {
			t.Errorf("%s: %+v", scheme, answer)
		}
	}
}

func readFile(t *testing.T, path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// waitForPort returns once a program that was started listens.
func waitForPort(t *testing.T, port int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		conn, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err == nil {
			conn.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("nothing listens")
}
