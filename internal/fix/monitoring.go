package fix

import (
	"fmt"

	"cfdoctor/internal/account"
)

// Monitored is what monitoring a distribution depends on.
type Monitored struct {
	DistributionID string
	ARN            string
	ReadTimeout    int      // seconds: the shortest response timeout of the origins; 0 is CloudFront's default of 30
	Functions      []string // names of the CloudFront Functions in use
	Topic          string   // ARN of an SNS topic for alarms, "" where a person has to say
	HasMetrics     bool     // whether the additional metrics are on already: templates leave them out then
	HasLogs        bool     // whether standard logs (v2) are delivered already
}

// Metric is one metric worth watching.
type Metric struct {
	Namespace, Name, Statistic, Unit, Region string
	Dimensions                               []account.Dimension
	Additional                               bool // whether it needs CloudFront's additional metrics
	Why                                      string
}

// LogQuery is a query over CloudFront's standard logs (v2) in a log group, in the language of CloudWatch Logs Insights.
type LogQuery struct{ Purpose, Query string }

func (m Monitored) dimensions(more ...account.Dimension) []account.Dimension {
	return append([]account.Dimension{{Name: "DistributionId", Value: m.DistributionID}, {Name: "Region", Value: "Global"}}, more...)
}

// readTimeout is in milliseconds, as OriginLatency is.
func (m Monitored) readTimeout() float64 {
	if m.ReadTimeout == 0 {
		return 30_000
	}
	return float64(m.ReadTimeout) * 1000
}

// Metrics lists what to watch. Statistic and dimensions are the ones under which CloudFront publishes each
// (DG/programming-cloudwatch-metrics).
func (m Monitored) Metrics() []Metric {
	metric := func(name, statistic, unit string, additional bool, why string) Metric {
		return Metric{Namespace: "AWS/CloudFront", Name: name, Statistic: statistic, Unit: unit, Region: account.GlobalRegion,
			Dimensions: m.dimensions(), Additional: additional, Why: why}
	}
	out := []Metric{
		metric("Requests", "Sum", "None", false, "the traffic, without which rates mean little"),
		metric("4xxErrorRate", "Average", "Percent", false, "viewers who are refused or find nothing"),
		metric("5xxErrorRate", "Average", "Percent", false, "the origin or a function fails"),
		metric("OriginLatency", "p90", "Milliseconds", true, "how near origins come to the response timeout"),
		metric("CacheHitRate", "Average", "Percent", true, "how much the cache takes off the origins"),
	}
	for _, status := range []string{"401", "403", "404", "502", "503", "504"} {
		out = append(out, metric(status+"ErrorRate", "Average", "Percent", true, "which error it is"))
	}
	for _, function := range m.Functions {
		for _, name := range []string{"FunctionExecutionErrors", "FunctionValidationErrors", "FunctionThrottles"} {
			f := metric(name, "Sum", "None", false, "the function "+printable(function)+" fails")
			f.Dimensions = m.dimensions(account.Dimension{Name: "FunctionName", Value: function})
			out = append(out, f)
		}
	}
	return out
}

// Alarms lists the recommended alarms. Thresholds are starting points: error rates above 5 % (4xx) and 1 % (5xx), origins slower than 75 % of
// their response timeout, a cache hit rate below half, any function error (CW/best-practice-recommended-alarms-aws-services for periods and
// statistics).
func (m Monitored) Alarms() []Alarm {
	alarm := func(metric, statistic string, threshold float64, why string) Alarm {
		a := Alarm{
			Name: "cloudfront-" + m.DistributionID + "-" + metric, Description: why, Namespace: "AWS/CloudFront", Metric: metric,
			Statistic: statistic, Dimensions: m.dimensions(), Period: 60, Datapoints: 5, Threshold: threshold,
			Comparison: "GreaterThanThreshold", Missing: "notBreaching", Why: why,
		}
		if m.Topic != "" {
			a.Actions = []string{m.Topic}
		}
		return a
	}
	latency := alarm("OriginLatency", "", 0.75*m.readTimeout(), "Origins answer near the response timeout; beyond it viewers get 504")
	latency.Percentile, latency.Additional = "p90", true
	hits := alarm("CacheHitRate", "Average", 50, "Less than half of the cacheable requests is served from the cache")
	hits.Comparison, hits.Additional, hits.Period, hits.Datapoints = "LessThanThreshold", true, 300, 6
	out := []Alarm{
		alarm("5xxErrorRate", "Average", 1, "More than 1 % of the requests fails at the origin, a function or CloudFront"),
		alarm("4xxErrorRate", "Average", 5, "More than 5 % of the requests is refused or finds nothing"),
		latency, hits,
	}
	for _, function := range m.Functions {
		for _, metric := range []string{"FunctionExecutionErrors", "FunctionValidationErrors", "FunctionThrottles"} {
			f := alarm(metric, "Sum", 0, "The CloudFront Function "+printable(function)+" fails; viewers get 502 or 503")
			f.Name += "-" + function
			f.Dimensions = m.dimensions(account.Dimension{Name: "FunctionName", Value: function})
			if metric == "FunctionValidationErrors" {
				f.Datapoints = 2
			}
			out = append(out, f)
		}
	}
	return out
}

// LogQueries lists queries that explain errors from the logs. Field names are those of standard logging (DG/standard-logs-reference).
func (m Monitored) LogQueries() []LogQuery {
	return []LogQuery{
		{"Errors by status, reason and path", "filter `sc-status` >= 400 | stats count(*) as requests by `sc-status`, `x-edge-detailed-result-type`, `cs-uri-stem` | sort requests desc | limit 50"},
		{"The slowest answers", "fields @timestamp, `cs-uri-stem`, `sc-status`, `time-taken`, `x-edge-result-type` | sort `time-taken` desc | limit 50"},
		{"What misses the cache", "filter `x-edge-result-type` = \"Miss\" | stats count(*) as requests by `cs-uri-stem` | sort requests desc | limit 50"},
		{"Who is refused", "filter `sc-status` = 403 | stats count(*) as requests by `c-ip`, `cs-method`, `x-edge-detailed-result-type` | sort requests desc | limit 50"},
	}
}

// Fix is the monitoring as a fix: additional metrics and alarms.
func (m Monitored) Fix() Fix {
	f := Fix{
		Title: "Watch the distribution with alarms", Complexity: Quick, Minutes: 10, Confidence: High,
		Impact:      "None for viewers",
		Explanation: "CloudWatch says when error rates or the origins' latency rise, before viewers do",
		SideEffects: []string{"Additional metrics and alarms cost a little each month"},
		Changes:     []Change{EnableMonitoringSubscription(m.DistributionID), PutAlarms(m.Alarms()...)},
	}
	if m.Topic == "" {
		f.Manual = []string{"Choose whom the alarms tell: create an Amazon SNS topic in us-east-1, subscribe to it, and add it to each alarm's actions"}
	}
	return f
}

// logGroup is where [EnableLogging] sends logs by default. Vended logs want the prefix /aws/vendedlogs/, by which one resource policy serves all
// groups (CW/AWS-logs-and-resource-policy).
func (m Monitored) logGroup() string { return "/aws/vendedlogs/cloudfront/" + m.DistributionID }

// title is the description of templates.
func (m Monitored) title() string {
	return fmt.Sprintf("Monitoring of CloudFront distribution %s", m.DistributionID)
}
