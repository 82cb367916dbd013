package origintls

import (
	"slices"
	"strings"
	"time"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
)

// shown judges one fault by the handshake that active validation made. Ok is false where nobody looked, so that only the account's facts are left.
// A handshake that ends before the certificates come shows nothing of them.
func shown(w *originway.Way, summary string, problems ...edge.TLSProblem) (v cause.Verdict, ok bool) {
	if w.TLS == nil || !w.TLS.Seen {
		return v, false
	}
	h, _ := w.SeenTLS().Get()
	fault := slices.ContainsFunc(problems, func(p edge.TLSProblem) bool { return slices.Contains(w.TLS.Problems, p) })
	early := slices.ContainsFunc(problems, ofNegotiation)
	switch {
	case fault && w.Step("origin-tls").Verdict == edge.Unknown:
		return suspected(w, summary), true
	case fault:
		refs := append(w.Step("origin-tls").Evidence, handshakeRefs(w, h)...)
		return w.Confirm(failed(), w.Name(), summary, refs...).WithBecause("active validation made the handshake that CloudFront makes").
			WithDetail(chainWords(h)).With(w), true
	case h.Failure == "" || early:
		return cause.RuleOut("the handshake that active validation made shows it", handshakeRefs(w, h)...), true
	}
	return cause.Need("the origin ends the handshake before it shows a certificate: "+h.Error, w.SeenTLS()), true
}

// ofNegotiation reports faults that show before any certificate does.
func ofNegotiation(p edge.TLSProblem) bool { return p == edge.TLSProtocol || p == edge.TLSCipher }

// suspected is the verdict on a fault that was seen, and of which AWS's documentation does not say for certain what CloudFront makes of it.
func suspected(w *originway.Way, summary string) cause.Verdict {
	step := w.Step("origin-tls")
	because := "active validation saw it, and what CloudFront does then is not documented for certain"
	if w.Suspected(failed()...) {
		return cause.Likely(w.Name(), summary, because, step.Evidence...).Explaining(true).With(w)
	}
	return cause.Possible(w.Name(), summary, because, step.Evidence...).Explaining(false).AtSeverity(cause.Medium).With(w)
}

// handshakeRefs point at what was chosen and presented.
func handshakeRefs(w *originway.Way, h observed.Handshake) []evidence.Ref {
	fact := w.SeenTLS()
	if h.Failure != "" {
		return []evidence.Ref{fact.Ref("Failure").With(string(h.Failure), h.Error)}
	}
	leaf, _ := h.Leaf()
	return []evidence.Ref{
		fact.Ref("Version").With(strings.TrimSpace(h.Version+" "+h.Cipher), ""),
		fact.Ref("Chain[0].Subject").With(leaf.Subject, "issued by "+leaf.Issuer+", valid until "+leaf.NotAfter.Format(time.DateOnly)),
	}
}

// chainWords is the presented chain, a certificate a line.
func chainWords(h observed.Handshake) string {
	var out []string
	for i, c := range h.Chain {
		line := string(rune('0'+min(i, 9))) + ": " + c.Subject + ", issued by " + c.Issuer + ", " + c.NotBefore.Format(time.DateOnly) + " to " +
			c.NotAfter.Format(time.DateOnly) + ", " + c.Key + ", " + c.Signature
		if len(c.Names) > 0 {
			line += ", for " + strings.Join(c.Names, " ")
		}
		out = append(out, line)
	}
	return strings.Join(out, "; ")
}

// seenNames are the names on the certificate that the origin was seen to present.
func seenNames(w *originway.Way) []string {
	h, _ := w.SeenTLS().Get()
	leaf, _ := h.Leaf()
	return leaf.AllNames()
}
