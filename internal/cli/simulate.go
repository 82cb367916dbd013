package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cfdoctor/internal/doctor"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/render"
	"cfdoctor/internal/ui"
)

// addTerminalFlags adds what every command that talks to a terminal has.
func addTerminalFlags(flags *pflag.FlagSet, streams *ui.Streams, verbose *bool) {
	flags.BoolVarP(&streams.Quiet, "quiet", "q", false, "no progress on standard error")
	flags.BoolVarP(verbose, "verbose", "v", false, "everything: all stages, all evidence, what was ruled out")
	flags.BoolVar(&streams.NoColor, "no-color", false, "no colour")
}

func oneTarget(cmd *cobra.Command, args []string) error {
	if len(args) == 1 {
		return nil
	}
	return usage(`see "`+cmd.CommandPath()+` --help"`, "%s takes one TARGET, got %d: a distribution ID, ARN, domain name or URL", cmd.Name(), len(args))
}

type simulateOptions struct {
	source       sourceFlags
	request      requestFlags
	active       activeFlags
	output       string
	explainStage string
	verbose      bool
}

func newSimulate(streams *ui.Streams) *cobra.Command {
	o := &simulateOptions{}
	cmd := &cobra.Command{
		Use:   "simulate TARGET",
		Short: "Send one request through the model and show its way, stage by stage",
		Args: func(cmd *cobra.Command, args []string) error {
			if o.explainStage != "" {
				return nil
			}
			return oneTarget(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.explainStage != "" {
				return explainStage(streams, o.explainStage)
			}
			return o.run(cmd.Context(), streams, args[0])
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.output, "output", "o", "text", "text or json")
	flags.StringVar(&o.explainStage, "explain-stage", "", "print the documentation and sources of a stage, such as geo-restriction")
	addTerminalFlags(flags, streams, &o.verbose)
	o.request.add(flags)
	o.source.add(flags)
	o.active.add(flags)
	return cmd
}

func (o *simulateOptions) run(ctx context.Context, streams *ui.Streams, given string) error {
	if o.output != "text" && o.output != "json" {
		return usage("give text or json", "there is no output format %q for simulate", o.output)
	}
	target, req, _, err := o.request.read(given)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, o.source.timeout)
	defer cancel()
	v, err := openVisit(ctx, streams, &o.source, &o.active)
	if err != nil {
		return err
	}
	defer v.Close()
	c, err := v.diagnose(ctx, &doctor.Doctor{}, doctor.Question{Target: target, Request: req, PathGiven: true, Active: o.active.on})
	if err != nil {
		return err
	}
	return render.Trace(streams.Out, o.output, c.Report, render.Options{
		Width: streams.Width, Color: streams.Color(streams.OutTTY), Verbose: o.verbose,
	})
}

func explainStage(streams *ui.Streams, id string) error {
	var ids []string
	for _, s := range edge.Stages() {
		if ids = append(ids, s.ID); s.ID != id {
			continue
		}
		fmt.Fprintf(streams.Out, "%s – %s\n\n%s\n", s.ID, s.Title, s.Doc)
		for _, source := range s.Sources {
			fmt.Fprintf(streams.Out, "  %s\n", source)
		}
		return nil
	}
	return usage("the stages are "+strings.Join(ids, ", "), "there is no stage %q", id)
}
