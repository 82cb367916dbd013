package edge

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/request"
	"cfdoctor/internal/tri"
)

var originRequest = &Stage{
	ID:    "origin-request",
	Title: "The request to the origin",
	Doc: "CloudFront builds a request of its own: the origin path in front of the raw path, the query string, headers and cookies that the policies " +
		"let through, the origin's custom headers, the origin's name as Host unless a policy forwards the viewer's, and with origin access control a signature.",
	Sources: []string{
		"DG/RequestAndResponseBehaviorCustomOrigin", "DG/RequestAndResponseBehaviorS3Origin", "DG/DownloadDistValuesOrigin",
		"DG/private-content-restricting-access-to-s3", "DG/controlling-origin-requests",
	},
	Run: runOriginRequest,
}

func runOriginRequest(x *Exchange) Step {
	f := x.Behavior.Forwarding()
	host := f.OriginHost(x.Current.Host, x.Origin.Endpoint.Domain)
	x.Forwarded = OriginRequest{
		Method: x.Current.Method, Address: x.Origin.Endpoint.Domain, Host: host.Value, HeadersKnown: !host.Unsure,
		Path: str(x.Origin.Config.OriginPath) + x.Current.Path, pending: x,
	}
	o := &x.Forwarded
	if override := x.hostOverride(); override != "" {
		o.Host = override
	}
	query := x.Current.Query
	if x.Behavior.restrictsViewers() {
		query = cloudfront.WithoutSignature(query)
	}
	if query != "" {
		o.Query, _ = f.OriginQuery(query)
	}
	o.Scheme, o.Port = x.originProtocol()
	if o.Scheme == "https" {
		o.SNI = cloudfront.NormalizeHost(o.Host)
	}
	x.Signing = x.signing(o)
	o.Signed = x.Signing == SigningOAC || x.Signing == SigningOAI
	if x.Explain {
		o.complete()
	}
	return x.describeForwarded()
}

func (x *Exchange) describeForwarded() Step {
	o := &x.Forwarded
	if !o.HeadersKnown {
		return x.Unsure(Alternative{If: "a policy that could not be read forwards the viewer's Host header", Weak: x.Origin.Endpoint.NeedsOwnHost() != tri.True},
			"CloudFront asks the origin for %q; a policy that decides about headers could not be read", o.Path).
			WithEvidence(cite(x, x.Behavior.CachePolicy, ""), cite(x, x.Behavior.OriginRequestPolicy, ""))
	}
	verdict := Pass
	if o.Path != x.Viewer.Path || o.Host != x.Viewer.Host {
		verdict = Rewrite
	}
	step := x.explained(verdict, "CloudFront asks the origin for %q", o.Path).WithEvidence(x.originRef("", "", ""))
	if x.Explain {
		step = step.WithDetail("%s %s://%s:%d%s, Host: %s, signed: %t", o.Method, o.Scheme, o.Address, o.Port, o.Path, o.Host, o.Signed)
	}
	return step
}

// originHeaders builds the headers that the origin receives, without Host, and names those that may be missing.
func (x *Exchange) originHeaders() (headers []request.Header, unsure []string) {
	v := cloudfront.ViewerRequest{
		Method: x.Current.Method, OriginDomain: x.Origin.Endpoint.Domain, Custom: x.Origin.customHeaders(), WebSocket: x.webSocket(),
	}
	v.Headers = make([]cloudfront.Header, 0, len(x.Current.Headers)+1)
	if x.Current.Host != "" {
		v.Headers = append(v.Headers, cloudfront.Header{Name: "Host", Value: x.Current.Host})
	}
	for _, h := range x.Current.Headers {
		v.Headers = append(v.Headers, cloudfront.Header(h))
	}
	if x.Viewer.ClientIP.IsValid() {
		v.ViewerIP = x.Viewer.ClientIP.String()
	}
	sent := x.Behavior.Forwarding().OriginHeaders(v)
	headers = make([]request.Header, 0, len(sent))
	for _, h := range sent {
		if h.Unsure {
			unsure = append(unsure, h.Name)
		}
		if !strings.EqualFold(h.Name, "Host") {
			headers = append(headers, request.Header{Name: h.Name, Value: h.Value})
		}
	}
	return headers, unsure
}

func (x *Exchange) webSocket() bool {
	upgrade, _ := x.Current.Header("Upgrade")
	return strings.EqualFold(upgrade, "websocket")
}

func (o *Origin) customHeaders() []cloudfront.Header {
	return o.data.custom.get(func() (out []cloudfront.Header) {
		for _, h := range deref(o.Config.CustomHeaders).Items {
			out = append(out, cloudfront.Header{Name: str(h.HeaderName), Value: str(h.HeaderValue)})
		}
		return out
	})
}

// originProtocol says how CloudFront connects. An S3 origin is asked over the viewer's protocol, except that origin access control which always
// signs always uses HTTPS (DG/private-content-restricting-access-to-s3).
func (x *Exchange) originProtocol() (scheme string, port int) {
	scheme = x.Viewer.Scheme
	if scheme == "" {
		scheme = "https"
	}
	httpPort, httpsPort := 80, 443
	policy := types.OriginProtocolPolicyMatchViewer
	switch c := x.Origin.Config; {
	case c.CustomOriginConfig != nil:
		policy = c.CustomOriginConfig.OriginProtocolPolicy
		httpPort, httpsPort = portOr(c.CustomOriginConfig.HTTPPort, 80), portOr(c.CustomOriginConfig.HTTPSPort, 443)
	case c.VpcOriginConfig != nil:
		if e, ok := x.Model.vpcEndpoint(x.Origin); ok {
			policy = e.OriginProtocolPolicy
			httpPort, httpsPort = portOr(e.HTTPPort, 80), portOr(e.HTTPSPort, 443)
		}
	default:
		if config, ok := x.Origin.OAC.Get(); ok && config.SigningBehavior == types.OriginAccessControlSigningBehaviorsAlways {
			policy = types.OriginProtocolPolicyHttpsOnly
		}
	}
	switch policy {
	case types.OriginProtocolPolicyHttpOnly:
		scheme = "http"
	case types.OriginProtocolPolicyHttpsOnly:
		scheme = "https"
	}
	if scheme == "http" {
		return scheme, httpPort
	}
	return scheme, httpsPort
}

func portOr(p *int32, other int) int {
	if p == nil || *p == 0 {
		return other
	}
	return int(*p)
}

// Signing is how CloudFront identifies itself to an origin.
type Signing string

// The ways. The empty one means that the request was not built.
const (
	SigningNone    Signing = "none"    // nothing: the origin sees an anonymous request
	SigningOAC     Signing = "oac"     // origin access control signs as cloudfront.amazonaws.com
	SigningOAI     Signing = "oai"     // an origin access identity, CloudFront's older way
	SigningViewer  Signing = "viewer"  // the viewer's own Authorization header or presigned query reaches the origin
	SigningUnknown Signing = "unknown" // the origin access control could not be read
)

// signing says how the request is signed (DG/private-content-restricting-access-to-s3).
func (x *Exchange) signing(o *OriginRequest) Signing {
	if x.Origin.OAI != "" {
		return SigningOAI
	}
	behavior := types.OriginAccessControlSigningBehaviorsNever
	if !x.Origin.OAC.IsAbsent() || str(x.Origin.Config.OriginAccessControlId) != "" {
		config, ok := x.Origin.OAC.Get()
		if !ok {
			return SigningUnknown
		}
		behavior = config.SigningBehavior
	}
	switch behavior {
	case types.OriginAccessControlSigningBehaviorsAlways:
		return SigningOAC
	case types.OriginAccessControlSigningBehaviorsNoOverride:
		if x.viewerSigns(o) {
			return SigningViewer
		}
		return SigningOAC
	case types.OriginAccessControlSigningBehaviorsNever:
		if x.viewerSigns(o) {
			return SigningViewer
		}
		return SigningNone
	}
	return SigningUnknown
}

// viewerSigns reports whether a signature of the viewer's, or of the origin's custom headers, may reach the origin.
func (x *Exchange) viewerSigns(o *OriginRequest) bool {
	return o.Sends("Authorization") != tri.False || presigned(o.Query)
}

// passes reports whether a header of the viewer's, or of the origin's settings, may reach the origin in place of CloudFront's own.
func (x *Exchange) passes(name string) bool {
	if x.Behavior == nil {
		return false // no viewer asks
	}
	return x.Origin.sets(name) || x.Behavior.Forwarding().HeaderToOrigin(name, x.Current.Method) != tri.False
}

// sets reports whether the origin's settings add a header.
func (o *Origin) sets(name string) bool {
	return slices.ContainsFunc(o.customHeaders(), func(h cloudfront.Header) bool { return strings.EqualFold(h.Name, name) })
}

// presigned reports whether a query string carries an AWS signature of the viewer's.
func presigned(query string) bool {
	for part := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(part, "=")
		if strings.EqualFold(name, "X-Amz-Signature") {
			return true
		}
	}
	return false
}

// restrictsViewers reports whether the behavior wants signed URLs or cookies: only then are their parameters taken off the query string.
func (b *Behavior) restrictsViewers() bool {
	groups, signers := b.Config.TrustedKeyGroups, b.Config.TrustedSigners
	return groups != nil && groups.Enabled != nil && *groups.Enabled || signers != nil && signers.Enabled != nil && *signers.Enabled
}

// Forwarding is what the behavior's policies, or its legacy settings, put into the cache key and send to the origin.
func (b *Behavior) Forwarding() *cloudfront.Forwarding {
	return b.data.forwarding.get(func() *cloudfront.Forwarding {
		f := b.compileForwarding()
		return &f
	})
}

func (b *Behavior) compileForwarding() cloudfront.Forwarding {
	f := cloudfront.Forwarding{}
	switch policy, known := b.CachePolicy.Get(); {
	case b.Config.ForwardedValues != nil:
		f = cloudfront.LegacyForwarding(*b.Config.ForwardedValues, cloudfront.ResolveTTL(b.Config.MinTTL, b.Config.DefaultTTL, b.Config.MaxTTL))
	case known:
		if origin, ok := b.OriginRequestPolicy.Get(); ok {
			f = cloudfront.PolicyForwarding(policy, &origin)
		} else {
			f = cloudfront.PolicyForwarding(policy, nil)
		}
	default:
		if origin, ok := b.OriginRequestPolicy.Get(); ok {
			f = f.WithOriginRequestPolicy(&origin)
		}
	}
	if b.OriginRequestPolicy.Missing() {
		f = f.WithUnknownOriginRequestPolicy()
	}
	if methods := b.Config.AllowedMethods; methods != nil && methods.CachedMethods != nil {
		for _, method := range methods.CachedMethods.Items {
			f.CachesOptions = f.CachesOptions || method == types.MethodOptions
		}
	}
	return f
}
