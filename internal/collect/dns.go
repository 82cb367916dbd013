package collect

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
)

// maxHops is how many records that lead to other names are followed, as a resolver would.
const maxHops = 4

// ZoneOf returns the public hosted zone that answers for a host: the one with the longest name that the host ends in. Its records are
// read with account.RecordSets, the zone's id as the list prints it and the host in lower case without the dot at its end.
func ZoneOf(zones account.HostedZonesOutput, host string) (types.HostedZone, bool) {
	host = cloudfront.NormalizeHost(host)
	var best types.HostedZone
	length := 0
	for _, z := range zones.HostedZones {
		if z.Config != nil && z.Config.PrivateZone {
			continue // viewers and CloudFront ask the public DNS
		}
		name := cloudfront.NormalizeHost(aws.ToString(z.Name))
		if len(name) > length && (host == name || strings.HasSuffix(host, "."+name)) {
			best, length = z, len(name)
		}
	}
	return best, length > 0
}

// RecordTargets returns the names that a host's address records lead to: alias targets and CNAMEs, in lower case without the dot at the
// end. Found is false where the answer has no address record of exactly that name.
func RecordTargets(records account.RecordSetsOutput, host string) (targets []string, found bool) {
	for _, r := range records.ResourceRecordSets {
		if !addressRecord(r.Type) || recordName(r) != cloudfront.NormalizeHost(host) {
			continue
		}
		found = true
		if r.AliasTarget != nil {
			targets = append(targets, cloudfront.NormalizeHost(aws.ToString(r.AliasTarget.DNSName)))
		}
		if r.Type == types.RRTypeCname {
			for _, value := range r.ResourceRecords {
				targets = append(targets, cloudfront.NormalizeHost(aws.ToString(value.Value)))
			}
		}
	}
	return firstDistinct(targets, len(targets)), found
}

func addressRecord(t types.RRType) bool {
	return t == types.RRTypeA || t == types.RRTypeAaaa || t == types.RRTypeCname
}

// recordName is a record's name as hosts are written. Route 53 prints the asterisk of a wildcard as \052 (Route 53 Developer Guide,
// DomainNameFormat).
func recordName(r types.ResourceRecordSet) string {
	return cloudfront.NormalizeHost(strings.ReplaceAll(aws.ToString(r.Name), `\052`, "*"))
}

// lookup asks for the records of a host as far as the account's zones know them, follows them, and hands every name that they lead to
// to visit, from the nearest to the last.
func lookup(ctx context.Context, c *Collector, zones account.HostedZonesOutput, host string, hops int, visit func(context.Context, string)) {
	zone, ok := ZoneOf(zones, host)
	if !ok || hops == 0 {
		return
	}
	apex := cloudfront.NormalizeHost(aws.ToString(zone.Name))
	follow := func(ctx context.Context, targets []string) {
		for _, target := range targets {
			visit(ctx, target)
			lookup(ctx, c, zones, target, hops-1, visit)
		}
	}
	then(ctx, c, account.RecordSets(aws.ToString(zone.Id), host), func(ctx context.Context, out account.RecordSetsOutput) {
		if targets, found := RecordTargets(out, host); found {
			follow(ctx, targets)
			return
		}
		// A wildcard record answers for names that have no record of their own, at every depth below it; Route 53 sorts it before them.
		for name := host; name != apex; {
			_, parent, dotted := strings.Cut(name, ".")
			if !dotted || parent == "" {
				return
			}
			name = parent
			wildcard := "*." + parent
			then(ctx, c, account.RecordSets(aws.ToString(zone.Id), wildcard), func(ctx context.Context, out account.RecordSetsOutput) {
				if targets, found := RecordTargets(out, wildcard); found {
					follow(ctx, targets)
				}
			})
		}
	})
}
