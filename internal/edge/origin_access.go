package edge

import "cfdoctor/internal/cloudfront"

var originAccess = &Stage{
	ID:    "origin-access",
	Title: "Access to the origin",
	Doc: "The origin decides whether CloudFront may ask. S3 weighs the bucket policy for the way CloudFront signs, Block Public Access, ACLs, " +
		"object ownership and the KMS key; a function URL its type of authorization and resource policy; API Gateway its endpoint, resource policy, " +
		"API keys and authorization; a load balancer its rules and regional web ACL. S3 checks access before it looks for the object, so that a " +
		"missing permission is a 403 whether the object is there or not.",
	Sources: []string{
		"DG/private-content-restricting-access-to-s3", "DG/private-content-restricting-access-to-lambda", "DG/http-403-permission-denied",
		"S3API/ErrorResponses", "S3UG/access-control-block-public-access", "APIGW/supported-gateway-response-types", "ELB/listener-rules",
	},
	Run: runOriginAccess,
}

func runOriginAccess(x *Exchange) Step {
	switch e := x.Origin.Endpoint; {
	case e.Kind == cloudfront.KindS3Website:
		return x.accessWebsite()
	case e.IsS3():
		return x.accessS3()
	case e.Kind == cloudfront.KindLambdaURL:
		return x.accessLambdaURL()
	case e.Kind == cloudfront.KindAPIGateway:
		return x.accessAPI(e.Region)
	case e.Kind == cloudfront.KindMediaPackageV2 || e.Kind == cloudfront.KindMediaStore:
		return x.accessMedia()
	case x.DNS != nil && x.DNS.Leads.Kind == cloudfront.KindAPIGateway:
		return x.accessAPI(x.DNS.Leads.Region)
	}
	if x.Connection != nil && x.Connection.Listener != nil {
		return x.accessBalancer()
	}
	return x.Unsure(Alternative{Status: 403, If: "the origin's own firewall or application refuses CloudFront", Weak: true},
		"Whether the origin refuses CloudFront is the origin's own business")
}

// hostStep is what a service makes of a Host header that is not its own name: it routes and signs by it. The step is final where the header
// is known to be foreign.
func (x *Exchange) hostStep(by, code, summary string, guess int) (step Step, done bool) {
	foreign := cloudfront.NormalizeHost(x.Forwarded.Host) != x.Forwarded.Address
	refs := x.Behavior.OriginRequestPolicy.Ref("OriginRequestPolicyConfig.HeadersConfig").With("Host: "+x.Forwarded.Host, "the viewer's Host header reaches the origin")
	switch {
	case foreign && guess != 0:
		step = x.Guess(guess, by, "%s", summary)
	case foreign:
		step = x.Stop(403, by, "%s", summary)
	default:
		return Step{}, false
	}
	x.Response.Code = code
	return step.WithEvidence(refs).WithEvidence(x.originRef("DomainName", x.Forwarded.Address, "")), true
}
