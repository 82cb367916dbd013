package failover

import (
	"fmt"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var noOriginFailover = &cause.Cause{
	ID:        "NO_ORIGIN_FAILOVER",
	Title:     "No second origin stands in when the first one fails",
	Stage:     "failover",
	Severity:  cause.Low,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `With an origin group CloudFront asks a second origin when the first cannot be reached, does not answer in time or answers with a chosen status, for GET, HEAD and
OPTIONS requests. Without one every failure of the origin is a failure of the site, apart from what is in the cache.`,
		Why:     "A second origin, in another Region or a static page of apology in a bucket, has to be built and kept up to date.",
		Example: "OriginGroups.Quantity is 0.",
		References: []string{
			posture.Guide + "high_availability_origin_failover.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		for _, b := range p.Model.Behaviors {
			if g, ok := p.Model.Group(posture.Text(b.Config.TargetOriginId)); ok {
				return cause.RuleOut("an origin group is in use", p.Model.Ref(g.Field+".Id", g.ID, ""))
			}
		}
		refs := []evidence.Ref{p.Model.Ref("DefaultCacheBehavior.TargetOriginId", target(p), "a single origin, not an origin group")}
		if len(p.Model.Groups) > 0 {
			refs = append(refs, p.Model.Ref("OriginGroups.Items", p.Model.Groups[0].ID, "no behavior uses it"))
		} else {
			refs = append(refs, p.Model.Ref("OriginGroups.Quantity", "0", ""))
		}
		return cause.Confirm(p.DistributionName(),
			"No behavior has a second origin. When an origin fails, its viewers get errors until it is back.", refs...).WithBecause("the targets of all behaviors are known")
	},
	Fixes: func(p *cause.Pass, _ cause.Verdict) []fix.Fix {
		return []fix.Fix{{
			Title:       "Add a second origin in an origin group",
			Complexity:  fix.Advanced,
			Minutes:     240,
			Impact:      "None while the first origin answers",
			Explanation: "When the first origin fails, CloudFront asks the second one for the same path within the same request",
			SideEffects: []string{
				"The second origin needs the same content, and access for CloudFront of its own",
				"POST, PUT, PATCH and DELETE requests are never sent to the second origin",
				"Statuses that belong to the content, such as 404, must not be among the criteria, or every missing page asks both origins",
			},
			Manual: []string{
				"Build the second origin: for a bucket, one in another Region to which S3 replicates; for an application, a second load balancer, or a bucket with a static page of apology",
				fmt.Sprintf("Add it to the distribution, create an origin group of %s and the new one with the statuses 500, 502, 503 and 504, and let the behaviors target the group", strings.Join(originIDs(p), ", ")),
				"Lower the connection timeout and attempts of the first origin (10 seconds, three attempts) so that the change-over does not take half a minute",
			},
			Confidence: fix.Medium,
		}}
	},
}

func target(p *cause.Pass) string {
	if b := p.Model.Config.DefaultCacheBehavior; b != nil {
		return posture.Text(b.TargetOriginId)
	}
	return ""
}

func originIDs(p *cause.Pass) []string {
	var out []string
	for _, o := range p.Model.Origins {
		out = append(out, fmt.Sprintf("%q", o.ID))
	}
	return out
}
