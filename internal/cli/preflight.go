package cli

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cfdoctor/internal/preflight"
	"cfdoctor/internal/render"
	"cfdoctor/internal/report"
	"cfdoctor/internal/ui"
)

func newPreflight(streams *ui.Streams) *cobra.Command {
	var (
		source sourceFlags
		output string
	)
	cmd := &cobra.Command{
		Use:   "preflight",
		Short: "See which tools and doors to an account are there, by looking only",
		Long: `See which tools and doors are there, what is missing, what that costs, and how to get it. It looks at the environment, at AWS's and MCP clients'
files, and at PATH: no program is run, no server is started, nothing is called. What looking cannot tell is "unknown".

The exit status is 1 where something is missing that the chosen door (--source) needs.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if output != "text" && output != "json" {
				return usage("give text or json", "there is no output format %q for preflight", output)
			}
			deps := source.look(streams)
			err := render.Preflight(streams.Out, output, deps, render.Options{Width: streams.Width, Color: streams.Color(streams.OutTTY)})
			if err != nil {
				return fmt.Errorf("write the list: %w", err)
			}
			if len(preflight.MissingRequired(deps)) > 0 {
				return foundError{}
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&output, "output", "o", "text", "text or json")
	flags.BoolVar(&streams.NoColor, "no-color", false, "no colour")
	source.add(flags)
	return cmd
}

// look is step 1 of a diagnosis through the chosen door.
func (f *sourceFlags) look(streams *ui.Streams) []report.Dependency {
	dir, err := os.Getwd()
	if err != nil {
		dir = "" // then only the files in the home directory count
	}
	return preflight.Look(preflight.Options{
		From: f.from, Kind: f.kind, Profile: f.profile, MCPCommand: f.mcpCommand, MCPURL: f.mcpURL, Env: streams.Env, Dir: dir, Now: time.Now(),
	})
}

// goOn says what is missing, and where the chosen door needs it asks whether to go on all the same. Somebody who cannot be asked gets told.
func goOn(streams *ui.Streams, deps []report.Dependency, yes bool) error {
	if missing := preflight.MissingOptional(deps); len(missing) > 0 && !streams.Quiet {
		streams.Warn("missing, and not needed to diagnose: %s (see cfdoctor preflight)", strings.Join(missing, ", "))
	}
	missing := preflight.MissingRequired(deps)
	if len(missing) == 0 || yes {
		return nil
	}
	what := strings.Join(missing, ", ")
	if !streams.Interactive() {
		streams.Warn("missing: %s; going on with what there is", what)
		return nil
	}
	for _, d := range deps {
		if d.State == preflight.Missing && d.Required {
			streams.Warn("missing: %s, needed for %s – %s", d.Name, d.NeededFor, d.HowToGet)
		}
	}
	if streams.Ask("go on anyway?") {
		return nil
	}
	return usage("get what is missing, or pass --yes", "stopped, because %s is missing", what)
}
