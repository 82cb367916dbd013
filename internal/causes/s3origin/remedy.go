package s3origin

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/policy"
)

// Grant lets the distribution do in the bucket what the request needs, in a statement of its own beside the others.
func (v *View) Grant() fix.Change {
	actions := []string{"s3:GetObject"}
	if a := v.Access.Action; a != "s3:GetObject" && a != "s3:ListBucket" {
		actions = append(actions, a)
	}
	return fix.EditBucketPolicy(v.Bucket.Name, fix.GrantDistribution(v.Bucket.Name, v.Pass.Model.Partition(), "", actions, v.Pass.Model.ARN())...)
}

// Statement is the grant as text, for a policy that nobody could read and a person has to edit.
func (v *View) Statement() string {
	return fmt.Sprintf(`{"Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject","Resource":"%s/*","Condition":{"StringEquals":{"AWS:SourceArn":"%s"}}}`,
		v.BucketARN(), v.Pass.Model.ARN())
}

// Granted reports whether the policy lets CloudFront's service principal in for this distribution already.
func (v *View) Granted() bool {
	if v.Bucket.Document == nil {
		return false
	}
	c := policy.NewContext().Set("aws:SourceArn", v.Pass.Model.ARN()).Set("aws:SecureTransport", "true")
	return v.Bucket.Document.Evaluate(policy.Request{
		Principal: policy.Service(cloudfront.ServicePrincipal), Action: v.Access.Action, Resource: v.Access.Resource, Context: c,
	}).Allowed.Yes()
}

// UseOAC makes CloudFront sign its requests to the origin with an origin access control of type s3 that always signs: one that the distribution
// uses already, or a new one. Edits are made in the same update of the distribution. The grant in the bucket's policy comes first, so that
// no request is refused meanwhile.
func (v *View) UseOAC(edits ...fix.Edits) []fix.Change {
	var changes []fix.Change
	if !v.Granted() {
		changes = append(changes, v.Grant())
	}
	var oac any
	if id := v.existingOAC(); id != "" {
		oac = id
	} else {
		creation := fix.CreateOAC(v.Bucket.Name+"-"+v.Pass.Model.ID(), "s3", "always")
		changes = append(changes, creation)
		oac = creation.ID()
	}
	all := slices.Concat(edits, []fix.Edits{v.asBucketOrigin(), fix.SetOriginAccessControl(v.Origin.ID, oac)})
	return append(changes, fix.EditDistribution(v.Pass.Model.ID(), all...))
}

// existingOAC is an origin access control of another origin of the distribution that fits, "" for none.
func (v *View) existingOAC() string {
	for _, o := range v.Pass.Model.Origins {
		config, ok := o.OAC.Get()
		if ok && config.OriginAccessControlOriginType == types.OriginAccessControlOriginTypesS3 &&
			config.SigningBehavior == types.OriginAccessControlSigningBehaviorsAlways && o.Config.OriginAccessControlId != nil {
			return *o.Config.OriginAccessControlId
		}
	}
	return ""
}

// asBucketOrigin turns an origin that is set up as a web server into a bucket: only then can CloudFront sign for it.
func (v *View) asBucketOrigin() fix.Edits {
	if v.Origin.Config.CustomOriginConfig == nil {
		return nil
	}
	path := fix.At("Origins").Item("Id", v.Origin.ID)
	return fix.Edits{
		{Path: path.Field("CustomOriginConfig"), Op: fix.Set},
		{Path: path.Field("S3OriginConfig"), Op: fix.Set, New: map[string]any{"OriginAccessIdentity": ""}},
	}
}

// LeaveWebsite asks the bucket through its REST endpoint with an origin access control instead of through its website endpoint. It needs
// the bucket's Region, which the endpoint's own name tells.
func (v *View) LeaveWebsite() []fix.Change {
	edits := []fix.Edits{fix.SetOriginDomain(v.Origin.ID, cloudfront.RegionalEndpoint(v.Bucket.Name, v.Origin.Endpoint.Region))}
	if root := v.Pass.Model.Config.DefaultRootObject; root == nil || *root == "" {
		if site, ok := v.Bucket.WebsiteConfig.Get(); ok && site.IndexDocument != nil && site.IndexDocument.Suffix != nil {
			edits = append(edits, fix.SetDefaultRootObject(*site.IndexDocument.Suffix))
		}
	}
	return v.UseOAC(edits...)
}

// CachedErrors are the paths whose cached answers have to go.
func CachedErrors() []string { return []string{"/*"} }
