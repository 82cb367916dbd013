package signedaccess

import (
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var signedS3PresignedConflict = &cause.Cause{
	ID:       "SIGNED_S3_PRESIGNED_CONFLICT",
	Title:    "An S3 presigned URL goes through an origin for which CloudFront signs as well",
	Stage:    "origin-access",
	Symptoms: []int{400},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A presigned URL carries a signature for S3 in its query string. With an origin access control CloudFront adds its own in the Authorization header.
S3 takes one way of signing only and answers 400 when both arrive.`,
		Why: `The application's presigned links were pointed at CloudFront by exchanging the host name. That cannot work with an origin access control: the signature
is for S3's own host anyway.`,
		Example: "https://www.example.com/a.pdf?X-Amz-Algorithm=…&X-Amz-Signature=… with query strings forwarded to a bucket behind an origin access control.",
		References: []string{
			guide + "private-content-restricting-access-to-s3.html",
			guide + "PrivateContent.html",
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		x := p.Exchange()
		step, _ := p.Trace.Step("origin-access")
		switch {
		case !carriesPresigned(p.Request.Query):
			return cause.RuleOut("the request is no presigned URL for S3")
		case x.Origin == nil || !x.Origin.Endpoint.IsS3():
			return cause.RuleOut("the request does not get to a bucket")
		case x.Signing == edge.SigningUnknown:
			return cause.Need("whether CloudFront signs is not known", x.Origin.OAC)
		case x.Signing != edge.SigningOAC && x.Signing != edge.SigningOAI:
			return cause.RuleOut("CloudFront does not sign for this origin", step.Evidence...)
		case !carriesPresigned(x.Forwarded.Query):
			return cause.RuleOut("CloudFront does not send the query string on, so S3 sees CloudFront's signature alone", step.Evidence...)
		}
		// What S3 answers through CloudFront is seen in practice and not documented.
		return cause.Likely(p.OriginName(x.Origin),
			"The viewer's presigned URL reaches S3 together with CloudFront's own signature, and S3 takes only one of them.",
			"that S3 refuses two signatures at once is known from practice, and AWS does not document it for CloudFront",
			append(step.Evidence, p.Model.Ref(p.Trace.Behavior.Field+".CachePolicyId", value(p.Trace.Behavior.Config.CachePolicyId), "the policies of the behavior send X-Amz-Signature to the origin"))...)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{{
			Title: "Use CloudFront's own signed URLs in place of S3's", Complexity: fix.Advanced, Minutes: 120,
			Impact:      "None while it is prepared; links that are already out have to be made anew",
			Explanation: "CloudFront's signed URLs are checked by CloudFront, which takes their parameters off before it asks S3 with its own signature.",
			Manual: []string{
				"Create a key pair and a key group, and name the group under Restrict viewer access of the behavior " + p.Trace.Behavior.PathPattern + ".",
				"Let the application sign with that key instead of presigning for S3, or give out the bucket's own presigned addresses without CloudFront.",
				"If the content may be public through CloudFront, use the plain address without the X-Amz parameters.",
			},
			Confidence: fix.Medium,
		}}
	},
}

// carriesPresigned reports whether a query string carries S3's signature (S3UG/using-presigned-url).
func carriesPresigned(query string) bool {
	for part := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(part, "=")
		if strings.EqualFold(name, "X-Amz-Signature") {
			return true
		}
	}
	return false
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
