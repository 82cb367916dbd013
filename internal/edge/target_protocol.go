package edge

import (
	"slices"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// MisfitTarget is a target group whose protocol version does not take the request.
type MisfitTarget struct {
	Group   elb.TargetGroup
	Request string // what CloudFront speaks: "HTTP/1.1" or "gRPC"
	Call    bool   // the viewer's request is a gRPC call, whatever CloudFront makes of it
	Ref     evidence.Ref
}

// targetProtocol judges whether the target groups take what CloudFront speaks: HTTP/1.1, and HTTP/2 for gRPC (DG/RequestAndResponseBehaviorCustomOrigin,
// DG/distribution-using-grpc). A group of the version HTTP2 or GRPC takes no HTTP/1.1, one of the version HTTP1 no gRPC; the load balancer then
// answers 464 itself (ELB/load-balancer-target-groups, ELB/load-balancer-troubleshooting).
func (x *Exchange) targetProtocol(r *LoadBalancerRoute) (step Step, done bool) {
	var misfits []MisfitTarget
	for _, group := range r.Targets.Or(account.TargetGroupsOutput{}).TargetGroups {
		if arn := str(group.TargetGroupArn); slices.Contains(r.TargetGroups, arn) && !x.spokenBy(str(group.ProtocolVersion)) {
			misfits = append(misfits, MisfitTarget{Group: group, Request: x.spoken(), Call: x.grpc(),
				Ref: r.Targets.Ref("TargetGroups[].ProtocolVersion").With(str(group.ProtocolVersion), "CloudFront speaks "+x.spoken())})
		}
	}
	if len(misfits) == 0 {
		return Step{}, false
	}
	r.Misfit = &misfits[0]
	version := str(misfits[0].Group.ProtocolVersion)
	if len(misfits) < len(r.TargetGroups) {
		return x.Unsure(Alternative{Status: 464, If: "the request goes to the target group that takes " + version + " only"},
			"One of the target groups takes %s only, and CloudFront speaks %s", version, x.spoken()).WithEvidence(misfits[0].Ref), true
	}
	return x.Stop(464, ByALB, "The load balancer's target group takes %s only, and CloudFront speaks %s", version, x.spoken()).WithEvidence(misfits[0].Ref), true
}

// spoken is the protocol in which CloudFront asks the origin.
func (x *Exchange) spoken() string {
	if config := x.Behavior.Config.GrpcConfig; x.grpc() && config != nil && deref(config.Enabled) {
		return "gRPC"
	}
	return "HTTP/1.1"
}

// spokenBy reports whether a target group's protocol version takes it. A version that is not known is taken to fit.
func (x *Exchange) spokenBy(version string) bool {
	switch version {
	case "HTTP1":
		return x.spoken() == "HTTP/1.1"
	case "HTTP2", "GRPC":
		return x.spoken() == "gRPC"
	}
	return true
}

// RefusesGRPC points at a target group of the route that takes no gRPC.
func (r *LoadBalancerRoute) RefusesGRPC() (ref evidence.Ref, refuses bool) {
	for _, group := range r.Targets.Or(account.TargetGroupsOutput{}).TargetGroups {
		if str(group.ProtocolVersion) == "HTTP1" && slices.Contains(r.TargetGroups, str(group.TargetGroupArn)) {
			return r.Targets.Ref("TargetGroups[].ProtocolVersion").With("HTTP1", "").Want("GRPC"), true
		}
	}
	return ref, false
}
