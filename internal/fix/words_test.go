package fix

import (
	"strings"
	"testing"

	"cfdoctor/internal/cloudfront"
)

// What a check expects is what its edit brings about: an id by where that comes from, and an item of a list as one.
func TestChecksExpectWhatTheEditBrings(t *testing.T) {
	oac, acl := CreateOAC("site", "s3", "always"), CreateWebACL("site", "123456789012", "aws")
	certificate := Output{Variable: "certificate_arn", Placeholder: "ARN", From: "the CertificateArn in the answer of request-certificate"}
	group := ScopeDownGroup("common", Not(PathStartsWith("/upload")))
	inserted := AddRuleBefore("admin", AllowRule("letIn", PathStartsWith("/x")))
	for name, c := range map[string]struct {
		change Change
		want   string
	}{
		"origin access control": {EditDistribution(distributionID, SetOriginAccessControl("s3-site", oac.ID())), "OriginAccessControl.Id"},
		"web ACL":               {EditDistribution(distributionID, SetWebACL(acl.ARN())), "create-web-acl"},
		"certificate":           {EditDistribution(distributionID, SetViewerCertificate(certificate, "TLSv1.2_2021")), "request-certificate"},
		"narrowed":              {EditWebACL(aclARN, group), "beside what was there"},
		"inserted":              {EditWebACL(aclARN, inserted), "smaller Priority"},
	} {
		var expected []string
		for _, check := range c.change.Checks(Context{}) {
			expected = append(expected, check.Expect)
		}
		if got := strings.Join(expected, "\n"); !strings.Contains(got, c.want) {
			t.Errorf("%s: nothing of %q expects %q", name, expected, c.want)
		}
	}
}

// The Console lists policies, price classes and functions by names, which are not those of the API.
func TestConsoleSpeaksTheConsolesNames(t *testing.T) {
	for want, edits := range map[string]Edits{
		"the managed policy “AllViewerExceptHostHeader”":     SetOriginRequestPolicy("", cloudfront.AllViewerExceptHostHeaderID),
		"the managed policy “CachingDisabled”":               SetCachePolicy("/api/*", cloudfront.CachingDisabledID),
		"the managed policy “SecurityHeadersPolicy”":         SetResponseHeadersPolicy("", cloudfront.SecurityHeadersPolicyID),
		"the policy with the id “11111111-2222”":             SetCachePolicy("", "11111111-2222"),
		"choose no policy (clear the choice)":                SetOriginRequestPolicy("", ""),
		"Use all edge locations (best performance)":          SetPriceClass("PriceClass_All"),
		"select HTTP/2 and HTTP/3":                           SetHTTPVersion("http2and3"),
		"clear Origin path":                                  SetOriginPath("s3-site", ""),
		"set Origin path to “/v1”":                           SetOriginPath("s3-site", "/v1"),
		"Customize error response to No":                     SetCustomErrorResponse(503, "", 0, 10),
		"Viewer request, choose CloudFront Functions and":    AddFunctionAssociation("", "viewer-request", "arn:aws:cloudfront::123456789012:function/index"),
		"the function “index”":                               AddFunctionAssociation("", "viewer-request", "arn:aws:cloudfront::123456789012:function/index"),
		"select the web ACL “site”":                          SetWebACL(aclARN),
		"under Failover criteria select 500 502, and choose": AddOriginGroup("pair", "a", "b", 500, 502),
	} {
		steps := strings.Join(EditDistribution(distributionID, edits).Console(), "\n")
		if !strings.Contains(steps, want) {
			t.Errorf("no step says %q:\n%s", want, steps)
		}
	}
}

// A tenant's countries are a plain list, and its other customizations stay.
func TestTenantCountries(t *testing.T) {
	needJQ(t)
	const before = `{"Enabled":true,"Customizations":{"WebAcl":{"Action":"disable"},"GeoRestrictions":{"RestrictionType":"whitelist","Locations":["US","GB"]}}}`
	for want, edits := range map[string]Edits{
		`{"RestrictionType":"whitelist","Locations":["US","GB","BR"]}`: AddTenantCountry("BR"),
		`{"RestrictionType":"whitelist","Locations":["GB"]}`:           RemoveTenantCountry("US"),
		`{"RestrictionType":"none"}`:                                   LiftTenantRestriction(),
	} {
		sameInBoth(t, tree(t, before), edits)
		after, err := applyAll(tree(t, before), edits)
		if err != nil {
			t.Fatal(err)
		}
		whole := tree(t, `{"Enabled":true,"Customizations":{"WebAcl":{"Action":"disable"},"GeoRestrictions":`+want+`}}`)
		if !sameTree(after, whole) {
			t.Errorf("%s, want %s", text(after), text(whole))
		}
		if back, err := applyAll(after, inverse(tree(t, before), edits)); err != nil || !sameTree(back, tree(t, before)) {
			t.Errorf("going back gives %s (%v)", text(back), err)
		}
	}
}
