package distribution

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
)

var distributionNotFound = &cause.Cause{
	ID:       "DISTRIBUTION_NOT_FOUND",
	Title:    "There is no such distribution in the account",
	Stage:    "distribution",
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `What was asked about leads to no distribution: an id (E and 13 or so letters and digits), a domain name of CloudFront's (d111….cloudfront.net), an alternate
domain name or an ARN. There is nothing to diagnose then, and cfdoctor ends with the exit status 2 and says what comes nearest. In a diagnosis of a distribution
that was found this cause is always ruled out.`,
		Why: `The id is mistyped, the distribution was deleted, the credentials are those of another account, or the beginning of the domain name (d111…) was taken for
the id (E…).`,
		Example: "cfdoctor diagnose D1FERNHILL, where d1fernhill is the beginning of the domain name.",
		Manual:  "Look at the list in the CloudFront console, or run aws cloudfront list-distributions with the credentials of the right account: the command says which account it asked.",
		References: []string{
			"https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_GetDistribution.html",
			posture.Guide + "distribution-web-values-returned.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return cause.RuleOut("the distribution was found", p.Model.Fact.Ref("Id").With(p.Model.ID(), ""))
	},
}
