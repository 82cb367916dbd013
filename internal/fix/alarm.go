package fix

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// Alarm is a CloudWatch alarm on one metric. CloudFront's metrics are in us-east-1 only, with the dimensions DistributionId and Region=Global
// (DG/programming-cloudwatch-metrics).
type Alarm struct {
	Name, Description string
	Namespace, Metric string
	Statistic         string // Average or Sum; or
	Percentile        string // p90 and the like
	Dimensions        []account.Dimension
	Period            int // seconds
	Datapoints        int // that many in a row
	Threshold         float64
	Comparison        string   // GreaterThanThreshold, LessThanThreshold, …
	Missing           string   // notBreaching, missing, breaching, ignore: what no data means
	Actions           []string // ARNs of SNS topics to tell
	Additional        bool     // whether the metric needs CloudFront's additional metrics
	Why               string   // what the alarm tells, and where its threshold comes from
}

// PutAlarms creates alarms in us-east-1, or sets those of the same names anew.
func PutAlarms(alarms ...Alarm) Change {
	names := make([]string, len(alarms))
	c := simple{resource: "CloudWatch alarms", touches: "alarm"}
	for i, alarm := range alarms {
		names[i] = alarm.Name
		c.console = append(c.console, "Open the CloudWatch console in the Region “us-east-1”, choose All alarms, Create alarm, Select metric; choose "+
			printable(alarm.Metric)+" of "+alarm.Namespace+" and set "+alarm.words()+"; name it "+show(alarm.Name))
		c.calls = append(c.calls, alarm.put())
		c.undo = append(c.undo, deleteAlarm(alarm.Name))
	}
	c.check = call{purpose: "Read the alarms", service: "cloudwatch", operation: "DescribeAlarms", region: account.GlobalRegion, params: []param{{"AlarmNames", names}}}
	c.look = Look{Path: []string{"MetricAlarms"}, Keep: alarmMembers}
	c.want = c.wanted()
	c.back = func(before any) []call { return alarmsBack(names, listOf(before)) }
	c.expect = "the alarms are there: " + printable(strings.Join(names, ", "))
	c.test = "(" + text(mustTree(names)) + " - [.MetricAlarms[]?.AlarmName]) == []"
	c.diff = func(*evidence.World) []DiffLine {
		var out []DiffLine
		for _, alarm := range alarms {
			out = append(out, DiffLine{Resource: "alarm " + printable(alarm.Name), New: alarm.words()})
		}
		return out
	}
	c.effect = func(w *evidence.World) {
		read := account.Alarms(account.GlobalRegion)
		fact := read.In(w)
		if fact.Missing() {
			return
		}
		answer := fact.Or(account.AlarmsOutput{})
		answer.MetricAlarms = append([]types.MetricAlarm{}, answer.MetricAlarms...)
		for _, alarm := range alarms {
			answer.MetricAlarms = append(answer.MetricAlarms, alarm.metricAlarm())
		}
		read.Set(w, answer)
	}
	return c
}

// alarmMembers are the members of an alarm that PutMetricAlarm takes: the others are its state.
var alarmMembers = []string{"AlarmName", "AlarmDescription", "ActionsEnabled", "OKActions", "AlarmActions", "InsufficientDataActions", "MetricName", "Namespace",
	"Statistic", "ExtendedStatistic", "Dimensions", "Period", "Unit", "EvaluationPeriods", "DatapointsToAlarm", "Threshold", "ComparisonOperator",
	"TreatMissingData", "EvaluateLowSampleCountPercentile", "Metrics", "ThresholdMetricId"}

// wanted is what the alarms are to be.
func (c simple) wanted() any {
	out := []any{}
	for _, call := range c.calls {
		out = append(out, call.api().Params)
	}
	return out
}

// alarmsBack gives alarms of the same names their old settings, and takes away those that were not there.
func alarmsBack(names []string, before []any) []call {
	var out []call
	for _, name := range names {
		back := deleteAlarm(name)
		for _, alarm := range before {
			if old := objectOf(alarm); old["AlarmName"] == any(name) {
				back = call{purpose: "Give the alarm its old settings", service: "cloudwatch", operation: "PutMetricAlarm", region: account.GlobalRegion}
				for _, member := range alarmMembers {
					if old[member] != nil {
						back.params = append(back.params, param{member, old[member]})
					}
				}
			}
		}
		out = append(out, back)
	}
	return out
}

func deleteAlarm(name string) call {
	return call{purpose: "Delete the alarm " + printable(name), service: "cloudwatch", operation: "DeleteAlarms", region: account.GlobalRegion,
		params: []param{{"AlarmNames", []string{name}}}}
}

// words says when the alarm goes off.
func (a Alarm) words() string {
	comparison := map[string]string{"GreaterThanThreshold": "above", "LessThanThreshold": "below", "GreaterThanOrEqualToThreshold": "at least"}
	return strings.Join([]string{a.statistic(), comparison[a.Comparison], text(a.Threshold), "for", text(float64(a.Datapoints)), "periods of", text(float64(a.Period)), "seconds"}, " ")
}

func (a Alarm) statistic() string {
	if a.Percentile != "" {
		return a.Percentile
	}
	return a.Statistic
}

func (a Alarm) put() call {
	statistic := param{"Statistic", a.Statistic}
	if a.Percentile != "" {
		statistic = param{"ExtendedStatistic", a.Percentile}
	}
	dimensions := make([]any, len(a.Dimensions))
	for i, d := range a.Dimensions {
		dimensions[i] = map[string]any{"Name": d.Name, "Value": d.Value}
	}
	c := call{purpose: "Create the alarm " + printable(a.Name), service: "cloudwatch", operation: "PutMetricAlarm", region: account.GlobalRegion, params: []param{
		{"AlarmName", a.Name}, {"AlarmDescription", a.Description}, {"Namespace", a.Namespace}, {"MetricName", a.Metric}, {"Dimensions", dimensions}, statistic,
		{"Period", a.Period}, {"EvaluationPeriods", a.Datapoints}, {"DatapointsToAlarm", a.Datapoints}, {"Threshold", a.Threshold},
		{"ComparisonOperator", a.Comparison}, {"TreatMissingData", a.Missing}}}
	if len(a.Actions) > 0 {
		c.params = append(c.params, param{"AlarmActions", a.Actions})
	}
	return c
}

func (a Alarm) metricAlarm() types.MetricAlarm {
	out := types.MetricAlarm{
		AlarmName: aws.String(a.Name), AlarmDescription: aws.String(a.Description), Namespace: aws.String(a.Namespace), MetricName: aws.String(a.Metric),
		Statistic: types.Statistic(a.Statistic), Period: aws.Int32(int32(a.Period)), EvaluationPeriods: aws.Int32(int32(a.Datapoints)),
		DatapointsToAlarm: aws.Int32(int32(a.Datapoints)), Threshold: aws.Float64(a.Threshold), ComparisonOperator: types.ComparisonOperator(a.Comparison),
		TreatMissingData: aws.String(a.Missing), AlarmActions: a.Actions, ActionsEnabled: aws.Bool(true),
	}
	if a.Percentile != "" {
		out.Statistic, out.ExtendedStatistic = "", aws.String(a.Percentile)
	}
	for _, d := range a.Dimensions {
		out.Dimensions = append(out.Dimensions, types.Dimension{Name: aws.String(d.Name), Value: aws.String(d.Value)})
	}
	return out
}
