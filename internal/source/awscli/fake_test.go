package awscli

import (
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/source/awscommand"
	"cfdoctor/internal/source/sourcetest"
)

// fakeMode is the environment variable that makes this test binary a program named aws.
const fakeMode = "CFDOCTOR_FAKE_AWS"

func TestMain(m *testing.M) {
	if mode := os.Getenv(fakeMode); mode != "" {
		os.Exit(fake(mode, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// fake is the program in a mode; it returns the exit status.
func fake(mode string, args []string) int {
	if args[0] == "--version" {
		return fakeVersion(mode)
	}
	flags := map[string]string{}
	var outfile string
	for _, arg := range args[2:] {
		if name, value, ok := strings.Cut(arg, "="); ok && strings.HasPrefix(arg, "--") {
			flags[strings.TrimPrefix(name, "--")] = value
		} else if !strings.HasPrefix(arg, "--") {
			outfile = arg
		}
	}
	switch mode {
	case "account", "account-v1":
		return fakeAccount(mode, args[0], args[1], flags, outfile)
	case "no-region":
		if flags["region"] == "" {
			return say(253, "\nYou must specify a region. You can also configure your region by running \"aws configure\".\n")
		}
		return answer("{}")
	case "pages":
		return fakePages(args[1], flags)
	case "counts":
		return fakeCount()
	case "hangs":
		select {}
	case "hangs-in-a-child":
		child := exec.Command(os.Args[0], args...)
		child.Env = append(os.Environ(), fakeMode+"=hangs")
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		_ = child.Run()
		return 1
	case "killed":
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Kill()
		}
		select {}
	}
	if f, ok := faults[mode]; ok {
		fmt.Print(f.out)
		return say(f.status, f.errs)
	}
	return say(1, "no such mode: "+mode)
}

// faults are what the program prints and how it ends.
var faults = map[string]struct {
	out, errs string
	status    int
}{
	"denied":          {"", "\nAn error occurred (AccessDenied) when calling the GetBucketPolicy operation: User: x is not authorized\n", 254},
	"denied-enhanced": {"", "\naws: [ERROR]: An error occurred (AccessDenied) when calling the GetBucketPolicy operation: no\n\nAdditional error details:\nType: User\n", 254},
	"throttled":       {"", "\nAn error occurred (SlowDown) when calling the GetBucketPolicy operation (reached max retries: 4): Please reduce your request rate.\n", 254},
	"absent-with-warnings": {"", "/usr/lib/python3: DeprecationWarning: An error occurred (AccessDenied) somewhere\nNote: AWS CLI version 1 is near its end.\n" +
		"\nAn error occurred (NoSuchBucketPolicy) when calling the GetBucketPolicy operation: The bucket policy does not exist\n", 255},
	"unreachable":    {"", "\nCould not connect to the endpoint URL: \"http://127.0.0.1:1/\"\n", 255},
	"silent-failure": {"", "", 255},
	"rubbish":        {"<html>hello", "", 0},
	"half":           {`{"Policy":`, "", 0},
	"list":           {`[]`, "", 0},
	"credentials":    {"", "\nUnable to locate credentials. You can configure credentials by running \"aws configure\".\n", 253},
	"sso":            {"", "\naws: [ERROR]: The SSO session associated with this profile has expired or is otherwise invalid.\n", 255},
	"profile":        {"", "\nThe config profile (work) could not be found\n", 255},
	"empty":          {"", "", 0},
	"warnings":       {`{"Policy":"{}"}`, "urllib3: InsecureRequestWarning: Unverified HTTPS request\nAn error occurred once upon a time\n", 0},
}

func fakeVersion(mode string) int {
	switch mode {
	case "account-v1":
		return say(0, "aws-cli/1.46.3 Python/3.11.7 Linux botocore/1.43.62\n")
	case "another-program":
		return answer("usage: aws [start|stop]")
	case "broken-program":
		return say(1, "ImportError: no module named awscli\n")
	}
	return answer("aws-cli/2.31.0 Python/3.13.7 Linux/6.1 exe/x86_64.debian.12")
}

func answer(text string) int {
	fmt.Println(text)
	return 0
}

func say(status int, text string) int {
	fmt.Fprint(os.Stderr, text)
	return status
}

// fakeAccount answers from the account of the contract test.
func fakeAccount(mode, service, operation string, flags map[string]string, outfile string) int {
	calls, err := sourcetest.Calls(sourcetest.Account())
	if err != nil {
		return say(1, err.Error())
	}
	i := slices.IndexFunc(calls, func(c sourcetest.Call) bool { return isAsked(c, service, operation, flags) })
	if i < 0 {
		return say(252, "\nParameter validation failed: nobody has recorded this\n")
	}
	call := calls[i]
	if call.Error != nil {
		status := 254
		if mode == "account-v1" {
			status = 255
		}
		return say(status, fmt.Sprintf("\nAn error occurred (%s) when calling the %s operation: %s\n", call.Error.Code, call.Operation, call.Error.Message))
	}
	if mode == "account-v1" {
		fmt.Fprintln(os.Stderr, "warning: version 1 is near its end")
	}
	if member := awscommand.Streams(call.Asks()); member != "" {
		return fakeBody(call, member, outfile)
	}
	return answer(string(call.Output))
}

// fakeBody writes a blob to a file and prints the rest.
func fakeBody(call sourcetest.Call, member, outfile string) int {
	var output map[string]jsontext.Value
	var body string
	if err := json.Unmarshal(call.Output, &output); err != nil {
		return say(1, err.Error())
	}
	if err := json.Unmarshal(output[member], &body); err != nil {
		return say(1, err.Error())
	}
	data, err := base64.StdEncoding.DecodeString(body)
	if err != nil {
		return say(1, err.Error())
	}
	if err := os.WriteFile(outfile, data, 0o600); err != nil {
		return say(1, err.Error())
	}
	delete(output, member)
	text, err := json.Marshal(output)
	if err != nil {
		return say(1, err.Error())
	}
	return answer(string(text))
}

// isAsked compares a recorded call with a command: every param stands there as an option.
func isAsked(call sourcetest.Call, service, operation string, flags map[string]string) bool {
	if wanted := map[string]string{"s3": "s3api"}[call.Service]; wanted != service && (wanted != "" || call.Service != service) {
		return false
	}
	if awscommand.Kebab(call.Operation) != operation {
		return false
	}
	for name, value := range call.Params {
		text, ok := value.(string)
		if !ok {
			raw, err := json.Marshal(value, json.Deterministic(true))
			if err != nil {
				return false
			}
			text = string(raw)
		}
		if got, ok := flags[awscommand.Kebab(name)]; !ok || got != text {
			return false
		}
	}
	return true
}

func fakePages(operation string, flags map[string]string) int {
	switch {
	case operation == "list-conflicting-aliases":
		return answer(`{"ConflictingAliasesList":{"NextMarker":"again","Items":[]}}`)
	case flags["next-token"] == "":
		return answer(`{"NextToken":"2","Items":[{"Stage":"1"}]}`)
	}
	return answer(`{"Items":[{"Stage":"2"}]}`)
}

// fakeCount fails where more than two run at once: each holds one of two files.
func fakeCount() int {
	for _, name := range []string{"1", "2"} {
		file := filepath.Join(os.Getenv("CFDOCTOR_FAKE_COUNT"), name)
		if f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			f.Close()
			defer os.Remove(file)
			return answer("{}")
		}
	}
	return say(1, "more than two at once\n")
}
