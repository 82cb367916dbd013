package waf

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

func TestSamplesOfTheSameContent(t *testing.T) {
	request := &Request{Method: "GET", Path: "/admin", Query: "a=1"}
	for _, tc := range []struct {
		rule, uri string
		want      bool
	}{
		{"AWS#AWSManagedRulesAdminProtectionRuleSet#AdminProtection_URIPATH", "/admin", true},
		{"AWS#AWSManagedRulesSQLiRuleSet#SQLi_QUERYARGUMENTS", "/admin?a=1", true},
		{"AWS#AWSManagedRulesSQLiRuleSet#SQLi_QUERYARGUMENTS", "/admin?a=2", false},
		{"AWS#AWSManagedRulesSQLiRuleSet#SQLi_QUERYARGUMENTS", "/admin", false},
		{"AWS#AWSManagedRulesCommonRuleSet#NoUserAgent_HEADER", "/admin", false},
		{"own#anything_URIPATH", "/admin", false}, // what a rule of somebody else's looks at, its name does not tell
	} {
		method, action, client := "GET", "BLOCK", "192.0.2.1"
		got := Samples(nil, []types.SampledHTTPRequest{{
			Request: &types.HTTPRequest{URI: &tc.uri, Method: &method, ClientIP: &client}, Action: &action, RuleNameWithinRuleGroup: &tc.rule,
		}}, request)
		if len(got) != 1 || got[0].SameContent != tc.want {
			t.Errorf("%s of %s: %+v, want %v", tc.rule, tc.uri, got, tc.want)
		}
	}
}
