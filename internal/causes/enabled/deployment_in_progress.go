package enabled

import (
	"time"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
)

var deploymentInProgress = &cause.Cause{
	ID:        "DEPLOYMENT_IN_PROGRESS",
	Title:     "A change of the distribution is still being deployed",
	Stage:     "enabled",
	AnyStatus: true,
	Severity:  cause.Medium,
	Doc: cause.Doc{
		Explain: `A change reaches the edge locations one after another, usually within minutes. Until the distribution's status is Deployed, some viewers are served by the
configuration before the change and some by the new one.`,
		Why:     "Somebody changed the distribution a moment ago, and tries it at once.",
		Example: "The origin was corrected two minutes ago, and viewers in some places still get the old error.",
		Manual:  "Waiting is all that can be done: a deployment cannot be hurried, and another change begins it anew.",
		References: []string{
			guide + "HowToUpdateDistribution.html",
			guide + "distribution-web-values-returned.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		status := p.Model.Distribution.Status
		if status == nil || *status != "InProgress" {
			return cause.RuleOut("the last change is deployed everywhere", p.Model.Fact.Ref("Status").With("Deployed", ""))
		}
		refs := p.Model.Fact.Ref("Status").With("InProgress", "the last change is not everywhere yet").Want("Deployed")
		when := p.Model.Fact.Ref("LastModifiedTime")
		if t := p.Model.Distribution.LastModifiedTime; t != nil {
			when = when.With(t.UTC().Format(time.RFC3339), "when the change was made")
		}
		if p.Symptom.Given && !p.Reproduced() {
			return cause.Likely(p.DistributionName(),
				"A change of the distribution is still being deployed, and the viewer may be served by the configuration before it.",
				"the present configuration does not give what the viewer sees; which edge location served the viewer is not known", refs, when).Explaining(true)
		}
		return cause.Confirm(p.DistributionName(), "A change of the distribution is still being deployed, so some viewers are served by the configuration before it.", refs, when).
			WithBecause("the distribution's status says so").AtSeverity(cause.Low).Explaining(false)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{{
			Title: "Wait until the change is deployed, then try again", Complexity: fix.Quick, Minutes: 15,
			Impact:      "None",
			Explanation: "Once the status is Deployed every edge location works by the new configuration.",
			Manual: []string{
				"Wait until the distribution's status is Deployed.",
				"Then make the failing request again. Errors that were cached live on until their time is over or they are invalidated.",
			},
			ByHand: []fix.HandCall{{Purpose: "See whether the status is Deployed by now", Service: "cloudfront", Operation: "GetDistribution",
				Params: []fix.HandParam{{Name: "Id", Value: p.Model.ID()}}}},
			Confidence: fix.Medium,
		}}
	},
}
