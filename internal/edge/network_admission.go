package edge

import (
	"net/netip"
	"slices"
	"strings"

	ec2 "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/tri"
)

// cloudFrontPrefixList is the name of AWS's list of the addresses that CloudFront connects to origins from (DG/LocationsOfEdgeServers).
const cloudFrontPrefixList = "com.amazonaws.global.cloudfront.origin-facing"

// Admission is whether a security group or network ACL lets CloudFront's connections through.
type Admission struct {
	Allowed  tri.Bool
	Evidence []evidence.Ref
}

// AdmitsCloudFront reports whether the security groups let CloudFront connect to a TCP port. A VPC origin comes in with a security group
// of CloudFront's own, so that rules which name groups may admit it (DG/private-content-vpc-origins).
func (m *Model) AdmitsCloudFront(n NetworkFacts, port int, vpcOrigin bool) Admission {
	out, ok := n.SecurityGroups.Get()
	if !ok {
		return Admission{Allowed: tri.Unknown, Evidence: []evidence.Ref{n.SecurityGroups.Ref("")}}
	}
	ranges := m.cloudFrontRanges(n)
	allowed := tri.False
	var cidrs []netip.Prefix
	var refs []evidence.Ref
	for _, group := range out.SecurityGroups {
		if !slices.Contains(n.GroupIDs, str(group.GroupId)) {
			continue
		}
		for _, permission := range group.IpPermissions {
			if !coversTCPPort(str(permission.IpProtocol), permission.FromPort, permission.ToPort, port) {
				continue
			}
			allowed = tri.Or(allowed, m.admittedByList(n, permission, ranges))
			if vpcOrigin && len(permission.UserIdGroupPairs) > 0 {
				allowed = tri.Or(allowed, tri.Unknown)
			}
			cidrs = append(cidrs, prefixesOf(permission)...)
			refs = append(refs, n.SecurityGroups.Ref("SecurityGroups["+str(group.GroupId)+"].IpPermissions").With(describePermission(permission), ""))
		}
	}
	allowed = tri.Or(allowed, covers(cidrs, ranges))
	if len(refs) == 0 {
		refs = append(refs, n.SecurityGroups.Ref("SecurityGroups[].IpPermissions").With("", "no rule for port "+decimal(ptr(int32(port)))))
	}
	return Admission{Allowed: allowed, Evidence: refs}
}

// admittedByList judges a rule's prefix lists: CloudFront's own admits it, another one where its entries cover CloudFront's.
func (m *Model) admittedByList(n NetworkFacts, permission ec2.IpPermission, ranges []netip.Prefix) tri.Bool {
	admitted := tri.False
	for _, list := range permission.PrefixListIds {
		id := str(list.PrefixListId)
		known, isCloudFront := n.isCloudFrontList(id)
		switch {
		case isCloudFront:
			return tri.True
		case n.ofOtherService(id):
		case !known:
			admitted = tri.Or(admitted, tri.Unknown)
		default:
			entries, ok := account.PrefixListEntries(n.Region, id).In(m.World).Get()
			if !ok {
				admitted = tri.Or(admitted, tri.Unknown)
				continue
			}
			admitted = tri.Or(admitted, covers(entryPrefixes(entries), ranges))
		}
	}
	return admitted
}

// isCloudFrontList reports whether a prefix list is known at all, and whether it is CloudFront's.
func (n NetworkFacts) isCloudFrontList(id string) (known, isCloudFront bool) {
	out, ok := n.PrefixLists.Get()
	if !ok {
		return false, false
	}
	for _, list := range out.PrefixLists {
		if str(list.PrefixListId) == id {
			return true, str(list.PrefixListName) == cloudFrontPrefixList
		}
	}
	return false, false
}

// ofOtherService reports one of AWS's own lists for another service, such as com.amazonaws.eu-west-1.s3: each holds the ranges of its
// service, and CloudFront's are in none but its own (VPC/working-with-aws-managed-prefix-lists).
func (n NetworkFacts) ofOtherService(id string) bool {
	out, _ := n.PrefixLists.Get()
	for _, list := range out.PrefixLists {
		if str(list.PrefixListId) == id {
			return str(list.OwnerId) == "AWS" && strings.HasPrefix(str(list.PrefixListName), "com.amazonaws.") && !strings.Contains(str(list.PrefixListName), "cloudfront")
		}
	}
	return false
}

// cloudFrontRanges are the addresses that CloudFront connects from, nil where the account was not asked for them.
func (m *Model) cloudFrontRanges(n NetworkFacts) []netip.Prefix {
	out, _ := n.PrefixLists.Get()
	for _, list := range out.PrefixLists {
		if str(list.PrefixListName) != cloudFrontPrefixList {
			continue
		}
		if entries, ok := account.PrefixListEntries(n.Region, str(list.PrefixListId)).In(m.World).Get(); ok {
			return entryPrefixes(entries)
		}
	}
	return nil
}

func entryPrefixes(out account.PrefixListEntriesOutput) []netip.Prefix {
	var prefixes []netip.Prefix
	for _, entry := range out.Entries {
		if p, err := netip.ParsePrefix(str(entry.Cidr)); err == nil {
			prefixes = append(prefixes, p.Masked())
		}
	}
	return prefixes
}

// covers reports whether CIDR blocks hold all of CloudFront's ranges: Unknown where they hold some, or where the ranges are not known and the
// blocks are public addresses.
func covers(cidrs, ranges []netip.Prefix) tri.Bool {
	if slices.ContainsFunc(cidrs, func(p netip.Prefix) bool { return p.Bits() == 0 && p.Addr().Is4() }) {
		return tri.True
	}
	if len(ranges) == 0 {
		if slices.ContainsFunc(cidrs, isPublicBlock) {
			return tri.Unknown
		}
		return tri.False
	}
	held, touched := 0, false
	for _, r := range ranges {
		for _, c := range cidrs {
			if c.Bits() <= r.Bits() && c.Contains(r.Addr()) {
				held++
				break
			}
			touched = touched || c.Overlaps(r)
		}
	}
	switch {
	case held == len(ranges):
		return tri.True
	case held > 0 || touched:
		return tri.Unknown
	}
	return tri.False
}

// isPublicBlock reports whether a block can hold addresses of CloudFront: it is IPv4 and not among the private and reserved ones.
func isPublicBlock(p netip.Prefix) bool {
	a := p.Addr()
	if !a.Is4() || a.IsPrivate() && p.Bits() >= 8 || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, reserved := range [...]string{"100.64.0.0/10", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"} {
		r := netip.MustParsePrefix(reserved)
		if r.Bits() <= p.Bits() && r.Contains(a) {
			return false
		}
	}
	return true
}

func prefixesOf(permission ec2.IpPermission) []netip.Prefix {
	var out []netip.Prefix
	for _, r := range permission.IpRanges {
		if p, err := netip.ParsePrefix(str(r.CidrIp)); err == nil {
			out = append(out, p.Masked())
		}
	}
	return out
}

// coversTCPPort reports whether a rule is about a TCP port. "-1" is every protocol (EC2 API reference, IpPermission).
func coversTCPPort(protocol string, from, to *int32, port int) bool {
	switch protocol {
	case "-1":
		return true
	case "tcp", "6":
		return from == nil || to == nil || int(*from) <= port && port <= int(*to)
	}
	return false
}

func describePermission(p ec2.IpPermission) string {
	text := str(p.IpProtocol)
	if p.FromPort != nil {
		text += " " + decimal(p.FromPort)
		if p.ToPort != nil && *p.ToPort != *p.FromPort {
			text += "-" + decimal(p.ToPort)
		}
	}
	var from []string
	for _, r := range p.IpRanges {
		from = append(from, str(r.CidrIp))
	}
	for _, r := range p.Ipv6Ranges {
		from = append(from, str(r.CidrIpv6))
	}
	for _, r := range p.PrefixListIds {
		from = append(from, str(r.PrefixListId))
	}
	for _, r := range p.UserIdGroupPairs {
		from = append(from, str(r.GroupId))
	}
	return text + " from " + listWords(from)
}

// ACLAdmits reports whether the network ACLs of the subnets let connections to a TCP port in, and the answers to CloudFront's ports out.
// The rules count in the order of their numbers, and the first that fits decides (VPC User Guide, network ACLs).
func (m *Model) ACLAdmits(n NetworkFacts, port int) Admission {
	out, ok := n.NetworkACLs.Get()
	if !ok {
		return Admission{Allowed: tri.Unknown}
	}
	ranges := m.cloudFrontRanges(n)
	admission := Admission{Allowed: tri.True}
	for _, acl := range out.NetworkAcls {
		if !protects(acl, n.SubnetIDs) {
			continue
		}
		in := aclAllows(acl.Entries, false, port, port, ranges)
		// CloudFront's side of a connection has an ephemeral port.
		answer := aclAllows(acl.Entries, true, 1024, 65535, ranges)
		both := tri.And(in, answer)
		admission.Allowed = tri.And(admission.Allowed, both)
		if !both.Yes() {
			admission.Evidence = append(admission.Evidence, n.NetworkACLs.Ref("NetworkAcls["+str(acl.NetworkAclId)+"].Entries"))
		}
	}
	return admission
}

func protects(acl ec2.NetworkAcl, subnets []string) bool {
	return slices.ContainsFunc(acl.Associations, func(a ec2.NetworkAclAssociation) bool { return slices.Contains(subnets, str(a.SubnetId)) })
}

// aclAllows walks the rules of one direction for a range of ports. A rule that fits only part of the ports or addresses leaves the answer
// open, unless every rule from there on says the same.
func aclAllows(entries []ec2.NetworkAclEntry, egress bool, from, to int, ranges []netip.Prefix) tri.Bool {
	rules := slices.Clone(entries)
	slices.SortFunc(rules, func(a, b ec2.NetworkAclEntry) int { return int(deref(a.RuleNumber)) - int(deref(b.RuleNumber)) })
	partly, seen := tri.Unknown, false
	for _, rule := range rules {
		if deref(rule.Egress) != egress || rule.CidrBlock == nil {
			continue
		}
		fits := tri.And(ruleFitsPorts(rule, from, to), ruleFitsRanges(rule, ranges))
		if fits.No() {
			continue
		}
		verdict := tri.Of(rule.RuleAction == ec2.RuleActionAllow)
		if seen && partly != verdict {
			return tri.Unknown
		}
		partly, seen = verdict, true
		if fits.Yes() {
			return verdict
		}
	}
	if seen && partly.Yes() {
		return tri.Unknown
	}
	return tri.False
}

func ruleFitsPorts(rule ec2.NetworkAclEntry, from, to int) tri.Bool {
	switch str(rule.Protocol) {
	case "-1":
		return tri.True
	case "6":
	default:
		return tri.False
	}
	if rule.PortRange == nil {
		return tri.True
	}
	low, high := int(deref(rule.PortRange.From)), int(deref(rule.PortRange.To))
	switch {
	case low <= from && to <= high:
		return tri.True
	case high < from || to < low:
		return tri.False
	}
	return tri.Unknown
}

func ruleFitsRanges(rule ec2.NetworkAclEntry, ranges []netip.Prefix) tri.Bool {
	p, err := netip.ParsePrefix(str(rule.CidrBlock))
	if err != nil {
		return tri.Unknown
	}
	return covers([]netip.Prefix{p.Masked()}, ranges)
}

// ReachesInternet reports whether the subnets have a route to an internet gateway: True where all have one, False where none has.
func (n NetworkFacts) ReachesInternet() tri.Bool {
	out, ok := n.RouteTables.Get()
	if !ok || len(n.SubnetIDs) == 0 || len(out.RouteTables) == 0 {
		return tri.Unknown
	}
	with := 0
	for _, subnet := range n.SubnetIDs {
		table, ok := tableOf(out.RouteTables, n.VPC, subnet)
		if !ok {
			return tri.Unknown
		}
		if slices.ContainsFunc(table.Routes, toInternetGateway) {
			with++
		}
	}
	switch with {
	case 0:
		return tri.False
	case len(n.SubnetIDs):
		return tri.True
	}
	return tri.Unknown
}

// tableOf is the route table of a subnet: its own, or the VPC's main one.
func tableOf(tables []ec2.RouteTable, vpc, subnet string) (ec2.RouteTable, bool) {
	var main ec2.RouteTable
	found := false
	for _, table := range tables {
		for _, a := range table.Associations {
			if str(a.SubnetId) == subnet && subnet != "" {
				return table, true
			}
			if deref(a.Main) && str(table.VpcId) == vpc {
				main, found = table, true
			}
		}
	}
	return main, found
}

func toInternetGateway(r ec2.Route) bool {
	gateway := str(r.GatewayId)
	return len(gateway) > 4 && gateway[:4] == "igw-" && r.State != ec2.RouteStateBlackhole
}
