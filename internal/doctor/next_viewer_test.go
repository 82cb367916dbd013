package doctor

import (
	"strings"
	"testing"

	"cfdoctor/internal/causes"
)

func TestWhoAsks(t *testing.T) {
	rule := func(statement string) string {
		return "world waf\nheader User-Agent: Mozilla/5.0\nset wafv2:GetWebACL WebACL.Rules [{\"Name\":\"r\",\"Priority\":0,\"Statement\":" + statement +
			`,"Action":{"Block":{}},"VisibilityConfig":{"SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":true,"MetricName":"r"}}]` + "\nask GET / 403\n"
	}
	countries := rule(`{"GeoMatchStatement":{"CountryCodes":["KP"]}}`)
	addresses := rule(`{"IPSetReferenceStatement":{"ARN":"arn:aws:wafv2:us-east-1:210987654321:global/ipset/bad/1"}}`) +
		`add wafv2:GetIPSet {"Id":"1"} {"IPSet":{"Name":"bad","Id":"1","ARN":"arn:aws:wafv2:us-east-1:210987654321:global/ipset/bad/1","IPAddressVersion":"IPV4","Addresses":["192.0.2.0/24"]}}` + "\n"
	restricted := "world s3-oac\n" + `set cloudfront:GetDistribution Distribution.DistributionConfig.Restrictions.GeoRestriction {"RestrictionType":"whitelist","Quantity":1,"Items":["US"]}` +
		"\nask GET /about.html 403\n"
	for name, c := range map[string]struct{ text, want, not string }{
		"a rule about countries":        {countries, "--viewer-country VIEWER_COUNTRY", "--viewer-ip"},
		"the country was given":         {countries + "viewer country KP\n", "", "--viewer"},
		"a rule about addresses":        {addresses, "--viewer-ip VIEWER_ADDRESS", "--viewer-country"},
		"the address was given":         {addresses + "viewer ip 192.0.2.7\n", "", "--viewer"},
		"a geographic restriction":      {restricted, "--viewer-country VIEWER_COUNTRY", "--viewer-ip"},
		"refused by what was said":      {restricted + "viewer country BR\n", "", "--viewer"},
		"nothing asks about the viewer": {"world s3-oac\nask GET /about.html 403\n", "", "--viewer"},
	} {
		t.Run(name, func(t *testing.T) {
			step, at := scenario(diagnosed(t, c.text, causes.All()...).Report, "Whether the viewer is let in")
			got := commandText(step)
			if (at >= 0) != (c.want != "") || !strings.Contains(got, c.want) || strings.Contains(got, c.not) {
				t.Errorf("step %d:\n%s", at, got)
			}
			for _, command := range step.Commands {
				checkCommand(t, command)
			}
		})
	}
}
