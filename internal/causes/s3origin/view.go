// Package s3origin is what the causes about buckets share: one reading of a request to a bucket, the one fault that makes the bucket refuse
// it, and the remedies that several faults have in common. The faults exclude each other, so that two causes never blame the same thing.
package s3origin

import (
	"net/url"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/policy"
	"cfdoctor/internal/tri"
)

// View is a simulated request as its bucket sees it.
type View struct {
	Pass   *cause.Pass
	Origin *edge.Origin
	Access *edge.S3Access
	Bucket *edge.BucketFacts
	// Website reports that the bucket is asked through its website endpoint, which knows no identity.
	Website bool
	// Reached reports that the simulated request got as far as the bucket. Otherwise an earlier stage answers, and Access is what a GET of
	// the same path would meet.
	Reached bool
	// Listing reports that the request is for the bucket itself; Access is then the read of an object all the same.
	Listing bool
	Signing edge.Signing
	// Assumed reports that the origin access control was not read and is taken to sign: what follows from that is likely at most.
	Assumed bool
	// Exchange is the exchange with this origin: the viewer's own, or the attempt at an origin group's second origin.
	Exchange *edge.Exchange
}

// Of reads a pass. It returns nil where the request is not for a bucket; why says so, or why it cannot be judged.
func Of(p *cause.Pass) (v *View, why cause.Verdict) {
	return of(p, passage.Origin(p), passage.Exchange(p))
}

// Primary reads the failed request to an origin group's primary origin, where the second one answered; nil elsewhere.
func Primary(p *cause.Pass) *View {
	f := p.Exchange().Failover
	if f == nil || f.Attempt == nil {
		return nil
	}
	v, _ := of(p, f.Primary, p.Exchange())
	return v
}

func of(p *cause.Pass, o *edge.Origin, x *edge.Exchange) (v *View, why cause.Verdict) {
	if o == nil {
		return nil, cause.RuleOut("the request leads to no origin")
	}
	if !o.Endpoint.IsS3() {
		return nil, cause.RuleOut("the request does not go to an S3 bucket")
	}
	b := p.Model.BucketFor(o)
	if b == nil {
		return nil, cause.Need("the origin is an access point, and what is behind it was not read", p.Model.AccessPointReads(o)...)
	}
	v = &View{Pass: p, Origin: o, Bucket: b, Website: o.Endpoint.Kind == cloudfront.KindS3Website, Exchange: x}
	v.read()
	return v, cause.Verdict{}
}

func (v *View) read() {
	x := v.Exchange
	switch {
	case x.S3 != nil && x.S3.Bucket.Name == v.Bucket.Name:
		v.Access, v.Reached, v.Signing = x.S3, true, x.Signing
	case x.Website != nil && x.Website.S3 != nil && x.Website.Bucket.Name == v.Bucket.Name:
		v.Access, v.Reached, v.Signing = x.Website.S3, true, edge.SigningNone
	default:
		v.Access = v.Pass.Model.S3For(v.Origin, v.key())
		v.Reached = v.Pass.Trace.Reached("origin-access")
		v.Signing = signingOf(v.Access.Principal)
	}
	if v.Access.Action == "s3:ListBucket" {
		// What is asked for is a list; the permission to read is judged by an object as good as any.
		v.Listing = true
		v.Access = v.Pass.Model.S3For(v.Origin, "index.html")
	}
	if v.Signing == edge.SigningUnknown && v.HasOAC() && v.Origin.OAC.Missing() {
		v.assumeOAC()
	}
}

// assumeOAC judges the bucket's policy as if the origin access control signed, which most do.
func (v *View) assumeOAC() {
	a := *v.Access
	a.Principal = policy.Service(cloudfront.ServicePrincipal)
	a.Context = policy.NewContext().Set("aws:SourceArn", v.Pass.Model.ARN()).Set("aws:PrincipalIsAWSService", "true")
	if v.Pass.Request.Scheme == "https" {
		a.Context.Set("aws:SecureTransport", "true") // over plain HTTP it depends on how the control signs
	}
	if d, err := cloudfront.ParseDistributionARN(v.Pass.Model.ARN()); err == nil {
		a.Context.Set("aws:SourceAccount", d.Account)
	}
	switch {
	case v.Bucket.Policy.IsAbsent():
		a.Decision = policy.Decision{Allowed: tri.False, Reason: policy.ImplicitDeny}
	case v.Bucket.Document != nil:
		a.Decision = v.Bucket.Document.Evaluate(policy.Request{Principal: a.Principal, Action: a.Action, Resource: a.Resource, Context: a.Context})
	}
	a.BlockedPublic = tri.False
	a.Allowed = tri.And(a.Decision.Allowed, tri.Of(!a.OtherOwner.Yes()))
	v.Access, v.Signing, v.Assumed = &a, edge.SigningOAC, true
}

// key is the object that the path asks for.
func (v *View) key() string {
	path := v.Exchange.Current.Path
	if v.Origin.Config.OriginPath != nil {
		path = *v.Origin.Config.OriginPath + path
	}
	key := strings.TrimPrefix(path, "/")
	if decoded, err := url.PathUnescape(key); err == nil {
		return decoded
	}
	return key
}

func signingOf(p policy.Principal) edge.Signing {
	switch p.Kind {
	case policy.ServicePrincipal:
		return edge.SigningOAC
	case policy.AWSPrincipal:
		return edge.SigningOAI
	case policy.Anonymous:
		return edge.SigningNone
	}
	return edge.SigningUnknown
}

// BucketARN names the bucket in findings.
func (v *View) BucketARN() string {
	return "arn:" + v.Pass.Model.Partition() + ":s3:::" + v.Bucket.Name
}

// OriginRef points at a member of the origin's configuration.
func (v *View) OriginRef(member, value, note string) evidence.Ref {
	return v.Pass.Model.Ref(v.Origin.Field+"."+member, value, note)
}

// OACRef points at the origin's access control.
func (v *View) OACRef(note string) evidence.Ref {
	id := ""
	if v.Origin.Config.OriginAccessControlId != nil {
		id = *v.Origin.Config.OriginAccessControlId
	}
	return v.OriginRef("OriginAccessControlId", id, note)
}

// HasOAC reports whether the origin names an origin access control, read or not.
func (v *View) HasOAC() bool {
	id := v.Origin.Config.OriginAccessControlId
	return id != nil && *id != ""
}

// Suspected reports whether the person saw a status that this bucket could have given and nothing else in the simulation explains: then an
// unread fact is worth a suspicion.
func (v *View) Suspected(statuses ...int) bool { return passage.Suspected(v.Pass, statuses...) }
