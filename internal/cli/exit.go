package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"cfdoctor/internal/ui"
)

// The exit statuses, as `cfdoctor exit-codes` documents them.
const (
	exitFine      = 0
	exitFound     = 1
	exitNoAnswer  = 2
	exitCodesText = `0  the diagnosis found nothing at or above --fail-on
1  it found something
2  it could not be made: bad arguments, no such distribution, no credentials, an unreadable bundle
`
)

// foundError ends a diagnosis that found something at or above --fail-on. The report has said everything already.
type foundError struct{}

func (foundError) Error() string { return "found something at or above --fail-on" }

// usageError is a mistake in the arguments, with what to do instead.
type usageError struct {
	err  error
	hint string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usage(hint, format string, args ...any) error {
	return &usageError{err: fmt.Errorf(format, args...), hint: hint}
}

// exitStatus turns the error of a command into its exit status and says the one clear line.
func exitStatus(streams *ui.Streams, err error) int {
	if err == nil {
		return exitFine
	}
	if errors.As(err, &foundError{}) {
		return exitFound
	}
	line := "error: " + err.Error()
	if hint := hintFor(err); hint != "" {
		line += " – " + hint
	}
	streams.Warn("%s", line)
	return exitNoAnswer
}

// hintFor says what to do next.
func hintFor(err error) string {
	var bad *usageError
	var missing interface{ Hint() string }
	switch {
	case errors.As(err, &bad):
		return bad.hint
	case errors.As(err, &missing):
		return missing.Hint()
	case errors.Is(err, context.DeadlineExceeded):
		return "give it more time with --timeout"
	case errors.Is(err, context.Canceled):
		return "interrupted"
	}
	return ""
}

func newExitCodes() *cobra.Command {
	return &cobra.Command{
		Use: "exit-codes", Short: "List the exit statuses", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), exitCodesText)
			return err
		},
	}
}
