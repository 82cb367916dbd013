package viewerconnection

import (
	"slices"

	acm "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var viewerCertNotUsable = &cause.Cause{
	ID:       "VIEWER_CERT_NOT_USABLE",
	Title:    "CloudFront cannot use the viewer certificate",
	Stage:    "viewer-connection",
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront takes certificates that are issued, in ACM in us-east-1 or in IAM, with an RSA key of up to 4,096 bits or an ECDSA key on P-256, and a whole
chain. One that is gone, revoked, still waiting for validation, in another Region or of another kind cannot be shown to viewers.`,
		Why: `The certificate was requested in the Region of the load balancer, waits for its validation record, was deleted or revoked, or was imported with a key that
CloudFront does not know.`,
		Example: "The status in ACM is PENDING_VALIDATION, because the CNAME record of the validation is missing.",
		References: []string{
			posture.Guide + "cnames-and-https-requirements.html",
			posture.Guide + "troubleshooting-distributions.html",
			"https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-DNS-validation.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		t, why := served(p)
		seen := shown(p)
		switch {
		case t == nil:
			return *why
		case seen != nil && !seen.Sure && seen.Fault != "":
			return cause.Likely(certificateName(p, t), "Clients may refuse the certificate that the edge shows: "+seen.Fault+".",
				"active validation saw it from this computer, where something in between may show certificates of its own", seen.FaultRef()).Explaining(!p.Symptom.Given)
		case t.Default:
			return cause.RuleOut("CloudFront's own certificate is shown", certificateRef(p, t, "", "", ""))
		}
		fault := t.Fault
		if t.FaultCertain {
			fault = ""
		}
		if key := foreignKey(t); fault == "" && key != "" {
			fault = "its key is of the kind " + key + ", which CloudFront does not take"
		}
		switch {
		case fault != "":
			return cause.Likely(certificateName(p, t), "CloudFront cannot use the viewer certificate: "+fault+".",
				"CloudFront may go on with a copy that it took before the certificate changed", certificateRef(p, t, "Status", state(t), fault)).
				Explaining(!p.Symptom.Given)
		case t.CertificateARN != "" && !t.Certificate.IsKnown():
			return cause.Need("the certificate was not read", t.Certificate)
		case t.IAMCertificateID != "":
			return cause.Need("IAM's list tells neither the key nor the chain of a certificate", account.ServerCertificates().In(p.World))
		case t.FaultCertain:
			return cause.RuleOut("the certificate is outside of its dates, which is another cause", certificateRef(p, t, "NotAfter", end(t), ""))
		}
		return cause.RuleOut("the certificate is issued, in us-east-1, with a key that CloudFront takes", certificateRef(p, t, "Status", state(t), ""))
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{replacement(p, "Put a certificate in that CloudFront can use", "It is requested in us-east-1 with a key that CloudFront takes, and put in once it is issued.")}
	},
}

func state(t *edge.ViewerTLS) string {
	return string(t.Certificate.Or(account.CertificateOutput{}).Certificate.Status)
}

// foreignKey names a kind of key that CloudFront does not take (DG/cnames-and-https-requirements); "" where it does, or nothing is known.
func foreignKey(t *edge.ViewerTLS) string {
	kind := t.Certificate.Or(account.CertificateOutput{}).Certificate.KeyAlgorithm
	taken := []acm.KeyAlgorithm{"", acm.KeyAlgorithmRsa1024, acm.KeyAlgorithmRsa2048, acm.KeyAlgorithmRsa3072, acm.KeyAlgorithmRsa4096, acm.KeyAlgorithmEcPrime256v1,
		"RSA-1024", "RSA-2048", "RSA-3072", "RSA-4096", "EC-prime256v1"} // AWS prints both spellings
	if slices.Contains(taken, kind) {
		return ""
	}
	return string(kind)
}
