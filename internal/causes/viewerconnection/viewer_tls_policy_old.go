package viewerconnection

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/fix"
)

var viewerTLSPolicyOld = &cause.Cause{
	ID:        "VIEWER_TLS_POLICY_OLD",
	Title:     "The distribution still accepts old TLS versions from viewers",
	Stage:     "viewer-connection",
	Severity:  cause.Medium,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `The security policy decides with which TLS versions and ciphers viewers may connect. This one still accepts TLS 1.0 or 1.1, or even SSL 3, whose weaknesses are known
and which no current browser uses. Audits such as PCI DSS refuse them, and a client that can be talked into them is not protected.
With CloudFront's own certificate (*.cloudfront.net) the policy is always TLSv1 and cannot be set.`,
		Why:     "The distribution was made long ago, or from an old template, or it is used under its cloudfront.net name.",
		Example: "MinimumProtocolVersion is TLSv1.",
		References: []string{
			posture.Guide + "secure-connections-supported-viewer-protocols-ciphers.html",
			posture.Guide + "DownloadDistValuesGeneral.html",
		},
		Since: "0.1",
	},
	Detect: detectOldPolicy,
	Fixes:  fixOldPolicy,
}

// recommendedPolicy is the one that CloudFront's console recommends (DG/DownloadDistValuesGeneral, security policy).
const recommendedPolicy = string(types.MinimumProtocolVersionTLSv122021)

func detectOldPolicy(p *cause.Pass) cause.Verdict {
	certificate := p.Model.Config.ViewerCertificate
	if certificate == nil && p.Model.Config.ConnectionMode == types.ConnectionModeTenantOnly {
		return cause.Need("the distribution's tenants have certificates of their own")
	}
	name, ok := cloudfront.EffectiveViewerPolicy(certificate)
	side, listed := cloudfront.ViewerPolicy(name)
	field := p.Model.Ref("ViewerCertificate.MinimumProtocolVersion", name, "")
	switch {
	case !ok || !listed:
		return cause.Need("the security policy " + name + " is not one that is known here")
	case !slices.ContainsFunc(side.Protocols, old):
		return cause.RuleOut("the security policy begins with TLS 1.2", field)
	case ownCertificate(p):
		field = p.Model.Ref("ViewerCertificate.CloudFrontDefaultCertificate", "true", "the security policy is TLSv1 with it, and cannot be set")
		return cause.Confirm(p.DistributionName(),
			"The distribution is used with CloudFront's own certificate, with which viewers may always connect by TLS 1.0. Only a certificate and a name of one's own can rule that out.", field).
			WithBecause("the certificate is known").AtSeverity(cause.Low)
	}
	field.Note = "accepts " + protocols(side.Protocols)
	return cause.Confirm(p.DistributionName(),
		"Viewers may still connect with TLS versions that are no longer safe. An audit will object, and connections of old clients can be attacked.", field.Want(recommendedPolicy)).
		WithBecause("the security policy is known").WithDetail("security policy " + name + ": " + protocols(side.Protocols))
}

func old(p cloudfront.Protocol) bool {
	return p == cloudfront.SSLv3 || p == cloudfront.TLSv1 || p == cloudfront.TLSv11
}

func protocols(list []cloudfront.Protocol) string {
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = string(p)
	}
	return strings.Join(names, ", ")
}

// ownCertificate reports whether the distribution is served with CloudFront's certificate for *.cloudfront.net.
func ownCertificate(p *cause.Pass) bool {
	c := p.Model.Config.ViewerCertificate
	return c == nil || c.CloudFrontDefaultCertificate != nil && *c.CloudFrontDefaultCertificate
}

func fixOldPolicy(p *cause.Pass, _ cause.Verdict) []fix.Fix {
	f := fix.Fix{
		Title:       "Accept TLS 1.2 and newer only",
		Complexity:  fix.Quick,
		Minutes:     10,
		Impact:      "None for current browsers; clients that have nothing newer than TLS 1.1 can no longer connect",
		Explanation: "The security policy " + recommendedPolicy + " leaves out the old versions and the weak ciphers",
		SideEffects: []string{"Very old clients (Windows before 8.1, Android before 5, Java 7) are shut out: look in the logs, field ssl-protocol, whether there are any"},
		Confidence:  fix.High,
	}
	switch c := p.Model.Config.ViewerCertificate; {
	case ownCertificate(p):
		f.Title = "Serve the site under a name and certificate of its own"
		f.Complexity, f.Minutes = fix.Standard, 60
		f.Manual = []string{
			"Request a certificate for the site's name in AWS Certificate Manager in us-east-1, and prove by DNS that the name is yours",
			"Add the name to the distribution's alternate domain names, choose the certificate and the security policy " + recommendedPolicy,
			"Let the name's DNS lead to " + p.Model.DomainName() + ", and link to the name instead of to the cloudfront.net one",
		}
	case c.SSLSupportMethod == types.SSLSupportMethodVip:
		f.Manual = []string{"The distribution has dedicated IP addresses for clients without SNI, for which the newer policies have to be asked for: change to SNI (sni-only) and " + recommendedPolicy +
			" together, once no client without SNI is left, or ask AWS Support"}
	default:
		f.Changes = []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetMinimumProtocolVersion(recommendedPolicy))}
	}
	return []fix.Fix{f}
}
