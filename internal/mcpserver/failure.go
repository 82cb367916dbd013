package mcpserver

import (
	"context"
	"errors"
	"fmt"

	"cfdoctor/internal/collect"
	"cfdoctor/internal/source/sdk"
	"cfdoctor/internal/ui"
)

// advised is an error with what to do next.
type advised struct {
	err  error
	next string
}

func (e *advised) Error() string { return e.err.Error() }
func (e *advised) Unwrap() error { return e.err }

func advise(next, format string, args ...any) error {
	return &advised{err: fmt.Errorf(format, args...), next: next}
}

// told is the error that a model reads: what went wrong, and what to do next.
func told(err error) error {
	text := ui.Clean(err.Error())
	if next := nextFor(err); next != "" {
		text += "\nNext: " + ui.Clean(next)
	}
	return errors.New(text)
}

func nextFor(err error) string {
	var bad *advised
	var missing *collect.NotFoundError
	var hint interface{ Hint() string }
	switch {
	case errors.As(err, &bad):
		return bad.next
	case errors.As(err, &missing):
		return missing.Hint() + " Ask the person to check for a typing mistake, or call list_distributions to see what this account has."
	case errors.As(err, &hint):
		return hint.Hint()
	case errors.Is(err, sdk.ErrNoCredentials):
		return "Ask the person to sign in (aws configure, aws sso login), or to start cfdoctor mcp with --profile NAME or with --from FILE for a recording. You cannot do this yourself."
	case errors.Is(err, context.DeadlineExceeded):
		return "The account answered too slowly. Call the tool once more; if it happens again, the person can start cfdoctor mcp with a longer --timeout."
	case errors.Is(err, context.Canceled):
		return "The call was cancelled. Call the tool again if its answer is still wanted."
	}
	return "Tell the person, and try once more only if the cause is likely to be gone."
}
