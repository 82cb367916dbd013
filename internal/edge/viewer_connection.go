package edge

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/request"
	"cfdoctor/internal/tri"
)

// ViewerTLS is the viewer's handshake with CloudFront.
type ViewerTLS struct {
	// Default tells that CloudFront's own certificate is served, for *.cloudfront.net.
	Default bool
	// CertificateARN is the customer's certificate in ACM, IAMCertificateID one in IAM; "" for none.
	CertificateARN, IAMCertificateID string
	Certificate                      evidence.Fact[account.CertificateOutput]
	// Names are the certificate's; Covers tells whether one of them covers the host.
	Names  []string
	Covers tri.Bool
	// Fault is why clients refuse the certificate or CloudFront cannot serve it; "" where nothing is known to be wrong.
	// FaultCertain tells that it really is so.
	Fault        string
	FaultCertain bool
	// Policy is the security policy in force, Protocols what it accepts.
	Policy    string
	Protocols []cloudfront.Protocol
	// ClientCertificate tells that viewers must present a certificate.
	ClientCertificate bool
}

var viewerConnection = &Stage{
	ID:    "viewer-connection",
	Title: "The viewer's connection to CloudFront",
	Doc: "The server name of the TLS handshake picks the certificate, the security policy picks the protocol and cipher, and with mutual TLS the viewer " +
		"needs a certificate of its own. What fails here has no HTTP status and is in no access log. For a name that no distribution has, AWS does " +
		"not document which certificate is served. Over plain HTTP there is no handshake.",
	Sources: []string{
		"DG/cnames-https-dedicated-ip-or-sni", "DG/cnames-and-https-requirements", "DG/secure-connections-supported-viewer-protocols-ciphers",
		"DG/DownloadDistValuesGeneral", "DG/connection-logs",
	},
	Run: runViewerConnection,
}

func runViewerConnection(x *Exchange) Step {
	if step, stop := x.viewerIPv6(); stop {
		return step
	}
	if x.Viewer.Scheme == "http" {
		return x.Skip("Plain HTTP: there is no TLS handshake")
	}
	c := x.hostFacts().certificate
	if name := x.serverName(); name != x.hostFacts().host {
		if c = x.Model.certificateFor(x.Model.matchHost(name)); !c.listed {
			return x.Skip("The connection was opened for %s, with another distribution's certificate", name)
		}
	}
	if x.Explain {
		x.ViewerTLS = x.describeTLS(c)
	}
	if step, stop := x.clientCertificate(); stop {
		return step
	}
	if step, stop := x.tlsVersion(c); stop {
		return step
	}
	if step, seen := x.seenCertificate(); seen {
		return step
	}
	return x.certificate(c)
}

func (x *Exchange) describeTLS(c *certificateFacts) *ViewerTLS {
	policy, _ := x.Model.tlsPolicy(c)
	side, _ := cloudfront.ViewerPolicy(policy)
	return &ViewerTLS{
		Default: c.own, CertificateARN: c.arn, IAMCertificateID: c.iam, Certificate: c.fact, Names: c.names, Covers: c.covers,
		Fault: c.fault, FaultCertain: c.sure, Policy: policy, Protocols: side.Protocols, ClientCertificate: x.Model.mutualTLS() == types.ViewerMtlsModeRequired,
	}
}

// CertificateFor tells which certificate viewers of a host would get if the host were an alternate domain name of the distribution.
func (m *Model) CertificateFor(host string) *ViewerTLS {
	x := Exchange{Model: m, Explain: true}
	host = cloudfront.NormalizeHost(host)
	return x.describeTLS(m.certificateFor(&HostMatch{Host: host, Own: host == m.ownHost(), Alias: host}))
}

// viewerIPv6 catches a viewer with an IPv6 address before a distribution that has none.
func (x *Exchange) viewerIPv6() (Step, bool) {
	ip := x.Viewer.ClientIP
	if !ip.Is6() || ip.Is4In6() || x.Model.multiTenant() || deref(x.Model.Config.IsIPV6Enabled) {
		return Step{}, false
	}
	step := x.Unsure(Alternative{If: "the viewer has IPv6 only, and finds no IPv6 address of the distribution"},
		"The viewer has an IPv6 address, and IPv6 is turned off for the distribution")
	if x.Explain {
		step = step.WithEvidence(x.ref("IsIPV6Enabled", "false", "the viewer's address is "+ip.String()))
	}
	return step, true
}

func (m *Model) mutualTLS() types.ViewerMtlsMode {
	if m.Config.ViewerMtlsConfig == nil {
		return ""
	}
	return m.Config.ViewerMtlsConfig.Mode
}

// clientCertificate asks for the viewer's certificate. Where the request does not tell, the viewer is taken to have none, as browsers and API
// clients without special setup do. Whether a certificate that is there chains to the trust store is not known
// (DG/mtls-authentication).
func (x *Exchange) clientCertificate() (Step, bool) {
	mode := x.Model.mutualTLS()
	ref := x.ref("ViewerMtlsConfig.Mode", string(mode), "")
	switch {
	case mode == types.ViewerMtlsModeRequired && x.Viewer.ClientCert != request.ClientCertPresent:
		note := "the request says nothing of a client certificate"
		if x.Viewer.ClientCert == request.ClientCertAbsent {
			note = "the client has no certificate"
		}
		ref.Note = note
		return x.Stop(0, ByViewerTLS, "The distribution asks viewers for a client certificate, and closes the connection without one").WithEvidence(ref), true
	case (mode == types.ViewerMtlsModeRequired || mode == types.ViewerMtlsMode("optional")) && x.Viewer.ClientCert == request.ClientCertPresent:
		return x.Unsure(Alternative{If: "the client's certificate does not chain to the trust store, or is expired or revoked: the connection is closed"},
			"The client presents a certificate; whether the distribution's trust store accepts it is not known").
			WithEvidence(ref, x.ref("ViewerMtlsConfig.TrustStoreConfig", "", "")), true
	}
	if f := x.Model.Config.ConnectionFunctionAssociation; f != nil && str(f.Id) != "" {
		step := x.Unsure(Alternative{If: "the connection function refuses the connection"},
			"A connection function decides about every connection; its code is not simulated")
		return step.WithEvidence(x.ref("ConnectionFunctionAssociation.Id", str(f.Id), "")), true
	}
	return Step{}, false
}

// tlsPolicy is the security policy in force for a certificate; ok is false where it is not known.
func (m *Model) tlsPolicy(c *certificateFacts) (name string, ok bool) {
	name, ok = cloudfront.EffectiveViewerPolicy(m.Config.ViewerCertificate)
	if c.own && m.Config.ViewerCertificate != nil && !deref(m.Config.ViewerCertificate.CloudFrontDefaultCertificate) {
		// A distribution with a certificate of its own, reached by its cloudfront.net name: which policy holds is not documented.
		return name, false
	}
	return name, ok
}

// tlsVersion compares the newest protocol that the client has with the oldest that the policy accepts.
func (x *Exchange) tlsVersion(c *certificateFacts) (Step, bool) {
	if x.Viewer.TLSVersion == "" {
		return Step{}, false // a current client has TLS 1.2 and 1.3, and every policy accepts one of them
	}
	policy, known := x.Model.tlsPolicy(c)
	side, listed := cloudfront.ViewerPolicy(policy)
	client := protocolRank(x.Viewer.TLSVersion)
	if listed && client >= 0 && slices.ContainsFunc(side.Protocols, func(p cloudfront.Protocol) bool { return protocolRank(string(p)) <= client }) {
		return Step{}, false
	}
	ref := x.ref("ViewerCertificate.MinimumProtocolVersion", policy, "the client has "+x.Viewer.TLSVersion+" at most")
	if !known || !listed || client < 0 {
		return x.worded(x.Unsure(Alternative{If: "the security policy does not accept the client's TLS version"}, ""),
			"Whether the client's %s is accepted is not known", x.Viewer.TLSVersion).WithEvidence(ref), true
	}
	return x.worded(x.Stop(0, ByViewerTLS, ""), "The client has %s at most, and the distribution's security policy asks for more", x.Viewer.TLSVersion).
		WithDetail("Security policy %s", policy).WithEvidence(ref), true
}

// protocolRank orders protocol names of any common spelling; -1 for an unknown one.
func protocolRank(name string) int {
	name = strings.ToLower(strings.TrimSpace(name))
	if name == "sslv3" {
		return 0
	}
	for i, suffixes := range [][]string{{"1", "1.0"}, {"1.1"}, {"1.2"}, {"1.3"}} {
		if slices.Contains(suffixes, strings.TrimPrefix(strings.TrimPrefix(name, "tls"), "v")) {
			return i + 1
		}
	}
	return -1
}

// seenCertificate goes by the handshake that active validation made, where it did.
func (x *Exchange) seenCertificate() (Step, bool) {
	c, ok := x.Model.SeenCertificate(x.hostFacts().host)
	if !ok {
		return Step{}, false
	}
	x.SeenCertificate = &c
	host := x.hostFacts().host
	with := func(s Step, note string) (Step, bool) { return s.WithEvidence(c.Ref(note)), true }
	switch {
	case c.Refused != "" && len(c.Names) == 0 && !c.Sure:
		return with(x.worded(x.Unsure(Alternative{If: "the handshake with the edge fails for viewers too"}, ""), "The handshake with the edge failed from here: %s", string(c.Refused)), "the handshake failed")
	case c.Refused != "" && len(c.Names) == 0:
		return with(x.worded(x.Stop(0, ByViewerTLS, ""), "The handshake with the edge fails: %s", string(c.Refused)), "the handshake fails")
	case c.Covers.No():
		return with(x.worded(x.Stop(0, ByViewerTLS, ""), "The certificate that the edge shows does not cover %s, so clients break the connection off", host), host+" is not covered")
	case c.Fault != "" && !c.Sure:
		return with(x.worded(x.Unsure(Alternative{If: "clients refuse the certificate that the edge shows: " + c.Fault}, ""), "The certificate that was shown here may not be accepted: %s", c.Fault), c.Fault)
	case c.Fault != "":
		return with(x.worded(x.Stop(0, ByViewerTLS, ""), "Clients refuse the certificate that the edge shows: %s", c.Fault), c.Fault)
	}
	return with(x.explained(Pass, "The edge shows a certificate that covers %s", host), "")
}

// certificate judges what the client sees.
func (x *Exchange) certificate(c *certificateFacts) Step {
	host := x.hostFacts().host
	with := func(s Step, note string) Step {
		if x.Explain {
			s = s.WithEvidence(c.ref(x.Model, note))
		}
		return s
	}
	switch {
	case !c.listed:
		x.weakly("the client insists on a certificate for "+host+", which CloudFront need not have for a name that no distribution lists", 0)
		return with(x.explained(Unknown, "The host is not this distribution's; which certificate is served for it is not documented"), "")
	case c.covers.No():
		return with(x.worded(x.Stop(0, ByViewerTLS, ""), "The certificate does not cover %s, so clients break the connection off", host),
			host+" is not covered by "+strings.Join(c.names, ", "))
	case c.fault != "" && c.sure:
		return with(x.worded(x.Stop(0, ByViewerTLS, ""), "Clients refuse the certificate: %s", c.fault), c.fault)
	case c.fault != "":
		return with(x.worded(x.Unsure(Alternative{If: "CloudFront cannot serve the certificate, or clients refuse it: " + c.fault}, ""),
			"The certificate may not be usable: %s", c.fault), c.fault)
	case c.covers.Yes():
		return with(x.explained(Pass, "The certificate covers %s", host), "")
	}
	if c.iam != "" && c.servers.IsKnown() {
		x.weakly("the certificate does not cover the host", 0)
		return with(x.explained(Unknown, "The certificate is one in IAM, which tells when it ends and not for which names it is"), "")
	}
	return with(x.Unsure(Alternative{If: "the certificate does not cover the host or is not valid"}, "The certificate could not be read"), "")
}
