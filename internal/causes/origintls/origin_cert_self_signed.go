package origintls

import (
	"slices"

	acm "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/observed"
)

var originCertSelfSigned = &cause.Cause{
	ID:       "ORIGIN_CERT_SELF_SIGNED",
	Title:    "The origin's certificate is self-signed, or from an authority that CloudFront does not trust",
	Stage:    "origin-tls",
	Symptoms: []int{502},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront trusts the public authorities on Mozilla's list. A self-signed certificate, or one from a private authority such as AWS Private CA, makes it give
the connection up with 502. A browser that has been told to trust the certificate, or curl -k, hides that.`,
		Why:     `The certificate was made for tests, or comes from the company's own authority because the origin was meant to be internal.`,
		Example: "A certificate of AWS Private CA on the load balancer's listener.",
		References: []string{
			guide + "http-502-bad-gateway.html",
			guide + "using-https-cloudfront-to-custom-origin.html",
			"https://docs.aws.amazon.com/acm/latest/userguide/gs-acm-request-public.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return judge(p, func(w *originway.Way) cause.Verdict {
			if v, ok := untrusted(w); ok {
				return v
			}
			c, known := served(w)
			if w.TLS.Problem == edge.TLSPrivateCA {
				return found(w, "The certificate that the load balancer presents to CloudFront comes from "+issuer(c)+", which CloudFront does not trust.",
					"the certificate is in ACM, and its issuer is known", w.TLS.Certificate.Ref("Certificate.Issuer").With(deref(c.Issuer), "not a public authority"))
			}
			if known && c.Type == acm.CertificateTypeAmazonIssued && certificatesRead(w) {
				return cause.RuleOut("the load balancer's certificate was issued by Amazon, a public authority", w.TLS.Certificate.Ref("Certificate.Type").With(string(c.Type), ""))
			}
			if w.TLS.Problem == edge.TLSExpired && known {
				return cause.Need("an expired certificate hides who issued the next one", certificateGaps(w)...)
			}
			return unprobed(w, "see who issued the origin's certificate")
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		w, ok := v.Data.(*originway.Way)
		if !ok {
			return nil
		}
		c, _ := served(w)
		if w.TLS.Seen {
			return []fix.Fix{publicOnServer(w)}
		}
		return []fix.Fix{{
			Title: "Present a certificate from a public authority", Complexity: fix.Standard, Minutes: 30,
			Impact:      "None: connections that are open stay open",
			Explanation: "A public certificate from ACM costs nothing on a load balancer, and CloudFront trusts it.",
			Manual: []string{
				"Request a public certificate for " + listWords(namesOn(c)) + " in ACM, in the load balancer's Region, and create the validation records.",
				"Choose it as the default certificate of the load balancer's HTTPS listener.",
			},
			ByHand:     request(w, namesOn(c)),
			Invalidate: []string{"/*"}, Confidence: fix.High,
		}}
	},
}

// untrusted judges by the handshake that active validation made who vouches for the origin's certificate.
func untrusted(w *originway.Way) (cause.Verdict, bool) {
	h, _ := w.SeenTLS().Get()
	leaf, _ := h.Leaf()
	summary := "The certificate that the origin presents signed itself, so no authority vouches for it."
	switch h.Trust {
	case observed.UnknownRoot:
		summary = "The certificate that the origin presents was issued by " + h.Chain[len(h.Chain)-1].Issuer + ", which is not a public authority."
	case observed.UnknownIssuer:
		if w.TLS.Seen && w.TLS.Problem == edge.TLSUntrusted {
			return cause.Likely(w.Name(), "The certificate that the origin presents was issued by "+leaf.Issuer+", which is not known as a public authority.",
				"the chain ends there, and it could be a public authority's intermediate that is missing", w.SeenTLS().Ref("Trust").With(string(h.Trust), leaf.Issuer)).
				Explaining(w.Suspected(502) || w.Pass.Reproduced()).With(w), true
		}
	case observed.WeakSignature:
		if w.TLS.Seen && slices.Contains(w.TLS.Problems, edge.TLSWeak) {
			return cause.Likely(w.Name(), "The certificate that the origin presents is signed with "+leaf.Signature+", by which no public authority vouches any more.",
				"public authorities stopped signing so years ago; what CloudFront does with such a certificate is not documented", w.Step("origin-tls").Evidence...).
				Explaining(w.Suspected(502) || w.Pass.Reproduced()).With(w), true
		}
	}
	return shown(w, summary, edge.TLSSelfSigned, edge.TLSUntrusted)
}

// publicOnServer is for a certificate that was seen, wherever it is kept.
func publicOnServer(w *originway.Way) fix.Fix {
	return fix.Fix{
		Title: "Present a certificate from a public authority", Complexity: fix.Standard, Minutes: 45,
		Impact:      "None: connections that are open stay open",
		Explanation: "CloudFront trusts the authorities that browsers trust, and no others; a private one cannot be added.",
		Manual: []string{
			"Get a certificate for " + listWords(w.TLS.Names[:1]) + " from a public authority: on a load balancer from ACM, on a server of your own with an ACME client such as certbot.",
			"Install it with its chain on what answers for " + w.Origin.Endpoint.Domain + ", and reload that.",
		},
		ByHand:     append(listenerReads(w), request(w, w.TLS.Names[:1])...),
		Invalidate: []string{"/*"}, Confidence: fix.High,
	}
}

func issuer(c acm.CertificateDetail) string {
	switch {
	case c.Type == acm.CertificateTypePrivate || c.CertificateAuthorityArn != nil:
		return "a private authority"
	case c.Issuer != nil:
		return *c.Issuer + " (itself)"
	}
	return "itself"
}
