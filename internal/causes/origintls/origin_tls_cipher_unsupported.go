package origintls

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var originTLSCipherUnsupported = &cause.Cause{
	ID:       "ORIGIN_TLS_CIPHER_UNSUPPORTED",
	Title:    "CloudFront and the origin have no cipher in common",
	Stage:    "origin-tls",
	Symptoms: []int{502},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront offers origins a fixed list of ciphers: ECDHE with AES-GCM and AES-CBC, and a few old ones with RSA key exchange; neither ChaCha20 nor DHE nor
RSA with GCM. A server that takes others only ends the handshake, and viewers get 502.`,
		Why:     `A server was hardened from a list that knows browsers only, or a load balancer has a rare security policy.`,
		Example: "A web server with ssl_ciphers ECDHE-RSA-CHACHA20-POLY1305 alone.",
		References: []string{
			guide + "http-502-bad-gateway.html",
			guide + "secure-connections-supported-ciphers-cloudfront-to-origin.html",
			"https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict { return judge(p, judgeCiphers) },
	Fixes:  fixCiphers,
}

func fixCiphers(_ *cause.Pass, v cause.Verdict) []fix.Fix {
	f := fix.Fix{
		Title: "Take a cipher that CloudFront offers", Complexity: fix.Standard, Minutes: 20,
		Impact:      "None on other clients",
		Explanation: "ECDHE-RSA-AES128-GCM-SHA256 (with an ECDSA key ECDHE-ECDSA-AES128-GCM-SHA256) is strong, and CloudFront and all current clients have it.",
		Invalidate:  []string{"/*"}, Confidence: fix.Medium,
	}
	if w, ok := v.Data.(*originway.Way); ok {
		if change, ok := strongPolicy(w); ok {
			f.Complexity, f.Minutes, f.SideEffects = fix.Quick, 5, policySideEffects(w)
			f.Changes = []fix.Change{change}
			return []fix.Fix{f}
		}
	}
	f.Manual = []string{
		"On a load balancer choose Edit listener and set Security policy to " + strong + ".",
		"On a server of your own add ECDHE-RSA-AES128-GCM-SHA256 and ECDHE-RSA-AES256-GCM-SHA384 to its ciphers for TLS 1.2, and reload it.",
	}
	return []fix.Fix{f}
}

// instead says what the origin would take of another client.
func instead(w *originway.Way) string {
	h, _ := w.SeenTLS().Get()
	if h.Otherwise == nil {
		return ""
	}
	out := ": of all that there is the origin takes " + h.Otherwise.Version + " with " + h.Otherwise.Cipher
	if leaf, ok := h.Leaf(); ok {
		out += ", with a key " + leaf.Key
	}
	return out
}

func judgeCiphers(w *originway.Way) cause.Verdict {
	h, _ := w.SeenTLS().Get()
	if w.TLS.Seen && w.TLS.Problem == edge.TLSRefused {
		return cause.Likely(w.Name(), "The origin refuses CloudFront's offer of TLS versions and ciphers ("+h.Error+").",
			"no offer was found that it takes, so that what it wants is not known", w.Step("origin-tls").Evidence...).Explaining(w.Suspected(502) || w.Pass.Reproduced()).With(w)
	}
	summary := "CloudFront and the origin have no cipher in common" + instead(w) + "."
	if leaf, ok := h.Leaf(); ok && h.Failure == "" {
		summary = "The origin's certificate has a key " + leaf.Key + ", on a curve that CloudFront does not offer."
	}
	if v, ok := shown(w, summary, edge.TLSCipher); ok {
		return v
	}
	l, known := terminates(w)
	if !known {
		return unprobed(w, "see which ciphers the origin takes")
	}
	policy := w.Connection.Balancer.Listeners.Ref("Listeners[].SslPolicy").With(deref(l.SslPolicy), "")
	switch {
	case w.TLS.Problem == edge.TLSCipher:
		return found(w, "The load balancer's security policy "+w.TLS.Policy+" has no cipher that CloudFront offers.", "the ciphers on both sides are known", policy)
	case w.TLS.Ciphers.Yes():
		return cause.RuleOut("CloudFront and the load balancer's security policy have ciphers in common", policy)
	case w.TLS.Problem == edge.TLSProtocol:
		return cause.RuleOut("the TLS versions do not meet, so that no cipher is chosen: ORIGIN_TLS_PROTOCOL_UNSUPPORTED", policy)
	case !w.TLS.Ciphers.Known() && w.TLS.Policy != "" && w.Unexplained(502):
		policy.Note = "not one of the policies whose ciphers are known here"
		return cause.Possible(w.Name(), "The load balancer's security policy "+w.TLS.Policy+" may have no cipher that CloudFront offers.",
			"needs active validation: everything else about the handshake is in order, and the policy's ciphers are not known", policy).Explaining(true).With(w)
	}
	return unprobed(w, "see which ciphers the security policy "+w.TLS.Policy+" has")
}
