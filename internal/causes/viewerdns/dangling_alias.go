package viewerdns

import (
	"fmt"
	"slices"
	"strings"

	route53 "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var danglingAlias = &cause.Cause{
	ID:        "DANGLING_ALIAS",
	Title:     "A DNS record leads to the distribution under a name that it does not have",
	Stage:     "viewer-dns",
	Severity:  cause.Medium,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `A record of the account's DNS leads to the distribution, and the distribution does not have its name among its alternate domain names. Visitors get a 403 now. Should
somebody else get hold of a certificate for the name, they could add it to a distribution of their own and would receive its visitors: the record is already there.`,
		Why:     "The name was taken off the distribution, or never added, and the record was left behind.",
		Example: "old.example.com is an alias of d111111abcdef8.cloudfront.net, whose Aliases do not have it.",
		References: []string{
			guide + "CNAMEs.html",
			"https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/protection-from-dangling-dns.html",
		},
		Since: "0.1",
	},
	Detect: detectDanglingAlias,
	Fixes:  fixDanglingAlias,
}

// detectDanglingAlias looks at the zones' records that were read, except the requested host's: of that name another cause tells.
func detectDanglingAlias(p *cause.Pass) cause.Verdict {
	zones := account.HostedZones().In(p.World)
	if zones.Missing() {
		return cause.Need("the account's DNS zones were not read", zones)
	}
	read := 0
	for _, rec := range p.World.Records() {
		if rec.Call.Service != "route53" || rec.Call.Operation != "ListResourceRecordSets" {
			continue
		}
		zone, _ := rec.Call.Params["HostedZoneId"].(string)
		start, _ := rec.Call.Params["StartRecordName"].(string)
		fact := account.RecordSets(zone, start).In(p.World)
		out, ok := fact.Get()
		if !ok {
			return cause.Need("not all of the DNS records were read", fact)
		}
		read++
		for _, set := range out.ResourceRecordSets {
			if name := leadingHere(p, set); name != "" {
				return cause.Likely(name, fmt.Sprintf("The name %s leads to this distribution, which does not have it among its alternate domain names. Its visitors get errors, and somebody else may come to claim it.", name),
					"a distribution of another account may have the name", fact.Ref("ResourceRecordSets[].Name").With(name, "leads to "+p.Model.DomainName()),
					p.Model.Ref("Aliases.Items", strings.Join(p.Model.Aliases(), ", "), "the name is not among them")).With(name)
			}
		}
	}
	if read == 0 && len(zones.Or(account.HostedZonesOutput{}).HostedZones) > 0 {
		return cause.Need("the zones' records were not read", evidenceOfZones(p)...)
	}
	return cause.RuleOut("of the records that were read, none leads here under a name that the distribution does not have", zones.Ref("HostedZones"))
}

func evidenceOfZones(p *cause.Pass) []evidence.Gap {
	var gaps []evidence.Gap
	for _, z := range account.HostedZones().In(p.World).Or(account.HostedZonesOutput{}).HostedZones {
		if z.Id != nil && z.Name != nil {
			gaps = append(gaps, account.RecordSets(*z.Id, *z.Name).In(p.World))
		}
	}
	return gaps
}

// leadingHere is the name of a record that leads to this distribution although no distribution of the account has it; "" for every other.
func leadingHere(p *cause.Pass, set route53.ResourceRecordSet) string {
	target, name := "", ""
	switch {
	case set.AliasTarget != nil && set.AliasTarget.DNSName != nil:
		target = *set.AliasTarget.DNSName
	case set.Type == route53.RRTypeCname && len(set.ResourceRecords) > 0 && set.ResourceRecords[0].Value != nil:
		target = *set.ResourceRecords[0].Value
	}
	if set.Name != nil {
		name = strings.Replace(cloudfront.NormalizeHost(strings.TrimSuffix(*set.Name, ".")), `\052`, "*", 1)
	}
	own := cloudfront.NormalizeHost(p.Model.DomainName())
	if own == "" || name == "" || cloudfront.NormalizeHost(strings.TrimSuffix(target, ".")) != own || name == cloudfront.NormalizeHost(p.Request.Host) {
		return ""
	}
	names := slices.Clone(p.Model.Aliases())
	list, _ := account.Distributions().In(p.World).Get()
	for _, d := range list.DistributionList.Items {
		if d.Aliases != nil {
			names = append(names, d.Aliases.Items...)
		}
	}
	if slices.ContainsFunc(names, func(alias string) bool { return strings.EqualFold(alias, name) || cloudfront.AliasMatches(alias, name) }) {
		return ""
	}
	return name
}

func fixDanglingAlias(p *cause.Pass, v cause.Verdict) []fix.Fix {
	name, ok := v.Data.(string)
	if !ok {
		return nil
	}
	fixes := []fix.Fix{{
		Title:       "Delete the record",
		Complexity:  fix.Quick,
		Minutes:     10,
		Impact:      "None: the name only gives errors now",
		Explanation: "A name without a record leads nobody anywhere, and is of no use to others",
		SideEffects: []string{"Where another distribution does have the name, it is no longer reached by it"},
		Manual:      []string{"In the Route 53 console delete the records A, AAAA or CNAME of " + name + " that lead to " + p.Model.DomainName()},
		Confidence:  fix.High,
	}}
	if p.Model.CertificateFor(name).Covers.Yes() {
		fixes = append(fixes, fix.Fix{
			Title:       "Serve the name",
			Complexity:  fix.Quick,
			Minutes:     10,
			Impact:      "The name is served as the others are",
			Explanation: "The name joins the distribution's alternate domain names; its certificate covers it already",
			SideEffects: []string{"The site is then reached under one more name"},
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.AddAlias(name))},
			Confidence:  fix.Medium,
		})
	}
	return fixes
}
