package edge

import (
	"strings"

	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"cfdoctor/internal/tri"
)

var originObject = &Stage{
	ID:    "origin-object",
	Title: "The object or route",
	Doc: "S3 answers 404 for a missing object to a caller that may list the bucket, and 403 to others; a request for the bucket itself is a listing; " +
		"archived objects are a 403. API Gateway answers 403 (REST) or 404 (HTTP API) where no stage or route fits. A load balancer answers 503 where " +
		"a target group has no targets in use, and 464 where it does not take the request's protocol; where all are unhealthy it sends requests to them all the same.",
	Sources: []string{
		"S3API/GetObject", "S3API/ErrorResponses", "DG/DefaultRootObject", "APIGW/supported-gateway-response-types",
		"ELB/load-balancer-troubleshooting", "ELB/target-group-health-checks", "ELB/load-balancer-target-groups",
	},
	Run: runOriginObject,
}

func runOriginObject(x *Exchange) Step {
	switch {
	case x.S3 != nil:
		return x.objectS3(x.S3)
	case x.Website != nil:
		return x.objectWebsite(x.Website)
	case x.API != nil:
		return x.routeAPI(x.API)
	case x.LoadBalancer != nil:
		return x.targets(x.LoadBalancer)
	case x.LambdaURL != nil:
		return x.Skip("A function URL hands every path to its function")
	}
	return x.Unsure(Alternative{Status: 404, If: "the origin has nothing at this path", Weak: true},
		"What the origin has at this path is not known")
}

func (x *Exchange) objectS3(a *S3Access) Step {
	switch {
	case x.Forwarded.Method == "OPTIONS":
		return x.preflightS3(a)
	case x.Forwarded.Method == "POST", x.Forwarded.Method == "PATCH":
		step := x.Guess(405, ByS3, "S3 does not take %s requests for an object", x.Forwarded.Method)
		x.Response.Code = "MethodNotAllowed"
		return step
	case a.Action == "s3:ListBucket":
		return x.bucketRoot(a)
	case a.Action != "s3:GetObject":
		return x.Skip("The request writes")
	}
	switch a.Exists {
	case tri.False:
		return x.missingObject(a)
	case tri.Unknown:
		return x.Unsure(Alternative{Status: missingStatus(a), If: x.say("there is no object %q in the bucket", a.Key)},
			"Whether the object is in the bucket was not read").WithEvidence(a.ObjectRef)
	}
	if step, done := x.archived(a); done {
		return step
	}
	return x.Pass("The object %q is in the bucket", a.Key).WithEvidence(a.ObjectRef)
}

// missingStatus is what S3 answers for an object that is not there; 0 where it depends on a permission that is not known.
func missingStatus(a *S3Access) int {
	switch a.MayList {
	case tri.True:
		return 404
	case tri.False:
		return 403
	}
	return 0
}

func (x *Exchange) missingObject(a *S3Access) Step {
	var step Step
	switch a.MayList {
	case tri.True:
		step = x.Stop(404, ByS3, "There is no object %s in the bucket", quoted(a.Key))
		x.Response.Code = "NoSuchKey"
	case tri.False:
		step = x.Stop(403, ByS3, "There is no object %s in the bucket; S3 says 403 rather than 404, because CloudFront may not list the bucket", quoted(a.Key))
		x.Response.Code = "AccessDenied"
	default:
		x.alternatives = append(x.alternatives, Alternative{Status: 404, If: "CloudFront may list the bucket"})
		step = x.Guess(403, ByS3, "There is no object %s in the bucket", quoted(a.Key))
		x.Response.Code = "AccessDenied"
	}
	return step.WithEvidence(a.ObjectRef)
}

// bucketRoot is a request without a key: S3 takes it for a listing (DG/DefaultRootObject).
func (x *Exchange) bucketRoot(a *S3Access) Step {
	switch a.Allowed {
	case tri.True:
		return x.Pass("The request is for the bucket itself, and CloudFront may list it: the answer is a list of its objects").
			WithEvidence(x.s3Evidence(a)...)
	case tri.False:
		step := x.Stop(403, ByS3, "The request is for the bucket itself, which is a request to list it, and CloudFront may not").
			WithEvidence(x.ref("DefaultRootObject", str(x.Model.Config.DefaultRootObject), "")).WithEvidence(x.s3Evidence(a)...)
		x.Response.Code = "AccessDenied"
		return step
	}
	return x.Unsure(Alternative{Status: 403, If: "CloudFront may not list the bucket"},
		"The request is for the bucket itself; whether CloudFront may list it is not known").WithEvidence(x.s3Evidence(a)...)
}

// archived: objects in an archive must be restored before anybody can read them (S3API/ErrorResponses, InvalidObjectState).
func (x *Exchange) archived(a *S3Access) (step Step, done bool) {
	class := ""
	if head, ok := a.object.head.Get(); ok {
		class = string(head.StorageClass)
		if head.ArchiveStatus != "" {
			class = string(head.ArchiveStatus)
		}
		if strings.Contains(str(head.Restore), `ongoing-request="false"`) {
			return Step{}, false
		}
	} else if a.object.listed != nil {
		class = string(a.object.listed.StorageClass)
	}
	switch s3.StorageClass(class) {
	case s3.StorageClassGlacier, s3.StorageClassDeepArchive, s3.StorageClass(s3.ArchiveStatusArchiveAccess), s3.StorageClass(s3.ArchiveStatusDeepArchiveAccess):
	default:
		return Step{}, false
	}
	if !a.object.head.IsKnown() {
		return x.Unsure(Alternative{Status: 403, If: "the archived object was not restored"}, "The object is archived (%s)", class).WithEvidence(a.ObjectRef), true
	}
	step = x.Stop(403, ByS3, "The object is archived (%s) and has to be restored before it can be read", class).
		WithEvidence(a.object.head.Ref("StorageClass").With(class, ""))
	x.Response.Code = "InvalidObjectState"
	return step, true
}

// preflightS3: S3 answers OPTIONS with the first CORS rule that fits origin, method and headers, and refuses without one
// (S3UG/cors, "How does Amazon S3 evaluate the CORS configuration").
func (x *Exchange) preflightS3(a *S3Access) Step {
	origin, hasOrigin := x.Forwarded.Header("Origin")
	method, hasMethod := x.Forwarded.Header("Access-Control-Request-Method")
	rules := x.Model.corsRules(a.Bucket.Name)
	if !hasOrigin || !hasMethod {
		step := x.Guess(400, ByS3, "S3 takes OPTIONS for a CORS preflight, and the headers of one do not reach it")
		x.Response.Code = "BadRequest"
		return step.WithEvidence(x.Behavior.OriginRequestPolicy.Ref("OriginRequestPolicyConfig.HeadersConfig"))
	}
	headers, _ := x.Forwarded.Header("Access-Control-Request-Headers")
	switch _, fits := firstCORSRule(rules, origin, method, headers); fits {
	case tri.True:
		return x.Pass("A CORS rule of the bucket lets %s use %s", origin, method).WithEvidence(rules.Ref("CORSRules"))
	case tri.False:
		step := x.Stop(403, ByS3, "No CORS rule of the bucket lets %s use %s", origin, method).WithEvidence(rules.Ref("CORSRules"))
		x.Response.Code = "AccessForbidden"
		return step
	}
	return x.Unsure(Alternative{Status: 403, If: "no CORS rule of the bucket fits"}, "The bucket's CORS rules were not read").WithEvidence(rules.Ref(""))
}
