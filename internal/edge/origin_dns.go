package edge

import (
	"net/netip"
	"strings"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	route53 "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/tri"
)

var originDNS = &Stage{
	ID:    "origin-dns",
	Title: "The origin's name",
	Doc: "CloudFront resolves the origin's domain name, before an origin-request function runs. A name that does not resolve publicly is a 502 " +
		"(NonS3OriginDnsError). Every name under an S3 endpoint resolves, whether the bucket exists or not.",
	Sources: []string{"DG/http-502-bad-gateway", "DG/lambda-at-edge-function-restrictions", "DG/DownloadDistValuesOrigin"},
	Run:     runOriginDNS,
}

// OriginDNS is how an origin's domain name resolves, as far as the account's own records and active validation tell.
type OriginDNS struct {
	Name string
	// Resolves is False where public DNS was seen to have no address for the name; or where nobody looked and the account's public zone holds
	// the name's domain and has no record for it.
	Resolves tri.Bool
	// A and AAAA are what public DNS was seen to say of the name. Seen reports that it decides.
	A, AAAA evidence.Fact[observed.DNSAnswer]
	Seen    bool
	// Leads is the form of the name at the end of the account's records: the load balancer behind origin.example.com, say.
	// It is the origin's own endpoint where no record leads further.
	Leads cloudfront.Endpoint
	// Zone is the hosted zone that tells, "" for none.
	Zone string
	// NoRecord reports that the zone was asked from the name on and has no record for it. Without the whole zone, a wildcard or a delegation
	// could still answer for the name.
	NoRecord bool
	// Evidence points at what told.
	Evidence []evidence.Ref
	// Address is where the account's own address record leads, the zero Addr where none tells.
	Address netip.Addr
	// Gaps are the facts that would tell more.
	Gaps []evidence.Gap
	// GoneBalancer reports that the name is a load balancer's, and no load balancer of the account has it.
	GoneBalancer bool
}

// DNSFor tells how an origin's name resolves, as far as the account tells.
func (m *Model) DNSFor(o *Origin) *OriginDNS {
	return o.data.endpoint.get(func() *OriginDNS { return m.resolve(o) })
}

func runOriginDNS(x *Exchange) Step {
	e := x.Origin.Endpoint
	field := x.originRef("DomainName", e.Domain, "")
	if e.Kind == cloudfront.KindInvalid || e.Kind == cloudfront.KindIPAddress {
		x.DNS = &OriginDNS{Name: e.Domain, Resolves: tri.False, Leads: e}
		x.failed = connectFailed
		field.Note = e.Reason
		return x.Stop(502, ByCloudFront, "The origin's address is not a domain name that can be looked up").WithEvidence(field)
	}
	if x.Origin.Config.VpcOriginConfig != nil {
		return x.Pass("The origin lies in a VPC; CloudFront reaches it without public DNS").WithEvidence(field)
	}
	x.DNS = x.Model.DNSFor(x.Origin)
	d := x.DNS
	switch {
	case d.Seen && d.Resolves.No():
		x.failed = connectFailed
		return x.Stop(502, ByCloudFront, "Public DNS has no address for the origin's name %s, so CloudFront cannot find the origin", e.Domain).
			WithEvidence(field).WithEvidence(d.Evidence...)
	case d.GoneBalancer:
		// The list is one account's: a balancer of another account would not be in it.
		return x.Unsure(Alternative{Status: 502, If: "the load balancer that the origin names was deleted"},
			"No load balancer of this account has the origin's name; it may belong to another account or be gone").
			WithEvidence(field).WithEvidence(d.Evidence...)
	case d.Resolves.No():
		x.failed = connectFailed
		return x.Stop(502, ByCloudFront, "The origin's name %s has no DNS record, so CloudFront cannot find the origin", e.Domain).
			WithEvidence(field).WithEvidence(d.Evidence...)
	case d.NoRecord:
		return x.Unsure(Alternative{Status: 502, If: x.say("no wildcard record covers the origin's name %s", e.Domain)},
			"The account's DNS zone has no record of its own for the origin's name").WithEvidence(field).WithEvidence(d.Evidence...)
	case d.Resolves.Yes():
		return x.Pass("The origin's name resolves").WithEvidence(field).WithEvidence(d.Evidence...)
	}
	return x.Unsure(Alternative{Status: 502, If: x.say("the origin's name %s does not resolve", e.Domain), Weak: true},
		"Whether the origin's name resolves was not checked; active validation would tell").WithEvidence(field)
}

// resolve follows the account's own records from an origin's name.
func (m *Model) resolve(o *Origin) *OriginDNS {
	d := &OriginDNS{Name: o.Endpoint.Domain, Leads: o.Endpoint}
	m.resolveByAccount(d, o)
	if d.A, d.AAAA = m.seenDNS(o); d.A.IsKnown() {
		d.see()
	}
	return d
}

// see lets what public DNS says decide: it is what CloudFront goes by, whatever the account's own zones hold.
func (d *OriginDNS) see() {
	a, _ := d.A.Get()
	aaaa, both := d.AAAA.Get()
	refs := []evidence.Ref{d.A.Ref("Rcode").With(a.Rcode, "asked of "+a.Resolver)}
	switch {
	case len(a.Addresses) > 0:
		note := "asked of " + a.Resolver
		if len(a.Chain) > 0 {
			note += ", by way of " + strings.Join(a.Chain, ", ")
		}
		refs = []evidence.Ref{d.A.Ref("Addresses").With(listWords(a.Addresses), note)}
		d.settle(tri.True, refs)
	case a.Rcode != "NOERROR" && a.Rcode != "":
		d.settle(tri.False, refs)
	case both && len(aaaa.Addresses) > 0:
		d.settle(tri.True, append(refs, d.AAAA.Ref("Addresses").With(listWords(aaaa.Addresses), "asked of "+aaaa.Resolver)))
	case both:
		refs[0].Note = "the name is there and has no address; " + refs[0].Note
		d.settle(tri.False, refs)
	default:
		return
	}
	d.Address = netip.Addr{}
	if private, all := a.Private(); all && len(aaaa.Addresses) == 0 && a.Resolver != observed.Given {
		d.Address, _ = netip.ParseAddr(private[0])
	}
}

func (d *OriginDNS) settle(resolves tri.Bool, refs []evidence.Ref) {
	d.Seen, d.Resolves, d.NoRecord, d.GoneBalancer = true, resolves, false, false
	d.Evidence = append(refs, d.Evidence...)
}

func (m *Model) resolveByAccount(d *OriginDNS, o *Origin) {
	switch o.Endpoint.Kind {
	case cloudfront.KindCustom:
		if m.followRecords(d, d.Name, 0); d.Resolves == tri.Unknown && d.Zone == "" && neverPublic(d.Name) {
			d.Resolves = tri.False
		}
	case cloudfront.KindLoadBalancer, cloudfront.KindNetworkBalancer:
		m.checkBalancer(d)
	case cloudfront.KindLambdaURL, cloudfront.KindAPIGateway, cloudfront.KindCloudFront:
		// These services answer for every name under theirs: what is missing shows later, as 403 or 404.
		d.Resolves = tri.True
	default:
		if o.Endpoint.IsS3() {
			d.Resolves = tri.True
		}
	}
}

func (m *Model) checkBalancer(d *OriginDNS) {
	list := account.LoadBalancers(d.Leads.Region).In(m.World)
	out, ok := list.Get()
	if !ok {
		d.Gaps = append(d.Gaps, list)
		return
	}
	if b, ok := findBalancer(out.LoadBalancers, d.Leads.Domain); ok {
		d.Resolves = tri.True
		d.Evidence = append(d.Evidence, list.Ref("LoadBalancers[].DNSName").With(str(b.DNSName), ""))
		return
	}
	d.GoneBalancer = true
	d.Evidence = append(d.Evidence, list.Ref("LoadBalancers[].DNSName").With("", "none is "+d.Leads.Domain))
}

// findBalancer finds a load balancer by a DNS name, which may have dualstack. in front.
func findBalancer(list []elb.LoadBalancer, name string) (elb.LoadBalancer, bool) {
	name = strings.TrimPrefix(name, "dualstack.")
	for _, b := range list {
		if strings.EqualFold(str(b.DNSName), name) {
			return b, true
		}
	}
	return elb.LoadBalancer{}, false
}

// recordAddress is the first address of an A or AAAA record.
func recordAddress(set route53.ResourceRecordSet) netip.Addr {
	if len(set.ResourceRecords) == 0 {
		return netip.Addr{}
	}
	address, err := netip.ParseAddr(str(set.ResourceRecords[0].Value))
	if err != nil {
		return netip.Addr{}
	}
	return address
}

// Private reports whether the record leads to an address that the internet does not reach: a private one (RFC 1918, RFC 4193), loopback or
// link-local.
func (d *OriginDNS) Private() bool {
	a := d.Address
	return a.IsValid() && (a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast())
}

// neverPublic reports whether a name stands under a domain that the public DNS never has: internal (kept for private use by ICANN, and what
// VPCs name their hosts by), local (RFC 6762), localhost (RFC 6761) and home.arpa (RFC 8375).
func neverPublic(name string) bool {
	for _, domain := range [...]string{"internal", "local", "localhost", "home.arpa"} {
		if name == domain || strings.HasSuffix(name, "."+domain) {
			return true
		}
	}
	return false
}

// maxCNAMEs bounds how many of the account's own records are followed.
const maxCNAMEs = 8

// followRecords looks a name up in the account's public zones. The most specific zone answers for it.
func (m *Model) followRecords(d *OriginDNS, name string, depth int) {
	zone, ok := m.publicZone(name)
	if !ok || depth > maxCNAMEs {
		d.Gaps = append(d.Gaps, account.HostedZones().In(m.World))
		return
	}
	z := m.recordsFor(zone, name)
	if !z.fact.IsKnown() {
		d.Gaps = append(d.Gaps, z.fact)
		return
	}
	d.Zone = z.zone
	found, _ := z.answering(name)
	if len(found) == 0 {
		if z.delegates(name) {
			return
		}
		d.NoRecord = true
		if z.whole {
			d.Resolves = tri.False
		}
		d.Gaps = append(d.Gaps, z.unread...)
		d.Evidence = append(d.Evidence, z.fact.Ref("ResourceRecordSets[].Name").With("", "no A, AAAA or CNAME record for "+name))
		return
	}
	target := recordTarget(found[0])
	d.Evidence = append(d.Evidence, z.fact.Ref("ResourceRecordSets[].Name").With(name, target))
	if target == "" {
		d.Resolves, d.Address = tri.True, recordAddress(found[0])
		return
	}
	m.followTarget(d, target, depth)
}

// followTarget goes on from the name that a record leads to.
func (m *Model) followTarget(d *OriginDNS, target string, depth int) {
	d.Leads, d.Resolves = cloudfront.ClassifyEndpoint(target), tri.Unknown
	switch d.Leads.Kind {
	case cloudfront.KindLoadBalancer, cloudfront.KindNetworkBalancer:
		m.checkBalancer(d)
	case cloudfront.KindCustom:
		m.followRecords(d, d.Leads.Domain, depth+1)
	case cloudfront.KindLambdaURL, cloudfront.KindAPIGateway, cloudfront.KindCloudFront:
		d.Resolves = tri.True
	default:
		if d.Leads.IsS3() {
			d.Resolves = tri.True
		}
	}
}

// recordTarget is the name that an alias or CNAME record leads to, "" for addresses.
func recordTarget(set route53.ResourceRecordSet) string {
	target := ""
	switch {
	case set.AliasTarget != nil:
		target = str(set.AliasTarget.DNSName)
	case set.Type == route53.RRTypeCname && len(set.ResourceRecords) > 0:
		target = str(set.ResourceRecords[0].Value)
	}
	return strings.ToLower(strings.TrimSuffix(target, "."))
}
