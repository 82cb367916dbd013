package s3origin

import (
	s3control "github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/policy"
)

// PointFound is a verdict's data where the origin is an access point and the bucket behind it is not known.
type PointFound struct{ Origin *edge.Origin }

// withoutBucket judges a fault where an access point hides the bucket: it was not read, or is another account's. Only the commonest fault for the
// way that CloudFront asks is suspected.
func withoutBucket(p *cause.Pass, f Fault, why cause.Verdict) cause.Verdict {
	o := passage.Origin(p)
	if !why.IsNotChecked() || o == nil || o.Endpoint.Kind != cloudfront.KindS3AccessPoint || usualFault(o) != f || !passage.Suspected(p, 403) {
		return why
	}
	reads := p.Model.AccessPointReads(o)
	return cause.Possible(p.OriginName(o), "The policy of the access point "+o.Endpoint.Name+", or that of the bucket behind it, may not let this distribution read.",
		"both policies have to let CloudFront in, and they were not read", p.Model.Ref(o.Field+".DomainName", o.Endpoint.Domain, "an access point"), reads[0].Ref("AccessPointList")).
		Needing(reads...).With(PointFound{o})
}

// usualFault is the commonest fault of permission for the way that CloudFront asks an origin.
func usualFault(o *edge.Origin) Fault {
	switch id := o.Config.OriginAccessControlId; {
	case o.Endpoint.Kind == cloudfront.KindS3Website:
		return WebsitePrivate
	case o.OAI != "":
		return OAINotGranted
	case id != nil && *id != "":
		return MissingGrant
	}
	return NoAccess
}

// AtPoint reports that the access point in front of the bucket refuses the request or may refuse it, whatever the bucket's own policy says
// (S3UG/access-points-policies). An access point for a VPC alone is refused by that and not by its policy.
func (v *View) AtPoint() bool {
	point := v.Bucket.Point
	return point != nil && point.Point.NetworkOrigin != s3control.NetworkOriginVpc && !v.Access.ByPoint.Allowed.Yes()
}

// atPoint is the fault of a request that the bucket lets in and the access point does not, for sure or perhaps.
func (v *View) atPoint() Suspect {
	point, decision := v.Bucket.Point, v.Access.ByPoint
	ref := point.Policy.Ref("Policy")
	s := Suspect{Grade: cause.GradePossible, Fault: usualFault(v.Origin), Gaps: []evidence.Gap{point.Policy}}
	switch {
	case decision.Allowed.No() && decision.Reason != policy.ExplicitDeny:
		s.Grade, s.Because = cause.GradeConfirmed, "the access point's policy and how CloudFront signs are known"
		ref = ref.With("", "does not let CloudFront read")
		if point.Policy.IsAbsent() {
			ref = ref.With("", "the access point has no policy")
		}
	case decision.Allowed.No():
		s.Grade, s.Because = cause.GradeConfirmed, "the access point's policy and how CloudFront signs are known"
		s.Fault, s.Match, s.AtPoint = ExplicitDeny, decision.Deciding, true
		ref = point.Policy.Ref("Policy."+decision.Deciding.Field).With(decision.Deciding.Sid, "denies the request")
	case point.Policy.Missing():
		s.Because = "the access point's policy could not be read, and the bucket's lets CloudFront in"
	default:
		s.Because = "what the access point's policy says of the request is not known"
	}
	s.Refs = []evidence.Ref{ref, v.OACRef(signingNote(v.Signing))}
	v.withIdentity(&s)
	return s
}
