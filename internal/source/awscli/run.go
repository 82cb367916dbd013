package awscli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// afterKill is how long the output of a killed program is waited for: a process of its own may hold the pipes open.
const afterKill = 2 * time.Second

// find finds the program on PATH.
func find(program string) (string, error) {
	if program == "" {
		program = "aws"
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return "", &ProgramError{Program: program, Missing: true, Err: err}
	}
	return path, nil
}

// limit is how many programs run at once. Each is a Python interpreter that takes a processor for most of its time.
func limit(asked int) int {
	if asked > 0 {
		return asked
	}
	return min(2*runtime.NumCPU(), 8)
}

// environment is what the program runs in: the caller's, without what makes its output differ from one machine to the next.
func environment(env []string) []string {
	env = append(slices.Clone(env),
		"AWS_PAGER=",                     // version 2 would start less
		"AWS_CLI_AUTO_PROMPT=off",        // version 2 would ask
		"AWS_CLI_ERROR_FORMAT=legacy",    // AWS CLI User Guide, "Structured error output"
		"AWS_CLI_OUTPUT_ENCODING=UTF-8",  // version 2
		"PYTHONIOENCODING=utf-8:replace", // version 1
		"PYTHONWARNINGS=ignore",          // version 1 warns of old Pythons
	)
	if region := lookup(env, "AWS_REGION"); region != "" && lookup(env, "AWS_DEFAULT_REGION") == "" {
		env = append(env, "AWS_DEFAULT_REGION="+region) // the only one that version 1 knows
	}
	return env
}

func lookup(env []string, name string) string {
	for _, line := range slices.Backward(env) {
		if value, ok := strings.CutPrefix(line, name+"="); ok {
			return value
		}
	}
	return ""
}

func (s *Source) askVersion(ctx context.Context) (string, error) {
	out, errs, err := s.start(ctx, "--version")
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	version := firstLine(out)
	if version == "" {
		version = firstLine(errs) // version 1 before Python 3.4
	}
	if err != nil || !strings.HasPrefix(version, "aws-cli/") {
		if err == nil {
			err = errors.New("it does not say that it is the AWS CLI")
		}
		return "", &ProgramError{Program: s.path, Said: firstLine(errs), Err: err}
	}
	name, _, _ := strings.Cut(version, " ")
	return name, nil
}

// run runs the program once the limit lets it, and returns the JSON object that it prints.
func (s *Source) run(ctx context.Context, args []string) (jsontext.Value, error) {
	select {
	case s.gate <- struct{}{}:
		defer func() { <-s.gate }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	out, errs, err := s.start(ctx, args...)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, errHangs):
		return nil, fmt.Errorf("aws %s %s did not end within %v", args[0], args[1], s.patience)
	case err != nil:
		return nil, failure(s.options.Profile, string(errs), err)
	}
	// What the program says on its standard error beside an answer are warnings.
	answer := jsontext.Value(bytes.TrimSpace(out))
	if len(answer) == 0 {
		return jsontext.Value("{}"), nil // the AWS CLI prints nothing for an answer without members
	}
	if answer.Kind() != '{' || !answer.IsValid(jsontext.AllowDuplicateNames(true)) {
		return nil, fmt.Errorf("aws %s %s printed something that is no answer: %.60q", args[0], args[1], answer)
	}
	return answer, nil
}

// errHangs ends a program that runs longer than anybody waits.
var errHangs = errors.New("it does not end")

// start runs the program to its end, or the context's; then the program goes with every process that it has started.
func (s *Source) start(ctx context.Context, args ...string) (out, errs []byte, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.patience, errHangs)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.path, args...)
	cmd.Env, cmd.WaitDelay = s.env, afterKill
	ownGroup(cmd)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	if err != nil && errors.Is(context.Cause(ctx), errHangs) {
		err = errHangs
	}
	return stdout.Bytes(), stderr.Bytes(), err
}

func firstLine(text []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return strings.TrimSpace(line)
}
