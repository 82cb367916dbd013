package viewerconnection

import (
	"time"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var viewerCertExpired = &cause.Cause{
	ID:       "VIEWER_CERT_EXPIRED",
	Title:    "The viewer certificate has expired, or is not valid yet",
	Stage:    "viewer-connection",
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `Clients refuse a certificate outside of its dates and break the connection off; there is no HTTP status. ACM renews what it issued itself as long as the
validation record is in DNS; imported certificates and those in IAM nobody renews.`,
		Why: `The validation record was removed, so that ACM could not renew; the certificate was imported once and forgotten; or a new one was imported before its first
day.`,
		Example: "An imported certificate that ended last Friday.",
		References: []string{
			posture.Guide + "cnames-and-https-requirements.html",
			posture.Guide + "troubleshooting-distributions.html",
			"https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		t, why := served(p)
		seen := shown(p)
		switch {
		case t == nil:
			return *why
		case seen != nil && seen.Sure && seen.Fault != "":
			return cause.Confirm(certificateName(p, t), "The certificate that the edge shows is refused: "+seen.Fault+".", seen.FaultRef()).
				WithBecause("active validation made the handshake").Explaining(stopsHere(p) && !seen.Covers.No())
		case seen != nil:
			return cause.RuleOut("the certificate that the edge shows is within its dates", seen.Ref(""))
		case t.Default:
			return cause.RuleOut("AWS renews CloudFront's own certificate", certificateRef(p, t, "", "", ""))
		case t.Fault != "" && t.FaultCertain:
			return cause.Confirm(certificateName(p, t), "Clients refuse the viewer certificate: "+t.Fault+".", certificateRef(p, t, "NotAfter", end(t), t.Fault)).
				WithBecause("the certificate's dates and the time are known").Explaining(stopsHere(p) && !t.Covers.No())
		case t.CertificateARN != "" && !t.Certificate.IsKnown():
			return cause.Need("the certificate's dates were not read", t.Certificate)
		case t.IAMCertificateID != "" && account.ServerCertificates().In(p.World).Missing():
			return cause.Need("the certificates in IAM were not read", account.ServerCertificates().In(p.World))
		}
		return cause.RuleOut("the certificate is within its dates", certificateRef(p, t, "NotAfter", end(t), ""))
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{replacement(p, "Replace the certificate by a valid one", "A certificate within its dates is accepted; one that ACM issues and validates by DNS is renewed by itself.")}
	},
}

func end(t *edge.ViewerTLS) string {
	if d := t.Certificate.Or(account.CertificateOutput{}).Certificate; d.NotAfter != nil {
		return d.NotAfter.UTC().Format(time.RFC3339)
	}
	return ""
}
