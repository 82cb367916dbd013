package distribution

import (
	"fmt"
	"slices"
	"strconv"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/edge"
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
			if t := staged(p, s); unexplained && t != nil {
				return cause.Confirm(p.DistributionName(), "This request carries the header "+s.Header+", which sends it to the staging distribution, and that one answers with "+
					strconv.Itoa(t.Outcome.Status)+": "+stagedReason(t)+".", ref).Graded(grade(t), "the request was simulated with the staging distribution too").WithDetail(stagedDetail).Explaining(true)
			}
			if unexplained {
				return cause.Likely(p.DistributionName(), "This request carries the header "+s.Header+", which sends it to the staging distribution.",
					"the staging distribution's configuration is not simulated, and CloudFront sends everything to the primary one while it is busy", ref).Explaining(true)
			}
			return cause.Need("the request goes to the staging distribution, whose configuration is not simulated")
		}
		share := fmt.Sprintf("%.0f %%", s.Weight*100)
		if t := staged(p, s); unexplained && t != nil {
			return cause.Likely(p.DistributionName(), "A share of "+share+" of the requests is served by a staging distribution, which answers this one with "+
				strconv.Itoa(t.Outcome.Status)+": "+stagedReason(t)+".", "which of the two served the request is not known", ref.With(share, "the staging distribution's share")).
				WithDetail(stagedDetail).Explaining(true)
		}
		if unexplained {
			return cause.Possible(p.DistributionName(), "A share of "+share+" of the requests is served by a staging distribution, which may answer otherwise.",
				"which of the two served the request is not known", ref.With(share, "the staging distribution's share")).Explaining(true)
		}
		return cause.Need("a share of " + share + " of the requests goes to the staging distribution, whose configuration is not simulated")
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		policy := posture.Text(p.Model.Config.ContinuousDeploymentPolicyId)
		return []fix.Fix{compareStaging(p, policy), {
			Title: "Turn continuous deployment off", Complexity: fix.Quick, Minutes: 10, Compromise: true,
			Impact:      "Every request is served by the primary distribution; viewers with a session on the staging one lose it",
			Explanation: "A fault that only the staging distribution has goes away with its share of the traffic.",
			SideEffects: []string{"The test of the staging distribution ends; its configuration stays"},
			Changes:     []fix.Change{fix.EditContinuousDeployment(policy, p.Model.ID(), fix.StopSplittingTraffic())},
			Confidence:  fix.Medium,
		}}
	},
}

const stagedDetail = "The same request was simulated with the staging distribution, under its own domain name, and gives the status that viewers see."

// staged is the request as the staging distribution answers it, nil where that is not known or is not what viewers see. The staging distribution
// has no alternate domain names: it is asked under its own name, which for an origin that gets the viewer's Host is another request.
func staged(p *cause.Pass, s *edge.Staging) *edge.Trace {
	if s.Policy.StagingDistributionDnsNames == nil {
		return nil
	}
	for _, d := range account.Distributions().In(p.World).Or(account.DistributionsOutput{}).DistributionList.Items {
		domain := posture.Text(d.DomainName)
		if !slices.Contains(s.Policy.StagingDistributionDnsNames.Items, domain) {
			continue
		}
		m, err := edge.Compile(p.World, posture.Text(d.Id))
		if err != nil {
			continue
		}
		r := p.Request.Clone()
		r.Host, r.ServerName = domain, ""
		if t := m.Simulate(r); t.StoppedAt != "" && t.Outcome.Status == p.Symptom.Code && t.Outcome.Certainty != edge.Uncertain && t.Exchange.Forwarded.Host != domain {
			return t
		}
	}
	return nil
}

// grade is how sure the staging distribution's answer is.
func grade(t *edge.Trace) cause.Likelihood {
	if t.Outcome.Certainty == edge.Certain {
		return cause.GradeConfirmed
	}
	return cause.GradeLikely
}

// stagedReason is what stops the request there, as a clause.
func stagedReason(t *edge.Trace) string {
	step, _ := t.Step(t.StoppedAt)
	return step.Summary
}

// compareStaging is the remedy that finds the fault in the staging distribution.
func compareStaging(p *cause.Pass, policy string) fix.Fix {
	f := fix.Fix{
		Title: "Compare the two distributions", Complexity: fix.Standard, Minutes: 30,
		Impact:      "None",
		Explanation: "What the staging distribution has and the primary one has not is where the fault is.",
		Manual: []string{
			"Diagnose the staging distribution by its id: cfdoctor diagnose STAGING-ID with the same path.",
			"See that bucket policies, key policies and function permissions name the staging distribution's ARN too.",
		},
		ByHand: []fix.HandCall{{Purpose: "See which staging distribution gets which share of the requests", Service: "cloudfront", Operation: "GetContinuousDeploymentPolicy",
			Params: []fix.HandParam{{Name: "Id", Value: policy}}}},
		Confidence: fix.Medium,
	}
	if s, _ := p.Model.Staging(); s != nil && s.Policy.StagingDistributionDnsNames != nil {
		for _, d := range account.Distributions().In(p.World).Or(account.DistributionsOutput{}).DistributionList.Items {
			if slices.Contains(s.Policy.StagingDistributionDnsNames.Items, posture.Text(d.DomainName)) {
				f.ByHand = append(f.ByHand, fix.HandCall{Purpose: "Read the staging distribution's configuration, to compare it with the primary one's", Service: "cloudfront",
					Operation: "GetDistributionConfig", Params: []fix.HandParam{{Name: "Id", Value: posture.Text(d.Id)}}})
			}
		}
	}
	return f
}
