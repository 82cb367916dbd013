package originaccess

import (
	"fmt"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/fix"
)

var s3BucketNotFound = &cause.Cause{
	ID:       "S3_BUCKET_NOT_FOUND",
	Title:    "The origin's bucket does not exist",
	Stage:    "origin-access",
	Symptoms: []int{404},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `The origin's domain name leads to S3, but there is no bucket of that name, so S3 answers 404 NoSuchBucket. Bucket names are free for
everybody: whoever makes a bucket of this name serves your visitors what they like.`,
		Why:     "The bucket was deleted before the distribution, has another name in this environment, or its name was mistyped.",
		Example: "The origin is old-assets.s3.eu-west-1.amazonaws.com, and the bucket was deleted last month.",
		Manual:  "Which bucket is meant, or what belongs into a new one, only its owner knows.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
			"https://docs.aws.amazon.com/securityhub/latest/userguide/cloudfront-controls.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		v, why := s3origin.Of(p)
		switch {
		case v == nil:
			return why
		case v.Bucket.Exists.No():
			verdict := cause.Confirm(p.OriginName(v.Origin),
				fmt.Sprintf("The bucket %s of origin %s does not exist, and anybody could make one of that name.", v.Bucket.Name, v.Origin.ID),
				v.OriginRef("DomainName", v.Origin.Endpoint.Domain, "leads to no bucket"), v.Bucket.Bucket.Ref("")).
				WithBecause("S3 says that there is no such bucket").WithDetail("S3 answers 404 NoSuchBucket").With(s3origin.Found{View: v})
			if t, _ := v.Transport(); t.Fault != s3origin.NoBucket {
				verdict = verdict.Explaining(false)
			}
			return verdict
		case !v.Bucket.Exists.Known():
			return cause.Need("whether the bucket exists was not read", v.Bucket.Bucket, v.Bucket.Policy)
		}
		return cause.RuleOut("the bucket exists", v.Bucket.Bucket.Ref("BucketRegion"))
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		found, ok := v.Data.(s3origin.Found)
		if !ok {
			return nil
		}
		name := found.View.Bucket.Name
		return []fix.Fix{{
			Title:       "Make the bucket, or point the origin at the one that is meant",
			Complexity:  fix.Standard,
			Minutes:     30,
			Impact:      "None: nothing can be served from this origin now",
			Explanation: "The name has to lead to a bucket of yours, or the origin to another bucket.",
			SideEffects: []string{"Until then anybody can make a bucket of this name and serve its content under your domain"},
			Manual: []string{
				"If the bucket was deleted by mistake: make the bucket " + name + " in your account at once, block public access, let the distribution read it by its policy, and upload the content",
				"If another bucket is meant: on the distribution's Origins tab select " + found.View.Origin.ID + ", choose Edit, and pick that bucket under Origin domain",
				"If the origin is not needed any more: point its behaviors at another origin and delete it",
			},
			ByHand:     makeBucket(name, found.View.Bucket.Region),
			Invalidate: s3origin.CachedErrors(),
			Confidence: fix.High,
		}}
	},
}
