package edge

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/policy"
	"cfdoctor/internal/request"
	"cfdoctor/internal/tri"

	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// S3For evaluates a read of a key through an origin as CloudFront makes it, without a viewer's request: for the review.
// It returns nil where the origin is not a bucket.
func (m *Model) S3For(o *Origin, key string) *S3Access {
	b := m.BucketFor(o)
	if b == nil {
		return nil
	}
	x := &Exchange{Model: m, Origin: o, Explain: true}
	x.Forwarded = OriginRequest{
		Method: "GET", Scheme: "https", Address: o.Endpoint.Domain, Host: o.Endpoint.Domain, HeadersKnown: true,
		Headers: []request.Header{{Name: "User-Agent", Value: cloudfront.UserAgent}},
	}
	x.Signing = x.signing(&x.Forwarded)
	return x.s3Access(b, "GET", key, o.Endpoint.Kind == cloudfront.KindS3Website)
}

func (x *Exchange) accessS3() Step {
	b := x.Model.BucketFor(x.Origin)
	if b == nil {
		return x.withoutBucket()
	}
	key := objectKey(x.Forwarded.Path)
	a := x.s3Access(b, x.Forwarded.Method, key, false)
	x.S3 = a
	a.HostForwarded = tri.Of(cloudfront.NormalizeHost(x.Forwarded.Host) != x.Forwarded.Address)
	if a.HostForwarded.Yes() {
		return x.foreignHostS3()
	}
	if b.Exists.No() {
		step := x.Stop(404, ByS3, "The bucket %s does not exist", quoted(b.Name)).WithEvidence(b.Bucket.Ref(""))
		x.Response.Code = "NoSuchBucket"
		return step
	}
	if step, done := x.wrongRegion(b); done {
		return step
	}
	if step, done := x.signatureS3(); done {
		return step
	}
	if step, done := x.accessThroughPoint(a); done {
		return step
	}
	if x.Forwarded.Method == "OPTIONS" {
		return x.Skip("S3 answers OPTIONS by the bucket's CORS rules alone")
	}
	if a.Action == "s3:ListBucket" {
		return x.Skip("The request is for the bucket itself; see the next step")
	}
	return x.judgeS3(a)
}

// foreignHostS3: S3 takes the Host header for the bucket's name. A signature made for the origin's name then does not match; without one S3 looks
// for a bucket of the other name (DG/http-403-permission-denied, S3UG/VirtualHosting).
func (x *Exchange) foreignHostS3() Step {
	if x.Forwarded.Signed {
		step, _ := x.hostStep(ByS3, "SignatureDoesNotMatch", "The viewer's Host header is sent on to S3, which takes it for the bucket's address, so that CloudFront's signature does not match", 0)
		return step
	}
	x.alternatives = append(x.alternatives, Alternative{Status: 403, If: "a bucket has the viewer's host as its name and is not public"})
	step, _ := x.hostStep(ByS3, "NoSuchBucket", "The viewer's Host header is sent on to S3, which looks for a bucket of that name", 404)
	return step
}

// wrongRegion: a regional endpoint of another Region than the bucket's redirects or refuses the signature (S3UG/Redirects,
// DG/http-400-bad-request). Which of the two is not documented for CloudFront.
func (x *Exchange) wrongRegion(b *BucketFacts) (step Step, done bool) {
	e := x.Origin.Endpoint
	if b.Region == "" || e.Region == "" || e.Region == b.Region {
		return Step{}, false
	}
	x.alternatives = append(x.alternatives, Alternative{Status: 400, If: "S3 refuses the signature, made for another Region, before it redirects"})
	step = x.Guess(301, ByS3, "The origin's address is in Region %s, and the bucket is in %s", e.Region, b.Region).
		WithEvidence(x.originRef("DomainName", e.Domain, "").Want(cloudfront.RegionalEndpoint(b.Name, b.Region)), b.Bucket.Ref("BucketRegion").With(b.Region, ""))
	x.Response.Code = "PermanentRedirect"
	return step, true
}

// signatureS3 judges how CloudFront identifies itself, before any policy.
func (x *Exchange) signatureS3() (step Step, done bool) {
	oacField := x.originRef("OriginAccessControlId", str(x.Origin.Config.OriginAccessControlId), "")
	switch x.Signing {
	case SigningUnknown:
		return x.Unsure(Alternative{Status: 403, If: "the origin access control does not sign"},
			"The origin access control was not read, so how CloudFront identifies itself is not known").WithEvidence(oacField, x.Origin.OAC.Ref("")), true
	case SigningViewer:
		x.alternatives = append(x.alternatives, Alternative{Status: 200, If: "the viewer's own signature is valid for the bucket"})
		return x.Guess(403, ByS3, "The viewer's own authorization reaches S3 instead of CloudFront's signature").
			WithEvidence(oacField, x.Origin.OAC.Ref("OriginAccessControlConfig.SigningBehavior").With(string(x.Origin.OAC.Or(types.OriginAccessControlConfig{}).SigningBehavior), "")), true
	case SigningOAC:
		config, _ := x.Origin.OAC.Get()
		want := x.Origin.Endpoint.OriginAccessControlType()
		if got := string(config.OriginAccessControlOriginType); want != "" && got != want {
			return x.Guess(403, ByS3, "The origin access control is made for another kind of origin (%s), so its signature does not fit S3", got).
				WithEvidence(oacField, x.Origin.OAC.Ref("OriginAccessControlConfig.OriginAccessControlOriginType").With(got, "").Want(want)), true
		}
		if presigned(x.Forwarded.Query) {
			step = x.Guess(400, ByS3, "The viewer's presigned URL reaches S3 together with CloudFront's own signature, and S3 takes only one").WithEvidence(oacField)
			x.Response.Code = "InvalidArgument"
			return step, true
		}
	}
	return Step{}, false
}

// judgeS3 turns the decision on an object into a step.
func (x *Exchange) judgeS3(a *S3Access) Step {
	if a.Allowed.No() {
		step := x.Stop(403, ByS3, "%s", x.deniedWords(a)).WithEvidence(x.s3Evidence(a)...)
		x.Response.Code = "AccessDenied"
		if x.Explain {
			step = step.WithDetail("%s on %s for %s: %s", a.Action, a.Resource, a.Principal.ID, a.Decision.Reason)
		}
		return step
	}
	if step, done := x.requesterPays(a); done {
		return step
	}
	if forAddresses(a.Decision) {
		step := x.Guess(403, ByS3, "The bucket's policy lets some addresses in, and hardly CloudFront's").WithEvidence(x.s3Evidence(a)...)
		x.Response.Code = "AccessDenied"
		return step
	}
	if !a.Allowed.Known() {
		return x.Unsure(Alternative{Status: 403, If: unknownS3Words(a)}, "Whether the bucket lets CloudFront in could not be told for certain").
			WithEvidence(x.s3Evidence(a)...)
	}
	if step, done := x.passKMS(a); done {
		return step
	}
	return x.Pass("The bucket lets CloudFront read the object").WithEvidence(x.s3Evidence(a)...)
}

// requesterPays: such a bucket refuses whoever does not declare to pay, and CloudFront cannot send the declaration: x-amz- headers are
// refused as origin custom headers (S3UG/RequesterPaysBuckets, DG/add-origin-custom-headers). How the owner's own distribution fares
// is not documented, so that the refusal is a guess.
func (x *Exchange) requesterPays(a *S3Access) (step Step, done bool) {
	out, ok := a.Bucket.Payment.Get()
	if !ok || out.Payer != s3.PayerRequester {
		return Step{}, false
	}
	ref := a.Bucket.Payment.Ref("Payer").With(string(out.Payer), "").Want(string(s3.PayerBucketOwner))
	if a.Principal.Kind == policy.Anonymous {
		step = x.Stop(403, ByS3, "The bucket wants the requester to pay, and refuses anonymous requests").WithEvidence(ref)
		x.Response.Code = "AccessDenied"
		return step, true
	}
	step = x.Guess(403, ByS3, "The bucket wants the requester to pay, which CloudFront does not declare").WithEvidence(ref)
	x.Response.Code = "AccessDenied"
	return step, true
}

// deniedWords says in plain words why the bucket refuses.
func (x *Exchange) deniedWords(a *S3Access) string {
	switch {
	case a.Decision.Reason == policy.ExplicitDeny:
		return "A Deny statement in the bucket's policy refuses CloudFront's request"
	case a.BlockedPublic.Yes():
		return "The bucket's policy is public, and Block Public Access keeps the public out"
	case a.Decision.Allowed.Yes() && a.OtherOwner.Yes():
		return "The object belongs to another account, so that the bucket's policy does not reach it"
	case x.Signing == SigningNone:
		return "CloudFront asks the bucket without identifying itself, and the bucket is not public"
	case a.Bucket.Policy.IsAbsent():
		return "The bucket has no policy that lets CloudFront in"
	case x.Signing == SigningOAI:
		return "The bucket's policy does not let the origin access identity in"
	}
	return "The bucket's policy does not let this distribution do what the request needs"
}

func unknownS3Words(a *S3Access) string {
	switch {
	case a.Bucket.Policy.Missing():
		return "the bucket's policy does not let CloudFront in"
	case a.Bucket.ParseError != nil:
		return "the bucket's policy, which could not be understood, does not let CloudFront in"
	case a.Decision.Allowed.Yes():
		return "Block Public Access or the object's owner keeps CloudFront out"
	case a.Decision.Allowed.No():
		return "no ACL lets CloudFront in, which the bucket's policy does not"
	}
	return "a condition in the bucket's policy keeps CloudFront out"
}

// s3Evidence lists what the decision rests on.
func (x *Exchange) s3Evidence(a *S3Access) []evidence.Ref {
	if !x.Explain {
		return nil
	}
	refs := []evidence.Ref{x.originRef("OriginAccessControlId", str(x.Origin.Config.OriginAccessControlId), signingNote(x.Signing))}
	refs = append(refs, decisionRefs(a.Decision, "Policy.", a.Bucket.Policy.Ref("Policy"))...)
	if a.Principal.Kind != policy.ServicePrincipal && !a.Decision.Allowed.No() {
		refs = append(refs, a.Bucket.Block.Ref("PublicAccessBlockConfiguration"), a.Bucket.AccountBlock.Ref("PublicAccessBlockConfiguration"))
	}
	return refs
}

// decisionRefs points at the statement that decides, or at what keeps each statement from applying.
func decisionRefs(d policy.Decision, prefix string, whole evidence.Ref) []evidence.Ref {
	if d.Deciding != nil {
		ref := whole
		ref.Field = prefix + d.Deciding.Field
		return []evidence.Ref{ref.With(d.Deciding.Sid, string(d.Deciding.Effect))}
	}
	var refs []evidence.Ref
	for _, m := range d.Matches {
		if m.Effect != policy.Allow || len(m.Failed) == 0 {
			continue
		}
		f, ref := m.Failed[0], whole
		ref.Field = prefix + f.Field
		ref = ref.With(listWords(f.Want), "does not match")
		if len(f.Got) > 0 {
			ref = ref.Want(listWords(f.Got))
		}
		refs = append(refs, ref)
	}
	if len(refs) == 0 {
		refs = append(refs, whole)
	}
	return refs
}

func signingNote(s Signing) string {
	switch s {
	case SigningOAC:
		return "CloudFront signs as " + cloudfront.ServicePrincipal
	case SigningOAI:
		return "CloudFront uses an origin access identity"
	case SigningNone:
		return "CloudFront does not identify itself"
	}
	return ""
}
