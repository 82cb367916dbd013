package viewerconnection

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
)

// served is the certificate that viewers of the requested host get; why is the verdict where there is none to judge.
func served(p *cause.Pass) (t *edge.ViewerTLS, why *cause.Verdict) {
	host := cloudfront.NormalizeHost(p.Request.Host)
	_, listed := cloudfront.BestAlias(p.Model.Aliases(), host)
	own := host == "" || host == cloudfront.NormalizeHost(p.Model.DomainName())
	tenants := p.Model.Config.ConnectionMode == types.ConnectionModeTenantOnly
	var v cause.Verdict
	switch t := p.Exchange().ViewerTLS; {
	case p.Request.Scheme == "http":
		v = cause.RuleOut("over plain HTTP no certificate is shown")
	case !own && !listed && !tenants:
		v = cause.RuleOut("the host is not this distribution's, so it does not decide which certificate is shown")
	case t != nil:
		return t, nil
	case tenants:
		v = cause.Need("the certificate of the host's tenant was not looked at")
	default:
		return p.Model.CertificateFor(host), nil
	}
	return nil, &v
}

// shown is the certificate that active validation saw for the requested host, nil where nobody looked.
func shown(p *cause.Pass) *edge.SeenCertificate {
	c, ok := p.Model.SeenCertificate(cloudfront.NormalizeHost(p.Request.Host))
	if !ok || len(c.Names) == 0 {
		return nil
	}
	return &c
}

// certificateRef points at the certificate: its record where it could be read, else where the configuration names it.
func certificateRef(p *cause.Pass, t *edge.ViewerTLS, field, value, note string) evidence.Ref {
	switch {
	case t.CertificateARN != "" && t.Certificate.IsKnown():
		return t.Certificate.Ref("Certificate."+field).With(value, note)
	case t.CertificateARN != "":
		return p.Model.Ref("ViewerCertificate.ACMCertificateArn", t.CertificateARN, note)
	case t.IAMCertificateID != "":
		return account.ServerCertificates().In(p.World).Ref("ServerCertificateMetadataList").With(t.IAMCertificateID, note)
	}
	return p.Model.Ref("ViewerCertificate.CloudFrontDefaultCertificate", "true", note)
}

func certificateName(p *cause.Pass, t *edge.ViewerTLS) string {
	switch {
	case t.CertificateARN != "":
		return t.CertificateARN
	case t.IAMCertificateID != "":
		return "server certificate " + t.IAMCertificateID
	}
	return p.DistributionName()
}

// wantedNames are the names that a new certificate has to cover: the aliases, the requested one among them.
func wantedNames(p *cause.Pass) []string {
	out := slices.Clone(p.Model.Aliases())
	host := cloudfront.NormalizeHost(p.Request.Host)
	if _, listed := cloudfront.BestAlias(out, host); !listed && host != "" && host != cloudfront.NormalizeHost(p.Model.DomainName()) {
		out = append([]string{host}, out...)
	}
	if len(out) == 0 {
		out = []string{host}
	}
	return out
}

// uncovered is the first alias that the certificate does not cover; "" where it covers all, or its names are not known.
func uncovered(p *cause.Pass) string {
	for _, alias := range p.Model.Aliases() {
		host := strings.Replace(alias, "*", "any", 1)
		if p.Model.CertificateFor(host).Covers.No() {
			return alias
		}
	}
	return ""
}

// stopsHere reports whether what the viewer meets is this stage: no HTTP answer, or no status was reported.
func stopsHere(p *cause.Pass) bool { return p.StoppedHere() && !p.Symptom.Given }
