// Package fieldlevelencryption holds the causes of the field-level-encryption stage.
package fieldlevelencryption

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		fleRejected,
	}
}
