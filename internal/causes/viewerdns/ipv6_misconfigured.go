package viewerdns

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/fix"
)

var ipv6Misconfigured = &cause.Cause{
	ID:       "IPV6_MISCONFIGURED",
	Title:    "Distribution and DNS do not agree on IPv6",
	Stage:    "viewer-dns",
	Severity: cause.Low,
	Doc: cause.Doc{
		Explain: `With IPv6 on, a distribution answers over both kinds of addresses, and viewers find the newer kind only through an AAAA record of the host (a CNAME record
carries both). With IPv6 off, a viewer who has IPv6 only finds no address at all.`,
		Why: `Only an A record was made when the alias was set up in Route 53, or IPv6 was turned off for rules that know IPv4 addresses, and networks without IPv4
came later.`,
		Example: "www.example.com has an A alias record and no AAAA one, and IPv6 is on.",
		References: []string{
			guide + "cloudfront-enable-ipv6.html",
			"https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-to-cloudfront-distribution.html",
		},
		Since: "0.1",
	},
	Detect: detectIPv6,
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		record := fix.Fix{
			Title: "Make an AAAA record for " + host(p), Complexity: fix.Quick, Minutes: 15,
			Impact:      "None on viewers who come over IPv4",
			Explanation: "Viewers with IPv6 then find the distribution directly.",
			SideEffects: []string{"Rules by address (IP sets of WAF, signed policies, functions) see IPv6 addresses from then on"},
			Manual:      []string{"In Route 53 make a record of type AAAA for " + host(p) + ", Alias to CloudFront distribution, with the target " + p.Model.DomainName() + "."},
			Confidence:  fix.High,
		}
		if change, ok := aliasRecords(p, zoneID(p)); ok && enabled(p) {
			record.Manual, record.Changes = nil, []fix.Change{change}
		}
		d := p.Exchange().ViewerDNS
		if enabled(p) || d != nil && d.IPv6.No() {
			return []fix.Fix{record}
		}
		return []fix.Fix{{
			Title: "Turn IPv6 on", Complexity: fix.Quick, Minutes: 10,
			Impact:      "None on viewers who come over IPv4",
			Explanation: "CloudFront then answers over IPv6 too, and its domain name gets AAAA records.",
			SideEffects: []string{"Rules by address (IP sets of WAF, signed policies, functions) see IPv6 addresses from then on"},
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetIPv6(true))},
			Confidence:  fix.High,
		}}
	},
}

func enabled(p *cause.Pass) bool {
	return p.Model.Config.IsIPV6Enabled != nil && *p.Model.Config.IsIPV6Enabled
}

func detectIPv6(p *cause.Pass) cause.Verdict {
	d := p.Exchange().ViewerDNS
	ip := p.Request.ClientIP
	six := ip.Is6() && !ip.Is4In6()
	switch {
	case p.Model.Config.ConnectionMode == types.ConnectionModeTenantOnly:
		return cause.RuleOut("IPv6 is a setting of the tenants' connection groups", p.Model.Ref("ConnectionMode", string(p.Model.Config.ConnectionMode), ""))
	case !enabled(p) && six:
		return cause.Likely(p.DistributionName(), "The viewer comes over IPv6 ("+ip.String()+"), and IPv6 is turned off for the distribution.",
			"the viewer may have IPv4 as well", p.Model.Ref("IsIPV6Enabled", "false", "").Want("true")).AtSeverity(cause.High).Explaining(!p.Symptom.Given)
	case !enabled(p):
		return cause.RuleOut("IPv6 is off, and nothing says that viewers need it", p.Model.Ref("IsIPV6Enabled", "false", ""))
	case d == nil || host(p) == cloudfront.NormalizeHost(p.Model.DomainName()):
		return cause.RuleOut("the distribution's own domain name has both kinds of addresses", p.Model.Ref("IsIPV6Enabled", "true", ""))
	case d.Exists.Yes() && d.IPv6.No() && d.LeadsHere.Yes():
		v := cause.Confirm("DNS record "+d.Host, "IPv6 is on for the distribution, and "+d.Host+" has no AAAA record, so viewers with IPv6 only do not find it.",
			d.RecordSets.Ref("ResourceRecordSets").With("A", "no record of type AAAA"), p.Model.Ref("IsIPV6Enabled", "true", "")).
			WithBecause("the zone's records and the setting are both known")
		if six {
			v = v.AtSeverity(cause.High)
		}
		return v.Explaining(six && !p.Symptom.Given)
	case d.Exists.Yes():
		return cause.RuleOut("the host's records carry IPv6, or lead elsewhere", d.RecordSets.Ref("ResourceRecordSets"))
	}
	step, _ := p.Trace.Step("viewer-dns")
	if d.Exists.No() {
		return cause.RuleOut("the host has no address record at all, which is another cause", step.Evidence...)
	}
	return unknownDNS(d, step)
}
