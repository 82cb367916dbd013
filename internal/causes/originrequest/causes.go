// Package originrequest holds the causes of the origin-request stage: what is sent to the origin.
package originrequest

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		originPathWrong,
		authorizationNotForwarded,
		headersCookiesQueryNotForwarded,
	}
}
