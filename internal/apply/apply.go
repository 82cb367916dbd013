// Package apply runs a fix's script: the only place in cfdoctor that changes anything, and only when asked.
//
// The script is the same that a person would paste: it re-reads what it changes, guards each write by the resource's version where the API has one,
// keeps the old state in a folder of its own, waits, verifies, and prints the way back. Running it keeps one source of truth for what a fix does.
package apply

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// ErrMissingProgram says that a program which the script needs is not on PATH.
var ErrMissingProgram = errors.New("not on PATH")

// grace is how long a script may take to stop after an interrupt before it is killed.
const grace = 10 * time.Second

// Run runs a script with sh, its output going to the writers as it comes. Env is the whole environment. When ctx ends, the script gets an interrupt
// first: it stops between two of its steps and says what it has done.
func Run(ctx context.Context, script string, env []string, stdout, stderr io.Writer) error {
	for _, program := range []string{"sh", "aws", "jq"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("apply: %s is %w", program, ErrMissingProgram)
		}
	}
	cmd := exec.CommandContext(ctx, "sh")
	cmd.Stdin = strings.NewReader(script)
	cmd.Env, cmd.Stdout, cmd.Stderr = env, stdout, stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = grace
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("apply: the script stopped: %w", err)
	}
	return nil
}
