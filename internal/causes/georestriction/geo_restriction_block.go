package georestriction

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
)

var geoRestrictionBlock = &cause.Cause{
	ID:       "GEO_RESTRICTION_BLOCK",
	Title:    "The viewer's country is refused by the distribution's geographic restriction",
	Stage:    "geo-restriction",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A distribution can be open to a list of countries only, or closed to one. CloudFront looks the viewer's address up in a
location database and answers 403 itself when the country is not welcome. A tenant of a multi-tenant distribution can have a list of its own, which counts in
place of the distribution's. Nothing reaches the web ACL, the functions or the origin.`,
		Why: `The list was made for other reasons than this viewer: a market was forgotten, a person travels, a company's traffic leaves
through another country, or the location database places an address wrongly.`,
		Example: "An allow list of CA, GB and US, and a viewer in BR.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/georestrictions.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		step, reached := p.Trace.Step("geo-restriction")
		switch {
		case !reached || step.Verdict == "skipped":
			return cause.RuleOut("the request does not get as far as the geographic restriction")
		case p.StoppedHere():
			whose := "distribution's"
			if tenantRestriction(p) != nil {
				whose = "tenant's own"
			}
			return cause.Confirm(p.DistributionName(),
				"CloudFront refuses viewers from "+p.Request.Country+", because the "+whose+" list of countries keeps them out.", step.Evidence...).
				WithBecause("the viewer's country and the list are both known")
		case len(p.OpenHere()) > 0:
			return cause.Possible(p.DistributionName(),
				"The distribution serves some countries only. If the viewer is in another one, CloudFront refuses the request.",
				"the viewer's country is not known: name it with --viewer-country", step.Evidence...)
		}
		if x := p.Exchange(); x.TenantUnread() {
			return cause.Need("the tenant of the host was not read, which may have a list of its own", x.Host.TenantFact)
		}
		return cause.RuleOut("the distribution serves viewers from this country", step.Evidence...)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		country := p.Request.Country
		if country == "" {
			return nil
		}
		f := fix.Fix{
			Title:      "Let viewers from " + country + " in",
			Complexity: fix.Quick,
			Minutes:    10,
			Impact:     "None while it deploys: other viewers notice nothing, those in " + country + " are served as edge locations take the change up",
			Confidence: fix.High,
		}
		whose := "distribution"
		if tenantRestriction(p) != nil {
			whose = "tenant's domains"
			letIntoTenant(p, &f)
		} else {
			letIntoDistribution(p, &f)
		}
		f.SideEffects = []string{"Everybody in " + country + " can reach the " + whose + ", which a licence or a law may not allow: ask whoever set the restriction"}
		return []fix.Fix{f}
	},
}

func letIntoDistribution(p *cause.Pass, f *fix.Fix) {
	restriction := &types.GeoRestriction{}
	if r := p.Model.Config.Restrictions; r != nil && r.GeoRestriction != nil {
		restriction = r.GeoRestriction
	}
	edits, how := listEdits(restriction.RestrictionType, restriction.Items, p.Request.Country, fix.AddCountry, fix.RemoveCountry, fix.SetGeoRestriction("none"))
	f.Explanation = "It " + how + "."
	f.Changes = []fix.Change{fix.EditDistribution(p.Model.ID(), edits)}
}

// letIntoTenant changes the tenant's own list. A tenant that is known from the list of tenants only was not read whole: a person changes it.
func letIntoTenant(p *cause.Pass, f *fix.Fix) {
	h, country := p.Exchange().Host, p.Request.Country
	own, id := h.Tenant.Customizations.GeoRestrictions, aws.ToString(h.Tenant.Id)
	edits, how := listEdits(own.RestrictionType, own.Locations, country, fix.AddTenantCountry, fix.RemoveTenantCountry, fix.LiftTenantRestriction())
	f.Explanation = "It " + how + " of the tenant, whose list counts in place of the distribution's."
	if h.TenantListed {
		f.Manual = []string{"CloudFront console, Distribution tenants: choose " + id + ", and change its geographic restrictions so that viewers from " + country + " are let in."}
		return
	}
	f.Changes = []fix.Change{fix.EditTenant(id, h.Host, edits)}
}

// listEdits put one country right on a list. A deny list is never left empty: with no country to refuse there is no restriction (API reference,
// GeoRestriction).
func listEdits(kind types.GeoRestrictionType, list []string, country string, add, remove func(string) fix.Edits, lift fix.Edits) (edits fix.Edits, how string) {
	switch {
	case kind != types.GeoRestrictionTypeBlacklist:
		return add(country), "adds " + country + " to the allow list and leaves the others on it"
	case len(list) == 1:
		return lift, "lifts the restriction, since no other country than " + country + " is on the deny list"
	}
	return remove(country), "takes " + country + " off the deny list and leaves the others on it"
}

// tenantRestriction is the restriction that the host's tenant sets for itself, which counts in place of the distribution's
// (DG/tenant-customization); nil where it sets none.
func tenantRestriction(p *cause.Pass) *types.GeoRestrictionCustomization {
	h := p.Exchange().Host
	if h == nil || h.Tenant == nil || h.Tenant.Customizations == nil {
		return nil
	}
	return h.Tenant.Customizations.GeoRestrictions
}
