package collect

import (
	"time"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// MetricData is the one read of a distribution's metrics that a collection makes, for the 24 hours before now; functions are the names
// of its CloudFront Functions, sorted. Results are found by label: the metric's name, for a function followed by a space and its name.
//
// Those that exist only with additional metrics turned on are asked for all the same: without it they come back empty, and nothing has
// to wait for the monitoring subscription (DG/viewing-cloudfront-metrics).
func MetricData(now time.Time, distributionID string, functions []string) evidence.Read[account.MetricDataOutput] {
	metrics := make([]account.Metric, 0, len(distributionMetrics)+len(functionMetrics)*len(functions))
	dimensions := []account.Dimension{{Name: "DistributionId", Value: distributionID}, {Name: "Region", Value: "Global"}}
	for _, m := range distributionMetrics {
		metrics = append(metrics, account.Metric{Namespace: namespace, Name: m.name, Statistic: m.statistic, Label: m.name, Dimensions: dimensions})
	}
	for _, function := range functions {
		dimensions := append(dimensions[:2:2], account.Dimension{Name: "FunctionName", Value: function})
		for _, m := range functionMetrics {
			metrics = append(metrics, account.Metric{
				Namespace: namespace, Name: m.name, Statistic: m.statistic, Label: m.name + " " + function, Dimensions: dimensions,
			})
		}
	}
	return account.MetricData(account.GlobalRegion, now, metrics)
}

const namespace = "AWS/CloudFront"

// metric is a metric with the one statistic that CloudFront publishes for it.
type metric struct{ name, statistic string }

// distributionMetrics are CloudFront's per distribution (DG/programming-cloudwatch-metrics). The last three are not on that page; the
// CloudFront console's own chart of Lambda@Edge errors reads them.
var distributionMetrics = [...]metric{
	{"Requests", "Sum"}, {"BytesDownloaded", "Sum"}, {"BytesUploaded", "Sum"},
	{"4xxErrorRate", "Average"}, {"5xxErrorRate", "Average"}, {"TotalErrorRate", "Average"},
	{"CacheHitRate", "Average"}, {"OriginLatency", "p90"},
	{"401ErrorRate", "Average"}, {"403ErrorRate", "Average"}, {"404ErrorRate", "Average"},
	{"502ErrorRate", "Average"}, {"503ErrorRate", "Average"}, {"504ErrorRate", "Average"},
	{"LambdaExecutionError", "Sum"}, {"LambdaValidationError", "Sum"}, {"LambdaLimitExceededErrors", "Sum"},
}

// functionMetrics are CloudFront's per CloudFront Function (DG/programming-cloudwatch-metrics).
var functionMetrics = [...]metric{
	{"FunctionInvocations", "Sum"}, {"FunctionValidationErrors", "Sum"}, {"FunctionExecutionErrors", "Sum"},
	{"FunctionThrottles", "Sum"}, {"FunctionComputeUtilization", "Average"},
}
