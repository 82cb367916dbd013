package origintls

import (
	"time"

	acm "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var originCertExpired = &cause.Cause{
	ID:       "ORIGIN_CERT_EXPIRED",
	Title:    "The origin's certificate is out of date, or not yet valid",
	Stage:    "origin-tls",
	Symptoms: []int{502},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront does not accept a certificate of an origin that has expired, is not valid yet, or was never issued, and answers 502. The viewer's own
connection to CloudFront is not affected: that one has another certificate.`,
		Why: `ACM renews the certificates that it issued as long as their validation record is in DNS; imported ones and those on servers of one's own have to be
renewed by somebody.`,
		Example: "An imported certificate on a load balancer's listener with NotAfter last week.",
		References: []string{
			guide + "http-502-bad-gateway.html",
			guide + "using-https-cloudfront-to-custom-origin.html",
			"https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict { return judge(p, judgeExpiry) },
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		w, ok := v.Data.(*originway.Way)
		if !ok {
			return nil
		}
		c, _ := served(w)
		if w.TLS.Seen {
			return []fix.Fix{renewOnServer(w)}
		}
		f := fix.Fix{
			Title: "Renew the origin's certificate", Complexity: fix.Standard, Minutes: 30,
			Impact:      "None: connections that are open stay open",
			Explanation: "CloudFront connects again as soon as the listener presents a certificate that is in date.",
			Manual: []string{
				"Get a new certificate for " + listWords(namesOn(c)) + " from the authority that issued the present one.",
				"Import it into ACM under the same ARN (Reimport certificate), in the load balancer's Region: the listener takes it up by itself.",
			},
			ByHand: reimport(deref(c.CertificateArn)),
			Inputs: []string{"the renewed certificate, its chain and its private key"}, Invalidate: []string{"/*"}, Confidence: fix.High,
		}
		if c.Type == acm.CertificateTypeAmazonIssued {
			f.Manual = []string{
				"In the ACM console of the load balancer's Region open " + deref(c.CertificateArn) + " and create the CNAME records under Domains again: ACM renews once it finds them.",
				"Where the certificate has expired already, request a new one for the same names and choose it on the load balancer's listener.",
			}
			f.Inputs = nil
			f.ByHand = append([]fix.HandCall{certificateCall(deref(c.CertificateArn), "See the CNAME records that ACM renews by, and what its renewal waits for", "DescribeCertificate")},
				request(w, namesOn(c))...)
		}
		return []fix.Fix{f}
	},
}

// renewOnServer is for a certificate that was seen, wherever it is kept.
func renewOnServer(w *originway.Way) fix.Fix {
	return fix.Fix{
		Title: "Renew the origin's certificate", Complexity: fix.Standard, Minutes: 30,
		Impact:      "None: connections that are open stay open",
		Explanation: "CloudFront connects again as soon as the origin presents a certificate that is in date.",
		Manual: []string{
			"Get a new certificate for " + listWords(seenNames(w)) + " from the authority that issued the present one, and find out why it was not renewed: its renewal job, or the record that it is validated by.",
			"Install it with its chain on what answers for " + w.Origin.Endpoint.Domain + ", and reload that: a web server keeps the old one until then.",
			"Where the clock of the server that asked for it was wrong, and it is not valid yet, wait or ask for another.",
		},
		ByHand: listenerReads(w),
		Inputs: []string{"the renewed certificate, its chain and its private key"}, Invalidate: []string{"/*"}, Confidence: fix.High,
	}
}

func judgeExpiry(w *originway.Way) cause.Verdict {
	if v, ok := shown(w, "The certificate that the origin presents to CloudFront "+outOfDate(w)+".", edge.TLSExpired); ok {
		return v
	}
	c, known := served(w)
	ref := w.TLS.Certificate.Ref("Certificate.NotAfter")
	if w.TLS.Problem == edge.TLSExpired {
		now := w.Pass.World.Now
		value, words := stamp(c.NotAfter), "expired on "+stamp(c.NotAfter)
		switch {
		case c.NotBefore != nil && now.Before(*c.NotBefore):
			ref, value = w.TLS.Certificate.Ref("Certificate.NotBefore"), stamp(c.NotBefore)
			words = "is not valid before " + value
		case c.NotAfter == nil || !now.After(*c.NotAfter):
			ref, value = w.TLS.Certificate.Ref("Certificate.Status").Want("ISSUED"), string(c.Status)
			words = "was never issued or is not valid any more (" + value + ")"
		}
		return found(w, "The certificate that the load balancer presents to CloudFront "+words+".", "the certificate is in ACM, and its dates are known", ref.With(value, ""))
	}
	if v, ok := sound(w); ok {
		return v
	}
	if known && c.NotAfter != nil && w.Pass.World.Now.Before(*c.NotAfter) && c.Status == acm.CertificateStatusIssued && certificatesRead(w) {
		return cause.RuleOut("the load balancer's certificate is in date", ref.With(stamp(c.NotAfter), ""))
	}
	return unprobed(w, "see the dates of the origin's certificate")
}

// outOfDate says what is wrong with the dates of the chain that the origin was seen to present.
func outOfDate(w *originway.Way) string {
	h, _ := w.SeenTLS().Get()
	now := w.Pass.World.Now
	for i, c := range h.Chain {
		whose := ""
		if i > 0 {
			whose = "comes with one of its issuer's that "
		}
		switch {
		case !c.NotAfter.IsZero() && now.After(c.NotAfter):
			return whose + "expired on " + stamp(&c.NotAfter)
		case now.Before(c.NotBefore):
			return whose + "is not valid before " + stamp(&c.NotBefore)
		}
	}
	return "is out of date"
}

// certificatesRead reports whether every certificate that the listener could present is known.
func certificatesRead(w *originway.Way) bool {
	gaps := certificateGaps(w)
	for _, gap := range gaps {
		if gap.Missing() {
			return false
		}
	}
	return len(gaps) > 0
}

func stamp(t *time.Time) string {
	if t == nil {
		return "an unknown day"
	}
	return t.UTC().Format(time.DateOnly)
}
