package doctor

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/tri"
)

func seconds(n int) string { return strconv.Itoa(n) + " s" }

// server compares with a load balancer, an instance or somebody's server.
func (x *matching) server() {
	if x.o.Config.VpcOriginConfig != nil {
		x.vpc()
	}
	f := x.m.BalancerFor(x.o)
	if f == nil || !f.Balancer.IsKnown() {
		x.unknownServer()
		return
	}
	b, _ := f.Balancer.Get()
	if x.o.Config.VpcOriginConfig == nil {
		x.row("Way to the load balancer", "over the internet", "an internet-facing load balancer", string(b.Scheme), tri.Of(b.Scheme != elb.LoadBalancerSchemeEnumInternal))
	}
	ways, known := x.connections()
	if known && f.Listeners.IsKnown() {
		for _, w := range ways {
			x.listener(f, w)
		}
	}
	for _, w := range ways {
		x.firewall(f, w)
	}
	x.timeouts(text(b.LoadBalancerArn), b.Type == elb.LoadBalancerTypeEnumApplication)
	x.health(f)
}

func (x *matching) vpc() {
	fact := x.m.VPCOriginFor(x.o)
	out, ok := fact.Get()
	if !ok {
		gone := tri.Unknown
		if fact.IsAbsent() {
			gone = tri.False
		}
		x.row("VPC origin", text(x.o.Config.VpcOriginConfig.VpcOriginId), "a deployed VPC origin", fact.Why(), gone)
		return
	}
	x.row("VPC origin", text(x.o.Config.VpcOriginConfig.VpcOriginId), "a deployed VPC origin", text(out.VpcOrigin.Status), tri.Of(text(out.VpcOrigin.Status) == "Deployed"))
}

// unknownServer lists what a server that the account does not hold has to have.
func (x *matching) unknownServer() {
	ways, known := x.connections()
	if !known {
		return
	}
	if x.o.Endpoint.ServesHTTPS().Yes() {
		x.httpsOnly(false)
		return
	}
	x.row("Protocol to the origin", wayWords(ways), "a server that answers there, and a firewall that lets CloudFront in", "not known; active validation would tell", tri.Unknown)
	if slices.ContainsFunc(ways, func(w connection) bool { return w.scheme == "https" }) {
		x.row("TLS to the origin", strings.Join(sslProtocols(x.o), ", "), "a valid certificate of a public authority for "+strings.Join(x.tlsNames(), " or "),
			"not known; active validation would tell", tri.Unknown)
	}
}

// tlsNames are the names that the origin's certificate may carry: its domain, and the viewer's Host where that is forwarded
// (DG/using-https-cloudfront-to-custom-origin).
func (x *matching) tlsNames() []string {
	names := []string{show(x.o.Endpoint.Domain)}
	if forwarded, _ := x.split(func(b *edge.Behavior) tri.Bool { return b.Forwarding().ForwardsHost() }); len(forwarded) > 0 {
		names = append(names, x.m.Aliases()...)
	}
	return names
}

// listener compares one way of connecting with the load balancer's listener on that port.
func (x *matching) listener(f *edge.BalancerFacts, w connection) {
	l, ok := f.Listener(w.port)
	has := "listeners on " + strings.Join(f.Ports(), ", ")
	if !ok {
		x.row("Protocol to the origin", w.words(), "a listener on port "+strconv.Itoa(w.port), has, tri.False)
		return
	}
	fits := tri.True
	switch l.Protocol {
	case elb.ProtocolEnumHttps, elb.ProtocolEnumTls:
		fits = tri.Of(w.scheme == "https")
	case elb.ProtocolEnumHttp:
		fits = tri.Of(w.scheme == "http")
	default:
		fits = tri.Unknown // it passes on whatever comes; the targets decide
	}
	x.row("Protocol to the origin", w.words(), "a listener on that port for that protocol", string(l.Protocol)+" on port "+strconv.Itoa(w.port), fits)
	if w.scheme == "https" && fits.Yes() {
		x.tls(l)
	}
}

// tls compares protocols, ciphers and names (DG/secure-connections-supported-ciphers-cloudfront-to-origin, ELB/describe-ssl-policies).
func (x *matching) tls(l elb.Listener) {
	var offered []types.SslProtocol
	if c := x.o.Config.CustomOriginConfig; c != nil && c.OriginSslProtocols != nil {
		offered = c.OriginSslProtocols.Items
	}
	if len(offered) > 0 {
		name := text(l.SslPolicy)
		server, ok := cloudfront.ELBSecurityPolicy(name)
		fits, has := tri.Unknown, orNone(name)
		if ok {
			fits = cloudfront.Negotiate(server, cloudfront.OriginSide(offered), "").OK
			has += " (" + protocolWords(server.Protocols) + ")"
		}
		x.row("TLS versions to the origin", strings.Join(sslProtocols(x.o), ", "), "a TLS version and cipher in common with the listener", has, fits)
	}
	names, complete := x.certificateNames(l)
	wanted := x.tlsNames()
	fits := tri.Of(slices.ContainsFunc(wanted, func(name string) bool { return cloudfront.CertCovers(names, name) }))
	if fits.No() && !complete {
		fits = tri.Unknown
	}
	x.row("Certificate of the origin", "CloudFront asks for "+strings.Join(wanted, " or "), "a certificate for one of these names", orNone(strings.Join(names, ", ")), fits)
}

func protocolWords(protocols []cloudfront.Protocol) string {
	words := make([]string, len(protocols))
	for i, p := range protocols {
		words[i] = string(p)
	}
	return strings.Join(words, ", ")
}

// certificateNames lists the names in a listener's certificates; complete is false where one could not be read.
func (x *matching) certificateNames(l elb.Listener) (names []string, complete bool) {
	out, complete := account.ListenerCertificates(text(l.ListenerArn)).In(x.m.World).Get()
	for _, c := range append(slices.Clone(l.Certificates), out.Certificates...) {
		certificate, ok := account.Certificate(text(c.CertificateArn)).In(x.m.World).Get()
		complete = complete && ok
		for _, name := range append([]string{text(certificate.Certificate.DomainName)}, certificate.Certificate.SubjectAlternativeNames...) {
			if name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, complete
}

func (x *matching) firewall(f *edge.BalancerFacts, w connection) {
	if len(f.Network.GroupIDs) == 0 {
		return
	}
	admission := x.m.AdmitsCloudFront(f.Network, w.port, x.o.Config.VpcOriginConfig != nil)
	has := map[tri.Bool]string{tri.True: "they do", tri.False: "they do not", tri.Unknown: "could not be told for certain"}[admission.Allowed]
	x.row("Connections from CloudFront", "port "+strconv.Itoa(w.port), "security groups that let CloudFront's addresses in", has, admission.Allowed)
}

// timeouts compares how long both sides wait (DG/DownloadDistValuesOrigin, ELB/edit-load-balancer-attributes).
func (x *matching) timeouts(balancer string, application bool) {
	out, ok := account.LoadBalancerAttributes(balancer).In(x.m.World).Get()
	if !ok || !application {
		return
	}
	attribute := func(key string) (int, bool) {
		for _, a := range out.Attributes {
			if text(a.Key) == key {
				n, err := strconv.Atoi(text(a.Value))
				return n, err == nil
			}
		}
		return 0, false
	}
	idle, ok := attribute("idle_timeout.timeout_seconds")
	if !ok {
		return
	}
	// Whoever gives up first answers 504: CloudFront before the idle timeout, else the load balancer.
	x.row("Read timeout", seconds(x.o.ReadTimeout()), "no less than the load balancer's idle timeout, so that slow answers still arrive", "idle timeout "+seconds(idle),
		waits(x.o.ReadTimeout(), idle-1))
	keep := idle
	if longest, ok := attribute("client_keep_alive.seconds"); ok {
		keep = min(keep, longest)
	}
	if c := x.o.Config.CustomOriginConfig; c != nil && c.OriginKeepaliveTimeout != nil {
		mine := int(*c.OriginKeepaliveTimeout)
		x.row("Keep-alive timeout", seconds(mine), "less than the load balancer keeps an idle connection", seconds(keep), waits(keep, mine))
	}
}

// health sums up the targets: an origin without a healthy one answers 503.
func (x *matching) health(f *edge.BalancerFacts) {
	groups, ok := f.Targets.Get()
	if !ok {
		return
	}
	healthy, all, known := 0, 0, true
	for _, g := range groups.TargetGroups {
		out, ok := account.TargetHealth(text(g.TargetGroupArn)).In(x.m.World).Get()
		known = known && ok
		for _, t := range out.TargetHealthDescriptions {
			all++
			if t.TargetHealth != nil && t.TargetHealth.State == elb.TargetHealthStateEnumHealthy {
				healthy++
			}
		}
	}
	fits := tri.Of(healthy > 0)
	if fits.No() && !known {
		fits = tri.Unknown
	}
	x.row("Targets", "requests go to the load balancer", "at least one healthy target", fmt.Sprintf("%d of %d healthy", healthy, all), fits)
}

// serverHost compares the Host with the rules of a load balancer's listeners, where there is one. A rule that does not match is no fault by itself: the default
// rule may be meant.
func (x *matching) serverHost(current string, forwarded []*edge.Behavior) {
	f := x.m.BalancerFor(x.o)
	if f == nil || !f.Listeners.IsKnown() {
		x.row("Host header", current, "a Host that the server is set up for", "not known", tri.Unknown)
		return
	}
	var asked []string
	listeners, _ := f.Listeners.Get()
	for _, l := range listeners.Listeners {
		rules, ok := account.ListenerRules(text(l.ListenerArn)).In(x.m.World).Get()
		if !ok {
			x.row("Host header", current, "a Host that the listener's rules ask for, if any do", "the rules were not read", tri.Unknown)
			return
		}
		asked = append(asked, hostConditions(rules.Rules)...)
	}
	if len(asked) == 0 {
		x.row("Host header", current, "any Host", "no rule looks at it", tri.True)
		return
	}
	sent := []string{x.o.Endpoint.Domain}
	if len(forwarded) > 0 {
		sent = x.m.Aliases()
	}
	ok := tri.Unknown
	if slices.ContainsFunc(sent, func(host string) bool {
		return slices.ContainsFunc(asked, func(p string) bool { return globHost(p, host) })
	}) {
		ok = tri.True
	}
	slices.Sort(asked)
	x.row("Host header", current, "a Host that the listener's rules ask for", "rules for "+show(strings.Join(slices.Compact(asked), ", ")), ok)
}

func hostConditions(rules []elb.Rule) []string {
	var out []string
	for _, r := range rules {
		for _, c := range r.Conditions {
			if text(c.Field) != "host-header" {
				continue
			}
			out = append(out, c.Values...)
			if c.HostHeaderConfig != nil {
				out = append(out, c.HostHeaderConfig.Values...)
			}
		}
	}
	return out
}

// globHost matches a host with a rule's pattern, where * and ? are wildcards (ELB/rule-condition-types).
func globHost(pattern, host string) bool {
	escaped := strings.NewReplacer(`\`, `\\`, "[", `\[`).Replace(strings.ToLower(pattern))
	ok, err := path.Match(escaped, strings.ToLower(host))
	return err == nil && ok
}
