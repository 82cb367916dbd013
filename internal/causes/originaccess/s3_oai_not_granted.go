package originaccess

import (
	"fmt"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/policy"
)

var s3OAINotGranted = &cause.Cause{
	ID:       "S3_OAI_NOT_GRANTED",
	Title:    "The origin uses an origin access identity that the bucket does not let in",
	Stage:    "origin-access",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Hides:    []string{"CUSTOM_ERROR_PAGE_UNREACHABLE"},
	Doc: cause.Doc{
		Explain: `The origin identifies itself with an origin access identity, CloudFront's older way. Neither the bucket's policy nor an ACL lets
that identity read, so S3 answers 403.`,
		Why: `The policy names another identity, one that was deleted (then it shows an id that begins with AIDA), or none; or a migration to origin access
control changed the policy and not the origin.`,
		Example: "The policy allows cloudfront.amazonaws.com, and the origin still has an origin access identity.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return s3origin.Judge(p, s3origin.OAINotGranted, func(v *s3origin.View, s s3origin.Suspect) s3origin.Words {
			w := s3origin.Words{
				Resource: v.BucketARN(),
				Summary:  fmt.Sprintf("The policy of the bucket %s does not let the origin access identity %s in.", v.Bucket.Name, v.Origin.OAI),
				Detail:   permissionDetail(v) + principalsNamed(v),
			}
			switch {
			case s.Grade != cause.GradeConfirmed:
				w.Summary = fmt.Sprintf("The bucket %s probably does not let the origin access identity %s in.", v.Bucket.Name, v.Origin.OAI)
			case v.Granted():
				w.Summary = fmt.Sprintf("The policy of the bucket %s is made for an origin access control, and the origin still uses the origin access identity %s.", v.Bucket.Name, v.Origin.OAI)
			}
			return w
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix { return oacFixes(v) },
}

// principalsNamed says whom the policy names instead, identities that are gone among them.
func principalsNamed(v *s3origin.View) string {
	if v.Bucket.Document == nil {
		return ""
	}
	out := ""
	for _, s := range v.Bucket.Document.Statements {
		if s.Effect != policy.Allow || s.Principal == nil {
			continue
		}
		for _, entry := range s.Principal.AWS {
			out += "; the policy names " + entry
			if policy.DeletedPrincipal(entry) {
				out += ", which was deleted"
			}
		}
	}
	return out
}
