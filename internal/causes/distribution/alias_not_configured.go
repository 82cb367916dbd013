package distribution

import (
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/fix"
)

var aliasNotConfigured = &cause.Cause{
	ID:       "ALIAS_NOT_CONFIGURED",
	Title:    "The requested host is not among the distribution's alternate domain names",
	Stage:    "distribution",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront finds the distribution by the requested host. DNS may lead a name to the distribution's address: unless a distribution lists the name among its
alternate domain names, CloudFront answers 403 ("Bad request") and does not know whose request it is.`,
		Why: `The DNS record was made and the name not added, the name was removed with an old certificate, a wildcard covers one level only, or www and the bare domain
were taken for the same.`,
		Example: "shop.example.com is a CNAME of d111.cloudfront.net, which lists www.example.com only.",
		References: []string{
			posture.Guide + "CNAMEs.html",
			posture.Guide + "http-403-permission-denied.html",
		},
		Since: "0.1",
	},
	Detect: detectAlias,
	Fixes:  fixAlias,
}

func requestedHost(p *cause.Pass) string { return cloudfront.NormalizeHost(p.Request.Host) }

func detectAlias(p *cause.Pass) cause.Verdict {
	host := requestedHost(p)
	names := strings.Join(p.Model.Aliases(), ", ")
	_, listed := cloudfront.BestAlias(p.Model.Aliases(), host)
	h := p.Exchange().Host
	switch {
	case multiTenant(p):
		return cause.RuleOut("a multi-tenant distribution has its domains on its tenants", p.Model.Ref("ConnectionMode", string(p.Model.Config.ConnectionMode), ""))
	case host == "" || host == cloudfront.NormalizeHost(p.Model.DomainName()):
		return cause.RuleOut("the request uses the distribution's own domain name", p.Model.Fact.Ref("DomainName").With(p.Model.DomainName(), ""))
	case listed:
		return cause.RuleOut(host+" is among the alternate domain names", p.Model.Ref("Aliases.Items", names, ""))
	case cloudfront.ClassifyEndpoint(host).Kind == cloudfront.KindCloudFront:
		return cause.RuleOut(host + " is the domain name of another distribution")
	case h != nil && len(h.Holders) > 0:
		return cause.RuleOut("another distribution lists "+host+" and answers", h.Holders[0].Ref)
	}
	ref := p.Model.Ref("Aliases.Items", names, host+" is not among them").Want(host)
	summary := host + " is not among the distribution's alternate domain names, so CloudFront refuses the request."
	if h == nil || !h.Searched && account.Distributions().In(p.World).Missing() {
		v := cause.Likely(p.DistributionName(), summary, "whether another distribution lists the name was not read", ref)
		if h != nil {
			v = v.Needing(h.Conflicts)
		}
		return v
	}
	return cause.Confirm(p.DistributionName(), summary, ref).WithBecause("the host and the list are both known").
		WithDetail("Host " + host + "; alternate domain names: " + names)
}

// fixAlias adds the name, and a certificate that covers it where the present one does not.
func fixAlias(p *cause.Pass, _ cause.Verdict) []fix.Fix {
	host := requestedHost(p)
	f := fix.Fix{
		Title: "Add " + host + " to the alternate domain names", Complexity: fix.Quick, Minutes: 10,
		Impact:      "None on the names that work now",
		Explanation: "CloudFront then knows which distribution the host belongs to.",
		SideEffects: []string{"CloudFront refuses the change while another distribution, of whatever account, lists the same name"},
		Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.AddAlias(host))},
		Confidence:  fix.High,
	}
	switch covers := p.Model.CertificateFor(host).Covers; {
	case covers.Yes():
		f.Explanation += " The certificate covers the name already."
	case covers.No():
		names := append([]string{host}, p.Model.Aliases()...)
		request := fix.RequestCertificate(names[0], names[1:]...)
		f.Title = "Get a certificate that covers " + host + " too, and add the name"
		f.Complexity, f.Minutes = fix.Standard, 60
		f.Explanation = "CloudFront takes a name only together with a certificate that covers it."
		f.Changes = []fix.Change{request, fix.EditDistribution(p.Model.ID(), fix.SetViewerCertificate(request.ARN(), viewerPolicy(p)), fix.AddAlias(host))}
		f.Inputs = []string{request.Input()}
	default:
		f.SideEffects = append(f.SideEffects, "It is refused as well unless the certificate covers the name, which was not read")
		f.Confidence = fix.Medium
	}
	return []fix.Fix{f}
}

// viewerPolicy is the security policy to keep, or AWS's recommendation where the default certificate had none.
func viewerPolicy(p *cause.Pass) string {
	if c := p.Model.Config.ViewerCertificate; c != nil && c.MinimumProtocolVersion != "" && c.MinimumProtocolVersion != "TLSv1" {
		return string(c.MinimumProtocolVersion)
	}
	return "TLSv1.2_2021"
}
