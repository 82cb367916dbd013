package origintls

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var originCertChainOrder = &cause.Cause{
	ID:       "ORIGIN_CERT_CHAIN_ORDER",
	Title:    "The origin sends its certificate chain in the wrong order",
	Stage:    "origin-tls",
	Symptoms: []int{502},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `The server's own certificate comes first in the chain, and each further one certifies the one before it. CloudFront does not accept a chain in another order and
answers 502; many browsers put it in order silently.`,
		Why:     "The files were joined in the wrong order, with the root or the intermediate in front.",
		Example: "cat intermediate.pem server.pem > chain.pem",
		References: []string{
			guide + "http-502-bad-gateway.html",
			guide + "using-https-cloudfront-to-custom-origin.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return judge(p, func(w *originway.Way) cause.Verdict {
			if v, ok := shown(w, "The origin sends its certificate chain in the wrong order. Browsers put it in order, CloudFront does not.", edge.TLSOrder); ok {
				return v
			}
			if c, known := served(w); known && certificatesRead(w) {
				// ACM checks the order of a chain when it is imported (ACM/import-certificate-prerequisites).
				return cause.RuleOut("the load balancer's certificate is in ACM, which takes a chain in the right order only", w.TLS.Certificate.Ref("Certificate.Type").With(string(c.Type), ""))
			}
			return unprobed(w, "see the order of the certificates that the origin sends")
		})
	},
	Fixes: func(_ *cause.Pass, v cause.Verdict) []fix.Fix {
		w, ok := v.Data.(*originway.Way)
		if !ok {
			return nil
		}
		return []fix.Fix{{
			Title: "Put the certificate chain in order", Complexity: fix.Standard, Minutes: 20,
			Impact:      "None: connections that are open stay open",
			Explanation: "CloudFront reads the chain from the server's certificate upwards.",
			Manual:      []string{"Join the files again: the server's certificate first, then its issuer, and so on; leave the root out. Reload the server."},
			ByHand:      listenerReads(w),
			Invalidate:  []string{"/*"}, Confidence: fix.High,
		}}
	},
}
