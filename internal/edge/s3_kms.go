package edge

import (
	"strings"

	kms "github.com/aws/aws-sdk-go-v2/service/kms/types"
	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/policy"
	"cfdoctor/internal/tri"
)

// KMSAccess is the decryption of an object with a KMS key.
type KMSAccess struct {
	// KeyARN is the key, "" where it is not known. FromBucket says that it is the bucket's default, because the object itself was not read:
	// the object may be older than the default.
	KeyARN     string
	FromBucket bool
	Key        evidence.Fact[account.KeyOutput]
	Policy     evidence.Fact[account.KeyPolicyOutput]
	// AWSManaged is True for aws/s3, whose policy nobody can change and which does not let CloudFront in.
	AWSManaged tri.Bool
	// State is the key's state, "" where it is not known.
	State kms.KeyState
	// Decision is the key policy's.
	Decision policy.Decision
	// Ref points at where the object or bucket names the key.
	Ref evidence.Ref
}

// kmsFor finds the key that an object is encrypted with, nil for none and for objects that are not known to have one.
func (x *Exchange) kmsFor(a *S3Access) *KMSAccess {
	var k *KMSAccess
	if head, ok := a.object.head.Get(); ok {
		if !strings.HasPrefix(string(head.ServerSideEncryption), "aws:kms") {
			return nil
		}
		k = &KMSAccess{KeyARN: str(head.SSEKMSKeyId)}
		k.Ref = a.object.head.Ref("SSEKMSKeyId").With(k.KeyARN, "")
	} else {
		rule, ok := defaultKMS(a.Bucket.Encryption)
		if a.Exists.No() || !ok {
			return nil
		}
		k = &KMSAccess{KeyARN: str(rule.KMSMasterKeyID), FromBucket: true}
		k.Ref = a.Bucket.Encryption.Ref("ServerSideEncryptionConfiguration.Rules[].ApplyServerSideEncryptionByDefault").With(k.KeyARN, "")
	}
	x.readKey(k, a)
	return k
}

func defaultKMS(fact evidence.Fact[account.EncryptionOutput]) (s3.ServerSideEncryptionByDefault, bool) {
	out, _ := fact.Get()
	for _, rule := range out.ServerSideEncryptionConfiguration.Rules {
		d := rule.ApplyServerSideEncryptionByDefault
		if d != nil && strings.HasPrefix(string(d.SSEAlgorithm), "aws:kms") {
			return *d, true
		}
	}
	return s3.ServerSideEncryptionByDefault{}, false
}

func (x *Exchange) readKey(k *KMSAccess, a *S3Access) {
	if k.KeyARN == "" || strings.HasSuffix(k.KeyARN, "alias/aws/s3") {
		// Without a key of one's own S3 takes aws/s3 (S3UG/UsingKMSEncryption).
		k.AWSManaged = tri.True
		return
	}
	if arn := account.KeyARN(x.Model.Partition(), a.Bucket.Region, x.Model.account(), k.KeyARN); arn != "" {
		k.KeyARN = arn
	}
	k.Key = account.Key(k.KeyARN).In(x.Model.World)
	if out, ok := k.Key.Get(); ok {
		k.AWSManaged, k.State = tri.Of(out.KeyMetadata.KeyManager == kms.KeyManagerTypeAws), out.KeyMetadata.KeyState
		if arn := str(out.KeyMetadata.Arn); arn != "" {
			k.KeyARN = arn // an alias has no policy of its own
		}
	}
	k.Policy = account.KeyPolicy(k.KeyARN).In(x.Model.World)
	out, ok := k.Policy.Get()
	if !ok {
		return
	}
	document, err := policy.Parse(out.Policy)
	if err != nil {
		return
	}
	c := a.Context.Clone().SetAbsent("aws:Referer").Set("kms:ViaService", "s3."+a.Bucket.Region+".amazonaws.com")
	if a.Bucket.Region == "" {
		c.SetUnknown("kms:ViaService")
	}
	c.SetUnknown("aws:UserAgent")
	k.Decision = document.Evaluate(policy.Request{Principal: a.Principal, Action: "kms:Decrypt", Resource: k.KeyARN, Context: c})
}

// passKMS judges the key; done says that the step is final. S3 answers 403 where the key policy lacks the grant, and 400 for keys that
// are off (S3API/ErrorResponses). Only origin access control can use keys at all (DG/private-content-restricting-access-to-s3).
func (x *Exchange) passKMS(a *S3Access) (step Step, done bool) {
	a.KMS = x.kmsFor(a)
	k := a.KMS
	if k == nil || a.Action != "s3:GetObject" {
		return Step{}, false
	}
	if x.Signing == SigningOAI || x.Signing == SigningNone {
		return x.kmsVerdict(k, 400, "InvalidArgument", "The object is encrypted with a KMS key, which only origin access control can use", true), true
	}
	switch {
	case k.AWSManaged.Yes():
		return x.kmsVerdict(k, 403, "AccessDenied", "The object is encrypted with the key that AWS manages for S3, which CloudFront cannot be allowed to use", false), true
	case k.State == kms.KeyStateDisabled:
		return x.kmsVerdict(k, 400, "KMS.DisabledException", "The KMS key of the object is disabled", false), true
	case k.State == kms.KeyStatePendingDeletion, k.State == kms.KeyStatePendingImport, k.State == kms.KeyStateUnavailable:
		return x.kmsVerdict(k, 400, "KMS.KMSInvalidStateException", "The KMS key of the object cannot be used: its state is "+string(k.State), false), true
	case k.Decision.Allowed.No():
		return x.kmsVerdict(k, 403, "AccessDenied", "The object is encrypted with a KMS key whose policy does not let this distribution decrypt", false), true
	case !k.Decision.Allowed.Known():
		return x.Unsure(Alternative{Status: 403, If: "the KMS key's policy does not let CloudFront decrypt the object"},
			"The object is encrypted with a KMS key; whether its policy lets CloudFront decrypt is not known").WithEvidence(k.Ref, k.Policy.Ref("Policy")), true
	}
	return Step{}, false
}

// kmsVerdict stops for a key that the object is known to have, and leaves it open where only the bucket's default is known.
func (x *Exchange) kmsVerdict(k *KMSAccess, status int, code, summary string, guess bool) Step {
	refs := []evidence.Ref{k.Ref}
	if k.Policy.Needs() != "" {
		refs = append(refs, k.Policy.Ref("Policy"))
	}
	var step Step
	switch {
	case k.FromBucket:
		return x.Unsure(Alternative{Status: status, If: "the object was written with the bucket's default KMS key"},
			"%s, if it was written with the bucket's default encryption", summary).WithEvidence(refs...)
	case guess:
		step = x.Guess(status, ByS3, "%s", summary)
	default:
		step = x.Stop(status, ByS3, "%s", summary)
	}
	x.Response.Code = code
	return step.WithEvidence(refs...)
}
