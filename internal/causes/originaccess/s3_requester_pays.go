package originaccess

import (
	"fmt"

	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var s3RequesterPays = &cause.Cause{
	ID:       "S3_REQUESTER_PAYS",
	Title:    "The bucket wants the requester to pay, which CloudFront does not declare",
	Stage:    "origin-access",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `In a Requester Pays bucket whoever downloads pays, and has to say so in a header (x-amz-request-payer). Anonymous requests are refused,
and so is every request to the website endpoint. CloudFront cannot send that header: origin custom headers must not begin with x-amz-.`,
		Why:     "The bucket was set up to share data with other accounts, and a distribution was put in front of it later.",
		Example: "RequestPaymentConfiguration Payer=Requester on the origin's bucket.",
		Manual:  "Who pays for the bucket's traffic is a decision of its owner.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		v, why := s3origin.Of(p)
		if v == nil {
			return why
		}
		out, known := v.Bucket.Payment.Get()
		summary := fmt.Sprintf("The bucket %s wants the requester to pay, and CloudFront does not say that it does.", v.Bucket.Name)
		ref := v.Bucket.Payment.Ref("Payer").With(string(out.Payer), "the requester has to declare that it pays").Want(string(s3.PayerBucketOwner))
		switch {
		case !known && v.Bucket.Payment.IsAbsent(), known && out.Payer != s3.PayerRequester:
			return cause.RuleOut("the bucket's owner pays", v.Bucket.Payment.Ref("Payer"))
		case !known:
			return cause.Need("who pays for the bucket's traffic was not read", v.Bucket.Payment)
		case v.Signing == edge.SigningNone:
			verdict := cause.Confirm(v.BucketARN(), summary, ref).With(s3origin.Found{View: v}).
				WithBecause("such a bucket refuses anonymous requests, and CloudFront does not sign this one")
			if v.Access.Allowed.No() {
				verdict = verdict.Explaining(false)
			}
			return verdict
		case v.Suspected(403):
			return cause.Likely(v.BucketARN(), summary, "how S3 treats the requests that CloudFront signs for the bucket's own account is not documented", ref).
				With(s3origin.Found{View: v})
		}
		return cause.Possible(v.BucketARN(), summary, "how S3 treats the requests that CloudFront signs for the bucket's own account is not documented", ref).
			With(s3origin.Found{View: v}).AtSeverity(cause.Medium)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		found, ok := v.Data.(s3origin.Found)
		if !ok {
			return nil
		}
		name := found.View.Bucket.Name
		return []fix.Fix{{
			Title:       "Let the bucket's owner pay for " + name,
			Complexity:  fix.Quick,
			Minutes:     10,
			Impact:      "None for viewers; the owner pays for downloads by other accounts too",
			Explanation: "Without Requester Pays S3 does not ask CloudFront for a declaration.",
			SideEffects: []string{"Other accounts that read the bucket directly no longer pay for it"},
			Changes:     []fix.Change{fix.SetRequestPayer(name, string(s3.PayerBucketOwner), string(s3.PayerRequester))},
			Manual:      []string{"Where other accounts must go on paying: copy what the distribution serves into a bucket of its own instead"},
			Invalidate:  s3origin.CachedErrors(),
			Confidence:  fix.High,
		}}
	},
}
