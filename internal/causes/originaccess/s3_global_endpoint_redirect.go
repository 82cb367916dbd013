package originaccess

import (
	"fmt"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var s3GlobalEndpointRedirect = &cause.Cause{
	ID:       "S3_GLOBAL_ENDPOINT_REDIRECT",
	Title:    "The origin's address is not in the bucket's Region, so S3 redirects",
	Stage:    "origin-access",
	Symptoms: []int{301, 307, 400},
	Severity: cause.High,
	Doc: cause.Doc{
		Explain: `The origin is the bucket's global address (bucket.s3.amazonaws.com) or that of another Region. For a new bucket outside us-east-1 S3 answers the global
address with 307 until DNS knows the bucket, which can take a day; a wrong Region with 301, or 400 about the signature. CloudFront hands the
redirect on, and viewers go to S3 directly, where a private bucket refuses them.`,
		Why:     "The global address was copied from a list or an older template, or a bucket of the same name was made again in another Region.",
		Example: "Origin site.s3.amazonaws.com, and the bucket was made in eu-west-1 an hour ago.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-3xx-status-codes.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-400-bad-request.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		v, why := s3origin.Of(p)
		if v == nil {
			return why
		}
		e := v.Origin.Endpoint
		global := e.Kind == cloudfront.KindS3Global
		if v.Bucket.Exists.No() {
			return cause.RuleOut("the bucket does not exist")
		}
		if !global && (e.Region == "" || v.Website) {
			return cause.RuleOut("the origin's address is not bound to a Region")
		}
		if v.Bucket.Region == "" {
			return cause.Need("the bucket's Region was not read", v.Bucket.Bucket, v.Bucket.Location)
		}
		refs := regionRefs(v)
		switch {
		case !global && e.Region != v.Bucket.Region:
			verdict := cause.Confirm(p.OriginName(v.Origin), fmt.Sprintf("The origin's address is in %s, and the bucket %s is in %s.", e.Region, v.Bucket.Name, v.Bucket.Region), refs...).
				WithBecause("both Regions are known").WithDetail("S3 answers 301 PermanentRedirect, or 400 AuthorizationHeaderMalformed").With(s3origin.Found{View: v})
			return verdict.AtSeverity(cause.Critical)
		case !global || v.Bucket.Region == "us-east-1":
			return cause.RuleOut("the origin's address is in the bucket's Region", refs...)
		case passage.Suspected(p, 301, 302, 307):
			return cause.Likely(p.OriginName(v.Origin), fmt.Sprintf("The origin is the global address of the bucket %s, which is in %s: S3 redirects new buckets to their Region.", v.Bucket.Name, v.Bucket.Region),
				"S3 redirects until DNS knows a new bucket; how old the bucket is was not read", refs...).With(s3origin.Found{View: v}).Explaining(true)
		}
		return cause.RuleOut("S3 redirects from the global address only while a bucket is new, and no redirect was reported", refs...)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		found, ok := v.Data.(s3origin.Found)
		if !ok {
			return nil
		}
		regional := cloudfront.RegionalEndpoint(found.View.Bucket.Name, found.View.Bucket.Region)
		return []fix.Fix{{
			Title:       "Use the bucket's address in its own Region",
			Complexity:  fix.Quick,
			Minutes:     10,
			Impact:      "None while it deploys",
			Explanation: "The address " + regional + " leads to the bucket without a redirect.",
			SideEffects: []string{"Redirects that browsers keep stay with them until they run out"},
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetOriginDomain(found.View.Origin.ID, regional))},
			Invalidate:  s3origin.CachedErrors(),
			Confidence:  fix.High,
		}}
	},
}

func regionRefs(v *s3origin.View) []evidence.Ref {
	where := v.Bucket.Bucket.Ref("BucketRegion")
	if !v.Bucket.Bucket.IsKnown() {
		where = v.Bucket.Location.Ref("LocationConstraint")
	}
	return []evidence.Ref{
		v.OriginRef("DomainName", v.Origin.Endpoint.Domain, "").Want(cloudfront.RegionalEndpoint(v.Bucket.Name, v.Bucket.Region)),
		where.With(v.Bucket.Region, ""),
	}
}
