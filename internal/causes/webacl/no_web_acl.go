package webacl

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/fix"
)

var noWebACL = &cause.Cause{
	ID:        "NO_WEB_ACL",
	Title:     "No web ACL protects the distribution",
	Stage:     "web-acl",
	Severity:  cause.Low,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `AWS WAF at CloudFront can turn attacks away before they reach the origin: known exploits, scanners, floods of requests from few addresses. Without a web ACL
everything that anybody sends to the distribution reaches the functions and, where the cache has no answer, the origin.`,
		Why:     "WAF costs extra and is not attached unless somebody chooses it.",
		Example: "WebACLId is empty.",
		References: []string{
			posture.Guide + "distribution-web-awswaf.html",
			"https://docs.aws.amazon.com/waf/latest/developerguide/cloudfront-features.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		id := posture.Text(p.Model.Config.WebACLId)
		ref := p.Model.Ref("WebACLId", id, "")
		switch {
		case id != "":
			return cause.RuleOut("a web ACL is attached", ref)
		case p.Model.Config.ConnectionMode == types.ConnectionModeTenantOnly:
			return cause.Need("the distribution's tenants may have web ACLs of their own")
		}
		ref.Note = "no web ACL is attached"
		return cause.Confirm(p.DistributionName(),
			"No web ACL is attached to the distribution. Attacks and floods of requests reach the origin as far as the cache lets them through.", ref).
			WithBecause("the distribution names none")
	},
	Fixes: func(p *cause.Pass, _ cause.Verdict) []fix.Fix {
		return []fix.Fix{{
			Title:       "Attach a web ACL",
			Complexity:  fix.Standard,
			Minutes:     60,
			Impact:      "None while its rules only count; once they block, requests that they take for attacks get a 403",
			Explanation: "Managed rules keep known attacks away, and a rate-based rule keeps single addresses from flooding the origin",
			SideEffects: []string{"A web ACL, each rule and each request cost money", "Managed rules can block what is meant well, such as large bodies: count first, and look at what they would have blocked"},
			Manual: []string{
				"Create a web ACL of the scope CLOUDFRONT (Region us-east-1) with the managed groups AWSManagedRulesCommonRuleSet and AWSManagedRulesKnownBadInputsRuleSet, their actions set to Count, and a rate-based rule",
				"Attach it: open the distribution " + p.Model.ID() + " in the CloudFront console, Security tab, AWS WAF, Edit",
				"After some days with the metrics and sampled requests free of false alarms, take Count away",
			},
			Confidence: fix.Medium,
		}}
	},
}
