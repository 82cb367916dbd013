package account

import (
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"cfdoctor/internal/evidence"
)

// LoadBalancersOutput is DescribeLoadBalancers' answer, all pages merged.
type LoadBalancersOutput struct{ LoadBalancers []types.LoadBalancer }

// LoadBalancers lists a Region's load balancers, to find one by its DNS name.
func LoadBalancers(region string) evidence.Read[LoadBalancersOutput] {
	return ask[LoadBalancersOutput]("elbv2:DescribeLoadBalancers", region, "load balancers in "+region)
}

// ListenersOutput is DescribeListeners' answer.
type ListenersOutput struct{ Listeners []types.Listener }

// Listeners reads a load balancer's listeners.
func Listeners(loadBalancerARN string) evidence.Read[ListenersOutput] {
	return askELB[ListenersOutput]("DescribeListeners", "LoadBalancerArn", loadBalancerARN)
}

// RulesOutput is DescribeRules' answer.
type RulesOutput struct{ Rules []types.Rule }

// ListenerRules reads a listener's rules.
func ListenerRules(listenerARN string) evidence.Read[RulesOutput] {
	return askELB[RulesOutput]("DescribeRules", "ListenerArn", listenerARN)
}

// ListenerCertificatesOutput is DescribeListenerCertificates' answer.
type ListenerCertificatesOutput struct{ Certificates []types.Certificate }

// ListenerCertificates reads the certificates of an HTTPS listener.
func ListenerCertificates(listenerARN string) evidence.Read[ListenerCertificatesOutput] {
	return askELB[ListenerCertificatesOutput]("DescribeListenerCertificates", "ListenerArn", listenerARN)
}

// LoadBalancerAttributesOutput is DescribeLoadBalancerAttributes' answer.
type LoadBalancerAttributesOutput struct{ Attributes []types.LoadBalancerAttribute }

// LoadBalancerAttributes reads a load balancer's attributes, such as idle_timeout.timeout_seconds.
func LoadBalancerAttributes(arn string) evidence.Read[LoadBalancerAttributesOutput] {
	return askELB[LoadBalancerAttributesOutput]("DescribeLoadBalancerAttributes", "LoadBalancerArn", arn)
}

// TargetGroupsOutput is DescribeTargetGroups' answer.
type TargetGroupsOutput struct{ TargetGroups []types.TargetGroup }

// TargetGroups reads the target groups behind a load balancer.
func TargetGroups(loadBalancerARN string) evidence.Read[TargetGroupsOutput] {
	return askELB[TargetGroupsOutput]("DescribeTargetGroups", "LoadBalancerArn", loadBalancerARN)
}

// TargetHealthOutput is DescribeTargetHealth's answer.
type TargetHealthOutput struct {
	TargetHealthDescriptions []types.TargetHealthDescription
}

// TargetHealth reads the health of a target group's targets.
func TargetHealth(targetGroupARN string) evidence.Read[TargetHealthOutput] {
	return askELB[TargetHealthOutput]("DescribeTargetHealth", "TargetGroupArn", targetGroupARN)
}

func askELB[T any](operation, param, arn string) evidence.Read[T] {
	return ask[T]("elbv2:"+operation, RegionOf(arn), arn, param, arn)
}
