package render

import (
	"fmt"
	"io"

	"cfdoctor/internal/report"
)

// PreflightSchema names the JSON form of a preflight.
const PreflightSchema = "cfdoctor-preflight/v1"

// Preflight writes what is there and what is missing, as text or JSON.
func Preflight(w io.Writer, format string, deps []report.Dependency, o Options) error {
	ready := isReady(deps)
	switch format {
	case "text":
		return writeText(w, preflightDocument(deps, ready), o)
	case "json":
		return writeJSON(w, struct {
			Schema       string              `json:"schema"`
			Ready        *bool               `json:"ready"` // whether all is there that the chosen door needs; null where looking cannot tell
			Dependencies []report.Dependency `json:"dependencies"`
		}{PreflightSchema, ready, deps})
	}
	return fmt.Errorf("a preflight is written as text or json, not as %q", format)
}

// isReady reports whether everything is there that is required, nil where looking cannot tell.
func isReady(deps []report.Dependency) *bool {
	yes, no := true, false
	out := &yes
	for _, d := range deps {
		switch {
		case d.Required && d.State == "missing":
			return &no
		case d.Required && d.State == "unknown":
			out = nil
		}
	}
	return out
}

func preflightDocument(deps []report.Dependency, ready *bool) *document {
	var head headline
	switch {
	case ready == nil:
		head = headline{"?", warn, "Nothing that is needed is known to be missing"}
	case *ready:
		head = headline{"✓", good, "Ready to diagnose"}
	default:
		head = headline{"✗", bad, "Something is missing that this diagnosis needs"}
	}
	d := &document{title: "cfdoctor preflight", top: []block{head}}
	for _, dep := range deps {
		mark, tone := "✓ ", good
		switch {
		case dep.State == "missing" && dep.Required:
			mark, tone = "✗ ", bad
		case dep.State == "missing":
			mark, tone = "– ", warn
		case dep.State != "present":
			mark, tone = "? ", warn
		}
		title := line{{mark, tone}, {dep.Name, strong}, {": " + dep.State, plain}}
		if dep.Required {
			title = title.and(dim, ", needed")
		}
		rows := []fact{{"needed for", say(dep.NeededFor)}}
		if dep.Detail != "" {
			rows = append(rows, fact{"seen", say(dep.Detail)})
		}
		if dep.State != "present" && dep.HowToGet != "" {
			rows = append(rows, fact{"how to get it", say(dep.HowToGet)})
		}
		d.top = append(d.top, subhead{title}, facts{rows})
	}
	d.top = append(d.top, aside{in(dim, "Found by looking only: nothing was run, started or called.")})
	return d
}
