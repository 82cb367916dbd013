package cloudfront

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"pgregory.net/rapid"

	"cfdoctor/internal/tri"
)

func TestFreshness(t *testing.T) {
	zero, positive := TTL{0, 86400, 31536000}, TTL{60, 120, 3600}
	tests := []struct {
		ttl          TTL
		cacheControl string
		expires      Seconds
		want         Freshness
	}{
		{zero, "max-age=10", Seconds{}, Freshness{10, FreshMaxAge, false}},
		{zero, "max-age=10, s-maxage=20", Seconds{}, Freshness{20, FreshSMaxAge, false}},
		{zero, "", Seconds{30, true}, Freshness{30, FreshExpires, false}},
		{zero, "max-age=10", Seconds{30, true}, Freshness{10, FreshMaxAge, false}},
		{zero, "", Seconds{}, Freshness{86400, FreshDefault, false}},
		{zero, "no-store", Seconds{}, Freshness{0, FreshRestricted, false}},
		{zero, "max-age=99999999", Seconds{}, Freshness{31536000, FreshMaximum, false}},
		{positive, "max-age=10", Seconds{}, Freshness{60, FreshMinimum, false}},
		{positive, "max-age=100", Seconds{}, Freshness{100, FreshMaxAge, false}},
		{positive, "max-age=9999", Seconds{}, Freshness{3600, FreshMaximum, false}},
		{positive, "private", Seconds{}, Freshness{60, FreshMinimum, true}},
		{positive, "No-Cache , max-age=500", Seconds{}, Freshness{60, FreshMinimum, true}},
		{positive, "", Seconds{}, Freshness{120, FreshDefault, false}},
		{TTL{500, 100, 3600}, "", Seconds{}, Freshness{500, FreshMinimum, false}},
		{TTL{0, 0, 0}, "max-age=10", Seconds{}, Freshness{0, FreshMaximum, false}},
	}
	for _, tt := range tests {
		if got := tt.ttl.Freshness(ParseCacheControl(tt.cacheControl), tt.expires); got != tt.want {
			t.Errorf("%+v with %q, %+v = %+v, want %+v", tt.ttl, tt.cacheControl, tt.expires, got, tt.want)
		}
	}
}

// Whatever the origin sends, freshness stays between the minimum and the maximum, but for no-store with minimum 0.
func TestFreshnessStaysWithinTheSettings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Int64Range(0, 100).Draw(t, "min")
		def := low + rapid.Int64Range(0, 100).Draw(t, "def")
		ttl := TTL{low, def, def + rapid.Int64Range(0, 100).Draw(t, "max")}
		header := rapid.SampledFrom([]string{"", "no-store", "private", "max-age=", "s-maxage="}).Draw(t, "directive")
		if header != "" && header[len(header)-1] == '=' {
			header += rapid.StringMatching(`[0-9]{0,25}`).Draw(t, "age")
		}
		got := ttl.Freshness(ParseCacheControl(header), Seconds{})
		if got.Seconds > ttl.Max || got.Seconds < ttl.Min {
			t.Fatalf("%+v with %q = %+v", ttl, header, got)
		}
	})
}

func TestErrorFreshness(t *testing.T) {
	ttl := TTL{0, 86400, 3600}
	tests := []struct {
		status       int
		cacheControl string
		errorMin     *int64
		s3           bool
		want         ErrorCaching
	}{
		{404, "", nil, false, ErrorCaching{tri.True, 10}},
		{503, "", aws.Int64(300), false, ErrorCaching{tri.True, 300}},
		{503, "no-store", nil, false, ErrorCaching{tri.True, 10}},
		{404, "no-store", nil, false, ErrorCaching{tri.False, 0}},
		{404, "max-age=60", aws.Int64(30), false, ErrorCaching{tri.True, 60}},
		{404, "max-age=6000", nil, false, ErrorCaching{tri.True, 3600}},
		{500, "", aws.Int64(0), false, ErrorCaching{tri.False, 0}},
		{500, "", aws.Int64(0), true, ErrorCaching{tri.True, 1}},
		{403, "", nil, true, ErrorCaching{tri.Unknown, 10}},
		{403, "max-age=5", nil, false, ErrorCaching{tri.True, 10}},
		{416, "max-age=5", nil, false, ErrorCaching{tri.False, 0}},
		{429, "", nil, false, ErrorCaching{tri.Unknown, 10}},
	}
	for _, tt := range tests {
		got := ttl.ErrorFreshness(tt.status, ParseCacheControl(tt.cacheControl), Seconds{}, tt.errorMin, tt.s3)
		if got != tt.want {
			t.Errorf("%d with %q = %+v, want %+v", tt.status, tt.cacheControl, got, tt.want)
		}
	}
	if got := (TTL{}).ErrorFreshness(404, CacheControl{}, Seconds{}, nil, false); got.Cached != tri.Unknown {
		t.Errorf("with caching disabled: %+v", got)
	}
}

func TestResolveTTL(t *testing.T) {
	if got := ResolveTTL(nil, nil, nil); got != (TTL{0, 86400, 31536000}) {
		t.Errorf("defaults: %+v", got)
	}
	if got := ResolveTTL(aws.Int64(100000), nil, nil); got != (TTL{100000, 100000, 31536000}) || !got.Ordered() {
		t.Errorf("a long minimum: %+v", got)
	}
	if (TTL{5, 4, 10}).Ordered() {
		t.Error("minimum over default is ordered")
	}
}

func TestUntilExpires(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for expires, want := range map[string]Seconds{
		"":                              {},
		"Fri, 02 Jan 2026 03:05:05 GMT": {60, true},
		"Thu, 01 Jan 2026 00:00:00 GMT": {0, true},
		"0":                             {0, true},
	} {
		if got := UntilExpires(expires, now); got != want {
			t.Errorf("UntilExpires(%q) = %+v, want %+v", expires, got, want)
		}
	}
}

func TestServesStale(t *testing.T) {
	ttl := TTL{0, 0, 60}
	if ttl.ServesStale(502, CacheControl{}) != tri.True || ttl.ServesStale(0, CacheControl{}) != tri.True ||
		ttl.ServesStale(404, CacheControl{}) != tri.False || ttl.ServesStale(502, ParseCacheControl("stale-if-error=0")) != tri.False {
		t.Error("ServesStale")
	}
	if !CacheableMethod("HEAD", false) || CacheableMethod("OPTIONS", false) || !CacheableMethod("OPTIONS", true) || CacheableMethod("POST", true) {
		t.Error("CacheableMethod")
	}
}
