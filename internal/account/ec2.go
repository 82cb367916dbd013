package account

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"cfdoctor/internal/evidence"
)

// SecurityGroupsOutput is DescribeSecurityGroups' answer. A bundle may hold more groups than were asked for.
type SecurityGroupsOutput struct{ SecurityGroups []types.SecurityGroup }

// SecurityGroups reads security groups by their ids.
func SecurityGroups(region string, ids ...string) evidence.Read[SecurityGroupsOutput] {
	return ask[SecurityGroupsOutput]("ec2:DescribeSecurityGroups", region, "security groups "+strings.Join(ids, ", "), "GroupIds", list(ids))
}

// PrefixListsOutput is DescribeManagedPrefixLists' answer.
type PrefixListsOutput struct{ PrefixLists []types.ManagedPrefixList }

// PrefixLists lists a Region's prefix lists, AWS's own (com.amazonaws.global.cloudfront.origin-facing) among them.
func PrefixLists(region string) evidence.Read[PrefixListsOutput] {
	return ask[PrefixListsOutput]("ec2:DescribeManagedPrefixLists", region, "prefix lists in "+region)
}

// PrefixListEntriesOutput is GetManagedPrefixListEntries' answer.
type PrefixListEntriesOutput struct{ Entries []types.PrefixListEntry }

// PrefixListEntries reads a prefix list's address ranges.
func PrefixListEntries(region, id string) evidence.Read[PrefixListEntriesOutput] {
	return ask[PrefixListEntriesOutput]("ec2:GetManagedPrefixListEntries", region, "prefix list "+id, "PrefixListId", id)
}

// SubnetsOutput is DescribeSubnets' answer. A bundle may hold more subnets than were asked for.
type SubnetsOutput struct{ Subnets []types.Subnet }

// Subnets reads subnets by their ids.
func Subnets(region string, ids ...string) evidence.Read[SubnetsOutput] {
	return ask[SubnetsOutput]("ec2:DescribeSubnets", region, "subnets "+strings.Join(ids, ", "), "SubnetIds", list(ids))
}

// RouteTablesOutput is DescribeRouteTables' answer.
type RouteTablesOutput struct{ RouteTables []types.RouteTable }

// RouteTables reads a VPC's route tables.
func RouteTables(region, vpcID string) evidence.Read[RouteTablesOutput] {
	return ask[RouteTablesOutput]("ec2:DescribeRouteTables", region, "route tables of "+vpcID, "Filters", filter("vpc-id", vpcID))
}

// NetworkACLsOutput is DescribeNetworkAcls' answer.
type NetworkACLsOutput struct{ NetworkAcls []types.NetworkAcl }

// NetworkACLs reads a VPC's network ACLs.
func NetworkACLs(region, vpcID string) evidence.Read[NetworkACLsOutput] {
	return ask[NetworkACLsOutput]("ec2:DescribeNetworkAcls", region, "network ACLs of "+vpcID, "Filters", filter("vpc-id", vpcID))
}

// InternetGatewaysOutput is DescribeInternetGateways' answer.
type InternetGatewaysOutput struct{ InternetGateways []types.InternetGateway }

// InternetGateways reads a VPC's internet gateways.
func InternetGateways(region, vpcID string) evidence.Read[InternetGatewaysOutput] {
	return ask[InternetGatewaysOutput]("ec2:DescribeInternetGateways", region, "internet gateways of "+vpcID, "Filters", filter("attachment.vpc-id", vpcID))
}

// InstancesOutput is DescribeInstances' answer.
type InstancesOutput struct{ Reservations []types.Reservation }

// InstancesByDNSName finds the instance with a public DNS name.
func InstancesByDNSName(region, dnsName string) evidence.Read[InstancesOutput] {
	return ask[InstancesOutput]("ec2:DescribeInstances", region, "instance "+dnsName, "Filters", filter("dns-name", dnsName))
}

func filter(name string, values ...string) []any {
	return []any{map[string]any{"Name": name, "Values": list(values)}}
}

func list(values []string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}
