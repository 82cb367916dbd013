package cloudfront

import (
	"strconv"
	"strings"
	"time"

	"cfdoctor/internal/tri"
)

// TTL are a cache behavior's time to live settings in seconds.
type TTL struct {
	Min, Default, Max int64
}

// MaxTTLLimit is the longest that CloudFront takes for a TTL, in seconds: 100 years.
const MaxTTLLimit = 3_153_600_000

// ResolveTTL fills in what the API leaves out: minimum 0, default 24 hours and maximum 365 days, each raised to the
// one before it (API/CachePolicyConfig, DG/Expiration).
func ResolveTTL(minimum, def, maximum *int64) TTL {
	t := TTL{Default: day, Max: year}
	if minimum != nil {
		t.Min = *minimum
	}
	if def != nil {
		t.Default = *def
	} else {
		t.Default = max(t.Default, t.Min)
	}
	if maximum != nil {
		t.Max = *maximum
	} else {
		t.Max = max(t.Max, t.Default)
	}
	return t
}

// Ordered reports whether minimum, default and maximum do not decrease; CloudFront refuses others with
// InvalidTTLOrder.
func (t TTL) Ordered() bool { return t.Min >= 0 && t.Min <= t.Default && t.Default <= t.Max }

// CacheControl are the directives of an origin's Cache-Control header that CloudFront heeds (DG/Expiration).
type CacheControl struct {
	NoStore, NoCache, Private  bool
	MaxAge, SMaxAge            Seconds
	StaleIfError, StaleRefresh Seconds // stale-if-error, stale-while-revalidate
}

// Seconds is a directive's value; the zero value is an absent directive.
type Seconds struct {
	Value int64
	Set   bool
}

// ParseCacheControl reads a Cache-Control header. Directives that it does not know, and ages that are no numbers, are
// left out; a number too large counts as the largest, as RFC 9111 section 1.2.2 asks.
func ParseCacheControl(value string) CacheControl {
	var cc CacheControl
	for item := range strings.SplitSeq(value, ",") {
		name, arg, _ := strings.Cut(strings.TrimSpace(item), "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "no-store":
			cc.NoStore = true
		case "no-cache":
			cc.NoCache = true
		case "private":
			cc.Private = true
		case "max-age":
			cc.MaxAge = parseSeconds(arg)
		case "s-maxage":
			cc.SMaxAge = parseSeconds(arg)
		case "stale-if-error":
			cc.StaleIfError = parseSeconds(arg)
		case "stale-while-revalidate":
			cc.StaleRefresh = parseSeconds(arg)
		}
	}
	return cc
}

func parseSeconds(s string) Seconds {
	s = strings.Trim(strings.TrimSpace(s), `"`)
	if !onlyOf(s, "0123456789") {
		return Seconds{}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > MaxTTLLimit {
		n = MaxTTLLimit
	}
	return Seconds{n, true}
}

// Restricted reports whether the origin asks not to store or not to share the response.
func (cc CacheControl) Restricted() bool { return cc.NoStore || cc.NoCache || cc.Private }

// age is the lifetime that Cache-Control gives to a shared cache: s-maxage before max-age.
func (cc CacheControl) age() Seconds {
	if cc.SMaxAge.Set {
		return cc.SMaxAge
	}
	return cc.MaxAge
}

// UntilExpires is how many seconds after now an Expires header lies; a date in the past, or no date at all, as in
// "Expires: 0", counts as expired. An empty header is absent.
func UntilExpires(expires string, now time.Time) Seconds {
	if expires == "" {
		return Seconds{}
	}
	for _, layout := range [...]string{"Mon, 02 Jan 2006 15:04:05 GMT", time.RFC850, time.ANSIC} {
		if at, err := time.Parse(layout, expires); err == nil {
			return Seconds{max(0, int64(at.Sub(now)/time.Second)), true}
		}
	}
	return Seconds{0, true}
}

// FreshRule names what decided how long a response stays fresh.
type FreshRule string

// The rules, by the rows of the table in DG/Expiration.
const (
	FreshMaxAge     FreshRule = "max-age"
	FreshSMaxAge    FreshRule = "s-maxage"
	FreshExpires    FreshRule = "Expires"
	FreshDefault    FreshRule = "default TTL"
	FreshMinimum    FreshRule = "minimum TTL" // the setting is longer than what the origin asked
	FreshMaximum    FreshRule = "maximum TTL" // the setting is shorter than what the origin asked
	FreshRestricted FreshRule = "no-store, no-cache or private"
)

// Freshness is how long CloudFront answers from its cache without asking the origin again.
type Freshness struct {
	Seconds int64
	Rule    FreshRule
	// Overridden is true when the minimum TTL keeps a response that the origin marked no-store, no-cache or private.
	Overridden bool
}

// Freshness applies the table of DG/Expiration to a successful response. expires is what [UntilExpires] says.
func (t TTL) Freshness(cc CacheControl, expires Seconds) Freshness {
	if cc.Restricted() {
		if t.Min > 0 {
			return Freshness{t.Min, FreshMinimum, true}
		}
		return Freshness{0, FreshRestricted, false}
	}
	age, rule := cc.MaxAge, FreshMaxAge
	switch {
	case cc.SMaxAge.Set:
		age, rule = cc.SMaxAge, FreshSMaxAge
	case !cc.MaxAge.Set:
		age, rule = expires, FreshExpires
	}
	if !age.Set {
		if t.Min > t.Default {
			return Freshness{t.Min, FreshMinimum, false}
		}
		return Freshness{t.Default, FreshDefault, false}
	}
	switch {
	case age.Value < t.Min:
		return Freshness{t.Min, FreshMinimum, false}
	case age.Value > t.Max:
		return Freshness{t.Max, FreshMaximum, false}
	}
	return Freshness{age.Value, rule, false}
}

// DefaultErrorTTL is how long CloudFront keeps an error when no custom error response says otherwise, in seconds
// (DG/custom-error-pages-expiration).
const DefaultErrorTTL = 10

// ErrorCaching is whether and how long an origin's error stays in the cache.
type ErrorCaching struct {
	Cached  tri.Bool
	Seconds int64 // if it is cached
}

// ErrorFreshness says how an origin's response of 400 or more is cached. errorMin is the ErrorCachingMinTTL of the
// rule for this status, nil for none; s3 tells that the origin is an S3 bucket, where 0 counts as one second.
//
// AWS contradicts itself on 400, 403, 405, 412 and 415: DG/HTTPStatusCodes has them cached only with max-age or
// s-maxage, DG/custom-error-pages-expiration always. Without those directives the answer is Unknown, as it is for
// statuses that neither page lists, and for a maximum TTL of zero: only of the managed policy CachingDisabled
// ([CachingDisabledID]) does AWS say that errors are not cached with it.
func (t TTL) ErrorFreshness(status int, cc CacheControl, expires Seconds, errorMin *int64, s3 bool) ErrorCaching {
	if status == 416 {
		return ErrorCaching{Cached: tri.False}
	}
	seconds := int64(DefaultErrorTTL)
	if errorMin != nil {
		seconds = *errorMin
		if s3 {
			seconds = max(seconds, 1)
		}
	}
	age := cc.age()
	if !age.Set {
		age = expires
	}
	if age.Set {
		seconds = max(seconds, min(age.Value, t.Max))
	}
	if cc.Restricted() && heedsRestriction(status) {
		return ErrorCaching{Cached: tri.False}
	}
	if t.Max > 0 && AlwaysCachedError(status) {
		return ErrorCaching{tri.Of(seconds > 0), seconds}
	}
	if t.Max > 0 && cc.age().Set && conditionallyCached(status) {
		return ErrorCaching{tri.Of(seconds > 0), seconds}
	}
	return ErrorCaching{tri.Unknown, seconds}
}

// AlwaysCachedError reports whether CloudFront caches the status whatever the origin's headers say
// (DG/HTTPStatusCodes).
func AlwaysCachedError(status int) bool {
	switch status {
	case 404, 414, 500, 501, 502, 503, 504:
		return true
	}
	return false
}

// conditionallyCached are the statuses that are cached for certain only with max-age or s-maxage.
func conditionallyCached(status int) bool {
	switch status {
	case 400, 403, 405, 412, 415:
		return true
	}
	return false
}

// heedsRestriction reports whether no-store, no-cache and private keep the status out of the cache; for other errors
// CloudFront ignores them (DG/custom-error-pages-expiration).
func heedsRestriction(status int) bool {
	switch status {
	case 404, 410, 414, 501:
		return true
	}
	return false
}

// ServesStale reports whether CloudFront answers with an expired object that it still has when the origin fails with
// this status, 0 for no answer at all: for 5xx and no answer, unless stale-if-error=0 forbids it; not for 4xx
// (DG/HTTPStatusCodes, DG/Expiration).
func (t TTL) ServesStale(status int, stored CacheControl) tri.Bool {
	switch {
	case status >= 400 && status < 500, t.Max == 0:
		return tri.False
	case stored.StaleIfError.Set && stored.StaleIfError.Value == 0:
		return tri.False
	case status == 0 || status >= 500:
		return tri.True
	}
	return tri.False
}

// CacheableMethod reports whether responses to the method are cached at all: GET and HEAD always, OPTIONS where the
// behavior caches it (DG/RequestAndResponseBehaviorCustomOrigin).
func CacheableMethod(method string, cachesOptions bool) bool {
	return method == "GET" || method == "HEAD" || method == "OPTIONS" && cachesOptions
}
