// Package bundle is the door to a recording: it answers reads from a file, needs no credentials and touches no network.
// The format is plain JSON, one call a line, easy to write by hand.
package bundle

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source"
)

// Format is the value of a bundle's member "format".
const Format = "cfdoctor-bundle/v1"

// Bundle is a recording of read calls. It never changes once parsed, so that it is safe for concurrent use.
type Bundle struct {
	CapturedAt time.Time // the clock of a diagnosis from the recording
	Account    string    // twelve digits, "" where the recording does not tell
	Probes     int       // how many probes of active validation it holds; they are answered like calls

	name  string
	calls int
	index map[string][]recorded // by Call.Name, the most specific first, the later of equals first
}

var _ source.Source = (*Bundle)(nil)

// recorded is one call of the file, ready to be compared with requests.
type recorded struct {
	region string // "" answers every Region
	params params
	output jsontext.Value
	err    *evidence.Problem
}

// Len is the number of recorded calls.
func (b *Bundle) Len() int { return b.calls }

// Do implements [source.Source]. A recorded call answers a request when every member of its params equals the request's, and its Region
// where it has one. The one with the most params wins, among those the later one.
func (b *Bundle) Do(ctx context.Context, call evidence.Call) (jsontext.Value, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rec, err := b.find(call)
	if err != nil {
		return nil, err
	}
	if rec.err != nil {
		return nil, rec.err
	}
	return rec.output.Clone(), nil
}

func (b *Bundle) find(call evidence.Call) (recorded, error) {
	asked, err := paramsOf(call.Params)
	if err != nil {
		return recorded{}, fmt.Errorf("%s: %w", call.Name(), err)
	}
	for _, rec := range b.index[call.Name()] {
		if rec.region != "" && rec.region != call.Region {
			continue
		}
		if rec.params.answer(asked) {
			return rec, nil
		}
	}
	return recorded{}, fmt.Errorf("%s: %w", call.Name(), source.ErrNotCaptured)
}

// Recorded lists the recorded calls of an operation, so that a target can be found in a recording that has no list of distributions.
func (b *Bundle) Recorded(service, operation string) []evidence.Call {
	call := evidence.Call{Service: service, Operation: operation}
	var out []evidence.Call
	for _, rec := range b.index[call.Name()] {
		params := make(map[string]any, len(rec.params))
		for name, text := range rec.params {
			var value any
			if json.Unmarshal([]byte(text), &value) == nil {
				params[name] = value
			}
		}
		out = append(out, evidence.Call{Service: service, Operation: operation, Params: params, Region: rec.region})
	}
	return out
}

// About implements [source.Source].
func (b *Bundle) About() source.About {
	return source.About{Kind: "bundle", Account: b.Account, Detail: b.name}
}

// Close implements [source.Source].
func (b *Bundle) Close() error { return nil }

// add puts a call into the index. The order within an operation is made by sortIndex.
func (b *Bundle) add(name string, rec recorded) {
	if b.index == nil {
		b.index = map[string][]recorded{}
	}
	b.calls++
	for _, form := range equivalentForms(name, rec.params) {
		rec.params = form
		b.index[name] = append(b.index[name], rec)
	}
}

// sortIndex puts the calls that win first.
func (b *Bundle) sortIndex() {
	for _, calls := range b.index {
		slices.Reverse(calls)
		slices.SortStableFunc(calls, func(a, b recorded) int { return b.specificity() - a.specificity() })
	}
}

// specificity orders calls by the number of params; a Region breaks ties.
func (r recorded) specificity() int {
	n := 2 * len(r.params)
	if r.region != "" {
		n++
	}
	return n
}
