package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"cfdoctor/internal/apply"
	"cfdoctor/internal/doctor"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/source/sdk"
	"cfdoctor/internal/ui"
)

// applyFix applies one fix of a diagnosis. Nothing is changed before the answer to the question.
func (o *fixOptions) applyFix(ctx context.Context, streams *ui.Streams, c *doctor.Case, p doctor.Planned) error {
	now := time.Now().UTC()
	api, account, err := o.openForChanges(ctx)
	if err != nil {
		return err
	}
	defer api.Close()
	stamp := now.Format("20060102T150405Z")
	prepared, err := apply.Prepare(ctx, p.Fix, c.Model.ID(), "cfdoctor-"+stamp, api)
	switch {
	case errors.Is(err, fix.ErrManual):
		return usage("follow the steps above", "%s cannot be applied: %w", p.ID, err)
	case err != nil:
		return usage("nothing has been changed", "%w", err)
	}
	j := apply.NewJournal(p.Fix.Title, account, now, prepared)
	if _, all := j.Made(); all == 0 {
		fmt.Fprintln(streams.Out, "Everything is as wanted already: there is nothing to change.")
		return nil
	}
	showDiff(streams, prepared.Diff())
	if err := o.agree(streams, fmt.Sprintf("change the account as shown (%s)?", p.Fix.Title)); err != nil {
		return err
	}
	if o.save == "" {
		o.save = "cfdoctor-fix-" + stamp + ".json"
	}
	if err := j.Create(o.save); err != nil {
		return usage("nothing has been changed; name another file with --rollback-file", "%w", err)
	}
	streams.Warn("the state before the change is kept in %s, which only you can read", j.Path())
	runner := &apply.Runner{API: api, Say: o.say(streams), Asked: !o.yes}
	if err := ended(streams, j, runner.Forward(ctx, j)); err != nil {
		return err
	}
	for _, step := range p.Fix.Manual {
		fmt.Fprintln(streams.Out, "Left for you: "+ui.Clean(step))
	}
	return nil
}

// fromFile takes an earlier application back, or goes on with it.
func (o *fixOptions) fromFile(ctx context.Context, streams *ui.Streams, args []string) error {
	if len(args) > 0 || o.id != "" || o.apply || o.rollback != "" && o.resume != "" {
		return usage("leave the others out", "--rollback and --resume take a file and nothing else")
	}
	name := o.rollback + o.resume
	j, err := apply.Load(name)
	if err != nil {
		return err
	}
	api, account, err := o.openForChanges(ctx)
	if err != nil {
		return err
	}
	defer api.Close()
	if j.Account != "" && account != j.Account {
		return usage("choose another --profile", "%s is of account %s, and the credentials are those of %s", name, j.Account, account)
	}
	made, all := j.Made()
	what := fmt.Sprintf("(%s, of %s; %d of %d changes made)", j.Title, j.Created.Format(time.RFC3339), made, all)
	runner := &apply.Runner{API: api, Say: o.say(streams), Resumed: true}
	if o.resume != "" {
		if err := o.agree(streams, "go on with the fix "+what+"?"); err != nil {
			return err
		}
		return ended(streams, j, runner.Forward(ctx, j))
	}
	if err := o.agree(streams, "take the fix back "+what+"?"); err != nil {
		return err
	}
	if err := runner.Back(ctx, j); err != nil {
		return usage("what is not named above as taken back stays as it is", "%w", err)
	}
	fmt.Fprintln(streams.Out, "Taken back: everything is as it was before the fix.")
	return nil
}

// ended says how a run ended, and how to go on or back.
func ended(streams *ui.Streams, j *apply.Journal, err error) error {
	made, all := j.Made()
	switch {
	case err == nil:
		fmt.Fprintf(streams.Out, "Changed and read again: all is as wanted.\nTo go back: cfdoctor fix --rollback %s\n", j.Path())
		return nil
	case errors.Is(err, apply.ErrInterrupted):
		return usage(fmt.Sprintf("%d of %d changes are made: go on with \"cfdoctor fix --resume %s\", or back with \"cfdoctor fix --rollback %s\"",
			made, all, j.Path(), j.Path()), "%w", err)
	case made == 0:
		return usage("diagnose again before another try", "%w", err)
	}
	return usage(fmt.Sprintf("%d of %d changes are made: go back with \"cfdoctor fix --rollback %s\"", made, all, j.Path()), "%w", err)
}

// openForChanges opens the one door through which cfdoctor changes an account, and asks whose account it is.
func (o *fixOptions) openForChanges(ctx context.Context) (*sdk.Source, string, error) {
	src, err := sdk.Open(ctx, sdk.Options{Profile: o.source.profile, Region: o.source.region, EndpointURL: o.source.endpoint})
	if err != nil {
		return nil, "", err
	}
	api := src.With(apply.Operations()...)
	raw, err := api.Do(ctx, evidence.Call{Service: "sts", Operation: "GetCallerIdentity", Params: map[string]any{}})
	if err != nil {
		return nil, "", err
	}
	var caller struct{ Account string }
	if err := json.Unmarshal(raw, &caller); err != nil {
		return nil, "", fmt.Errorf("read whose account it is: %w", err)
	}
	return api, caller.Account, nil
}

// agree asks before something changes.
func (o *fixOptions) agree(streams *ui.Streams, question string) error {
	if o.yes {
		return nil
	}
	if !streams.Interactive() {
		return usage("pass --yes", "it asks first, and there is nobody to ask")
	}
	if !streams.Ask(question) {
		return usage("nothing was changed", "stopped")
	}
	return nil
}

func (o *fixOptions) say(streams *ui.Streams) func(string) {
	return func(line string) {
		if !streams.Quiet {
			streams.Warn("%s", line)
		}
	}
}

// showDiff shows what changes, as it was read just now.
func showDiff(streams *ui.Streams, diff []fix.DiffLine) {
	var b strings.Builder
	b.WriteString("\nAs read just now, this changes:\n")
	for _, d := range diff {
		fmt.Fprintf(&b, "  %s %s\n", ui.Clean(d.Resource), ui.Clean(d.Path))
		if d.Old != "" {
			fmt.Fprintf(&b, "  - %s\n", ui.Clean(d.Old))
		}
		if d.New != "" {
			fmt.Fprintf(&b, "  + %s\n", ui.Clean(d.New))
		}
	}
	fmt.Fprintln(streams.Out, b.String())
}
