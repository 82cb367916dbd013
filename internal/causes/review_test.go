package causes

import (
	"slices"
	"testing"

	"cfdoctor/internal/report"
	"cfdoctor/internal/worldtest"
)

// neglected is a site that answers as it should and has been left alone for years.
const neglected = `world s3-oac
set cloudfront:GetDistribution Distribution.DistributionConfig.ViewerCertificate.MinimumProtocolVersion "TLSv1"
set cloudfront:GetDistribution Distribution.DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy "allow-all"
set cloudfront:GetDistribution Distribution.DistributionConfig.DefaultCacheBehavior.Compress false
set cloudfront:GetDistribution Distribution.DistributionConfig.DefaultCacheBehavior.ResponseHeadersPolicyId ""
set cloudfront:GetDistribution Distribution.DistributionConfig.HttpVersion "http1.1"
set cloudfront:GetDistribution Distribution.DistributionConfig.WebACLId ""
set cloudfront:GetDistribution Distribution.DistributionConfig.Logging {"Enabled":false,"IncludeCookies":false,"Bucket":"","Prefix":""}
set cloudwatch:DescribeAlarms MetricAlarms []
ask GET /about.html
`

// TestReviewOfANeglectedSite: a general review judges security, prevention and speed, and says how to mend each; nothing of it is an emergency.
func TestReviewOfANeglectedSite(t *testing.T) {
	tc, err := worldtest.Parse(neglected)
	if err != nil {
		t.Fatal(err)
	}
	d, err := diagnose(tc)
	if err != nil {
		t.Fatal(err)
	}
	for theme, want := range map[string][]string{
		"security":      {"NO_WEB_ACL", "VIEWER_TLS_POLICY_OLD", "VIEWER_HTTP_ALLOWED", "SECURITY_HEADERS_MISSING"},
		"prevention":    {"NO_ALARMS", "LOGGING_DISABLED", "NO_ORIGIN_FAILOVER"},
		"speed or cost": {"PERF_COMPRESSION", "PERF_HTTP_VERSION"},
	} {
		for _, id := range want {
			at := slices.IndexFunc(d.Report.Proactive, func(f report.Finding) bool { return f.Cause == id })
			if at < 0 {
				t.Errorf("%s: the review does not name %s\n%s", theme, id, describe(d))
				continue
			}
			if len(d.Report.Proactive[at].Fixes) == 0 {
				t.Errorf("%s: nothing says how to mend %s", theme, id)
			}
		}
	}
	if status := d.Report.Trace.Outcome.Status; status != 200 || len(d.Report.Findings) > 0 {
		t.Errorf("the site answers %d, with findings\n%s", status, describe(d))
	}
}
