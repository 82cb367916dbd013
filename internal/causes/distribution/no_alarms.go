package distribution

import (
	"slices"

	cloudwatch "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var noAlarms = &cause.Cause{
	ID:        "NO_ALARMS",
	Title:     "No alarm watches the distribution's error rates and latency",
	Stage:     "distribution",
	Severity:  cause.Medium,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `CloudFront reports error rates to CloudWatch in us-east-1 for every distribution, and the origin's latency and the cache hit rate where additional metrics are
turned on. Without an alarm on them nobody is told when they rise: viewers are the monitoring.`,
		Why:     "Alarms for CloudFront have to be made in us-east-1, away from where the rest of a system is watched, and are easily forgotten there.",
		Example: "DescribeAlarms in us-east-1 shows no alarm with the dimension DistributionId of this distribution.",
		References: []string{
			posture.Guide + "monitoring-using-cloudwatch.html",
			posture.Guide + "programming-cloudwatch-metrics.html",
			"https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html",
		},
		Since: "0.1",
	},
	Detect: detectNoAlarms,
	Fixes: func(p *cause.Pass, _ cause.Verdict) []fix.Fix {
		monitored := posture.Monitored(p)
		alarms := slices.DeleteFunc(monitored.Alarms(), func(a fix.Alarm) bool { return a.Metric == "CacheHitRate" && !posture.Caches(p.Model) })
		f := monitored.Fix()
		f.Changes = []fix.Change{fix.PutAlarms(alarms...)}
		// A subscription that is there is not made again: CloudFront answers MonitoringSubscriptionAlreadyExists.
		if on, _ := posture.AdditionalMetrics(p); !on {
			f.Changes = append([]fix.Change{fix.EnableMonitoringSubscription(p.Model.ID())}, f.Changes...)
		}
		return []fix.Fix{f}
	},
}

// errorMetrics are the metrics by which an alarm sees errors (DG/programming-cloudwatch-metrics).
func errorMetrics() []string {
	return []string{"5xxErrorRate", "4xxErrorRate", "TotalErrorRate", "401ErrorRate", "403ErrorRate", "404ErrorRate", "502ErrorRate", "503ErrorRate", "504ErrorRate"}
}

func detectNoAlarms(p *cause.Pass) cause.Verdict {
	fact := account.Alarms(account.GlobalRegion).In(p.World)
	out, ok := fact.Get()
	if !ok && !fact.IsAbsent() {
		return cause.Need("the account's alarms were not read", fact)
	}
	watched := func(metrics ...string) bool {
		return slices.ContainsFunc(out.MetricAlarms, func(a cloudwatch.MetricAlarm) bool { return posture.Watches(a, p.Model.ID(), metrics...) })
	}
	errors, latency := watched(errorMetrics()...), watched("OriginLatency")
	ref := fact.Ref("MetricAlarms").With("", "none is on an error rate of this distribution")
	switch {
	case errors && latency:
		return cause.RuleOut("alarms watch the error rates and the origin's latency", fact.Ref("MetricAlarms"))
	case errors:
		ref.Note = "none is on the origin latency of this distribution"
		return cause.Confirm(p.DistributionName(),
			"Alarms watch the error rates, and none watches the origin's latency. An origin that gets slower and slower is noticed only when it is too late.",
			additionalRefs(p, ref)...).WithBecause("the alarms of us-east-1 were read").AtSeverity(cause.Low)
	}
	return cause.Confirm(p.DistributionName(),
		"No alarm watches the distribution's error rates. When it starts to fail, viewers will notice first.", additionalRefs(p, ref)...).
		WithBecause("the alarms of us-east-1, where CloudFront's metrics are, were read")
}

// additionalRefs adds that the metric of the origin's latency does not even exist, where that is known.
func additionalRefs(p *cause.Pass, refs ...evidence.Ref) []evidence.Ref {
	if on, known := posture.AdditionalMetrics(p); known && !on {
		refs = append(refs, account.MonitoringSubscription(p.Model.ID()).In(p.World).
			Ref("MonitoringSubscription.RealtimeMetricsSubscriptionConfig.RealtimeMetricsSubscriptionStatus").With("", "additional metrics are off").Want("Enabled"))
	}
	return refs
}
