package bundle

import (
	"context"
	"errors"
	"strings"
	"testing"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source"
	"cfdoctor/internal/source/sourcetest"
)

func TestContract(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T) source.Source {
		return parse(t, string(sourcetest.Account()))
	})
}

// parse reads a bundle that is right.
func parse(t *testing.T, text string) *Bundle {
	t.Helper()
	b, err := Parse(strings.NewReader(text), "test.json", MaxSize)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// withCalls is a bundle with some calls.
func withCalls(calls ...string) string {
	return `{"format":"cfdoctor-bundle/v1","captured_at":"2026-11-20T10:00:00Z","calls":[` + "\n" + strings.Join(calls, ",\n") + "\n]}"
}

// ask returns the member "a" of an answer as text, an error's code, or "not captured".
func ask(t *testing.T, b *Bundle, call evidence.Call) string {
	t.Helper()
	out, err := b.Do(t.Context(), call)
	var problem *evidence.Problem
	switch {
	case errors.Is(err, source.ErrNotCaptured):
		return "not captured"
	case errors.As(err, &problem):
		return problem.Code
	case err != nil:
		t.Fatal(err)
	}
	return string(out)
}

func TestWhichCallAnswers(t *testing.T) {
	b := parse(t, withCalls(
		`{"service":"s3","operation":"A","output":{"a":"any"}}`,
		`{"service":"s3","operation":"A","params":{"Bucket":"x"},"output":{"a":"x"}}`,
		`{"service":"s3","operation":"A","params":{"Bucket":"x","Key":"k"},"output":{"a":"x k"}}`,
		`{"service":"s3","operation":"B","params":{"Bucket":"x"},"output":{"a":"first"}}`,
		`{"service":"s3","operation":"B","params":{"Bucket":"x"},"output":{"a":"second"}}`,
		`{"service":"s3","operation":"C","params":{"MaxItems":5e2,"Window":{"To":2,"From":1}},"output":{"a":"deep"}}`,
		`{"service":"ec2","operation":"D","params":{"GroupIds":["sg-1","sg-2"]},"output":{"a":"groups"}}`,
		`{"service":"ec2","operation":"E","region":"us-east-1","output":{"a":"us"}}`,
		`{"service":"ec2","operation":"E","region":"eu-west-1","error":{"code":"AccessDenied"},"output":null}`,
		`{"service":"ec2","operation":"F","params":null,"output":{"a":"anywhere"},"note":"an addition"}`,
		`{"service":"ec2","operation":"F","region":"eu-west-1","output":{"a":"eu"}}`,
	))
	type p = map[string]any
	for _, tc := range []struct {
		service, operation, region string
		params                     map[string]any
		want                       string
	}{
		{"s3", "A", "", nil, `{"a":"any"}`},
		{"s3", "A", "", p{"Bucket": "y"}, `{"a":"any"}`},
		{"s3", "A", "", p{"Bucket": "x"}, `{"a":"x"}`},
		{"s3", "A", "eu-west-1", p{"Bucket": "x", "Key": "other"}, `{"a":"x"}`},
		{"s3", "A", "", p{"Bucket": "x", "Key": "k"}, `{"a":"x k"}`},
		{"s3", "A", "", p{"Key": "k"}, `{"a":"any"}`},
		{"s3", "B", "", p{"Bucket": "x"}, `{"a":"second"}`},
		{"s3", "B", "", p{"Bucket": "y"}, "not captured"},
		{"s3", "B", "", nil, "not captured"},
		{"s3", "C", "", p{"MaxItems": 500, "Window": p{"From": 1.0, "To": int64(2)}}, `{"a":"deep"}`},
		{"s3", "C", "", p{"MaxItems": "500", "Window": p{"From": 1, "To": 2}}, "not captured"},
		{"s3", "C", "", p{"MaxItems": 500, "Window": p{"From": 1, "To": 2, "More": 3}}, "not captured"},
		{"ec2", "D", "", p{"GroupIds": []any{"sg-2", "sg-1"}}, `{"a":"groups"}`},
		{"ec2", "D", "", p{"GroupIds": []any{"sg-2"}}, "not captured"},
		{"ec2", "E", "us-east-1", nil, `{"a":"us"}`},
		{"ec2", "E", "eu-west-1", nil, "AccessDenied"},
		{"ec2", "E", "", nil, "not captured"},
		{"ec2", "F", "us-east-1", nil, `{"a":"anywhere"}`},
		{"ec2", "F", "eu-west-1", nil, `{"a":"eu"}`},
		{"ec2", "A", "", nil, "not captured"},
	} {
		got := ask(t, b, evidence.Call{Service: tc.service, Operation: tc.operation, Region: tc.region, Params: tc.params})
		if got != tc.want {
			t.Errorf("%s %s %v = %s, want %s", tc.operation, tc.region, tc.params, got, tc.want)
		}
	}
}

func TestSameResourceByAnotherName(t *testing.T) {
	b := parse(t, withCalls(
		`{"service":"wafv2","operation":"GetWebACL","params":{"ARN":"arn:aws:wafv2:us-east-1:123456789012:global/webacl/site/1"},"output":{"a":"global"}}`,
		`{"service":"wafv2","operation":"GetWebACL","params":{"ARN":"arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/site/2"},"output":{"a":"regional"}}`,
		`{"service":"kms","operation":"DescribeKey","params":{"KeyId":"k1"},"output":{"a":"k1"}}`,
		`{"service":"kms","operation":"DescribeKey","params":{"KeyId":"arn:aws:kms:us-east-1:123456789012:key/k2"},"output":{"a":"k2"}}`,
		`{"service":"lambda","operation":"GetPolicy","params":{"FunctionName":"api"},"output":{"a":"api"}}`,
		`{"service":"route53","operation":"ListResourceRecordSets","params":{"HostedZoneId":"Z1"},"output":{"a":"Z1"}}`,
	))
	const lambda = "arn:aws:lambda:us-east-1:123456789012:function:"
	for _, tc := range []struct {
		call evidence.Call
		want string
	}{
		{account.WebACL("arn:aws:wafv2:us-east-1:123456789012:global/webacl/site/1").Call, `{"a":"global"}`},
		{account.WebACL("arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/site/2").Call, `{"a":"regional"}`},
		{account.WebACL("arn:aws:wafv2:us-east-1:123456789012:global/webacl/site/2").Call, "not captured"},
		{account.Key("arn:aws:kms:us-east-1:123456789012:key/k1").Call, `{"a":"k1"}`},
		{account.Key("arn:aws:kms:us-east-1:123456789012:key/k2").Call, `{"a":"k2"}`},
		{account.Key("arn:aws:kms:eu-west-1:123456789012:key/k2").Call, "not captured"},
		{account.LambdaPolicy("us-east-1", lambda+"api", "").Call, `{"a":"api"}`},
		{account.LambdaPolicy("us-east-1", lambda+"web", "").Call, "not captured"},
		{account.RecordSets("/hostedzone/Z1", "www.example.com").Call, `{"a":"Z1"}`},
		{account.RecordSets("/hostedzone/Z2", "www.example.com").Call, "not captured"},
	} {
		if got := ask(t, b, tc.call); got != tc.want {
			t.Errorf("%v = %s, want %s", tc.call.Params, got, tc.want)
		}
	}
}

func TestAnswerIsTheCallersOwn(t *testing.T) {
	b := parse(t, withCalls(`{"service":"s3","operation":"A","output":{"a":1}}`))
	call := evidence.Call{Service: "s3", Operation: "A"}
	first, err := b.Do(t.Context(), call)
	if err != nil {
		t.Fatal(err)
	}
	first[1] = 'x'
	if got := ask(t, b, call); got != `{"a":1}` {
		t.Errorf("a caller's change reached the bundle: %s", got)
	}
}

func TestCancelled(t *testing.T) {
	b := parse(t, withCalls(`{"service":"s3","operation":"A","output":{"a":1}}`))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Do(ctx, evidence.Call{Service: "s3", Operation: "A"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
