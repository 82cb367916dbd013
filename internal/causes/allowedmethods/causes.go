// Package allowedmethods holds the causes of the allowed-methods stage.
package allowedmethods

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		methodNotAllowed,
	}
}
