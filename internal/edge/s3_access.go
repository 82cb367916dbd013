package edge

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/policy"
	"cfdoctor/internal/tri"
)

// S3Access is one request to a bucket through its REST or website endpoint, and what decides it.
type S3Access struct {
	Bucket *BucketFacts
	// Key is the object's key, decoded: "" asks for the bucket itself, which is a listing.
	Key string
	// Action is the permission that the method needs, Resource what it is needed for.
	Action, Resource string
	Principal        policy.Principal
	// Context is what the policy's conditions see.
	Context policy.Context
	// Decision is the bucket policy's alone. Allowed weighs Block Public Access and ACLs in too.
	Decision policy.Decision
	Allowed  tri.Bool
	// BlockedPublic is True where the policy would let everybody in and Block Public Access does not.
	BlockedPublic tri.Bool
	// ByACL is whether an ACL lets the principal in.
	ByACL tri.Bool
	// MayList is whether the principal may list the bucket: then a missing object is a 404, else a 403 (S3API/GetObject). Predictions
	// leave it out where the object is there.
	MayList tri.Bool
	// Exists is whether the object is there. ObjectRef points at what told.
	Exists    tri.Bool
	ObjectRef evidence.Ref
	object    objectFact
	// ByPoint is what the policy of the access point in front of the bucket says, where there is one; the bucket's must allow it too.
	ByPoint policy.Decision
	// OtherOwner is True where the object belongs to another account than the bucket, whose policy then does not reach it.
	OtherOwner tri.Bool
	// HostForwarded is True where S3 gets another Host header than the bucket's own.
	HostForwarded tri.Bool
	// KMS is the object's encryption with a KMS key, nil without one.
	KMS *KMSAccess
}

// objectKey is the key that a path asks for. S3 decodes percent-encoding; what does not decode to UTF-8, which keys are (S3UG/object-keys), is
// left as it is.
func objectKey(path string) string {
	key := strings.TrimPrefix(path, "/")
	if decoded, err := url.PathUnescape(key); err == nil && utf8.ValidString(decoded) {
		return decoded
	}
	return strings.ToValidUTF8(key, "\uFFFD")
}

// s3Action is the permission that a method needs (S3UG/using-with-s3-policy-actions).
func s3Action(method, key string) string {
	switch {
	case method == "PUT", method == "POST":
		return "s3:PutObject"
	case method == "DELETE":
		return "s3:DeleteObject"
	case key == "":
		return "s3:ListBucket"
	}
	return "s3:GetObject"
}

// s3Access evaluates a request for a key.
func (x *Exchange) s3Access(b *BucketFacts, method, key string, anonymous bool) *S3Access {
	a := &x.ext.s3
	*a = S3Access{Bucket: b, Key: key, Action: s3Action(method, key)}
	arn := "arn:" + x.Model.Partition() + ":s3:::" + b.Name
	a.Resource = arn + "/" + key
	if a.Action == "s3:ListBucket" {
		a.Resource = arn
	}
	a.Principal, a.Context = x.caller(anonymous)
	if b.Point != nil {
		a.ByPoint = b.Point.evaluate(policy.Request{Principal: a.Principal, Action: a.Action, Context: a.Context}, key)
		a.Context = b.Point.throughPoint(a.Context)
	}
	a.Decision = b.evaluate(policy.Request{Principal: a.Principal, Action: a.Action, Resource: a.Resource, Context: a.Context})
	x.canonicalUser(a)
	if method == "GET" || method == "HEAD" {
		a.object = x.Model.object(b, key)
		a.Exists = a.object.exists
		if x.Explain {
			a.ObjectRef = a.object.ref
		}
		if spaced := strings.ReplaceAll(key, "+", " "); a.Exists.No() && spaced != key && !x.Model.object(b, spaced).exists.No() {
			a.Exists = tri.Unknown // S3 may read a plus sign as a space; AWS does not document it for paths
		}
	}
	a.Allowed = x.weighS3(a, a.Decision.Allowed)
	if x.Explain || !a.Exists.Yes() {
		a.MayList = a.mayList(arn)
	}
	return a
}

// canonicalUser: a policy may name an origin access identity by its canonical user id, which only the identity's own record tells
// (DG/private-content-restricting-access-to-s3). Without it, such a statement is undecided.
func (x *Exchange) canonicalUser(a *S3Access) {
	if a.Principal.Kind != policy.AWSPrincipal || !x.Model.OAIFor(x.Origin).Missing() || a.Decision.Reason != policy.ImplicitDeny {
		return
	}
	for _, m := range a.Decision.AllowsBut(policy.ElementPrincipal) {
		if s := a.Bucket.Document.Statements[m.Index]; s.Principal != nil && len(s.Principal.CanonicalUser) > 0 {
			a.Decision.Allowed, a.Decision.Reason, a.Decision.Deciding = tri.Unknown, policy.Undecided, &m
			return
		}
	}
}

// mayList asks for the permission to list the bucket, which decides about what is missing.
func (a *S3Access) mayList(bucketARN string) tri.Bool {
	ask := policy.Request{Principal: a.Principal, Action: "s3:ListBucket", Resource: bucketARN, Context: a.Context}
	list := a.Bucket.evaluate(ask)
	if a.Bucket.Point != nil {
		list.Allowed = tri.And(list.Allowed, a.Bucket.Point.evaluate(ask, "").Allowed)
	}
	allowed := a.throughPublicBlock(list.Allowed)
	if allowed.Yes() || list.Reason == policy.ExplicitDeny {
		return allowed
	}
	return tri.Or(allowed, aclGrants(a.Bucket.ACL, a.Principal, a.aclsCount()))
}

// caller is who S3 sees, with what policies can ask about the request (DG/private-content-restricting-access-to-s3,
// IAM/reference_policies_condition-keys). The context is shared between requests: clone it before adding to it.
func (x *Exchange) caller(anonymous bool) (policy.Principal, policy.Context) {
	if anonymous {
		return policy.Principal{Kind: policy.Anonymous}, x.callerContext(SigningNone)
	}
	c := x.callerContext(x.Signing)
	switch x.Signing {
	case SigningNone:
		return policy.Principal{Kind: policy.Anonymous}, c
	case SigningOAC:
		return policy.Service(cloudfront.ServicePrincipal), c
	case SigningOAI:
		return x.Model.identity(x.Origin), c
	}
	return policy.Principal{}, c
}

// callerKey is what a context depends on.
type callerKey struct {
	signing Signing
	scheme  string
}

// callerContext builds a context, or takes the one of an earlier request where the request adds nothing of its own to it.
func (x *Exchange) callerContext(signing Signing) policy.Context {
	key := callerKey{signing, x.Forwarded.Scheme}
	plain := !x.passes("User-Agent") && !x.passes("Referer")
	if plain {
		if c, ok := x.Origin.data.contexts.Load(key); ok {
			return c.(policy.Context)
		}
	}
	c := x.buildContext(signing)
	if plain {
		x.Origin.data.contexts.Store(key, c)
	}
	return c
}

func (x *Exchange) buildContext(signing Signing) policy.Context {
	c := policy.NewContext().
		SetPublicAddress("aws:SourceIp"). // one of CloudFront's
		Set("aws:SecureTransport", boolWord(x.Forwarded.Scheme == "https")).
		SetAbsent("aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp", "aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent")
	if !x.Model.World.Now.IsZero() {
		now := x.Model.World.Now.UTC().Format(time.RFC3339)
		c.Set("aws:CurrentTime", now).Set("aws:EpochTime", now)
	}
	x.headerKeys(c)
	if x.Forwarded.Scheme == "https" {
		// S3 takes nothing below TLS 1.2, and CloudFront speaks 1.3 with it (S3UG/network-isolation, DG/RequestAndResponseBehaviorCustomOrigin).
		c.Set("s3:TlsVersion", "1.3")
	} else {
		c.SetAbsent("s3:TlsVersion")
	}
	switch signing {
	case SigningNone:
		c.SetAbsent("aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:username",
			"aws:SourceArn", "aws:SourceAccount", "aws:PrincipalServiceName").Set("aws:PrincipalIsAWSService", "false").
			Set("aws:userid", "anonymous").Set("aws:PrincipalType", "Anonymous")
	case SigningOAC:
		x.Model.serviceContext(c)
	case SigningOAI:
		c.SetAbsent("aws:SourceArn", "aws:SourceAccount", "aws:PrincipalServiceName").Set("aws:PrincipalIsAWSService", "false")
	}
	return c
}

// headerKeys are the condition keys that policies take from headers.
func (x *Exchange) headerKeys(c policy.Context) {
	for _, h := range [...]struct{ header, key string }{{"Referer", "aws:Referer"}, {"User-Agent", "aws:UserAgent"}} {
		switch value, _ := x.Forwarded.Header(h.header); x.Forwarded.Sends(h.header) {
		case tri.True:
			c.Set(h.key, value)
		case tri.False:
			c.SetAbsent(h.key)
		}
	}
}

// forAddresses reports whether all that is not known is whether CloudFront's addresses are among those that a statement lets in. Such lists are of
// offices and VPN gateways; CloudFront's hundreds of ranges get onto one by intent alone.
func forAddresses(d policy.Decision) bool {
	if d.Reason != policy.Undecided || d.Deciding == nil || len(d.Deciding.Failed) == 0 {
		return false
	}
	operator := "IpAddress"
	if d.Deciding.Effect == policy.Deny {
		operator = "NotIpAddress"
	}
	for _, f := range d.Deciding.Failed {
		if !strings.EqualFold(f.Key, "aws:SourceIp") || !strings.EqualFold(f.Operator, operator) {
			return false
		}
	}
	return true
}

// serviceContext is what CloudFront's signed requests carry: the distribution as source.
func (m *Model) serviceContext(c policy.Context) policy.Context {
	// It signs with Signature Version 4, in the Authorization header (S3UG/bucket-policy-s3-sigv4-conditions).
	return c.Set("s3:signatureversion", "AWS4-HMAC-SHA256").Set("s3:authType", "REST-HEADER").Set("aws:SourceArn", m.ARN()).Set("aws:SourceAccount", account.OwnerOf(m.ARN())).
		Set("aws:PrincipalIsAWSService", "true").Set("aws:PrincipalServiceName", cloudfront.ServicePrincipal).
		SetAbsent("aws:PrincipalOrgID", "aws:PrincipalAccount", "aws:userid", "aws:username")
}

// identity is the origin access identity as policies name it.
func (m *Model) identity(o *Origin) policy.Principal {
	out, _ := m.OAIFor(o).Get()
	return policy.OriginAccessIdentity(o.OAI, str(out.CloudFrontOriginAccessIdentity.S3CanonicalUserId))
}

func boolWord(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// weighS3 adds what the policy alone does not tell: Block Public Access, ACLs and who owns the object.
func (x *Exchange) weighS3(a *S3Access, byPolicy tri.Bool) tri.Bool {
	a.OtherOwner = x.otherOwner(a)
	if a.Decision.Reason == policy.ExplicitDeny {
		return tri.False
	}
	through := a.throughPublicBlock(byPolicy)
	a.BlockedPublic = tri.And(byPolicy, through.Not())
	if a.Action == "s3:GetObject" {
		// A bucket's policy does not reach objects of other accounts (S3UG/about-object-ownership).
		through = tri.And(through, tri.Of(!a.OtherOwner.Yes()))
	}
	a.ByACL = x.objectACL(a)
	return tri.Or(through, a.ByACL)
}

// throughPublicBlock is what is left of a policy's grant under RestrictPublicBuckets: AWS services keep theirs, everybody else is shut out of
// a bucket with a public policy; AWS does not say what becomes of an origin access identity.
func (a *S3Access) throughPublicBlock(byPolicy tri.Bool) tri.Bool {
	if byPolicy.No() || a.Principal.Kind == policy.ServicePrincipal {
		return byPolicy
	}
	shut := tri.And(a.Bucket.PolicyPublic, a.Bucket.RestrictsPublic())
	if a.Principal.Kind != policy.Anonymous && shut.Yes() {
		shut = tri.Unknown
	}
	return tri.And(byPolicy, shut.Not())
}
