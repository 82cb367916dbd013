package originaccess

import (
	"fmt"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/fix"
)

var s3BlockPublicAccess = &cause.Cause{
	ID:       "S3_BLOCK_PUBLIC_ACCESS",
	Title:    "The bucket is meant to be public, and Block Public Access keeps the public out",
	Stage:    "origin-access",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront asks the bucket without a signature of its own, and a policy or ACL lets everybody read. Block Public Access, for the bucket or
for the whole account, makes that grant void, so S3 answers 403.`,
		Why: `Block Public Access was switched on after the site was set up, often for the whole account, or it is on by default in a new bucket whose
policy was copied from an older one.`,
		Example: "A website endpoint, a policy with Principal *, and RestrictPublicBuckets on.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return s3origin.Judge(p, s3origin.PublicBlocked, func(v *s3origin.View, s s3origin.Suspect) s3origin.Words {
			w := s3origin.Words{
				Resource: v.BucketARN(),
				Summary:  fmt.Sprintf("The bucket %s lets everybody read, and Block Public Access keeps the public out, CloudFront's unsigned requests among it.", v.Bucket.Name),
				Detail:   permissionDetail(v),
			}
			if s.Grade != cause.GradeConfirmed {
				w.Summary = fmt.Sprintf("The bucket %s lets everybody read, but Block Public Access may keep the public out, CloudFront's unsigned requests among it.", v.Bucket.Name)
			}
			return w
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix { return oacFixes(v) },
}
