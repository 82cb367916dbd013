package doctor

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/report"
	"cfdoctor/internal/tri"
)

// monitoring is what to watch: metrics, the alarms that are missing, the logs, and what the metrics say now.
func monitoring(m *edge.Model) report.Monitoring {
	t := telemetryOf(m)
	w := watch{m: m, t: t, alarms: account.Alarms(account.GlobalRegion).In(m.World)}
	w.distribution()
	w.balancers()
	return report.Monitoring{Metrics: list(w.metrics), Alarms: list(w.ready), Logs: logAdvice(m), Trends: list(t.trends())}
}

// watch gathers metrics and alarms.
type watch struct {
	m       *edge.Model
	t       telemetry
	alarms  evidence.Fact[account.AlarmsOutput]
	metrics []report.Metric
	ready   []report.Alarm
}

// watched is the distribution as package fix monitors it.
func (w *watch) watched() fix.Monitored {
	return fix.Monitored{
		DistributionID: w.m.ID(), ARN: w.m.ARN(), ReadTimeout: w.m.ShortestReadTimeout(), Functions: w.t.functions, Topic: posture.Topic(w.m.World),
	}
}

func (w *watch) distribution() {
	monitored := w.watched()
	for _, metric := range monitored.Metrics() {
		if metric.Name == "CacheHitRate" && !w.caches() {
			continue
		}
		w.metric(metric)
	}
	if w.lambdaEdge() {
		for _, name := range [...]string{"LambdaExecutionError", "LambdaValidationError", "LambdaLimitExceededErrors"} {
			w.metric(fix.Metric{
				Namespace: cloudfront.NamespaceCloudFront, Name: name, Statistic: "Sum", Region: account.GlobalRegion,
				Dimensions: []account.Dimension{{Name: "DistributionId", Value: w.m.ID()}, {Name: "Region", Value: cloudfront.GlobalRegion}},
				Why:        "Lambda@Edge functions that fail; their own metrics and logs are in the Region nearest the viewer",
			})
		}
	}
	for _, alarm := range monitored.Alarms() {
		if alarm.Metric == "CacheHitRate" {
			if !w.caches() {
				continue
			}
			alarm = w.usualHitRate(alarm)
		}
		w.alarm(alarm)
	}
}

// usualHitRate sets the alarm to four fifths of what the distribution reaches as a rule, where the metrics tell.
func (w *watch) usualHitRate(alarm fix.Alarm) fix.Alarm {
	if mean, ok := w.t.series("CacheHitRate").Mean(); ok && mean > 1 {
		alarm.Threshold = math.Floor(mean * 0.8)
		alarm.Why = fmt.Sprintf("The cache takes less off the origins than usual (%s on average of the last day)", percent(mean))
		alarm.Description = alarm.Why
	}
	return alarm
}

// caches reports whether some behavior may keep responses.
func (w *watch) caches() bool {
	return slices.ContainsFunc(w.m.Behaviors, func(b *edge.Behavior) bool { return b.Forwarding().CachingDisabled() != tri.True })
}

func (w *watch) lambdaEdge() bool {
	return slices.ContainsFunc(w.m.Behaviors, func(b *edge.Behavior) bool {
		return b.Config.LambdaFunctionAssociations != nil && len(b.Config.LambdaFunctionAssociations.Items) > 0
	})
}

// balancers watches the load balancers behind the origins, in their own Regions.
func (w *watch) balancers() {
	seen := map[string]bool{}
	for _, o := range w.m.Origins {
		f := w.m.BalancerFor(o)
		if f == nil {
			continue
		}
		b, ok := f.Balancer.Get()
		_, name, isALB := strings.Cut(text(b.LoadBalancerArn), ":loadbalancer/")
		if !ok || !isALB || !strings.HasPrefix(name, "app/") || seen[name] {
			continue
		}
		seen[name] = true
		balancer := account.Dimension{Name: "LoadBalancer", Value: name}
		for _, metric := range cloudfront.BalancerMetrics() {
			if why, ok := watchedBalancer[metric.Name]; ok && len(metric.Dimensions) == 1 {
				w.balancerMetric(f, metric, why, balancer)
			}
		}
		w.targets(f, balancer)
	}
}

var watchedBalancer = map[string]string{
	"HTTPCode_ELB_5XX_Count":         "5xx made by the load balancer itself: no healthy target, time-outs, bad answers",
	"HTTPCode_Target_5XX_Count":      "5xx made by the application",
	"TargetResponseTime":             "the application's part in the origin latency",
	"TargetConnectionErrorCount":     "targets that refuse connections",
	"ClientTLSNegotiationErrorCount": "TLS between CloudFront and the load balancer that fails: a 502 for the viewer",
}

func (w *watch) targets(f *edge.BalancerFacts, balancer account.Dimension) {
	groups, _ := f.Targets.Get()
	for _, g := range groups.TargetGroups {
		_, name, ok := strings.Cut(text(g.TargetGroupArn), ":targetgroup/")
		if !ok {
			continue
		}
		for _, metric := range cloudfront.BalancerMetrics() {
			if metric.Name == "UnHealthyHostCount" || metric.Name == "HealthyHostCount" {
				w.balancerMetric(f, metric, "targets and their health check; without a healthy one the load balancer answers 503", balancer,
					account.Dimension{Name: "TargetGroup", Value: "targetgroup/" + name})
			}
		}
	}
}

func (w *watch) balancerMetric(f *edge.BalancerFacts, metric cloudfront.Metric, why string, dimensions ...account.Dimension) {
	w.metric(fix.Metric{Namespace: metric.Namespace, Name: metric.Name, Statistic: metric.Statistic, Region: f.Region, Dimensions: dimensions, Why: why})
}

func (w *watch) metric(metric fix.Metric) {
	dimensions := map[string]string{}
	for _, d := range metric.Dimensions {
		dimensions[d.Name] = d.Value
	}
	w.metrics = append(w.metrics, report.Metric{
		Namespace: metric.Namespace, Name: metric.Name, Dimensions: dimensions, Statistic: metric.Statistic, Region: metric.Region,
		Why: metric.Why + w.off(metric.Additional),
	})
}

// off says that a metric does not exist yet.
func (w *watch) off(additional bool) string {
	if additional && w.t.additionalKnown && !w.t.additional {
		return " (needs additional metrics, which are off for this distribution)"
	}
	return ""
}

// alarm offers an alarm that the account does not have.
func (w *watch) alarm(a fix.Alarm) {
	if w.has(a) {
		return
	}
	all := commands(fix.PutAlarms(a).Commands(fix.Context{World: w.m.World}))
	if len(all) != 1 || all[0].AWSCLI == "" {
		return // a name in it cannot stand in a command
	}
	if len(a.Actions) == 0 {
		all[0].Purpose += "; add --alarm-actions with an SNS topic to be told"
	}
	statistic, sign := a.Statistic, "above"
	if a.Percentile != "" {
		statistic = a.Percentile
	}
	if a.Comparison == "LessThanThreshold" {
		sign = "below"
	}
	why := a.Why + w.off(a.Additional)
	if w.alarms.Missing() {
		why += " (whether the account has such an alarm already could not be read)"
	}
	w.ready = append(w.ready, report.Alarm{
		Name: a.Name, Metric: a.Metric + " " + statistic, Why: why, Command: all[0],
		Threshold: fmt.Sprintf("%s %s%s for %d periods of %d s", sign, strconv.FormatFloat(a.Threshold, 'f', -1, 64), unitOf(a.Metric), a.Datapoints, a.Period),
	})
}

func unitOf(metric string) string {
	switch {
	case metric == "OriginLatency":
		return " ms"
	case strings.HasSuffix(metric, "Rate"):
		return "%"
	}
	return ""
}

// has reports whether the account has an alarm on this metric of this distribution, by itself or in an expression.
func (w *watch) has(alarm fix.Alarm) bool {
	out, _ := w.alarms.Get()
	return slices.ContainsFunc(out.MetricAlarms, func(a cwtypes.MetricAlarm) bool {
		if text(a.Namespace) == alarm.Namespace && text(a.MetricName) == alarm.Metric {
			return covers(a.Dimensions, alarm.Dimensions)
		}
		return slices.ContainsFunc(a.Metrics, func(q cwtypes.MetricDataQuery) bool {
			return q.MetricStat != nil && q.MetricStat.Metric != nil && text(q.MetricStat.Metric.Namespace) == alarm.Namespace &&
				text(q.MetricStat.Metric.MetricName) == alarm.Metric && covers(q.MetricStat.Metric.Dimensions, alarm.Dimensions)
		})
	})
}

func covers(have []cwtypes.Dimension, want []account.Dimension) bool {
	for _, d := range want {
		if !slices.ContainsFunc(have, func(h cwtypes.Dimension) bool { return text(h.Name) == d.Name && text(h.Value) == d.Value }) {
			return false
		}
	}
	return true
}

// alarmsOf lists the account's alarms on the distribution.
func alarmsOf(m *edge.Model) []cwtypes.MetricAlarm {
	out, _ := account.Alarms(account.GlobalRegion).In(m.World).Get()
	var mine []cwtypes.MetricAlarm
	for _, a := range out.MetricAlarms {
		if text(a.Namespace) == cloudfront.NamespaceCloudFront && covers(a.Dimensions, []account.Dimension{{Name: "DistributionId", Value: m.ID()}}) {
			mine = append(mine, a)
		}
	}
	return mine
}

// logAdvice lists the logs there are, and how to get one where there is none.
func logAdvice(m *edge.Model) []report.LogAdvice {
	l := loggingOf(m)
	var out []report.LogAdvice
	for _, a := range l.logs {
		advice := report.LogAdvice{Log: a.title(), State: "enabled", Query: a.query(m)}
		if command := a.read(m); len(command) > 0 {
			advice.Command = command[0]
		}
		out = append(out, advice)
	}
	if len(l.logs) == 0 {
		advice := report.LogAdvice{Log: "Access log of the distribution", State: "off: single failing requests leave no trace"}
		if len(l.unread) > 0 {
			advice.State = "not known: " + l.unread[0].Why()
		} else if command := enableLogging(m); len(command) > 0 {
			advice.Command = command[0]
			advice.Command.Purpose += "; the next steps have the other commands"
		}
		out = append(out, advice)
	}
	return append(out, otherLogs(m)...)
}

// otherLogs are the web ACL's and the functions' logs (WAF/logging, DG/edge-functions-logs).
func otherLogs(m *edge.Model) []report.LogAdvice {
	var out []report.LogAdvice
	now := m.World.Now.UTC()
	if arn := text(m.Config.WebACLId); strings.HasPrefix(arn, "arn:") {
		fact := account.WAFLogging(arn).In(m.World)
		advice := report.LogAdvice{Log: "Log of the web ACL " + show(aclName(arn)), State: "off"}
		if fact.Missing() {
			advice.State = "not known: " + fact.Why()
		}
		if config, ok := fact.Get(); ok {
			advice.State = "enabled"
			if destinations := config.LoggingConfiguration.LogDestinationConfigs; len(destinations) > 0 {
				advice.State += ": " + show(destinations[0])
			}
		}
		if command := firewallLog(m); len(command) > 0 {
			advice.Command = command[0]
		}
		out = append(out, advice)
	}
	for _, name := range m.Functions() {
		group := "/aws/cloudfront/function/" + name
		advice := report.LogAdvice{Log: "Log of function " + show(name), State: "has what the function prints, and why it failed"}
		if command := filterEvents(group, account.GlobalRegion, now).to("Show the function's log of the last three hours"); len(command) > 0 {
			advice.Command = command[0]
		}
		out = append(out, advice)
	}
	return out
}

// firewallLog searches the web ACL's log for blocks, where it goes to CloudWatch Logs; it has none of its own where it does not log there.
func firewallLog(m *edge.Model, words ...string) []report.Command {
	arn := text(m.Config.WebACLId)
	config, _ := account.WAFLogging(arn).In(m.World).Get()
	for _, destination := range config.LoggingConfiguration.LogDestinationConfigs {
		if end := destinationOf(destination, "json"); end.kind == v2Group {
			return filterEvents(end.resource, end.region, m.World.Now.UTC(), append([]string{"BLOCK"}, words...)...).
				to("Show what the web ACL blocked in the last three hours (its requestId is the viewer's X-Amz-Cf-Id)")
		}
	}
	return nil
}

// Monitored is the distribution as its monitoring is written as code: what is on already is left out of the templates.
func (c *Case) Monitored() fix.Monitored {
	w := watch{m: c.Model, t: telemetryOf(c.Model), alarms: account.Alarms(account.GlobalRegion).In(c.World)}
	out := w.watched()
	out.HasMetrics = w.t.additional
	out.HasLogs = slices.ContainsFunc(loggingOf(c.Model).logs, func(l accessLog) bool { return l.kind != legacyS3 && l.kind != realtimeLog })
	return out
}
