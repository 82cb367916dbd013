package origintls

import (
	acm "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/observed"
)

var originCertChainIncomplete = &cause.Cause{
	ID:       "ORIGIN_CERT_CHAIN_INCOMPLETE",
	Title:    "The origin does not send the intermediate certificates with its own",
	Stage:    "origin-tls",
	Symptoms: []int{502},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A certificate is trusted through the chain that leads from it to a root. The server has to send every intermediate certificate; CloudFront fetches none by
itself and drops the connection with 502. Browsers often know the intermediate from elsewhere and show nothing wrong.`,
		Why:     "Only the certificate was installed or imported, without the bundle that the authority delivered with it.",
		Example: "A certificate imported into ACM without a certificate chain.",
		References: []string{
			guide + "http-502-bad-gateway.html",
			"https://docs.aws.amazon.com/acm/latest/userguide/import-certificate-prerequisites.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict { return judge(p, judgeChain) },
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		w, ok := v.Data.(*originway.Way)
		if !ok {
			return nil
		}
		byHand := listenerReads(w)
		if c, known := served(w); known && c.Type == acm.CertificateTypeImported && c.CertificateArn != nil {
			byHand = append(byHand, reimport(*c.CertificateArn)...)
		}
		return []fix.Fix{{
			Title: "Install the certificate with its whole chain", Complexity: fix.Standard, Minutes: 20,
			Impact:      "None: connections that are open stay open",
			Explanation: "With the intermediates CloudFront can follow the chain to a root that it trusts.",
			Manual: []string{
				"Get the authority's intermediate certificates (its bundle), in the order from the certificate's issuer upwards, without the root.",
				"Reimport the certificate in ACM with that bundle as its certificate chain, or put the bundle behind the certificate in the server's file and reload it.",
			},
			ByHand: byHand,
			Inputs: []string{"the certificate's chain"}, Invalidate: []string{"/*"}, Confidence: fix.Medium,
		}}
	},
}

func judgeChain(w *originway.Way) cause.Verdict {
	h, _ := w.SeenTLS().Get()
	if w.TLS.Seen && h.Trust == observed.UnknownIssuer {
		// Whether the missing issuer leads to a public authority nobody could tell: CloudFront rejects the certificate either way.
		leaf, _ := h.Leaf()
		return cause.Possible(w.Name(), "The origin sends no certificate of the authority that issued its own ("+leaf.Issuer+"); if that is a public one, its intermediate certificate is missing.",
			"the issuer could not be fetched to see where it leads", w.SeenTLS().Ref("Trust").With(string(h.Trust), leaf.Issuer)).Explaining(w.Suspected(502)).With(w)
	}
	if v, ok := shown(w, "The origin sends its certificate without the intermediate certificate that leads to a public authority. Browsers fetch what is missing, CloudFront does not.", edge.TLSIncomplete); ok {
		return v
	}
	c, known := served(w)
	ref := w.TLS.Certificate.Ref("Certificate.Type").With(string(c.Type), "")
	switch {
	case known && c.Type == acm.CertificateTypeAmazonIssued && certificatesRead(w):
		return cause.RuleOut("the load balancer's certificate was issued by ACM, which delivers the whole chain", ref)
	case known && c.Type == acm.CertificateTypeImported && w.Unexplained(502):
		ref.Note = "ACM takes an imported certificate without a chain too"
		return cause.Possible(w.Name(), "The certificate on the load balancer was imported; it may have been imported without its chain.",
			"needs active validation: everything else about the handshake is in order, and the chain of an imported certificate is not in its description", ref).
			Explaining(true).With(w)
	}
	return unprobed(w, "see whether the origin sends its intermediate certificates")
}
