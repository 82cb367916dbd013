package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cfdoctor/internal/causes"
	"cfdoctor/internal/doctor"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/render"
	"cfdoctor/internal/report"
	"cfdoctor/internal/ui"
)

type fixOptions struct {
	source  sourceFlags
	request requestFlags
	active  activeFlags

	code     int
	id       string
	script   bool
	apply    bool
	yes      bool
	verbose  bool
	save     string // where --apply keeps the old state
	rollback string // a file of an earlier --apply to take back
	resume   string // one to go on with
	template string // where the monitoring as code goes
}

func newFix(streams *ui.Streams) *cobra.Command {
	o := &fixOptions{}
	cmd := &cobra.Command{
		Use:   "fix TARGET --fix ID",
		Short: "Show one fix of a diagnosis in full, print its script, apply it, or take it back",
		Long: `Diagnose TARGET again and show one of the fixes: what changes, how, what it costs, and its proof. The fixes are numbered by diagnosis,
so give the same request as to "diagnose".

Without --apply nothing is changed. --apply reads what the fix changes once more, shows the difference, asks, keeps the old state in a file that
only you can read, changes the account through the AWS SDK, waits until the change is deployed, and reads everything again. A resource that
somebody else changes meanwhile stops it, and what it has changed by then is taken back. A resource with a setting that is newer than this
cfdoctor, which an update would lose, is refused before anything changes; there, run the script with a new aws program.

--monitoring-template FILE writes what the distribution should be watched with, as code; it changes nothing.

--rollback FILE takes an applied fix back, unless what it changed has changed since. --resume FILE goes on with one that was interrupted.`,
		Example: `  cfdoctor fix E2EXAMPLE --fix fix-1 --error-code 403 --request-path /logo.png
  cfdoctor fix E2EXAMPLE --fix fix-1 --error-code 403 --request-path /logo.png --script > fix.sh
  cfdoctor fix E2EXAMPLE --fix fix-1 --error-code 403 --request-path /logo.png --apply
  cfdoctor fix --rollback cfdoctor-fix-20261121T184500Z.json
  cfdoctor fix E2EXAMPLE --monitoring-template monitoring.tf`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), streams, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.id, "fix", "", "which fix: fix-1, fix-2, …")
	flags.IntVar(&o.code, "error-code", 0, "the HTTP status that the viewer sees")
	flags.BoolVar(&o.script, "script", false, "print the script alone")
	flags.BoolVar(&o.apply, "apply", false, "change the account, after asking")
	flags.BoolVar(&o.yes, "yes", false, "with --apply, --resume and --rollback: do not ask")
	flags.StringVar(&o.save, "rollback-file", "", "where --apply keeps the old state (default cfdoctor-fix-TIME.json)")
	flags.StringVar(&o.rollback, "rollback", "", "take back the fix that this file is of")
	flags.StringVar(&o.template, "monitoring-template", "", "write alarms, metrics and logging as code: FILE.json for CloudFormation, FILE.tf for Terraform")
	flags.StringVar(&o.resume, "resume", "", "go on with the fix that this file is of")
	addTerminalFlags(flags, streams, &o.verbose)
	o.request.add(flags)
	o.source.add(flags)
	o.active.add(flags)
	return cmd
}

func (o *fixOptions) run(ctx context.Context, streams *ui.Streams, args []string) error {
	switch {
	case o.rollback != "" || o.resume != "":
		return o.fromFile(ctx, streams, args)
	case len(args) == 0:
		return usage("name a distribution, a domain or the failing URL", "which distribution?")
	case o.id == "" && o.template == "":
		return usage("name one with --fix; \"cfdoctor diagnose\" lists them", "which fix?")
	case o.apply && o.source.from != "":
		return usage("leave --from out", "--apply changes an account, and --from reads a recording")
	}
	c, err := o.diagnose(ctx, streams, args[0])
	if err != nil {
		return err
	}
	if o.template != "" {
		return writeMonitoring(streams, o.template, c.Monitored())
	}
	r := c.Report
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
	planned := slices.IndexFunc(c.Plan, func(p doctor.Planned) bool { return p.ID == o.id })
	if err := o.applyFix(ctx, streams, c, c.Plan[planned]); err != nil || !o.active.on {
		return err
	}
	return o.lookAgain(ctx, streams, args[0])
}

// lookAgain says what the world outside answers after a fix.
func (o *fixOptions) lookAgain(ctx context.Context, streams *ui.Streams, given string) error {
	c, err := o.diagnose(ctx, streams, given)
	if err != nil {
		return fmt.Errorf("the fix is made; look again from outside: %w", err)
	}
	seen := c.Report.Observed
	switch {
	case seen == nil || seen.Edge == nil:
		streams.Warn("the fix is made; CloudFront's answer could not be seen from outside")
	case seen.Edge.Status == 0:
		fmt.Fprintf(streams.Out, "Seen from outside now: no answer (%s)\n", ui.Clean(seen.Edge.Failure))
	default:
		fmt.Fprintf(streams.Out, "Seen from outside now: %d from %s (%s)\n", seen.Edge.Status, ui.Clean(seen.Edge.AnsweredBy), ui.Clean(seen.Edge.URL))
	}
	if seen != nil && seen.Edge != nil && (seen.Edge.Status == 0 || seen.Edge.Status >= 400) {
		fmt.Fprintln(streams.Out, "An answer of before may still be cached: wait for the invalidation, then run \"cfdoctor probe\" with the URL.")
	}
	return nil
}

func (o *fixOptions) diagnose(ctx context.Context, streams *ui.Streams, given string) (*doctor.Case, error) {
	target, req, pathGiven, err := o.request.read(given)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, o.source.timeout)
	defer cancel()
	v, err := openVisit(ctx, streams, &o.source, &o.active)
	if err != nil {
		return nil, err
	}
	defer v.Close()
	return v.diagnose(ctx, &doctor.Doctor{Catalogue: causes.All()}, doctor.Question{Target: target, Request: req, PathGiven: pathGiven, Code: o.code, Proactive: true, Active: o.active.on})
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

// writeMonitoring writes the recommended monitoring in the language that the file's name says.
func writeMonitoring(streams *ui.Streams, name string, m fix.Monitored) error {
	var text string
	switch filepath.Ext(name) {
	case ".json":
		text = m.CloudFormation()
	case ".tf":
		text = m.Terraform()
	default:
		return usage("end the name in .json for CloudFormation, or .tf for Terraform", "--monitoring-template %q names no language", name)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write the monitoring: %w", err)
	}
	streams.Warn("wrote %s; deploy it in us-east-1, where CloudFront's metrics are", name)
	return nil
}

func printScript(streams *ui.Streams, f report.Fix) error {
	if f.Script == "" {
		return usage("show it without --script", "%s needs a person: it has no script", f.ID)
	}
	_, err := fmt.Fprint(streams.Out, f.Script)
	return err
}
