package originaccess

import (
	"fmt"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/fix"
)

var s3ObjectOwnedByOtherAccount = &cause.Cause{
	ID:       "S3_OBJECT_OWNED_BY_OTHER_ACCOUNT",
	Title:    "The object belongs to another account than the bucket",
	Stage:    "origin-access",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `Where a bucket still uses ACLs, whoever uploads an object owns it. A bucket's policy does not reach objects of other accounts, so the grant
for CloudFront does not count for this one, and S3 answers 403 although other objects work.`,
		Why:     "Another account (a build system, a partner) uploads into the bucket without handing the objects over, and the bucket's object ownership is ObjectWriter or BucketOwnerPreferred.",
		Example: "A deployment account uploads without the ACL bucket-owner-full-control.",
		Manual: `Taking the objects over means switching ACLs off for the bucket (or copying the objects), which changes who may do what in it: a person has to
decide that. The steps say how.`,
		References: []string{
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html",
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		verdict := s3origin.Judge(p, s3origin.OtherOwner, func(v *s3origin.View, _ s3origin.Suspect) s3origin.Words {
			return s3origin.Words{
				Resource: v.BucketARN() + "/" + v.Access.Key,
				Summary:  fmt.Sprintf("The object %s belongs to another account than the bucket %s, so the bucket's policy does not count for it.", v.Access.Key, v.Bucket.Name),
				Detail:   "the owner in the object's ACL differs from the owner in the bucket's ACL, and ACLs are not disabled",
			}
		})
		if found, ok := verdict.Data.(s3origin.Found); ok {
			v := found.View
			object := account.ObjectACL(v.Bucket.Name, v.Access.Key).In(p.World)
			verdict.Evidence = append(verdict.Evidence, object.Ref("Owner.ID").With("", "not the bucket's owner"), v.Bucket.ACL.Ref("Owner.ID"),
				v.Bucket.Ownership.Ref("OwnershipControls.Rules[].ObjectOwnership").Want("BucketOwnerEnforced"))
		}
		return verdict
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		found, ok := v.Data.(s3origin.Found)
		if !ok {
			return nil
		}
		name := found.View.Bucket.Name
		return []fix.Fix{{
			Title:       "Let the bucket's owner own every object of " + name,
			Complexity:  fix.Standard,
			Minutes:     20,
			Impact:      "None for viewers; programs that set ACLs on objects of the bucket fail from then on",
			Explanation: "With object ownership set to bucket owner enforced, ACLs are off and the bucket's owner owns every object, also those uploaded earlier, so that the bucket's policy counts for all of them.",
			SideEffects: []string{"Uploads that set an ACL other than bucket-owner-full-control are refused", "Access that was granted by ACLs alone is lost"},
			Manual: []string{
				"Check that nobody relies on ACLs: Amazon S3 console, bucket " + name + ", Permissions tab, Access control list",
				"Under Object Ownership choose Edit, ACLs disabled, and Save changes",
				fmt.Sprintf(`With the AWS CLI: aws s3api put-bucket-ownership-controls --bucket %q --ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'`, name),
				"If ACLs must stay: have the account that uploads send the ACL bucket-owner-full-control with object ownership set to bucket owner preferred, and upload the object again",
			},
			Invalidate: s3origin.CachedErrors(),
			Confidence: fix.High,
		}}
	},
}
