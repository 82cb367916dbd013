package originaccess

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	kms "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var s3KMSKeyPolicy = &cause.Cause{
	ID:       "S3_KMS_KEY_POLICY",
	Title:    "The object is encrypted with a KMS key that CloudFront may not use",
	Stage:    "origin-access",
	Symptoms: []int{403, 400},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `The bucket lets CloudFront read, but the object is encrypted with a KMS key (SSE-KMS), and S3 decrypts it in the caller's name: the key's own
policy has to let cloudfront.amazonaws.com decrypt for this distribution. Where it does not, S3 answers 403; where the key is disabled or about
to be deleted, 400. The key that AWS manages for S3 (aws/s3) has a policy that nobody can change, so CloudFront can never use it.`,
		Why: `Default encryption with KMS was switched on for the bucket, and objects uploaded since are encrypted with a key whose policy nobody extended;
or the key was disabled, replaced or scheduled for deletion.`,
		Example: "HeadObject shows SSEKMSKeyId, and the key's policy knows the account's administrators only.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html",
			"https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		v, k, why := keyOf(p)
		switch {
		case k == nil:
			return why
		case v.Signing != edge.SigningOAC:
			return cause.RuleOut("CloudFront does not sign with an origin access control, so that no key policy could help")
		}
		summary, refs := keyFault(v, k)
		switch {
		case summary != "":
			return keyVerdict(v, k, summary, refs)
		case k.Decision.Allowed.Yes() && k.State == "":
			return cause.Need("whether the key is enabled is not known", k.Key)
		case k.Decision.Allowed.Yes():
			return cause.RuleOut("the key's policy lets this distribution decrypt", k.Policy.Ref("Policy"))
		case v.Suspected(403):
			return cause.Likely(keyName(k), "The object is encrypted with a KMS key whose policy may not let this distribution decrypt.",
				"the key's policy was not read or could not be told", k.Ref, k.Policy.Ref("Policy")).Needing(k.Policy).With(kmsFound{v, k})
		}
		return cause.Need("whether the key's policy lets CloudFront decrypt is not known", k.Policy, k.Key)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		found, ok := v.Data.(kmsFound)
		if !ok {
			return nil
		}
		if found.key.AWSManaged.Yes() || !strings.HasPrefix(found.key.KeyARN, "arn:") {
			return []fix.Fix{ownKeyFix(found)}
		}
		if unusable(found.key) {
			return []fix.Fix{enableKeyFix(found)}
		}
		f := fix.Fix{
			Title:       "Let this distribution decrypt with the KMS key",
			Complexity:  fix.Quick,
			Minutes:     10,
			Impact:      "None: the key's policy gains a statement and counts within minutes",
			Explanation: "It adds a statement to the key's policy that lets cloudfront.amazonaws.com decrypt, for this distribution only, and leaves the other statements alone.",
			SideEffects: []string{"Every object encrypted with this key that the distribution may read can now be served by it"},
			Changes:     []fix.Change{fix.EditKeyPolicy(found.key.KeyARN, fix.GrantKey(takesUploads(p), p.Model.ARN())...)},
			Invalidate:  s3origin.CachedErrors(),
			Confidence:  fix.High,
		}
		if found.key.Policy.Missing() {
			// What cannot be read cannot be shown to be cured.
			f.Changes, f.Confidence = nil, fix.Medium
			f.Manual = []string{"Have somebody with kms:GetKeyPolicy read the policy of the key " + found.key.KeyARN +
				", and add a statement that lets cloudfront.amazonaws.com use kms:Decrypt with the condition AWS:SourceArn = " + p.Model.ARN()}
			f.ByHand = []fix.HandCall{keyCall(found.key.KeyARN, "Read the key's policy", "GetKeyPolicy", false)}
		}
		return []fix.Fix{f}
	},
}

// takesUploads reports whether the behavior lets viewers write to the bucket, for which S3 makes data keys with the KMS key.
func takesUploads(p *cause.Pass) bool {
	b := p.Exchange().Behavior
	return b != nil && b.Config.AllowedMethods != nil && slices.Contains(b.Config.AllowedMethods.Items, types.MethodPut)
}

// kmsFound is what the fixes of the two causes about keys are made from.
type kmsFound struct {
	view *s3origin.View
	key  *edge.KMSAccess
}

// keyOf finds the key that the requested object is encrypted with; why says why there is none to judge.
func keyOf(p *cause.Pass) (v *s3origin.View, k *edge.KMSAccess, why cause.Verdict) {
	v, why = s3origin.Of(p)
	if v == nil {
		return nil, nil, why
	}
	k = v.Access.KMS
	head, known := v.Object().Get()
	switch {
	case k != nil:
		return v, k, why
	case v.Access.Allowed.No():
		why = cause.RuleOut("the bucket refuses the request before any key matters")
	case known && !strings.HasPrefix(string(head.ServerSideEncryption), "aws:kms"):
		why = cause.RuleOut("the object is not encrypted with a KMS key", v.Object().Ref("ServerSideEncryption"))
	case v.Object().IsAbsent():
		why = cause.RuleOut("there is no such object", v.Object().Ref(""))
	case !v.Reached || v.Listing:
		why = cause.RuleOut("the request does not get as far as the object")
	default:
		why = cause.Need("whether a KMS key keeps CloudFront from the object was not read", v.Object(), v.Bucket.Policy, v.Origin.OAC, v.Bucket.Block, v.Bucket.AccountBlock)
	}
	return v, nil, why
}

// keyFault says what is wrong with the key, "" where nothing is known to be.
func keyFault(v *s3origin.View, k *edge.KMSAccess) (summary string, refs []evidence.Ref) {
	refs = []evidence.Ref{k.Ref}
	switch {
	case k.AWSManaged.Yes():
		return "The object is encrypted with the key that AWS manages for S3 (aws/s3), which CloudFront cannot be allowed to use.", refs
	case unusable(k):
		return fmt.Sprintf("The KMS key of the object cannot be used: its state is %s.", k.State), append(refs, k.Key.Ref("KeyMetadata.KeyState").With(string(k.State), "").Want("Enabled"))
	case k.Decision.Allowed.No():
		return "The object is encrypted with a KMS key whose policy does not let this distribution decrypt.",
			append(refs, k.Policy.Ref("Policy").With("", "no statement lets cloudfront.amazonaws.com decrypt for "+v.Pass.Model.ARN()))
	}
	return "", nil
}

func unusable(k *edge.KMSAccess) bool {
	switch k.State {
	case kms.KeyStateDisabled, kms.KeyStatePendingDeletion, kms.KeyStatePendingImport, kms.KeyStateUnavailable:
		return true
	}
	return false
}

// keyVerdict confirms for a key that the object is known to have; an object may be older than the bucket's default.
func keyVerdict(v *s3origin.View, k *edge.KMSAccess, summary string, refs []evidence.Ref) cause.Verdict {
	if !k.FromBucket {
		return cause.Confirm(keyName(k), summary, refs...).WithBecause("the object's key and what keeps CloudFront from it are known").With(kmsFound{v, k})
	}
	because := "the key is the bucket's default; whether this object was written with it was not read"
	if v.Suspected(400, 403) {
		return cause.Likely(keyName(k), summary, because, refs...).Needing(v.Object()).With(kmsFound{v, k})
	}
	return cause.Possible(keyName(k), summary, because, refs...).Needing(v.Object()).With(kmsFound{v, k})
}

func keyName(k *edge.KMSAccess) string {
	if k.KeyARN == "" {
		return "KMS key alias/aws/s3"
	}
	return k.KeyARN
}

func ownKeyFix(found kmsFound) fix.Fix {
	name := found.view.Bucket.Name
	return fix.Fix{
		Title:       "Encrypt the objects with a key that CloudFront may use",
		Complexity:  fix.Standard,
		Minutes:     60,
		Impact:      "None: each object is readable as soon as it is written again",
		Explanation: "The policy of the key that AWS manages for S3 cannot be changed. Objects encrypted by S3 itself (SSE-S3) need no key policy; a key of your own can let this distribution decrypt.",
		SideEffects: []string{"Writing objects again changes their modification time, and makes new versions in a bucket with versioning"},
		Manual: []string{
			"Decide between SSE-S3 (AES256) and a customer managed KMS key; for the latter, let cloudfront.amazonaws.com decrypt in its policy, with the condition AWS:SourceArn = " + found.view.Pass.Model.ARN(),
			"Amazon S3 console: choose the bucket " + name + ", Properties, Default encryption, Edit, so that new objects use it",
			"Write the objects that exist again by copying each onto itself, since a default changes nothing for them",
		},
		ByHand:     encryptAgain(name, found.view.Access.Key),
		Invalidate: s3origin.CachedErrors(),
		Confidence: fix.High,
	}
}

func enableKeyFix(found kmsFound) fix.Fix {
	return fix.Fix{
		Title:       "Make the KMS key usable again",
		Complexity:  fix.Quick,
		Minutes:     15,
		Impact:      "None: objects are readable as soon as the key is enabled",
		Explanation: "S3 cannot decrypt with a key that is disabled, waits for deletion or for its key material.",
		SideEffects: []string{"Whoever disabled the key may have had a reason: ask before enabling it"},
		Manual: []string{
			"Open the AWS KMS console in the key's Region and choose the key " + found.key.KeyARN,
			"If its deletion is scheduled choose Key actions, Cancel key deletion; then choose Key actions, Enable",
			"If the key is meant to go: write the objects again with another key first; what is encrypted with a deleted key is lost",
		},
		ByHand:     reviveKey(found.key.KeyARN),
		Invalidate: s3origin.CachedErrors(),
		Confidence: fix.High,
	}
}
