package viewerdns

import (
	"slices"
	"strings"

	route53 "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

func fixDNS(p *cause.Pass, _ cause.Verdict) []fix.Fix {
	to := p.Model.DomainName()
	if to == "" {
		to = "the routing endpoint of the tenant's connection group"
	}
	f := fix.Fix{
		Title: "Point the host's DNS at the distribution", Complexity: fix.Quick, Minutes: 30,
		Impact:      "Viewers move over as the old record's time to live ends",
		Explanation: "The name then leads to CloudFront, which picks this distribution by the requested host.",
		SideEffects: []string{"Whatever the name leads to now no longer gets its requests"},
		Verify: []fix.Check{{
			Purpose: "See where the name leads", AWSCLI: "", Expect: "dig " + host(p) + " ends at addresses of " + to,
		}},
		Confidence: fix.High,
	}
	zone := zoneID(p)
	if change, ok := aliasRecords(p, zone); ok {
		f.SideEffects = append(f.SideEffects, "Only the zone that the domain's registrar points to counts: compare its name servers with the zone's NS record first")
		f.Changes = []fix.Change{change}
		return []fix.Fix{f}
	}
	f.Manual = []string{
		"Make sure first that the distribution lists " + host(p) + " and that its certificate covers it.",
		"In Route 53: make A and AAAA records for " + host(p) + ", both Alias to CloudFront distribution, with the target " + to + ".",
		"With another provider: make a CNAME record for the name with the value " + to + "; for the bare domain the provider needs ALIAS or ANAME records.",
	}
	f.ByHand = []fix.HandCall{{Purpose: "Find the hosted zone of the name, where Route 53 has it", Service: "route53", Operation: "ListHostedZonesByName",
		Params: []fix.HandParam{{Name: "DNSName", Value: registered(host(p))}, {Name: "MaxItems", Value: "5"}}}}
	read := fix.HandCall{Purpose: "See the records that the name has", Service: "route53", Operation: "ListResourceRecordSets",
		Params: []fix.HandParam{{Name: "HostedZoneId", Value: zone}, {Name: "StartRecordName", Value: host(p)}, {Name: "StartRecordType", Value: "A"}}}
	if zone == "" {
		read.Params[0].Value, read.Inputs = "ZONE_ID", []string{"ZONE_ID, the Id in the answer before"}
	}
	f.ByHand = append(f.ByHand, read)
	return []fix.Fix{f}
}

// zoneID is the id of the account's public zone that holds the host, "" where none was read.
func zoneID(p *cause.Pass) string {
	d := p.Exchange().ViewerDNS
	if d == nil || d.Zone == "" {
		return ""
	}
	zones := d.Zones.Or(account.HostedZonesOutput{}).HostedZones
	i := slices.IndexFunc(zones, func(z route53.HostedZone) bool {
		return z.Name != nil && z.Id != nil && (z.Config == nil || !z.Config.PrivateZone) && cloudfront.NormalizeHost(strings.TrimSuffix(*z.Name, ".")) == d.Zone
	})
	if i < 0 {
		return ""
	}
	return strings.TrimPrefix(*zones[i].Id, "/hostedzone/")
}

// aliasRecords makes the host's records lead to the distribution, where it serves the host and plain records are known to answer now. A wildcard's
// records stay: the host gets its own.
func aliasRecords(p *cause.Pass, zone string) (change fix.Change, ok bool) {
	d := p.Exchange().ViewerDNS
	if zone == "" || !d.RecordSets.IsKnown() || p.Model.DomainName() == "" {
		return nil, false
	}
	if _, listed := cloudfront.BestAlias(p.Model.Aliases(), host(p)); !listed || slices.ContainsFunc(ownRecords(d), routed) {
		return nil, false
	}
	ipv6 := p.Model.Config.IsIPV6Enabled != nil && *p.Model.Config.IsIPV6Enabled
	return fix.PointAtDistribution(zone, host(p), p.Model.DomainName(), ipv6, p.Model.Partition() == "aws-cn"), true
}

func ownRecords(d *edge.ViewerDNS) []route53.ResourceRecordSet {
	if d.Wildcard {
		return nil
	}
	return d.Records
}

// routed reports records that answer by weight, place or health, of which a name has several.
func routed(r route53.ResourceRecordSet) bool { return r.SetIdentifier != nil }

// registered is the name with its last two labels: where a zone's name may begin to be looked for.
func registered(host string) string {
	labels := strings.Split(host, ".")
	return strings.Join(labels[max(0, len(labels)-2):], ".")
}
