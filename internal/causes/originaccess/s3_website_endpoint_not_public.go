package originaccess

import (
	"fmt"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/fix"
)

var s3WebsiteEndpointNotPublic = &cause.Cause{
	ID:       "S3_WEBSITE_ENDPOINT_NOT_PUBLIC",
	Title:    "The origin is a bucket's website endpoint, and the bucket is not public",
	Stage:    "origin-access",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A bucket's website endpoint serves the public only: it takes no signed requests, so that neither an origin access control nor an origin
access identity works with it. The bucket's policy does not let everybody read, so the endpoint answers 403.`,
		Why: `The bucket was made private, or always was (new buckets are), while the origin stayed the website endpoint; or its policy was written for an
origin access control, which CloudFront cannot use here.`,
		Example: "The origin is site.s3-website-eu-west-1.amazonaws.com, and the policy allows cloudfront.amazonaws.com.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html",
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteAccessPermissionsReqd.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return s3origin.Judge(p, s3origin.WebsitePrivate, func(v *s3origin.View, s s3origin.Suspect) s3origin.Words {
			w := s3origin.Words{
				Resource: p.OriginName(v.Origin),
				Summary:  fmt.Sprintf("The origin is the website endpoint of the bucket %s, which serves the public only, and the bucket is not public.", v.Bucket.Name),
				Detail:   permissionDetail(v),
			}
			switch {
			case s.Grade != cause.GradeConfirmed:
				w.Summary = fmt.Sprintf("The origin is the website endpoint of the bucket %s, which serves the public only, and the bucket is probably not public.", v.Bucket.Name)
			case v.Granted():
				w.Detail += "; the policy lets CloudFront's signed requests in, and CloudFront cannot sign for a website endpoint"
			}
			return w
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix { return oacFixes(v) },
}
