package awscommand_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source/awscommand"
	"cfdoctor/internal/source/mcpclient"
)

func TestCommands(t *testing.T) {
	type p = map[string]any
	for _, tc := range []struct {
		call       evidence.Call
		options    awscommand.Options
		args, line string
	}{
		{account.Distribution("E2EXAMPLE").Call, awscommand.Options{},
			"cloudfront get-distribution --id=E2EXAMPLE --output=json", "aws cloudfront get-distribution --id=E2EXAMPLE"},
		{account.BucketPolicy("site").Call, awscommand.Options{Profile: "work", Region: "eu-west-1", EndpointURL: "http://127.0.0.1:5000"},
			"s3api get-bucket-policy --bucket=site --region=eu-west-1 --profile=work --endpoint-url=http://127.0.0.1:5000 --output=json",
			"aws s3api get-bucket-policy --bucket=site --region=eu-west-1 --profile=work --endpoint-url=http://127.0.0.1:5000"},
		{account.LoadBalancers("eu-central-1").Call, awscommand.Options{Region: "us-west-2"},
			"elbv2 describe-load-balancers --region=eu-central-1 --output=json", "aws elbv2 describe-load-balancers --region=eu-central-1"},
		{account.FunctionCode("f", "LIVE").Call, awscommand.Options{},
			"cloudfront get-function --name=f --stage=LIVE --output=json /tmp/code", "aws cloudfront get-function --name=f --stage=LIVE -"},
		{account.Objects("site", "a/").Call, awscommand.Options{},
			"s3api list-objects-v2 --bucket=site --prefix=a/ --fetch-owner --no-paginate --output=json", "aws s3api list-objects-v2 --bucket=site --prefix=a/ --fetch-owner --max-items=1000"},
		{account.SecurityGroups("eu-west-1", "sg-1", "sg-2").Call, awscommand.Options{},
			`ec2 describe-security-groups --group-ids=["sg-1","sg-2"] --region=eu-west-1 --output=json`,
			`aws ec2 describe-security-groups '--group-ids=["sg-1","sg-2"]' --region=eu-west-1`},
		{evidence.Call{Service: "wafv2", Operation: "GetWebACLForResource", Params: p{"MaxItems": 500, "Rate": 0.5, "TimeWindow": p{"StartTime": "x"}}}, awscommand.Options{},
			`wafv2 get-web-acl-for-resource --max-items=500 --rate=0.5 --time-window={"StartTime":"x"} --output=json`,
			`aws wafv2 get-web-acl-for-resource --max-items=500 --rate=0.5 '--time-window={"StartTime":"x"}'`},
		{account.Object("site", "-rf; $(id) 'a' && =").Call, awscommand.Options{},
			"s3api head-object --bucket=site --key=-rf; $(id) 'a' && = --output=json", `aws s3api head-object --bucket=site '--key=-rf; $(id) '"'"'a'"'"' && ='`},
	} {
		args, err := awscommand.Args(tc.call, tc.options, "/tmp/code")
		if got := strings.Join(args, " "); err != nil || got != tc.args {
			t.Errorf("args of %s:\n got %s, %v\nwant %s", tc.call.Name(), got, err, tc.args)
		}
		if line, err := awscommand.Line(tc.call, tc.options, ""); err != nil || line != tc.line {
			t.Errorf("line of %s:\n got %s, %v\nwant %s", tc.call.Name(), line, err, tc.line)
		}
	}
}

func TestValuesThatWouldBecomeSomethingElse(t *testing.T) {
	for _, key := range []string{"file:///etc/passwd", "fileb://x", "http://example.com", "https://example.com", "a\x00b", "\xff"} {
		call := account.Object("site", key).Call
		if _, err := awscommand.Line(call, awscommand.Options{}, ""); !errors.Is(err, awscommand.ErrUnfit) {
			t.Errorf("%q goes to a tool: %v", key, err)
		}
		if key == "\xff" {
			continue // no JSON holds it either
		}
		args, err := awscommand.Args(call, awscommand.Options{}, "")
		if err != nil || !strings.HasPrefix(args[2], `--cli-input-json={"Bucket":"site","Key":"`) {
			t.Errorf("%q is asked for as %q, %v", key, args, err)
		}
	}
	for _, key := range []string{"help", "HELP", "--help", "a\nb", "x --region * y"} {
		call := account.Object("site", key).Call
		if line, err := awscommand.Line(call, awscommand.Options{}, ""); !errors.Is(err, awscommand.ErrUnfit) {
			t.Errorf("%q goes to a tool: %s, %v", key, line, err)
		}
		if args, err := awscommand.Args(call, awscommand.Options{}, ""); err != nil || !slices.Contains(args, "--key="+key) {
			t.Errorf("%q is asked for as %q, %v", key, args, err)
		}
	}
	for on, want := range map[bool]string{true: "--dry-run", false: "--no-dry-run"} {
		args, err := awscommand.Args(evidence.Call{Params: map[string]any{"DryRun": on}}, awscommand.Options{}, "")
		if err != nil || !slices.Contains(args, want) {
			t.Errorf("a boolean is asked for as %q, %v; want %s", args, err, want)
		}
	}
	if _, err := awscommand.Args(evidence.Call{Params: map[string]any{"Odd": struct{}{}}}, awscommand.Options{}, ""); err == nil {
		t.Error("a value of a kind that no call has came out as an option")
	}
}

func TestNextPage(t *testing.T) {
	line, err := awscommand.Line(account.Functions("us-east-1").Call, awscommand.Options{}, "tok en")
	if want := "aws lambda list-functions '--starting-token=tok en' --region=us-east-1"; err != nil || line != want {
		t.Errorf("got %s, %v, want %s", line, err, want)
	}
}

// TestLineIsItsWords: whatever the value, a shell-like reader finds the same words in the line, and the value in one of them.
func TestLineIsItsWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.String().Draw(t, "key")
		line, err := awscommand.Line(account.Object("site", key).Call, awscommand.Options{}, "")
		if err != nil {
			if !errors.Is(err, awscommand.ErrUnfit) {
				t.Fatal(err)
			}
			return
		}
		got, err := mcpclient.Words(line)
		if want := []string{"aws", "s3api", "head-object", "--bucket=site", "--key=" + key}; err != nil || !slices.Equal(got, want) {
			t.Fatalf("%s reads as %q, %v, want %q", line, got, err, want)
		}
	})
}

func TestKebab(t *testing.T) {
	for name, want := range map[string]string{
		"GetWebACLForResource": "get-web-acl-for-resource", "ListObjectsV2": "list-objects-v2", "GetIPSet": "get-ip-set", "KvsARN": "kvs-arn",
		"ARN": "arn", "WebACLId": "web-acl-id", "restApiId": "rest-api-id", "GetRateBasedStatementManagedKeys": "get-rate-based-statement-managed-keys",
		"SomeCNAMEs": "some-cnames", "GetCloudFrontOriginAccessIdentity": "get-cloud-front-origin-access-identity",
	} {
		if got := awscommand.Kebab(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}
