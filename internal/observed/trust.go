package observed

import (
	"bytes"
	"crypto/x509"
	"errors"
	"strings"
	"time"
)

// ChainTrust judges how a chain, the server's certificate first, leads to one of the roots, and with which of the fetched certificates' help.
// Dates are left out of it: an expired certificate of a trusted authority is trusted here. Now only says at which time to look at the roots.
//
// CloudFront wants the whole chain, in order, up to a public authority (DG/http-502-bad-gateway). A browser is content with less, so each of
// the ways in which a browser would still succeed has a name of its own.
func ChainTrust(chain, fetched []*x509.Certificate, roots *x509.CertPool, now time.Time) Trust {
	if len(chain) == 0 {
		return ""
	}
	p := pathFinder{roots: roots, now: now}
	if p.inOrder(chain) {
		return p.verdict(Trusted)
	}
	p.weak = false
	if p.search(chain[0], chain[1:], len(chain)) {
		return p.verdict(WrongOrder)
	}
	p.weak = false
	all := append(append([]*x509.Certificate(nil), chain[1:]...), fetched...)
	if p.search(chain[0], all, len(all)+1) {
		return p.verdict(Incomplete)
	}
	switch {
	case ownIssuer(chain[0]):
		return SelfSigned
	case p.endsAtRoot(chain[0], all, len(all)+1):
		return UnknownRoot
	}
	return UnknownIssuer
}

// pathFinder looks for a way from a certificate to a root.
type pathFinder struct {
	roots *x509.CertPool
	now   time.Time
	weak  bool // the way that was found has a signature that is no longer accepted
}

func (p *pathFinder) verdict(t Trust) Trust {
	if p.weak {
		return WeakSignature
	}
	return t
}

// inOrder walks the chain as it was presented.
func (p *pathFinder) inOrder(chain []*x509.Certificate) bool {
	for i, c := range chain {
		if p.issuedByRoot(c) {
			return true
		}
		if i+1 == len(chain) || !p.signedBy(c, chain[i+1]) {
			return false
		}
	}
	return false
}

// search walks from a certificate over any others, in any order.
func (p *pathFinder) search(from *x509.Certificate, others []*x509.Certificate, steps int) bool {
	if p.issuedByRoot(from) {
		return true
	}
	for _, next := range others {
		if steps > 0 && next != from && p.signedBy(from, next) && p.search(next, others, steps-1) {
			return true
		}
	}
	return false
}

// endsAtRoot reports whether the way ends at a certificate that signed itself, which is then not a trusted one.
func (p *pathFinder) endsAtRoot(from *x509.Certificate, others []*x509.Certificate, steps int) bool {
	if ownIssuer(from) {
		return true
	}
	for _, next := range others {
		if steps > 0 && next != from && p.signedBy(from, next) && p.endsAtRoot(next, others, steps-1) {
			return true
		}
	}
	return false
}

// issuedByRoot reports whether a root signed the certificate, or is it.
func (p *pathFinder) issuedByRoot(c *x509.Certificate) bool {
	at := p.now
	if at.Before(c.NotBefore) {
		at = c.NotBefore
	} else if at.After(c.NotAfter) {
		at = c.NotAfter
	}
	_, err := c.Verify(x509.VerifyOptions{
		Roots: p.roots, Intermediates: x509.NewCertPool(), CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil && strings.Contains(err.Error(), "insecure algorithm") {
		p.weak = true // package x509 hides the error in a hint
		return true
	}
	return err == nil
}

func (p *pathFinder) signedBy(child, parent *x509.Certificate) bool {
	if !bytes.Equal(child.RawIssuer, parent.RawSubject) {
		return false
	}
	err := child.CheckSignatureFrom(parent)
	var insecure x509.InsecureAlgorithmError
	if errors.As(err, &insecure) {
		p.weak = true
		return true
	}
	return err == nil
}

// ownIssuer reports whether a certificate names itself as its issuer.
func ownIssuer(c *x509.Certificate) bool { return bytes.Equal(c.RawIssuer, c.RawSubject) }
