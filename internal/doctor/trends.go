package doctor

import (
	"fmt"
	"math"
	"strconv"
	"time"

	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/collect"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

// telemetry is what the account's CloudWatch says of a distribution.
type telemetry struct {
	m         *edge.Model
	functions []string // names of its CloudFront Functions, sorted
	data      evidence.Fact[account.MetricDataOutput]
	// additional is the state of the additional metrics, false where it could not be read: additionalKnown tells.
	additional, additionalKnown bool
}

func telemetryOf(m *edge.Model) telemetry {
	t := telemetry{m: m, functions: m.Functions()}
	t.data = collect.MetricData(m.World.Now, m.ID(), t.functions).In(m.World)
	fact := account.MonitoringSubscription(m.ID()).In(m.World)
	t.additionalKnown = fact.IsKnown() || fact.IsAbsent()
	if out, ok := fact.Get(); ok {
		c := out.MonitoringSubscription.RealtimeMetricsSubscriptionConfig
		t.additional = c != nil && c.RealtimeMetricsSubscriptionStatus == "Enabled"
	}
	return t
}

// rise is the least rise of an error rate that is worth a word, in percentage points.
const rise = 1

// series returns a metric's points; a metric that was not asked for has none.
func (t telemetry) series(label string) account.Series {
	out, _ := t.data.Get()
	s, _ := out.Series(label)
	return s
}

// trends says in plain language what the metrics show now.
func (t telemetry) trends() []string {
	out := t.alarming()
	if t.data.State() == evidence.NotCaptured {
		return out
	}
	if !t.data.IsKnown() {
		return append(out, "CloudFront's metrics could not be read: "+t.data.Why()+".")
	}
	out = append(out, t.traffic())
	for _, metric := range [...]struct{ label, words string }{
		{"4xxErrorRate", "4xx error rate"}, {"5xxErrorRate", "5xx error rate"},
		{"401ErrorRate", "401 error rate"}, {"403ErrorRate", "403 error rate"}, {"404ErrorRate", "404 error rate"},
		{"502ErrorRate", "502 error rate"}, {"503ErrorRate", "503 error rate"}, {"504ErrorRate", "504 error rate"},
	} {
		if words := t.errorRate(metric.label, metric.words); words != "" {
			out = append(out, words)
		}
	}
	return append(out, t.others()...)
}

func (t telemetry) traffic() string {
	requests := t.series("Requests")
	latest, ok := requests.Latest()
	if !ok || requests.Sum() == 0 {
		return "Requests: none were counted in the 24 hours before the diagnosis, so that rates and latencies say nothing."
	}
	return fmt.Sprintf("Requests: %s in the hour from %s, %s in the 24 hours before the diagnosis.", number(latest.Value), t.clock(latest.Time), number(requests.Sum()))
}

// errorRate compares the latest hour with what was before, "" where the rate is no more than a trace and did not change.
func (t telemetry) errorRate(label, words string) string {
	s := t.series(label)
	latest, ok := s.Latest()
	if !ok {
		return ""
	}
	at := "in the hour from " + t.clock(latest.Time)
	if shift, ok := s.Shift(rise); ok {
		line := fmt.Sprintf("%s: %s %s, %s on average before: something changed about %s", words, percent(latest.Value), at, percent(shift.Before), t.clock(shift.At))
		return line + t.sinceChange(shift.At) + "."
	}
	if latest.Value < rise {
		if label == "4xxErrorRate" || label == "5xxErrorRate" {
			return fmt.Sprintf("%s: %s %s; nothing unusual.", words, percent(latest.Value), at)
		}
		return ""
	}
	mean, _ := s.Mean()
	return fmt.Sprintf("%s: %s %s, %s on average of %s; no clear moment at which it changed.", words, percent(latest.Value), at, percent(mean), hours(s))
}

func hours(s account.Series) string {
	if len(s.Points) == 1 {
		return "one hour"
	}
	return fmt.Sprintf("%d hours", len(s.Points))
}

// sinceChange names the distribution's last change where it lies close to a step: in the hour before, or in the first hour of the new level.
func (t telemetry) sinceChange(at time.Time) string {
	changed := t.m.Distribution.LastModifiedTime
	if changed == nil || changed.Before(at.Add(-time.Hour)) || !changed.Before(at.Add(time.Hour)) {
		return ""
	}
	return " (the distribution was last changed at " + t.clock(*changed) + ")"
}

func (t telemetry) others() []string {
	var out []string
	if p, ok := t.series("OriginLatency").Latest(); ok {
		out = append(out, fmt.Sprintf("Origin latency: 90%% of the origin's answers came within %s in the hour from %s.", milliseconds(p.Value), t.clock(p.Time)))
	}
	hits := t.series("CacheHitRate")
	if p, ok := hits.Latest(); ok {
		line := fmt.Sprintf("Cache hit rate: %s of the cacheable requests in the hour from %s", percent(p.Value), t.clock(p.Time))
		if shift, ok := hits.Shift(10); ok && !shift.Up() {
			line += fmt.Sprintf(", %s on average before: it fell about %s%s", percent(shift.Before), t.clock(shift.At), t.sinceChange(shift.At))
		}
		out = append(out, line+".")
	}
	for _, function := range t.functions {
		for _, metric := range [...]struct{ name, words string }{
			{"FunctionExecutionErrors", "failed while running (503)"}, {"FunctionValidationErrors", "returned something invalid (502)"},
			{"FunctionThrottles", "was throttled (503)"},
		} {
			if n := t.series(metric.name + " " + function).Sum(); n > 0 {
				out = append(out, fmt.Sprintf("Function %s %s %s times in the 24 hours before the diagnosis.", show(function), metric.words, number(n)))
			}
		}
	}
	for _, metric := range [...]struct{ name, words string }{
		{"LambdaExecutionError", "failed while running"}, {"LambdaValidationError", "returned something invalid"},
		{"LambdaLimitExceededErrors", "ran into a limit of concurrency"},
	} {
		if n := t.series(metric.name).Sum(); n > 0 {
			out = append(out, fmt.Sprintf("Lambda@Edge functions %s %s times in the 24 hours before the diagnosis.", metric.words, number(n)))
		}
	}
	return out
}

// alarming lists the distribution's alarms that are firing.
func (t telemetry) alarming() []string {
	var out []string
	for _, a := range alarmsOf(t.m) {
		if a.StateValue == cwtypes.StateValueAlarm {
			line := fmt.Sprintf("Alarm %s is firing", show(text(a.AlarmName)))
			if a.StateTransitionedTimestamp != nil {
				line += " since " + t.clock(*a.StateTransitionedTimestamp)
			}
			out = append(out, line+".")
		}
	}
	return out
}

// clock writes a time in UTC, with the day where it is not the day of the diagnosis.
func (t telemetry) clock(at time.Time) string {
	at = at.UTC()
	if at.Format(time.DateOnly) == t.m.World.Now.UTC().Format(time.DateOnly) {
		return at.Format("15:04 UTC")
	}
	return at.Format("2006-01-02 15:04 UTC")
}

// percent writes a rate that CloudWatch gives in percent.
func percent(v float64) string {
	if v >= 10 {
		return strconv.FormatFloat(math.Round(v), 'f', -1, 64) + "%"
	}
	return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) + "%"
}

func milliseconds(v float64) string {
	if v >= 1000 {
		return strconv.FormatFloat(math.Round(v/100)/10, 'f', -1, 64) + " s"
	}
	return strconv.FormatFloat(math.Round(v), 'f', -1, 64) + " ms"
}

// number writes a count with commas between thousands.
func number(v float64) string {
	digits := strconv.FormatFloat(math.Round(v), 'f', -1, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// show makes a value of the account fit for a sentence: what does not show as itself is escaped.
func show(value string) string {
	if fix.FitToShow(value) {
		return value
	}
	return strconv.Quote(value)
}
