package cloudfront

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

// ManagedPoliciesAsOf is the day on which the tables of managed policies were read from the documentation. AWS adds
// policies and may change one, so what an account answers goes before these tables.
const ManagedPoliciesAsOf = "2026-10-01"

// managedPrefix starts the API names of managed policies. The documentation, and two cache policies in the API, leave
// it out.
const managedPrefix = "Managed-"

// sameManagedName compares names of managed policies with or without their prefix.
func sameManagedName(a, b string) bool {
	return strings.TrimPrefix(a, managedPrefix) == strings.TrimPrefix(b, managedPrefix)
}

// ManagedPolicyName returns the name under which the Console lists a managed policy, of whatever of the three kinds; "" for an id that is none's.
// The Console attaches policies by name, the API by id (DG/using-managed-cache-policies).
func ManagedPolicyName(id string) string {
	for _, m := range managedCaches() {
		if m.id == id {
			return strings.TrimPrefix(m.name, managedPrefix)
		}
	}
	for _, m := range managedOriginRequests() {
		if m.id == id {
			return strings.TrimPrefix(m.name, managedPrefix)
		}
	}
	for _, m := range managedResponseHeadersPolicies() {
		if m.id == id {
			return strings.TrimPrefix(m.name, managedPrefix)
		}
	}
	return ""
}

// managedCache is one managed cache policy in short form.
type managedCache struct {
	id, name      string
	min, def, max int64 // seconds
	headers       []string
	cookies       types.CachePolicyCookieBehavior
	query         types.CachePolicyQueryStringBehavior
	queryNames    []string
	gzip, brotli  bool
}

const (
	day  = 24 * 60 * 60
	year = 365 * day
)

// managedCaches are the managed cache policies of DG/using-managed-cache-policies, and four of Amplify's that the
// documentation leaves out and accounts list. The newer -V2 ones of Amplify have no published id and are not here.
func managedCaches() []managedCache {
	const (
		noCookies, allCookies = types.CachePolicyCookieBehaviorNone, types.CachePolicyCookieBehaviorAll
		noQuery, allQuery     = types.CachePolicyQueryStringBehaviorNone, types.CachePolicyQueryStringBehaviorAll
		someQuery             = types.CachePolicyQueryStringBehaviorWhitelist
	)
	override := []string{"Host", "Origin", "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"}
	amplify := []string{"Accept", "Authorization", "CloudFront-Viewer-Country", "Host"}
	return []managedCache{
		{"2e54312d-136d-493c-8eb9-b001f22f67d2", "Managed-Amplify", 2, 2, 600,
			[]string{"Authorization", "CloudFront-Viewer-Country", "Host"}, allCookies, allQuery, nil, true, true},
		{"4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "Managed-CachingDisabled", 0, 0, 0, nil, noCookies, noQuery, nil, false, false},
		{"658327ea-f89d-4fab-a63d-7e88639e58f6", "Managed-CachingOptimized", 1, day, year, nil, noCookies, noQuery, nil, true, true},
		{"b2884449-e4de-46a7-ac36-70bc7f1ddd6d", "Managed-CachingOptimizedForUncompressedObjects", 1, day, year,
			nil, noCookies, noQuery, nil, false, false},
		{"08627262-05a9-4f76-9ded-b50ca2e3a84f", "Managed-Elemental-MediaPackage", 0, day, year,
			[]string{"Origin"}, noCookies, someQuery, []string{"aws.manifestfilter", "start", "end", "m"}, true, false},
		{"83da9c7e-98b4-4e11-a168-04f0df8e2c65", "UseOriginCacheControlHeaders", 0, 0, year,
			override, allCookies, noQuery, nil, true, true},
		{"4cc15a8a-d715-48a4-82b8-cc0b614638fe", "UseOriginCacheControlHeaders-QueryStrings", 0, 0, year,
			override, allCookies, allQuery, nil, true, true},
		{"4d1d2f1d-3a71-49ad-9e08-7ea5d843a556", "Managed-Amplify-Default", 0, 0, year, amplify, allCookies, allQuery, nil, true, true},
		{"a6bad946-36c3-4c33-aa98-362c74a7fb13", "Managed-Amplify-DefaultNoCookies", 0, 0, year,
			amplify, noCookies, allQuery, nil, true, true},
		{"1c6db51a-a33f-469a-8245-dae26771f530", "Managed-Amplify-ImageOptimization", 0, 0, year,
			[]string{"Accept", "Authorization", "Host"}, noCookies, allQuery, nil, true, true},
		{"7e5fad67-ee98-4ad0-b05a-394999eefc1a", "Managed-Amplify-StaticContent", 0, 0, year,
			[]string{"Authorization", "Host"}, noCookies, noQuery, nil, true, true},
	}
}

// CachingDisabledID and CachingOptimizedID are the ids of the two most used managed cache policies.
const (
	CachingDisabledID  = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	CachingOptimizedID = "658327ea-f89d-4fab-a63d-7e88639e58f6"
)

// ManagedCachePolicy returns the settings of a managed cache policy as the API would. Every call returns a value of
// its own. ok is false for an id that is not in the table, which says nothing about whether it exists.
func ManagedCachePolicy(id string) (config types.CachePolicyConfig, ok bool) {
	for _, m := range managedCaches() {
		if m.id == id {
			return m.config(), true
		}
	}
	return types.CachePolicyConfig{}, false
}

// ManagedCachePolicyID returns the id of a managed cache policy by its name, with or without "Managed-".
func ManagedCachePolicyID(name string) (id string, ok bool) {
	for _, m := range managedCaches() {
		if sameManagedName(m.name, name) {
			return m.id, true
		}
	}
	return "", false
}

func (m managedCache) config() types.CachePolicyConfig {
	headers := &types.CachePolicyHeadersConfig{HeaderBehavior: types.CachePolicyHeaderBehaviorNone}
	if len(m.headers) > 0 {
		headers = &types.CachePolicyHeadersConfig{HeaderBehavior: types.CachePolicyHeaderBehaviorWhitelist, Headers: headerList(m.headers)}
	}
	query := &types.CachePolicyQueryStringsConfig{QueryStringBehavior: m.query}
	if len(m.queryNames) > 0 {
		query.QueryStrings = &types.QueryStringNames{Quantity: quantity(m.queryNames), Items: m.queryNames}
	}
	return types.CachePolicyConfig{
		Name:       aws.String(m.name),
		MinTTL:     aws.Int64(m.min),
		DefaultTTL: aws.Int64(m.def),
		MaxTTL:     aws.Int64(m.max),
		ParametersInCacheKeyAndForwardedToOrigin: &types.ParametersInCacheKeyAndForwardedToOrigin{
			EnableAcceptEncodingGzip:   aws.Bool(m.gzip),
			EnableAcceptEncodingBrotli: aws.Bool(m.brotli),
			HeadersConfig:              headers,
			CookiesConfig:              &types.CachePolicyCookiesConfig{CookieBehavior: m.cookies},
			QueryStringsConfig:         query,
		},
	}
}

func headerList(names []string) *types.Headers {
	return &types.Headers{Quantity: quantity(names), Items: names}
}

func quantity(names []string) *int32 { return aws.Int32(int32(len(names))) }
