package blackbox

import (
	"net/netip"
	"strings"
	"time"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/request"
)

func plainOf(t Target) request.Request {
	r := t.Request.Clone()
	r.Scheme = "http"
	return r
}

// readDNS reads where the name leads.
func (t Target) readDNS(w *evidence.World, r *Report) {
	d := &r.DNS
	d.Chain, d.Addresses, d.IPv6, d.HTTPS, d.CAA = []string{}, []string{}, []string{}, []string{}, []string{}
	host := t.Request.Host
	if _, err := netip.ParseAddr(host); err == nil || t.Pinned {
		d.State, d.Note = "given", "the address was given; DNS was not asked"
		return
	}
	four := observed.DNS(observed.DNSQuestion{Name: host, Type: "A"}).In(w)
	six := observed.DNS(observed.DNSQuestion{Name: host, Type: "AAAA"}).In(w)
	a, ok := four.Get()
	b, okSix := six.Get()
	switch {
	case !ok && !okSix:
		d.State, d.Note = Unknown, four.Why()
	case a.Absent():
		d.State, d.Note = "absent", "the name does not exist"
	case ok && okSix && len(a.Addresses)+len(b.Addresses) == 0 && a.Answered() && b.Answered():
		d.State, d.Note = "absent", "the name has no address"
	case ok && !a.Answered():
		d.State, d.Note = Unknown, "the DNS server says "+a.Rcode
	default:
		d.State = "known"
	}
	d.Resolver = a.Resolver
	d.Chain, d.Addresses, d.IPv6 = texts(a.Chain), texts(a.Addresses), texts(b.Addresses)
	if len(d.Chain) == 0 {
		d.Chain = texts(b.Chain)
	}
	for _, name := range append([]string{host}, d.Chain...) {
		if cloudfront.ClassifyEndpoint(name).Kind == cloudfront.KindCloudFront {
			d.Target = strings.TrimSuffix(name, ".")
		}
	}
	d.HTTPS = texts(observed.DNS(observed.DNSQuestion{Name: host, Type: "HTTPS"}).In(w).Or(observed.DNSAnswer{}).Records)
	for _, name := range authorizers(w, host) {
		d.CAA = append(d.CAA, observed.DNS(observed.DNSQuestion{Name: name, Type: "CAA"}).In(w).Or(observed.DNSAnswer{}).Records...)
	}
}

// readTLS reads the handshakes.
func (t Target) readTLS(w *evidence.World, r *Report) {
	q, ok := t.handshake()
	if !ok {
		return
	}
	fact := observed.TLS(q).In(w)
	out := &TLS{State: Unknown}
	r.TLS = out
	h, ok := fact.Get()
	if !ok {
		out.Note = fact.Why()
		return
	}
	out.State, out.Address, out.Version, out.Cipher, out.Protocol = "known", h.Address, h.Version, h.Cipher, h.Protocol
	if h.Failure != "" {
		out.Failure = failureWords(h.Failure)
		if h.Error != "" {
			out.Note = h.Error
		}
		if h.Alert != "" {
			out.Note = "alert " + h.Alert
		}
	}
	out.OldAccepted = oldAccepted(observed.TLS(oldVersions(q)).In(w))
	leaf, ok := h.Leaf()
	if !ok {
		return
	}
	names := leaf.AllNames()
	out.Certificate = &Certificate{
		Subject: leaf.Subject, Issuer: leaf.Issuer, Names: texts(names), Covers: cloudfront.CertCovers(names, t.Request.Host),
		NotBefore: leaf.NotBefore.UTC().Format(time.RFC3339), NotAfter: leaf.NotAfter.UTC().Format(time.RFC3339),
		DaysLeft: int(leaf.NotAfter.Sub(w.Now).Hours() / 24), Key: leaf.Key, Trust: string(h.Trust),
	}
}

// oldAccepted tells whether TLS 1.0 or 1.1 is taken. Only a refusal of the versions says that it is not.
func oldAccepted(fact evidence.Fact[observed.Handshake]) *bool {
	h, ok := fact.Get()
	if !ok {
		return nil
	}
	yes := h.Version == "TLSv1" || h.Version == "TLSv1.1"
	if !yes && h.Failure != observed.NoCommonProtocol {
		return nil
	}
	return &yes
}
