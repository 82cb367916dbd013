// Package cachelookup holds the causes of the cache-lookup stage: what is kept, under which key, and for how long.
package cachelookup

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
)

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		legacyForwardingIgnored,
		privateResponseCached,
		staleContent,
		cacheHitRatioLow,
		compressionIneffective,
		perfCompression,
	}
}

const (
	stage = "cache-lookup"
	guide = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
)

// policyRef points at a member of the behavior's cache policy, or at its older settings where it has none.
func policyRef(p *cause.Pass, b *edge.Behavior, member, value, note string) evidence.Ref {
	if b.CachePolicy.IsAbsent() || b.Config.ForwardedValues != nil {
		return p.Model.Ref(b.Field+"."+member, value, note)
	}
	return b.CachePolicy.Ref("CachePolicyConfig."+member).With(value, note)
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
