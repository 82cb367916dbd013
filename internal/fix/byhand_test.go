package fix

import (
	"strings"
	"testing"
)

func TestHandCall(t *testing.T) {
	for name, tc := range map[string]struct {
		call     HandCall
		cli, mcp string
	}{
		"read": {
			HandCall{Service: "s3", Operation: "ListObjectsV2", Params: []HandParam{{"Bucket", "fernhill-web"}, {"Prefix", "it's $(id)/"}, {"MaxKeys", 20}}},
			`aws s3api list-objects-v2 --bucket fernhill-web --prefix 'it'"'"'s $(id)/' --max-keys 20`,
			`call_aws(cli_command="aws s3api list-objects-v2 --bucket fernhill-web --prefix 'it'\"'\"'s $(id)/' --max-keys 20")`,
		},
		"structure": {
			HandCall{Service: "s3", Operation: "RestoreObject", Region: "eu-west-1", Mutates: true, Params: []HandParam{{"Key", "-a"}, {"RestoreRequest", map[string]any{"Days": 7}}}},
			`aws s3api restore-object --region eu-west-1 --key=-a --restore-request '{"Days":7}'`,
			`call_aws(cli_command="aws s3api restore-object --region eu-west-1 --key=-a --restore-request '{\"Days\":7}'")`,
		},
		"a person's file has no form for call_aws": {
			HandCall{Service: "acm", Operation: "ImportCertificate", Params: []HandParam{{"Certificate", File("my certificate.pem")}}},
			`aws acm import-certificate --certificate fileb://'my certificate.pem'`, "",
		},
		"a blob": {
			HandCall{Service: "cloudfront", Operation: "TestFunction", Params: []HandParam{{"Name", "f"}, {"EventObject", Blob(`{"uri":"/it's $(id)"}`)}}},
			`blob=$(mktemp) && printf '%s' ` + quote(`{"uri":"/it's $(id)"}`) + ` > "$blob" && aws cloudfront test-function --name f --event-object "fileb://$blob"`,
			callAWS("aws cloudfront test-function --name f --event-object " + quote(`{"uri":"/it's $(id)"}`)),
		},
		"what an answer is saved in": {
			HandCall{Service: "cloudfront", Operation: "GetFunction", Params: []HandParam{{"Name", "f"}, {"FunctionCode", Saved("f's.js")}}},
			`aws cloudfront get-function --name f ` + quote("f's.js"), "",
		},
		"a blob that hides":                      {HandCall{Service: "cloudfront", Operation: "TestFunction", Params: []HandParam{{"EventObject", Blob("a\u202eb")}}}, "", ""},
		"a value that would be loaded as a file": {HandCall{Service: "s3", Operation: "HeadObject", Params: []HandParam{{"Key", "file:///etc/passwd"}}}, "", ""},
		"a value that hides":                     {HandCall{Service: "s3", Operation: "HeadObject", Params: []HandParam{{"Key", "a\u202eb"}}}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			tc.call.Purpose, tc.call.Inputs = "See", []string{"a value"}
			got := tc.call.Command()
			if got.AWSCLI != tc.cli || got.CallAWS != tc.mcp {
				t.Errorf("got\n%s\n%s\nwant\n%s\n%s", got.AWSCLI, got.CallAWS, tc.cli, tc.mcp)
			}
			if got.Purpose != "See" || len(got.Inputs) != 1 || got.Mutates != tc.call.Mutates {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestCommandsByHandStayOutOfTheScript(t *testing.T) {
	f := Fix{Title: "Upload it", Manual: []string{"Upload it."}, ByHand: []HandCall{
		{Purpose: "See what there is", Service: "s3", Operation: "ListObjectsV2", Params: []HandParam{{"Bucket", "fernhill-web"}}},
		{Purpose: "Refused", Service: "s3", Operation: "HeadObject", Params: []HandParam{{"Key", "file://x"}}},
	}}
	out := Render(f, Context{DistributionID: "E1"})
	if len(out.Rollback) != 0 {
		t.Errorf("a read is taken back: %+v", out.Rollback)
	}
	if len(out.Commands) != 1 || !strings.HasPrefix(out.Commands[0].AWSCLI, "aws s3api list-objects-v2") || out.Script != "" {
		t.Errorf("the commands are %+v and the script %q", out.Commands, out.Script)
	}
}

// What a person does by command is taken back in the opposite order.
func TestCommandsByHandAreTakenBack(t *testing.T) {
	bucket := []HandParam{{"Bucket", "it's"}}
	call := func(operation, back string) HandCall {
		return HandCall{Purpose: operation, Service: "s3", Operation: operation, Region: "eu-west-1", Params: bucket, Mutates: true}.
			WithBack("Take it back", back, bucket, "it's: the bucket")
	}
	out := Render(Fix{ByHand: []HandCall{call("CreateBucket", "DeleteBucket"), call("PutBucketTagging", "DeleteBucketTagging")}}, Context{})
	var got []string
	for _, c := range out.Rollback {
		if !c.Mutates || len(c.Inputs) != 1 || c.CallAWS == "" {
			t.Errorf("got %+v", c)
		}
		got = append(got, c.AWSCLI)
	}
	const want = `aws s3api delete-bucket-tagging --region eu-west-1 --bucket 'it'"'"'s'` + "\n" + `aws s3api delete-bucket --region eu-west-1 --bucket 'it'"'"'s'`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}
