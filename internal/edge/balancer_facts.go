package edge

import (
	"strings"

	cf "github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	ec2 "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
)

// BalancerFacts is what the account tells about the load balancer behind an origin.
type BalancerFacts struct {
	Region    string
	Balancer  evidence.Fact[elb.LoadBalancer]
	Listeners evidence.Fact[account.ListenersOutput]
	Targets   evidence.Fact[account.TargetGroupsOutput]
	// Network is what stands in front of its addresses.
	Network NetworkFacts
}

// NetworkFacts is what stands between CloudFront and addresses in a VPC.
type NetworkFacts struct {
	Region, VPC    string
	SecurityGroups evidence.Fact[account.SecurityGroupsOutput]
	GroupIDs       []string
	PrefixLists    evidence.Fact[account.PrefixListsOutput]
	SubnetIDs      []string
	RouteTables    evidence.Fact[account.RouteTablesOutput]
	NetworkACLs    evidence.Fact[account.NetworkACLsOutput]
}

// BalancerFor finds the load balancer behind an origin: by the origin's own name, by where the account's DNS records lead, or by the ARN
// in a VPC origin. It returns nil where none is known.
func (m *Model) BalancerFor(o *Origin) *BalancerFacts {
	return o.data.balancer.get(func() *BalancerFacts { return m.compileBalancer(o) })
}

func (m *Model) compileBalancer(o *Origin) *BalancerFacts {
	var pick func(elb.LoadBalancer) bool
	var region, resource string
	if endpoint, ok := m.vpcEndpoint(o); ok {
		resource = str(endpoint.Arn)
		parts := strings.SplitN(resource, ":", 6)
		if len(parts) < 6 || parts[2] != "elasticloadbalancing" {
			return nil
		}
		region = parts[3]
		pick = func(b elb.LoadBalancer) bool { return str(b.LoadBalancerArn) == resource }
	} else {
		e := m.DNSFor(o).Leads
		if e.Kind != cloudfront.KindLoadBalancer && e.Kind != cloudfront.KindNetworkBalancer {
			return nil
		}
		region, resource = e.Region, e.Domain
		pick = func(b elb.LoadBalancer) bool {
			_, ok := findBalancer([]elb.LoadBalancer{b}, e.Domain)
			return ok
		}
	}
	f := &BalancerFacts{Region: region}
	f.Balancer = evidence.Select(account.LoadBalancers(region).In(m.World), "load balancer "+resource,
		func(out account.LoadBalancersOutput) (elb.LoadBalancer, bool) {
			for _, b := range out.LoadBalancers {
				if pick(b) {
					return b, true
				}
			}
			return elb.LoadBalancer{}, false
		})
	b, ok := f.Balancer.Get()
	if !ok {
		return f
	}
	arn := str(b.LoadBalancerArn)
	f.Listeners = account.Listeners(arn).In(m.World)
	f.Targets = account.TargetGroups(arn).In(m.World)
	f.Network = m.network(region, str(b.VpcId), b.SecurityGroups, balancerSubnets(b))
	return f
}

func balancerSubnets(b elb.LoadBalancer) []string {
	var out []string
	for _, zone := range b.AvailabilityZones {
		out = append(out, str(zone.SubnetId))
	}
	return out
}

func (m *Model) network(region, vpc string, groups, subnets []string) NetworkFacts {
	return NetworkFacts{
		Region: region, VPC: vpc, GroupIDs: groups, SubnetIDs: subnets,
		SecurityGroups: account.SecurityGroups(region, groups...).In(m.World),
		PrefixLists:    account.PrefixLists(region).In(m.World),
		RouteTables:    account.RouteTables(region, vpc).In(m.World),
		NetworkACLs:    account.NetworkACLs(region, vpc).In(m.World),
	}
}

// Listener returns the listener on a port.
func (f *BalancerFacts) Listener(port int) (elb.Listener, bool) {
	out, _ := f.Listeners.Get()
	for _, l := range out.Listeners {
		if l.Port != nil && int(*l.Port) == port {
			return l, true
		}
	}
	return elb.Listener{}, false
}

// Ports lists the ports that have a listener, with its protocol: "443 (HTTPS)".
func (f *BalancerFacts) Ports() []string {
	out, _ := f.Listeners.Get()
	var ports []string
	for _, l := range out.Listeners {
		ports = append(ports, decimal(l.Port)+" ("+string(l.Protocol)+")")
	}
	return ports
}

// VPCOriginFor is the VPC origin that an origin goes through, absent where it goes through none.
func (m *Model) VPCOriginFor(o *Origin) evidence.Fact[account.VpcOriginOutput] {
	return o.data.vpc.get(func() evidence.Fact[account.VpcOriginOutput] {
		if o.Config.VpcOriginConfig == nil {
			return evidence.None[account.VpcOriginOutput](m.Fact.Ref("").Call, "origin "+o.ID)
		}
		return account.VpcOrigin(str(o.Config.VpcOriginConfig.VpcOriginId)).In(m.World)
	})
}

// vpcEndpoint is the configuration of an origin's VPC origin, where it is known.
func (m *Model) vpcEndpoint(o *Origin) (cf.VpcOriginEndpointConfig, bool) {
	out, ok := m.VPCOriginFor(o).Get()
	if !ok || out.VpcOrigin.VpcOriginEndpointConfig == nil {
		return cf.VpcOriginEndpointConfig{}, false
	}
	return *out.VpcOrigin.VpcOriginEndpointConfig, true
}

// instance finds the EC2 instance behind an origin's public DNS name.
func (m *Model) instance(o *Origin) (evidence.Fact[account.InstancesOutput], ec2.Instance, bool) {
	fact := account.InstancesByDNSName(o.Endpoint.Region, o.Endpoint.Domain).In(m.World)
	out, _ := fact.Get()
	for _, reservation := range out.Reservations {
		for _, instance := range reservation.Instances {
			if strings.EqualFold(str(instance.PublicDnsName), o.Endpoint.Domain) {
				return fact, instance, true
			}
		}
	}
	return fact, ec2.Instance{}, false
}
