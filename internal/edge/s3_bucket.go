package edge

import (
	"slices"
	"strings"

	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/policy"
	"cfdoctor/internal/tri"
)

// BucketFacts is what the account tells about an origin's bucket.
type BucketFacts struct {
	Name string
	// Region is the bucket's own, "" where it is not known.
	Region string
	// Exists is False where AWS says that there is no such bucket.
	Exists tri.Bool
	Bucket evidence.Fact[account.HeadBucketOutput]
	Policy evidence.Fact[account.BucketPolicyOutput]
	// Document is the parsed policy: nil where the bucket has none or it could not be read. ParseError says why it could not be parsed.
	Document   *policy.Document
	ParseError error
	// PolicyPublic is whether S3 calls the policy public, which Block Public Access acts upon.
	PolicyPublic tri.Bool
	Block        evidence.Fact[account.PublicAccessBlockOutput]
	AccountBlock evidence.Fact[account.AccountPublicAccessBlockOutput]
	Ownership    evidence.Fact[account.OwnershipControlsOutput]
	ACL          evidence.Fact[account.ACLOutput]
	Encryption   evidence.Fact[account.EncryptionOutput]
	Payment      evidence.Fact[account.RequestPaymentOutput]
	// Point is the access point that the origin names in front of the bucket, nil for the bucket itself.
	Point         *AccessPointFacts
	Location      evidence.Fact[account.LocationOutput]
	WebsiteConfig evidence.Fact[account.WebsiteOutput]

	objects remembered[objectFact] // by key
}

// BucketFor returns what is known of an origin's bucket, nil where the origin is none.
func (m *Model) BucketFor(o *Origin) *BucketFacts {
	return o.data.bucket.get(func() *BucketFacts { return m.compileBucket(o) })
}

func (m *Model) compileBucket(o *Origin) *BucketFacts {
	name, point := o.Endpoint.Name, (*AccessPointFacts)(nil)
	switch o.Endpoint.Kind {
	case cloudfront.KindS3AccessPoint:
		if point, _ = m.accessPoint(o.Endpoint); point == nil || str(point.Point.Bucket) == "" {
			return nil
		}
		name = *point.Point.Bucket
	case cloudfront.KindS3Regional, cloudfront.KindS3Global, cloudfront.KindS3DualStack, cloudfront.KindS3FIPS,
		cloudfront.KindS3Accelerate, cloudfront.KindS3External, cloudfront.KindS3Website:
	default:
		return nil
	}
	w := m.World
	b := &BucketFacts{
		Name: name, Point: point, Bucket: account.Bucket(name).In(w), Policy: account.BucketPolicy(name).In(w),
		Block: account.PublicAccessBlock(name).In(w), AccountBlock: account.AccountPublicAccessBlock(m.account()).In(w),
		Ownership: account.OwnershipControls(name).In(w), ACL: account.BucketACL(name).In(w),
		Encryption: account.BucketEncryption(name).In(w), Payment: account.RequestPayment(name).In(w),
		Location: account.BucketLocation(name).In(w), WebsiteConfig: account.BucketWebsite(name).In(w),
	}
	b.readExistence()
	b.readPolicy()
	return b
}

// account is the twelve digits of the account that owns the distribution.
func (m *Model) account() string {
	if m.World.Account != "" {
		return m.World.Account
	}
	return account.OwnerOf(m.ARN())
}

// readExistence: any answer about the bucket proves that it is there, and NoSuchBucket, from whatever call, that it is not.
func (b *BucketFacts) readExistence() {
	if out, ok := b.Bucket.Get(); ok {
		b.Region = out.BucketRegion
	}
	if out, ok := b.Location.Get(); ok && b.Region == "" {
		b.Region = locationRegion(out.LocationConstraint)
	}
	gone := b.Bucket.IsAbsent()
	for _, fact := range []evidence.Gap{b.Policy, b.Location, b.ACL} {
		gone = gone || strings.HasSuffix(fact.Why(), "(NoSuchBucket)")
	}
	switch {
	case b.Bucket.IsKnown() || b.Policy.IsKnown() || b.Location.IsKnown() || b.ACL.IsKnown():
		b.Exists = tri.True
	case gone:
		b.Exists = tri.False
	}
}

// locationRegion reads a location constraint: none is us-east-1, and EU is the old name of eu-west-1 (S3API/GetBucketLocation).
func locationRegion(constraint string) string {
	switch constraint {
	case "", "null":
		return "us-east-1"
	case "EU":
		return "eu-west-1"
	}
	return constraint
}

func (b *BucketFacts) readPolicy() {
	if b.Policy.IsAbsent() {
		b.PolicyPublic = tri.False
		return
	}
	out, ok := b.Policy.Get()
	if !ok {
		return
	}
	b.Document, b.ParseError = policy.Parse(out.Policy)
	if b.ParseError == nil {
		b.PolicyPublic, _ = b.Document.Public()
	}
}

// evaluate asks the bucket policy. Without a policy everything is denied implicitly.
func (b *BucketFacts) evaluate(r policy.Request) policy.Decision {
	switch {
	case b.Policy.IsAbsent():
		return policy.Decision{Allowed: tri.False, Reason: policy.ImplicitDeny}
	case b.Document == nil:
		return policy.Decision{}
	}
	return b.Document.Evaluate(r)
}

// RestrictsPublic reports whether Block Public Access keeps everybody but AWS services and the owner's account from a bucket with a public
// policy (RestrictPublicBuckets, S3UG/access-control-block-public-access). The bucket's settings and the account's add up.
func (b *BucketFacts) RestrictsPublic() tri.Bool {
	return b.blocks(func(c s3.PublicAccessBlockConfiguration) *bool { return c.RestrictPublicBuckets },
		func(c account.AccountPublicAccessBlockOutput) *bool {
			return c.PublicAccessBlockConfiguration.RestrictPublicBuckets
		})
}

// IgnoresPublicACLs reports whether Block Public Access makes public ACLs void.
func (b *BucketFacts) IgnoresPublicACLs() tri.Bool {
	return b.blocks(func(c s3.PublicAccessBlockConfiguration) *bool { return c.IgnorePublicAcls },
		func(c account.AccountPublicAccessBlockOutput) *bool {
			return c.PublicAccessBlockConfiguration.IgnorePublicAcls
		})
}

func (b *BucketFacts) blocks(own func(s3.PublicAccessBlockConfiguration) *bool, all func(account.AccountPublicAccessBlockOutput) *bool) tri.Bool {
	bucket, acct := tri.Unknown, tri.Unknown
	if out, ok := b.Block.Get(); ok {
		bucket = tri.Of(deref(own(out.PublicAccessBlockConfiguration)))
	} else if b.Block.IsAbsent() {
		bucket = tri.False
	}
	if out, ok := b.AccountBlock.Get(); ok {
		acct = tri.Of(deref(all(out)))
	} else if b.AccountBlock.IsAbsent() {
		acct = tri.False
	}
	return tri.Or(bucket, acct)
}

// ACLsDisabled reports whether ACLs count for nothing and the bucket's owner owns every object (bucket owner enforced). Buckets without
// ownership controls have ACLs (S3UG/about-object-ownership).
func (b *BucketFacts) ACLsDisabled() tri.Bool {
	if b.Ownership.IsAbsent() {
		return tri.False
	}
	out, ok := b.Ownership.Get()
	if !ok {
		return tri.Unknown
	}
	return tri.Of(slices.ContainsFunc(out.OwnershipControls.Rules, func(r s3.OwnershipControlsRule) bool {
		return r.ObjectOwnership == s3.ObjectOwnershipBucketOwnerEnforced
	}))
}

// OwnershipSetting is the bucket's object ownership, "" where it has none or it was not read.
func (b *BucketFacts) OwnershipSetting() string {
	out, _ := b.Ownership.Get()
	if len(out.OwnershipControls.Rules) == 0 {
		return ""
	}
	return string(out.OwnershipControls.Rules[0].ObjectOwnership)
}

// OwnerAlone reports whether the bucket's ACL is known to let in nobody but its owner, with full control: S3 refuses to turn ACLs off before
// (S3UG/object-ownership-migrating-acls-prerequisites).
func (b *BucketFacts) OwnerAlone() bool {
	acl, ok := b.ACL.Get()
	return ok && str(acl.Owner.ID) != "" && !slices.ContainsFunc(acl.Grants, func(g s3.Grant) bool {
		return g.Grantee == nil || str(g.Grantee.ID) != str(acl.Owner.ID) || g.Permission != s3.PermissionFullControl
	})
}

// objectFact is whether a key is in the bucket, from HeadObject or from a listing.
type objectFact struct {
	exists tri.Bool
	head   evidence.Fact[account.ObjectOutput]
	// listed is the listing's entry, nil where none was read or the key is not in it.
	listed *s3.Object
	ref    evidence.Ref
}

// object looks a key up.
func (m *Model) object(b *BucketFacts, key string) objectFact {
	return b.objects.get(key, func() objectFact { return m.findObject(b.Name, key) })
}

// findObject asks the account's answers about a key. HeadObject says 404 only to those who may list the bucket, so its 403 leaves the question open.
func (m *Model) findObject(bucket, key string) objectFact {
	head := account.Object(bucket, key).In(m.World)
	o := objectFact{head: head, ref: head.Ref("")}
	switch {
	case head.IsKnown():
		o.exists = tri.True
		return o
	case head.IsAbsent():
		o.exists = tri.False
		return o
	}
	if listed := m.findListed(bucket, key); listed.exists.Known() {
		listed.head = head
		return listed
	}
	return o
}

// findListed looks for a key in the listings of its bucket.
func (m *Model) findListed(bucket, key string) objectFact {
	var o objectFact
	for _, prefix := range []string{key, parentPrefix(key), ""} {
		list := account.Objects(bucket, prefix).In(m.World)
		out, ok := list.Get()
		if !ok {
			continue
		}
		if listed, answers := inListing(out, key); answers {
			o.listed, o.exists, o.ref = listed, tri.Of(listed != nil), list.Ref("Contents[].Key").With(key, "")
			if listed == nil {
				o.ref.Note = "not in the listing"
			}
			return o
		}
	}
	return o
}

// inListing looks a key up in a listing, which is in the order of keys. A cut listing tells nothing about what comes after its last key.
func inListing(out account.ObjectsOutput, key string) (entry *s3.Object, answers bool) {
	last := ""
	for i := range out.Contents {
		last = str(out.Contents[i].Key)
		if last == key {
			return &out.Contents[i], true
		}
	}
	return nil, !deref(out.IsTruncated) || last > key
}

// parentPrefix is the folder of a key, with its slash.
func parentPrefix(key string) string {
	trimmed := strings.TrimSuffix(key, "/")
	return trimmed[:strings.LastIndexByte(trimmed, '/')+1]
}

// ObjectFact is what HeadObject told of an object, for verdicts that need it.
func (m *Model) ObjectFact(bucket, key string) evidence.Fact[account.ObjectOutput] {
	return account.Object(bucket, key).In(m.World)
}
