package edge

import (
	"strings"

	acm "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/tri"
)

// certificateFacts is the certificate that CloudFront serves for one host.
type certificateFacts struct {
	arn     string // of the customer's certificate in ACM; "" for another
	iam     string // its id in IAM; "" for another
	own     bool   // CloudFront's own, for *.cloudfront.net
	listed  bool   // the host is the distribution's: else CloudFront does not know which certificate to serve
	fact    evidence.Fact[account.CertificateOutput]
	servers evidence.Fact[account.ServerCertificatesOutput]
	field   string // where the configuration names it

	names  []string
	covers tri.Bool // the names cover the host
	fault  string   // why clients refuse it, or CloudFront cannot serve it; "" for nothing known
	sure   bool     // fault is certain
}

// certificateFor works out the certificate that the server name of the handshake gets. CloudFront looks the name up among the aliases
// of all distributions (DG/cnames-https-dedicated-ip-or-sni).
func (m *Model) certificateFor(match *HostMatch) *certificateFacts {
	c := &certificateFacts{field: "ViewerCertificate", listed: match.Own || match.Alias != "" || match.Tenant != nil}
	v := m.Config.ViewerCertificate
	c.arn, c.iam = str(deref(v).ACMCertificateArn), str(deref(v).IAMCertificateId)
	if t := match.Tenant; t != nil && t.Customizations != nil && t.Customizations.Certificate != nil && str(t.Customizations.Certificate.Arn) != "" {
		c.arn, c.iam = str(t.Customizations.Certificate.Arn), ""
	}
	switch {
	case match.Own || !c.listed || c.arn == "" && c.iam == "":
		c.arn, c.iam, c.own = "", "", true
		c.names = []string{"*.cloudfront.net"}
		c.covers = tri.Of(cloudfront.CertCovers(c.names, match.Host) || match.Own)
	case c.arn != "":
		c.fact = account.Certificate(c.arn).In(m.World)
		c.readACM(m, match.Host)
	default:
		c.servers = account.ServerCertificates().In(m.World)
		c.readIAM(m)
	}
	return c
}

// readACM judges a certificate in ACM: names, dates, state, Region (DG/cnames-and-https-requirements).
func (c *certificateFacts) readACM(m *Model, host string) {
	if parts := strings.Split(c.arn, ":"); len(parts) > 3 && parts[3] != account.GlobalRegion {
		c.fault = "it is in " + parts[3] + ", and CloudFront takes certificates from " + account.GlobalRegion + " only"
	}
	out, ok := c.fact.Get()
	if !ok {
		if c.fact.IsAbsent() {
			c.fault = "ACM has no such certificate"
		}
		return
	}
	d := out.Certificate
	c.names = d.SubjectAlternativeNames
	if len(c.names) == 0 && str(d.DomainName) != "" {
		c.names = []string{str(d.DomainName)}
	}
	if len(c.names) > 0 {
		c.covers = tri.Of(cloudfront.CertCovers(c.names, host))
	}
	now := m.World.Now
	switch {
	case d.Status == acm.CertificateStatusExpired, d.NotAfter != nil && !now.IsZero() && now.After(*d.NotAfter):
		c.fault, c.sure = "it has expired", true
	case d.NotBefore != nil && !now.IsZero() && now.Before(*d.NotBefore):
		c.fault, c.sure = "it is not valid yet", true
	case d.Status != "" && d.Status != acm.CertificateStatusIssued:
		c.fault = "its state in ACM is " + string(d.Status)
	}
}

// readIAM judges a certificate in IAM, of which the list tells the end but not the names.
func (c *certificateFacts) readIAM(m *Model) {
	for _, s := range c.servers.Or(account.ServerCertificatesOutput{}).ServerCertificateMetadataList {
		if str(s.ServerCertificateId) == c.iam && s.Expiration != nil && !m.World.Now.IsZero() && m.World.Now.After(*s.Expiration) {
			c.fault, c.sure = "it has expired", true
		}
	}
}

// ref points at what tells about the certificate.
func (c *certificateFacts) ref(m *Model, note string) evidence.Ref {
	switch {
	case c.own && deref(deref(m.Config.ViewerCertificate).CloudFrontDefaultCertificate):
		return m.Ref(c.field+".CloudFrontDefaultCertificate", "true", note)
	case c.own:
		return m.Fact.Ref("DomainName").With(m.DomainName(), note)
	case c.arn != "" && c.fact.IsKnown():
		field, value := "Certificate.SubjectAlternativeNames", strings.Join(c.names, ", ")
		if c.fault != "" {
			field, value = "Certificate.Status", string(c.fact.Or(account.CertificateOutput{}).Certificate.Status)
		}
		return c.fact.Ref(field).With(value, note)
	case c.arn != "":
		return c.fact.Ref("")
	}
	return c.servers.Ref("ServerCertificateMetadataList").With(c.iam, note)
}
