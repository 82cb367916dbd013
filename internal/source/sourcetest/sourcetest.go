// Package sourcetest is what every door to an account has to do, as one test that all of them run.
//
// The account behind the doors is testdata/account.json, a bundle. A door's test puts the recorded answers where the door reads them:
// into a file, behind AWS's wire protocols, into a program named aws, behind an MCP server.
package sourcetest

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source"
)

//go:embed testdata/account.json
var account []byte

// Account returns the bundle that the doors are to answer from.
func Account() []byte { return slices.Clone(account) }

// Call is one recorded call of the account.
type Call struct {
	Service   string            `json:"service"`
	Operation string            `json:"operation"`
	Params    map[string]any    `json:"params"`
	Output    jsontext.Value    `json:"output"`
	Error     *evidence.Problem `json:"error"`
}

// Asks returns the call as a door is asked.
func (c Call) Asks() evidence.Call {
	return evidence.Call{Service: c.Service, Operation: c.Operation, Params: c.Params}
}

// state is what a door has to make of the call. The account's only other error is throttling.
func (c Call) state() evidence.State {
	if c.Error == nil {
		return evidence.Known
	}
	switch c.Error.Code {
	case "AccessDenied", "403":
		return evidence.Denied
	case "SlowDown":
		return evidence.Failed
	}
	return evidence.Absent
}

// Calls reads the recorded calls of a bundle.
func Calls(bundle []byte) ([]Call, error) {
	var recording struct {
		Calls []Call `json:"calls"`
	}
	err := json.Unmarshal(bundle, &recording)
	return recording.Calls, err
}

// Unrecorded is a call that the account has no answer to.
var Unrecorded = evidence.Call{Service: "kms", Operation: "DescribeKey", Params: map[string]any{"KeyId": "arn:aws:kms:us-east-1:123456789012:key/none"}}

// Run tests a door to the account. Open makes a new one; it is closed here.
func Run(t *testing.T, open func(t *testing.T) source.Source) {
	calls, err := Calls(account)
	if err != nil {
		t.Fatal(err)
	}
	door := open(t)
	t.Run("answers", func(t *testing.T) {
		for _, call := range calls {
			if diff := Check(t.Context(), door, call); diff != "" {
				t.Errorf("%s %v:\n%s", call.Asks().Name(), call.Params, diff)
			}
		}
	})
	t.Run("not captured", func(t *testing.T) { checkUnrecorded(t, door) })
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		output, err := door.Do(ctx, calls[0].Asks())
		if state := source.Classify(calls[0].Asks(), output, err).State; state != evidence.Failed {
			t.Errorf("after cancellation the call is %q (%v), want it failed", state, err)
		}
	})
	t.Run("many at once", func(t *testing.T) { checkConcurrent(t, door, calls) })
	t.Run("about", func(t *testing.T) {
		if about := door.About(); about.Kind == "" || about.Detail == "" {
			t.Errorf("the door does not tell what it is: %+v", about)
		}
	})
	if err := door.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// checkUnrecorded wants an answer that is not known to stay so: neither "there is none" nor "denied".
func checkUnrecorded(t *testing.T, door source.Source) {
	output, err := door.Do(t.Context(), Unrecorded)
	switch state := source.Classify(Unrecorded, output, err).State; state {
	case evidence.NotCaptured, evidence.Failed:
	default:
		t.Errorf("a call without an answer is %q (%v)", state, err)
	}
}

func checkConcurrent(t *testing.T, door source.Source, calls []Call) {
	var wg sync.WaitGroup
	for _, call := range calls {
		if call.state() == evidence.Failed {
			continue // doors repeat throttled calls after a pause
		}
		for range 4 {
			wg.Go(func() {
				if diff := Check(t.Context(), door, call); diff != "" {
					t.Errorf("%s %v: %s", call.Asks().Name(), call.Params, diff)
				}
			})
		}
	}
	wg.Wait()
}

// Check makes a recorded call through a door and returns what is different, "" where nothing is.
func Check(ctx context.Context, door source.Source, call Call) string {
	output, err := door.Do(ctx, call.Asks())
	if state := source.Classify(call.Asks(), output, err).State; state != call.state() {
		return fmt.Sprintf("it is %q (%v), want %q", state, err, call.state())
	}
	if call.Error == nil {
		return DiffAnswers(call.Asks().Name(), call.Output, output)
	}
	var problem *evidence.Problem
	if !errors.As(err, &problem) {
		return fmt.Sprintf("the error is no answer of AWS: %v", err)
	}
	if problem.Code != call.Error.Code {
		return fmt.Sprintf("the code is %s, want %s", problem.Code, call.Error.Code)
	}
	return ""
}
