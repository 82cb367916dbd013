package edge

import (
	"sync"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
)

// Results is what the stages from the origin on found out, in the form that causes and the review read. A member is nil where its stage
// was not reached or has nothing to do with this origin.
type Results struct {
	// Group is the origin group that the behavior names; nil where it names an origin.
	Group *OriginGroup
	// Signing is how CloudFront identified itself to the origin; "" where no request was built.
	Signing Signing
	// DNS is how the origin's domain name resolves, as far as the account and active validation tell.
	DNS *OriginDNS
	// Seen is what active validation saw of the origin; nil where no request was built.
	Seen *OriginSeen
	// Connection is the way from CloudFront to the origin's port.
	Connection *Connection
	// TLS is the handshake with the origin; nil over http.
	TLS *OriginTLS
	// S3 is the access to a bucket through its REST endpoint.
	S3 *S3Access
	// Website is the access to a bucket through its website endpoint.
	Website *WebsiteAccess
	// LoadBalancer is what a load balancer does with the request.
	LoadBalancer *LoadBalancerRoute
	// API is what API Gateway does with the request.
	API *APIRoute
	// UnreadAPI are the answers that would tell which API takes the request, where the origin's name leads to API Gateway and they were not read.
	UnreadAPI []evidence.Gap
	// Unmapped is a custom domain name of API Gateway that leads the path to no API.
	Unmapped *UnmappedDomain
	// LambdaURL is the access to a Lambda function URL.
	LambdaURL *LambdaURLAccess
	// Media is the access to a MediaPackage or MediaStore origin.
	Media *MediaAccess
	// OriginFunctions are the Lambda@Edge functions on the way to the origin and back.
	OriginFunctions []*LambdaEdge
	// Failover is what an origin group made of the primary origin's failure.
	Failover *Failover
	// ErrorCache is how long CloudFront keeps the error.
	ErrorCache *ErrorCache
	// ErrorPage is the custom error response that applies to the answer.
	ErrorPage *ErrorPage
	// ViewerResponse is the function on the viewer-response event; nil where there is none or it does not run.
	ViewerResponse *ResponseFunction
	// CORS is what a browser makes of the answer; nil where the request has no Origin header.
	CORS *CORS
}

// originMemory is where an exchange keeps the results that every request to an origin has; the next prediction uses it again.
type originMemory struct {
	connection Connection
	tls        OriginTLS
	tlsNames   [2]string
	s3         S3Access
	seen       OriginSeen
}

// compiledOrigin is what the stages compile once per origin.
type compiledOrigin struct {
	custom    lazy[[]cloudfront.Header]
	protocols lazy[[]string]
	endpoint  lazy[*OriginDNS]
	vpc       lazy[evidence.Fact[account.VpcOriginOutput]]
	balancer  lazy[*BalancerFacts]
	bucket    lazy[*BucketFacts]
	api       lazy[*APIFacts]
	lambda    lazy[*LambdaURLFacts]
	contexts  sync.Map // callerKey: policy.Context
}

// compiledResources is what the stages compile once per resource behind an origin.
type compiledResources struct {
	seen     lazy[bool] // whether active validation saw anything
	regional sync.Map   // ARN: *regionalFacts
	apis     sync.Map   // region and id: *APIFacts
	// tenantOrigins are origins with the parameters of a tenant, by tenantOrigin.
	tenantOrigins sync.Map
}

// compiledBehavior is what the stages compile once per behavior.
type compiledBehavior struct {
	forwarding       lazy[*cloudfront.Forwarding]
	target           lazy[target]
	responseFunction lazy[*functionFacts]
}
