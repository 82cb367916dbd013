package origindns

import (
	"slices"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var originDNSFailure = &cause.Cause{
	ID:       "ORIGIN_DNS_FAILURE",
	Title:    "The origin's name does not resolve in public DNS",
	Stage:    "origin-dns",
	Symptoms: []int{502},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront looks the origin's domain name up in public DNS before it connects. Where there is no address it answers 502; in its logs the detailed result
is OriginDnsError. A name that resolves inside a VPC only does not resolve for CloudFront.`,
		Why: `The record was deleted with the server behind it, the name was mistyped, the zone's delegation broke, or the record stands in a private hosted
zone. A load balancer that is created again has another name.`,
		Example: "The origin origin.example.com, and a public zone example.com without such a record.",
		References: []string{
			guide + "http-502-bad-gateway.html",
			guide + "DownloadDistValuesOrigin.html",
			"https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-to-elb-load-balancer.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return originway.Each(p, judgeName)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		o, ok := v.Data.(*edge.Origin)
		if !ok {
			return nil
		}
		name := o.Endpoint.Domain
		return []fix.Fix{{
			Title: "Make " + name + " resolve, or point the origin elsewhere", Complexity: fix.Standard, Minutes: 30,
			Impact:      "Requests to this origin fail until the record is there and old answers have expired",
			Explanation: "Where the name should lead only a person knows: the server, load balancer or service behind it is not named anywhere else.",
			Manual: []string{
				"Find out where the origin is now: its load balancer, server or service, and that thing's public DNS name.",
				"Either create a public record for " + name + " that leads there (for a load balancer an alias record in Route 53),",
				"or on the Origins tab select " + o.ID + ", choose Edit, and set Origin domain to the name that does resolve; the certificate there has to carry it.",
			},
			ByHand: lookForName(p, o),
			Inputs: []string{"where the origin's name should lead"}, Invalidate: []string{"/*"}, Confidence: fix.High,
		}}
	},
}

// lookForName looks for where the origin is now, and makes a record once a person knows.
func lookForName(p *cause.Pass, o *edge.Origin) []fix.HandCall {
	name, d := o.Endpoint.Domain, p.Model.DNSFor(o)
	var calls []fix.HandCall
	if d.Leads.Region != "" {
		calls = append(calls, fix.HandCall{Purpose: "See which load balancers there are in the Region that the name leads to", Service: "elbv2", Operation: "DescribeLoadBalancers", Region: d.Leads.Region})
	}
	labels := strings.Split(name, ".")
	zone := []string{"ZONE_ID, the Id of the zone in the answer of list-hosted-zones-by-name"}
	return append(calls,
		fix.HandCall{Purpose: "Find the zone of the name, where Route 53 has it", Service: "route53", Operation: "ListHostedZonesByName",
			Params: []fix.HandParam{{Name: "DNSName", Value: strings.Join(labels[max(0, len(labels)-2):], ".")}, {Name: "MaxItems", Value: "5"}}},
		fix.HandCall{Purpose: "See the records of the name and after it", Service: "route53", Operation: "ListResourceRecordSets",
			Params: []fix.HandParam{{Name: "HostedZoneId", Value: "ZONE_ID"}, {Name: "StartRecordName", Value: name}, {Name: "StartRecordType", Value: "A"}}, Inputs: zone},
		fix.HandCall{Purpose: "Make the record", Service: "route53", Operation: "ChangeResourceRecordSets", Mutates: true,
			Params: recordChange("CREATE", name), Inputs: append(zone, "TARGET_NAME, the public DNS name of what the origin is now")}.
			WithBack("Delete the record again", "ChangeResourceRecordSets", recordChange("DELETE", name), append(zone, "TARGET_NAME, the name that the record was made with")...))
}

// recordChange is the input that makes or deletes the name's CNAME; both name the whole record (API reference of Route 53).
func recordChange(action, name string) []fix.HandParam {
	record := map[string]any{"Name": name, "Type": "CNAME", "TTL": 60, "ResourceRecords": []any{map[string]any{"Value": "TARGET_NAME"}}}
	return []fix.HandParam{{Name: "HostedZoneId", Value: "ZONE_ID"},
		{Name: "ChangeBatch", Value: map[string]any{"Changes": []any{map[string]any{"Action": action, "ResourceRecordSet": record}}}}}
}

func judgeName(w *originway.Way) cause.Verdict {
	e := w.Origin.Endpoint
	switch {
	case w.Private():
		return cause.RuleOut("the origin lies in a VPC, which CloudFront reaches without public DNS")
	case e.Kind == cloudfront.KindInvalid || e.Kind == cloudfront.KindIPAddress:
		return cause.RuleOut("the origin's address is no name to look up: that is ORIGIN_DOMAIN_INVALID")
	}
	d := w.Model.DNSFor(w.Origin)
	refs := append([]evidence.Ref{w.Address("CloudFront looks this name up")}, d.Evidence...)
	switch {
	case d.Resolves.Yes():
		return cause.RuleOut("the origin's name resolves", refs...)
	case d.Resolves.No() && d.Seen:
		return w.Confirm([]int{502}, w.Name(), "Public DNS has no address for the origin's name "+e.Domain+" ("+rcode(d)+"), so CloudFront cannot find the origin.", refs...).
			WithBecause("active validation looked the name up in public DNS").With(w.Origin)
	case d.Resolves.No() && d.Zone == "":
		return w.Confirm([]int{502}, w.Name(), "The origin's name "+e.Domain+" stands under a domain for private use, which public DNS does not have: CloudFront cannot find the origin.", refs...).
			WithBecause("the name's last part is kept out of public DNS for good").With(w.Origin)
	case d.Resolves.No() && !d.GoneBalancer:
		return w.Confirm([]int{502}, w.Name(), "The origin's name "+e.Domain+" has no record in its public DNS zone "+d.Zone+", so CloudFront cannot find the origin.", refs...).
			WithBecause("the account holds the public zone, and it has no address for the name").With(w.Origin)
	case d.GoneBalancer:
		return likelyGone(w, refs, "No load balancer of this account has the name "+d.Leads.Domain+" that the origin leads to; it was probably deleted.",
			"a load balancer of another account would not be in the list")
	case d.NoRecord:
		return likelyGone(w, refs, "The public DNS zone "+d.Zone+" shows no record for the origin's name "+e.Domain+".",
			"a wildcard or a delegation in the part of the zone that was not read could still answer for the name")
	}
	return w.Unprobed([]int{502}, "look "+e.Domain+" up in public DNS", append(slices.Clone(d.Gaps), d.A)...)
}

// rcode is what the resolver said, in words.
func rcode(d *edge.OriginDNS) string {
	a, _ := d.A.Get()
	switch a.Rcode {
	case "NOERROR":
		return "the name is there, without an address"
	case "NXDOMAIN":
		return "there is no such name"
	}
	return "the answer is " + a.Rcode
}

// likelyGone grades a name that the account does not know any more.
func likelyGone(w *originway.Way, refs []evidence.Ref, summary, because string) cause.Verdict {
	if w.Suspected(502, 504) {
		return cause.Likely(w.Name(), summary, because, refs...).Explaining(true).With(w.Origin)
	}
	return cause.Possible(w.Name(), summary, because, refs...).Explaining(false).AtSeverity(cause.Medium).With(w.Origin)
}
