package originaccess

import (
	"fmt"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/policy"
)

var s3PolicyResourceOrActionWrong = &cause.Cause{
	ID:        "S3_POLICY_RESOURCE_OR_ACTION_WRONG",
	Title:     "The bucket's policy lets CloudFront in, but for other objects or actions than the request needs",
	Stage:     "origin-access",
	Symptoms:  []int{403},
	Severity:  cause.Critical,
	OfRequest: true,
	Hides:     []string{"CUSTOM_ERROR_PAGE_UNREACHABLE"},
	Doc: cause.Doc{
		Explain: `A statement of the bucket's policy is meant for CloudFront, but it does not reach this request: its Resource is the bucket itself
(without /*) or a folder that the object is not in, or its Action lacks what the method needs: s3:GetObject to read, s3:PutObject to upload,
s3:DeleteObject to delete. S3 answers 403.`,
		Why: `The slash and asterisk at the end of the ARN were left out, another bucket's name was left in after copying, the origin's path changed and
the policy did not, or the site began to upload through CloudFront with a policy that was made for reading.`,
		Example: `Resource "arn:aws:s3:::site/public/*", and the request is for /js/app.js.`,
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return s3origin.Judge(p, s3origin.WrongScope, func(v *s3origin.View, s s3origin.Suspect) s3origin.Words {
			return s3origin.Words{
				Resource: v.BucketARN(),
				Summary:  scopeSummary(v, s.Match),
				Detail:   permissionDetail(v),
			}
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		found, ok := v.Data.(s3origin.Found)
		if !ok {
			return nil
		}
		switch {
		case found.View.Website:
			return []fix.Fix{leaveWebsiteFix(found.View)}
		case found.View.Origin.OAI != "":
			return []fix.Fix{migrateFix(found.View)}
		}
		return []fix.Fix{grantFix(found.View)}
	},
}

// scopeSummary names what the statement covers and what was asked for.
func scopeSummary(v *s3origin.View, m *policy.Match) string {
	out := fmt.Sprintf("The policy of the bucket %s lets CloudFront in, but not for this request", v.Bucket.Name)
	if m == nil {
		return out + "."
	}
	for _, f := range m.Failed {
		switch f.Element {
		case policy.ElementResource:
			out += fmt.Sprintf("; it covers %s, and the request is for %s", strings.Join(f.Want, ", "), v.Access.Resource)
		case policy.ElementAction:
			out += fmt.Sprintf("; it allows %s, and the request needs %s", strings.Join(f.Want, ", "), v.Access.Action)
		}
	}
	return out + "."
}
