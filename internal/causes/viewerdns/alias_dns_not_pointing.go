package viewerdns

import (
	"net/netip"
	"slices"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
)

var aliasDNSNotPointing = &cause.Cause{
	ID:       "ALIAS_DNS_NOT_POINTING",
	Title:    "The host's DNS does not lead to CloudFront",
	Stage:    "viewer-dns",
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `Listing a name among the distribution's alternate domain names is half of the work: DNS has to lead the name to the distribution as well. Where it leads
nowhere, viewers find nothing; where it leads to the bucket or load balancer itself, that answers, with errors and certificates of its own.`,
		Why: `The record was never made or still names the old server, it names the origin instead of the distribution, or the zone was moved and the record stayed
behind. A name that leads to another distribution works as long as this one lists it, and breaks with that other one.`,
		Example: "www.example.com is an alias of the load balancer; CloudFront never sees the requests.",
		Manual:  "DNS records are outside of what CloudFront's configuration holds, and may be with another provider.",
		References: []string{
			guide + "CNAMEs.html",
			guide + "troubleshooting-distributions.html",
			"https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-to-cloudfront-distribution.html",
		},
		Since: "0.1",
	},
	Detect: detectDNS,
	Fixes:  fixDNS,
}

func host(p *cause.Pass) string { return cloudfront.NormalizeHost(p.Request.Host) }

func detectDNS(p *cause.Pass) cause.Verdict {
	d := p.Exchange().ViewerDNS
	switch {
	case d == nil:
		return cause.Need("where the host's name leads was not looked at")
	case host(p) == "" || host(p) == cloudfront.NormalizeHost(p.Model.DomainName()):
		return cause.RuleOut("the distribution's own domain name always leads to CloudFront", p.Model.Fact.Ref("DomainName").With(p.Model.DomainName(), ""))
	}
	step, _ := p.Trace.Step("viewer-dns")
	const because = "whether the public DNS really uses this zone of the account is not known"
	resource := "DNS record " + d.Host
	if d.Seen {
		return seenDNS(p, d, step, resource)
	}
	switch {
	case d.Exists.No():
		v := cause.Likely(resource, d.Host+" has no address record in the zone "+d.Zone+", so viewers cannot find it.", because, step.Evidence...)
		return v.Explaining(!p.Symptom.Given)
	case d.ReachesCloudFront.No():
		v := cause.Likely(resource, d.Host+" leads to "+strings.Join(d.Targets, ", ")+" and not to CloudFront, so that server answers instead of the distribution.", because, step.Evidence...)
		return v.Explaining(true)
	case d.LeadsHere.Yes():
		return cause.RuleOut("the host's name leads to this distribution", step.Evidence...)
	case d.ReachesCloudFront.Yes() && d.LeadsHere.No():
		if _, listed := cloudfront.BestAlias(p.Model.Aliases(), d.Host); !listed {
			return cause.RuleOut("the host's name leads to CloudFront", step.Evidence...)
		}
		return cause.Likely(resource, d.Host+" leads to another distribution's name, "+strings.Join(d.Targets, ", ")+
			", and is served by this one only because CloudFront goes by the requested host.", because, step.Evidence...).AtSeverity(cause.Low).Explaining(false)
	case d.ReachesCloudFront.Yes():
		return cause.RuleOut("the host's name leads to CloudFront", step.Evidence...)
	}
	if !staticAddresses(p) && len(d.Targets) > 0 && !slices.ContainsFunc(d.Targets, isName) {
		return cause.Likely(resource, d.Host+" leads to "+strings.Join(d.Targets, ", ")+" and not to the distribution's name.",
			"the record holds fixed addresses; CloudFront's own change, and the distribution has no static ones", step.Evidence...).Explaining(true)
	}
	return unknownDNS(d, step)
}

// seenDNS judges by what public DNS says.
func seenDNS(p *cause.Pass, d *edge.ViewerDNS, step edge.Step, resource string) cause.Verdict {
	const because = "active validation asked public DNS"
	_, listed := cloudfront.BestAlias(p.Model.Aliases(), d.Host)
	switch {
	case d.Exists.No():
		return cause.Confirm(resource, d.Host+" has no address in public DNS, so viewers cannot find it.", step.Evidence...).WithBecause(because).Explaining(!p.Symptom.Given)
	case d.ReachesCloudFront.No():
		return cause.Confirm(resource, d.Host+" leads to "+strings.Join(d.Targets, ", ")+" and not to CloudFront, so that server answers instead of the distribution.", step.Evidence...).
			WithBecause(because + ", and what answers there has none of CloudFront's headers, or is a service without CloudFront before it").Explaining(true)
	case d.ReachesCloudFront.Yes() && d.LeadsHere.No() && listed:
		return cause.Confirm(resource, d.Host+" leads to another distribution's name, "+strings.Join(d.Targets, ", ")+
			", and is served by this one only because CloudFront goes by the requested host.", step.Evidence...).WithBecause(because).AtSeverity(cause.Low).Explaining(false)
	case d.ReachesCloudFront.Yes():
		return cause.RuleOut("the host's name leads to CloudFront", step.Evidence...)
	}
	return cause.Need("public DNS gives addresses, and whose they are was not seen: nothing answered there", d.A)
}

// staticAddresses reports whether the distribution has addresses that do not change (DG/request-static-ips).
func staticAddresses(p *cause.Pass) bool {
	list := p.Model.Config.AnycastIpListId
	return list != nil && *list != ""
}

func isName(target string) bool {
	_, err := netip.ParseAddr(target)
	return err != nil
}

func unknownDNS(d *edge.ViewerDNS, step edge.Step) cause.Verdict {
	gaps := []evidence.Gap{d.Zones}
	if d.Zone != "" {
		gaps = append(gaps, d.RecordSets)
	}
	why := d.Why
	if why == "" {
		why = step.Summary
	}
	return cause.Need(why, gaps...)
}
