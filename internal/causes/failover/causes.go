// Package failover holds the causes of the failover stage: origin groups.
package failover

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		originGroupNoFailover,
		noOriginFailover,
	}
}
