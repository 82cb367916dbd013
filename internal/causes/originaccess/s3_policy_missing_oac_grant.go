package originaccess

import (
	"fmt"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var s3PolicyMissingOACGrant = &cause.Cause{
	ID:       "S3_POLICY_MISSING_OAC_GRANT",
	Title:    "CloudFront signs its requests, and nothing in the bucket's policy lets it read",
	Stage:    "origin-access",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Hides:    []string{"CUSTOM_ERROR_PAGE_UNREACHABLE"},
	Doc: cause.Doc{
		Explain: `With an origin access control CloudFront signs its requests to the bucket as the service cloudfront.amazonaws.com, on behalf of one
distribution. The signature alone opens nothing: the bucket's policy has to allow that service. Without a statement that does, S3 answers
403 Access Denied for every object, whether it is there or not.`,
		Why: `The origin access control was chosen and the policy that the console offers was not copied into the bucket; the policy was written
for the older origin access identity; or a later change of the policy dropped the statement.`,
		Example: "The origin has an origin access control, and the bucket has no policy at all.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html",
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return s3origin.Judge(p, s3origin.MissingGrant, func(v *s3origin.View, s s3origin.Suspect) s3origin.Words {
			w := s3origin.Words{
				Resource: v.BucketARN(),
				Summary:  fmt.Sprintf("The bucket %s has a policy, but no statement lets this distribution read.", v.Bucket.Name),
				Detail:   permissionDetail(v),
			}
			switch {
			case v.Access.Allowed.Yes():
				w.Resource = v.Bucket.Point.ARN
				w.Summary, w.Detail = pointWords(v, s)
			case s.Grade != cause.GradeConfirmed:
				w.Summary = fmt.Sprintf("The policy of the bucket %s probably does not let this distribution read.", v.Bucket.Name)
			case v.Bucket.Policy.IsAbsent():
				w.Summary = fmt.Sprintf("The bucket %s has no policy, so nothing lets this distribution read.", v.Bucket.Name)
			}
			return w
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		switch found := v.Data.(type) {
		case s3origin.PointFound:
			return []fix.Fix{pointFix(found.Origin.Endpoint.Name, "arn:ACCESS_POINT", p.Model.ARN())}
		case s3origin.Found:
			if found.View.Access.Allowed.Yes() {
				return []fix.Fix{pointFix(found.View.Bucket.Name, found.View.Bucket.Point.ARN, p.Model.ARN())}
			}
			return []fix.Fix{grantFix(found.View)}
		}
		return nil
	},
}

// pointWords tells of an access point that does not let in what the bucket's own policy does.
func pointWords(v *s3origin.View, s s3origin.Suspect) (summary, detail string) {
	name := pointName(v.Bucket.Point)
	detail = fmt.Sprintf("%s through %s for %s: %s", v.Access.Action, v.Bucket.Point.ARN, callerName(v), v.Access.ByPoint.Reason)
	switch {
	case s.Grade != cause.GradeConfirmed:
		return fmt.Sprintf("The policy of the access point %s may not let this distribution read.", name), detail
	case v.Bucket.Point.Policy.IsAbsent():
		return fmt.Sprintf("The access point %s has no policy, so nothing lets this distribution read through it.", name), detail
	}
	return fmt.Sprintf("The access point %s has a policy, but no statement lets this distribution read.", name), detail
}

// pointName is an access point's name, which its ARN ends in.
func pointName(point *edge.AccessPointFacts) string {
	return point.ARN[strings.LastIndexByte(point.ARN, '/')+1:]
}

// pointFix lets the distribution in through an access point: by hand, since two policies have to agree (S3UG/access-points-policies).
func pointFix(name, arn, distribution string) fix.Fix {
	return fix.Fix{
		Title:       "Let this distribution read through the access point",
		Complexity:  fix.Standard,
		Minutes:     15,
		Impact:      "None: the policies gain a statement each and count at once",
		Explanation: "A request through an access point needs a grant in the access point's policy and one in the policy of the bucket behind it.",
		SideEffects: []string{"Whoever this distribution serves can then read what the access point gives access to"},
		Manual: []string{
			"In the policy of the access point in front of " + name + ", beside the other statements, allow cloudfront.amazonaws.com s3:GetObject on " + arn +
				"/object/* with the condition AWS:SourceArn = " + distribution,
			"See that the bucket's own policy allows the same, or hands the decision to access points with s3:DataAccessPointAccount",
		},
		Invalidate: s3origin.CachedErrors(),
		Confidence: fix.Medium,
	}
}

// permissionDetail says what S3 was asked for, and by whom.
func permissionDetail(v *s3origin.View) string {
	return fmt.Sprintf("%s on %s for %s: %s", v.Access.Action, v.Access.Resource, callerName(v), v.Access.Decision.Reason)
}

func callerName(v *s3origin.View) string {
	if v.Access.Principal.ID == "" {
		return "an anonymous caller"
	}
	return v.Access.Principal.ID
}

// grantFix lets the distribution into the bucket by its policy.
func grantFix(v *s3origin.View) fix.Fix {
	do := "read"
	if v.Access.Action != "s3:GetObject" && v.Access.Action != "s3:ListBucket" {
		do = "read and change"
	}
	f := fix.Fix{
		Title:       "Let this distribution " + do + " the bucket " + v.Bucket.Name,
		Complexity:  fix.Quick,
		Minutes:     5,
		Impact:      "None: the policy gains a statement and counts at once",
		Explanation: "It adds a statement to the bucket's policy that lets cloudfront.amazonaws.com " + do + " the objects, for this distribution only, and leaves the other statements alone.",
		SideEffects: []string{"Whoever this distribution serves can then " + do + " every object of the bucket"},
		Changes:     []fix.Change{v.Grant()},
		Invalidate:  s3origin.CachedErrors(),
		Confidence:  fix.High,
	}
	if v.Bucket.Policy.Missing() {
		// What cannot be read cannot be shown to be cured.
		f.Changes, f.Confidence = nil, fix.Medium
		f.Manual = []string{
			"Have somebody with s3:GetBucketPolicy read the policy of the bucket " + v.Bucket.Name + ", and look for a statement that lets cloudfront.amazonaws.com read for this distribution",
			"Where there is none, add this statement beside the others: " + v.Statement(),
		}
	}
	return f
}
