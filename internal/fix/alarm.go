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
		c.calls = append(c.calls, call{"Create the alarm " + printable(alarm.Name), alarm.put})
		c.undo = append(c.undo, call{"Delete the alarm " + printable(alarm.Name), func(s *Shell) string {
			return "aws cloudwatch delete-alarms --region " + account.GlobalRegion + " " + s.arg("alarm-names", alarm.Name)
		}})
	}
	c.check = call{"Read the alarms", func(s *Shell) string { return describeAlarms(s, names) }}
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

func describeAlarms(s *Shell, names []string) string {
	words := []string{"aws cloudwatch describe-alarms --region " + account.GlobalRegion + " --alarm-names"}
	for _, name := range names {
		if err := checkArgument(name); err != nil {
			s.refuse(err)
		}
		words = append(words, quote(name))
	}
	return strings.Join(words, " ")
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

func (a Alarm) put(s *Shell) string {
	dimensions := make([]any, len(a.Dimensions))
	for i, d := range a.Dimensions {
		dimensions[i] = map[string]any{"Name": d.Name, "Value": d.Value}
	}
	statistic := s.arg("statistic", a.Statistic)
	if a.Percentile != "" {
		statistic = s.arg("extended-statistic", a.Percentile)
	}
	words := []string{"aws cloudwatch put-metric-alarm --region " + account.GlobalRegion, s.arg("alarm-name", a.Name), s.arg("alarm-description", a.Description),
		s.arg("namespace", a.Namespace), s.arg("metric-name", a.Metric), "--dimensions", quote(text(mustTree(dimensions))), statistic,
		s.arg("period", text(float64(a.Period))), s.arg("evaluation-periods", text(float64(a.Datapoints))), s.arg("datapoints-to-alarm", text(float64(a.Datapoints))),
		s.arg("threshold", text(a.Threshold)), s.arg("comparison-operator", a.Comparison), s.arg("treat-missing-data", a.Missing)}
	if len(a.Actions) > 0 {
		words = append(words, "--alarm-actions")
		for _, action := range a.Actions {
			if err := checkArgument(action); err != nil {
				s.refuse(err)
			}
			words = append(words, quote(action))
		}
	}
	return strings.Join(words, " ")
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
