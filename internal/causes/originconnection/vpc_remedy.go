package originconnection

import (
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

// throughVPC reaches an internal load balancer through a new VPC origin, with the ports, protocols and timeouts that the origin has; its security
// group lets CloudFront's addresses in first. Ok is false where what stands in private subnets, or its security group, is not known.
func throughVPC(p *cause.Pass, w *originway.Way) (changes []fix.Change, ok bool) {
	b, config := w.Balancer(), w.Origin.Config.CustomOriginConfig
	if b == nil || config == nil || w.Connection == nil || w.Connection.Problem != edge.ProblemInternal {
		return nil, false
	}
	balancer, known := b.Balancer.Get()
	n := b.Network
	if !known || balancer.LoadBalancerArn == nil || len(n.GroupIDs) == 0 || !n.SecurityGroups.IsKnown() {
		return nil, false
	}
	port := int(deref(config.HTTPSPort))
	if w.Forwarded.Scheme == "http" {
		port = int(deref(config.HTTPPort))
	}
	if !w.Model.AdmitsCloudFront(n, port, true).Allowed.Yes() {
		changes = append(changes, fix.AllowCloudFrontInSecurityGroup(n.GroupIDs[0], n.Region, port, prefixList(n)))
	}
	var protocols []string
	if config.OriginSslProtocols != nil {
		for _, version := range config.OriginSslProtocols.Items {
			protocols = append(protocols, string(version))
		}
	}
	vpc := fix.CreateVPCOrigin("cfdoctor-"+p.Model.ID()+"-"+w.Origin.ID, *balancer.LoadBalancerArn, int(deref(config.HTTPPort)), int(deref(config.HTTPSPort)),
		string(config.OriginProtocolPolicy), protocols)
	read, keepalive := int(deref(config.OriginReadTimeout)), int(deref(config.OriginKeepaliveTimeout))
	return append(changes, vpc, fix.EditDistribution(p.Model.ID(), fix.SetVPCOrigin(w.Origin.ID, vpc.ID(), max(read, 1), max(keepalive, 1)))), true
}

// vpcByHand makes a VPC origin for what a person names.
func vpcByHand(w *originway.Way) []fix.HandCall {
	config := w.Origin.Config.CustomOriginConfig
	if config == nil {
		return nil
	}
	calls := []fix.HandCall{
		{Purpose: "See which VPC origins there are already", Service: "cloudfront", Operation: "ListVpcOrigins"},
		fix.HandCall{Purpose: "Make a VPC origin", Service: "cloudfront", Operation: "CreateVpcOrigin", Mutates: true,
			Params: []fix.HandParam{{Name: "VpcOriginEndpointConfig", Value: map[string]any{"Name": strings.ToValidUTF8(w.Origin.ID, ""), "Arn": "TARGET_ARN", "HTTPPort": deref(config.HTTPPort),
				"HTTPSPort": deref(config.HTTPSPort), "OriginProtocolPolicy": string(config.OriginProtocolPolicy)}}},
			Inputs: []string{"TARGET_ARN, the ARN of the load balancer or instance in the VPC"}}.
			WithBack("Delete the VPC origin again, once no distribution uses it", "DeleteVpcOrigin", []fix.HandParam{{Name: "Id", Value: "VPC_ORIGIN_ID"}, {Name: "IfMatch", Value: "ETAG"}},
				"VPC_ORIGIN_ID, the Id in the answer of create-vpc-origin", "ETAG, the ETag that get-vpc-origin shows at that moment"),
		{Purpose: "Wait until its Status is Deployed", Service: "cloudfront", Operation: "GetVpcOrigin", Params: []fix.HandParam{{Name: "Id", Value: "VPC_ORIGIN_ID"}},
			Inputs: []string{"VPC_ORIGIN_ID, the Id in the answer before"}},
	}
	if n, known := network(w); known && len(n.GroupIDs) > 0 {
		calls = append(calls, fix.HandCall{Purpose: "See whom the security group lets in", Service: "ec2", Operation: "DescribeSecurityGroups", Region: n.Region,
			Params: []fix.HandParam{{Name: "GroupIds", Value: n.GroupIDs}}})
	}
	return calls
}
