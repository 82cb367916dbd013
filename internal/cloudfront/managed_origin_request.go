package cloudfront

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

// managedOriginRequest is one managed origin request policy in short form; cookies and query strings are both all
// or both as allCookies and allQuery say.
type managedOriginRequest struct {
	id, name             string
	behavior             types.OriginRequestPolicyHeaderBehavior
	headers              []string
	allCookies, allQuery bool
}

// AllViewerID and AllViewerExceptHostHeaderID are the ids of the two managed origin request policies that forward
// everything; the second leaves out the Host header.
const (
	AllViewerID                 = "216adef6-5c7f-47e4-b989-5492eafa07d3"
	AllViewerExceptHostHeaderID = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
)

// managedOriginRequests are the policies of DG/using-managed-origin-request-policies.
func managedOriginRequests() []managedOriginRequest {
	const (
		some   = types.OriginRequestPolicyHeaderBehaviorWhitelist
		all    = types.OriginRequestPolicyHeaderBehaviorAllViewer
		plus   = types.OriginRequestPolicyHeaderBehaviorAllViewerAndWhitelistCloudFront
		except = types.OriginRequestPolicyHeaderBehaviorAllExcept
	)
	return []managedOriginRequest{
		{AllViewerID, "Managed-AllViewer", all, nil, true, true},
		{"33f36d7e-f396-46d9-90e0-52428a34d9dc", "Managed-AllViewerAndCloudFrontHeaders-2022-06", plus, cloudFrontHeaders202206(), true, true},
		{AllViewerExceptHostHeaderID, "Managed-AllViewerExceptHostHeader", except, []string{"Host"}, true, true},
		{"59781a5b-3903-41f3-afcb-af62929ccde1", "Managed-CORS-CustomOrigin", some, []string{"Origin"}, false, false},
		{"88a5eaf4-2fd4-4709-b370-b4c650ea3fcf", "Managed-CORS-S3Origin", some,
			[]string{"Origin", "Access-Control-Request-Headers", "Access-Control-Request-Method"}, false, false},
		{"775133bc-15f2-49f9-abea-afb2e0bf67d2", "Managed-Elemental-MediaTailor-PersonalizedManifests", some,
			[]string{"Origin", "Access-Control-Request-Headers", "Access-Control-Request-Method", "User-Agent", "X-Forwarded-For"}, false, true},
		{"bf0718e1-ba1e-49d1-88b1-f726733018ae", "Managed-HostHeaderOnly", some, []string{"Host"}, false, false},
		{"acba4595-bd28-49b8-b9fe-13317c0390fa", "Managed-UserAgentRefererHeaders", some, []string{"User-Agent", "Referer"}, false, false},
	}
}

// cloudFrontHeaders202206 are the headers that CloudFront could add in June 2022, which the policy of that date lists.
func cloudFrontHeaders202206() []string {
	suffixes := [...]string{
		"Forwarded-Proto", "Is-Android-Viewer", "Is-Desktop-Viewer", "Is-IOS-Viewer", "Is-Mobile-Viewer", "Is-SmartTV-Viewer",
		"Is-Tablet-Viewer", "Viewer-Address", "Viewer-ASN", "Viewer-City", "Viewer-Country", "Viewer-Country-Name",
		"Viewer-Country-Region", "Viewer-Country-Region-Name", "Viewer-Http-Version", "Viewer-Latitude", "Viewer-Longitude",
		"Viewer-Metro-Code", "Viewer-Postal-Code", "Viewer-Time-Zone", "Viewer-TLS",
	}
	names := make([]string, len(suffixes))
	for i, s := range suffixes {
		names[i] = "CloudFront-" + s
	}
	return names
}

// ManagedOriginRequestPolicy returns the settings of a managed origin request policy as the API would. Every call
// returns a value of its own. ok is false for an id that is not in the table.
func ManagedOriginRequestPolicy(id string) (config types.OriginRequestPolicyConfig, ok bool) {
	for _, m := range managedOriginRequests() {
		if m.id == id {
			return m.config(), true
		}
	}
	return types.OriginRequestPolicyConfig{}, false
}

// ManagedOriginRequestPolicyID returns the id of a managed origin request policy by its name, with or without
// "Managed-".
func ManagedOriginRequestPolicyID(name string) (id string, ok bool) {
	for _, m := range managedOriginRequests() {
		if sameManagedName(m.name, name) {
			return m.id, true
		}
	}
	return "", false
}

func (m managedOriginRequest) config() types.OriginRequestPolicyConfig {
	config := types.OriginRequestPolicyConfig{
		Name:               aws.String(m.name),
		HeadersConfig:      &types.OriginRequestPolicyHeadersConfig{HeaderBehavior: m.behavior},
		CookiesConfig:      &types.OriginRequestPolicyCookiesConfig{CookieBehavior: types.OriginRequestPolicyCookieBehaviorNone},
		QueryStringsConfig: &types.OriginRequestPolicyQueryStringsConfig{QueryStringBehavior: types.OriginRequestPolicyQueryStringBehaviorNone},
	}
	if len(m.headers) > 0 {
		config.HeadersConfig.Headers = headerList(m.headers)
	}
	if m.allCookies {
		config.CookiesConfig.CookieBehavior = types.OriginRequestPolicyCookieBehaviorAll
	}
	if m.allQuery {
		config.QueryStringsConfig.QueryStringBehavior = types.OriginRequestPolicyQueryStringBehaviorAll
	}
	return config
}
