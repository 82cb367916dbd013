package distribution

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
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
		return []fix.Fix{moveHere(p, holder)}
	},
}

// moveHere is the remedy: one call where both distributions are the account's own and the certificate covers the name, and otherwise steps that
// somebody else has a part in.
func moveHere(p *cause.Pass, holder string) fix.Fix {
	host, id := requestedHost(p), p.Model.ID()
	f := fix.Fix{
		Title: "Move " + host + " to this distribution", Complexity: fix.Standard, Minutes: 45,
		Impact:      "The host changes from the other distribution to this one at once",
		Explanation: "Once this distribution holds the name, requests for it come here.",
		SideEffects: []string{"The other distribution no longer serves the host"},
		Confidence:  fix.High,
	}
	covers := p.Model.CertificateFor(host).Covers
	source := ownHolder(p, host)
	if source != "" && covers.Yes() {
		f.Changes = []fix.Change{fix.MoveAlias(host, source, id)}
		f.SideEffects = append(f.SideEffects, "CloudFront refuses the move where it doubts that the name is yours: a TXT record _"+host+" with the value "+p.Model.DomainName()+" shows it")
		f.Manual = []string{"Then point DNS of " + host + " at " + p.Model.DomainName() + " where it is a record of its own."}
		return f
	}
	certificate := "Make sure that this distribution's certificate covers " + host + ", and lower the DNS record's time to live."
	if covers.No() {
		certificate = "First give this distribution a certificate that covers " + host + ": the present one does not, and CloudFront moves a name only to a distribution whose certificate covers it."
	}
	f.Manual = []string{
		certificate,
		"Make the TXT record _" + host + " with the value " + p.Model.DomainName() + ": it shows that the name is yours.",
		"The name is held by " + holder + ". AWS hides part of the id and the account of a holder that is not yours: its owner has to disable it first, or AWS Support has to help.",
		"Once it is disabled, or where it is your own, move the name by the command; then point DNS at " + p.Model.DomainName() + ".",
	}
	f.ByHand = []fix.HandCall{
		{Purpose: "See who holds the name", Service: "cloudfront", Operation: "ListDomainConflicts",
			Params: []fix.HandParam{{Name: "Domain", Value: host}, {Name: "DomainControlValidationResource", Value: map[string]any{"DistributionId": id}}}},
		fix.HandCall{Purpose: "Move the name to this distribution", Service: "cloudfront", Operation: "UpdateDomainAssociation", Mutates: true, Params: association(host, id)}.
			WithBack("Move the name back, where the other distribution is your own", "UpdateDomainAssociation", association(host, "OTHER_DISTRIBUTION_ID"),
				"OTHER_DISTRIBUTION_ID, the id of the distribution that held the name"),
	}
	return f
}

// ownHolder is the id of the account's own standard distribution that lists exactly the host; "" where another or nobody is known to.
func ownHolder(p *cause.Pass, host string) string {
	for _, d := range account.Distributions().In(p.World).Or(account.DistributionsOutput{}).DistributionList.Items {
		if d.Aliases == nil || posture.Text(d.Id) == p.Model.ID() || d.ConnectionMode == types.ConnectionModeTenantOnly {
			continue
		}
		if slices.ContainsFunc(d.Aliases.Items, func(alias string) bool { return cloudfront.NormalizeHost(alias) == host }) {
			return posture.Text(d.Id)
		}
	}
	return ""
}

// association is the input that gives a name to a distribution.
func association(host, id string) []fix.HandParam {
	return []fix.HandParam{{Name: "Domain", Value: host}, {Name: "TargetResource", Value: map[string]any{"DistributionId": id}}}
}
