// Package georestriction holds the causes of the geo-restriction stage.
package georestriction

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		geoRestrictionBlock,
	}
}
