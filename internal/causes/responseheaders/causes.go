// Package responseheaders holds the causes of the response-headers stage: what browsers are told beside the answer.
package responseheaders

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		corsBlocked,
		responseHeadersPolicyConflict,
		securityHeadersMissing,
	}
}
