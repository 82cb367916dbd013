package originaccess

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/fix"
)

var s3OACNotSigning = &cause.Cause{
	ID:       "S3_OAC_NOT_SIGNING",
	Title:    "The origin access control does not sign this request",
	Stage:    "origin-access",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `The origin has an origin access control, but CloudFront does not sign this request with it: its signing behavior is "never", or it is
"do not override" and the viewer sends an Authorization header (or a presigned URL) of its own, which then goes to S3 in place of
CloudFront's signature. S3 sees an unknown caller and answers 403.`,
		Why: `"Never" is meant for switching the control off everywhere at once; "do not override" for viewers that sign for S3 themselves. Either is chosen by
mistake, or the application begins to send tokens in Authorization to a behavior that forwards them.`,
		Example: `SigningBehavior "never" in front of a private bucket.`,
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
			"https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_OriginAccessControlConfig.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return s3origin.Judge(p, s3origin.NotSigning, func(v *s3origin.View, s s3origin.Suspect) s3origin.Words {
			config, _ := v.Origin.OAC.Get()
			w := s3origin.Words{
				Resource: p.OriginName(v.Origin),
				Summary:  fmt.Sprintf("The origin access control of origin %s never signs, so CloudFront asks the private bucket %s anonymously.", v.Origin.ID, v.Bucket.Name),
				Detail:   fmt.Sprintf("SigningBehavior is %s; %s", config.SigningBehavior, permissionDetail(v)),
			}
			if s.Grade == cause.GradePossible && v.Origin.OAC.Missing() {
				w.Summary = fmt.Sprintf("The origin access control of origin %s may not sign, or be for another kind of origin.", v.Origin.ID)
				w.Detail = permissionDetail(v)
			}
			if config.SigningBehavior == types.OriginAccessControlSigningBehaviorsNoOverride {
				w.Summary = fmt.Sprintf("The viewer's own authorization goes to the bucket %s in place of CloudFront's signature, because the origin access control does not override it.", v.Bucket.Name)
				w.Detail = "SigningBehavior is no-override, and the request reaches S3 with an authorization of the viewer's"
			}
			return w
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		found, ok := v.Data.(s3origin.Found)
		if !ok {
			return nil
		}
		f := migrateFix(found.View)
		f.Title = "Use an origin access control that always signs for " + found.View.Bucket.Name
		f.Explanation = "It gives the origin an origin access control that always signs, and leaves the one it has alone, since other distributions may use it. " +
			"Where the bucket's policy does not let this distribution read yet, it gains a statement that does."
		f.SideEffects = append(f.SideEffects, "An Authorization header or presigned URL of the viewer's no longer reaches S3")
		return []fix.Fix{f}
	},
}
