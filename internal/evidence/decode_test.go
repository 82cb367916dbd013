package evidence_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// An alarm on a PromQL query has a member whose Go type is a union: it is passed over, and the other alarms are read.
func TestDecodePassesOverUnions(t *testing.T) {
	const answer = `{"MetricAlarms": [
		{"AlarmName": "query", "EvaluationCriteria": {"PromQLCriteria": {"Query": "up == 0", "PendingPeriod": 60}}, "EvaluationInterval": 60},
		{"AlarmName": "errors", "Namespace": "AWS/CloudFront", "MetricName": "5xxErrorRate", "Threshold": 5, "EvaluationCriteria": null}
	]}`
	var out account.AlarmsOutput
	if err := evidence.Decode([]byte(answer), &out); err != nil {
		t.Fatal(err)
	}
	if len(out.MetricAlarms) != 2 || *out.MetricAlarms[0].AlarmName != "query" || *out.MetricAlarms[1].Threshold != 5 {
		t.Errorf("decoded %+v", out)
	}
	if out.MetricAlarms[0].EvaluationCriteria != nil {
		t.Errorf("the union became %v", out.MetricAlarms[0].EvaluationCriteria)
	}
}

func TestDecode(t *testing.T) {
	var v struct {
		When, Then time.Time
		Blob       []byte
		Any        any
		Name       *string
		Type       types.ComparisonOperator
	}
	const answer = `{"when": "2026-11-20T10:00:00Z", "Then": 1795168800.5, "Blob": "aGk=", "Any": {"a": [1]}, "name": "x", "Unknown": {}, "Type": "LessThanThreshold"}`
	if err := evidence.Decode([]byte(answer), &v); err != nil {
		t.Fatal(err)
	}
	if !v.When.Equal(time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)) || v.Then.Sub(v.When) != 500*time.Millisecond {
		t.Errorf("times %v and %v", v.When, v.Then)
	}
	if string(v.Blob) != "hi" || v.Any == nil || v.Name == nil || *v.Name != "x" || v.Type != types.ComparisonOperatorLessThanThreshold {
		t.Errorf("decoded %+v", v)
	}
	if err := evidence.Decode([]byte(`{"When": "yesterday"}`), &v); err == nil {
		t.Error("a word passed for a time")
	}
}
