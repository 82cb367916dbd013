package collect

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
)

// bucket asks for a bucket's settings, and for the objects that the request may mean.
func (w *walk) bucket(ctx context.Context, o types.Origin, e cloudfront.Endpoint) {
	b := e.Name
	w.c.Want(ctx,
		account.Bucket(b), account.BucketLocation(b), account.BucketPolicyStatus(b),
		account.PublicAccessBlock(b), account.OwnershipControls(b), account.BucketACL(b), account.BucketCORS(b), account.RequestPayment(b))
	if w.account != "" {
		w.c.Want(ctx, account.AccountPublicAccessBlock(w.account))
	}
	w.bucketEncryption(ctx, e)
	then(ctx, w.c, account.BucketPolicy(b), func(ctx context.Context, out account.BucketPolicyOutput) {
		for _, id := range distributionsIn(out.Policy) {
			w.c.Want(ctx, account.Distribution(id))
		}
	})

	plan := w.keys(o)
	for _, key := range plan.keys {
		w.object(ctx, e, key)
	}
	for _, prefix := range plan.prefixes {
		w.c.Want(ctx, account.Objects(b, prefix))
	}
	then(ctx, w.c, account.BucketWebsite(b), func(ctx context.Context, out account.WebsiteOutput) {
		if out.IndexDocument != nil {
			for _, key := range indexKeys(plan.keys, aws.ToString(out.IndexDocument.Suffix)) {
				w.object(ctx, e, key)
			}
		}
		if out.ErrorDocument != nil && aws.ToString(out.ErrorDocument.Key) != "" {
			w.object(ctx, e, *out.ErrorDocument.Key)
		}
	})
}

// distributionsIn returns the ids of the distributions that a policy names, a few at most: a grant to another distribution than this
// one may be to one that is no more.
func distributionsIn(policy string) []string {
	var ids []string
	for _, after := range strings.Split(policy, ":distribution/")[1:] {
		end := strings.IndexFunc(after, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') })
		if end > 0 && cloudfront.IsDistributionID(after[:end]) {
			ids = append(ids, after[:end])
		}
	}
	return firstDistinct(ids, maxGrantees)
}

// maxGrantees is how many distributions that a bucket policy names are read.
const maxGrantees = 5

// object asks for an object, and where there is one for what decides who may read it: its owner and the key that it is encrypted with.
func (w *walk) object(ctx context.Context, e cloudfront.Endpoint, key string) {
	Then(ctx, w.c, account.Object(e.Name, key), func(ctx context.Context, fact evidence.Fact[account.ObjectOutput]) {
		object, known := fact.Get()
		if known || fact.State() == evidence.Denied {
			w.c.Want(ctx, account.ObjectACL(e.Name, key))
		}
		w.key(ctx, aws.ToString(object.SSEKMSKeyId), e.Region)
	})
}

// bucketEncryption asks for a bucket's default encryption and its key.
func (w *walk) bucketEncryption(ctx context.Context, e cloudfront.Endpoint) {
	then(ctx, w.c, account.BucketEncryption(e.Name), func(ctx context.Context, out account.EncryptionOutput) {
		for _, rule := range out.ServerSideEncryptionConfiguration.Rules {
			if d := rule.ApplyServerSideEncryptionByDefault; d != nil {
				w.key(ctx, aws.ToString(d.KMSMasterKeyID), e.Region)
			}
		}
	})
}

// key asks for a KMS key and its policy.
func (w *walk) key(ctx context.Context, id, region string) {
	arn := account.KeyARN(w.partition, region, w.account, id)
	if arn == "" {
		return
	}
	if !strings.Contains(arn, ":alias/") {
		w.c.Want(ctx, account.Key(arn), account.KeyPolicy(arn))
		return
	}
	then(ctx, w.c, account.Key(arn), func(ctx context.Context, out account.KeyOutput) {
		wantEach(ctx, w.c, account.KeyPolicy, out.KeyMetadata.Arn) // a policy cannot be read by alias (KMS API reference, GetKeyPolicy)
	})
}
