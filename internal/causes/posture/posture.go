// Package posture is what causes share that look at a distribution as it stands rather than at a request that fails: what its metrics say,
// what it would be monitored by, and what its origins are.
package posture

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	cloudwatch "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/collect"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

// Guide is where the CloudFront Developer Guide's pages are.
const Guide = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"

// Text is a string that may not be there.
func Text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// Account is the twelve digits of the distribution's account, "" where not known.
func Account(p *cause.Pass) string {
	if p.World.Account != "" {
		return p.World.Account
	}
	if parts := strings.SplitN(p.Model.ARN(), ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

// Metrics are the distribution's metrics of the last 24 hours.
func Metrics(p *cause.Pass) evidence.Fact[account.MetricDataOutput] {
	return collect.MetricData(p.World.Now, p.Model.ID(), p.Model.Functions()).In(p.World)
}

// recent is how far back metrics count as "now": long enough for a quiet site to have some requests.
const recent = 6 * time.Hour

// Recent is a metric of the last hours; a metric that was not asked for has no points.
func Recent(p *cause.Pass, label string) account.Series {
	out, _ := Metrics(p).Get()
	s, _ := out.Series(label)
	return s.Between(p.World.Now.Add(-recent), p.World.Now.Add(time.Hour))
}

// MetricRef points at a metric.
func MetricRef(p *cause.Pass, label, value, note string) evidence.Ref {
	return Metrics(p).Ref("MetricDataResults[Label="+label+"].Values").With(value, note)
}

// AdditionalMetrics reports whether the metrics that CloudFront makes on request only are on; known is false where that was not read.
func AdditionalMetrics(p *cause.Pass) (on, known bool) {
	fact := account.MonitoringSubscription(p.Model.ID()).In(p.World)
	out, _ := fact.Get()
	c := out.MonitoringSubscription.RealtimeMetricsSubscriptionConfig
	return c != nil && c.RealtimeMetricsSubscriptionStatus == "Enabled", !fact.Missing()
}

// Monitored is the distribution as package fix monitors it.
func Monitored(p *cause.Pass) fix.Monitored {
	m := fix.Monitored{DistributionID: p.Model.ID(), ARN: p.Model.ARN(), Functions: p.Model.Functions(), Topic: Topic(p.World), ReadTimeout: p.Model.ShortestReadTimeout()}
	return m
}

// Topic is the SNS topic that an alarm on CloudFront of this account tells, "" for none.
func Topic(w *evidence.World) string {
	out, _ := account.Alarms(account.GlobalRegion).In(w).Get()
	for _, a := range out.MetricAlarms {
		for _, action := range a.AlarmActions {
			if Text(a.Namespace) == cloudfront.NamespaceCloudFront && strings.Contains(action, ":sns:") {
				return action
			}
		}
	}
	return ""
}

// Watches reports whether an alarm looks at one of the metrics of the distribution, by itself or in an expression.
func Watches(a cloudwatch.MetricAlarm, distributionID string, metrics ...string) bool {
	if Text(a.Namespace) == cloudfront.NamespaceCloudFront && slices.Contains(metrics, Text(a.MetricName)) && of(a.Dimensions, distributionID) {
		return true
	}
	return slices.ContainsFunc(a.Metrics, func(q cloudwatch.MetricDataQuery) bool {
		if q.MetricStat == nil || q.MetricStat.Metric == nil {
			return false
		}
		m := q.MetricStat.Metric
		return Text(m.Namespace) == cloudfront.NamespaceCloudFront && slices.Contains(metrics, Text(m.MetricName)) && of(m.Dimensions, distributionID)
	})
}

func of(dimensions []cloudwatch.Dimension, distributionID string) bool {
	return slices.ContainsFunc(dimensions, func(d cloudwatch.Dimension) bool {
		return Text(d.Name) == "DistributionId" && Text(d.Value) == distributionID
	})
}

// Caches reports whether some behavior may keep responses.
func Caches(m *edge.Model) bool {
	return slices.ContainsFunc(m.Behaviors, func(b *edge.Behavior) bool { return !b.Forwarding().CachingDisabled().Yes() })
}

// Users lists the behaviors that send requests to an origin, by themselves or through an origin group.
func Users(m *edge.Model, o *edge.Origin) []*edge.Behavior {
	var out []*edge.Behavior
	for _, b := range m.Behaviors {
		if slices.Contains(Targets(m, b), o) {
			out = append(out, b)
		}
	}
	return out
}

// Targets lists the origins that a behavior may send requests to.
func Targets(m *edge.Model, b *edge.Behavior) []*edge.Origin {
	ids := []string{Text(b.Config.TargetOriginId)}
	if group, ok := m.Group(ids[0]); ok {
		primary, secondary := group.Members()
		ids = []string{primary, secondary}
	}
	var out []*edge.Origin
	for _, id := range ids {
		if o, ok := m.Origin(id); ok {
			out = append(out, o)
		}
	}
	return out
}

// HasCustomHeaders reports whether CloudFront adds headers to its requests to an origin, by which the origin could tell them from others.
func HasCustomHeaders(o *edge.Origin) bool {
	return o.Config.CustomHeaders != nil && len(o.Config.CustomHeaders.Items) > 0
}

// Patterns names behaviors in a sentence.
func Patterns(list []*edge.Behavior) string {
	names := make([]string, len(list))
	for i, b := range list {
		names[i] = strconv.Quote(b.PathPattern)
	}
	return strings.Join(names, ", ")
}

// Number writes a metric's value with two digits at most behind the point.
func Number(v float64) string { return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) }
