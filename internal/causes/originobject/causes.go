// Package originobject holds the causes of the origin-object stage: what the origin does not have at the path.
package originobject

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		s3ObjectNotFound,
		subdirectoryIndexNotSupported,
		s3ObjectKeyMismatch,
		s3ObjectArchived,
		apigwStagePathWrong,
		apigwRouteMissing,
		originUnhealthy,
	}
}
