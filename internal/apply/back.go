package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

// Back takes the moves of a journal back that have been made, the last first. A resource that has changed since is left alone, with everything
// that was made before it.
func (r *Runner) Back(ctx context.Context, j *Journal) error {
	var undone []int
	for i := len(j.Moves) - 1; i >= 0; i-- {
		if ctx.Err() != nil {
			return fmt.Errorf("%w before %s was taken back", ErrInterrupted, j.Moves[i].Resource)
		}
		changed, err := r.takeBack(ctx, j, &j.Moves[i])
		if err != nil {
			return err
		}
		if !changed {
			continue
		}
		undone = append(undone, i)
		if j.Moves[i].Late { // what it depended on is taken back only once nothing uses it any more
			if err := r.await(ctx, j, []int{i}, map[int]any{}); err != nil {
				return err
			}
		}
	}
	if err := r.await(ctx, j, slices.DeleteFunc(slices.Clone(undone), func(i int) bool { return !deploys(&j.Moves[i]) }), map[int]any{}); err != nil {
		return err
	}
	var wrong []string
	for _, i := range undone {
		m := &j.Moves[i]
		state, _, err := r.look(ctx, j, m)
		if err != nil {
			return err
		}
		if !fix.SameState(state, m.Before) {
			wrong = append(wrong, m.Resource)
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%s: %w", strings.Join(wrong, ", "), ErrNotVerified)
	}
	return nil
}

// deploys reports whether what a move makes is still there, to be waited for, once the move is taken back.
func deploys(m *fix.Move) bool { return !fix.SameState(m.Before, []any{}) }

// takeBack takes one move back and reports whether it changed anything.
func (r *Runner) takeBack(ctx context.Context, j *Journal, m *fix.Move) (bool, error) {
	if len(m.Do) == 0 {
		return false, nil
	}
	if m.Look.Call.Operation == "" {
		if m.Made {
			r.Say(m.Resource + ": cannot be taken back, and need not be")
		}
		return false, nil
	}
	whole := context.WithoutCancel(ctx)
	state, _, err := r.look(whole, j, m)
	if err != nil {
		return false, err
	}
	switch {
	case fix.SameState(state, m.Before):
		r.Say(m.Resource + ": as it was before already")
		m.Made = false
		return false, j.save()
	case m.Made && !fix.SameState(state, m.After), !m.Made && !fix.Reached(fix.Fill(m.After, j.Values), state):
		return false, fmt.Errorf("%s %w the fix: it is left as it is", m.Resource, ErrChanged)
	case len(m.Undo) == 0:
		return false, fmt.Errorf("%s: there is no way back by command", m.Resource)
	}
	if err := r.steps(whole, j, m, m.Undo); err != nil {
		return false, err
	}
	m.Made = false
	r.Say(m.Resource + ": as it was before again")
	return true, j.save()
}

// failed takes back what this run has made before a move failed, so that nothing is left half-done.
func (r *Runner) failed(ctx context.Context, j *Journal, m *fix.Move, made []int, cause error) error {
	whole := context.WithoutCancel(ctx)
	if len(m.Do) > 1 && !errors.Is(cause, ErrChanged) {
		r.clear(whole, j, m)
	}
	for _, i := range slices.Backward(made) {
		if _, err := r.takeBack(whole, j, &j.Moves[i]); err != nil {
			done, all := j.Made()
			return fmt.Errorf("%w; taking back what was made before it failed too (%w): %d of %d changes stand", cause, err, done, all)
		}
	}
	return fmt.Errorf("%w; nothing is changed", cause)
}

// clear takes back what the first steps of a move have made before a later one failed. Each step back may find nothing there.
func (r *Runner) clear(ctx context.Context, j *Journal, m *fix.Move) {
	for _, step := range m.Undo {
		if err := r.steps(ctx, j, m, []fix.Step{step}); err != nil {
			r.Say(err.Error())
		}
	}
}

// poll is how often a condition is looked at. CloudFront takes some minutes to deploy a change.
const poll = 10 * time.Second

// await waits for what the moves bring about. Where that is told by the same read as the state, seen gets the state.
func (r *Runner) await(ctx context.Context, j *Journal, moves []int, seen map[int]any) error {
	for _, i := range moves {
		a := j.Moves[i].Await
		if a == nil || len(j.Moves[i].Do) == 0 {
			continue
		}
		for waited := time.Duration(0); ; waited += poll {
			call := a.Call
			call.Params, _ = fix.Fill(call.Params, j.Values).(map[string]any)
			out, err := answer(ctx, r.API, call)
			if err != nil && ctx.Err() == nil {
				return fmt.Errorf("wait for %s: %w", a.For, err)
			}
			have, _ := fix.Follow(out, a.Path).(string)
			if a.Never != "" && have == a.Never {
				return fmt.Errorf("wait for %s: it is %s", a.For, have)
			}
			if err == nil && have == a.Want {
				if a.Call.Name() == j.Moves[i].Look.Call.Name() {
					seen[i] = j.Moves[i].Look.State(out)
				}
				break
			}
			if ctx.Err() == nil {
				r.Say(fmt.Sprintf("waiting for %s (%s so far); an interrupt leaves the change in place", a.For, waited))
				err = r.sleep(ctx, poll)
			}
			if ctx.Err() != nil {
				return fmt.Errorf("%w while waiting for %s: the change is made, and takes effect by itself", ErrInterrupted, a.For)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Runner) sleep(ctx context.Context, d time.Duration) error {
	if r.Sleep != nil {
		return r.Sleep(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// verify compares what was read after the changes with what is wanted; what was not read yet is read now.
func (r *Runner) verify(ctx context.Context, j *Journal, seen map[int]any) error {
	var wrong []string
	for i := range j.Moves {
		m := &j.Moves[i]
		if m.Look.Call.Operation == "" {
			continue
		}
		state, read := seen[i]
		if !read {
			var err error
			if state, _, err = r.look(ctx, j, m); err != nil {
				return err
			}
		}
		if fix.SameState(state, m.After) || fix.Reached(fix.Fill(m.After, j.Values), state) {
			r.Say("PASS " + m.Resource)
		} else {
			r.Say("FAIL " + m.Resource)
			wrong = append(wrong, m.Resource)
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%s: %w", strings.Join(wrong, ", "), ErrNotVerified)
	}
	return nil
}

// concurrent are the codes by which AWS says that somebody else was faster.
var concurrent = []string{"PreconditionFailed", "InvalidIfMatchVersion", "WAFOptimisticLockException", "ConflictException", "OperationAborted"}

func refused(m *fix.Move, call fix.APICall, problem *evidence.Problem) error {
	if contains(concurrent, problem.Code) {
		return fmt.Errorf("%s %w it was read: somebody else has changed it (%s)", m.Resource, ErrChanged, problem.Code)
	}
	if overQuota(problem.Code) {
		return fmt.Errorf("%s: %s was refused, since a quota is reached (%w): ask for more in the Service Quotas console, or take out what is not needed", m.Resource, call.Name(), problem)
	}
	return fmt.Errorf("%s: %s was refused: %w", m.Resource, call.Name(), problem)
}

// overQuota reports whether a code is one by which AWS says that there would be too many of something, such as TooManyDistributionCNAMEs,
// WAFLimitsExceededException, RulesPerSecurityGroupLimitExceeded, PolicyLengthExceededException (CloudFront, WAF, EC2 and Lambda API references).
// Too many requests are none of these.
func overQuota(code string) bool {
	if strings.Contains(code, "Request") || strings.Contains(code, "Throttl") {
		return false
	}
	return strings.HasPrefix(code, "TooMany") || strings.Contains(code, "LimitExceeded") || strings.Contains(code, "LimitsExceeded") ||
		strings.Contains(code, "QuotaExceeded") || strings.Contains(code, "LengthExceeded")
}

func accepted(step fix.Step, problem *evidence.Problem) bool {
	return contains(step.Accept, problem.Code)
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }
