package edge

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/evidence"
)

var geoRestriction = &Stage{
	ID:    "geo-restriction",
	Title: "Geographic restriction",
	Doc: "The whole distribution, or a tenant of it, may be open to a list of countries only, or closed to one; a viewer outside is answered with 403. " +
		"A viewer whose place is not known to CloudFront is served. The check comes before the web ACL and before functions.",
	Sources: []string{"DG/georestrictions", "AWS blog: Implementing ingress geo-restriction with AWS to reduce attack surface"},
	Run:     runGeoRestriction,
}

// geoRule is a list of countries and what it means.
type geoRule struct {
	kind      types.GeoRestrictionType
	countries []string // ISO 3166-1 alpha-2, upper case, sorted
	ref       evidence.Ref
}

func runGeoRestriction(x *Exchange) Step {
	rule := x.geoRule()
	allow := rule.kind == types.GeoRestrictionTypeWhitelist
	if !allow && rule.kind != types.GeoRestrictionTypeBlacklist {
		return x.geoStep(x.Pass("Viewers from every country are served"), rule, string(rule.kind), "")
	}
	country := x.Viewer.Country
	listed := ""
	if x.Explain {
		listed = strings.Join(rule.countries, ", ")
	}
	if country == "" {
		condition := "the viewer's country is on the deny list"
		if allow {
			condition = "the viewer's country is not on the allow list"
		}
		return x.geoStep(x.Unsure(Alternative{Status: 403, If: condition}, "The distribution serves some countries only, and the viewer's is not known"), rule, listed, "")
	}
	_, found := slices.BinarySearch(rule.countries, strings.ToUpper(country))
	if allow != found {
		x.redirectMayComeFirst()
	}
	switch {
	case allow && !found:
		step := x.worded(x.Stop(403, ByCloudFront, ""), "Viewers from %s are refused: the country is not on the allow list", country)
		return x.geoStep(step, rule, listed, country+" is not among them")
	case !allow && found:
		step := x.worded(x.Stop(403, ByCloudFront, ""), "Viewers from %s are refused: the country is on the deny list", country)
		return x.geoStep(step, rule, listed, country+" is among them")
	}
	return x.geoStep(x.explained(Pass, "Viewers from %s are served", country), rule, listed, "")
}

func (x *Exchange) geoStep(s Step, rule geoRule, value, note string) Step {
	if !x.Explain {
		return s
	}
	return s.WithEvidence(rule.ref.With(value, note))
}

// geoRule is the tenant's rule where it sets one, else the distribution's.
func (x *Exchange) geoRule() geoRule {
	if c := x.Host.customizations(); c != nil && c.GeoRestrictions != nil {
		rule := newGeoRule(c.GeoRestrictions.RestrictionType, c.GeoRestrictions.Locations)
		rule.ref = x.Host.TenantFact.Ref("DistributionTenant.Customizations.GeoRestrictions")
		return rule
	}
	return x.Model.shared.geo.get(func() geoRule {
		r := deref(x.Model.Config.Restrictions).GeoRestriction
		rule := newGeoRule(deref(r).RestrictionType, deref(r).Items)
		field := "Restrictions.GeoRestriction.Items"
		if len(rule.countries) == 0 {
			field = "Restrictions.GeoRestriction.RestrictionType"
		}
		rule.ref = x.ref(field, "", "")
		return rule
	})
}

func newGeoRule(kind types.GeoRestrictionType, countries []string) geoRule {
	rule := geoRule{kind: kind, countries: make([]string, len(countries))}
	for i, c := range countries {
		rule.countries[i] = strings.ToUpper(c)
	}
	slices.Sort(rule.countries)
	return rule
}
