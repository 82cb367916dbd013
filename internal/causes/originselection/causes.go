// Package originselection holds the causes of the origin-selection stage: which origin is asked, and on which way.
package originselection

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		perfOriginShield,
	}
}
