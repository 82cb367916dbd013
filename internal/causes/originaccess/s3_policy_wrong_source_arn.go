package originaccess

import (
	"fmt"
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/policy"
)

var s3PolicyWrongSourceARN = &cause.Cause{
	ID:       "S3_POLICY_WRONG_SOURCE_ARN",
	Title:    "The bucket's policy lets another distribution read, not this one",
	Stage:    "origin-access",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Hides:    []string{"CUSTOM_ERROR_PAGE_UNREACHABLE"},
	Doc: cause.Doc{
		Explain: `The bucket's policy allows cloudfront.amazonaws.com, on the condition that the request comes from a certain distribution or account
(AWS:SourceArn, AWS:SourceAccount). It comes from another one, so the statement does not apply and S3 answers 403.`,
		Why: `The distribution was replaced by a new one, a second distribution was put in front of the same bucket, the statement was copied from
another environment or account, or the ARN has a typing error, such as the wrong partition.`,
		Example: "AWS:SourceArn names distribution E1OLD…, and the requests come from E2NEW….",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
			"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return s3origin.Judge(p, s3origin.WrongSource, func(v *s3origin.View, s s3origin.Suspect) s3origin.Words {
			return s3origin.Words{
				Resource: v.BucketARN(),
				Summary: fmt.Sprintf("The policy of the bucket %s lets CloudFront read for %s, not for this distribution (%s).",
					v.Bucket.Name, strings.Join(sourcesOf(s.Match), ", "), p.Model.ID()),
				Detail: permissionDetail(v),
			}
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		found, ok := v.Data.(s3origin.Found)
		if !ok {
			return nil
		}
		own := grantFix(found.View)
		own.Title = "Give this distribution a statement of its own in the policy of " + found.View.Bucket.Name
		edits, ok := sourceEdits(p, found.Suspect.Match)
		if !ok {
			return []fix.Fix{own}
		}
		return []fix.Fix{{
			Title:       "Name this distribution in the policy of " + found.View.Bucket.Name + " too",
			Complexity:  fix.Quick,
			Minutes:     5,
			Impact:      "None: the policy counts at once, and the distribution that it names already keeps its access",
			Explanation: "It adds this distribution beside the one that the statement's condition names; everything else stays.",
			SideEffects: []string{"The distribution named before can still read the bucket: if it is gone, take its ARN out of the condition later"},
			Changes:     []fix.Change{fix.EditBucketPolicy(found.View.Bucket.Name, edits...)},
			Invalidate:  s3origin.CachedErrors(),
			Confidence:  fix.High,
		}, own}
	},
}

// sourcesOf lists what the failing conditions of a statement name.
func sourcesOf(m *policy.Match) []string {
	var out []string
	if m != nil {
		for _, f := range m.Failed {
			if f.Element == policy.ElementCondition {
				out = append(out, f.Want...)
			}
		}
	}
	return out
}

// sourceEdits adds this distribution, or its account, to every condition of the statement that fails. It reports false where another value
// would not help: negated operators, or a statement that fails elsewhere too.
func sourceEdits(p *cause.Pass, m *policy.Match) ([]fix.PolicyEdit, bool) {
	var edits []fix.PolicyEdit
	if m == nil {
		return nil, false
	}
	for _, f := range m.Failed {
		value := p.Model.ARN()
		if strings.EqualFold(f.Key, "aws:SourceAccount") {
			value = account.OwnerOf(value)
		}
		if f.Element != policy.ElementCondition || len(f.Want) == 0 || strings.Contains(f.Operator, "Not") || strings.Contains(f.Operator, "ForAllValues") {
			return nil, false
		}
		edits = append(edits, fix.AddConditionValue(f.Operator, f.Key, f.Want[0], value))
	}
	return edits, len(edits) > 0
}
