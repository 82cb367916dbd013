package cloudfront

// Metric is a CloudWatch metric and how it has to be read: another statistic, or a dimension too few, gives no data.
type Metric struct {
	Namespace string
	Name      string
	Statistic string // Sum, Average, or a percentile such as p90, which is an extended statistic
	Unit      string // as CloudWatch spells it
	// Dimensions are the names that all have to be given.
	Dimensions []string
	// Region is where the metric lives; empty means the Region of the resource.
	Region string
	// Additional is true for metrics that exist only with a monitoring subscription (DG/viewing-cloudfront-metrics).
	Additional bool
	// ZeroWhenMissing is true for counts: no data point means that nothing happened. For rates and times it means that
	// nothing is known.
	ZeroWhenMissing bool
}

// Namespaces of the metrics below.
const (
	NamespaceCloudFront = "AWS/CloudFront"
	NamespaceALB        = "AWS/ApplicationELB"
)

// MetricsRegion is the only Region that has CloudFront's metrics (DG/programming-cloudwatch-metrics).
const MetricsRegion = "us-east-1"

// GlobalRegion is the value of the Region dimension that every metric of CloudFront wants.
const GlobalRegion = "Global"

// DistributionMetrics are the metrics of a distribution. All error metrics are rates: weigh them with Requests. None is
// by path, cache behavior or edge location; that needs logs.
func DistributionMetrics() []Metric {
	count := func(name, unit string) Metric { return distributionMetric(name, "Sum", unit, false) }
	rate := func(name string, additional bool) Metric {
		return distributionMetric(name, "Average", "Percent", additional)
	}
	return []Metric{
		count("Requests", "None"), count("BytesDownloaded", "None"), count("BytesUploaded", "None"),
		rate("4xxErrorRate", false), rate("5xxErrorRate", false), rate("TotalErrorRate", false),
		rate("CacheHitRate", true), distributionMetric("OriginLatency", "p90", "Milliseconds", true),
		rate("401ErrorRate", true), rate("403ErrorRate", true), rate("404ErrorRate", true),
		rate("502ErrorRate", true), rate("503ErrorRate", true), rate("504ErrorRate", true),
	}
}

func distributionMetric(name, statistic, unit string, additional bool) Metric {
	return Metric{
		Namespace: NamespaceCloudFront, Name: name, Statistic: statistic, Unit: unit, Dimensions: []string{"DistributionId", "Region"},
		Region: MetricsRegion, Additional: additional, ZeroWhenMissing: statistic == "Sum",
	}
}

// FunctionMetrics are the metrics of a CloudFront Function on a distribution; throttles count per function name
// (DG/monitoring-functions).
func FunctionMetrics() []Metric {
	metrics := []Metric{distributionMetric("FunctionComputeUtilization", "Average", "Percent", false)}
	for _, name := range [...]string{
		"FunctionInvocations", "FunctionValidationErrors", "FunctionExecutionErrors", "FunctionThrottles", "KvsReadRequests", "KvsReadErrors",
	} {
		metrics = append(metrics, distributionMetric(name, "Sum", "None", false))
	}
	for i := range metrics {
		metrics[i].Dimensions = []string{"DistributionId", "FunctionName", "Region"}
	}
	return metrics
}

// BalancerMetrics are the metrics of an Application Load Balancer that tell who made an error and how slow its targets
// are (ELB/load-balancer-cloudwatch-metrics). They live in the balancer's Region; without traffic there is no data at
// all.
func BalancerMetrics() []Metric {
	names := [...]string{
		"HTTPCode_ELB_3XX_Count", "HTTPCode_ELB_4XX_Count", "HTTPCode_ELB_5XX_Count", "HTTPCode_ELB_500_Count", "HTTPCode_ELB_502_Count",
		"HTTPCode_ELB_503_Count", "HTTPCode_ELB_504_Count", "HTTPCode_Target_2XX_Count", "HTTPCode_Target_3XX_Count",
		"HTTPCode_Target_4XX_Count", "HTTPCode_Target_5XX_Count", "TargetConnectionErrorCount", "TargetTLSNegotiationErrorCount",
		"ClientTLSNegotiationErrorCount", "RejectedConnectionCount", "RequestCount",
	}
	metrics := make([]Metric, 0, len(names)+3)
	for _, name := range names {
		metrics = append(metrics, balancerMetric(name, "Sum", "Count", "LoadBalancer"))
	}
	return append(metrics,
		balancerMetric("TargetResponseTime", "p90", "Seconds", "LoadBalancer"),
		balancerMetric("HealthyHostCount", "Minimum", "Count", "LoadBalancer", "TargetGroup"),
		balancerMetric("UnHealthyHostCount", "Maximum", "Count", "LoadBalancer", "TargetGroup"))
}

func balancerMetric(name, statistic, unit string, dimensions ...string) Metric {
	return Metric{
		Namespace: NamespaceALB, Name: name, Statistic: statistic, Unit: unit, Dimensions: dimensions,
		ZeroWhenMissing: statistic == "Sum",
	}
}

// Alarm is an alarm that AWS recommends for CloudFront
// (CloudWatch User Guide, best practice recommended alarms).
type Alarm struct {
	Metric    string
	Statistic string
	Period    int32 // seconds
	// Datapoints of Evaluate periods have to breach.
	Datapoints, Evaluate int32
	// AnyAbove is true where the threshold is zero; otherwise it follows from the distribution's own baseline.
	AnyAbove bool
}

// RecommendedAlarms are AWS's recommended alarms for CloudFront.
func RecommendedAlarms() []Alarm {
	return []Alarm{
		{"5xxErrorRate", "Average", 60, 5, 5, false},
		{"OriginLatency", "p90", 60, 5, 5, false}, // at about 80 % of the origin's response timeout
		{"FunctionValidationErrors", "Sum", 60, 2, 2, true},
		{"FunctionExecutionErrors", "Sum", 60, 5, 5, true},
		{"FunctionThrottles", "Sum", 60, 5, 5, true},
	}
}
