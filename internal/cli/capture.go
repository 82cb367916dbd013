package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"cfdoctor/internal/doctor"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source/bundle"
	"cfdoctor/internal/ui"
)

type captureOptions struct {
	source  sourceFlags
	request requestFlags
	active  activeFlags
	file    string
	verbose bool
}

func newCapture(streams *ui.Streams) *cobra.Command {
	o := &captureOptions{}
	cmd := &cobra.Command{
		Use:   "capture TARGET -o FILE",
		Short: "Record what a diagnosis reads, to repeat it without an account",
		Long: `Record every read that a diagnosis of TARGET makes, as a bundle: plain JSON for a colleague, a ticket or a test.
Secrets are left out: values of origin custom headers, credentials, signatures, cookies.`,
		Args: oneTarget,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), streams, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.file, "output", "o", "", "the file to write")
	addTerminalFlags(flags, streams, &o.verbose)
	o.request.add(flags)
	o.source.add(flags)
	o.active.add(flags)
	return cmd
}

func (o *captureOptions) run(ctx context.Context, streams *ui.Streams, given string) error {
	if o.file == "" {
		return usage("give -o FILE", "capture needs a file to write")
	}
	target, req, pathGiven, err := o.request.read(given)
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
	c, err := v.diagnose(ctx, &doctor.Doctor{}, doctor.Question{Target: target, Request: req, PathGiven: pathGiven, Active: o.active.on})
	if err != nil {
		return err
	}
	records := c.World.Records()
	wrote, err := bundle.Save(o.file, bundle.Recording{CapturedAt: c.World.Now, Account: c.World.Account, Records: records})
	if err != nil {
		return fmt.Errorf("write %s: %w", o.file, err)
	}
	streams.Warn("wrote %d answers to %s, %d secrets left out%s", wrote.Calls, o.file, wrote.Redacted, lost(records))
	return nil
}

// lost says how many reads the bundle cannot answer because they failed.
func lost(records []evidence.Record) string {
	failed := 0
	for _, rec := range records {
		if rec.State == evidence.Failed {
			failed++
		}
	}
	if failed == 0 {
		return ""
	}
	return fmt.Sprintf("; %d reads failed and are not in it", failed)
}
