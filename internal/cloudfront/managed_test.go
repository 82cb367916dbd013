package cloudfront

import (
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

var uuid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// Every id is well-formed, unique over all three kinds, and found by its name in both spellings.
func TestManagedPoliciesAreConsistent(t *testing.T) {
	seen := map[string]string{}
	check := func(id, name string, byName func(string) (string, bool)) {
		if !uuid.MatchString(id) {
			t.Errorf("%s: malformed id %q", name, id)
		}
		if other, dup := seen[id]; dup {
			t.Errorf("%s and %s share the id %s", name, other, id)
		}
		seen[id] = name
		bare := regexp.MustCompile("^"+managedPrefix).ReplaceAllString(name, "")
		for _, n := range []string{name, bare} {
			if got, ok := byName(n); !ok || got != id {
				t.Errorf("by name %q: %q, %v, want %q", n, got, ok, id)
			}
		}
	}
	for _, m := range managedCaches() {
		check(m.id, m.name, ManagedCachePolicyID)
		if m.min > m.def || m.def > m.max {
			t.Errorf("%s: TTLs out of order", m.name)
		}
	}
	for _, m := range managedOriginRequests() {
		check(m.id, m.name, ManagedOriginRequestPolicyID)
	}
	for _, m := range managedResponseHeadersPolicies() {
		check(m.id, m.name, ManagedResponseHeadersPolicyID)
	}
	if _, ok := ManagedCachePolicyID("Nothing"); ok {
		t.Error("an unknown name has an id")
	}
}

func TestManagedCachePolicy(t *testing.T) {
	c, ok := ManagedCachePolicy(CachingOptimizedID)
	if !ok || aws.ToInt64(c.MinTTL) != 1 || aws.ToInt64(c.DefaultTTL) != 86400 || aws.ToInt64(c.MaxTTL) != 31536000 {
		t.Errorf("CachingOptimized: %+v", c)
	}
	id, _ := ManagedCachePolicyID("UseOriginCacheControlHeaders")
	c, _ = ManagedCachePolicy(id)
	h := c.ParametersInCacheKeyAndForwardedToOrigin.HeadersConfig
	if h.HeaderBehavior != types.CachePolicyHeaderBehaviorWhitelist || h.Headers.Items[0] != "Host" || *h.Headers.Quantity != 5 {
		t.Errorf("UseOriginCacheControlHeaders: %+v", h)
	}
	// Values are the caller's own: changing one must not change the next.
	h.Headers.Items[0] = "changed"
	again, _ := ManagedCachePolicy(id)
	if again.ParametersInCacheKeyAndForwardedToOrigin.HeadersConfig.Headers.Items[0] != "Host" {
		t.Error("the table is shared with its callers")
	}
	if _, ok := ManagedCachePolicy("00000000-0000-0000-0000-000000000000"); ok {
		t.Error("an unknown id is found")
	}
}

func TestManagedResponseHeadersPolicy(t *testing.T) {
	c, ok := ManagedResponseHeadersPolicy(SecurityHeadersPolicyID)
	s := c.SecurityHeadersConfig
	if !ok || c.CorsConfig != nil || !aws.ToBool(s.ContentTypeOptions.Override) || aws.ToBool(s.FrameOptions.Override) ||
		aws.ToInt32(s.StrictTransportSecurity.AccessControlMaxAgeSec) != 31536000 {
		t.Errorf("SecurityHeadersPolicy: %+v", c)
	}
	id, _ := ManagedResponseHeadersPolicyID("CORS-With-Preflight")
	c, _ = ManagedResponseHeadersPolicy(id)
	if c.SecurityHeadersConfig != nil || len(c.CorsConfig.AccessControlAllowMethods.Items) != 7 || aws.ToBool(c.CorsConfig.OriginOverride) {
		t.Errorf("CORS-With-Preflight: %+v", c.CorsConfig)
	}
}
