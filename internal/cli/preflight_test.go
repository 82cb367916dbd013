package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cfdoctor/internal/report"
	"cfdoctor/internal/ui"
)

// person runs one command line on a machine without tools or credentials, at a terminal where somebody types, or without one.
func person(t *testing.T, terminal bool, types string, args ...string) (status int, out, errs string) {
	t.Helper()
	home := t.TempDir()
	for _, variable := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION"} {
		t.Setenv(variable, "")
	}
	t.Setenv("HOME", home)
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(home, "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(home, "credentials"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("PATH", filepath.Join(home, "bin"))
	var stdout, stderr bytes.Buffer
	streams := &ui.Streams{In: strings.NewReader(types), Out: &stdout, Err: &stderr, InTTY: terminal, ErrTTY: terminal, Env: os.Getenv, Width: 100}
	status = Run(context.Background(), args, streams)
	return status, stdout.String(), stderr.String()
}

func TestAPersonIsAskedWhetherToGoOn(t *testing.T) {
	const question = "go on anyway? [y/N]"
	cases := []struct {
		name     string
		terminal bool
		types    string
		flags    []string
		asked    bool
		stopped  bool // by the answer; otherwise the diagnosis goes on, and ends for want of credentials
	}{
		{"yes", true, "y\n", nil, true, false},
		{"no", true, "n\n", nil, true, true},
		{"nothing typed is a no", true, "\n", nil, true, true},
		{"the end of input is a no", true, "", nil, true, true},
		{"--yes", true, "n\n", []string{"--yes"}, false, false},
		{"nobody to ask", false, "", nil, false, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, out, errs := person(t, c.terminal, c.types, append([]string{"diagnose", "E2EXAMPLE"}, c.flags...)...)
			if status != exitNoAnswer || out != "" {
				t.Errorf("exit status %d, output %q", status, out)
			}
			if got := strings.Contains(errs, question); got != c.asked {
				t.Errorf("asked: %v, want %v:\n%s", got, c.asked, errs)
			}
			if !c.stopped && !strings.Contains(errs, "no AWS credentials") {
				t.Errorf("the diagnosis did not go on:\n%s", errs)
			}
			if got := strings.Contains(errs, "stopped, because AWS credentials is missing"); got != c.stopped {
				t.Errorf("stopped: %v, want %v:\n%s", got, c.stopped, errs)
			}
			if !c.terminal && !strings.Contains(errs, "going on with what there is") {
				t.Errorf("nobody was asked, and nobody told:\n%s", errs)
			}
		})
	}
}

// TestMissingToolsAreSaid wants the missing tools on standard error and in the report, and no question where the diagnosis does without them.
func TestMissingToolsAreSaid(t *testing.T) {
	bundle, err := filepath.Abs("../../examples/healthy-site.json")
	if err != nil {
		t.Fatal(err)
	}
	status, out, errs := person(t, true, "n\n", "diagnose", "www.fernhill.example", "--from", bundle, "-o", "json")
	if status != exitFine || strings.Contains(errs, "[y/N]") {
		t.Errorf("exit status %d:\n%s", status, errs)
	}
	for _, name := range []string{"aws", "jq", "call_aws", "suggest_aws_commands"} {
		if !strings.Contains(errs, name) {
			t.Errorf("standard error does not say that %s is missing:\n%s", name, errs)
		}
	}
	var r report.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(r.Tasks[0].Note, "missing: ") || len(r.Dependencies) < 6 {
		t.Errorf("the report's step 1 is %+v, its dependencies %+v", r.Tasks[0], r.Dependencies)
	}
}

func TestPreflight(t *testing.T) {
	status, out, errs := person(t, false, "", "preflight", "-o", "json")
	if status != exitFound {
		t.Errorf("exit status %d: %s", status, errs)
	}
	var got struct {
		Schema       string
		Ready        *bool
		Dependencies []report.Dependency
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Schema != "cfdoctor-preflight/v1" || got.Ready == nil || *got.Ready || len(got.Dependencies) < 6 {
		t.Errorf("preflight says %+v", got)
	}
	status, out, _ = person(t, false, "", "preflight", "--from", "account.json")
	if status != exitFine || !strings.Contains(out, "Ready to diagnose") || !strings.Contains(out, "jqlang.org") {
		t.Errorf("exit status %d:\n%s", status, out)
	}
	if status, _, errs = person(t, false, "", "preflight", "-o", "html"); status != exitNoAnswer || !strings.Contains(errs, "text or json") {
		t.Errorf("exit status %d: %s", status, errs)
	}
}
