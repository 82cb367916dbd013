package fix

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cfdoctor/internal/evidence"
)

// Reader makes one read and returns the answer as a JSON tree (map[string]any, []any, float64, string, bool, nil). An error is an
// [*evidence.Problem] where AWS answered with one.
type Reader func(ctx context.Context, call APICall) (any, error)

// Preparation is a fix on its way to the API: everything read, every edit tried, nothing written.
type Preparation struct {
	Moves  []Move
	Values map[string]string // placeholders of outputs that are there already
	Token  string            // tells this application apart from others; becomes part of caller references

	read Reader
}

// ErrManual says that a change can only be made by a person.
var ErrManual = errors.New("only a person can make this change")

// Prepare reads what the fix changes and works its moves out; the distribution is the one whose cached answers may have to go. Token makes
// this application unique. It changes nothing; an error means that nothing has been changed.
func (f Fix) Prepare(ctx context.Context, distributionID, token string, read Reader) (*Preparation, error) {
	if len(f.Inputs) > 0 {
		return nil, fmt.Errorf("%w: it needs %s", ErrManual, strings.Join(f.Inputs, "; "))
	}
	if len(f.Changes) == 0 {
		return nil, ErrManual
	}
	p := &Preparation{Values: map[string]string{}, Token: token, read: read}
	for _, change := range combined(f.Changes) {
		if err := change.Prepare(ctx, p); err != nil {
			return nil, fmt.Errorf("%s: %w", change.Resource(), err)
		}
	}
	if len(f.Invalidate) > 0 && distributionID != "" {
		if err := InvalidatePaths(distributionID, f.Invalidate...).Prepare(ctx, p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Diff lists what the moves change, as it was read just now.
func (p *Preparation) Diff() []DiffLine {
	var out []DiffLine
	for _, m := range p.Moves {
		out = append(out, m.Diff...)
	}
	return out
}

// look reads a state and the version that guards it.
func (p *Preparation) look(ctx context.Context, l Look) (state any, version string, err error) {
	answer, err := p.read(ctx, l.Call)
	var problem *evidence.Problem
	if errors.As(err, &problem) && slices.Contains(l.Absent, problem.Code) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	if strange := l.strangers(answer); len(strange) > 0 {
		return nil, "", errors.New(strangers + strings.Join(strange, ", "))
	}
	version, _ = follow(answer, strings.Split(l.Version, ".")).(string)
	return l.State(answer), version, nil
}

// resource is one whose state is one JSON document that is written as a whole.
type wholeResource struct {
	name    string
	look    Look
	empty   string // the JSON that a resource without a document starts from
	put     func(doc any) APICall
	guard   string // the param of put that takes the version
	remove  *APICall
	limit   int
	limited string
	quotas  []quota
	await   *Await
	diff    func(before, after any) []DiffLine
}

// prepareWhole reads a document, edits it and works the move out.
func prepareWhole[E edit](ctx context.Context, p *Preparation, r wholeResource, edits []E) error {
	before, version, err := p.look(ctx, r.look)
	if err != nil {
		return err
	}
	start := before
	if before == nil {
		if r.empty == "" {
			return errors.New("the answer does not have it")
		}
		if start, err = parseTree([]byte(r.empty)); err != nil {
			return err
		}
	}
	after, err := applyAll(start, edits)
	if err != nil {
		return err
	}
	after = Fill(after, p.Values)
	if r.limit > 0 && len(text(after)) > r.limit {
		return fmt.Errorf("it would be %d bytes long, and %s allows %d", len(text(after)), r.limited, r.limit)
	}
	if err := over(r.quotas, start, after); err != nil {
		return err
	}
	m := Move{Resource: r.name, Look: r.look, Before: before, After: after, Await: r.await, Diff: r.diff(start, after)}
	if !SameState(start, after) || before == nil {
		m.Do = []Step{{Call: r.put(after), Version: guarded(r.guard, version)}}
		m.Undo = []Step{{Call: r.put(before), Version: guarded(r.guard, "")}}
		if before == nil {
			m.Undo = nil
			if r.remove != nil {
				m.Undo = []Step{{Call: *r.remove}}
			}
		}
	}
	p.Moves = append(p.Moves, m)
	return nil
}

func guarded(param, version string) *Version {
	if param == "" {
		return nil
	}
	return &Version{Param: param, Value: version}
}

// with is params and more of them.
func with(params map[string]any, more map[string]any) map[string]any {
	out := maps.Clone(params)
	if out == nil {
		out = map[string]any{}
	}
	maps.Copy(out, more)
	return out
}
