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
	if len(f.Changes) == 0 || len(f.Inputs) > 0 {
		return ""
	}
	s := &Shell{}
	for _, change := range combined(f.Changes) {
		change.Plan(s)
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

// combined makes the edits of one distribution one edit, at the place of the last: a distribution is read, written and deployed once.
func combined(changes []Change) []Change {
	last := map[string]int{}
	edits := map[string]Edits{}
	for i, change := range changes {
		if d, ok := change.(DistributionEdit); ok {
			last[d.ID] = i
			edits[d.ID] = append(edits[d.ID], d.Edits...)
		}
	}
	var out []Change
	for i, change := range changes {
		d, ok := change.(DistributionEdit)
		switch {
		case !ok:
			out = append(out, change)
		case last[d.ID] == i:
			out = append(out, DistributionEdit{ID: d.ID, Edits: edits[d.ID]})
		}
	}
	return out
}

func console(f Fix, changes []Change) []string {
	var steps []string
	for _, change := range changes {
		steps = append(steps, change.Console()...)
	}
	if len(f.Invalidate) > 0 {
		steps = append(steps, "In the CloudFront console, on the distribution's Invalidations tab, choose Create invalidation and enter "+
			show(strings.Join(f.Invalidate, " "))+", since errors are cached")
	}
	for _, reason := range refusals(changes) {
		steps = append(steps, "There are no commands for this, since a value in them could not be trusted to stay itself in a shell: "+printable(reason))
	}
	steps = append(steps, f.Manual...)
	for i := range steps {
		steps[i] = fmt.Sprintf("%d. %s", i+1, steps[i])
	}
	return steps
}
