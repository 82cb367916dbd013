package georestriction

import (
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
location database and answers 403 itself when the country is not welcome. Nothing reaches the web ACL, the functions or the origin.`,
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
			return cause.Confirm(p.DistributionName(),
				"CloudFront refuses viewers from "+p.Request.Country+", because the distribution's list of countries keeps them out.", step.Evidence...).
				WithBecause("the viewer's country and the list are both known")
		case len(p.OpenHere()) > 0:
			return cause.Possible(p.DistributionName(),
				"The distribution serves some countries only. If the viewer is in another one, CloudFront refuses the request.",
				"the viewer's country is not known: name it with --viewer-country", step.Evidence...)
		}
		return cause.RuleOut("the distribution serves viewers from this country", step.Evidence...)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		country := p.Request.Country
		if country == "" {
			return nil
		}
		edit, how := fix.AddCountry(country), "adds "+country+" to the allow list"
		if restriction := p.Model.Config.Restrictions; restriction != nil && restriction.GeoRestriction.RestrictionType == types.GeoRestrictionTypeBlacklist {
			edit, how = fix.RemoveCountry(country), "takes "+country+" off the deny list"
		}
		return []fix.Fix{{
			Title:       "Let viewers from " + country + " in",
			Complexity:  fix.Quick,
			Minutes:     10,
			Impact:      "None while it deploys: other viewers notice nothing, those in " + country + " are served as edge locations take the change up",
			Explanation: "It " + how + " and leaves the other countries as they are.",
			SideEffects: []string{"Everybody in " + country + " can reach the distribution, which a licence or a law may not allow: ask whoever set the restriction"},
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), edit)},
			Confidence:  fix.High,
		}}
	},
}
