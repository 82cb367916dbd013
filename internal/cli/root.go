// Package cli is the command line: one file a command, exit statuses decided in one place.
package cli

import (
	"context"
	"runtime/debug"

	"github.com/spf13/cobra"

	"cfdoctor/internal/ui"
)

// version is stamped by the linker (-X cfdoctor/internal/cli.version=…); a plain `go build` or `go install` uses the module's.
var version string

// Version is the program's version.
func Version() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// Run executes one command line and returns the exit status.
func Run(ctx context.Context, args []string, streams *ui.Streams) int {
	root := newRoot(streams)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	return exitStatus(streams, err)
}

func newRoot(streams *ui.Streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "cfdoctor",
		Short: "Find out why a CloudFront distribution fails, prove it, fix it",
		Long: `cfdoctor reads a CloudFront distribution and everything around it, simulates the failing request stage by stage,
names the root cause with its evidence, and plans fixes that it proves by simulating again.

It only reads, unless you run "cfdoctor fix --apply".

Say what is wrong in one quoted sentence, and it is diagnosed with the flags of "cfdoctor diagnose".`,
		Example: `  cfdoctor "My distribution E2EXAMPLE1234 returns 403 when I open /images/logo.png on www.example.com"
  cfdoctor diagnose https://www.example.com/images/logo.png --error-code 403`,
		SilenceUsage: true, SilenceErrors: true,
		Version: Version(),
	}
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{err: err, hint: `see "` + cmd.CommandPath() + ` --help"`}
	})
	root.AddCommand(newDiagnose(streams), newSimulate(streams), newCapture(streams), newFix(streams), newProbe(streams), newCauses(streams), newExplain(streams), newExitCodes(),
		newPreflight(streams), newMCP(streams))
	addPlainWords(root, streams)
	return root
}
