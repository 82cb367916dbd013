package edge

import (
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/tri"
)

// CacheLookup is the cache key of a request and what may be kept under it.
type CacheLookup struct {
	Key string
	// KeyKnown is false where a policy that decides about the key could not be read.
	KeyKnown bool
	// Cacheable tells whether an answer to this request may come from the cache.
	Cacheable tri.Bool
	// Invalidating tells that an invalidation is in progress.
	Invalidating bool
	// shown is the key for people: without what lets its bearer in.
	shown string
}

var cacheLookup = &Stage{
	ID:    "cache-lookup",
	Title: "Cache",
	Doc: "CloudFront looks for an answer under the cache key: the distribution, the path after functions and the default root object, and what the cache " +
		"policy adds. Errors are kept too. What the cache holds at a moment is not known, so the simulation asks the origin.",
	Sources: []string{"DG/understanding-the-cache-key", "DG/HTTPStatusCodes", "DG/custom-error-pages-expiration", "DG/RequestAndResponseBehaviorCustomOrigin"},
	Run:     runCacheLookup,
}

func runCacheLookup(x *Exchange) Step {
	if !x.Explain {
		return Step{Verdict: Pass}
	}
	f := x.Behavior.Forwarding()
	c := &CacheLookup{Cacheable: tri.Of(cloudfront.CacheableMethod(x.Current.Method, f.CachesOptions))}
	if c.Cacheable.Yes() {
		c.Cacheable = f.CachingDisabled().Not()
	}
	headers := make([]cloudfront.Header, 0, len(x.Current.Headers)+1)
	headers = append(headers, cloudfront.Header{Name: "Host", Value: x.Current.Host})
	for _, h := range x.Current.Headers {
		headers = append(headers, cloudfront.Header{Name: h.Name, Value: h.Value})
	}
	query := x.Current.Query
	if x.Behavior.restrictsViewers() {
		query = cloudfront.WithoutSignature(query)
	}
	c.Key, c.KeyKnown = f.CacheKey(x.Model.DomainName(), x.Current.Path, query, headers)
	c.shown, _ = f.CacheKey(x.Model.DomainName(), x.Current.Path, evidence.RedactQuery(query), withoutValues(headers))
	for _, i := range account.Invalidations(x.Model.ID()).In(x.Model.World).Or(account.InvalidationsOutput{}).InvalidationList.Items {
		c.Invalidating = c.Invalidating || str(i.Status) == "InProgress"
	}
	x.Cache = c
	return x.describeCache(c)
}

// withoutValues keeps the names of headers and cookies, and the values only of headers that say nothing about who asks.
func withoutValues(headers []cloudfront.Header) []cloudfront.Header {
	out := make([]cloudfront.Header, len(headers))
	for i, h := range headers {
		out[i] = h
		switch name := strings.ToLower(h.Name); {
		case name == "cookie":
			out[i].Value = cookieNames(h.Value)
		case name == "host", name == "origin", strings.HasPrefix(name, "accept"), strings.HasPrefix(name, "cloudfront-"), strings.HasPrefix(name, "access-control-"):
		default:
			out[i].Value = "…"
		}
	}
	return out
}

func cookieNames(header string) string {
	cookies := strings.Split(header, ";")
	for i, c := range cookies {
		if name, _, ok := strings.Cut(strings.TrimSpace(c), "="); ok {
			cookies[i] = " " + name + "=…"
		}
	}
	return strings.TrimSpace(strings.Join(cookies, ";"))
}

func (x *Exchange) describeCache(c *CacheLookup) Step {
	ref := x.Behavior.CachePolicy.Ref("CachePolicyConfig")
	if x.Behavior.CachePolicy.IsAbsent() {
		ref = x.behaviorRef("ForwardedValues", "", "")
	}
	if c.Cacheable.No() {
		return x.Pass("Answers to this request are not cached: the origin is asked every time").WithEvidence(ref)
	}
	x.weakly("an answer from before is still in the cache; errors are kept too, for 10 seconds unless set otherwise", 0)
	step := x.Pass("If the cache has no answer under this request's key, the origin is asked")
	if c.Cacheable == tri.Unknown {
		step.Verdict = Unknown
		step.Summary = "Whether answers are cached is not known; the origin is asked where the cache has none"
	}
	if c.KeyKnown {
		step.Detail = "Cache key " + c.shown
	}
	if c.Invalidating {
		step = step.WithEvidence(account.Invalidations(x.Model.ID()).In(x.Model.World).Ref("InvalidationList.Items").With("InProgress", "an invalidation is under way"))
	}
	return step.WithEvidence(ref)
}
