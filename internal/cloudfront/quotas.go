package cloudfront

import "time"

// Limits of requests and responses (DG/cloudfront-limits, DG/RequestAndResponseBehaviorCustomOrigin).
const (
	// MaxURLLength is the longest URL in bytes; beyond it CloudFront answers 414.
	MaxURLLength = 8_192
	// MaxRequestLength is the largest request in bytes, headers and query string included, body excluded; beyond it
	// CloudFront answers 494. Origins' responses have the same limit for their headers.
	MaxRequestLength = 32_768
	// MaxLoggedHeaders is the size of request headers in bytes beyond which a request is not in the standard logs
	// (DG/standard-logs-reference).
	MaxLoggedHeaders = 20_480
	// MaxBodyLength is the largest request body in bytes.
	MaxBodyLength = 64 << 30
	// MaxObjectLength is the largest object that one GET brings into the cache, in bytes.
	MaxObjectLength = 50 << 30
	// MinCompressLength and MaxCompressLength bound the objects that CloudFront compresses, in bytes.
	MinCompressLength = 1_000
	MaxCompressLength = 10_000_000
)

// Timeouts of the connection to the origin (DG/DownloadDistValuesOrigin). The upper ends can be raised on request,
// so a value beyond them is unusual, not wrong.
const (
	DefaultReadTimeout       = 30 * time.Second
	MaxReadTimeout           = 120 * time.Second
	DefaultKeepaliveTimeout  = 5 * time.Second
	MaxKeepaliveTimeout      = 300 * time.Second
	DefaultConnectionTimeout = 10 * time.Second
	MaxConnectionTimeout     = 10 * time.Second
	// DefaultConnectionAttempts is also the most that CloudFront makes.
	DefaultConnectionAttempts = 3
	// WebSocketIdleTimeout ends a WebSocket connection on which the origin sends nothing.
	WebSocketIdleTimeout = 10 * time.Minute
)

// LongestWait is how long a viewer may wait before CloudFront gives up on the origin, connecting and reading: every
// attempt may use the connection timeout in full, and for GET and HEAD the read timeout again
// (DG/RequestAndResponseBehaviorCustomOrigin). Zero values stand for the defaults.
func LongestWait(method string, attempts int, connect, read time.Duration) (connecting, reading time.Duration) {
	if attempts == 0 {
		attempts = DefaultConnectionAttempts
	}
	if connect == 0 {
		connect = DefaultConnectionTimeout
	}
	if read == 0 {
		read = DefaultReadTimeout
	}
	reading = read
	if method == "GET" || method == "HEAD" {
		reading = time.Duration(attempts) * read
	}
	return time.Duration(attempts) * connect, reading
}

// Quotas of a distribution and an account; those marked raisable can be raised on request (DG/cloudfront-limits).
const (
	MaxChainedDistributions = 2        // distributions that a request passes; beyond, 403
	MaxBehaviors            = 75       // cache behaviors per distribution, raisable
	MaxAliases              = 100      // alternate domain names per distribution, raisable
	MaxOrigins              = 100      // origins per distribution, raisable
	MaxOriginGroups         = 10       // origin groups per distribution, raisable
	MaxRequestsPerSecond    = 250_000  // per distribution, raisable
	MaxCustomHeaders        = 30       // origin custom headers per origin, raisable
	MaxCustomHeaderName     = 256      // characters
	MaxCustomHeaderValue    = 1_783    // characters
	MaxCustomHeadersLength  = 10_240   // characters of all names and values of an origin
	MaxRootObjectLength     = 255      // characters of the default root object; beyond, 400
	MaxInvalidationPath     = 4_000    // characters
	MaxStagingWeight        = 0.15     // part of the traffic that continuous deployment may send to staging
	MaxFunctionSize         = 10 << 10 // bytes of a CloudFront Function
	MaxFunctionMemory       = 2 << 20  // bytes a CloudFront Function may use
	MaxKeyValueKey          = 512      // bytes of a key in a key value store
	MaxKeyValueValue        = 1 << 10  // bytes of a value in a key value store
	MaxViewerLambdaResponse = 40 << 10 // bytes that Lambda@Edge may generate in a viewer event, headers included
	MaxOriginLambdaResponse = 1 << 20  // bytes that Lambda@Edge may generate in an origin event, headers included
	MaxKeyGroupKeys         = 5        // public keys per key group, raisable
	MaxBehaviorKeyGroups    = 4        // key groups per cache behavior, raisable
)

// AllowedOriginPort reports whether CloudFront connects to the port: 80, 443, or 1024 to 65535
// (DG/DownloadDistValuesOrigin).
func AllowedOriginPort(port int) bool {
	return port == 80 || port == 443 || port >= 1024 && port <= 65535
}
