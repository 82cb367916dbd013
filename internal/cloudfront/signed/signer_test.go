package signed

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// toURL is the inverse of fromURL, written apart from it.
func toURL(data []byte) string {
	return strings.NewReplacer("+", "-", "=", "_", "/", "~").Replace(base64.StdEncoding.EncodeToString(data))
}

// signer is what a customer's application does: it exists for tests only.
type signer struct {
	id      string
	private crypto.Signer
	hash    crypto.Hash
}

func (s signer) sign(t testing.TB, text string) string {
	t.Helper()
	sig, err := s.private.Sign(rand.Reader, digest(s.hash, []byte(text)), s.hash)
	if err != nil {
		t.Fatal(err)
	}
	return toURL(sig)
}

func (s signer) key(t testing.TB) Key {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(s.private.Public())
	if err != nil {
		t.Fatal(err)
	}
	return Key{ID: s.id, PEM: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))}
}

// canned returns the query string of url signed with a canned policy.
func (s signer) canned(t testing.TB, url string, expires int64) string {
	t.Helper()
	text := fmt.Sprintf(`{"Statement":[{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":%d}}}]}`, url, expires)
	return s.query(url, fmt.Sprintf("Expires=%d", expires), s.sign(t, text))
}

// custom returns the query string of url signed with a custom policy.
func (s signer) custom(t testing.TB, url, policy string) string {
	t.Helper()
	return s.query(url, "Policy="+toURL([]byte(policy)), s.sign(t, policy))
}

func (s signer) query(url, grant, signature string) string {
	_, own, has := strings.Cut(url, "?")
	if has {
		own += "&"
	}
	own += grant + "&Signature=" + signature + "&Key-Pair-Id=" + s.id
	if s.hash == crypto.SHA256 {
		own += "&Hash-Algorithm=SHA256"
	}
	return own
}

var makeSigners = sync.OnceValue(func() []signer {
	var out []signer
	for i := range 2 {
		r, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		e, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
			out = append(out,
				signer{fmt.Sprintf("KRSA%d%s", i, hashName(h)), r, h},
				signer{fmt.Sprintf("KECDSA%d%s", i, hashName(h)), e, h})
		}
	}
	return out
})

// firstSigners have distinct ids and share no private key with otherSigners.
func firstSigners() []signer { return makeSigners()[:4] }
func otherSigners() []signer { return makeSigners()[4:] }

func keysOf(t testing.TB, signers ...signer) []Key {
	t.Helper()
	var out []Key
	for _, s := range signers {
		out = append(out, s.key(t))
	}
	return out
}
