// Package signedaccess holds the causes of the signed-access stage: signed URLs and signed cookies.
package signedaccess

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		signedRequestRequired,
		signedUnknownKey,
		signedSignatureInvalid,
		signedExpired,
		signedNotYetValid,
		signedIPMismatch,
		signedResourceMismatch,
		signedPolicyMalformed,
		signedCookieScope,
		signedS3PresignedConflict,
	}
}
