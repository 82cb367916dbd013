package cloudfront

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/tri"
)

// Forwarding is what a cache behavior puts into the cache key and sends on to the origin. The zero value knows
// nothing: every question about it that a policy decides answers Unknown.
//
// Everything in a cache policy also goes to the origin; an origin request policy adds to that without touching the
// key (DG/understanding-how-origin-request-policies-and-cache-policies-work-together).
type Forwarding struct {
	// TTL is how long responses stay in the cache. It means nothing when TTLKnown is false.
	TTL      TTL
	TTLKnown bool
	// Gzip and Brotli say for which encodings Accept-Encoding is normalised into the key.
	Gzip, Brotli bool
	// CachesOptions is true when OPTIONS is among the behavior's cached methods; it decides whether Authorization
	// travels with OPTIONS.
	CachesOptions bool

	legacy                          bool // ForwardedValues instead of policies
	keyHeaders, keyCookies, keyArgs names
	addHeaders, addCookies, addArgs names // what the origin gets beyond the key
}

// names is a set of header, cookie or query argument names.
type names struct {
	rule rule
	list []string
	also []string // CloudFront-* headers listed beside all of the viewer's
}

// rule says which names a set holds.
type rule uint8

const (
	unknownNames rule = iota
	noNames
	listedNames
	listedGlobs // legacy cookie names, where * and ? are wildcards
	allNames
	allButListed
)

// PolicyForwarding is the forwarding of a behavior with a cache policy and, where origin is not nil, an origin
// request policy.
func PolicyForwarding(cache types.CachePolicyConfig, origin *types.OriginRequestPolicyConfig) Forwarding {
	f := Forwarding{
		TTL: ResolveTTL(cache.MinTTL, cache.DefaultTTL, cache.MaxTTL), TTLKnown: true,
		keyHeaders: names{rule: noNames}, keyCookies: names{rule: noNames}, keyArgs: names{rule: noNames},
	}
	if p := cache.ParametersInCacheKeyAndForwardedToOrigin; p != nil {
		f.Gzip, f.Brotli = aws.ToBool(p.EnableAcceptEncodingGzip), aws.ToBool(p.EnableAcceptEncodingBrotli)
		if c := p.HeadersConfig; c != nil {
			f.keyHeaders = namesOf(string(c.HeaderBehavior), headerItems(c.Headers))
		}
		if c := p.CookiesConfig; c != nil {
			f.keyCookies = namesOf(string(c.CookieBehavior), cookieItems(c.Cookies))
		}
		if c := p.QueryStringsConfig; c != nil {
			f.keyArgs = namesOf(string(c.QueryStringBehavior), queryItems(c.QueryStrings))
		}
	}
	return f.WithOriginRequestPolicy(origin)
}

// WithOriginRequestPolicy returns f with the origin's additions replaced; nil means that the behavior has no origin
// request policy. On the zero Forwarding it stands for a cache policy that could not be read.
func (f Forwarding) WithOriginRequestPolicy(origin *types.OriginRequestPolicyConfig) Forwarding {
	f.addHeaders, f.addCookies, f.addArgs = names{rule: noNames}, names{rule: noNames}, names{rule: noNames}
	if origin == nil {
		return f
	}
	if c := origin.HeadersConfig; c != nil {
		f.addHeaders = namesOf(string(c.HeaderBehavior), headerItems(c.Headers))
	}
	if c := origin.CookiesConfig; c != nil {
		f.addCookies = namesOf(string(c.CookieBehavior), cookieItems(c.Cookies))
	}
	if c := origin.QueryStringsConfig; c != nil {
		f.addArgs = namesOf(string(c.QueryStringBehavior), queryItems(c.QueryStrings))
	}
	return f
}

// WithUnknownOriginRequestPolicy returns f for a behavior whose origin request policy could not be read: what the
// cache policy does not send may still be sent.
func (f Forwarding) WithUnknownOriginRequestPolicy() Forwarding {
	f.addHeaders, f.addCookies, f.addArgs = names{}, names{}, names{}
	return f
}

// LegacyForwarding is the forwarding of a behavior with ForwardedValues: whatever is forwarded is in the key, save
// query arguments outside QueryStringCacheKeys (DG/header-caching, DG/QueryStringParameters, DG/Cookies). Header "*"
// forwards all and disables caching.
func LegacyForwarding(values types.ForwardedValues, ttl TTL) Forwarding {
	none := names{rule: noNames}
	f := Forwarding{
		TTL: ttl, TTLKnown: true, Gzip: true, legacy: true,
		keyHeaders: none, keyCookies: none, keyArgs: none, addHeaders: none, addCookies: none, addArgs: none,
	}
	if h := headerItems(values.Headers); len(h) == 1 && h[0] == "*" {
		f.keyHeaders = names{rule: allNames}
	} else if len(h) > 0 {
		f.keyHeaders = names{rule: listedNames, list: h}
	}
	if c := values.Cookies; c != nil {
		f.keyCookies = namesOf(string(c.Forward), cookieItems(c.WhitelistedNames))
		if f.keyCookies.rule == listedNames {
			f.keyCookies.rule = listedGlobs
		}
	}
	if aws.ToBool(values.QueryString) {
		f.keyArgs, f.addArgs = names{rule: allNames}, names{rule: allNames}
		if k := values.QueryStringCacheKeys; k != nil && len(k.Items) > 0 && k.Items[0] != "*" {
			f.keyArgs = names{rule: listedNames, list: k.Items}
		}
	}
	return f
}

// namesOf reads the API's behavior words, which all four kinds of settings share. A word not known here, newer than
// this program, leaves the set unknown.
func namesOf(behavior string, list []string) names {
	switch behavior {
	case "none":
		return names{rule: noNames}
	case "whitelist":
		return names{rule: listedNames, list: list}
	case "all", "allViewer":
		return names{rule: allNames}
	case "allViewerAndWhitelistCloudFront":
		return names{rule: allNames, also: list}
	case "allExcept":
		return names{rule: allButListed, list: list}
	}
	return names{}
}

func headerItems(h *types.Headers) []string {
	if h == nil {
		return nil
	}
	return h.Items
}

func cookieItems(c *types.CookieNames) []string {
	if c == nil {
		return nil
	}
	return c.Items
}

func queryItems(q *types.QueryStringNames) []string {
	if q == nil {
		return nil
	}
	return q.Items
}

// has reports whether the set holds name; header names are compared without regard to case, others with it.
func (n names) has(name string, fold bool) tri.Bool {
	switch n.rule {
	case noNames:
		return tri.False
	case allNames:
		return tri.True
	case listedNames:
		return tri.Of(listed(n.list, name, fold))
	case allButListed:
		return tri.Of(!listed(n.list, name, fold))
	case listedGlobs:
		for _, glob := range n.list {
			if globMatch(glob, name) {
				return tri.True
			}
		}
		return tri.False
	}
	return tri.Unknown
}

// any reports whether the set holds some name at all.
func (n names) any() tri.Bool {
	switch n.rule {
	case unknownNames:
		return tri.Unknown
	case noNames:
		return tri.False
	case listedNames, listedGlobs:
		return tri.Of(len(n.list) > 0)
	}
	return tri.True
}

func listed(list []string, name string, fold bool) bool {
	for _, item := range list {
		if item == name || fold && strings.EqualFold(item, name) {
			return true
		}
	}
	return false
}

// globMatch matches a name against a legacy cookie name with * and ?.
func globMatch(glob, name string) bool {
	p := Compile(glob)
	if p.glob != glob { // a name may start with a slash; patterns drop it
		return glob == name
	}
	return matchChunks(p.chunks, name)
}

// Legacy reports whether the behavior uses ForwardedValues instead of policies.
func (f Forwarding) Legacy() bool { return f.legacy }

// CachingDisabled reports whether nothing is ever kept: all TTLs zero, or a legacy behavior that forwards all headers
// (DG/header-caching).
func (f Forwarding) CachingDisabled() tri.Bool {
	if f.legacy && f.keyHeaders.rule == allNames {
		return tri.True
	}
	if !f.TTLKnown {
		return tri.Unknown
	}
	return tri.Of(f.TTL.Max == 0)
}

// CookieInKey reports whether the value of the named cookie is part of the cache key.
func (f Forwarding) CookieInKey(name string) tri.Bool { return f.keyCookies.has(name, false) }

// CookieToOrigin reports whether the named cookie is sent to the origin. Names starting with $ never are
// (DG/Cookies).
func (f Forwarding) CookieToOrigin(name string) tri.Bool {
	if strings.HasPrefix(name, "$") {
		return tri.False
	}
	return tri.Or(f.keyCookies.has(name, false), f.addCookies.has(name, false))
}

// ForwardsCookies reports whether some cookie can reach the origin; without, CloudFront also removes Set-Cookie from
// responses (DG/Cookies).
func (f Forwarding) ForwardsCookies() tri.Bool { return tri.Or(f.keyCookies.any(), f.addCookies.any()) }

// QueryInKey reports whether the named query argument is part of the cache key; names are case-sensitive.
func (f Forwarding) QueryInKey(name string) tri.Bool { return f.keyArgs.has(name, false) }

// QueryToOrigin reports whether the named query argument is sent to the origin.
func (f Forwarding) QueryToOrigin(name string) tri.Bool {
	return tri.Or(f.keyArgs.has(name, false), f.addArgs.has(name, false))
}

// ForwardsQuery reports whether some query argument can reach the origin.
func (f Forwarding) ForwardsQuery() tri.Bool { return tri.Or(f.keyArgs.any(), f.addArgs.any()) }
