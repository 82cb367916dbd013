package edge

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/tri"
)

// What is more than one plain request and answer: a connection opened for another name, WebSocket, gRPC.

// serverName is the name that the viewer's handshake was for: the requested host unless the request says otherwise.
func (x *Exchange) serverName() string {
	if x.Viewer.ServerName == "" {
		return x.hostFacts().host
	}
	return cloudfront.NormalizeHost(x.Viewer.ServerName)
}

// fronted judges a connection that was opened for another name than the request's host. CloudFront takes it where the certificate belongs to the
// account of the host's distribution, or covers the host, and answers 421 otherwise (DG/CNAMEs).
func (x *Exchange) fronted(h *HostMatch) (step Step, done bool) {
	name := x.serverName()
	if x.Viewer.Scheme == "http" || name == h.Host {
		return Step{}, false
	}
	other := x.Model.matchHost(name)
	served := x.Model.certificateFor(other)
	ref := x.ref("Aliases.Items", strings.Join(x.Model.Aliases(), ", "), "the connection was opened for "+name)
	switch {
	case other.Alias != "" && len(other.Holders) == 0 || other.Tenant != nil:
		return Step{}, false // this distribution's own certificate
	case other.Own && cloudfront.CertCovers(served.names, h.Host):
		return Step{}, false
	case other.Own:
		return x.worded(x.Unsure(Alternative{Status: 421, If: "CloudFront's own certificate, which does not cover the host, counts as nobody's"}, ""),
			"The connection was opened for %s, whose certificate is CloudFront's own and does not cover %s", name, h.Host).WithEvidence(ref), true
	}
	all := account.Distributions().In(x.Model.World)
	for _, d := range all.Or(account.DistributionsOutput{}).DistributionList.Items {
		if d.Aliases == nil {
			continue
		}
		if _, ok := cloudfront.BestAlias(d.Aliases.Items, name); ok {
			return Step{}, false // the same account's
		}
	}
	return x.worded(x.Guess(421, ByCloudFront, ""), "The connection was opened for %s, which no distribution of this account has: CloudFront refuses %s over it", name, h.Host).
		WithEvidence(ref, all.Ref("DistributionList.Items").With("", "none has "+name)), true
}

// grpc reports a gRPC call, which has a content type of its own.
func (x *Exchange) grpc() bool {
	contentType, _ := x.Current.Header("Content-Type")
	return strings.HasPrefix(contentType, "application/grpc")
}

// handshakeFits judges whether the viewer's HTTP version carries the protocol: WebSocket is opened over HTTP/1.1
// (DG/distribution-working-with.websockets), gRPC needs HTTP/2 (DG/distribution-using-grpc).
func (x *Exchange) handshakeFits() (step Step, done bool) {
	version := x.Viewer.HTTPVersion
	offered := x.Model.Config.HttpVersion
	switch {
	case x.webSocket() && (strings.HasPrefix(version, "HTTP/2") || strings.HasPrefix(version, "HTTP/3")):
		return x.Guess(400, ByCloudFront, "A WebSocket connection is opened over HTTP/1.1; a request with an Upgrade header over %s is malformed", version), true
	case x.grpc() && offered != "" && offered != types.HttpVersionHttp2 && offered != types.HttpVersionHttp2and3:
		return x.Unsure(Alternative{If: "the gRPC client gives up without HTTP/2"}, "gRPC needs HTTP/2, which the distribution does not offer").
			WithEvidence(x.ref("HttpVersion", string(offered), "").Want(string(types.HttpVersionHttp2and3))), true
	case x.grpc() && version != "" && !strings.HasPrefix(version, "HTTP/2"):
		return x.Unsure(Alternative{If: "the call is no gRPC to CloudFront"}, "gRPC needs HTTP/2, and the request comes over %s", version), true
	}
	return Step{}, false
}

// otherProtocol judges what an origin makes of a WebSocket handshake or a gRPC call that nothing has stopped.
func (x *Exchange) otherProtocol(by string) (step Step, done bool) {
	switch {
	case x.webSocket():
		return x.switchProtocols(by), true
	case x.grpc():
		return x.callGRPC(by)
	}
	return Step{}, false
}

// switchProtocols: the origin needs the handshake's own headers (RFC 6455, section 4.2.1), which an origin request policy or the cache key must
// forward (DG/distribution-working-with.websockets).
func (x *Exchange) switchProtocols(by string) Step {
	for _, name := range []string{"Sec-WebSocket-Key", "Sec-WebSocket-Version"} {
		ref := x.Behavior.OriginRequestPolicy.Ref("OriginRequestPolicyConfig.HeadersConfig").With("", name+" is not forwarded")
		switch x.Forwarded.Sends(name) {
		case tri.False:
			return x.Guess(400, by, "The origin gets the WebSocket handshake without its header %s, and refuses it", name).WithEvidence(ref, x.behaviorRef("OriginRequestPolicyId", str(x.Behavior.Config.OriginRequestPolicyId), ""))
		case tri.Unknown:
			return x.Unsure(Alternative{Status: 400, If: x.say("%s does not reach the origin", name)}, "Whether the handshake's headers reach the origin is not known").WithEvidence(ref)
		}
	}
	x.assumed = true
	x.Response = Response{Status: 101, By: by}
	return x.Unsure(Alternative{If: "the application behind the origin refuses the WebSocket connection", Weak: true},
		"The WebSocket handshake reaches the origin whole; that the application accepts it with 101 is an assumption").WithEvidence(x.originRef("DomainName", x.Origin.Endpoint.Domain, ""))
}

// callGRPC: a behavior without gRPC sends the call on as an ordinary HTTP/1.1 request, and one with it needs HTTPS to the origin
// (DG/distribution-using-grpc). What origins make of that is theirs; 464 and 502 were seen.
func (x *Exchange) callGRPC(by string) (step Step, done bool) {
	enabled := x.Behavior.Config.GrpcConfig != nil && deref(x.Behavior.Config.GrpcConfig.Enabled)
	switch {
	case !enabled:
		return x.Guess(502, by, "gRPC is not switched on for the behavior: the origin gets the call over HTTP/1.1, which gRPC cannot use").
			WithEvidence(x.behaviorRef("GrpcConfig.Enabled", "false", "").Want("true")), true
	case x.Forwarded.Scheme == "http":
		return x.Guess(502, ByCloudFront, "gRPC needs HTTPS to the origin, and CloudFront connects with plain HTTP").WithEvidence(x.protocolField("").Want("https-only")), true
	}
	return Step{}, false
}
