package collect

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2 "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
)

// cloudFrontPrefixList ends the names of AWS's lists of the addresses from which CloudFront connects to origins
// (DG/LocationsOfEdgeServers).
const cloudFrontPrefixList = "cloudfront.origin-facing"

// byDNSName picks the load balancer with a DNS name. The name with "dualstack." in front leads to the same one
// (ELB/application-load-balancers).
func byDNSName(name string) func(types.LoadBalancer) bool {
	name = strings.TrimPrefix(name, "dualstack.")
	return func(lb types.LoadBalancer) bool { return strings.EqualFold(aws.ToString(lb.DNSName), name) }
}

// byARN picks the load balancer with an ARN.
func byARN(arn string) func(types.LoadBalancer) bool {
	return func(lb types.LoadBalancer) bool { return aws.ToString(lb.LoadBalancerArn) == arn }
}

// balancers asks for a Region's load balancers and for everything about the one that is the origin.
func (w *walk) balancers(ctx context.Context, region string, is func(types.LoadBalancer) bool) {
	then(ctx, w.c, account.LoadBalancers(region), func(ctx context.Context, out account.LoadBalancersOutput) {
		for _, lb := range out.LoadBalancers {
			if is(lb) {
				w.balancer(ctx, region, lb)
			}
		}
	})
}

func (w *walk) balancer(ctx context.Context, region string, lb types.LoadBalancer) {
	arn := aws.ToString(lb.LoadBalancerArn)
	w.c.Want(ctx, account.LoadBalancerAttributes(arn))
	then(ctx, w.c, account.Listeners(arn), func(ctx context.Context, out account.ListenersOutput) {
		for _, l := range out.Listeners {
			w.listener(ctx, l)
		}
	})
	then(ctx, w.c, account.TargetGroups(arn), func(ctx context.Context, out account.TargetGroupsOutput) {
		for _, g := range out.TargetGroups {
			wantEach(ctx, w.c, account.TargetHealth, g.TargetGroupArn)
		}
	})
	if lb.Type == types.LoadBalancerTypeEnumApplication {
		w.regionalACL(ctx, arn, region) // the only kind that WAF protects
	}
	var subnets []string
	for _, zone := range lb.AvailabilityZones {
		if id := aws.ToString(zone.SubnetId); id != "" {
			subnets = append(subnets, id)
		}
	}
	w.network(ctx, region, aws.ToString(lb.VpcId), lb.SecurityGroups, subnets)
}

// listener asks for a listener's rules and certificates. The default certificate is in the listener itself, the others are not.
func (w *walk) listener(ctx context.Context, l types.Listener) {
	arn := aws.ToString(l.ListenerArn)
	w.c.Want(ctx, account.ListenerRules(arn))
	for _, cert := range l.Certificates {
		w.certificate(ctx, aws.ToString(cert.CertificateArn))
	}
	if l.Protocol != types.ProtocolEnumHttps && l.Protocol != types.ProtocolEnumTls {
		return
	}
	then(ctx, w.c, account.ListenerCertificates(arn), func(ctx context.Context, out account.ListenerCertificatesOutput) {
		for _, cert := range out.Certificates {
			w.certificate(ctx, aws.ToString(cert.CertificateArn))
		}
	})
}

// instances asks for the instance behind a public DNS name, and for its network.
func (w *walk) instances(ctx context.Context, e cloudfront.Endpoint) {
	then(ctx, w.c, account.InstancesByDNSName(e.Region, e.Domain), func(ctx context.Context, out account.InstancesOutput) {
		for _, reservation := range out.Reservations {
			for _, i := range reservation.Instances {
				if !strings.EqualFold(aws.ToString(i.PublicDnsName), e.Domain) {
					continue // a recording may hold all instances
				}
				var groups []string
				for _, g := range i.SecurityGroups {
					groups = append(groups, aws.ToString(g.GroupId))
				}
				w.network(ctx, e.Region, aws.ToString(i.VpcId), groups, []string{aws.ToString(i.SubnetId)})
			}
		}
	})
}

// network asks for what lets packets through to an origin or does not. Ids are asked for in the order in which the load balancer or
// instance names them.
func (w *walk) network(ctx context.Context, region, vpc string, groups, subnets []string) {
	if vpc == "" {
		return
	}
	w.c.Want(ctx, account.RouteTables(region, vpc), account.NetworkACLs(region, vpc), account.InternetGateways(region, vpc))
	if len(subnets) > 0 {
		w.c.Want(ctx, account.Subnets(region, subnets...))
	}
	then(ctx, w.c, account.PrefixLists(region), func(ctx context.Context, out account.PrefixListsOutput) {
		for _, p := range out.PrefixLists {
			if strings.HasSuffix(aws.ToString(p.PrefixListName), cloudFrontPrefixList) {
				w.c.Want(ctx, account.PrefixListEntries(region, aws.ToString(p.PrefixListId)))
			}
		}
	})
	if len(groups) == 0 {
		return
	}
	then(ctx, w.c, account.SecurityGroups(region, groups...), func(ctx context.Context, out account.SecurityGroupsOutput) {
		for _, g := range out.SecurityGroups {
			if slices.Contains(groups, aws.ToString(g.GroupId)) {
				w.prefixLists(ctx, region, g)
			}
		}
	})
}

// prefixLists asks for the entries of the lists that a security group lets in.
func (w *walk) prefixLists(ctx context.Context, region string, g ec2.SecurityGroup) {
	for _, p := range g.IpPermissions {
		for _, list := range p.PrefixListIds {
			if id := aws.ToString(list.PrefixListId); id != "" {
				w.c.Want(ctx, account.PrefixListEntries(region, id))
			}
		}
	}
}
