package probe

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"cfdoctor/internal/observed"
)

// maxFetched bounds how many missing issuers are fetched of one chain.
const maxFetched = 2

// describe notes a chain and how it leads to an authority. Where it ends too early, the issuers that its certificates point at are fetched,
// to tell a missing intermediate from an authority that nobody trusts.
func (d *Door) describe(ctx context.Context, h *observed.Handshake, der [][]byte) {
	h.Chain = nil
	var chain []*x509.Certificate
	for _, raw := range der {
		c, err := x509.ParseCertificate(raw)
		if err != nil {
			h.Chain = append(h.Chain, observed.Certificate{DER: raw, Subject: "cannot be read: " + err.Error()})
			continue
		}
		chain = append(chain, c)
		h.Chain = append(h.Chain, describe(c))
	}
	now := d.opts.Now()
	h.Trust = observed.ChainTrust(chain, nil, d.roots, now)
	if h.Trust == observed.UnknownIssuer {
		fetched := d.fetchIssuers(ctx, chain)
		for _, c := range fetched {
			h.Fetched = append(h.Fetched, describe(c))
		}
		h.Trust = observed.ChainTrust(chain, fetched, d.roots, now)
	}
	if d.rootless && (h.Trust == observed.UnknownRoot || h.Trust == observed.UnknownIssuer) {
		h.Trust = "" // this computer knows no authorities, so it cannot tell
	}
}

func describe(c *x509.Certificate) observed.Certificate {
	sum := sha256.Sum256(c.Raw)
	out := observed.Certificate{
		DER: c.Raw, Subject: c.Subject.String(), Issuer: c.Issuer.String(), CommonName: c.Subject.CommonName, Names: c.DNSNames,
		NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), Signature: c.SignatureAlgorithm.String(), SHA256: hex.EncodeToString(sum[:]),
	}
	for _, ip := range c.IPAddresses {
		out.Names = append(out.Names, ip.String())
	}
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		out.Key = fmt.Sprintf("RSA %d", key.N.BitLen())
	case *ecdsa.PublicKey:
		out.Key = "ECDSA " + key.Curve.Params().Name
	case ed25519.PublicKey:
		out.Key = "Ed25519"
	default:
		out.Key = c.PublicKeyAlgorithm.String()
	}
	return out
}

// fetchIssuers follows the issuers that certificates point at (RFC 5280, 4.2.2.1), over plain HTTP as that is how they are published, from the
// end of the chain.
func (d *Door) fetchIssuers(ctx context.Context, chain []*x509.Certificate) (fetched []*x509.Certificate) {
	last := endOf(chain)
	for last != nil && len(fetched) < maxFetched && !bytes.Equal(last.RawIssuer, last.RawSubject) {
		next := d.fetchIssuer(ctx, last)
		if next == nil {
			break
		}
		fetched = append(fetched, next)
		last = next
	}
	return fetched
}

// endOf is the certificate at which the way from the first one ends.
func endOf(chain []*x509.Certificate) *x509.Certificate {
	if len(chain) == 0 {
		return nil
	}
	last := chain[0]
	for range chain {
		for _, c := range chain {
			if c != last && bytes.Equal(last.RawIssuer, c.RawSubject) {
				last = c
			}
		}
	}
	return last
}

func (d *Door) fetchIssuer(ctx context.Context, c *x509.Certificate) *x509.Certificate {
	for _, location := range c.IssuingCertificateURL {
		u, err := url.Parse(location)
		if err != nil || u.Scheme != "http" || u.Hostname() == "" || d.count() != nil {
			continue
		}
		port := 80
		if p, err := strconv.Atoi(u.Port()); err == nil {
			port = p
		}
		body, ok := d.fetch(ctx, observed.HTTPQuestion{Scheme: "http", Host: strings.ToLower(u.Hostname()), Port: port, Method: "GET", Path: u.RequestURI()})
		if !ok {
			continue
		}
		issuer, err := x509.ParseCertificate(body)
		if err == nil && bytes.Equal(c.RawIssuer, issuer.RawSubject) {
			return issuer
		}
	}
	return nil
}
