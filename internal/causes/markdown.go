package causes

import (
	"fmt"
	"strings"

	"cfdoctor/internal/cause"
)

// Markdown is a cause's page: docs/causes/ holds one for each, and `cfdoctor explain` prints it.
func Markdown(c *cause.Cause) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s.\n\n", c.ID, c.Title)
	fmt.Fprintf(&b, "| | |\n|---|---|\n| Stage | %s |\n| Viewers see | %s |\n| Severity | %s |\n| Since | %s |\n\n", c.Stage, symptoms(c), c.Severity, c.Doc.Since)
	fmt.Fprintf(&b, "## What happens\n\n%s\n\n## How it comes about\n\n%s\n\n", strings.TrimSpace(c.Doc.Explain), strings.TrimSpace(c.Doc.Why))
	if c.Doc.Example != "" {
		fmt.Fprintf(&b, "## Example\n\n%s\n\n", strings.TrimSpace(c.Doc.Example))
	}
	if c.Doc.Manual != "" {
		fmt.Fprintf(&b, "## Why a person must act\n\n%s\n\n", strings.TrimSpace(c.Doc.Manual))
	}
	b.WriteString("## References\n\n")
	for _, ref := range c.Doc.References {
		fmt.Fprintf(&b, "- <%s>\n", ref)
	}
	return b.String()
}

func symptoms(c *cause.Cause) string {
	switch {
	case c.AnyStatus:
		return "any status"
	case c.Proactive:
		return "nothing yet"
	case len(c.Symptoms) == 0:
		return "no HTTP status of its own"
	}
	words := make([]string, len(c.Symptoms))
	for i, status := range c.Symptoms {
		words[i] = fmt.Sprint(status)
	}
	return strings.Join(words, ", ")
}
