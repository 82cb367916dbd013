package cloudfront

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

// managedResponseHeaders is one managed response headers policy in short form.
type managedResponseHeaders struct {
	id, name                  string
	cors, preflight, security bool
}

// SecurityHeadersPolicyID is the id of the managed policy with HSTS and its kin.
const SecurityHeadersPolicyID = "67f7725c-6f97-4210-82d7-5512b31e9d03"

// managedResponseHeadersPolicies are the policies of DG/using-managed-response-headers-policies.
func managedResponseHeadersPolicies() []managedResponseHeaders {
	return []managedResponseHeaders{
		{"60669652-455b-4ae9-85a4-c4c02393f86c", "Managed-SimpleCORS", true, false, false},
		{"5cc3b908-e619-4b99-88e5-2cf7f45965bd", "Managed-CORS-With-Preflight", true, true, false},
		{SecurityHeadersPolicyID, "Managed-SecurityHeadersPolicy", false, false, true},
		{"e61eb60c-9c35-4d20-a928-2b84e02af89c", "Managed-CORS-and-SecurityHeadersPolicy", true, false, true},
		{"eaab4381-ed33-4a86-88ca-d9558dc6cd63", "Managed-CORS-with-preflight-and-SecurityHeadersPolicy", true, true, true},
	}
}

// ManagedResponseHeadersPolicy returns the settings of a managed response headers policy. Every call returns a value
// of its own. ok is false for an id that is not in the table.
func ManagedResponseHeadersPolicy(id string) (config types.ResponseHeadersPolicyConfig, ok bool) {
	for _, m := range managedResponseHeadersPolicies() {
		if m.id == id {
			return m.config(), true
		}
	}
	return types.ResponseHeadersPolicyConfig{}, false
}

// ManagedResponseHeadersPolicyID returns the id of a managed response headers policy by its name, with or without
// "Managed-".
func ManagedResponseHeadersPolicyID(name string) (id string, ok bool) {
	for _, m := range managedResponseHeadersPolicies() {
		if sameManagedName(m.name, name) {
			return m.id, true
		}
	}
	return "", false
}

func (m managedResponseHeaders) config() types.ResponseHeadersPolicyConfig {
	config := types.ResponseHeadersPolicyConfig{Name: aws.String(m.name)}
	if m.cors {
		config.CorsConfig = managedCORS(m.preflight)
	}
	if m.security {
		config.SecurityHeadersConfig = managedSecurityHeaders()
	}
	return config
}

// managedCORS is the CORS part. The documentation names the allowed origin, and for preflight the methods and exposed
// headers; the policies leave headers, credentials and age alone and do not override the origin. What it does not
// name stays empty here, though the API requires some value.
func managedCORS(preflight bool) *types.ResponseHeadersPolicyCorsConfig {
	var methods []types.ResponseHeadersPolicyAccessControlAllowMethodsValues
	cors := &types.ResponseHeadersPolicyCorsConfig{
		AccessControlAllowCredentials: aws.Bool(false),
		AccessControlAllowHeaders:     &types.ResponseHeadersPolicyAccessControlAllowHeaders{Quantity: aws.Int32(0)},
		AccessControlAllowOrigins:     &types.ResponseHeadersPolicyAccessControlAllowOrigins{Quantity: aws.Int32(1), Items: []string{"*"}},
		OriginOverride:                aws.Bool(false),
	}
	if preflight {
		methods = []types.ResponseHeadersPolicyAccessControlAllowMethodsValues{
			types.ResponseHeadersPolicyAccessControlAllowMethodsValuesDelete, types.ResponseHeadersPolicyAccessControlAllowMethodsValuesGet,
			types.ResponseHeadersPolicyAccessControlAllowMethodsValuesHead,
			types.ResponseHeadersPolicyAccessControlAllowMethodsValuesOptions, types.ResponseHeadersPolicyAccessControlAllowMethodsValuesPatch,
			types.ResponseHeadersPolicyAccessControlAllowMethodsValuesPost, types.ResponseHeadersPolicyAccessControlAllowMethodsValuesPut,
		}
		cors.AccessControlExposeHeaders = &types.ResponseHeadersPolicyAccessControlExposeHeaders{Quantity: aws.Int32(1), Items: []string{"*"}}
	}
	cors.AccessControlAllowMethods = &types.ResponseHeadersPolicyAccessControlAllowMethods{
		Quantity: aws.Int32(int32(len(methods))), Items: methods,
	}
	return cors
}

// managedSecurityHeaders is the security part: only X-Content-Type-Options overrides the origin.
func managedSecurityHeaders() *types.ResponseHeadersPolicySecurityHeadersConfig {
	return &types.ResponseHeadersPolicySecurityHeadersConfig{
		ContentTypeOptions: &types.ResponseHeadersPolicyContentTypeOptions{Override: aws.Bool(true)},
		FrameOptions: &types.ResponseHeadersPolicyFrameOptions{
			FrameOption: types.FrameOptionsListSameorigin, Override: aws.Bool(false),
		},
		ReferrerPolicy: &types.ResponseHeadersPolicyReferrerPolicy{
			ReferrerPolicy: types.ReferrerPolicyListStrictOriginWhenCrossOrigin, Override: aws.Bool(false),
		},
		StrictTransportSecurity: &types.ResponseHeadersPolicyStrictTransportSecurity{
			AccessControlMaxAgeSec: aws.Int32(year), IncludeSubdomains: aws.Bool(false), Preload: aws.Bool(false), Override: aws.Bool(false),
		},
		XSSProtection: &types.ResponseHeadersPolicyXSSProtection{
			Protection: aws.Bool(true), ModeBlock: aws.Bool(true), Override: aws.Bool(false),
		},
	}
}
