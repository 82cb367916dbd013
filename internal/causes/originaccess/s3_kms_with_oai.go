package originaccess

import (
	"fmt"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var s3KMSWithOAI = &cause.Cause{
	ID:       "S3_KMS_WITH_OAI",
	Title:    "The object is encrypted with a KMS key, and CloudFront does not use origin access control",
	Stage:    "origin-access",
	Symptoms: []int{403, 400},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `Objects encrypted with a KMS key (SSE-KMS) can be read only by callers that sign with Signature Version 4 and that the key's policy names. An origin
access identity cannot be either, and an anonymous request is neither. S3 refuses, with 403 or 400.`,
		Why:     "Default encryption with KMS was switched on for a bucket whose distribution still uses an origin access identity, or whose objects were public.",
		Example: "The origin has an origin access identity, and HeadObject shows ServerSideEncryption aws:kms.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		v, k, why := keyOf(p)
		switch {
		case k == nil:
			return why
		case v.Signing == edge.SigningOAC:
			return cause.RuleOut("CloudFront signs with an origin access control, which can use KMS keys")
		case v.Signing != edge.SigningOAI && v.Signing != edge.SigningNone:
			return cause.Need("how CloudFront signs is not known", v.Origin.OAC)
		}
		who := "an origin access identity"
		if v.Signing == edge.SigningNone {
			who = "no signature"
		}
		verdict := keyVerdict(v, k, fmt.Sprintf("The object is encrypted with a KMS key, and CloudFront asks for it with %s, which cannot use any key.", who), append(v.SigningRefs(), k.Ref))
		if verdict.Fires() && p.StoppedHere() && (p.Symptom.Code == 403 || p.Symptom.Code == 400) {
			// Which of the two S3 answers is not documented for CloudFront.
			verdict = verdict.Explaining(true)
		}
		return verdict
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		found, ok := v.Data.(kmsFound)
		if !ok {
			return nil
		}
		if found.key.AWSManaged.Yes() || !strings.HasPrefix(found.key.KeyARN, "arn:") || found.view.Website {
			f := ownKeyFix(found)
			f.Title = "Use an origin access control, and a key that CloudFront may use"
			f.Manual = append(f.Manual, "On the distribution's Origins tab give the origin "+found.view.Origin.ID+" an origin access control, and let the distribution read in the bucket's policy")
			return []fix.Fix{f}
		}
		f := migrateFix(found.view)
		f.Title = "Use an origin access control, and let it decrypt"
		f.Explanation = "It lets this distribution read the bucket and decrypt with the key, and makes CloudFront sign its requests with an origin access control."
		f.Changes = append([]fix.Change{fix.EditKeyPolicy(found.key.KeyARN, fix.GrantKey(takesUploads(p), p.Model.ARN())...)}, f.Changes...)
		return []fix.Fix{f}
	},
}
