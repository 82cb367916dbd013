package edge

import (
	"strings"

	s3control "github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/policy"
	"cfdoctor/internal/tri"
)

// AccessPointFacts is what the account tells about an S3 access point in front of a bucket.
type AccessPointFacts struct {
	Point s3control.AccessPoint
	// ARN is arn:aws:s3:region:account:accesspoint/name.
	ARN string
	// List is the answer that holds the point, Policy its own policy.
	List   evidence.Fact[account.AccessPointsOutput]
	Policy evidence.Fact[account.AccessPointPolicyOutput]
	// Document is the parsed policy, nil where there is none or it could not be read; ParseError says why it could not be parsed.
	Document   *policy.Document
	ParseError error
}

// accessPoint finds the access point that an origin's name stands for: by its alias, or by name and account (S3UG/access-points-naming). Points
// of other accounts are not listed.
func (m *Model) accessPoint(e cloudfront.Endpoint) (*AccessPointFacts, evidence.Fact[account.AccessPointsOutput]) {
	owner := m.account()
	list := account.AccessPoints(owner, e.Region).In(m.World)
	for _, p := range list.Or(account.AccessPointsOutput{}).AccessPointList {
		if e.Name != str(p.Alias) && e.Name != str(p.Name)+"-"+owner {
			continue
		}
		f := &AccessPointFacts{Point: p, ARN: str(p.AccessPointArn), List: list, Policy: account.AccessPointPolicy(owner, e.Region, str(p.Name)).In(m.World)}
		if f.ARN == "" {
			f.ARN = strings.Join([]string{"arn", m.Partition(), "s3", e.Region, owner, "accesspoint/" + str(p.Name)}, ":")
		}
		if out, ok := f.Policy.Get(); ok {
			f.Document, f.ParseError = policy.Parse(out.Policy)
		}
		return f, list
	}
	return nil, list
}

// AccessPointReads are the answers that tell which bucket is behind an origin's access point and what the point's policy says: the list first. It is
// empty for other origins.
func (m *Model) AccessPointReads(o *Origin) []evidence.Gap {
	if o.Endpoint.Kind != cloudfront.KindS3AccessPoint {
		return nil
	}
	point, list := m.accessPoint(o.Endpoint)
	if point != nil {
		return []evidence.Gap{list, point.Policy}
	}
	// An alias does not tell the point's name, under which the policy is asked for.
	return []evidence.Gap{list, account.AccessPointPolicy(m.account(), o.Endpoint.Region, o.Endpoint.Name).In(m.World)}
}

// evaluate asks the access point's policy alone. A request through an access point needs its policy and the bucket's to allow it
// (S3UG/access-points-policies).
func (f *AccessPointFacts) evaluate(r policy.Request, key string) policy.Decision {
	r.Resource = f.ARN
	if r.Action != "s3:ListBucket" {
		r.Resource = f.ARN + "/object/" + key
	}
	switch {
	case f.Policy.IsAbsent():
		return policy.Decision{Allowed: tri.False, Reason: policy.ImplicitDeny}
	case f.Document == nil:
		return policy.Decision{}
	}
	return f.Document.Evaluate(r)
}

// throughPoint adds what the bucket's policy can ask about a request through the access point (S3UG/access-points-policies).
func (f *AccessPointFacts) throughPoint(c policy.Context) policy.Context {
	parts := strings.SplitN(f.ARN, ":", 6)
	return c.Clone().Set("s3:DataAccessPointArn", f.ARN).Set("s3:DataAccessPointAccount", parts[4]).
		Set("s3:AccessPointNetworkOrigin", string(f.Point.NetworkOrigin))
}

// accessThroughPoint judges the access point itself; done where it ends the request or leaves it open.
func (x *Exchange) accessThroughPoint(a *S3Access) (step Step, done bool) {
	p := a.Bucket.Point
	if p == nil {
		return Step{}, false
	}
	listed := p.List.Ref("AccessPointList").With(str(p.Point.Name), "")
	if p.Point.NetworkOrigin == s3control.NetworkOriginVpc {
		step = x.Stop(403, ByS3, "The access point takes requests from its VPC only, and CloudFront comes over the internet").
			WithEvidence(listed.Want(string(s3control.NetworkOriginInternet)))
		x.Response.Code = "AccessDenied"
		return step, true
	}
	refs := decisionRefs(a.ByPoint, "Policy.", p.Policy.Ref("Policy"))
	switch a.ByPoint.Allowed {
	case tri.False:
		step = x.Stop(403, ByS3, "The access point's policy does not let CloudFront in").WithEvidence(listed).WithEvidence(refs...)
		x.Response.Code = "AccessDenied"
		return step, true
	case tri.Unknown:
		return x.Unsure(Alternative{Status: 403, If: "the access point's policy does not let CloudFront in"},
			"Whether the access point lets CloudFront in could not be told for certain").WithEvidence(listed).WithEvidence(refs...), true
	}
	return Step{}, false
}

// withoutBucket is the step for an S3 origin whose bucket is not known: what lies between is not evaluated, and said so.
func (x *Exchange) withoutBucket() Step {
	name := x.originRef("DomainName", x.Origin.Endpoint.Domain, "")
	denied := func(condition string) Alternative { return Alternative{Status: 403, If: condition} }
	switch x.Origin.Endpoint.Kind {
	case cloudfront.KindS3AccessPoint:
		_, list := x.Model.accessPoint(x.Origin.Endpoint)
		if list.Missing() {
			return x.Unsure(denied("the access point's policy, or the bucket's behind it, does not let CloudFront in"),
				"The access point was not read").WithEvidence(name, list.Ref("AccessPointList"))
		}
		return x.Unsure(denied("the access point does not exist, or its account does not let CloudFront in"),
			"No access point of this account has the origin's name; it may be another account's or gone").WithEvidence(name, list.Ref("AccessPointList"))
	case cloudfront.KindS3ObjectLambda:
		return x.Unsure(denied("the policy of the Object Lambda access point, the access point or the bucket behind it does not let CloudFront in"),
			"The origin is an S3 Object Lambda access point: its function makes the answer, and its policies were not evaluated").WithEvidence(name)
	case cloudfront.KindS3MultiRegion:
		return x.Unsure(denied("the Multi-Region Access Point's policy does not let CloudFront in, or the signature is not SigV4A"),
			"The origin is an S3 Multi-Region Access Point, whose policies were not evaluated").WithEvidence(name)
	}
	return x.Unsure(denied("the origin's name, which holds no bucket, leads nowhere"), "The origin's name does not tell the bucket").WithEvidence(name)
}
