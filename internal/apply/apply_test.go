package apply

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// programs puts stand-ins for aws and jq on PATH, so that the test needs neither.
func programs(t *testing.T, names ...string) []string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\nexit 0\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	path := dir + ":/bin:/usr/bin"
	t.Setenv("PATH", path)
	return []string{"PATH=" + path}
}

func TestRunPassesOutputThrough(t *testing.T) {
	env := programs(t, "aws", "jq")
	var out, errs bytes.Buffer
	if err := Run(context.Background(), "echo done; echo said >&2\n", env, &out, &errs); err != nil {
		t.Fatal(err)
	}
	if out.String() != "done\n" || errs.String() != "said\n" {
		t.Errorf("got %q and %q", out.String(), errs.String())
	}
}

func TestRunReportsAFailingScript(t *testing.T) {
	env := programs(t, "aws", "jq")
	var out bytes.Buffer
	if err := Run(context.Background(), "set -e\nfalse\necho not reached\n", env, &out, &out); err == nil || out.Len() > 0 {
		t.Errorf("got %v and %q, want an error and nothing after the failing step", err, out.String())
	}
}

func TestRunNamesAMissingProgram(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if err := Run(context.Background(), "", nil, &bytes.Buffer{}, &bytes.Buffer{}); !errors.Is(err, ErrMissingProgram) {
		t.Errorf("got %v", err)
	}
}
