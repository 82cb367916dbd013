// Package cachebehavior holds the causes of the cache-behavior stage: which behavior a path meets.
package cachebehavior

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
)

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		behaviorPatternMismatch,
		behaviorShadowed,
		behaviorPrefixNotStripped,
	}
}

// endsAfterRouting reports whether the request fails somewhere behind the choice of a behavior, so that another choice could have helped.
func endsAfterRouting(p *cause.Pass) bool {
	return p.Trace.Behavior != nil && p.Fails() && edge.Before("cache-behavior", p.Trace.StoppedAt)
}
