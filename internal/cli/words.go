package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cfdoctor/internal/plainwords"
	"cfdoctor/internal/ui"
)

// addPlainWords lets the program itself take one sentence, with the flags of diagnose. A word alone is a command, or a mistyped one.
func addPlainWords(root *cobra.Command, streams *ui.Streams) {
	o := &diagnoseOptions{}
	o.addFlags(root.Flags(), streams)
	root.Flags().VisitAll(func(f *pflag.Flag) { f.Hidden = true })
	root.SuggestionsMinimumDistance = 2
	root.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 || len(args) == 1 && strings.ContainsAny(strings.TrimSpace(args[0]), " \t\n") {
			return nil
		}
		hint := `see "cfdoctor --help", or say what is wrong in one quoted sentence`
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			hint = "did you mean " + strings.Join(near, " or ") + "?"
		}
		return usage(hint, "unknown command %q for %q", args[0], cmd.CommandPath())
	}
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		understood, err := plainwords.Parse(args[0])
		if err != nil {
			return usage(`name the distribution: its ID (E…), its domain, or the failing URL; or see "cfdoctor --help"`, "%w", err)
		}
		if !streams.Quiet {
			streams.Warn("understood: %s", understood)
		}
		o.fill(understood)
		return o.run(cmd.Context(), streams, understood.Target)
	}
}

// fill takes what a sentence says where no flag says otherwise.
func (o *diagnoseOptions) fill(u plainwords.Understood) {
	if o.code == 0 {
		o.code = u.Code
	}
	for _, f := range []struct {
		flag *string
		said string
	}{{&o.request.path, u.Path}, {&o.request.domain, u.Domain}, {&o.request.method, u.Method}, {&o.request.scheme, u.Scheme}} {
		if *f.flag == "" {
			*f.flag = f.said
		}
	}
}
