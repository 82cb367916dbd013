package doctor

import (
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/policy"
	"cfdoctor/internal/tri"
)

// bucket compares an S3 origin with its bucket (DG/private-content-restricting-access-to-s3).
func (x *matching) bucket() {
	b := x.m.BucketFor(x.o)
	if b == nil {
		x.row("Access to the origin", accessWords(x.o), "a policy of the access point, and of its bucket, that lets CloudFront in", "not read", tri.Unknown)
		return
	}
	x.existence(b)
	x.reading(b)
	x.writing(b)
	x.encryption(b)
	x.ownership(b)
}

func (x *matching) existence(b *edge.BucketFacts) {
	has := map[tri.Bool]string{tri.True: "exists", tri.False: "does not exist", tri.Unknown: "not read"}[b.Exists]
	if b.Region != "" {
		has += ", in " + b.Region
	}
	ok := b.Exists
	requires := "the bucket " + show(b.Name)
	if region := x.o.Endpoint.Region; region != "" && b.Exists.Yes() {
		requires += " in " + region
		ok = tri.Unknown
		if b.Region != "" {
			ok = tri.Of(b.Region == region)
		}
	}
	x.row("Bucket in the origin domain", show(text(x.o.Config.DomainName)), requires, has, ok)
}

// caller is how S3 sees CloudFront: as what principal, and what a bucket policy has to do.
type caller struct {
	principal policy.Principal
	context   policy.Context
	requires  string
	signed    tri.Bool // with origin access control
	known     bool
}

func (x *matching) caller() caller {
	service := policy.Service(cloudfront.ServicePrincipal)
	signedContext := policy.NewContext().Set("aws:SecureTransport", "true").Set("aws:SourceArn", x.m.ARN()).
		Set("aws:SourceAccount", accountOf(x.m)).Set("aws:PrincipalIsAWSService", "true").Set("aws:PrincipalServiceName", cloudfront.ServicePrincipal).
		SetAbsent("aws:SourceVpc", "aws:SourceVpce", "aws:PrincipalOrgID", "aws:PrincipalAccount")
	unsigned := policy.NewContext().SetAbsent("aws:SourceArn", "aws:SourceAccount", "aws:SourceVpc", "aws:SourceVpce").Set("aws:PrincipalIsAWSService", "false")
	config, ok := x.o.OAC.Get()
	switch {
	case x.o.OAI != "":
		return caller{policy.OriginAccessIdentity(x.o.OAI, ""), unsigned, "a bucket policy that lets the origin access identity read", tri.False, true}
	case ok && config.SigningBehavior == types.OriginAccessControlSigningBehaviorsAlways:
		return caller{service, signedContext, "a bucket policy that lets cloudfront.amazonaws.com read for this distribution", tri.True, true}
	case ok && config.SigningBehavior == types.OriginAccessControlSigningBehaviorsNoOverride:
		// The viewer's own Authorization header goes before CloudFront's signature, and the protocol is the viewer's.
		return caller{service, signedContext.SetUnknown("aws:SecureTransport"), "a bucket policy that lets cloudfront.amazonaws.com read for this distribution", tri.Unknown, true}
	case ok || x.o.OAC.IsAbsent() && text(x.o.Config.OriginAccessControlId) == "":
		return caller{policy.Principal{Kind: policy.Anonymous}, unsigned, "a public bucket: a policy for everybody, and Block Public Access off", tri.False, true}
	}
	return caller{requires: "a bucket policy that fits the origin access control"}
}

func (x *matching) reading(b *edge.BucketFacts) {
	c := x.caller()
	if !c.known {
		x.row("Access to the bucket", accessWords(x.o), c.requires, "the origin access control could not be read", tri.Unknown)
		return
	}
	ok, has := x.grants(b, c, "s3:GetObject", x.behaviors)
	x.row("Access to the bucket", accessWords(x.o), c.requires, has, ok)
	if c.principal.Kind != policy.ServicePrincipal {
		x.publicBlock(b, c)
	}
}

// grants asks the bucket policy whether a caller may do something with what the behaviors lead to.
func (x *matching) grants(b *edge.BucketFacts, c caller, action string, behaviors []*edge.Behavior) (ok tri.Bool, has string) {
	switch {
	case b.Policy.IsAbsent():
		return x.withoutPolicy(b, c), "no bucket policy"
	case b.ParseError != nil:
		return tri.Unknown, "a bucket policy that cannot be understood"
	case b.Document == nil:
		return tri.Unknown, "not read: " + b.Policy.Why()
	}
	var refused []*edge.Behavior
	ok = tri.True
	for _, behavior := range behaviors {
		allowed := b.Document.Evaluate(policy.Request{Principal: c.principal, Action: action, Resource: x.objectARN(b, behavior), Context: c.context})
		if allowed.Allowed.No() {
			refused = append(refused, behavior)
		}
		ok = tri.And(ok, allowed.Allowed)
	}
	switch {
	case ok.Yes():
		return tri.And(ok, x.throughBlock(b, c)), "the bucket policy allows it"
	case ok.No() && x.grantsElsewhere(b, c, action):
		return tri.Unknown, "the bucket policy allows it for some objects only"
	case ok.No():
		return x.withoutPolicy(b, c), "the bucket policy does not allow it for " + patterns(refused)
	}
	return tri.Unknown, "whether the bucket policy allows it depends on the request"
}

// withoutPolicy is what is left where the policy grants nothing: ACLs, which only identities and the public can use.
func (x *matching) withoutPolicy(b *edge.BucketFacts, c caller) tri.Bool {
	if c.principal.Kind == policy.ServicePrincipal || b.ACLsDisabled().Yes() || c.principal.Kind == policy.Anonymous && b.IgnoresPublicACLs().Yes() {
		return tri.False
	}
	return tri.Unknown
}

// throughBlock is what Block Public Access leaves of a grant to the public.
func (x *matching) throughBlock(b *edge.BucketFacts, c caller) tri.Bool {
	if c.principal.Kind == policy.ServicePrincipal {
		return tri.True
	}
	shut := tri.And(b.PolicyPublic, b.RestrictsPublic())
	if c.principal.Kind != policy.Anonymous && shut.Yes() {
		return tri.Unknown // what becomes of an origin access identity then is not documented
	}
	return shut.Not()
}

// objectARN is an object that a behavior leads to.
func (x *matching) objectARN(b *edge.BucketFacts, behavior *edge.Behavior) string {
	path, ok := x.samples[behavior]
	if !ok || strings.HasSuffix(path, "/") {
		path = strings.TrimSuffix(path, "/") + "/" + sampleName
	}
	return bucketARN(x.m, b) + originKey(x.o, path)
}

// sampleName stands for an object of no special name.
const sampleName = "object"

func bucketARN(m *edge.Model, b *edge.BucketFacts) string {
	return "arn:" + m.Partition() + ":s3:::" + b.Name
}

// originKey is a path below the origin path, decoded as S3 does.
func originKey(o *edge.Origin, path string) string {
	raw := text(o.Config.OriginPath) + path
	if decoded, err := url.PathUnescape(raw); err == nil {
		return decoded
	}
	return raw
}

// grantsElsewhere reports whether the policy allows the action for objects other than the sample's.
func (x *matching) grantsElsewhere(b *edge.BucketFacts, c caller, action string) bool {
	for _, s := range b.Document.Statements {
		if s.Effect != policy.Allow {
			continue
		}
		for _, resource := range s.Resource {
			concrete := strings.NewReplacer("*", sampleName, "?", "x").Replace(resource)
			r := policy.Request{Principal: c.principal, Action: action, Resource: concrete, Context: c.context}
			if !b.Document.Evaluate(r).Allowed.No() {
				return true
			}
		}
	}
	return false
}

func (x *matching) publicBlock(b *edge.BucketFacts, c caller) {
	if c.principal.Kind != policy.Anonymous {
		return
	}
	restricts := b.RestrictsPublic()
	has := map[tri.Bool]string{tri.True: "on", tri.False: "off", tri.Unknown: "not read"}[restricts]
	x.row("Block Public Access", accessWords(x.o), "off, as requests are not signed (better: sign them with an origin access control)", has, restricts.Not())
}

// writing compares methods that change objects with the bucket policy.
func (x *matching) writing(b *edge.BucketFacts) {
	c := x.caller()
	for _, m := range [...]struct {
		method types.Method
		action string
	}{{types.MethodPut, "s3:PutObject"}, {types.MethodDelete, "s3:DeleteObject"}} {
		behaviors := x.allowing(m.method)
		if len(behaviors) == 0 || !c.known {
			continue
		}
		ok, has := x.grants(b, c, m.action, behaviors)
		x.row("Allowed methods", string(m.method)+" for "+patterns(behaviors), "a bucket policy that allows "+m.action, has, ok)
	}
}

// encryption: objects encrypted with a KMS key can be read with an origin access control that the key's policy names, and not otherwise.
func (x *matching) encryption(b *edge.BucketFacts) {
	out, ok := b.Encryption.Get()
	if !ok {
		return
	}
	i := slices.IndexFunc(out.ServerSideEncryptionConfiguration.Rules, func(r s3.ServerSideEncryptionRule) bool {
		d := r.ApplyServerSideEncryptionByDefault
		return d != nil && strings.HasPrefix(string(d.SSEAlgorithm), "aws:kms")
	})
	if i < 0 {
		x.row("Encryption of the objects", accessWords(x.o), "nothing: CloudFront reads objects with S3's own keys", "S3's own keys by default", tri.True)
		return
	}
	key := text(out.ServerSideEncryptionConfiguration.Rules[i].ApplyServerSideEncryptionByDefault.KMSMasterKeyID)
	fits, has := x.keyGrants(b, key)
	x.row("Encryption of the objects", accessWords(x.o), "an origin access control that signs, and a KMS key policy that lets cloudfront.amazonaws.com decrypt", has, fits)
}

func (x *matching) keyGrants(b *edge.BucketFacts, key string) (tri.Bool, string) {
	c := x.caller()
	switch {
	case c.known && c.signed.No():
		return tri.False, "new objects are encrypted with a KMS key, which unsigned requests and identities cannot use"
	case key == "" || strings.HasSuffix(key, "alias/aws/s3"):
		return tri.False, "new objects are encrypted with the key that AWS manages for S3, whose policy cannot be changed"
	}
	fact := account.KeyPolicy(key).In(x.m.World)
	out, ok := fact.Get()
	document, err := policy.Parse(out.Policy)
	if !ok || err != nil || !c.known {
		return tri.Unknown, "a KMS key whose policy was not read"
	}
	via := "s3." + b.Region + ".amazonaws.com"
	context := c.context.Clone().Set("kms:ViaService", via)
	if b.Region == "" {
		context.SetUnknown("kms:ViaService")
	}
	allowed := document.Evaluate(policy.Request{Principal: c.principal, Action: "kms:Decrypt", Resource: key, Context: context}).Allowed
	return allowed, map[tri.Bool]string{
		tri.True: "the key policy allows it", tri.False: "the key policy does not allow it", tri.Unknown: "whether the key policy allows it could not be told",
	}[allowed]
}

// ownership: the bucket policy does not reach objects that another account owns (S3UG/about-object-ownership).
func (x *matching) ownership(b *edge.BucketFacts) {
	disabled := b.ACLsDisabled()
	has := map[tri.Bool]string{
		tri.True: "the bucket owner owns every object", tri.False: "writers may own their objects", tri.Unknown: "not read",
	}[disabled]
	ok := tri.Unknown
	if disabled.Yes() {
		ok = tri.True
	}
	x.row("Object ownership", accessWords(x.o), "objects that belong to the bucket's owner", has, ok)
}

// website compares with a website endpoint, which serves the public only, over plain HTTP (S3UG/WebsiteEndpoints).
func (x *matching) website() {
	ways, _ := x.connections()
	x.row("Protocol to the origin", wayWords(ways), "HTTP on port 80", "no HTTPS",
		tri.Of(len(ways) == 1 && ways[0] == connection{"http", 80}))
	b := x.m.BucketFor(x.o)
	if b == nil {
		return
	}
	x.existence(b)
	hosting := tri.Unknown
	if b.WebsiteConfig.IsKnown() || b.WebsiteConfig.IsAbsent() {
		hosting = tri.Of(b.WebsiteConfig.IsKnown())
	}
	x.row("Kind of S3 endpoint", "website endpoint", "static website hosting on the bucket",
		map[tri.Bool]string{tri.True: "on", tri.False: "off", tri.Unknown: "not read"}[hosting], hosting)
	c := caller{principal: policy.Principal{Kind: policy.Anonymous}, requires: "a public bucket: a policy for everybody, and Block Public Access off", known: true,
		context: policy.NewContext().SetAbsent("aws:SourceArn", "aws:SourceAccount", "aws:SourceVpc", "aws:SourceVpce").Set("aws:SecureTransport", "false")}
	ok, has := x.grants(b, c, "s3:GetObject", x.behaviors)
	x.row("Access to the bucket", accessWords(x.o), c.requires, has, ok)
	x.publicBlock(b, c)
	var writes []string
	for _, method := range []types.Method{types.MethodPost, types.MethodPut, types.MethodPatch, types.MethodDelete} {
		if len(x.allowing(method)) > 0 {
			writes = append(writes, string(method))
		}
	}
	if len(writes) > 0 {
		x.row("Allowed methods", strings.Join(writes, ", "), "GET and HEAD", "answers others with 405", tri.False)
	}
}
