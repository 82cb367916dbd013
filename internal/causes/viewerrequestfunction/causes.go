// Package viewerrequestfunction holds the causes of functions at the edge: CloudFront Functions on either viewer event, and Lambda@Edge.
package viewerrequestfunction

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		functionExecutionError,
		functionRuntimeMismatch,
		functionResultInvalid,
		functionGeneratesResponse,
		functionRedirectLoop,
		functionRewritesURIWrong,
		functionNotPublished,
		lambdaEdgeConfig,
		lambdaEdgeError,
	}
}
