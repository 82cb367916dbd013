package viewerconnection

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/request"
)

var viewerMTLSRequired = &cause.Cause{
	ID:       "VIEWER_MTLS_REQUIRED",
	Title:    "The distribution wants a certificate from viewers, or does not trust theirs",
	Stage:    "viewer-connection",
	Severity: cause.High,
	Doc: cause.Doc{
		Explain: `With mutual TLS a viewer has to present a certificate that leads to an authority in the distribution's trust store. Without one, or with one that is expired,
revoked or from elsewhere, CloudFront closes the connection: there is no HTTP status, and only connection logs tell why.`,
		Why: `The client was not set up with its certificate, the certificate ended, its authority is missing from the trust store, or mutual TLS was turned on for a
distribution that browsers use too.`,
		Example: "ViewerMtlsConfig.Mode is required, and a health check connects without a certificate.",
		References: []string{
			posture.Guide + "mtls-authentication.html",
			posture.Guide + "enable-mtls-distributions.html",
			posture.Guide + "trust-stores-certificate-management.html",
			posture.Guide + "connection-logs.html",
		},
		Since: "0.1",
	},
	Detect: detectMTLS,
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{
			{
				Title: "Have the client present a certificate that the trust store knows", Complexity: fix.Standard, Minutes: 60,
				Impact:      "None on other viewers",
				Explanation: "The connection comes about once the client shows a valid certificate of a trusted authority.",
				Manual: []string{
					"Issue the client a certificate from an authority in the trust store, and set the client up with it and its key (curl --cert client.pem --key client.key).",
					"See in the connection logs why a certificate was refused: unknown authority, expired, revoked, or by the connection function.",
					"Where the authority is missing, add it to the trust store's bundle.",
				},
				Confidence: fix.High,
			},
			{
				Title: "Make the certificate optional", Complexity: fix.Quick, Minutes: 15, Compromise: true,
				Impact:      "Viewers without a certificate get in",
				Explanation: "CloudFront then asks for a certificate and goes on without one; functions and the origin see in the headers whether there was one.",
				SideEffects: []string{"Nobody is kept out for lack of a certificate any longer: the function or the origin has to check CloudFront-Viewer-Cert-Present"},
				Changes: []fix.Change{fix.EditDistribution(p.Model.ID(), fix.Edits{{Path: fix.At("ViewerMtlsConfig", "Mode"), Op: fix.Set, New: "optional",
					Label: "General tab, Viewer mutual authentication (mTLS): choose Edit; set the mode to Optional; choose Save changes"}})},
				Confidence: fix.Medium,
			},
		}
	},
}

func detectMTLS(p *cause.Pass) cause.Verdict {
	config := p.Model.Config.ViewerMtlsConfig
	switch {
	case config == nil || config.Mode == "":
		return cause.RuleOut("the distribution asks viewers for no certificate", p.Model.Ref("ViewerMtlsConfig", "", ""))
	case p.Request.Scheme == "http":
		return cause.RuleOut("over plain HTTP there is no TLS")
	case config.Mode != types.ViewerMtlsModeRequired:
		return cause.RuleOut("viewers may come without a certificate", p.Model.Ref("ViewerMtlsConfig.Mode", string(config.Mode), ""))
	}
	refs := []evidence.Ref{p.Model.Ref("ViewerMtlsConfig.Mode", string(config.Mode), "no certificate, no connection")}
	if t := config.TrustStoreConfig; t != nil {
		fact := account.TrustStore(posture.Text(t.TrustStoreId)).In(p.World)
		out, _ := fact.Get()
		if fact.IsAbsent() || out.TrustStore.Status == types.TrustStoreStatusFailed {
			refs = append(refs, fact.Ref("TrustStore.Status").With(string(out.TrustStore.Status), "no viewer's certificate can be checked"))
			return cause.Likely(p.DistributionName(), "The distribution asks viewers for a certificate, and its trust store cannot check any.",
				"CloudFront may go on with the bundle that it had", refs...).Explaining(!p.Symptom.Given)
		}
	}
	if p.Symptom.Given {
		return cause.RuleOut("the viewer gets an HTTP status, so the connection comes about", refs...)
	}
	switch p.Request.ClientCert {
	case request.ClientCertAbsent:
		return cause.Confirm(p.DistributionName(), "The distribution asks viewers for a client certificate, and this viewer has none: CloudFront closes the connection.", refs...).
			WithBecause("the setting is known, and so is that the viewer presents no certificate").Explaining(p.StoppedHere())
	case request.ClientCertPresent:
		return cause.Possible(p.DistributionName(), "The distribution asks viewers for a client certificate, and may not accept the one that this viewer presents.",
			"the certificate would have to be expired, revoked or of an authority that the trust store does not have", refs...).AtSeverity(cause.Medium)
	}
	// That a certificate is wanted is how the distribution was meant; it is a fault only for a client that has none.
	return cause.Likely(p.DistributionName(), "The distribution asks viewers for a client certificate, and closes the connection of those without one.",
		"whether the viewer presents a certificate is not in the request", refs...).AtSeverity(cause.Medium).Explaining(p.StoppedHere())
}
