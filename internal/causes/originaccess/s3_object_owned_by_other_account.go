package originaccess

import (
	"fmt"
	"slices"

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
	Fixes: fixObjectOwner,
}

func fixObjectOwner(_ *cause.Pass, v cause.Verdict) []fix.Fix {
	found, ok := v.Data.(s3origin.Found)
	if !ok {
		return nil
	}
	bucket, key := found.View.Bucket, found.View.Access.Key
	reads := []fix.HandCall{
		{Purpose: "See whom the bucket's ACL lets in", Service: "s3", Operation: "GetBucketAcl", Params: []fix.HandParam{{Name: "Bucket", Value: bucket.Name}}},
		{Purpose: "See whom the object's ACL lets in", Service: "s3", Operation: "GetObjectAcl",
			Params: []fix.HandParam{{Name: "Bucket", Value: bucket.Name}, {Name: "Key", Value: key}}},
	}
	preferred := fix.Fix{
		Title: "Have the object uploaded again for the bucket's owner", Complexity: fix.Standard, Minutes: 30, Impact: "None for viewers",
		Explanation: "With object ownership set to bucket owner preferred, the bucket's owner owns what others upload with the ACL bucket-owner-full-control; the bucket's policy counts for it.",
		Manual: []string{
			"Where ACLs must stay: under Object Ownership choose Edit, ACLs enabled, Bucket owner preferred, and Save changes",
			"Have the account that uploads send the ACL bucket-owner-full-control, and upload the object again",
		},
		ByHand:     append(slices.Clone(reads), ownershipCall(bucket.Name, "BucketOwnerPreferred", bucket.OwnershipSetting())),
		Invalidate: s3origin.CachedErrors(), Confidence: fix.Medium,
	}
	enforce := fix.Fix{
		Title: "Let the bucket's owner own every object of " + bucket.Name, Complexity: fix.Standard, Minutes: 20,
		Impact:      "None for viewers; programs that set ACLs on objects of the bucket fail from then on",
		Explanation: "With object ownership set to bucket owner enforced, ACLs are off and the bucket's owner owns every object, also those uploaded earlier, so that the bucket's policy counts for all of them.",
		SideEffects: []string{"Uploads that set an ACL other than bucket-owner-full-control are refused", "Access that was granted by ACLs alone is lost: see first that nobody relies on it"},
		Invalidate:  s3origin.CachedErrors(), Confidence: fix.High,
	}
	if bucket.OwnerAlone() {
		enforce.Changes, enforce.ByHand = []fix.Change{fix.SetBucketOwnership(bucket.Name, "BucketOwnerEnforced", bucket.OwnershipSetting())}, reads
		return []fix.Fix{enforce, preferred}
	}
	// S3 refuses the setting as long as the bucket's ACL lets others in (S3UG/object-ownership-migrating-acls-prerequisites).
	enforce.Manual = []string{
		"The bucket's ACL lets others in besides its owner: grant them what they need in the bucket's policy instead",
		"Then take those grants off the ACL: Amazon S3 console, bucket " + bucket.Name + ", Permissions tab, Access control list",
		"Under Object Ownership choose Edit, ACLs disabled, and Save changes",
	}
	enforce.ByHand = append(reads,
		fix.HandCall{Purpose: "Take every grant but the owner's off the bucket's ACL, once the policy has what is needed (keep what get-bucket-acl showed: it is the only way back)", Service: "s3", Operation: "PutBucketAcl", Mutates: true,
			Params: []fix.HandParam{{Name: "Bucket", Value: bucket.Name}, {Name: "ACL", Value: "private"}}},
		ownershipCall(bucket.Name, "BucketOwnerEnforced", bucket.OwnershipSetting()))
	return []fix.Fix{enforce, preferred}
}

// ownershipCall sets a bucket's object ownership. Old is what it is now, "" where it is not known.
func ownershipCall(bucket, ownership, old string) fix.HandCall {
	controls := func(value string) []fix.HandParam {
		return []fix.HandParam{{Name: "Bucket", Value: bucket}, {Name: "OwnershipControls", Value: map[string]any{"Rules": []any{map[string]any{"ObjectOwnership": value}}}}}
	}
	set := fix.HandCall{Purpose: "Set the bucket's object ownership", Service: "s3", Operation: "PutBucketOwnershipControls", Mutates: true, Params: controls(ownership)}
	if old == "" {
		return set.WithBack("Take the setting away again, where the bucket had none before", "DeleteBucketOwnershipControls", []fix.HandParam{{Name: "Bucket", Value: bucket}})
	}
	return set.WithBack("Give the bucket its old setting", "PutBucketOwnershipControls", controls(old))
}
