package enabled

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
)

var distributionDisabled = &cause.Cause{
	ID:       "DISTRIBUTION_DISABLED",
	Title:    "The distribution is disabled",
	Stage:    "enabled",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A distribution has a switch. While it is off, CloudFront takes no requests for it, whatever else is configured; viewers get an error or no connection.`,
		Why:     `It was turned off before a deletion or an experiment and forgotten, a template says Enabled: false, or another distribution was meant.`,
		Example: "DistributionConfig.Enabled is false after a clean-up of old distributions.",
		References: []string{
			guide + "DownloadDistValuesGeneral.html",
			guide + "HowToUpdateDistribution.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		on := p.Model.Config.Enabled
		if on == nil || *on {
			return cause.RuleOut("the distribution is enabled", p.Model.Ref("Enabled", "true", ""))
		}
		return cause.Confirm(p.DistributionName(), "The distribution is disabled, so CloudFront takes no requests for it.",
			p.Model.Ref("Enabled", "false", "no request is served").Want("true")).WithBecause("the switch is part of the configuration")
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{{
			Title: "Enable the distribution", Complexity: fix.Quick, Minutes: 15,
			Impact:      "Viewers are served as edge locations take the change up",
			Explanation: "CloudFront takes requests for the distribution again.",
			SideEffects: []string{"Whoever disabled it may have had a reason, such as costs or an attack: ask first"},
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetEnabled(true))},
			Confidence:  fix.High,
		}}
	},
}
