// Package errorcaching holds the causes of the error-caching stage: errors that live on in the cache.
package errorcaching

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		errorCached,
	}
}
