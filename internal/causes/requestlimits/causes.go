// Package requestlimits holds the causes of the request-limits stage: what CloudFront refuses for its size or form.
package requestlimits

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		uriTooLong,
		requestHeadersTooLarge,
		requestMalformed,
		requestBodyTooLarge,
	}
}

const (
	stage = "request-limits"
	guide = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
)

// judge gives the verdict of a cause that stands for some of the stage's statuses.
func judge(p *cause.Pass, summary, within string, statuses ...int) cause.Verdict {
	step, _ := p.Trace.Step(stage)
	for _, status := range statuses {
		if p.StoppedHere() && step.Status == status {
			return cause.Confirm(p.DistributionName(), summary, ref(p, step.Summary)).WithDetail(step.Summary).
				WithBecause("the request itself is known, and CloudFront's limits are documented")
		}
		for _, a := range p.OpenHere() {
			if a.Status != status {
				continue
			}
			if p.Symptom.Code == status && (!a.Weak || !p.Reproduced()) {
				return cause.Possible(p.DistributionName(), summary, "it is so if "+a.If, ref(p, step.Summary)).WithDetail(step.Summary)
			}
			return cause.Need("it is so if " + a.If)
		}
	}
	return cause.RuleOut(within)
}

// ref stands for the request: its limits are CloudFront's own, and no setting of the distribution's.
func ref(p *cause.Pass, note string) evidence.Ref {
	return p.Model.Fact.Ref("DomainName").With(p.Model.DomainName(), note)
}

// client is a remedy that lies with whoever makes the request.
func client(title, explanation string, steps ...string) fix.Fix {
	return fix.Fix{
		Title: title, Complexity: fix.Standard, Minutes: 60, Impact: "None on other viewers", Explanation: explanation, Manual: steps, Confidence: fix.High,
	}
}

const manual = "The limit is CloudFront's own and cannot be raised; the request has to change."
