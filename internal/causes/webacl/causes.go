// Package webacl holds the causes of the web-acl stage: what AWS WAF does with the request, by the kind of rule that decides.
package webacl

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		wafIPReputationBlocked,
		wafRateLimit,
		wafManagedRuleBlocked,
		wafRuleBlocked,
		wafBodyOversize,
		wafChallengeOrCaptcha,
		wafCustomResponse,
		wafDefaultActionBlock,
		wafOriginACLBlocks,
		noWebACL,
	}
}
