package sdk

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apitypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	waftypes "github.com/aws/aws-sdk-go-v2/service/wafv2/types"
	"github.com/go-json-experiment/json"

	"cfdoctor/internal/evidence"
)

func TestShape(t *testing.T) {
	for _, tc := range []struct {
		name               string
		service, operation string
		output             any
		want               string
	}{
		{
			"lower-case members, map keys as they are", "apigateway", "GetMethod",
			&apigateway.GetMethodOutput{ApiKeyRequired: aws.Bool(false), MethodResponses: map[string]apitypes.MethodResponse{"OK": {StatusCode: aws.String("200")}}},
			`{"apiKeyRequired":false,"methodResponses":{"OK":{"statusCode":"200"}}}`,
		},
		{
			"zero priority is there, blobs are base64, unset enums are not there", "wafv2", "GetRuleGroup",
			&wafv2.GetRuleGroupOutput{RuleGroup: &waftypes.RuleGroup{Rules: []waftypes.Rule{{
				Name: aws.String("r"), Priority: 0,
				Statement: &waftypes.Statement{ByteMatchStatement: &waftypes.ByteMatchStatement{SearchString: []byte("bot")}},
			}}}},
			`{"RuleGroup":{"Rules":[{"Name":"r","Priority":0,"Statement":{"ByteMatchStatement":{"SearchString":"Ym90"}}}]}}`,
		},
		{
			"times and empty lists", "cloudwatch", "DescribeAlarms",
			&cloudwatch.DescribeAlarmsOutput{MetricAlarms: []cwtypes.MetricAlarm{{
				StateUpdatedTimestamp: aws.Time(time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)), AlarmActions: []string{},
			}}},
			`{"MetricAlarms":[{"AlarmActions":[],"StateUpdatedTimestamp":"2026-11-20T10:00:00Z"}]}`,
		},
		{
			"trust policy as an object", "iam", "GetRole",
			&iam.GetRoleOutput{Role: &iamtypes.Role{AssumeRolePolicyDocument: aws.String("%7B%22Version%22%3A%222012-10-17%22%7D")}},
			`{"Role":{"AssumeRolePolicyDocument":{"Version":"2012-10-17"}}}`,
		},
		{"nothing", "sts", "GetCallerIdentity", &iam.GetRoleOutput{}, `{}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tree := shape(evidence.Call{Service: tc.service, Operation: tc.operation}, tc.output)
			got, err := json.Marshal(tree, json.Deterministic(true))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestShapeOfUnion(t *testing.T) {
	output := &cloudwatch.DescribeAlarmsOutput{MetricAlarms: []cwtypes.MetricAlarm{{
		EvaluationCriteria: &cwtypes.EvaluationCriteriaMemberPromQLCriteria{Value: cwtypes.AlarmPromQLCriteria{Query: aws.String("up")}},
	}}}
	got, err := json.Marshal(shape(evidence.Call{Service: "cloudwatch", Operation: "DescribeAlarms"}, output), json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"MetricAlarms":[{"EvaluationCriteria":{"PromQLCriteria":{"Query":"up"}}}]}`; string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
