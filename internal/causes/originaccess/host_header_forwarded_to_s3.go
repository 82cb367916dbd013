package originaccess

import (
	"fmt"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/fix"
)

var hostHeaderForwardedToS3 = &cause.Cause{
	ID:        "HOST_HEADER_FORWARDED_TO_S3",
	Title:     "The viewer's Host header reaches S3, which takes it for the bucket's address",
	Stage:     "origin-access",
	Symptoms:  []int{403, 404},
	Severity:  cause.Critical,
	OfRequest: true,
	Doc: cause.Doc{
		Explain: `S3 finds the bucket by the Host header, and CloudFront's signature covers that header. The behavior sends the viewer's Host on, so S3 looks for
a bucket named like your site, and the signature does not match: 403 SignatureDoesNotMatch, or 404 NoSuchBucket without a signature.`,
		Why: `An origin request policy such as AllViewer, or a whitelist with Host, was chosen for a behavior whose origin is a bucket; often it was set
for an application and the bucket's behavior was copied from it.`,
		Example: "The managed policy AllViewer on a behavior that leads to a bucket.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html",
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		v, why := s3origin.Of(p)
		if v == nil {
			return why
		}
		return judgeHost(p, v.Origin, v.Exchange, fmt.Sprintf("The viewer's Host header is sent on to S3, which takes it for the address of a bucket; the origin's bucket is %s.", v.Bucket.Name))
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix { return hostFixes(p, true) },
}
