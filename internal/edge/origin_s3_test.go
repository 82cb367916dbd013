package edge

import (
	"strings"
	"testing"

	kms "github.com/aws/aws-sdk-go-v2/service/kms/types"
	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/tri"
)

// TestS3 follows DG/private-content-restricting-access-to-s3, S3API/GetObject (403 or 404 for what is missing), S3API/ErrorResponses and
// S3UG/access-control-block-public-access.
func TestS3(t *testing.T) {
	bucket := "arn:aws:s3:::" + testBucket
	cases := map[string]struct {
		edit func(*originWorld)
		want want
	}{
		"granted":                    {func(w *originWorld) {}, want{200, Certain, ""}},
		"no policy":                  {func(w *originWorld) { account.BucketPolicy(testBucket).SetAbsent(w.World) }, want{403, Certain, "origin-access"}},
		"policy not read":            {func(w *originWorld) { w.Deny(account.BucketPolicy(testBucket).Call) }, want{200, Likely, ""}},
		"another distribution":       {func(w *originWorld) { w.policy(grant(cloudFrontService, "s3:GetObject", bucket+"/*", originARN+"X")) }, want{403, Certain, "origin-access"}},
		"bucket without its objects": {func(w *originWorld) { w.policy(grant(cloudFrontService, "s3:GetObject", bucket, originARN)) }, want{403, Certain, "origin-access"}},
		"another prefix":             {func(w *originWorld) { w.policy(grant(cloudFrontService, "s3:GetObject", bucket+"/css/*", originARN)) }, want{403, Certain, "origin-access"}},
		"the policy is no JSON":      {func(w *originWorld) { w.policy("{") }, want{200, Likely, ""}},
		"no bucket": {func(w *originWorld) {
			account.Bucket(testBucket).SetAbsent(w.World)
			account.BucketPolicy(testBucket).SetAbsent(w.World)
		}, want{404, Certain, "origin-access"}},
		"missing, may not list":             {func(w *originWorld) { w.missing("img/logo.png") }, want{403, Certain, "origin-object"}},
		"missing, may list":                 {mayList, want{404, Certain, "origin-object"}},
		"object not read":                   {func(w *originWorld) { w.Forget(account.Object(testBucket, "img/logo.png").Call) }, want{200, Likely, ""}},
		"missing beats nothing":             {func(w *originWorld) { w.missing("img/logo.png"); account.BucketPolicy(testBucket).SetAbsent(w.World) }, want{403, Certain, "origin-access"}},
		"archived":                          {archive(""), want{403, Certain, "origin-object"}},
		"archived and restored":             {archive(`ongoing-request="false", expiry-date="Fri, 1 Jan 2027 00:00:00 GMT"`), want{200, Certain, ""}},
		"the bucket itself":                 {func(w *originWorld) { w.req.SetPath("/") }, want{403, Certain, "origin-object"}},
		"a folder":                          {func(w *originWorld) { w.req.SetPath("/img/"); w.missing("img/") }, want{403, Certain, "origin-object"}},
		"the root object":                   {func(w *originWorld) { w.req.SetPath("/"); w.config.DefaultRootObject = ptr("index.html") }, want{200, Certain, ""}},
		"origin path":                       {func(w *originWorld) { w.origin().OriginPath = ptr("/v2"); w.missing("v2/img/logo.png") }, want{403, Certain, "origin-object"}},
		"percent-encoded key":               {func(w *originWorld) { w.req.SetPath("/img%2Flogo.png") }, want{200, Certain, ""}},
		"a plus sign":                       {func(w *originWorld) { w.req.SetPath("/a+b"); w.missing("a+b") }, want{200, Likely, ""}},
		"a plus sign, and both are missing": {func(w *originWorld) { w.req.SetPath("/a+b"); w.missing("a+b"); w.missing("a b") }, want{403, Certain, "origin-object"}},
		"OAC never signs":                   {signing("never", "s3"), want{403, Certain, "origin-access"}},
		"OAC of another type":               {signing("always", "lambda"), want{403, Uncertain, "origin-access"}},
		"OAC not read":                      {func(w *originWorld) { w.Forget(account.OriginAccessControl(testOAC).Call) }, want{200, Likely, ""}},
		"no OAC":                            {func(w *originWorld) { w.origin().OriginAccessControlId = nil }, want{403, Certain, "origin-access"}},
		"OAI unknown to the policy":         {oai("E9OTHER"), want{403, Certain, "origin-access"}},
		"OAI granted":                       {oai("E1OAI"), want{200, Certain, ""}},
		"Host forwarded":                    {func(w *originWorld) { w.forward("216adef6-5c7f-47e4-b989-5492eafa07d3") }, want{403, Certain, "origin-access"}},
		"Host forwarded, not signed": {func(w *originWorld) {
			w.forward("216adef6-5c7f-47e4-b989-5492eafa07d3")
			w.origin().OriginAccessControlId = nil
		}, want{404, Uncertain, "origin-access"}},
		"all but Host forwarded": {func(w *originWorld) { w.forward("b689b0a8-53d0-40ab-baf2-68738e2966ac") }, want{200, Certain, ""}},
		"another Region": {func(w *originWorld) {
			account.Bucket(testBucket).Set(w.World, account.HeadBucketOutput{BucketRegion: "us-west-2"})
		}, want{301, Uncertain, "origin-access"}},
		"POST":                       {func(w *originWorld) { w.req.Method = "POST" }, want{403, Certain, "origin-access"}},
		"PUT without the permission": {func(w *originWorld) { w.req.Method = "PUT" }, want{403, Certain, "origin-access"}},
		"PUT with the permission": {func(w *originWorld) {
			w.req.Method = "PUT"
			w.policy(grant(cloudFrontService, "s3:*", bucket+"/*", originARN))
		}, want{200, Certain, ""}},
		"KMS, customer key granted": {encrypted(kms.KeyManagerTypeCustomer, kms.KeyStateEnabled, originARN), want{200, Certain, ""}},
		"KMS, key by its bare id":   {encryptedAs("00000000-0000-4000-8000-000000000003"), want{200, Certain, ""}},
		"KMS, other distribution":   {encrypted(kms.KeyManagerTypeCustomer, kms.KeyStateEnabled, originARN+"X"), want{403, Certain, "origin-access"}},
		"KMS, AWS's key":            {encrypted(kms.KeyManagerTypeAws, kms.KeyStateEnabled, originARN), want{403, Certain, "origin-access"}},
		"KMS, key disabled":         {encrypted(kms.KeyManagerTypeCustomer, kms.KeyStateDisabled, originARN), want{400, Certain, "origin-access"}},
		"KMS, key policy not read":  {encryptedUnread, want{200, Likely, ""}},
		"explicit deny": {func(w *originWorld) {
			w.policy(withDeny(bucket, `"StringEquals":{"aws:PrincipalIsAWSService":"true"}`))
		}, want{403, Certain, "origin-access"}},
		"deny other signatures": {func(w *originWorld) {
			w.policy(withDeny(bucket, `"StringNotEquals":{"s3:signatureversion":"AWS4-HMAC-SHA256"}`))
		}, want{200, Certain, ""}},
		"deny signed headers": {func(w *originWorld) {
			w.policy(withDeny(bucket, `"StringNotEquals":{"s3:authType":"REST-QUERY-STRING"}`))
		}, want{403, Certain, "origin-access"}},
		"deny below TLS 1.2":         {func(w *originWorld) { w.policy(withDeny(bucket, `"NumericLessThan":{"s3:TlsVersion":"1.2"}`)) }, want{200, Certain, ""}},
		"deny without TLS":           {func(w *originWorld) { w.policy(withDeny(bucket, `"Bool":{"aws:SecureTransport":"false"}`)) }, want{200, Certain, ""}},
		"deny that nobody can judge": {func(w *originWorld) { w.policy(withDeny(bucket, `"IpAddress":{"aws:SourceIp":"15.158.0.0/16"}`)) }, want{200, Likely, ""}},
		"deny of some addresses":     {func(w *originWorld) { w.policy(withDeny(bucket, `"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}`)) }, want{200, Certain, ""}},
		"deny of all but some addresses": {func(w *originWorld) {
			w.policy(withDeny(bucket, `"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24","10.0.0.0/8"]}`))
		}, want{403, Certain, "origin-access"}},
		"deny of all but public addresses": {func(w *originWorld) {
			w.policy(withDeny(bucket, `"NotIpAddress":{"aws:SourceIp":"15.158.0.0/16"}`))
		}, want{403, Uncertain, "origin-access"}},
		"OPTIONS without CORS rules": {preflight, want{403, Certain, "origin-object"}},
		"requester pays": {func(w *originWorld) {
			account.RequestPayment(testBucket).Set(w.World, account.RequestPaymentOutput{Payer: s3.PayerRequester})
		}, want{403, Uncertain, "origin-access"}},
		"an object of another account": {otherOwner, want{403, Certain, "origin-access"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newBucketWorld()
			c.edit(w)
			w.expect(t, c.want)
		})
	}
}

func mayList(w *originWorld) {
	w.missing("img/logo.png")
	w.policy(strings.Replace(grant(cloudFrontService, "s3:*", "*", originARN), `"*"`, `["arn:aws:s3:::`+testBucket+`","arn:aws:s3:::`+testBucket+`/*"]`, 1))
}

func archive(restore string) func(*originWorld) {
	return func(w *originWorld) {
		out := account.ObjectOutput{StorageClass: s3.StorageClassGlacier}
		if restore != "" {
			out.Restore = ptr(restore)
		}
		w.object("img/logo.png", out)
	}
}

func signing(behavior, kind string) func(*originWorld) {
	return func(w *originWorld) {
		account.OriginAccessControl(testOAC).Set(w.World, account.OriginAccessControlOutput{OriginAccessControl: types.OriginAccessControl{
			OriginAccessControlConfig: &types.OriginAccessControlConfig{
				SigningBehavior:               types.OriginAccessControlSigningBehaviors(behavior),
				OriginAccessControlOriginType: types.OriginAccessControlOriginTypes(kind),
			},
		}})
	}
}

// oai makes the origin use the identity E1OAI, and the policy grant another.
func oai(granted string) func(*originWorld) {
	return func(w *originWorld) {
		w.origin().OriginAccessControlId = nil
		w.origin().S3OriginConfig.OriginAccessIdentity = ptr("origin-access-identity/cloudfront/E1OAI")
		account.OriginAccessIdentity("E1OAI").Set(w.World, account.OriginAccessIdentityOutput{
			CloudFrontOriginAccessIdentity: types.CloudFrontOriginAccessIdentity{S3CanonicalUserId: ptr("cafe")},
		})
		w.policy(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity ` +
			granted + `"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::` + testBucket + `/*"}]}`)
	}
}

func encrypted(manager kms.KeyManagerType, state kms.KeyState, source string) func(*originWorld) {
	return func(w *originWorld) {
		w.object("img/logo.png", account.ObjectOutput{ServerSideEncryption: s3.ServerSideEncryptionAwsKms, SSEKMSKeyId: ptr(testKey)})
		account.Key(testKey).Set(w.World, account.KeyOutput{KeyMetadata: kms.KeyMetadata{Arn: ptr(testKey), KeyManager: manager, KeyState: state}})
		account.KeyPolicy(testKey).Set(w.World, account.KeyPolicyOutput{Policy: grant(cloudFrontService, "kms:Decrypt", "*", source)})
	}
}

// encryptedAs names the key otherwise than by its ARN.
func encryptedAs(id string) func(*originWorld) {
	return func(w *originWorld) {
		encrypted(kms.KeyManagerTypeCustomer, kms.KeyStateEnabled, originARN)(w)
		w.object("img/logo.png", account.ObjectOutput{ServerSideEncryption: s3.ServerSideEncryptionAwsKms, SSEKMSKeyId: ptr(id)})
	}
}

func encryptedUnread(w *originWorld) {
	encrypted(kms.KeyManagerTypeCustomer, kms.KeyStateEnabled, originARN)(w)
	w.Deny(account.KeyPolicy(testKey).Call)
}

func withDeny(bucket, condition string) string {
	return strings.Replace(grant(cloudFrontService, "s3:GetObject", bucket+"/*", originARN), `"Statement":[`,
		`"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["`+bucket+`","`+bucket+`/*"],"Condition":{`+condition+`}},`, 1)
}

func preflight(w *originWorld) {
	w.req.Method = "OPTIONS"
	w.req.SetHeader("Origin", "https://www.example.com")
	w.req.SetHeader("Access-Control-Request-Method", "PUT")
	w.forward("88a5eaf4-2fd4-4709-b370-b4c650ea3fcf") // Managed-CORS-S3Origin
}

func otherOwner(w *originWorld) {
	account.OwnershipControls(testBucket).Set(w.World, account.OwnershipControlsOutput{
		OwnershipControls: s3.OwnershipControls{Rules: []s3.OwnershipControlsRule{{ObjectOwnership: s3.ObjectOwnershipObjectWriter}}},
	})
	account.BucketACL(testBucket).Set(w.World, account.ACLOutput{Owner: s3.Owner{ID: ptr("owner")}})
	account.ObjectACL(testBucket, "img/logo.png").Set(w.World, account.ACLOutput{Owner: s3.Owner{ID: ptr("uploader")}})
}

// TestS3Results proves what causes read.
func TestS3Results(t *testing.T) {
	w := newBucketWorld()
	w.policy(grant(cloudFrontService, "s3:GetObject", "arn:aws:s3:::"+testBucket+"/*", originARN+"X"))
	tr := w.expect(t, want{403, Certain, "origin-access"})
	a := tr.Exchange.S3
	if a == nil || a.Key != "img/logo.png" || a.Action != "s3:GetObject" || !a.Exists.Yes() {
		t.Fatalf("S3 = %+v", a)
	}
	misses := a.Decision.AllowsBut("Condition")
	if len(misses) != 1 || !misses[0].ConditionsFailOnlyOn("aws:SourceArn") {
		t.Errorf("near misses %+v", misses)
	}
	step, _ := tr.Step("origin-access")
	if len(step.Evidence) < 2 || step.Evidence[1].Field != "Policy.Statement[0].Condition.StringEquals.AWS:SourceArn" || step.Evidence[1].Expected != originARN {
		t.Errorf("evidence %+v", step.Evidence)
	}
	if review := w.model(t).S3For(tr.Origin, "img/logo.png"); review.Allowed != tri.False {
		t.Errorf("S3For allows: %v", review.Allowed)
	}
}

func TestListings(t *testing.T) {
	key := func(k string) s3.Object { return s3.Object{Key: ptr(k)} }
	cases := []struct {
		name  string
		list  account.ObjectsOutput
		key   string
		known tri.Bool
	}{
		{"there", account.ObjectsOutput{Contents: []s3.Object{key("a"), key("b")}}, "b", tri.True},
		{"not there", account.ObjectsOutput{Contents: []s3.Object{key("a"), key("c")}}, "b", tri.False},
		{"cut before it", account.ObjectsOutput{Contents: []s3.Object{key("a")}, IsTruncated: ptr(true)}, "b", tri.Unknown},
		{"cut after it", account.ObjectsOutput{Contents: []s3.Object{key("a"), key("c")}, IsTruncated: ptr(true)}, "b", tri.False},
		{"empty", account.ObjectsOutput{}, "b", tri.False},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			entry, answers := inListing(c.list, c.key)
			got := tri.Unknown
			if answers {
				got = tri.Of(entry != nil)
			}
			if got != c.known {
				t.Errorf("got %v, want %v", got, c.known)
			}
		})
	}
}
