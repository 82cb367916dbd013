package edge

import (
	"strings"

	route53 "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// zoneRecords are the records of one hosted zone that can answer for a name, as far as they were read.
type zoneRecords struct {
	model  *Model
	hosted route53.HostedZone
	zone   string // the zone's name
	sets   []route53.ResourceRecordSet
	// whole tells that nothing which could answer for the name is missing: a name without a record here has none.
	whole bool
	// fact is the answer for the name itself; unread are wildcards that nobody could read.
	fact   evidence.Fact[account.RecordSetsOutput]
	unread []evidence.Gap
}

// publicZone picks the account's public zone with the longest name that a host is in. Two public zones of one name are no answer: which one
// the name's registrar points to is not in the account.
func (m *Model) publicZone(host string) (best route53.HostedZone, ok bool) {
	length, twice := 0, false
	for _, z := range account.HostedZones().In(m.World).Or(account.HostedZonesOutput{}).HostedZones {
		name := dnsName(str(z.Name))
		if z.Config != nil && z.Config.PrivateZone || name == "" || host != name && !strings.HasSuffix(host, "."+name) {
			continue
		}
		switch {
		case len(name) > length:
			best, length, twice = z, len(name), false
		case len(name) == length:
			twice = true
		}
	}
	return best, length > 0 && !twice
}

// recordsFor reads what a zone says of a name: the records from the name on and, where it has none of its own, the wildcards above it. An
// answer that begins at the name leaves those out, since they sort before it, and so it does delegations above it.
func (m *Model) recordsFor(hosted route53.HostedZone, name string) zoneRecords {
	z := zoneRecords{model: m, hosted: hosted, zone: dnsName(str(hosted.Name)), fact: m.recordSets(hosted, name)}
	out, ok := z.fact.Get()
	if !ok {
		return z
	}
	z.sets, z.whole = out.ResourceRecordSets, wholeZone(out.ResourceRecordSets)
	if _, exists := z.named(name); exists || z.whole {
		return z
	}
	z.whole = strings.Count(name, ".") <= strings.Count(z.zone, ".")+1
	for at := name; at != z.zone; {
		_, parent, dotted := strings.Cut(at, ".")
		if !dotted {
			break
		}
		wildcards := m.recordSets(hosted, "*."+parent)
		if out, ok := wildcards.Get(); ok {
			z.sets = append(z.sets[:len(z.sets):len(z.sets)], out.ResourceRecordSets...)
			z.whole = z.whole || wholeZone(out.ResourceRecordSets)
		} else if !wildcards.IsAbsent() {
			z.whole, z.unread = false, append(z.unread, wildcards)
		}
		at = parent
	}
	return z
}

// recordSets reads a zone's records at a name. Zone ids are printed with and without their prefix, names with and without the last dot.
func (m *Model) recordSets(zone route53.HostedZone, name string) evidence.Fact[account.RecordSetsOutput] {
	id := str(zone.Id)
	var first evidence.Fact[account.RecordSetsOutput]
	for i, zoneID := range []string{id, strings.TrimPrefix(id, "/hostedzone/")} {
		for j, start := range []string{name, name + "."} {
			fact := account.RecordSets(zoneID, start).In(m.World)
			if fact.IsKnown() {
				return fact
			}
			if i+j == 0 {
				first = fact
			}
		}
	}
	return first
}

// answering returns the address records that answer for a name: its own, or a wildcard's where the name does not exist.
func (z zoneRecords) answering(name string) (addresses []route53.ResourceRecordSet, wildcard bool) {
	addresses, exists := z.named(name)
	if exists {
		return addresses, false
	}
	addresses = z.covering(name)
	return addresses, len(addresses) > 0
}

// named returns the address records of a name, and whether the name has records at all.
func (z zoneRecords) named(name string) (addresses []route53.ResourceRecordSet, exists bool) {
	for _, r := range z.sets {
		if dnsName(str(r.Name)) != name {
			continue
		}
		exists = true
		switch r.Type {
		case route53.RRTypeA, route53.RRTypeAaaa, route53.RRTypeCname:
			addresses = append(addresses, r)
		}
	}
	return addresses, exists
}

// covering returns the wildcard records that answer for a name without records of its own (RFC 4592: the closest existing ancestor's).
func (z zoneRecords) covering(host string) []route53.ResourceRecordSet {
	for name := host; name != z.zone; {
		_, parent, found := strings.Cut(name, ".")
		if !found {
			return nil
		}
		if addresses, _ := z.named("*." + parent); len(addresses) > 0 {
			return addresses
		}
		if _, exists := z.named(parent); exists {
			return nil
		}
		name = parent
	}
	return nil
}

// delegates reports whether the zone hands a part of it that holds the name to other name servers.
func (z zoneRecords) delegates(name string) bool {
	for _, set := range z.sets {
		at := dnsName(str(set.Name))
		if set.Type == route53.RRTypeNs && at != z.zone && (name == at || strings.HasSuffix(name, "."+at)) {
			return true
		}
	}
	return false
}

// wholeZone reports whether an answer begins at the zone's top, where its SOA record is.
func wholeZone(sets []route53.ResourceRecordSet) bool {
	for _, set := range sets {
		if set.Type == route53.RRTypeSoa {
			return true
		}
	}
	return false
}

// dnsName is a name as Route 53 prints it in comparable form: lower case, no dot at the end, the escape of the asterisk resolved
// (Route 53 Developer Guide, DomainNameFormat).
func dnsName(name string) string {
	return strings.ToLower(strings.TrimSuffix(strings.Replace(name, `\052`, "*", 1), "."))
}
