package s3origin

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
)

func (v *View) hostForwarded() bool {
	x := v.Exchange
	if !v.Reached || x.Origin == nil || x.Origin.ID != v.Origin.ID {
		return false
	}
	return cloudfront.NormalizeHost(x.Forwarded.Host) != x.Forwarded.Address
}

// notSigning: an origin access control that never signs, or that leaves the viewer's own Authorization header or presigned URL alone
// (DG/private-content-restricting-access-to-s3, advanced settings).
func (v *View) notSigning(s *Suspect) bool {
	config, known := v.Origin.OAC.Get()
	if !known || v.Website {
		return false
	}
	ref := v.Origin.OAC.Ref("OriginAccessControlConfig.SigningBehavior").With(string(config.SigningBehavior), "").Want("always")
	switch config.SigningBehavior {
	case types.OriginAccessControlSigningBehaviorsNever:
		if v.Access.Allowed.Yes() {
			return false // a public bucket needs no signature
		}
		ref.Note = "CloudFront does not sign its requests to this origin"
		s.Because = "the setting is known, and the bucket is not public"
		if !v.Access.Allowed.Known() {
			s.Grade, s.Because = cause.GradeLikely, "the setting is known; whether the bucket is public could not be told"
			s.Gaps = []evidence.Gap{v.Bucket.Policy, v.Bucket.Block, v.Bucket.AccountBlock}
		}
	case types.OriginAccessControlSigningBehaviorsNoOverride:
		if !v.Reached || v.Exchange.Signing != edge.SigningViewer {
			return false
		}
		ref.Note = "the viewer's own authorization goes to S3 in place of CloudFront's signature"
		s.Because = "the viewer's authorization reaches S3, and is none that S3 understands"
		if v.viewerSigns() {
			s.Grade, s.Because = cause.GradeLikely, "the viewer's own signature reaches S3; whether it is valid for the bucket is not known"
		}
	default:
		return false
	}
	s.Fault, s.Refs = NotSigning, []evidence.Ref{ref, v.OACRef("")}
	return true
}

// viewerSigns reports whether what the viewer sends has the form of an AWS signature.
func (v *View) viewerSigns() bool {
	x := v.Exchange
	authorization, ok := x.Forwarded.Header("Authorization")
	return !ok || strings.HasPrefix(authorization, "AWS")
}

func (v *View) wrongType(s *Suspect) bool {
	config, known := v.Origin.OAC.Get()
	want := v.Origin.Endpoint.OriginAccessControlType()
	if !known || want == "" || config.SigningBehavior == types.OriginAccessControlSigningBehaviorsNever ||
		string(config.OriginAccessControlOriginType) == want {
		return false
	}
	s.Fault = WrongType
	s.Because = "the origin access control's type and the kind of origin are known"
	s.Refs = []evidence.Ref{
		v.Origin.OAC.Ref("OriginAccessControlConfig.OriginAccessControlOriginType").
			With(string(config.OriginAccessControlOriginType), "the origin is a bucket").Want(want),
		v.OACRef(""),
	}
	return true
}
