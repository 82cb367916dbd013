package originconnection

import (
	"strings"

	s3control "github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/tri"
)

var originNotPublic = &cause.Cause{
	ID:       "ORIGIN_NOT_PUBLIC",
	Title:    "The origin has no address that the internet reaches",
	Stage:    stage,
	Symptoms: []int{403, 502, 504},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront connects to a custom origin over the internet. A private address, an internal load balancer or a subnet without a route to an internet
gateway cannot be reached that way, and viewers get 504. VPC origins are the way to keep an origin private. An S3 access point that was made for a VPC
refuses requests from the internet, CloudFront's too, with 403.`,
		Why: `The load balancer was created as internal, the record leads to a private address, or the public subnets were mixed up with private ones. The scheme
of a load balancer cannot be changed afterwards.`,
		Example: "An origin record that leads to internal-app-1234.eu-west-1.elb.amazonaws.com, without a VPC origin.",
		Manual:  "A load balancer's scheme cannot be changed: a person has to choose between a VPC origin and another load balancer.",
		References: []string{
			guide + "http-504-gateway-timeout.html",
			guide + "private-content-vpc-origins.html",
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-vpc.html",
			"https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		if v, ok := vpcPoint(p); ok {
			return v
		}
		return judge(p, judgePublic)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		if point, ok := v.Data.(*edge.AccessPointFacts); ok {
			return []fix.Fix{pointForInternet(point, p.Model.ARN())}
		}
		w, ok := v.Data.(*originway.Way)
		if !ok {
			return nil
		}
		private := fix.Fix{
			Title: "Reach the origin through a VPC origin", Complexity: fix.Standard, Minutes: 60,
			Impact:      "None until the distribution's origin is switched over",
			Explanation: "With a VPC origin CloudFront connects to a load balancer or instance in private subnets, and the internet still cannot.",
			Manual: []string{
				"On the VPC origins page of the CloudFront console choose Create VPC origin, with the load balancer's or instance's ARN; the VPC needs an internet gateway attached, though no route to it.",
				"Let the security group of " + w.Origin.Endpoint.Domain + " admit the prefix list " + fix.OriginFacingPrefixList + " or the security group CloudFront-VPCOrigins-Service-SG.",
				"When the VPC origin is deployed, choose it as the origin domain of " + w.Origin.ID + " on the Origins tab.",
			},
			ByHand: vpcByHand(w), Confidence: fix.High,
		}
		if changes, ok := throughVPC(p, w); ok {
			private.SideEffects = []string{"The load balancer's VPC has to have an internet gateway attached, though no route leads to it",
				"CloudFront keeps network interfaces in the load balancer's subnets"}
			private.Changes, private.Manual, private.ByHand = changes, nil, nil
			private.Invalidate = []string{"/*"}
		}
		public := fix.Fix{
			Title: "Give the origin a public address", Complexity: fix.Standard, Minutes: 60,
			Impact:      "Requests fail until the origin's name leads there",
			Explanation: "CloudFront reaches custom origins over the internet only.",
			SideEffects: []string{"The origin can be reached from the internet: let its security group admit CloudFront's prefix list alone"},
			Manual: []string{
				"Create an internet-facing load balancer in public subnets (with a route to an internet gateway) and register the same targets; the scheme of the present one cannot be changed.",
				"Let the origin's name, or the distribution's origin domain, lead to it.",
			},
			Confidence: fix.High,
		}
		if w.Connection.Problem == edge.ProblemNoRoute {
			public.Explanation = "The subnets of the load balancer have no route to an internet gateway."
			public.Manual = []string{"Add a route for 0.0.0.0/0 to the VPC's internet gateway to the route tables of the load balancer's subnets, or move the load balancer to public subnets."}
			return []fix.Fix{public, private}
		}
		return []fix.Fix{private, public}
	},
}

func judgePublic(w *originway.Way, c *edge.Connection) cause.Verdict {
	step := w.Step(stage)
	found := func(summary string) cause.Verdict {
		return w.Confirm(unconnected(), w.Name(), summary, append([]evidence.Ref{w.Address("")}, step.Evidence...)...).With(w).
			WithBecause("the name's records show where the origin is")
	}
	switch c.Problem {
	case edge.ProblemInternal:
		return found("The origin is an internal load balancer, whose addresses are private: CloudFront cannot reach it over the internet.")
	case edge.ProblemPrivate:
		return found("The origin's name leads to the private address " + w.DNS.Address.String() + ", which CloudFront cannot reach over the internet.")
	case edge.ProblemNoRoute:
		return found("None of the origin's subnets has a route to an internet gateway, so CloudFront cannot reach it.")
	}
	if w.Managed() {
		return cause.RuleOut("AWS runs the endpoint, which is public", w.Address(""))
	}
	b := w.Balancer()
	if b == nil {
		d := w.Model.DNSFor(w.Origin)
		if a, ok := d.A.Get(); ok && d.Seen && d.Resolves.Yes() {
			return cause.RuleOut("the origin's name leads to an address that the internet reaches", d.A.Ref("Addresses").With(strings.Join(a.Addresses, ", "), "asked of "+a.Resolver))
		}
		if d.Address.IsValid() {
			return cause.RuleOut("the origin's name leads to a public address", d.Evidence...)
		}
		return w.Unprobed(unconnected(), "see whether "+w.Origin.Endpoint.Domain+" has a public address", append(w.Gaps(), d.A)...)
	}
	routes := b.Network.ReachesInternet()
	ref := b.Network.RouteTables.Ref("RouteTables[].Routes")
	switch {
	case routes.Yes():
		return cause.RuleOut("the load balancer is internet-facing, and its subnets have a route to an internet gateway", b.Balancer.Ref("Scheme"), ref)
	case routes == tri.Unknown && b.Network.RouteTables.IsKnown() && w.Unexplained(unconnected()...):
		return cause.Possible(w.Name(), "Not every subnet of the load balancer has a route to an internet gateway, so some of its addresses cannot be reached.",
			"CloudFront takes any of the load balancer's addresses", ref).Explaining(true).With(w)
	case !routes.Known():
		return cause.Need("whether the load balancer's subnets reach the internet is not known", b.Network.RouteTables)
	}
	return cause.Need("an earlier fault hides whether the origin is public", w.NetworkGaps()...)
}

// vpcPoint: an access point takes requests from its VPC alone where its network origin says so, whatever the policies say
// (S3UG/access-points-vpc).
func vpcPoint(p *cause.Pass) (v cause.Verdict, ok bool) {
	x := p.Exchange()
	if x.Origin != nil && x.Origin.Endpoint.Kind == cloudfront.KindS3AccessPoint && x.Model.BucketFor(x.Origin) == nil {
		if list := x.Model.AccessPointReads(x.Origin)[0]; list.Missing() {
			return cause.Need("whether the access point is one of a VPC was not read", list), true
		}
	}
	s3 := x.S3
	if s3 == nil || s3.Bucket == nil || s3.Bucket.Point == nil || s3.Bucket.Point.Point.NetworkOrigin != s3control.NetworkOriginVpc {
		return v, false
	}
	point := s3.Bucket.Point
	return cause.Confirm(point.ARN, "The origin is an S3 access point that takes requests from its VPC only, and CloudFront comes over the internet.",
		point.List.Ref("AccessPointList[].NetworkOrigin").With(string(point.Point.NetworkOrigin), "").Want(string(s3control.NetworkOriginInternet))).
		WithBecause("the access point's network origin is known").Explaining(p.Reproduced() && p.Trace.StoppedAt == "origin-access").With(point), true
}

// pointForInternet: the network origin of an access point cannot be changed (S3UG/access-points-vpc).
func pointForInternet(point *edge.AccessPointFacts, distribution string) fix.Fix {
	return fix.Fix{
		Title: "Reach the bucket by a way that the internet can take", Complexity: fix.Standard, Minutes: 30,
		Impact:      "None until the distribution's origin is switched over",
		Explanation: "The network origin of an access point is set when it is made, and cannot be changed afterwards.",
		Manual: []string{
			"Make another access point with the network origin Internet for the bucket of " + point.ARN + ", or take the bucket itself as origin.",
			"Let cloudfront.amazonaws.com in by its policy and the bucket's, with the condition AWS:SourceArn = " + distribution + ".",
			"Choose it as the origin domain on the Origins tab, with the same origin access control.",
		},
		Invalidate: []string{"/*"}, Confidence: fix.High,
	}
}
