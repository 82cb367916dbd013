package fix

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cfdoctor/internal/evidence"
)

// Render writes a fix in all its forms.
func Render(f Fix, ctx Context) Rendered {
	if ctx.World == nil {
		ctx.World = evidence.NewWorld(time.Time{}, "")
	}
	changes := combined(f.Changes)
	out := Rendered{Console: console(f, changes)}
	if reason := noRoom(changes, ctx.World); reason != "" {
		out.Console = append([]string{"There are no commands for this before there is room: " + printable(reason)}, out.Console...)
		for _, change := range changes {
			out.Diff = append(out.Diff, change.Diff(ctx.World)...)
		}
		return out
	}
	// Each change is rendered in the world that the changes before it leave, as the commands run one after another.
	world := ctx.World.Clone()
	for _, change := range changes {
		at := ctx
		at.World = world
		out.Commands = append(out.Commands, change.Commands(at)...)
		out.Diff = append(out.Diff, change.Diff(world)...)
		out.Verification = append(out.Verification, change.Checks(at)...)
		out.Rollback = slices.Concat(change.Rollback(at), out.Rollback)
		change.Effect(world)
	}
	out.Commands = append(out.Commands, byHand(f.ByHand)...)
	out.Rollback = append(backByHand(f.ByHand), out.Rollback...)
	if len(f.Invalidate) > 0 && ctx.DistributionID != "" {
		out.Commands = append(out.Commands, invalidation(ctx.DistributionID, f.Invalidate))
	}
	out.Verification = append(out.Verification, f.Verify...)
	out.Script = Script(f, ctx)
	return out
}

// Script is the whole fix as one POSIX shell script: "" where a person must supply something, where nothing can be changed by command, or where
// a name cannot stand in a command.
func Script(f Fix, ctx Context) string {
	if len(f.Changes) == 0 || len(f.Inputs) > 0 || noRoom(combined(f.Changes), ctx.World) != "" {
		return ""
	}
	s := &Shell{world: ctx.World}
	for _, change := range combined(f.Changes) {
		earlier := s.undo
		s.undo = nil
		change.Plan(s)
		s.undo = append(s.undo, earlier...) // the last change goes back first
	}
	var after []string
	if len(f.Invalidate) > 0 && ctx.DistributionID != "" {
		after = append(after, invalidate(s, ctx.DistributionID, f.Invalidate))
	}
	return s.script(f.Title, after)
}

// refusals are the reasons why commands are left out.
func refusals(changes []Change) []string {
	s := &Shell{}
	for _, change := range changes {
		change.Plan(s)
	}
	slices.Sort(s.refusals)
	return slices.Compact(s.refusals)
}

// combined makes the edits of one resource one edit, so that it is read and written once: a distribution at the place of the last of them,
// since it is to be deployed when all else is ready; anything else at the place of the first.
func combined(changes []Change) []Change {
	joined := make([]Change, len(changes))
	copy(joined, changes)
	for i := range joined {
		for k := i + 1; k < len(joined); k++ {
			both, ok := together(joined[i], joined[k])
			if !ok {
				continue
			}
			if _, isDistribution := both.(DistributionEdit); isDistribution {
				joined[i], joined[k] = nil, both
				break
			}
			joined[i], joined[k] = both, nil
		}
	}
	return slices.DeleteFunc(joined, func(c Change) bool { return c == nil })
}

// together is two changes as one, where both edit the same document.
func together(a, b Change) (Change, bool) {
	switch x := a.(type) {
	case DistributionEdit:
		if y, ok := b.(DistributionEdit); ok && x.ID == y.ID {
			return DistributionEdit{ID: x.ID, Edits: slices.Concat(x.Edits, y.Edits)}, true
		}
	case PolicyChange:
		if y, ok := b.(PolicyChange); ok && x.on.resource == y.on.resource {
			return PolicyChange{Edits: slices.Concat(x.Edits, y.Edits), on: x.on}, true
		}
	case WAFEdit:
		if y, ok := b.(WAFEdit); ok && x.ARN == y.ARN {
			return WAFEdit{ARN: x.ARN, Edits: slices.Concat(x.Edits, y.Edits), on: x.on}, true
		}
	case ResourceEdit:
		if y, ok := b.(ResourceEdit); ok && x.ID == y.ID && x.on.kind == y.on.kind {
			return ResourceEdit{ID: x.ID, Edits: slices.Concat(x.Edits, y.Edits), on: x.on}, true
		}
	case CORSEdit:
		if y, ok := b.(CORSEdit); ok && x.Bucket == y.Bucket {
			return CORSEdit{Bucket: x.Bucket, Edits: slices.Concat(x.Edits, y.Edits)}, true
		}
	}
	return nil, false
}

func console(f Fix, changes []Change) []string {
	var steps []string
	for _, change := range changes {
		steps = append(steps, change.Console()...)
	}
	for _, reason := range refusals(changes) {
		steps = append(steps, "There are no commands for this, since a value in them could not be trusted to stay itself in a shell: "+printable(reason))
	}
	steps = append(steps, f.Manual...)
	if len(f.Invalidate) > 0 {
		steps = append(steps, "In the CloudFront console, on the distribution's Invalidations tab, choose Create invalidation and enter "+
			show(strings.Join(rooted(f.Invalidate), " "))+", since errors are cached")
	}
	for i := range steps {
		steps[i] = fmt.Sprintf("%d. %s", i+1, steps[i])
	}
	return steps
}
