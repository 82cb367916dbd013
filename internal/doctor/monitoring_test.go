package doctor

import (
	"slices"
	"strings"
	"testing"

	"cfdoctor/internal/report"
	"cfdoctor/internal/worldtest"
)

func alarmNames(m report.Monitoring) []string {
	var out []string
	for _, a := range m.Alarms {
		name, _, _ := strings.Cut(a.Metric, " ")
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func TestAlarmsThatAreMissing(t *testing.T) {
	const other = `set cloudwatch:DescribeAlarms MetricAlarms [{"AlarmName":"a","MetricName":"5xxErrorRate","Namespace":"AWS/CloudFront","Dimensions":[{"Name":"DistributionId","Value":"EOTHER"},{"Name":"Region","Value":"Global"}]}]`
	const math = `set cloudwatch:DescribeAlarms MetricAlarms [{"AlarmName":"a","Metrics":[{"Id":"m","MetricStat":{"Period":60,"Stat":"Average","Metric":{"MetricName":"5xxErrorRate","Namespace":"AWS/CloudFront",` +
		`"Dimensions":[{"Name":"DistributionId","Value":"E1HEALTHYS3OAC"},{"Name":"Region","Value":"Global"}]}}}]}]`
	for name, tc := range map[string]struct {
		text string
		want []string
	}{
		"three are there":      {"", []string{"CacheHitRate"}},
		"one of another":       {other, []string{"4xxErrorRate", "5xxErrorRate", "CacheHitRate", "OriginLatency"}},
		"one in an expression": {math, []string{"4xxErrorRate", "CacheHitRate", "OriginLatency"}},
		"none could be read":   {"deny cloudwatch:DescribeAlarms", []string{"4xxErrorRate", "5xxErrorRate", "CacheHitRate", "OriginLatency"}},
		"with a function": {viewerFunction, []string{
			"CacheHitRate", "FunctionExecutionErrors", "FunctionThrottles", "FunctionValidationErrors"}},
		"nothing is cached": {`set cloudfront:GetDistribution Distribution.DistributionConfig.DefaultCacheBehavior.CachePolicyId "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			m := diagnosed(t, "world s3-oac\n"+tc.text+"\n").Report.Monitoring
			if got := alarmNames(m); !slices.Equal(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
			for _, a := range m.Alarms {
				if a.Why == "" || a.Threshold == "" || !strings.Contains(a.Command.AWSCLI, "us-east-1") || !a.Command.Mutates {
					t.Errorf("%+v", a)
				}
				if strings.Contains(tc.text, "deny") != strings.Contains(a.Why, "could not be read") {
					t.Errorf("%s: %s", a.Name, a.Why)
				}
			}
		})
	}
}

func TestThresholds(t *testing.T) {
	text := strings.Replace(custom("origin.example.net", "https-only", ""), `"OriginReadTimeout":30`, `"OriginReadTimeout":60`, 1) + "set cloudwatch:DescribeAlarms MetricAlarms []\n"
	want := map[string]string{
		"4xxErrorRate": "above 5% for", "5xxErrorRate": "above 1% for", "OriginLatency": "above 45000 ms for", "CacheHitRate": "below 74% for",
	}
	for _, a := range diagnosed(t, text).Report.Monitoring.Alarms {
		name, _, _ := strings.Cut(a.Metric, " ")
		if !strings.HasPrefix(a.Threshold, want[name]) {
			t.Errorf("%s: %s, want %s", name, a.Threshold, want[name])
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("no alarms on %v", want)
	}
}

// TestMetricsCanBeRead: CloudFront's metrics give nothing in another Region, or with a dimension too few (DG/programming-cloudwatch-metrics).
func TestMetricsCanBeRead(t *testing.T) {
	for _, world := range worldtest.Worlds() {
		for _, m := range diagnosed(t, "world "+world+"\n").Report.Monitoring.Metrics {
			if m.Why == "" || m.Statistic == "" || m.Region == "" {
				t.Errorf("%s: %+v", world, m)
			}
			if m.Namespace == "AWS/CloudFront" && (m.Region != "us-east-1" || m.Dimensions["Region"] != "Global" || m.Dimensions["DistributionId"] == "") {
				t.Errorf("%s: %+v", world, m)
			}
		}
	}
	balanced := diagnosed(t, custom(balancer, "https-only", "")+balancers+targets+plainListener).Report.Monitoring.Metrics
	i := slices.IndexFunc(balanced, func(m report.Metric) bool { return m.Name == "UnHealthyHostCount" })
	if i < 0 || balanced[i].Region != "eu-west-1" || balanced[i].Dimensions["LoadBalancer"] != "app/web/0123456789abcdef" || balanced[i].Dimensions["TargetGroup"] != "targetgroup/web/0123456789abcdef" {
		t.Errorf("the load balancer's targets are not watched: %+v", balanced)
	}
	off := `set cloudfront:GetMonitoringSubscription MonitoringSubscription.RealtimeMetricsSubscriptionConfig.RealtimeMetricsSubscriptionStatus "Disabled"`
	for _, m := range diagnosed(t, "world s3-oac\n"+off+"\n").Report.Monitoring.Metrics {
		if needs := m.Name == "OriginLatency" || m.Name == "CacheHitRate" || m.Name[0] >= '4' && m.Name[0] <= '5' && !strings.Contains(m.Name, "xx"); needs != strings.Contains(m.Why, "additional metrics") {
			t.Errorf("%s: %s", m.Name, m.Why)
		}
	}
}

// rates is a metric's answer for the six hours before the diagnosis, newest first.
func rates(label, values string) string {
	return `{"Id":"a` + label + `","Label":"` + label + `","StatusCode":"Complete","Timestamps":["2026-11-20T09:00:00Z","2026-11-20T08:00:00Z","2026-11-20T07:00:00Z","2026-11-20T06:00:00Z","2026-11-20T05:00:00Z","2026-11-20T04:00:00Z"],"Values":[` + values + `]}`
}

func TestTrends(t *testing.T) {
	const requests = "5000,4000,3000,2000,1000,1000"
	for name, tc := range map[string]struct {
		results []string
		more    string
		want    []string
		not     string
	}{
		"a step": {[]string{rates("Requests", requests), rates("4xxErrorRate", "12.4,11.8,13,0.4,0.3,0.5")}, "", []string{
			"Requests: 5,000 in the hour from 09:00 UTC, 16,000 in the 24 hours before the diagnosis.",
			"4xx error rate: 12% in the hour from 09:00 UTC, 0.4% on average before: something changed about 07:00 UTC."}, "distribution was last changed"},
		"a step after a change": {[]string{rates("Requests", requests), rates("5xxErrorRate", "12.4,11.8,13,0.4,0.3,0.5")},
			`set cloudfront:GetDistribution Distribution.LastModifiedTime "2026-11-20T06:52:00Z"`,
			[]string{"5xx error rate: 12% in the hour from 09:00 UTC, 0.4% on average before: something changed about 07:00 UTC (the distribution was last changed at 06:52 UTC)."}, ""},
		"high without a step": {[]string{rates("Requests", requests), rates("4xxErrorRate", "8,3,9,4,8,4")}, "",
			[]string{"4xx error rate: 8% in the hour from 09:00 UTC, 6% on average of 6 hours; no clear moment at which it changed."}, "something changed"},
		"calm":       {[]string{rates("Requests", requests), rates("4xxErrorRate", "0.4,0.4,0.3,0.4,0.3,0.5")}, "", []string{"4xx error rate: 0.4% in the hour from 09:00 UTC; nothing unusual."}, "changed"},
		"no traffic": {[]string{rates("Requests", "")}, "", []string{"Requests: none were counted in the 24 hours before the diagnosis, so that rates and latencies say nothing."}, "error rate"},
		"functions that fail": {[]string{rates("Requests", requests), rates("FunctionExecutionErrors rewrite", "3,0,0,0,0,0")}, viewerFunction,
			[]string{"Function rewrite failed while running (503) 3 times in the 24 hours before the diagnosis."}, ""},
		"a cache that fell": {[]string{rates("Requests", requests), rates("CacheHitRate", "40,41,92,93,94,93")}, "",
			[]string{"Cache hit rate: 40% of the cacheable requests in the hour from 09:00 UTC, 93% on average before: it fell about 08:00 UTC."}, ""},
		"denied": {nil, "deny cloudwatch:GetMetricData", []string{"CloudFront's metrics could not be read: cloudwatch:GetMetricData of metrics in us-east-1: access denied (AccessDenied)."}, "nothing unusual"},
		"firing": {[]string{rates("Requests", requests)}, `set cloudwatch:DescribeAlarms MetricAlarms[0].StateValue "ALARM"`, []string{"Alarm fernhill-4xxErrorRate is firing."}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			text := "world s3-oac\n"
			if tc.results != nil {
				text += "set cloudwatch:GetMetricData MetricDataResults [" + strings.Join(tc.results, ",") + "]\n"
			}
			trends := diagnosed(t, text+tc.more+"\n").Report.Monitoring.Trends
			for _, want := range tc.want {
				if !slices.Contains(trends, want) {
					t.Errorf("want %q in\n%s", want, strings.Join(trends, "\n"))
				}
			}
			if tc.not != "" && strings.Contains(strings.Join(trends, "\n"), tc.not) {
				t.Errorf("%q is said in\n%s", tc.not, strings.Join(trends, "\n"))
			}
		})
	}
}

func TestLogAdvice(t *testing.T) {
	for name, tc := range map[string]struct{ text, state, query string }{
		"legacy":      {"", "enabled", "LOCATION 's3://fernhill-logs/www/'"},
		"log group":   {noLegacy + groupLogs, "enabled", "`sc-status`"},
		"plain group": {noLegacy + strings.Replace(groupLogs, `"outputFormat":"json"`, `"outputFormat":"plain"`, 1), "enabled", "@message"},
		"off":         {noLegacy, "off: single failing requests leave no trace", ""},
		"not known":   {noLegacy + "deny logs:DescribeDeliveries\n", "not known: logs:DescribeDeliveries of log deliveries: access denied (AccessDenied)", ""},
		"odd prefix":  {`set cloudfront:GetDistribution Distribution.DistributionConfig.Logging.Prefix "it's'; DROP/"` + "\n", "enabled", "LOCATION 's3://BUCKET/PREFIX/'"},
		"no folder":   {`set cloudfront:GetDistribution Distribution.DistributionConfig.Logging.Prefix "www"` + "\n", "enabled", "LOCATION 's3://fernhill-logs/'"},
	} {
		t.Run(name, func(t *testing.T) {
			l := diagnosed(t, "world s3-oac\n"+tc.text).Report.Monitoring.Logs[0]
			if l.State != tc.state || !strings.Contains(l.Query, tc.query) || (tc.query == "") != (l.Query == "") {
				t.Errorf("got %+v", l)
			}
		})
	}
}

// TestLegacyTableHasEveryField: the 33 fields of the file, in its order (DG/standard-logs-reference).
func TestLegacyTableHasEveryField(t *testing.T) {
	const fields = "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) " +
		"x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher " +
		"x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type " +
		"sc-content-type sc-content-len sc-range-start sc-range-end"
	names := strings.Fields(strings.NewReplacer("cs(Host)", "cs_host", "cs(Referer)", "cs_referrer", "cs(User-Agent)", "cs_user_agent", "cs(Cookie)", "cs_cookie", "-", "_").Replace(fields))
	var columns []string
	for _, column := range legacyColumns {
		name, _, _ := strings.Cut(column, " ")
		columns = append(columns, strings.Trim(name, "`"))
	}
	if !slices.Equal(columns, names) {
		t.Errorf("got %v", columns)
	}
	for _, word := range []string{"sc_status", "x_edge_result_type", "x_edge_detailed_result_type", "x_host_header", "cs_uri_stem", "time_taken"} {
		if !slices.Contains(columns, word) || !strings.Contains(athenaErrors, word) {
			t.Errorf("the query and the table do not share %s", word)
		}
	}
}
