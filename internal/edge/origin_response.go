package edge

import (
	"strconv"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/request"
	"cfdoctor/internal/tri"
)

var originResponse = &Stage{
	ID:    "origin-response",
	Title: "The origin's answer",
	Doc: "What S3 answers follows from what is known of the bucket. What an application answers does not: with nothing in the way the simulation takes 200 " +
		"and says that this is an assumption; where active validation sent the request, it takes the answer that was seen. CloudFront waits 30 seconds for the answer unless set otherwise, then says 504. The global S3 endpoint may " +
		"redirect requests for new buckets outside us-east-1 for a day.",
	Sources: []string{"DG/RequestAndResponseBehaviorCustomOrigin", "DG/http-504-gateway-timeout", "S3UG/Redirects", "DG/DownloadDistValuesOrigin",
		"DG/distribution-working-with.websockets", "DG/distribution-using-grpc"},
	Run: runOriginResponse,
}

// APIBodyLimit is the largest body that API Gateway takes, in bytes; more is a 413 (APIGW/limits, APIGW/supported-gateway-response-types).
const APIBodyLimit = 10 << 20

func runOriginResponse(x *Exchange) Step {
	switch {
	case x.S3 != nil:
		return x.respondS3(ByS3, x.S3)
	case x.Website != nil && x.Website.S3 != nil:
		return x.respondS3(ByS3Website, x.Website.S3)
	}
	by := ByOrigin
	switch {
	case x.API != nil:
		by = ByAPIGateway
	case x.LambdaURL != nil:
		by = ByLambdaURL
	case x.Media != nil:
		by = ByMedia
	}
	if step, done := x.respondSeen(by); done {
		return step
	}
	if step, done := x.otherProtocol(by); done {
		return step
	}
	if x.API != nil && x.Viewer.BodySize > APIBodyLimit {
		x.Response.Code = "REQUEST_TOO_LARGE"
		return x.Stop(413, by, "The body has %s bytes, and API Gateway takes %s at most", strconv.FormatInt(x.Viewer.BodySize, 10), strconv.FormatInt(APIBodyLimit, 10))
	}
	x.assumed = true
	x.Response = Response{Status: 200, By: by}
	step := x.Unsure(Alternative{If: "the application behind the origin answers with another status of its own", Weak: true},
		"Nothing known stands in the way; what the application behind the origin answers is not known, and taken to be 200")
	if x.Explain {
		timeout := x.Origin.ReadTimeout()
		x.alternatives = append(x.alternatives, Alternative{
			Status: 504, If: "the origin takes longer than " + strconv.Itoa(timeout) + " seconds to answer", Weak: true,
		})
		step = step.WithEvidence(x.originRef("CustomOriginConfig.OriginReadTimeout", strconv.Itoa(timeout), ""))
	}
	return step
}

func (x *Exchange) respondS3(by string, a *S3Access) Step {
	x.Response = Response{Status: s3Success(x.Forwarded.Method), By: by}
	x.Response.Headers, x.Response.HeadersKnown = x.headersS3(a)
	if x.Explain && x.Origin.Endpoint.Kind == cloudfront.KindS3Global && a.Bucket.Region != "us-east-1" {
		x.alternatives = append(x.alternatives, Alternative{
			Status: 307, If: "the bucket is less than a day old, and S3's global address still redirects to its Region", Weak: true,
		})
	}
	if !a.Exists.Known() && a.Action == "s3:GetObject" {
		return x.worded(Step{Verdict: Unknown, Status: x.Response.Status}, "If the object is there, S3 answers with it")
	}
	step := x.worded(Step{Verdict: Pass, Status: x.Response.Status}, "S3 answers with %s", strconv.Itoa(x.Response.Status))
	if !x.Explain {
		return step
	}
	return step.WithEvidence(x.originRef("DomainName", x.Origin.Endpoint.Domain, ""), a.object.head.Ref(""))
}

// s3Success is what S3 answers when it does what was asked (S3API/PutObject, S3API/DeleteObject).
func s3Success(method string) int {
	if method == "DELETE" {
		return 204
	}
	return 200
}

// headersS3 are the headers of S3's answer that matter: for caching, and for browsers.
func (x *Exchange) headersS3(a *S3Access) (headers []request.Header, known bool) {
	add := func(name, value string) {
		if value != "" {
			headers = append(headers, request.Header{Name: name, Value: value})
		}
	}
	head, known := a.object.head.Get()
	add("Content-Type", str(head.ContentType))
	add("Cache-Control", str(head.CacheControl))
	add("Expires", str(head.Expires))
	if !known {
		known = a.Action == "s3:ListBucket"
	}
	if origin, ok := x.Forwarded.Header("Origin"); ok && origin != "" {
		cors, corsKnown := x.corsHeadersS3(a, origin)
		if !corsKnown || len(cors) > 0 && !x.Forwarded.Sends("Origin").Yes() {
			return headers, false
		}
		headers = append(headers, cors...)
	}
	return headers, known
}

func (x *Exchange) corsHeadersS3(a *S3Access, origin string) (headers []request.Header, known bool) {
	method, requested := x.Forwarded.Method, ""
	if method == "OPTIONS" {
		method, _ = x.Forwarded.Header("Access-Control-Request-Method")
		requested, _ = x.Forwarded.Header("Access-Control-Request-Headers")
	}
	rule, fits := firstCORSRule(x.Model.corsRules(a.Bucket.Name), origin, method, requested)
	switch fits {
	case tri.Unknown:
		return nil, false
	case tri.False:
		return nil, true
	}
	return corsRuleHeaders(rule, origin, requested), true
}
