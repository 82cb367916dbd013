package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cfdoctor/internal/causes"
	"cfdoctor/internal/doctor"
	"cfdoctor/internal/render"
	"cfdoctor/internal/report"
	"cfdoctor/internal/ui"
)

type diagnoseOptions struct {
	source  sourceFlags
	request requestFlags

	code      int
	active    activeFlags
	proactive bool
	output    string
	reports   []string
	yes       bool
	failOn    string
	verbose   bool
}

func newDiagnose(streams *ui.Streams) *cobra.Command {
	o := &diagnoseOptions{}
	cmd := &cobra.Command{
		Use:   "diagnose TARGET",
		Short: "Find the root cause of a distribution's errors",
		Long: `Diagnose a distribution. TARGET is whatever you have in hand: a distribution ID, its ARN, its domain name
(d111111abcdef8.cloudfront.net, or only d111111abcdef8), an alternate domain name, or the failing URL itself.

Without --error-code it is a general review.`,
		Example: `  cfdoctor diagnose https://www.example.com/images/logo.png --error-code 403
  cfdoctor diagnose E2EXAMPLE --error-code 504 --request-path /api/items --report report.html
  cfdoctor diagnose E2EXAMPLE --from account.json -o json`,
		Args: oneTarget,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), streams, args[0]) },
	}
	o.addFlags(cmd.Flags(), streams)
	return cmd
}

func (o *diagnoseOptions) addFlags(flags *pflag.FlagSet, streams *ui.Streams) {
	flags.IntVar(&o.code, "error-code", 0, "the HTTP status that the viewer sees; without it, a general review")
	flags.BoolVar(&o.proactive, "run-proactive-checks", true, "also look for what has not failed yet")
	flags.StringVarP(&o.output, "output", "o", "text", "format on standard output: "+strings.Join(render.Formats(), ", "))
	flags.StringArrayVar(&o.reports, "report", nil, "also write a report to this file; the format from its ending (.json .md .html .sarif .txt); repeatable")
	flags.BoolVar(&o.yes, "yes", false, "go on although something is missing")
	flags.StringVar(&o.failOn, "fail-on", "high", "the severity from which the exit status is 1: critical, high, medium, low or never")
	addTerminalFlags(flags, streams, &o.verbose)
	o.request.add(flags)
	o.source.add(flags)
	o.active.add(flags)
}

func (o *diagnoseOptions) check() error {
	if !slices.Contains(render.Formats(), o.output) {
		return usage("give one of "+strings.Join(render.Formats(), ", "), "there is no output format %q", o.output)
	}
	for _, file := range o.reports {
		if _, err := render.FormatOf(file); err != nil {
			return usage("end the name in .json, .md, .html, .sarif or .txt", "--report %q: %w", file, err)
		}
	}
	if !slices.Contains([]string{"critical", "high", "medium", "low", "never"}, o.failOn) {
		return usage("give critical, high, medium, low or never", "--fail-on %q is no severity", o.failOn)
	}
	if o.code != 0 && (o.code < 100 || o.code > 599) {
		return usage("give the HTTP status that the viewer sees", "--error-code %d is no HTTP status", o.code)
	}
	return nil
}

func (o *diagnoseOptions) run(ctx context.Context, streams *ui.Streams, given string) error {
	if err := o.check(); err != nil {
		return err
	}
	target, req, pathGiven, err := o.request.read(given)
	if err != nil {
		return err
	}
	dependencies := o.source.look(streams)
	if err := goOn(streams, dependencies, o.yes); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, o.source.timeout)
	defer cancel()
	v, err := openVisit(ctx, streams, &o.source, &o.active)
	if err != nil {
		return err
	}
	defer v.Close()
	d := &doctor.Doctor{Catalogue: causes.All(), Dependencies: connected(dependencies, v.account)}
	c, err := v.diagnose(ctx, d, doctor.Question{
		Target: target, Request: req, PathGiven: pathGiven, Code: o.code, Proactive: o.proactive, Active: o.active.on,
	})
	if err != nil {
		return err
	}
	if err := o.write(streams, c.Report); err != nil {
		return err
	}
	if fails(c.Report, o.failOn) {
		return foundError{}
	}
	return nil
}

func (o *diagnoseOptions) write(streams *ui.Streams, r *report.Report) error {
	for _, file := range o.reports {
		if err := render.WriteFile(file, r); err != nil {
			return fmt.Errorf("write the report %s: %w", file, err)
		}
	}
	err := render.Write(streams.Out, o.output, r, render.Options{
		Width: streams.Width, Color: streams.Color(streams.OutTTY), Verbose: o.verbose,
	})
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// fails reports whether anything found is at least as severe as the threshold.
func fails(r *report.Report, threshold string) bool {
	order := []string{"critical", "high", "medium", "low"}
	limit := slices.Index(order, threshold)
	for _, f := range r.Findings {
		if slices.Index(order, f.Severity) <= limit {
			return true
		}
	}
	return false
}
