package signed

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha1" // CloudFront's default hash for signed URLs; verified here, never made
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// Key is a public key that the cache behavior trusts, through a key group or a trusted signer.
type Key struct {
	ID  string // Key-Pair-Id: K… of a public key, APKA… of a trusted signer's key pair
	PEM string // PublicKeyConfig.EncodedKey; "" when it could not be read, as for trusted signers always
}

// minRSABits is the least that any CloudFront key has, and the least that the standard library verifies.
const minRSABits = 1024

// parse reads the key. CloudFront takes RSA and ECDSA P-256 keys (DG/private-content-trusted-signers).
func (k Key) parse() (crypto.PublicKey, error) {
	if k.PEM == "" {
		return nil, errors.New("its public key was not read")
	}
	block, _ := pem.Decode([]byte(k.PEM))
	if block == nil {
		return nil, errors.New("its public key is not PEM")
	}
	var key any
	var err error
	if block.Type == "RSA PUBLIC KEY" {
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	} else {
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	}
	if err != nil {
		return nil, errors.New("its public key cannot be parsed")
	}
	switch key := key.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() >= minRSABits {
			return key, nil
		}
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P256() {
			return key, nil
		}
	}
	return nil, fmt.Errorf("its public key (%T) is of a kind that CloudFront does not take", key)
}

// hashes returns the hashes to try for a Hash-Algorithm value, and whether the guide knows the value.
// Absent means SHA-1 (DG/private-content-creating-signed-url-canned-policy).
func hashes(algorithm string) (try []crypto.Hash, known bool) {
	switch algorithm {
	case "", "SHA1":
		return []crypto.Hash{crypto.SHA1}, true
	case "SHA256":
		return []crypto.Hash{crypto.SHA256}, true
	}
	return []crypto.Hash{crypto.SHA1, crypto.SHA256}, false
}

func otherHash(h crypto.Hash) crypto.Hash {
	if h == crypto.SHA1 {
		return crypto.SHA256
	}
	return crypto.SHA1
}

// hashName is the value of Hash-Algorithm for h.
func hashName(h crypto.Hash) string { return strings.ReplaceAll(h.String(), "-", "") }

func digest(h crypto.Hash, text []byte) []byte {
	if h == crypto.SHA256 {
		sum := sha256.Sum256(text)
		return sum[:]
	}
	sum := sha1.Sum(text)
	return sum[:]
}

// verifies reports whether signature is key's over text: RSA PKCS #1 v1.5, or ECDSA in ASN.1 DER.
func verifies(key crypto.PublicKey, h crypto.Hash, text, signature []byte) bool {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, h, digest(h, text), signature) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(key, digest(h, text), signature)
	}
	return false
}

// otherScheme names the signature scheme that made signature when it is the right key's but not in the
// form that CloudFront verifies: RSA-PSS, or an ECDSA signature as two bare numbers (IEEE P1363, WebCrypto).
func otherScheme(key crypto.PublicKey, h crypto.Hash, text, signature []byte) string {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if rsa.VerifyPSS(key, h, digest(h, text), signature, nil) == nil {
			return "RSA-PSS; CloudFront verifies RSA with PKCS #1 v1.5"
		}
	case *ecdsa.PublicKey:
		if half := len(signature) / 2; half == 32 && len(signature) == 64 {
			der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:])})
			if err == nil && ecdsa.VerifyASN1(key, digest(h, text), der) {
				return "ECDSA as two bare numbers (IEEE P1363); CloudFront expects ASN.1 DER"
			}
		}
	}
	return ""
}
