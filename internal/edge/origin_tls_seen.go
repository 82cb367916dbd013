package edge

import (
	"slices"
	"strings"
	"time"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
)

// seeTLS judges the handshake that active validation made as CloudFront makes it. What the server really presents comes before what a listener
// is set to present. Done is false where nobody looked, or where the look tells nothing.
func (x *Exchange) seeTLS(t *OriginTLS) (step Step, done bool) {
	h, ok := x.Seen.TLS.Get()
	if !ok || !h.Failure.Connects() {
		return Step{}, false
	}
	t.Seen = true
	t.Problems = x.handshakeProblems(t, h)
	if len(t.Problems) == 0 {
		return x.soundHandshake(t, h), true
	}
	t.Problem = t.Problems[0]
	words, refs := x.handshakeWords(t, h)
	switch {
	case t.Problem == TLSProtocol && h.Otherwise != nil && h.Otherwise.Version == string(cloudfront.TLSv13):
		// DG/secure-connections-supported-ciphers-cloudfront-to-origin lists no TLS 1.3, DG/RequestAndResponseBehaviorCustomOrigin names it.
		return x.Unsure(Alternative{Status: 502, If: "CloudFront does not offer TLS 1.3 to this origin, which takes nothing older"}, "%s", words).WithEvidence(refs...), true
	case t.Problem == TLSCipher && h.Failure == "":
		// The server did not look at the curves that it was offered (DG/secure-connections-supported-ciphers-cloudfront-to-origin lists three).
		return x.Unsure(Alternative{Status: 502, If: "CloudFront does not take keys on curves that it does not offer"}, "%s", words).WithEvidence(refs...), true
	case t.Problem == TLSName && !x.Forwarded.HeadersKnown:
		return x.Unsure(Alternative{Status: 502, If: "the viewer's Host header is not forwarded"}, "%s", words).WithEvidence(refs...), true
	case t.Problem == TLSClient && h.ClientCertificate != observed.ClientCertificateRequired:
		// The guide says that CloudFront drops such a connection (DG/RequestAndResponseBehaviorCustomOrigin); the server would have gone on.
		return x.Unsure(Alternative{Status: 502, If: "CloudFront drops connections to origins that ask for a client certificate without demanding one"}, "%s", words).
			WithEvidence(refs...), true
	case t.Problem == TLSWeak:
		x.failed = connectFailed
		return x.Guess(502, ByCloudFront, "%s", words).WithEvidence(refs...), true
	case t.Problem == TLSSilent:
		x.failed = timedOut
		x.possibly(Alternative{Status: 502, If: "CloudFront takes a handshake without an answer for a failed connection"})
		return x.Guess(504, ByCloudFront, "%s", words).WithEvidence(refs...), true
	}
	x.failed = connectFailed
	return x.Stop(502, ByCloudFront, "%s", words).WithEvidence(refs...), true
}

// handshakeProblems lists what is wrong with a handshake, what shows first in front.
func (x *Exchange) handshakeProblems(t *OriginTLS, h observed.Handshake) (out []TLSProblem) {
	switch h.Failure {
	case observed.NotTLS, observed.PlainHTTP:
		return []TLSProblem{TLSNotSpoken}
	case observed.HandshakeTimeout:
		return []TLSProblem{TLSSilent}
	case observed.HandshakeReset, observed.HandshakeMalformed:
		return []TLSProblem{TLSClosed}
	case observed.NoCommonProtocol:
		return []TLSProblem{TLSProtocol}
	case observed.NoCommonCipher:
		return []TLSProblem{TLSCipher}
	case observed.UnrecognizedName:
		return []TLSProblem{TLSName}
	case observed.CertificateWanted:
		return []TLSProblem{TLSClient}
	case observed.HandshakeRefused:
		return []TLSProblem{TLSRefused}
	}
	if curve, ok := strings.CutPrefix(keyOf(h), "ECDSA "); ok && curve != "P-256" && curve != "P-384" {
		out = append(out, TLSCipher)
	}
	if h.ClientCertificate != "" && !x.presentsCertificate() {
		out = append(out, TLSClient)
	}
	if _, late := outOfDate(h, x.Model.World.Now); late {
		out = append(out, TLSExpired)
	}
	if leaf, ok := h.Leaf(); ok && !slices.ContainsFunc(t.Names, func(name string) bool { return cloudfront.CertCovers(leaf.AllNames(), name) }) {
		out = append(out, TLSName)
	}
	switch h.Trust {
	case observed.SelfSigned:
		out = append(out, TLSSelfSigned)
	case observed.UnknownRoot, observed.UnknownIssuer:
		out = append(out, TLSUntrusted)
	case observed.Incomplete:
		out = append(out, TLSIncomplete)
	case observed.WrongOrder:
		out = append(out, TLSOrder)
	case observed.WeakSignature:
		out = append(out, TLSWeak)
	}
	return out
}

func keyOf(h observed.Handshake) string {
	leaf, _ := h.Leaf()
	return leaf.Key
}

// presentsCertificate reports whether CloudFront has a client certificate for the origin (DG/origin-mtls-authentication).
func (x *Exchange) presentsCertificate() bool {
	c := x.Origin.Config.CustomOriginConfig
	return c != nil && c.OriginMtlsConfig != nil && str(c.OriginMtlsConfig.ClientCertificateArn) != ""
}

// outOfDate finds the first certificate of a chain that is not valid at a time.
func outOfDate(h observed.Handshake, now time.Time) (index int, found bool) {
	for i, c := range h.Chain {
		if !c.NotAfter.IsZero() && now.After(c.NotAfter) || !c.NotBefore.IsZero() && now.Before(c.NotBefore) {
			return i, true
		}
	}
	return 0, false
}

// soundHandshake is the step of a handshake that CloudFront makes too. A client certificate is the one thing that nobody here can present.
func (x *Exchange) soundHandshake(t *OriginTLS, h observed.Handshake) Step {
	leaf, _ := h.Leaf()
	refs := []evidence.Ref{
		x.Seen.TLS.Ref("Version").With(h.Version+" "+h.Cipher, "chosen of what CloudFront offers"),
		x.Seen.TLS.Ref("Chain[0].Names").With(listWords(leaf.AllNames()), leaf.Key+", valid until "+leaf.NotAfter.Format(time.DateOnly)),
	}
	switch {
	case h.ClientCertificate != "":
		return x.Unsure(Alternative{Status: 502, If: "the origin does not accept the client certificate that CloudFront presents"},
			"The origin asks for a client certificate; whether it accepts CloudFront's was not tried").WithEvidence(refs...)
	case h.Trust == "" || len(h.Chain) == 0:
		return x.Unsure(Alternative{Status: 502, If: "the origin's certificate does not lead to a public authority", Weak: true},
			"CloudFront and the origin agree on %s; whether the certificate's authority is trusted could not be told", h.Version).WithEvidence(refs...)
	}
	return x.Pass("The handshake succeeds with what CloudFront offers, and the certificate is valid for %s", listWords(t.Names)).WithEvidence(refs...)
}

// handshakeWords says what is wrong, and where it shows.
func (x *Exchange) handshakeWords(t *OriginTLS, h observed.Handshake) (string, []evidence.Ref) {
	at := func(field, value, note string) []evidence.Ref {
		return []evidence.Ref{x.Seen.TLS.Ref(field).With(value, note)}
	}
	failure := at("Failure", string(h.Failure), h.Error)
	leaf, _ := h.Leaf()
	switch t.Problem {
	case TLSNotSpoken:
		if h.Failure == observed.PlainHTTP {
			return "CloudFront speaks HTTPS to a port where the origin speaks plain HTTP", failure
		}
		return "CloudFront speaks HTTPS to a port where the origin does not speak TLS", failure
	case TLSSilent:
		return "The origin takes the connection and then says nothing: the handshake never ends", failure
	case TLSClosed:
		return "The origin closes the connection when CloudFront begins the handshake", failure
	case TLSRefused:
		return "The origin ends the handshake with an error", failure
	case TLSProtocol:
		return "The origin takes none of the TLS versions that CloudFront is set to use (" + listWords(t.Protocols) + ")" + otherwise(h), failure
	case TLSCipher:
		if h.Failure == "" {
			return "The key of the origin's certificate is on a curve that CloudFront does not offer", at("Chain[0].Key", leaf.Key, "offered are prime256v1, secp384r1 and X25519")
		}
		return "The origin has no cipher in common with CloudFront" + otherwise(h), failure
	case TLSClient:
		return "The origin demands a client certificate, and CloudFront has none for it", at("ClientCertificate", h.ClientCertificate, "")
	case TLSExpired:
		i, _ := outOfDate(h, x.Model.World.Now)
		word, ref := "The origin's certificate is not valid yet", x.dateRef(h, i)
		if ref.Field != "" && strings.HasSuffix(ref.Field, "NotAfter") {
			word = "The origin's certificate has expired"
		}
		return word, []evidence.Ref{ref}
	case TLSName:
		if h.Failure == observed.UnrecognizedName {
			return "The origin says that it does not serve the name that CloudFront asks for (" + listWords(t.Names) + ")", failure
		}
		return "The origin's certificate is not for the name that CloudFront asks for (" + listWords(t.Names) + ")",
			at("Chain[0].Names", listWords(leaf.AllNames()), "none of them is "+strings.Join(t.Names, " or "))
	case TLSSelfSigned:
		return "The origin's certificate signed itself", at("Trust", string(h.Trust), "the issuer is the subject: "+leaf.Issuer)
	case TLSUntrusted:
		return "The origin's certificate comes from an authority that is not trusted", at("Trust", string(h.Trust), "issued by "+h.Chain[len(h.Chain)-1].Issuer)
	case TLSIncomplete:
		return "The origin does not send an intermediate certificate", at("Trust", string(h.Trust), "missing: "+leaf.Issuer+"; browsers fetch it, CloudFront does not")
	case TLSOrder:
		return "The origin sends its certificates in the wrong order", at("Chain", subjects(h), "each one has to certify the one before it")
	}
	return "The origin's certificate has a signature that is no longer accepted", at("Chain[0].Signature", leaf.Signature, "")
}

// dateRef points at the date that is missed.
func (x *Exchange) dateRef(h observed.Handshake, i int) evidence.Ref {
	c := h.Chain[i]
	at := "Chain[" + x.digits(i) + "]."
	if x.Model.World.Now.After(c.NotAfter) {
		return x.Seen.TLS.Ref(at+"NotAfter").With(c.NotAfter.Format(time.RFC3339), c.Subject)
	}
	return x.Seen.TLS.Ref(at+"NotBefore").With(c.NotBefore.Format(time.RFC3339), c.Subject)
}

func otherwise(h observed.Handshake) string {
	if h.Otherwise == nil {
		return ""
	}
	out := "; to a client with everything it would speak " + h.Otherwise.Version + " with " + h.Otherwise.Cipher
	if leaf, ok := h.Leaf(); ok {
		out += " (key " + leaf.Key + ")"
	}
	return out
}

func subjects(h observed.Handshake) string {
	var names []string
	for _, c := range h.Chain {
		names = append(names, c.Subject)
	}
	return strings.Join(names, " / ")
}
