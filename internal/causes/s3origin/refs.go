package s3origin

import (
	"strings"

	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/policy"
)

// policyRefs points at the bucket's policy and at how CloudFront signs.
func (v *View) policyRefs() []evidence.Ref {
	note := "does not let CloudFront read"
	ref := v.Bucket.Policy.Ref("Policy")
	switch {
	case v.Bucket.Policy.IsAbsent():
		note = "the bucket has no policy"
	case v.Bucket.Policy.Missing():
		note = ref.Note
	}
	return []evidence.Ref{ref.With("", note), v.OACRef(signingNote(v.Signing))}
}

func signingNote(s edge.Signing) string {
	switch s {
	case edge.SigningOAC:
		return "CloudFront signs as cloudfront.amazonaws.com"
	case edge.SigningOAI:
		return "CloudFront uses an origin access identity"
	case edge.SigningNone:
		return "CloudFront does not identify itself"
	}
	return ""
}

func (v *View) matchRef(m *policy.Match, note string) evidence.Ref {
	ref := v.Bucket.Policy.Ref("Policy." + m.Field)
	return ref.With(m.Sid, note)
}

// missRefs points at every element of a statement that does not fit.
func (v *View) missRefs(m *policy.Match) []evidence.Ref {
	var refs []evidence.Ref
	for _, f := range m.Failed {
		note := "does not match"
		if !f.State.Known() {
			note = "whether it matches is not known"
		}
		ref := v.Bucket.Policy.Ref("Policy."+f.Field).With(strings.Join(f.Want, ", "), note)
		if len(f.Got) > 0 {
			ref = ref.Want(strings.Join(f.Got, ", "))
		}
		refs = append(refs, ref)
	}
	if len(refs) == 0 {
		refs = append(refs, v.matchRef(m, ""))
	}
	return refs
}

// blockRefs points at the settings of Block Public Access that are on, and at the grant that they make void.
func (v *View) blockRefs() []evidence.Ref {
	var refs []evidence.Ref
	if out, ok := v.Bucket.Block.Get(); ok {
		refs = append(refs, blockRef(v.Bucket.Block, out.PublicAccessBlockConfiguration.RestrictPublicBuckets, out.PublicAccessBlockConfiguration.IgnorePublicAcls)...)
	} else if v.Bucket.Block.Missing() {
		refs = append(refs, v.Bucket.Block.Ref("PublicAccessBlockConfiguration"))
	}
	if out, ok := v.Bucket.AccountBlock.Get(); ok {
		refs = append(refs, blockRef(v.Bucket.AccountBlock, out.PublicAccessBlockConfiguration.RestrictPublicBuckets, out.PublicAccessBlockConfiguration.IgnorePublicAcls)...)
	} else if v.Bucket.AccountBlock.Missing() {
		refs = append(refs, v.Bucket.AccountBlock.Ref("PublicAccessBlockConfiguration"))
	}
	if d := v.Access.Decision.Deciding; d != nil {
		refs = append(refs, v.matchRef(d, "lets everybody in, and counts for nothing while public access is blocked"))
	}
	return refs
}

func blockRef(fact evidence.Gap, restrict, ignore *bool) []evidence.Ref {
	var refs []evidence.Ref
	if restrict != nil && *restrict {
		refs = append(refs, fact.Ref("PublicAccessBlockConfiguration.RestrictPublicBuckets").With("true", "keeps the public out of a bucket with a public policy"))
	}
	if ignore != nil && *ignore {
		refs = append(refs, fact.Ref("PublicAccessBlockConfiguration.IgnorePublicAcls").With("true", "makes public ACLs void"))
	}
	return refs
}

// aclBlocked reports an object whose own ACL lets everybody read, which Block Public Access ignores: the design relies on it.
func (v *View) aclBlocked() bool {
	if v.Access.Principal.Kind != policy.Anonymous || !v.Bucket.IgnoresPublicACLs().Yes() || v.Bucket.ACLsDisabled().Yes() {
		return false
	}
	out, _ := account.ObjectACL(v.Bucket.Name, v.Access.Key).In(v.Pass.World).Get()
	for _, g := range out.Grants {
		if g.Grantee != nil && g.Grantee.URI != nil && strings.HasSuffix(*g.Grantee.URI, "/groups/global/AllUsers") &&
			(g.Permission == s3.PermissionRead || g.Permission == s3.PermissionFullControl) {
			return true
		}
	}
	return false
}

// SigningRefs points at how CloudFront identifies itself to the origin.
func (v *View) SigningRefs() []evidence.Ref {
	if v.Origin.OAI != "" {
		return []evidence.Ref{v.OriginRef("S3OriginConfig.OriginAccessIdentity", v.Origin.OAI, signingNote(v.Signing))}
	}
	return []evidence.Ref{v.OACRef(signingNote(v.Signing))}
}

// Object is what is known of the requested object.
func (v *View) Object() evidence.Fact[account.ObjectOutput] {
	return account.Object(v.Bucket.Name, v.Access.Key).In(v.Pass.World)
}

// ObjectListing is the listing that names the object and its owner.
func (v *View) ObjectListing() evidence.Fact[account.ObjectsOutput] {
	return account.Objects(v.Bucket.Name, v.Access.Key).In(v.Pass.World)
}

// ObjectReads are the reads that tell whether the object is there: either is enough.
func (v *View) ObjectReads() []evidence.Gap { return []evidence.Gap{v.Object(), v.ObjectListing()} }
