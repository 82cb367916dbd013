package cloudfront

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/tri"
)

// managed builds a forwarding from managed policies by name; an empty origin request policy name means none.
func managed(t *testing.T, cacheName, originName string) Forwarding {
	t.Helper()
	id, ok := ManagedCachePolicyID(cacheName)
	if !ok {
		t.Fatalf("no managed cache policy %q", cacheName)
	}
	cache, _ := ManagedCachePolicy(id)
	if originName == "" {
		return PolicyForwarding(cache, nil)
	}
	id, ok = ManagedOriginRequestPolicyID(originName)
	if !ok {
		t.Fatalf("no managed origin request policy %q", originName)
	}
	origin, _ := ManagedOriginRequestPolicy(id)
	return PolicyForwarding(cache, &origin)
}

func TestHeaderToOrigin(t *testing.T) {
	legacy := LegacyForwarding(types.ForwardedValues{}, TTL{})
	legacyAll := LegacyForwarding(types.ForwardedValues{Headers: headerList([]string{"*"})}, TTL{})
	none := managed(t, "CachingDisabled", "")
	allViewer := managed(t, "CachingDisabled", "AllViewer")
	noHost := managed(t, "CachingDisabled", "AllViewerExceptHostHeader")
	plus := managed(t, "CachingDisabled", "AllViewerAndCloudFrontHeaders-2022-06")
	useOrigin := managed(t, "UseOriginCacheControlHeaders", "")
	tests := []struct {
		name, header, method string
		f                    Forwarding
		want                 tri.Bool
	}{
		{"none", "Host", "GET", none, tri.False},
		{"none", "X-Custom", "GET", none, tri.False},
		{"none", "Content-Type", "POST", none, tri.True},
		{"none", "range", "GET", none, tri.True},
		{"none", "Accept", "GET", none, tri.False},
		{"none", "Origin", "GET", none, tri.Unknown},
		{"none", "Authorization", "GET", none, tri.False},
		{"none", "Authorization", "POST", none, tri.True},
		{"none", "Authorization", "OPTIONS", none, tri.True},
		{"none", "Cookie", "GET", none, tri.False},
		{"all viewer", "HOST", "GET", allViewer, tri.True},
		{"all viewer", "Authorization", "GET", allViewer, tri.True},
		{"all viewer", "Proxy-Authorization", "GET", allViewer, tri.False},
		{"all viewer", "X-Edge-Foo", "GET", allViewer, tri.False},
		{"all viewer", "CloudFront-Viewer-Country", "GET", allViewer, tri.False},
		{"all viewer", "X-Forwarded-Proto", "GET", allViewer, tri.Unknown},
		{"all viewer", "Origin", "GET", allViewer, tri.True},
		{"except host", "Host", "GET", noHost, tri.False},
		{"except host", "Authorization", "GET", noHost, tri.True},
		{"with CloudFront headers", "cloudfront-viewer-country", "GET", plus, tri.True},
		{"with CloudFront headers", "CloudFront-Viewer-JA3-Fingerprint", "GET", plus, tri.False},
		{"use origin headers", "Host", "GET", useOrigin, tri.True},
		{"legacy", "X-Custom", "GET", legacy, tri.True},
		{"legacy", "Referer", "GET", legacy, tri.False},
		{"legacy", "Host", "GET", legacy, tri.False},
		{"legacy all", "Host", "GET", legacyAll, tri.True},
		{"unread policy", "Host", "GET", none.WithUnknownOriginRequestPolicy(), tri.Unknown},
		{"unread policy", "Content-Type", "GET", none.WithUnknownOriginRequestPolicy(), tri.True},
		{"unread policy", "Host", "GET", useOrigin.WithUnknownOriginRequestPolicy(), tri.True},
		{"unread cache policy", "Host", "GET", Forwarding{}.WithOriginRequestPolicy(nil), tri.Unknown},
	}
	for _, tt := range tests {
		if got := tt.f.HeaderToOrigin(tt.header, tt.method); got != tt.want {
			t.Errorf("%s: HeaderToOrigin(%q, %s) = %v, want %v", tt.name, tt.header, tt.method, got, tt.want)
		}
	}
	cachedOptions := none
	cachedOptions.CachesOptions = true
	if cachedOptions.ForwardsAuthorization("OPTIONS") != tri.False {
		t.Error("Authorization travels with a cached OPTIONS")
	}
	if legacyAll.CachingDisabled() != tri.True || managed(t, "CachingOptimized", "").CachingDisabled() != tri.False || none.CachingDisabled() != tri.True {
		t.Error("CachingDisabled")
	}
}

func TestUnknownBehaviorWordIsUnknown(t *testing.T) {
	f := managed(t, "CachingDisabled", "").WithOriginRequestPolicy(&types.OriginRequestPolicyConfig{
		HeadersConfig: &types.OriginRequestPolicyHeadersConfig{HeaderBehavior: "somethingNew"},
	})
	if got := f.ForwardsHost(); got != tri.Unknown {
		t.Errorf("ForwardsHost = %v, want unknown", got)
	}
}

func TestCookiesAndQuery(t *testing.T) {
	f := LegacyForwarding(types.ForwardedValues{
		Cookies:              &types.CookiePreference{Forward: types.ItemSelectionWhitelist, WhitelistedNames: &types.CookieNames{Items: []string{"session*"}}},
		QueryString:          aws.Bool(true),
		QueryStringCacheKeys: &types.QueryStringCacheKeys{Items: []string{"page"}},
	}, TTL{})
	if value, sure := f.OriginCookies("a=1; session-id=2; $Version=1; sessionx=3"); value != "session-id=2; sessionx=3" || !sure {
		t.Errorf("OriginCookies = %q, %v", value, sure)
	}
	if key, _ := f.KeyQuery("b=1&page=2&Page=3"); key != "page=2" {
		t.Errorf("KeyQuery = %q", key)
	}
	if query, _ := f.OriginQuery("b=1&page=2"); query != "b=1&page=2" {
		t.Errorf("OriginQuery = %q", query)
	}
	media := managed(t, "Elemental-MediaPackage", "")
	if media.QueryToOrigin("start") != tri.True || media.QueryToOrigin("Start") != tri.False || media.QueryInKey("m") != tri.True {
		t.Error("query string names are literal and case-sensitive")
	}
	// What only the origin request policy names travels without being in the key.
	all := managed(t, "CachingOptimized", "AllViewer")
	if all.CookieToOrigin("id") != tri.True || all.CookieInKey("id") != tri.False {
		t.Error("cookies of the origin request policy")
	}
	if got := WithoutSignature("a=1&Expires=2&Signature=x&Key-Pair-Id=K&b=2"); got != "a=1&b=2" {
		t.Errorf("WithoutSignature = %q", got)
	}
}

func TestAcceptEncoding(t *testing.T) {
	both, gzipOnly, off := managed(t, "CachingOptimized", ""), managed(t, "Elemental-MediaPackage", ""), managed(t, "CachingDisabled", "")
	listed := managed(t, "CachingDisabled", "AllViewer")
	tests := []struct {
		f            Forwarding
		viewer, sent string
		inKey        bool
	}{
		{both, "gzip, deflate, br", "br,gzip", true},
		{both, "gzip", "gzip", true},
		{both, "br;q=1.0, gzip;q=0", "br", true},
		{both, "deflate", "identity", false},
		{both, "", "", false},
		{gzipOnly, "br, gzip", "gzip", true},
		{off, "gzip, br", "", false},
		{listed, "gzip, zstd", "gzip, zstd", false},
		{LegacyForwarding(types.ForwardedValues{}, TTL{}), "gzip, br", "gzip", true},
		{LegacyForwarding(types.ForwardedValues{}, TTL{}), "br", "", false},
	}
	for _, tt := range tests {
		sent, inKey, sure := tt.f.AcceptEncoding(tt.viewer)
		if sent != tt.sent || inKey != tt.inKey || !sure {
			t.Errorf("AcceptEncoding(%q) = %q, %v, %v, want %q, %v", tt.viewer, sent, inKey, sure, tt.sent, tt.inKey)
		}
	}
}

// render writes origin headers one a line, unsure ones marked.
func render(headers []OriginHeader) string {
	var lines []string
	for _, h := range headers {
		line := h.Name + ": " + h.Value
		if h.Unsure {
			line += " ?"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestOriginHeaders(t *testing.T) {
	request := ViewerRequest{
		Method: "GET", ViewerIP: "192.0.2.2", OriginDomain: "origin.example.com",
		Headers: []Header{
			{"Host", "www.example.com"}, {"User-Agent", "curl/8"}, {"Accept", "*/*"}, {"X-Forwarded-For", "192.0.2.4,192.0.2.3"},
			{"Cookie", "a=1"}, {"X-App", "1"}, {"Authorization", "Bearer x"}, {"Origin", "https://a.example"}, {"X-Secret", "viewer"},
		},
		Custom: []Header{{"x-secret", "origin"}},
	}
	got := render(managed(t, "CachingDisabled", "").OriginHeaders(request))
	want := strings.Join([]string{
		"Host: origin.example.com", "User-Agent: Amazon CloudFront", "Connection: Keep-Alive", "X-Amz-Cf-Id: <request id>",
		"Via: <version> <id>.cloudfront.net (CloudFront)", "X-Forwarded-For: 192.0.2.4,192.0.2.3,192.0.2.2",
		"Origin: https://a.example ?", "x-secret: origin",
	}, "\n")
	if got != want {
		t.Errorf("policies:\n%s\nwant:\n%s", got, want)
	}
	all := render(managed(t, "CachingDisabled", "AllViewer").OriginHeaders(request))
	for _, line := range []string{"Host: www.example.com", "User-Agent: curl/8", "Accept: */*", "Cookie: a=1", "X-App: 1", "Authorization: Bearer x", "x-secret: origin"} {
		if !slices.Contains(strings.Split(all, "\n"), line) {
			t.Errorf("AllViewer lacks %q:\n%s", line, all)
		}
	}
	if strings.Contains(all, "X-Secret") {
		t.Error("the viewer's value of an origin custom header survives")
	}
	legacy := render(LegacyForwarding(types.ForwardedValues{}, TTL{}).OriginHeaders(request))
	if !strings.Contains(legacy, "X-App: 1") || strings.Contains(legacy, "Authorization") {
		t.Errorf("legacy:\n%s", legacy)
	}
	unread := render(managed(t, "CachingDisabled", "").WithUnknownOriginRequestPolicy().OriginHeaders(request))
	if !strings.Contains(unread, "Host: origin.example.com ?") || !strings.Contains(unread, "Authorization: Bearer x ?") {
		t.Errorf("unread policy:\n%s", unread)
	}
}

func TestCacheKey(t *testing.T) {
	const domain = "d111111abcdef8.cloudfront.net"
	plain := managed(t, "CachingOptimized", "AllViewer")
	a, sure := plain.CacheKey(domain, "/x", "q=1", []Header{{"Host", "a"}, {"Cookie", "s=1"}})
	b, _ := plain.CacheKey(domain, "/x", "q=2", []Header{{"Host", "b"}, {"Cookie", "s=2"}})
	if a != b || a != domain+"/x" || !sure {
		t.Errorf("keys %q and %q", a, b)
	}
	full := managed(t, "UseOriginCacheControlHeaders-QueryStrings", "")
	c, _ := full.CacheKey(domain, "/x", "q=1", []Header{{"Host", "a"}, {"Cookie", "b=2; a=1"}})
	d, _ := full.CacheKey(domain, "/x", "q=1", []Header{{"cookie", "a=1; b=2"}, {"host", "a"}})
	e, _ := full.CacheKey(domain, "/x", "q=1", []Header{{"host", "A"}, {"Cookie", "a=1; b=2"}})
	if c != d {
		t.Errorf("cookie and header order matter:\n%s\n%s", c, d)
	}
	if c == e {
		t.Error("header values must be case-sensitive")
	}
	if _, sure := (Forwarding{}).CacheKey(domain, "/", "", nil); sure {
		t.Error("an unread cache policy gives a sure key")
	}
}

func TestCustomHeaderNames(t *testing.T) {
	for name, want := range map[string]bool{"Host": true, "X-Amz-Foo": true, "x-edge-a": true, "X-Secret": false, "Via": true, "Origin": false} {
		if got := ForbiddenCustomHeader(name); got != want {
			t.Errorf("ForbiddenCustomHeader(%q) = %v", name, got)
		}
	}
	if !UncacheableHeader("Cookie") || !UncacheableHeader("X-Edge-1") || UncacheableHeader("Host") {
		t.Error("UncacheableHeader")
	}
}

func TestForwardingAllocatesNothing(t *testing.T) {
	f := managed(t, "CachingOptimized", "AllViewerAndCloudFrontHeaders-2022-06")
	n := testing.AllocsPerRun(100, func() {
		f.HeaderToOrigin("X-Custom-Header-With-A-Long-Name", "GET")
		f.HeaderInKey("Host")
		f.CookieToOrigin("session")
		f.QueryInKey("q")
	})
	if n != 0 {
		t.Errorf("the questions allocate %v times", n)
	}
}

// Whatever the settings, the origin gets no header that neither the viewer sent, nor the origin's settings add, nor SetsHeader names.
func TestSetsHeader(t *testing.T) {
	viewer := []Header{{"Host", "www.example.com"}, {"Cookie", "a=1"}, {"Origin", "https://x.example"}}
	custom := []Header{{"X-Secret", "s"}}
	for _, f := range []Forwarding{{}, PolicyForwarding(types.CachePolicyConfig{}, nil), LegacyForwarding(types.ForwardedValues{}, TTL{})} {
		for _, got := range f.OriginHeaders(ViewerRequest{Method: "GET", Headers: viewer, Custom: custom, ViewerIP: "192.0.2.1", OriginDomain: "o.example", WebSocket: true}) {
			if valueOf(viewer, got.Name) == "" && valueOf(custom, got.Name) == "" && !SetsHeader(got.Name) {
				t.Errorf("the origin gets %s", got.Name)
			}
		}
	}
}
