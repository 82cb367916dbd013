package distribution

import (
	"fmt"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/fix"
)

var stagingDistributionSplit = &cause.Cause{
	ID:        "STAGING_DISTRIBUTION_SPLIT",
	Title:     "Part of the requests goes to a staging distribution, which answers otherwise",
	Stage:     "distribution",
	AnyStatus: true,
	Severity:  cause.High,
	Doc: cause.Doc{
		Explain: `With continuous deployment a share of up to 15 % of the requests, or those with a certain header, is served by a staging distribution under the same names.
It has a configuration and a cache of its own. A mistake there shows as an error that comes and goes, or for some viewers only.`,
		Why: `The staging distribution is there to try a change, and the change has a fault; or a part that lies outside of it was forgotten, such as the bucket policy,
which has to name the staging distribution too.`,
		Example: "The bucket policy names the primary distribution's ARN only, and 15 % of the viewers get 403.",
		References: []string{
			posture.Guide + "continuous-deployment.html",
			posture.Guide + "continuous-deployment-quotas-considerations.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		s, fact := p.Model.Staging()
		ref := fact.Ref("ContinuousDeploymentPolicyConfig.TrafficConfig")
		unexplained := p.Symptom.Given && !p.Reproduced()
		switch {
		case fact.Missing():
			return cause.Need("the continuous deployment policy was not read", fact)
		case s == nil:
			return cause.RuleOut("no continuous deployment is on", p.Model.Ref("ContinuousDeploymentPolicyId", "", ""))
		}
		if s.Header != "" {
			value, sent := p.Request.Header(s.Header)
			if !sent || value != s.Value {
				return cause.RuleOut("only requests with the header "+s.Header+" go to the staging distribution", ref)
			}
			if unexplained {
				return cause.Likely(p.DistributionName(), "This request carries the header "+s.Header+", which sends it to the staging distribution.",
					"the staging distribution's configuration is not simulated, and CloudFront sends everything to the primary one while it is busy", ref).Explaining(true)
			}
			return cause.Need("the request goes to the staging distribution, whose configuration is not simulated")
		}
		share := fmt.Sprintf("%.0f %%", s.Weight*100)
		if unexplained {
			return cause.Possible(p.DistributionName(), "A share of "+share+" of the requests is served by a staging distribution, which may answer otherwise.",
				"which of the two served the request is not known", ref.With(share, "the staging distribution's share")).Explaining(true)
		}
		return cause.Need("a share of " + share + " of the requests goes to the staging distribution, whose configuration is not simulated")
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{{
			Title: "Compare the two distributions, or turn continuous deployment off", Complexity: fix.Standard, Minutes: 30,
			Impact:      "With it off, every request is served by the primary distribution",
			Explanation: "A fault that only the staging distribution has goes away with its share of the traffic.",
			Manual: []string{
				"Diagnose the staging distribution by its id: cfdoctor diagnose STAGING-ID with the same path.",
				"See that bucket policies, key policies and function permissions name the staging distribution's ARN too.",
				"To stop the split: CloudFront console, the primary distribution, General tab, Continuous deployment: choose Disable.",
			},
			Confidence: fix.Medium,
		}}
	},
}
