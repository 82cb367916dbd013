package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cfdoctor/internal/apply"
	"cfdoctor/internal/causes"
	"cfdoctor/internal/doctor"
	"cfdoctor/internal/render"
	"cfdoctor/internal/report"
	"cfdoctor/internal/ui"
)

type fixOptions struct {
	source  sourceFlags
	request requestFlags

	code    int
	id      string
	script  bool
	apply   bool
	yes     bool
	verbose bool
}

func newFix(streams *ui.Streams) *cobra.Command {
	o := &fixOptions{}
	cmd := &cobra.Command{
		Use:   "fix TARGET --fix ID",
		Short: "Show one fix of a diagnosis in full, print its script, or apply it",
		Long: `Diagnose TARGET again and show one of the fixes: what changes, how, what it costs, and its proof. The fixes are numbered by diagnosis,
so give the same request as to "diagnose".

Without --apply nothing is changed. --apply runs the fix's script with sh, aws and jq, after asking: it re-reads what it changes, keeps the old state in a
folder that it names, waits, verifies, and prints the way back.`,
		Example: `  cfdoctor fix E2EXAMPLE --fix fix-1 --error-code 403 --request-path /logo.png
  cfdoctor fix E2EXAMPLE --fix fix-1 --error-code 403 --request-path /logo.png --script > fix.sh
  cfdoctor fix E2EXAMPLE --fix fix-1 --error-code 403 --request-path /logo.png --apply`,
		Args: oneTarget,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), streams, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.id, "fix", "", "which fix: fix-1, fix-2, …")
	flags.IntVar(&o.code, "error-code", 0, "the HTTP status that the viewer sees")
	flags.BoolVar(&o.script, "script", false, "print the script alone")
	flags.BoolVar(&o.apply, "apply", false, "change the account, after asking")
	flags.BoolVar(&o.yes, "yes", false, "with --apply: do not ask")
	addTerminalFlags(flags, streams, &o.verbose)
	o.request.add(flags)
	o.source.add(flags)
	return cmd
}

func (o *fixOptions) run(ctx context.Context, streams *ui.Streams, given string) error {
	if o.id == "" {
		return usage("name one with --fix; \"cfdoctor diagnose\" lists them", "which fix?")
	}
	if o.apply && o.source.from != "" {
		return usage("leave --from out", "--apply changes an account, and --from reads a recording")
	}
	r, err := o.diagnose(ctx, streams, given)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(r.Fixes, func(f report.Fix) bool { return f.ID == o.id })
	if at < 0 {
		return usage(haveFixes(r), "this diagnosis has no %s", o.id)
	}
	f := r.Fixes[at]
	if o.script {
		return printScript(streams, f)
	}
	err = render.Fix(streams.Out, r, f, render.Options{Width: streams.Width, Color: streams.Color(streams.OutTTY), Verbose: o.verbose})
	if err != nil || !o.apply {
		return err
	}
	return o.applyScript(ctx, streams, f)
}

func (o *fixOptions) diagnose(ctx context.Context, streams *ui.Streams, given string) (*report.Report, error) {
	target, req, pathGiven, err := o.request.read(given)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, o.source.timeout)
	defer cancel()
	src, now, err := o.source.open(ctx)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	progress := streams.NewProgress()
	defer progress.Done()
	d := &doctor.Doctor{Catalogue: causes.All(), Version: Version(), Observer: doctor.Observer{Step: progress.Step, Note: progress.Note}}
	c, err := d.Diagnose(ctx, src, now, doctor.Question{Target: target, Request: req, PathGiven: pathGiven, Code: o.code, Proactive: true})
	if err != nil {
		return nil, err
	}
	return c.Report, nil
}

func haveFixes(r *report.Report) string {
	if len(r.Fixes) == 0 {
		return "it has none"
	}
	var have []string
	for _, f := range r.Fixes {
		have = append(have, f.ID+" ("+f.Title+")")
	}
	return "it has " + strings.Join(have, ", ")
}

func printScript(streams *ui.Streams, f report.Fix) error {
	if f.Script == "" {
		return usage("show it without --script", "%s needs a person: it has no script", f.ID)
	}
	_, err := fmt.Fprint(streams.Out, f.Script)
	return err
}

func (o *fixOptions) applyScript(ctx context.Context, streams *ui.Streams, f report.Fix) error {
	if f.Script == "" {
		return usage("follow the steps above", "%s needs a person: it cannot be applied", f.ID)
	}
	if !o.yes {
		if !streams.Interactive() {
			return usage("pass --yes", "--apply asks first, and there is nobody to ask")
		}
		if !streams.Ask(fmt.Sprintf("change the account as shown (%s)?", f.Title)) {
			return usage("nothing was changed", "stopped")
		}
	}
	if err := apply.Run(ctx, f.Script, o.environment(), streams.Out, streams.Err); err != nil {
		if errors.Is(err, apply.ErrMissingProgram) {
			return usage("install it, or run the commands in the Console", "%w", err)
		}
		return usage("the lines above say how far it got; what was not reached is unchanged", "%w", err)
	}
	return nil
}

// environment hands the chosen account on to the aws program, versions 1 and 2.
func (o *fixOptions) environment() []string {
	env := os.Environ()
	for name, value := range map[string]string{
		"AWS_PROFILE": o.source.profile, "AWS_REGION": o.source.region, "AWS_DEFAULT_REGION": o.source.region, "AWS_ENDPOINT_URL": o.source.endpoint,
	} {
		if value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}
