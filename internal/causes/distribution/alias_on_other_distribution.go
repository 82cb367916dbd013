package distribution

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var aliasOnOtherDistribution = &cause.Cause{
	ID:       "ALIAS_ON_OTHER_DISTRIBUTION",
	Title:    "Another distribution has the requested host, or a more specific name for it, and answers",
	Stage:    "distribution",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A name belongs to one distribution in all of AWS, and of several names that fit a host the most specific wins: www.example.com before *.example.com. Where
DNS leads does not matter. Requests for the host are served by the distribution that holds it, with its origins, rules and errors.`,
		Why: `The name was moved to a new distribution by DNS alone, an old or a colleague's distribution still lists it, or a wildcard of yours is shadowed by an exact
name elsewhere, perhaps in another account.`,
		Example: "*.example.com is on this distribution, and www.example.com on an old one with an empty bucket.",
		Manual:  "Moving a name concerns two distributions, and with another account its owner as well.",
		References: []string{
			posture.Guide + "CNAMEs.html",
			posture.Guide + "alternate-domain-names-move.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		h := p.Exchange().Host
		host := requestedHost(p)
		switch {
		case multiTenant(p), host == "", host == cloudfront.NormalizeHost(p.Model.DomainName()):
			return cause.RuleOut("the request's host belongs to this distribution alone")
		case h == nil:
			return cause.RuleOut("the request does not get as far as a distribution")
		case len(h.Holders) > 0:
			holder := h.Holders[0]
			where := holder.Resource
			if holder.Account != "" {
				where += " of account " + holder.Account
			}
			refs := []evidence.Ref{holder.Ref, p.Model.Ref("Aliases.Items", h.Alias, "the name on this distribution")}
			return cause.Confirm(p.DistributionName(), "Requests for "+host+" are answered by "+where+", which lists "+holder.Alias+".", refs...).
				WithBecause("AWS names the other holder").Explaining(true).With(holder.Resource)
		case !h.Searched:
			return cause.Need("whether another distribution lists the host was not read", h.Conflicts, h.Domains)
		}
		return cause.RuleOut("no other distribution takes the host first", p.Model.Ref("Aliases.Items", h.Alias, ""))
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		holder, _ := v.Data.(string)
		host := requestedHost(p)
		return []fix.Fix{{
			Title: "Move " + host + " to this distribution", Complexity: fix.Standard, Minutes: 45,
			Impact:      "The host changes from the other distribution to this one at once",
			Explanation: "Once this distribution holds the name, requests for it come here.",
			SideEffects: []string{"The other distribution no longer serves the host"},
			Manual: []string{
				"Make sure that this distribution's certificate covers " + host + ", and lower the DNS record's time to live.",
				"Same account, both distributions enabled or the other one disabled: aws cloudfront associate-alias --alias " + host + " --target-distribution-id " + p.Model.ID() + ".",
				"Another account: make the TXT record _" + host + " with the value " + p.Model.DomainName() + ", have the other distribution (" + holder + ") disabled, then run the same command; its owner or AWS Support has to help where that is not possible.",
				"Then point DNS at " + p.Model.DomainName() + ".",
			},
			Confidence: fix.High,
		}}
	},
}
