// Package apply makes the changes of a fix through the AWS SDK: the only place in cfdoctor that changes anything, and only when asked.
//
// A fix is prepared (package fix): everything is read, every edit is tried, nothing is written. The moves that come of it are kept in a journal
// with the state before; then each is made, guarded by the version that was read (ETag, LockToken) or, where the API has none, by a second look.
// A move that fails takes those before it back, so that nothing is left half-done. Between two moves an interrupt ends the run, and the journal
// says what to go on with.
//
// What is read and written passes through the AWS SDK's types. Of a resource that is written as a whole, an update would lose the members that are
// newer than the SDK that cfdoctor was built with; such a change is refused while it is prepared. The emitted scripts pass through the installed
// aws program instead, which may be newer; they stop where it does not know a member that the diagnosis has seen.
package apply

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/source/sdk"
)

// API makes calls that read and change an account. The error is an [*evidence.Problem] where AWS answered with one.
type API interface {
	Do(ctx context.Context, call evidence.Call) (jsontext.Value, error)
	// Takes reports why a call cannot be made as it is; it makes none.
	Takes(call evidence.Call) error
}

// Errors that end a run. Their texts say what happened; these say which kind it is.
var (
	ErrChanged     = errors.New("has changed since")
	ErrInterrupted = errors.New("interrupted")
	ErrNotVerified = errors.New("not as wanted when read again")
)

// Runner makes and takes back the moves of a journal.
type Runner struct {
	API   API
	Say   func(line string)                                // tells progress, one line at a time
	Sleep func(ctx context.Context, d time.Duration) error // nil waits for real
	// Asked says that time has passed since the preparation, such as with a question: what no version guards is looked at again before its change.
	Asked bool
	// Resumed says that the journal is an earlier run's: everything is looked at again before its change.
	Resumed bool
}

// Prepare gets a fix ready, as [fix.Fix.Prepare] does, and sees to it that the API can make each of its calls, and those of the way back. It
// changes nothing.
func Prepare(ctx context.Context, f fix.Fix, distributionID, token string, api API) (*fix.Preparation, error) {
	p, err := f.Prepare(ctx, distributionID, token, func(ctx context.Context, call fix.APICall) (any, error) { return answer(ctx, api, call) })
	if err != nil {
		return nil, err
	}
	for _, m := range p.Moves {
		for _, step := range slices.Concat(m.Do, m.Undo) {
			err := api.Takes(step.Call.Evidence())
			if unknown := (*sdk.UnknownMemberError)(nil); errors.As(err, &unknown) {
				return nil, fmt.Errorf("%s: it has %s, which this cfdoctor does not know and would drop: run the fix's script, or use a newer cfdoctor", m.Resource, unknown.Member)
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.Resource, err)
			}
		}
	}
	return p, nil
}

func answer(ctx context.Context, api API, call fix.APICall) (any, error) {
	raw, err := api.Do(ctx, call.Evidence())
	if err != nil {
		return nil, err
	}
	var tree any
	if len(raw) == 0 {
		return map[string]any{}, nil
	}
	if err := json.Unmarshal(raw, &tree, jsontext.AllowDuplicateNames(true)); err != nil {
		return nil, fmt.Errorf("%s: read the answer: %w", call.Name(), err)
	}
	return tree, nil
}

// Forward makes the moves that have not been made. Where one fails, those that this run has made are taken back.
func (r *Runner) Forward(ctx context.Context, j *Journal) error {
	var made []int
	seen := map[int]any{}
	for _, late := range []bool{false, true} {
		var here []int
		for i := range j.Moves {
			m := &j.Moves[i]
			if m.Late != late || m.Made {
				continue
			}
			if ctx.Err() != nil {
				return fmt.Errorf("%w before %s", ErrInterrupted, m.Resource)
			}
			if err := r.make(ctx, j, m, func(state any) { seen[i] = state }); err != nil {
				return r.failed(ctx, j, m, made, err)
			}
			made, here = append(made, i), append(here, i)
		}
		if err := r.await(ctx, j, here, seen); err != nil {
			return err
		}
	}
	return r.verify(ctx, j, seen)
}

// make makes one move, reads what became of it, and notes both. Once its first call is out, an interrupt does not stop it: a move is whole or
// not at all.
func (r *Runner) make(ctx context.Context, j *Journal, m *fix.Move, saw func(state any)) error {
	whole := context.WithoutCancel(ctx)
	if len(m.Do) == 0 {
		r.Say(m.Resource + ": as wanted already")
		m.Made = true
		return j.save()
	}
	if there, err := r.here(whole, j, m); err != nil || there {
		if there {
			m.Made = true
			return errors.Join(err, j.save())
		}
		return err
	}
	if err := r.steps(whole, j, m, m.Do); err != nil {
		return err
	}
	if m.Look.Call.Operation != "" {
		if state, _, err := r.look(whole, j, m); err == nil {
			saw(state)
			if fix.Reached(fix.Fill(m.After, j.Values), state) {
				m.After = state
			}
		}
	}
	m.Made = true
	r.Say(m.Resource + ": changed")
	return j.save()
}

// here looks a second time where nothing else guards the change, and reports whether it has been made already: by a run that ended before it
// could note it.
func (r *Runner) here(ctx context.Context, j *Journal, m *fix.Move) (bool, error) {
	guarded := m.Do[0].Version != nil && m.Do[0].Version.Value != ""
	if m.Look.Call.Operation == "" || !r.Resumed && (guarded || !r.Asked) {
		return false, nil
	}
	state, version, err := r.look(ctx, j, m)
	if err != nil {
		return false, err
	}
	switch {
	case fix.SameState(state, m.Before):
		if guarded && version != "" {
			m.Do[0].Version.Value = version
		}
		return false, nil
	case fix.Reached(fix.Fill(m.After, j.Values), state):
		r.Say(m.Resource + ": changed already")
		m.After = state
		return true, nil
	}
	return false, fmt.Errorf("%s %w it was read: somebody else has changed it", m.Resource, ErrChanged)
}

// steps makes calls one after another.
func (r *Runner) steps(ctx context.Context, j *Journal, m *fix.Move, steps []fix.Step) error {
	for _, step := range steps {
		call, err := r.prepared(ctx, j, m, step)
		if err != nil {
			return err
		}
		out, err := answer(ctx, r.API, call)
		var problem *evidence.Problem
		if errors.As(err, &problem) {
			if accepted(step, problem) {
				continue
			}
			return refused(m, call, problem)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", m.Resource, err)
		}
		for placeholder, path := range step.Outputs {
			value, _ := fix.Follow(out, strings.Split(path, ".")).(string)
			if value == "" {
				return fmt.Errorf("%s: the answer of %s has no %s", m.Resource, call.Name(), path)
			}
			j.Values[placeholder] = value
		}
	}
	return nil
}

// prepared puts the values of outputs and the version into a call.
func (r *Runner) prepared(ctx context.Context, j *Journal, m *fix.Move, step fix.Step) (fix.APICall, error) {
	call := step.Call
	params, _ := fix.Fill(call.Params, j.Values).(map[string]any)
	call.Params = maps.Clone(params)
	v := step.Version
	if v == nil {
		return call, nil
	}
	version := v.Value
	var err error
	switch {
	case v.Call != nil:
		at := *v.Call
		at.Params, _ = fix.Fill(at.Params, j.Values).(map[string]any)
		var out any
		out, err = answer(ctx, r.API, at)
		version, _ = fix.Follow(out, strings.Split(v.Path, ".")).(string)
	case version == "":
		_, version, err = r.look(ctx, j, m)
	}
	if err != nil {
		return call, fmt.Errorf("%s: %w", m.Resource, err)
	}
	call.Params[v.Param] = version
	return call, nil
}

// look reads a move's state and version.
func (r *Runner) look(ctx context.Context, j *Journal, m *fix.Move) (state any, version string, err error) {
	call := m.Look.Call
	call.Params, _ = fix.Fill(call.Params, j.Values).(map[string]any)
	out, err := answer(ctx, r.API, call)
	var problem *evidence.Problem
	if errors.As(err, &problem) && contains(m.Look.Absent, problem.Code) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", m.Resource, err)
	}
	if m.Look.Version != "" {
		version, _ = fix.Follow(out, strings.Split(m.Look.Version, ".")).(string)
	}
	return m.Look.State(out), version, nil
}
