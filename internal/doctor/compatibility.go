package doctor

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/report"
	"cfdoctor/internal/tri"
)

// compatibility sets what CloudFront is set to against what each origin requires and what it has.
func compatibility(m *edge.Model) []report.Compatibility {
	var rows []report.Compatibility
	samples := map[*edge.Behavior]string{}
	for _, r := range m.Representative() {
		samples[r.Behavior] = r.Request.Path
	}
	for _, o := range m.Origins {
		x := &matching{m: m, o: o, behaviors: behaviorsTo(m, o), samples: samples}
		x.all()
		rows = append(rows, x.rows...)
	}
	return rows
}

// behaviorsTo lists the behaviors that lead to an origin, by itself or in an origin group.
func behaviorsTo(m *edge.Model, o *edge.Origin) []*edge.Behavior {
	var out []*edge.Behavior
	for _, b := range m.Behaviors {
		target := text(b.Config.TargetOriginId)
		leads := target == o.ID
		if g, ok := m.Group(target); ok && g.Config.Members != nil {
			leads = slices.ContainsFunc(g.Config.Members.Items, func(member types.OriginGroupMember) bool { return text(member.OriginId) == o.ID })
		}
		if leads {
			out = append(out, b)
		}
	}
	return out
}

// matching compares one origin's settings.
type matching struct {
	m         *edge.Model
	o         *edge.Origin
	behaviors []*edge.Behavior          // that lead to the origin
	samples   map[*edge.Behavior]string // a path for each behavior
	rows      []report.Compatibility
}

func (x *matching) row(setting, current, requires, has string, ok tri.Bool) {
	r := report.Compatibility{CloudFrontSetting: setting, Current: current, OriginRequires: requires, OriginHas: has, Origin: x.o.ID}
	if ok.Known() {
		fits := ok.Yes()
		r.OK = &fits
	}
	x.rows = append(x.rows, r)
}

func (x *matching) all() {
	e := x.o.Endpoint
	x.domain()
	if len(x.behaviors) == 0 {
		x.row("Use", "no cache behavior leads to this origin", "at least one behavior", "none", tri.False)
		return
	}
	x.host()
	x.controlType()
	switch {
	case e.Kind == cloudfront.KindS3Website:
		x.website()
	case e.IsS3():
		x.bucket()
	case e.Kind == cloudfront.KindLambdaURL:
		x.lambdaURL()
	case e.Kind == cloudfront.KindAPIGateway:
		x.api()
	default:
		x.server()
	}
	x.compression()
}

func (x *matching) domain() {
	e := x.o.Endpoint
	ok, has := tri.True, kindWords(x.o)
	switch e.Kind {
	case cloudfront.KindInvalid, cloudfront.KindIPAddress:
		ok, has = tri.False, e.Reason
	case cloudfront.KindS3PathStyle:
		ok, has = tri.False, "an S3 endpoint without a bucket's name"
	}
	x.row("Origin domain", show(text(x.o.Config.DomainName)), "a public host name, without scheme, port or path", has, ok)
}

// host compares the Host header: the services of AWS route and sign by their own name (DG/controlling-origin-requests).
func (x *matching) host() {
	forwarded, unknown := x.split(func(b *edge.Behavior) tri.Bool { return b.Forwarding().ForwardsHost() })
	current := "the origin's own name"
	switch {
	case len(forwarded) > 0:
		current = "the viewer's Host, for " + patterns(forwarded)
	case len(unknown) > 0:
		current = "not known: a policy of " + patterns(unknown) + " could not be read"
	}
	none := tri.Of(len(forwarded) == 0)
	if len(forwarded) == 0 && len(unknown) > 0 {
		none = tri.Unknown
	}
	domain := show(x.o.Endpoint.Domain)
	if x.o.Endpoint.NeedsOwnHost().Yes() {
		x.row("Host header", current, "its own name as Host", "answers as "+domain+" only", none)
		return
	}
	x.serverHost(current, forwarded)
}

// split sorts the behaviors by a three-valued question: those with yes, and those not known.
func (x *matching) split(ask func(*edge.Behavior) tri.Bool) (yes, unknown []*edge.Behavior) {
	for _, b := range x.behaviors {
		switch ask(b) {
		case tri.True:
			yes = append(yes, b)
		case tri.Unknown:
			unknown = append(unknown, b)
		}
	}
	return yes, unknown
}

// controlType compares the type of the origin access control with the kind of origin (DG/private-content-restricting-access-to-origin).
func (x *matching) controlType() {
	config, ok := x.o.OAC.Get()
	if !ok {
		return
	}
	has := string(config.OriginAccessControlOriginType)
	want := x.o.Endpoint.OriginAccessControlType()
	switch {
	case want != "":
		x.row("Origin access control type", has, want, kindWords(x.o), tri.Of(has == want))
	case x.o.Endpoint.Kind == cloudfront.KindS3MultiRegion:
		x.row("Origin access control type", has, "the type for Multi-Region Access Points", kindWords(x.o), tri.Unknown)
	default:
		x.row("Origin access control type", has, "none: this kind of origin cannot check the signature", kindWords(x.o), tri.False)
	}
}

// compression: CloudFront compresses only what it asks for compressed, which the cache policy has to allow (DG/ServingCompressedFiles).
func (x *matching) compression() {
	var on, without []*edge.Behavior
	unknown := false
	for _, b := range x.behaviors {
		if b.Config.Compress == nil || !*b.Config.Compress || b.Forwarding().CachingDisabled().Yes() {
			continue // without caching there is no compression either
		}
		on = append(on, b)
		if b.Config.ForwardedValues == nil && b.CachePolicy.Missing() {
			unknown = true
		} else if f := b.Forwarding(); !f.Gzip && !f.Brotli {
			without = append(without, b)
		}
	}
	if len(on) == 0 {
		return
	}
	has, ok := "the cache policy does so", tri.True
	switch {
	case len(without) > 0:
		has, ok = "the cache policy of "+patterns(without)+" does not", tri.False
	case unknown:
		has, ok = "a cache policy could not be read", tri.Unknown
	}
	x.row("Compression", "on for "+patterns(on), "a cache policy that asks for gzip or Brotli, and answers with a Content-Length", has, ok)
}

// connection is one way in which CloudFront may connect.
type connection struct {
	scheme string
	port   int
}

func (c connection) words() string {
	return strings.ToUpper(c.scheme) + " on port " + strconv.Itoa(c.port)
}

// connections lists the ways, as far as the protocol policy and the viewers' protocols tell. known is false for a VPC origin that was not read.
func (x *matching) connections() (ways []connection, known bool) {
	policy, httpPort, httpsPort := types.OriginProtocolPolicyMatchViewer, int32(80), int32(443)
	set := func(p types.OriginProtocolPolicy, http, https *int32) {
		policy = p
		if http != nil && *http != 0 {
			httpPort = *http
		}
		if https != nil && *https != 0 {
			httpsPort = *https
		}
	}
	switch c := x.o.Config; {
	case c.CustomOriginConfig != nil:
		set(c.CustomOriginConfig.OriginProtocolPolicy, c.CustomOriginConfig.HTTPPort, c.CustomOriginConfig.HTTPSPort)
	case c.VpcOriginConfig != nil:
		out, ok := x.m.VPCOriginFor(x.o).Get()
		if !ok || out.VpcOrigin.VpcOriginEndpointConfig == nil {
			return nil, false
		}
		e := out.VpcOrigin.VpcOriginEndpointConfig
		set(e.OriginProtocolPolicy, e.HTTPPort, e.HTTPSPort)
	}
	plain := slices.ContainsFunc(x.behaviors, func(b *edge.Behavior) bool {
		return b.Config.ViewerProtocolPolicy == types.ViewerProtocolPolicyAllowAll
	})
	if policy != types.OriginProtocolPolicyHttpOnly {
		ways = append(ways, connection{"https", int(httpsPort)})
	}
	if policy == types.OriginProtocolPolicyHttpOnly || policy == types.OriginProtocolPolicyMatchViewer && plain {
		ways = append(ways, connection{"http", int(httpPort)})
	}
	return ways, true
}

func wayWords(ways []connection) string {
	words := make([]string, len(ways))
	for i, w := range ways {
		words[i] = w.words()
	}
	return strings.Join(words, " and ")
}

// httpsOnly compares the protocol with a service that has no plain HTTP.
func (x *matching) httpsOnly(certain bool) {
	ways, known := x.connections()
	if !known {
		return
	}
	ok := tri.True
	for _, w := range ways {
		switch {
		case w.scheme == "https" && w.port == 443:
		case certain:
			ok = tri.False
		default:
			ok = tri.And(ok, tri.Unknown)
		}
	}
	x.row("Protocol to the origin", wayWords(ways), "HTTPS on port 443", kindWords(x.o)+": HTTPS on port 443", ok)
	if protocols := sslProtocols(x.o); len(protocols) > 0 {
		modern := tri.Unknown
		if slices.Contains(protocols, "TLSv1.2") {
			modern = tri.True
		}
		x.row("TLS versions to the origin", strings.Join(protocols, ", "), "TLSv1.2", "TLS 1.2 and newer", modern)
	}
}

func sslProtocols(o *edge.Origin) []string {
	c := o.Config.CustomOriginConfig
	if c == nil || c.OriginSslProtocols == nil {
		return nil
	}
	var out []string
	for _, p := range c.OriginSslProtocols.Items {
		out = append(out, string(p))
	}
	return out
}

// patterns names behaviors by their path patterns.
func patterns(behaviors []*edge.Behavior) string {
	words := make([]string, len(behaviors))
	for i, b := range behaviors {
		words[i] = show(b.PathPattern)
	}
	return strings.Join(words, ", ")
}

// allowing lists the behaviors that let a method through.
func (x *matching) allowing(method types.Method) []*edge.Behavior {
	yes, _ := x.split(func(b *edge.Behavior) tri.Bool {
		return tri.Of(b.Config.AllowedMethods != nil && slices.Contains(b.Config.AllowedMethods.Items, method))
	})
	return yes
}
