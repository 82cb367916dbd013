package edge

import (
	"net/netip"
	"slices"
	"strings"

	route53 "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/tri"
)

// ViewerDNS is where the requested host's name leads, as far as the account's own zones and active validation tell.
type ViewerDNS struct {
	Host string
	// LeadsHere tells whether the name leads to this distribution's own domain name, or to a tenant's routing endpoint.
	LeadsHere tri.Bool
	// ReachesCloudFront tells whether it leads to CloudFront at all: CloudFront picks the distribution by the Host header,
	// so the domain name of another distribution is as good (DG/CNAMEs).
	ReachesCloudFront tri.Bool
	// Exists tells whether the name has any address record.
	Exists tri.Bool
	// IPv6 tells whether the name has an IPv6 address.
	IPv6 tri.Bool
	// Zone is the name of the hosted zone that answers, "" where the account has none for the host.
	Zone string
	// Targets are the names and addresses that the records lead to.
	Targets []string
	// Records are the host's address records; a wildcard's, where Wildcard is set.
	Records  []route53.ResourceRecordSet
	Wildcard bool
	// Zones and RecordSets are the facts behind it. RecordSets is a fact that nobody asked for where there is no zone.
	Zones      evidence.Fact[account.HostedZonesOutput]
	RecordSets evidence.Fact[account.RecordSetsOutput]
	// Why says in words what is not known; "" where everything is.
	Why string
	// Seen tells that public DNS decided, A and AAAA what it said: active validation.
	Seen    bool
	A, AAAA evidence.Fact[observed.DNSAnswer]
}

var viewerDNS = &Stage{
	ID:    "viewer-dns",
	Title: "DNS of the requested host",
	Doc: "The viewer resolves the host. A name that leads to CloudFront reaches the distribution that lists it, whichever distribution's domain " +
		"name it leads to; a name that leads elsewhere never gets here. The account's own Route 53 zones are looked at; with active validation, public DNS decides.",
	Sources: []string{"DG/CNAMEs", "DG/routing-to-cloudfront-distribution"},
	Run:     runViewerDNS,
}

func runViewerDNS(x *Exchange) Step {
	d := x.hostFacts().dns
	x.ViewerDNS = d
	refs := func(s Step) Step {
		if !x.Explain {
			return s
		}
		if d.Seen {
			return s.WithEvidence(d.seenRef())
		}
		s = s.WithEvidence(d.RecordSets.Ref("ResourceRecordSets").With(strings.Join(d.Targets, ", "), d.Why))
		if d.Why != "" {
			s = s.WithDetail("%s", d.Why)
		}
		return s
	}
	switch {
	case x.hostFacts().match.Own:
		step := x.Pass("The distribution's own domain name always leads to CloudFront")
		if x.Explain {
			step = step.WithEvidence(x.Model.Fact.Ref("DomainName").With(x.Model.DomainName(), ""))
		}
		return step
	case d.LeadsHere.Yes():
		return refs(x.explained(Pass, "%s leads to this distribution", d.Host))
	case d.ReachesCloudFront.Yes() && d.LeadsHere == tri.Unknown:
		return refs(x.explained(Pass, "%s leads to CloudFront, which picks the distribution by the requested host", d.Host))
	case d.ReachesCloudFront.Yes():
		x.weakly("DNS of the host changes: it names another distribution, which serves it only as long as both stay on CloudFront", 0)
		return refs(x.explained(Pass, "%s leads to another distribution; CloudFront still picks the distribution by the requested host", d.Host))
	case d.Exists.No() && d.Seen:
		return refs(x.worded(x.Stop(0, ByDNS, ""), "%s has no address in public DNS, so viewers cannot find it", d.Host))
	case d.Exists.No():
		step := x.Guess(0, ByDNS, "")
		x.noHTTP = true
		return refs(x.worded(step, "%s has no address record, so viewers cannot find it", d.Host))
	case d.ReachesCloudFront.No():
		step := x.Guess(0, ByDNS, "")
		return refs(x.worded(step, "%s leads to %s, not to CloudFront, so requests never get here", d.Host, strings.Join(d.Targets, ", ")))
	case len(d.Targets) > 0:
		return refs(x.worded(x.Unsure(Alternative{If: "the host's DNS does not lead to CloudFront"}, ""),
			"%s leads to %s, and whether that is CloudFront is not known", d.Host, strings.Join(d.Targets, ", ")))
	}
	return refs(x.worded(x.Unsure(Alternative{If: "the host's DNS does not lead to CloudFront", Weak: true}, ""),
		"Where %s leads is not known", d.Host))
}

// lookUpHost finds out where a host's name leads. Endpoints are the names that lead here.
func (m *Model) lookUpHost(host string, endpoints []string) *ViewerDNS {
	d := m.lookUpZones(host, endpoints)
	if host != m.ownHost() {
		d.see(m, endpoints)
	}
	return d
}

// lookUpZones reads the account's zones for a host.
func (m *Model) lookUpZones(host string, endpoints []string) *ViewerDNS {
	d := &ViewerDNS{Host: host, Zones: account.HostedZones().In(m.World)}
	if host == m.ownHost() {
		d.LeadsHere, d.ReachesCloudFront, d.Exists = tri.True, tri.True, tri.True
		return d
	}
	if !d.Zones.IsKnown() {
		d.Why = d.Zones.Why()
		return d
	}
	zone, ok := m.publicZone(host)
	if !ok {
		d.Why = "the account has no single public hosted zone for the host"
		return d
	}
	z := m.recordsFor(zone, host)
	d.Zone, d.RecordSets = z.zone, z.fact
	if !z.fact.IsKnown() {
		d.Why = z.fact.Why()
		return d
	}
	d.read(z, endpoints)
	return d
}

// read judges the zone's records.
func (d *ViewerDNS) read(z zoneRecords, endpoints []string) {
	if z.delegates(d.Host) {
		d.Why = "the name is delegated to other name servers"
		return
	}
	d.Records, d.Wildcard = z.answering(d.Host)
	if len(d.Records) == 0 {
		if !z.whole {
			d.Why = "only a part of the zone was read"
			return
		}
		d.Exists, d.LeadsHere, d.ReachesCloudFront, d.IPv6 = tri.False, tri.False, tri.False, tri.False
		return
	}
	d.Exists = tri.True
	d.IPv6 = tri.False
	var here, there []tri.Bool
	for _, r := range d.Records {
		if r.Type == route53.RRTypeAaaa {
			d.IPv6 = tri.True
		} else if r.Type == route53.RRTypeCname {
			d.IPv6 = tri.Unknown
		}
		for _, target := range recordTargets(r) {
			leads, reaches := z.leads(target, endpoints, 8)
			here, there = append(here, leads), append(there, reaches)
			if !slices.Contains(d.Targets, target) {
				d.Targets = append(d.Targets, target)
			}
		}
	}
	// Records of different weights or places are answers to different viewers: only what all of them say is certain.
	d.LeadsHere, d.ReachesCloudFront = agreed(here), agreed(there)
}

// recordTargets are the names or addresses of one record set.
func recordTargets(r route53.ResourceRecordSet) []string {
	if r.AliasTarget != nil {
		return []string{dnsName(str(r.AliasTarget.DNSName))}
	}
	var out []string
	for _, v := range r.ResourceRecords {
		out = append(out, dnsName(str(v.Value)))
	}
	return out
}

// leads follows a target to this distribution or to CloudFront, through names of the same zone.
func (z zoneRecords) leads(target string, endpoints []string, depth int) (here, cloudFront tri.Bool) {
	for _, e := range endpoints {
		if e != "" && e == target {
			return tri.True, tri.True
		}
	}
	if z.zone != "" && strings.HasSuffix(target, "."+z.zone) || target == z.zone {
		next := z
		if _, exists := z.named(target); !exists {
			next = z.model.recordsFor(z.hosted, target)
		}
		records, _ := next.answering(target)
		if len(records) == 0 || depth == 0 || next.delegates(target) {
			return tri.Unknown, tri.Unknown
		}
		var a, b []tri.Bool
		for _, r := range records {
			for _, to := range recordTargets(r) {
				h, c := z.leads(to, endpoints, depth-1)
				a, b = append(a, h), append(b, c)
			}
		}
		return agreed(a), agreed(b)
	}
	switch kind := cloudfront.ClassifyEndpoint(target).Kind; kind {
	case cloudfront.KindCloudFront:
		return tri.False, tri.True
	case cloudfront.KindIPAddress:
		if a, err := netip.ParseAddr(target); err == nil && !observed.Public(a) {
			return tri.False, tri.False
		}
		return tri.Unknown, tri.Unknown // an address may be one of CloudFront's
	case cloudfront.KindCustom, cloudfront.KindInvalid:
		return tri.Unknown, tri.Unknown // a name elsewhere may lead on to CloudFront
	case cloudfront.KindAPIGateway, cloudfront.KindAppSync, cloudfront.KindS3Accelerate, cloudfront.KindAmplify:
		return tri.False, tri.Unknown // services that stand behind CloudFront distributions of AWS's own
	}
	return tri.False, tri.False
}

// agreed is what all answers say; Unknown where they differ or there are none.
func agreed(answers []tri.Bool) tri.Bool {
	if len(answers) == 0 {
		return tri.Unknown
	}
	for _, a := range answers[1:] {
		if a != answers[0] {
			return tri.Unknown
		}
	}
	return answers[0]
}
