package edge

import (
	"slices"
	"strings"

	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/policy"
	"cfdoctor/internal/tri"
)

// allUsers is the group of everybody, as ACLs name it (S3UG/acl-overview).
const allUsers = "/groups/global/AllUsers"

// OAIFor is the origin access identity of an origin, absent where it has none.
func (m *Model) OAIFor(o *Origin) evidence.Fact[account.OriginAccessIdentityOutput] {
	if o.OAI == "" {
		return evidence.None[account.OriginAccessIdentityOutput](m.Fact.Ref("").Call, "origin "+o.ID)
	}
	return account.OriginAccessIdentity(o.OAI).In(m.World)
}

// aclsCount is whether ACLs can grant this principal anything. They cannot grant AWS services, nor anybody where they are disabled, nor
// the public where Block Public Access ignores public ACLs.
func (a *S3Access) aclsCount() tri.Bool {
	count := a.Bucket.ACLsDisabled().Not()
	switch a.Principal.Kind {
	case policy.ServicePrincipal:
		return tri.False
	case policy.Anonymous:
		return tri.And(count, a.Bucket.IgnoresPublicACLs().Not())
	}
	return count
}

// objectACL is whether the object's ACL lets the principal read it. Other actions are never granted by it.
func (x *Exchange) objectACL(a *S3Access) tri.Bool {
	if a.Action == "s3:ListBucket" {
		return aclGrants(a.Bucket.ACL, a.Principal, a.aclsCount())
	}
	if a.Action != "s3:GetObject" || a.aclsCount().No() {
		return tri.False
	}
	return aclGrants(account.ObjectACL(a.Bucket.Name, a.Key).In(x.Model.World), a.Principal, a.aclsCount())
}

func aclGrants(fact evidence.Fact[account.ACLOutput], p policy.Principal, count tri.Bool) tri.Bool {
	if count.No() || fact.IsAbsent() {
		return tri.False
	}
	out, ok := fact.Get()
	if !ok {
		return tri.Unknown
	}
	granted := tri.Of(slices.ContainsFunc(out.Grants, func(g s3.Grant) bool { return grantReaches(g, p) }))
	if granted.No() && p.Kind == policy.AWSPrincipal && len(p.Aliases) < 2 {
		granted = tri.Unknown // ACLs name an identity by its canonical user id, which was not read
	}
	return tri.And(count, granted)
}

func grantReaches(g s3.Grant, p policy.Principal) bool {
	if g.Grantee == nil || g.Permission != s3.PermissionRead && g.Permission != s3.PermissionFullControl {
		return false
	}
	if strings.HasSuffix(str(g.Grantee.URI), allUsers) {
		return true
	}
	id := str(g.Grantee.ID)
	return id != "" && slices.Contains(p.Aliases, id)
}

// otherOwner is whether the object belongs to another account than its bucket.
func (x *Exchange) otherOwner(a *S3Access) tri.Bool {
	if a.Bucket.ACLsDisabled().Yes() {
		return tri.False
	}
	bucket, ok := a.Bucket.ACL.Get()
	if !ok || str(bucket.Owner.ID) == "" {
		return tri.Unknown
	}
	object, ok := account.ObjectACL(a.Bucket.Name, a.Key).In(x.Model.World).Get()
	owner := str(object.Owner.ID)
	if !ok || owner == "" {
		owner = x.Model.listedOwner(a) // an object's owner alone may let others read its ACL
	}
	if owner == "" {
		return tri.Unknown
	}
	return tri.And(tri.Of(owner != str(bucket.Owner.ID)), a.Bucket.ACLsDisabled().Not())
}

// listedOwner is an object's owner as a listing of the bucket names it, "" where none was read.
func (m *Model) listedOwner(a *S3Access) string {
	listed := a.object.listed
	if listed == nil && !a.object.exists.No() {
		listed = m.findListed(a.Bucket.Name, a.Key).listed
	}
	if listed == nil || listed.Owner == nil {
		return ""
	}
	return str(listed.Owner.ID)
}
