package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"cfdoctor/internal/causes"
	"cfdoctor/internal/ui"
)

func newCauses(streams *ui.Streams) *cobra.Command {
	return &cobra.Command{
		Use: "causes", Short: "List every root cause that cfdoctor knows", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			stage := ""
			for _, c := range causes.All() {
				if c.Stage != stage {
					stage = c.Stage
					fmt.Fprintf(streams.Out, "\n%s\n", stage)
				}
				fmt.Fprintf(streams.Out, "  %-40s %s\n", c.ID, c.Title)
			}
			return nil
		},
	}
}

func newExplain(streams *ui.Streams) *cobra.Command {
	return &cobra.Command{
		Use: "explain CAUSE", Short: "Explain one root cause", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			id := strings.ToUpper(strings.ReplaceAll(args[0], "-", "_"))
			for _, c := range causes.All() {
				if c.ID == id {
					_, err := fmt.Fprint(streams.Out, causes.Markdown(c))
					return err
				}
			}
			hint := `see "cfdoctor causes"`
			if near := causes.Nearest(id); near != "" {
				hint = "did you mean " + near + "?"
			}
			return usage(hint, "there is no cause %q", args[0])
		},
	}
}
