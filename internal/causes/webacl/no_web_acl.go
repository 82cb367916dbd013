package webacl

import (
	"cmp"

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
		acl := fix.CreateWebACL("cfdoctor-"+p.Model.ID(), cmp.Or(p.World.Account, "ACCOUNT_ID"), p.Model.Partition())
		return []fix.Fix{{
			Title:       "Attach a web ACL",
			Complexity:  fix.Standard,
			Minutes:     60,
			Impact:      "None: all of its rules only count",
			Explanation: "Managed rules watch for known attacks, and a rate-based rule for single addresses that flood the origin. They keep nothing out before Count is taken away",
			SideEffects: []string{"A web ACL, each rule and each request cost money",
				"After some days, with the metrics and sampled requests free of false alarms, take Count away rule by rule; from then on requests that they take for attacks, such as large bodies, get a 403"},
			Changes:    []fix.Change{acl, fix.EditDistribution(p.Model.ID(), fix.SetWebACL(acl.ARN()))},
			Confidence: fix.Medium,
		}}
	},
}
