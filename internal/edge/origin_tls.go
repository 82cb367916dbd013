package edge

import (
	"slices"
	"strings"
	"time"

	acm "github.com/aws/aws-sdk-go-v2/service/acm/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/tri"
)

var originTLS = &Stage{
	ID:    "origin-tls",
	Title: "TLS with the origin",
	Doc: "Over https CloudFront wants a certificate that is in date, comes from a public authority with its whole chain, and names the origin's domain " +
		"or the forwarded Host, and a protocol and cipher in common; else it answers 502. Certificates are known here for load balancers of the account, " +
		"and where active validation made the handshake.",
	Sources: []string{
		"DG/http-502-bad-gateway", "DG/using-https-cloudfront-to-custom-origin", "DG/secure-connections-supported-ciphers-cloudfront-to-origin",
		"ELB/describe-ssl-policies",
	},
	Run: runOriginTLS,
}

// TLSProblem names why the handshake with the origin fails.
type TLSProblem string

// The problems. The empty one means that none is known.
const (
	TLSNotSpoken TLSProblem = "not-tls"  // the listener on the port speaks plain HTTP
	TLSName      TLSProblem = "name"     // no certificate of the listener names the origin
	TLSExpired   TLSProblem = "expired"  // out of date, or not issued
	TLSProtocol  TLSProblem = "protocol" // no protocol version in common
	TLSPrivateCA TLSProblem = "private"  // issued by a private authority
	TLSCipher    TLSProblem = "cipher"   // no cipher in common
	TLSClient    TLSProblem = "client"   // the listener demands a client certificate, and CloudFront has no valid one

	// These only a handshake shows.
	TLSSelfSigned TLSProblem = "self-signed" // the certificate signed itself
	TLSUntrusted  TLSProblem = "untrusted"   // its authority is not a public one
	TLSIncomplete TLSProblem = "incomplete"  // an intermediate certificate is missing
	TLSOrder      TLSProblem = "order"       // the chain is in the wrong order
	TLSWeak       TLSProblem = "weak"        // signed with SHA-1 or MD5
	TLSClosed     TLSProblem = "closed"      // the server closes or resets the connection
	TLSRefused    TLSProblem = "refused"     // the server refuses, and does not say why
	TLSSilent     TLSProblem = "silent"      // the server says nothing
)

// OriginTLS is the handshake with the origin.
type OriginTLS struct {
	// Names are those that the certificate may carry: the origin's domain and the Host that is sent.
	Names []string
	// Protocols are what CloudFront offers, as set on the origin.
	Protocols []string
	Problem   TLSProblem
	// Problems are all that a handshake showed, Problem first; empty where nobody made one.
	Problems []TLSProblem
	// Seen reports that a handshake was made, and that Problem is what it showed.
	Seen bool
	// Certificate is the listener's certificate that would be served; the zero Fact where none is known.
	Certificate evidence.Fact[account.CertificateOutput]
	// Policy is the listener's security policy, "" where it is not known.
	Policy string
	// Ciphers tells whether CloudFront and that policy have a cipher in common; unknown for policies whose ciphers are not in the table.
	Ciphers tri.Bool
}

func runOriginTLS(x *Exchange) Step {
	if x.Forwarded.Scheme != "https" {
		return x.Skip("The origin is asked over plain HTTP")
	}
	t := &x.ext.tls
	*t = OriginTLS{Protocols: x.Origin.sslProtocols(), Names: append(x.ext.tlsNames[:0], x.Forwarded.Address)}
	if host := cloudfront.NormalizeHost(x.Forwarded.Host); host != x.Forwarded.Address {
		t.Names = append(t.Names, host)
	}
	x.TLS = t
	if step, done := x.seeTLS(t); done {
		return step
	}
	if x.Connection != nil && x.Connection.Listener != nil {
		return x.listenerTLS(t, x.Connection.Listener)
	}
	switch e := x.Origin.Endpoint; {
	case e.IsS3() || e.ServesHTTPS().Yes():
		return x.Pass("AWS holds the certificate of this endpoint").WithEvidence(x.originRef("DomainName", e.Domain, "an endpoint of AWS's own"))
	case e.Kind == cloudfront.KindLoadBalancer || e.Kind == cloudfront.KindNetworkBalancer || e.Kind == cloudfront.KindEC2:
		if len(t.Names) == 1 && x.Forwarded.HeadersKnown {
			// Nobody can have a public certificate for these names (ELB/load-balancer-troubleshooting).
			t.Problem, x.failed = TLSName, connectFailed
			return x.Stop(502, ByCloudFront, "CloudFront connects to AWS's own name of the origin over HTTPS, and no public certificate can carry that name").
				WithEvidence(x.originRef("DomainName", e.Domain, "an AWS name, for which only AWS has certificates"))
		}
	}
	return x.Unsure(Alternative{Status: 502, If: "the origin's certificate is expired, untrusted, or for another name", Weak: true},
		"The origin's certificate was not checked; active validation would tell")
}

func (x *Exchange) listenerTLS(t *OriginTLS, l *elb.Listener) Step {
	listener := x.Connection.Balancer.Listeners
	switch l.Protocol {
	case elb.ProtocolEnumHttps, elb.ProtocolEnumTls:
	case elb.ProtocolEnumTcp, elb.ProtocolEnumTcpUdp:
		return x.Unsure(Alternative{Status: 502, If: "the targets' certificate is expired, untrusted, or for another name", Weak: true},
			"The load balancer passes TLS through to its targets, whose certificates are not known")
	default:
		t.Problem, x.failed = TLSNotSpoken, connectFailed
		return x.Stop(502, ByCloudFront, "CloudFront speaks HTTPS to a port where the load balancer speaks plain HTTP").
			WithEvidence(x.protocolField(""), listener.Ref("Listeners[].Protocol").With(string(l.Protocol), ""))
	}
	t.Policy = str(l.SslPolicy)
	switch gap := protocolGap(t.Protocols, t.Policy); {
	case gap == tri.Unknown && t.Policy != "" && len(t.Protocols) > 0 && !strings.Contains(t.Policy, "TLS13-1-3"):
		x.failed = connectFailed
		return x.Guess(502, ByCloudFront, "The load balancer's security policy takes none of the TLS versions that CloudFront is set to use (%s), unless it offers TLS 1.3 besides", listWords(t.Protocols)).
			WithEvidence(x.originRef("CustomOriginConfig.OriginSslProtocols.Items", listWords(t.Protocols), ""), listener.Ref("Listeners[].SslPolicy").With(t.Policy, ""))
	case gap.No():
		t.Problem, x.failed = TLSProtocol, connectFailed
		return x.Stop(502, ByCloudFront, "The load balancer's security policy takes none of the TLS versions that CloudFront is set to use (%s)", listWords(t.Protocols)).
			WithEvidence(x.originRef("CustomOriginConfig.OriginSslProtocols.Items", listWords(t.Protocols), ""), listener.Ref("Listeners[].SslPolicy").With(t.Policy, ""))
	}
	if side, ok := cloudfront.ELBSecurityPolicy(t.Policy); ok && len(t.Protocols) > 0 {
		common := cloudfront.Negotiate(side, cloudfront.OriginSide(x.Origin.Config.CustomOriginConfig.OriginSslProtocols.Items), "")
		t.Ciphers = common.OK
		if common.OK.No() && len(common.Protocols) > 0 {
			t.Problem, x.failed = TLSCipher, connectFailed
			return x.Stop(502, ByCloudFront, "The load balancer's security policy %s has no cipher that CloudFront offers", t.Policy).
				WithEvidence(listener.Ref("Listeners[].SslPolicy").With(t.Policy, ""))
		}
		if common.OK == tri.Unknown {
			// DG/secure-connections-supported-ciphers-cloudfront-to-origin lists no TLS 1.3, DG/RequestAndResponseBehaviorCustomOrigin names it.
			x.alternatives = append(x.alternatives, Alternative{Stage: "origin-tls", Status: 502,
				If: "CloudFront does not offer TLS 1.3 to this origin, and the load balancer's security policy " + t.Policy + " takes nothing older"})
		}
	}
	if step, done := x.clientTLS(t, l); done {
		return step
	}
	return x.certificateTLS(t, l)
}

// clientTLS judges the client certificate where the listener demands one. CloudFront presents what the origin names
// (DG/origin-mtls-authentication); without any it drops the connection (DG/RequestAndResponseBehaviorCustomOrigin).
func (x *Exchange) clientTLS(t *OriginTLS, l *elb.Listener) (step Step, done bool) {
	config := x.Origin.Config.CustomOriginConfig
	if l.MutualAuthentication == nil || str(l.MutualAuthentication.Mode) != "verify" || config == nil {
		return Step{}, false
	}
	arn := ""
	if config.OriginMtlsConfig != nil {
		arn = str(config.OriginMtlsConfig.ClientCertificateArn)
	}
	mode := x.Connection.Balancer.Listeners.Ref("Listeners[].MutualAuthentication.Mode").With("verify", "clients have to present a certificate")
	setting := x.Model.Ref(x.Origin.Field+".CustomOriginConfig.OriginMtlsConfig.ClientCertificateArn", arn, "")
	fact := account.Certificate(arn).In(x.Model.World)
	out, known := fact.Get()
	switch {
	case arn == "":
		t.Problem, x.failed = TLSClient, connectFailed
		return x.Stop(502, ByCloudFront, "The load balancer demands a client certificate, and CloudFront has none for this origin").WithEvidence(mode, setting), true
	case fact.IsAbsent(), known && certificateProblem(out.Certificate, x.Model.World.Now) == TLSExpired:
		t.Problem, x.failed = TLSClient, connectFailed
		return x.Stop(502, ByCloudFront, "The load balancer demands a client certificate, and the one that CloudFront has for this origin is not valid").
			WithEvidence(mode, setting, fact.Ref("Certificate.NotAfter")), true
	}
	x.possibly(Alternative{Status: 502, If: "the load balancer's trust store does not know CloudFront's client certificate", Weak: true})
	return Step{}, false
}

// certificateTLS picks the certificate as the load balancer does, by server name, else the default one, and judges it.
func (x *Exchange) certificateTLS(t *OriginTLS, l *elb.Listener) Step {
	facts, complete := x.Model.listenerCertificates(l)
	best := x.Model.judgeCertificates(facts, t.Names)
	t.Certificate = best.fact
	ref := best.fact.Ref("Certificate.SubjectAlternativeNames").With(listWords(best.names), "")
	switch {
	case best.usable.Yes():
		return x.Pass("The load balancer has a valid certificate for %s", best.covered).WithEvidence(ref)
	case best.unknown || !complete || len(facts) == 0:
		return x.Unsure(Alternative{Status: 502, If: "none of the load balancer's certificates names the origin", Weak: !best.named && len(facts) == 0},
			"Not all of the load balancer's certificates were read").WithEvidence(x.Connection.Balancer.Listeners.Ref("Listeners[].Certificates"))
	}
	t.Problem, x.failed = best.problem, connectFailed
	if best.problem == TLSName && !x.Forwarded.HeadersKnown {
		return x.Unsure(Alternative{Status: 502, If: "the viewer's Host header is not forwarded"}, "The certificate does not name the origin's domain").WithEvidence(ref)
	}
	summary := map[TLSProblem]string{
		TLSName:      "The load balancer has no certificate for the name that CloudFront asks for",
		TLSExpired:   "The load balancer's certificate is not valid at this time",
		TLSPrivateCA: "The load balancer's certificate comes from a private authority, which CloudFront does not trust",
	}[best.problem]
	return x.Stop(502, ByCloudFront, "%s (%s)", summary, listWords(t.Names)).WithEvidence(x.originRef("DomainName", x.Forwarded.Address, ""), ref)
}

// listenerCertificates reads the certificates of a listener, the default one first. Complete says that the list is the whole one:
// DescribeListeners shows the default certificate only.
func (m *Model) listenerCertificates(l *elb.Listener) (facts []evidence.Fact[account.CertificateOutput], complete bool) {
	var arns []string
	for _, c := range l.Certificates {
		arns = append(arns, str(c.CertificateArn))
	}
	list, complete := account.ListenerCertificates(str(l.ListenerArn)).In(m.World).Get()
	for _, c := range list.Certificates {
		if arn := str(c.CertificateArn); !slices.Contains(arns, arn) {
			arns = append(arns, arn)
		}
	}
	for _, arn := range arns {
		facts = append(facts, account.Certificate(arn).In(m.World))
	}
	return facts, complete
}

// judged is the verdict on the certificates that a listener could serve.
type judged struct {
	fact    evidence.Fact[account.CertificateOutput]
	names   []string
	covered string
	usable  tri.Bool
	named   bool // some certificate names the origin
	unknown bool // some certificate could not be read
	problem TLSProblem
}

func (m *Model) judgeCertificates(facts []evidence.Fact[account.CertificateOutput], wanted []string) judged {
	best := judged{problem: TLSName}
	for i, fact := range facts {
		out, ok := fact.Get()
		if !ok {
			best.unknown = true
			continue
		}
		names := certificateNames(out.Certificate)
		if i == 0 {
			best.fact, best.names = fact, names
		}
		for _, name := range wanted {
			if !cloudfront.CertCovers(names, name) {
				continue
			}
			problem := certificateProblem(out.Certificate, m.World.Now)
			if problem == "" {
				return judged{fact: fact, names: names, covered: name, usable: tri.True, named: true}
			}
			best.fact, best.names, best.covered, best.named, best.problem = fact, names, name, true, problem
		}
	}
	return best
}

func certificateNames(c acm.CertificateDetail) []string {
	names := slices.Clone(c.SubjectAlternativeNames)
	if name := str(c.DomainName); name != "" && !slices.Contains(names, name) {
		names = append(names, name)
	}
	return names
}

func certificateProblem(c acm.CertificateDetail, now time.Time) TLSProblem {
	switch {
	case c.Type == acm.CertificateTypePrivate || str(c.CertificateAuthorityArn) != "" || selfSigned(c):
		return TLSPrivateCA
	case c.NotAfter != nil && now.After(*c.NotAfter), c.NotBefore != nil && now.Before(*c.NotBefore),
		c.Status != "" && c.Status != acm.CertificateStatusIssued:
		return TLSExpired
	}
	return ""
}

// selfSigned reports whether an imported certificate names itself as its issuer.
func selfSigned(c acm.CertificateDetail) bool {
	issuer := strings.TrimPrefix(str(c.Issuer), "CN=")
	return c.Type == acm.CertificateTypeImported && issuer != "" && (issuer == strings.TrimPrefix(str(c.Subject), "CN=") || issuer == str(c.DomainName))
}

func (o *Origin) sslProtocols() []string {
	return o.data.protocols.get(func() (out []string) {
		for _, p := range deref(deref(o.Config.CustomOriginConfig).OriginSslProtocols).Items {
			out = append(out, string(p))
		}
		return out
	})
}

// protocolGap is False where a load balancer's security policy takes none of the protocols. CloudFront may offer TLS 1.3 beside what is
// set (DG/RequestAndResponseBehaviorCustomOrigin), so policies for TLS 1.3 leave it open. ELB's names tell: "TLS-1-2" policies take
// TLS 1.2 at least, "TLS13-1-3" takes TLS 1.3 alone (ELB/describe-ssl-policies).
func protocolGap(offered []string, policy string) tri.Bool {
	if len(offered) == 0 || policy == "" {
		return tri.Unknown
	}
	lowest := ""
	switch {
	case strings.Contains(policy, "TLS13-1-3"):
		return tri.Unknown
	case strings.Contains(policy, "TLS13-1-2"), strings.Contains(policy, "TLS-1-2"), strings.Contains(policy, "FS-1-2"):
		lowest = "TLSv1.2"
	case strings.Contains(policy, "TLS13-1-1"), strings.Contains(policy, "TLS-1-1"), strings.Contains(policy, "FS-1-1"):
		lowest = "TLSv1.1"
	default:
		return tri.True
	}
	for _, p := range offered {
		if p >= lowest && strings.HasPrefix(p, "TLS") {
			return tri.True
		}
	}
	if strings.Contains(policy, "TLS13") {
		return tri.Unknown
	}
	return tri.False
}
