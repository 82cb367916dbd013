package doctor

import (
	"slices"
	"testing"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes"
)

// TestUncover: a fault behind the one that answers is told of, with its own fix, proven where the first one is mended.
func TestUncover(t *testing.T) {
	c := diagnosed(t, `world s3-oac
set cloudfront:GetDistribution Distribution.DistributionConfig.Restrictions.GeoRestriction {"RestrictionType":"blacklist","Quantity":1,"Items":["BR"]}
set cloudfront:GetDistribution Distribution.DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy "https-only"
viewer country BR
ask GET http://www.fernhill.example/about.html 403
`, causes.All()...)
	if got := c.Result.Findings[0].Cause.ID; got != "GEO_RESTRICTION_BLOCK" {
		t.Fatalf("first is %s", got)
	}
	hidden := c.Result.Find("VIEWER_PROTOCOL_HTTPS_ONLY")
	if hidden == nil || hidden.Explains || !hidden.Later || hidden.Verdict.Likelihood() != cause.GradeConfirmed {
		t.Fatalf("the fault behind the restriction is %+v", hidden)
	}
	if slices.ContainsFunc(c.Result.RuledOut, func(r cause.RuledOut) bool { return r.Cause.ID == hidden.Cause.ID }) {
		t.Error("it is found and ruled out")
	}
	at := slices.IndexFunc(c.Plan, func(p Planned) bool { return p.Finding.Cause.ID == hidden.Cause.ID })
	if at < 0 {
		t.Fatal("it has no fix")
	}
	if p := c.Plan[at].Proof; p.Method != "simulated" || p.Before != 403 || p.After != 301 {
		t.Errorf("its fix is proven by %+v", p)
	}
}
