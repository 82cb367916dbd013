package originaccess

import (
	"fmt"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/fix"
)

var s3NoOriginAccess = &cause.Cause{
	ID:       "S3_NO_ORIGIN_ACCESS",
	Title:    "The bucket is private, and the origin has neither origin access control nor an identity",
	Stage:    "origin-access",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Hides:    []string{"CUSTOM_ERROR_PAGE_UNREACHABLE"},
	Doc: cause.Doc{
		Explain: `CloudFront asks the bucket anonymously, like anybody on the internet: the origin names no origin access control and no origin access
identity. The bucket lets only known callers read, so S3 answers 403.`,
		Why: `The origin was made with "Public" as its origin access, by a template that leaves origin access control out, or the identity was taken off
and nothing put in its place.`,
		Example: "An origin with an empty OriginAccessControlId and an empty OriginAccessIdentity in front of a bucket that blocks public access.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return s3origin.Judge(p, s3origin.NoAccess, func(v *s3origin.View, s s3origin.Suspect) s3origin.Words {
			w := s3origin.Words{
				Resource: p.OriginName(v.Origin),
				Summary:  fmt.Sprintf("CloudFront asks the bucket %s without identifying itself, and the bucket is private.", v.Bucket.Name),
				Detail:   permissionDetail(v),
			}
			if s.Grade != cause.GradeConfirmed {
				w.Summary = fmt.Sprintf("CloudFront asks the bucket %s without identifying itself, and the bucket is probably private.", v.Bucket.Name)
			}
			return w
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix { return oacFixes(v) },
}

// oacFixes is the remedy of every fault that signing with an origin access control takes away.
func oacFixes(v cause.Verdict) []fix.Fix {
	found, ok := v.Data.(s3origin.Found)
	if !ok {
		return nil
	}
	if found.View.Website {
		return []fix.Fix{leaveWebsiteFix(found.View)}
	}
	return []fix.Fix{migrateFix(found.View)}
}

// migrateFix makes CloudFront sign with an origin access control.
func migrateFix(v *s3origin.View) fix.Fix {
	return fix.Fix{
		Title:       "Sign requests to " + v.Bucket.Name + " with an origin access control",
		Complexity:  fix.Standard,
		Minutes:     20,
		Impact:      "None while it deploys: the grant is made before the origin changes",
		Explanation: "It lets this distribution read the bucket by its policy, and makes CloudFront sign its requests to the origin. The bucket stays private.",
		SideEffects: []string{"Every object of the bucket becomes readable through this distribution, to whomever it serves"},
		Changes:     v.UseOAC(),
		Invalidate:  s3origin.CachedErrors(),
		Confidence:  fix.High,
	}
}

// leaveWebsiteFix asks the bucket itself in place of its website endpoint.
func leaveWebsiteFix(v *s3origin.View) fix.Fix {
	f := fix.Fix{
		Title:       "Ask the bucket " + v.Bucket.Name + " itself, signed, in place of its website endpoint",
		Complexity:  fix.Standard,
		Minutes:     30,
		Impact:      "Requests that rely on the website's index documents in folders, its redirects or its error page are answered differently",
		Explanation: "A website endpoint can only serve a public bucket. The bucket's own endpoint works with an origin access control, so that the bucket can stay private.",
		SideEffects: []string{
			"Folders no longer answer with their index document: a CloudFront Function has to add it where the site needs that",
			"The website's redirect rules and error document no longer apply: CloudFront's custom error responses take their place",
		},
		Changes:    v.LeaveWebsite(),
		Invalidate: s3origin.CachedErrors(),
		Confidence: fix.Medium,
	}
	if v.Origin.Endpoint.Region == "" {
		f.Changes = nil
		f.Manual = []string{"Point the origin at the bucket's own endpoint (BUCKET.s3.REGION.amazonaws.com) and choose an origin access control for it"}
	}
	return f
}
