package originaccess

import (
	"fmt"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/fix"
)

var s3OACWrongType = &cause.Cause{
	ID:       "S3_OAC_WRONG_TYPE",
	Title:    "The bucket's origin has an origin access control that is made for another kind of origin",
	Stage:    "origin-access",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `An origin access control is made for one kind of origin: a bucket, a Lambda function URL, MediaStore or MediaPackage. The signature names
the service it is for, so that one for Lambda, say, is not valid for S3, which answers 403.`,
		Why:     "One origin access control was used for all origins of a distribution, or a template copied it from another origin.",
		Example: "An origin access control of type lambda on an origin that is a bucket.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
			"https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_OriginAccessControlConfig.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return s3origin.Judge(p, s3origin.WrongType, func(v *s3origin.View, _ s3origin.Suspect) s3origin.Words {
			config, _ := v.Origin.OAC.Get()
			return s3origin.Words{
				Resource: p.OriginName(v.Origin),
				Summary:  fmt.Sprintf("The origin access control of origin %s is made for %s, and the origin is an S3 bucket.", v.Origin.ID, config.OriginAccessControlOriginType),
				Detail:   fmt.Sprintf("OriginAccessControlOriginType is %s; a bucket needs s3", config.OriginAccessControlOriginType),
			}
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		found, ok := v.Data.(s3origin.Found)
		if !ok {
			return nil
		}
		f := migrateFix(found.View)
		f.Title = "Use an origin access control for S3 with " + found.View.Bucket.Name
		f.Explanation = "It gives the origin an origin access control of type s3 that always signs. The one it has keeps its settings for the origins that it fits."
		return []fix.Fix{f}
	},
}
