package collect

import (
	"context"
	"os"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source"
)

// now is the clock of the test worlds.
var now = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

// recorded is one answer of a fake account: for every call whose params hold all of these.
type recorded struct {
	Service   string            `json:"service"`
	Operation string            `json:"operation"`
	Params    map[string]any    `json:"params"`
	Output    jsontext.Value    `json:"output"`
	Error     *evidence.Problem `json:"error"`
}

// fake is an account in memory. It counts what it is asked.
type fake struct {
	answers []recorded
	account string
	before  func(context.Context, evidence.Call) error // runs before every answer

	mu    sync.Mutex
	asked map[string]int // by key
	names map[string]int // by service:operation
}

func newFake(answers ...recorded) *fake {
	return &fake{answers: answers, asked: map[string]int{}, names: map[string]int{}}
}

// load reads a fake account from a file in the form of a bundle.
func load(t testing.TB, file string) *fake {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var bundle struct {
		Calls []recorded `json:"calls"`
	}
	if err := json.Unmarshal(text, &bundle); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return newFake(bundle.Calls...)
}

// say makes an answer.
func say(service, operation string, params map[string]any, output string) recorded {
	return recorded{Service: service, Operation: operation, Params: params, Output: jsontext.Value(output)}
}

// refuse makes an answer that is a problem.
func refuse(service, operation string, params map[string]any, code string) recorded {
	return recorded{Service: service, Operation: operation, Params: params, Error: &evidence.Problem{Code: code}}
}

func (f *fake) Do(ctx context.Context, call evidence.Call) (jsontext.Value, error) {
	f.mu.Lock()
	f.asked[call.Key()]++
	f.names[call.Name()]++
	f.mu.Unlock()
	if f.before != nil {
		if err := f.before(ctx, call); err != nil {
			return nil, err
		}
	}
	best := -1
	for i, a := range f.answers {
		if a.Service == call.Service && a.Operation == call.Operation && holds(call.Params, a.Params) &&
			(best < 0 || len(a.Params) > len(f.answers[best].Params)) {
			best = i
		}
	}
	switch {
	case best < 0:
		return nil, source.ErrNotCaptured
	case f.answers[best].Error != nil:
		return nil, f.answers[best].Error
	}
	return f.answers[best].Output, nil
}

// holds reports whether params have everything that want has.
func holds(params, want map[string]any) bool {
	for name, value := range want {
		if !reflect.DeepEqual(params[name], value) {
			return false
		}
	}
	return true
}

func (f *fake) About() source.About { return source.About{Kind: "bundle", Account: f.account} }
func (f *fake) Close() error        { return nil }

// recording is a fake that tells what it holds, as a recording does.
type recording struct{ *fake }

func (r recording) Recorded(service, operation string) []evidence.Call {
	var out []evidence.Call
	for _, a := range r.answers {
		if a.Service == service && a.Operation == operation {
			out = append(out, evidence.Call{Service: service, Operation: operation, Params: a.Params})
		}
	}
	return out
}
