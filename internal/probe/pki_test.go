package probe_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"
)

// issued is a certificate with its key.
type issued struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// pki is a small world of authorities: a trusted root with an intermediate, and a root that nobody trusts.
type pki struct {
	now                         time.Time
	root, intermediate, unknown issued
	trusted                     *x509.CertPool
}

func newPKI(t testing.TB, now time.Time) *pki {
	p := &pki{now: now, trusted: x509.NewCertPool()}
	p.root = p.authority(t, "Test Root", nil)
	p.intermediate = p.authority(t, "Test Intermediate", &p.root)
	p.unknown = p.authority(t, "Somebody's Own Root", nil)
	p.trusted.AddCert(p.root.cert)
	return p
}

func (p *pki) authority(t testing.TB, name string, parent *issued) issued {
	return p.issue(t, parent, newECDSA(t, elliptic.P256()), func(c *x509.Certificate) {
		c.Subject = pkix.Name{CommonName: name}
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
		c.NotBefore, c.NotAfter = p.now.AddDate(-2, 0, 0), p.now.AddDate(8, 0, 0)
	})
}

// issue makes a certificate; parent nil signs it with its own key.
func (p *pki) issue(t testing.TB, parent *issued, key crypto.Signer, change func(*x509.Certificate)) issued {
	t.Helper()
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: originName}, DNSNames: []string{originName},
		NotBefore: p.now.AddDate(0, -1, 0), NotAfter: p.now.AddDate(0, 2, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	change(c)
	signer, signerKey := c, key
	if parent != nil {
		signer, signerKey = parent.cert, parent.key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, signer, key.Public(), signerKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return issued{cert, key}
}

// leaf makes a server's certificate of the intermediate's, and the chain that a healthy server presents.
func (p *pki) leaf(t testing.TB, key crypto.Signer, change func(*x509.Certificate)) tls.Certificate {
	if change == nil {
		change = func(*x509.Certificate) {}
	}
	l := p.issue(t, &p.intermediate, key, change)
	return chain(l.key, l, p.intermediate)
}

func chain(key crypto.Signer, certificates ...issued) tls.Certificate {
	out := tls.Certificate{PrivateKey: key}
	for _, c := range certificates {
		out.Certificate = append(out.Certificate, c.cert.Raw)
	}
	return out
}

func newECDSA(t testing.TB, curve elliptic.Curve) crypto.Signer {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newRSA(t testing.TB, bits int) crypto.Signer {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// serve takes connections until the test ends.
func serve(t testing.TB, handle func(net.Conn)) (port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				handle(conn)
			}()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

func pemOf(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
