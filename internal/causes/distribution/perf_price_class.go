package distribution

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var perfPriceClass = &cause.Cause{
	ID:        "PERF_PRICE_CLASS",
	Title:     "The price class leaves out the edge locations near the viewers",
	Stage:     "distribution",
	Severity:  cause.Low,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `A price class limits the edge locations that serve a distribution. Viewers elsewhere are served too, from locations farther away: nothing fails, and every
request takes longer, often by more than a tenth of a second on each round trip. Price class 100 has North America, Europe and Israel; price class 200 all but
South America, Australia and New Zealand.`,
		Why:     "The cheapest class was chosen when the site began, and the viewers came from elsewhere since.",
		Example: "PriceClass_100, and the distribution is restricted to viewers in BR and AR.",
		References: []string{
			posture.Guide + "PriceClass.html",
			"https://aws.amazon.com/cloudfront/pricing/",
		},
		Since: "0.1",
	},
	Detect: detectPriceClass,
	Fixes: func(p *cause.Pass, _ cause.Verdict) []fix.Fix {
		return []fix.Fix{{
			Title:       "Serve from all edge locations",
			Complexity:  fix.Quick,
			Minutes:     10,
			Impact:      "None: while it deploys, viewers are served as before",
			Explanation: "Viewers are served from the edge location that answers them fastest, wherever it is",
			SideEffects: []string{"Requests and traffic served from South America, Australia, Asia or Africa cost more than from North America or Europe"},
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetPriceClass(string(types.PriceClassPriceClassAll)))},
			Confidence:  fix.High,
		}}
	},
}

// beyond200 and beyond100 are countries (ISO 3166-1 alpha-2) whose own edge locations a price class leaves out (CloudFront pricing, table of
// price classes). Countries that have none of their own are in neither: which location serves them is not documented.
const (
	beyond200 = " AR AU BR CL CO NZ PE "
	beyond100 = beyond200 + "AE BH EG HK ID IN JP KE KR MY NG OM PH QA SA SG TH TW VN ZA "
)

func detectPriceClass(p *cause.Pass) cause.Verdict {
	class := p.Model.Config.PriceClass
	left := ""
	switch class {
	case types.PriceClassPriceClass100:
		left = beyond100
	case types.PriceClassPriceClass200:
		left = beyond200
	case types.PriceClassPriceClassAll, types.PriceClassNone:
		return cause.RuleOut("all edge locations serve the distribution", p.Model.Ref("PriceClass", string(class), ""))
	}
	ref := p.Model.Ref("PriceClass", string(class), "leaves out edge locations near viewers").Want(string(types.PriceClassPriceClassAll))
	if left == "" {
		return cause.Need("the price class " + string(class) + " is not one that is known here")
	}
	if far, allowed := farCountries(p, left); len(far) > 0 {
		return cause.Confirm(p.DistributionName(),
			"The distribution is for viewers in "+strings.Join(far, ", ")+" among others, and its price class leaves the edge locations there out. They are served from far away, and wait longer.",
			ref, allowed).WithBecause("the allow list of countries and the price class are known")
	} else if allowed.Call != "" {
		return cause.RuleOut("the countries on the allow list are near edge locations of the price class", ref, allowed)
	}
	if country := p.Request.Country; strings.Contains(left, " "+country+" ") && country != "" {
		return cause.Likely(p.DistributionName(),
			"Viewers in "+country+" are served from far away, because the price class leaves the edge locations there out.",
			"the viewer of this request is there; how many others are is not known", ref)
	}
	return cause.Need("where the viewers are is not recorded: CloudFront's reports (Viewers, Locations) tell")
}

// farCountries lists the countries on the distribution's allow list that the price class leaves out; the ref is empty where there is no allow list.
func farCountries(p *cause.Pass, left string) ([]string, evidence.Ref) {
	r := p.Model.Config.Restrictions
	if r == nil || r.GeoRestriction == nil || r.GeoRestriction.RestrictionType != types.GeoRestrictionTypeWhitelist {
		return nil, evidence.Ref{}
	}
	items := r.GeoRestriction.Items
	far := slices.DeleteFunc(slices.Clone(items), func(c string) bool { return !strings.Contains(left, " "+c+" ") })
	return far, p.Model.Ref("Restrictions.GeoRestriction.Items", strings.Join(items, ", "), "the countries that the distribution is for")
}
