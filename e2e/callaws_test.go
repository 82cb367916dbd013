package e2e

import (
	"bytes"
	"encoding/json"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCallAWSIsTaken hands every call_aws command that the reports of every cause hold to the AWS API MCP server's own parser and checks.
func TestCallAWSIsTaken(t *testing.T) {
	python(t)
	commands := map[string]string{}
	for _, g := range goldens(t) {
		d, err := diagnoseBundle(g.c, g.c.Bundle())
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(d.Report)
		if err != nil {
			t.Fatal(err)
		}
		var tree any
		if err := json.Unmarshal(raw, &tree); err != nil {
			t.Fatal(err)
		}
		for _, call := range callsIn(tree) {
			commands[commandOf(t, call)] = g.cause
		}
	}
	in, err := json.Marshal(slices.Sorted(maps.Keys(commands)))
	if err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(here, ".venv-mcp", "bin", "python"), filepath.Join(here, "emulator", "callaws.py"))
	cmd.Dir = t.TempDir()
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the server's checks did not run: %v\n%s", err, out)
	}
	refused, done := 0, false
	for line := range strings.Lines(string(out)) {
		var answer struct {
			Command string
			Reasons []string
			Done    bool
		}
		if err := json.Unmarshal([]byte(line), &answer); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if done = done || answer.Done; !answer.Done {
			refused++
			t.Errorf("%s: the server refuses %s\n%s", commands[answer.Command], answer.Command, strings.Join(answer.Reasons, "\n"))
		}
	}
	if !done {
		t.Fatal("the server's checks ended early")
	}
	t.Logf("call_aws: the AWS API MCP server takes %d commands and refuses %d", len(commands)-refused, refused)
}

// callsIn finds every member call_aws.
func callsIn(tree any) []string {
	var out []string
	switch v := tree.(type) {
	case map[string]any:
		for name, member := range v {
			if call, ok := member.(string); ok && name == "call_aws" && call != "" {
				out = append(out, call)
			} else {
				out = append(out, callsIn(member)...)
			}
		}
	case []any:
		for _, item := range v {
			out = append(out, callsIn(item)...)
		}
	}
	return out
}

// commandOf reads the argument of call_aws(cli_command="…") as Python does.
func commandOf(t *testing.T, call string) string {
	inner, ok := strings.CutPrefix(call, `call_aws(cli_command="`)
	inner, closed := strings.CutSuffix(inner, `")`)
	if !ok || !closed {
		t.Fatalf("not a call: %s", call)
	}
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(inner)
}
