package awscli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source"
	"cfdoctor/internal/source/sourcetest"
)

// open opens a door to the fake program in a mode.
func open(t *testing.T, mode string, o Options) *Source {
	t.Helper()
	door, err := try(t, mode, o)
	if err != nil {
		t.Fatal(err)
	}
	return door
}

func try(t *testing.T, mode string, o Options) (*Source, error) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(fakeMode, mode)
	if o.Program == "" {
		o.Program = program
	}
	return Open(t.Context(), o)
}

func TestContract(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T) source.Source { return open(t, "account", Options{}) })
}

// TestContractVersion1 answers in version 1's forms: warnings beside the answers, and other exit statuses.
func TestContractVersion1(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T) source.Source { return open(t, "account-v1", Options{}) })
}

func TestFaults(t *testing.T) {
	policy := account.BucketPolicy("example-site")
	for _, tc := range []struct {
		mode  string
		state evidence.State
		says  string
		hint  string
	}{
		{"denied", evidence.Denied, "AccessDenied: User: x is not authorized", ""},
		{"denied-enhanced", evidence.Denied, "AccessDenied: no", ""},
		{"throttled", evidence.Failed, "SlowDown: Please reduce your request rate.", ""},
		{"absent-with-warnings", evidence.Absent, "NoSuchBucketPolicy: The bucket policy does not exist", ""},
		{"unreachable", evidence.Failed, `Could not connect to the endpoint URL: "http://127.0.0.1:1/"`, ""},
		{"silent-failure", evidence.Failed, "the aws program failed and did not say why: exit status 255", ""},
		{"rubbish", evidence.Failed, `aws s3api get-bucket-policy printed something that is no answer: "<html>hello"`, ""},
		{"half", evidence.Failed, `aws s3api get-bucket-policy printed something that is no answer: "{\"Policy\":"`, ""},
		{"list", evidence.Failed, `aws s3api get-bucket-policy printed something that is no answer: "[]"`, ""},
		{"killed", evidence.Failed, "the aws program failed and did not say why: signal: killed", ""},
		{"credentials", evidence.Failed, "Unable to locate credentials. You can configure credentials by running \"aws configure\".", "aws configure"},
		{"sso", evidence.Failed, "The SSO session associated with this profile has expired or is otherwise invalid.", "aws sso login --profile work"},
		{"profile", evidence.Failed, "The config profile (work) could not be found", "list-profiles"},
		{"empty", evidence.Known, "", ""},
		{"warnings", evidence.Known, "", ""},
	} {
		t.Run(tc.mode, func(t *testing.T) {
			door := open(t, tc.mode, Options{Profile: "work"})
			output, err := door.Do(t.Context(), policy.Call)
			if state := source.Classify(policy.Call, output, err).State; state != tc.state {
				t.Errorf("the call is %q (%v), want %q", state, err, tc.state)
			}
			if tc.says == "" {
				if err != nil {
					t.Errorf("got the error %v", err)
				}
				return
			}
			if want := "s3:GetBucketPolicy: " + tc.says; err == nil || err.Error() != want {
				t.Errorf("it says %v, want %s", err, want)
			}
			var hinted interface{ Hint() string }
			if tc.hint != "" && (!errors.As(err, &hinted) || !strings.Contains(hinted.Hint(), tc.hint)) {
				t.Errorf("the error %#v does not hint at %q", err, tc.hint)
			}
		})
	}
}

func TestNoProgram(t *testing.T) {
	for _, tc := range []struct{ mode, program, says string }{
		{"", filepath.Join(t.TempDir(), "aws"), "there is no program"},
		{"another-program", "", "does not run as the AWS CLI: it does not say that it is the AWS CLI"},
		{"broken-program", "", "does not run as the AWS CLI: ImportError: no module named awscli"},
	} {
		_, err := try(t, tc.mode, Options{Program: tc.program})
		var missing *ProgramError
		if !errors.As(err, &missing) || !strings.Contains(err.Error(), tc.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line with %q", tc.mode, err, tc.says)
		} else if missing.Hint() == "" {
			t.Errorf("%s: the error does not say what to do", tc.mode)
		}
	}
}

func TestHangingProgramIsEnded(t *testing.T) {
	door := open(t, "hangs", Options{})
	door.patience = 50 * time.Millisecond
	_, err := door.Do(t.Context(), account.BucketPolicy("example-site").Call)
	if want := "s3:GetBucketPolicy: aws s3api get-bucket-policy did not end within 50ms"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestCancelledProgramIsKilled cancels while a program that has started another one runs: both have to go, or Do would wait for their output.
func TestCancelledProgramIsKilled(t *testing.T) {
	door := open(t, "hangs-in-a-child", Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := door.Do(ctx, account.BucketPolicy("example-site").Call)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestConfigurationWithoutRegion(t *testing.T) {
	door := open(t, "no-region", Options{})
	for range 2 {
		if _, err := door.Do(t.Context(), account.AccountPublicAccessBlock("123456789012").Call); err != nil {
			t.Error(err)
		}
	}
	if door.region != account.GlobalRegion {
		t.Errorf("the Region is %q", door.region)
	}
}

// TestPagesThatTheProgramDoesNotMerge: versions differ in the operations whose pages they merge.
func TestPagesThatTheProgramDoesNotMerge(t *testing.T) {
	door := open(t, "pages", Options{})
	got, err := door.Do(t.Context(), account.APIMappings("us-east-1", "api.example.com").Call)
	if err != nil {
		t.Fatal(err)
	}
	if diff := sourcetest.Diff([]byte(`{"Items":[{"Stage":"1"},{"Stage":"2"}]}`), got); diff != "" {
		t.Error(diff)
	}
	if got, err := door.Do(t.Context(), account.ConflictingAliases("E1", "a.example.com").Call); err == nil {
		t.Errorf("a page that leads to itself became %s", got)
	}
}

func TestOnlyReadsAreRun(t *testing.T) {
	door := open(t, "account", Options{})
	if out, err := door.Do(t.Context(), evidence.Call{Service: "s3", Operation: "DeleteBucket", Params: map[string]any{"Bucket": "x"}}); err == nil {
		t.Errorf("got %s", out)
	}
}

func TestLimit(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("CFDOCTOR_FAKE_COUNT", dir)
	door := open(t, "counts", Options{Limit: 2})
	done := make(chan error)
	for range 8 {
		go func() {
			_, err := door.Do(t.Context(), account.BucketPolicy("example-site").Call)
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err) // the fake program fails where it sees two others
		}
	}
}

func TestEnvironment(t *testing.T) {
	env := environment([]string{"AWS_REGION=eu-west-1", "AWS_PAGER=less", "HOME=/home/x"})
	for name, want := range map[string]string{"AWS_PAGER": "", "AWS_DEFAULT_REGION": "eu-west-1", "HOME": "/home/x", "AWS_CLI_ERROR_FORMAT": "legacy"} {
		if got := lookup(env, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if env := environment([]string{"AWS_REGION=eu-west-1", "AWS_DEFAULT_REGION=us-west-2"}); lookup(env, "AWS_DEFAULT_REGION") != "us-west-2" {
		t.Error("the person's own default Region is lost")
	}
}

func TestHeaderTimes(t *testing.T) {
	answer := map[string]any{"LastModified": "Fri, 20 Nov 2026 10:00:00 GMT"}
	adjustments["s3:HeadObject"](answer)
	if answer["LastModified"] != "2026-11-20T10:00:00Z" {
		t.Errorf("got %v", answer["LastModified"])
	}
}

func TestAbout(t *testing.T) {
	door := open(t, "account-v1", Options{Profile: "work", Region: "eu-west-1"})
	if got, want := door.About(), (source.About{Kind: "cli", Detail: "aws-cli/1.46.3, profile work, Region eu-west-1"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
