// Package render turns a report into text, JSON, Markdown, HTML and SARIF. It knows nothing but the report.
//
// What people read is built once, as a small tree of blocks (document.go and the content_*.go files), and written three times:
// text.go, markdown.go and html.go know the blocks and nothing of diagnoses, so the three cannot disagree. Writers make every value safe
// for their format; the builders pass values on as they are. JSON and SARIF are for programs and come straight from the report.
package render

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"cfdoctor/internal/report"
)

// Formats lists the formats, in the order of the command line's help.
func Formats() []string { return []string{"text", "json", "markdown", "html", "sarif"} }

// FormatOf names the format that a file's ending asks for.
func FormatOf(file string) (string, error) {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".txt":
		return "text", nil
	case ".json":
		return "json", nil
	case ".md":
		return "markdown", nil
	case ".html":
		return "html", nil
	case ".sarif":
		return "sarif", nil
	}
	return "", fmt.Errorf("no report format ends in %q", filepath.Ext(file))
}

// Options say how a report is shown. The zero value is [DefaultWidth] columns without colour.
type Options struct {
	Width   int  // columns, for text; below [MinWidth] it is taken for MinWidth, 0 for DefaultWidth
	Color   bool // text may carry colour
	Verbose bool // everything: all stages, all evidence, scripts, what was ruled out
}

// Widths of text in columns.
const (
	DefaultWidth = 100
	MinWidth     = 40
)

// Write writes a report in one of the [Formats].
func Write(w io.Writer, format string, r *report.Report, o Options) error {
	switch format {
	case "text":
		return writeText(w, newDocument(r, o.Verbose), o)
	case "json":
		return writeJSON(w, r)
	case "markdown":
		return writeMarkdown(w, newDocument(r, o.Verbose))
	case "html":
		return writeHTML(w, newDocument(r, true), r)
	case "sarif":
		return writeSARIF(w, r)
	}
	return fmt.Errorf("there is no report format %q", format)
}

// Fix writes one fix of a report in full, as text.
func Fix(w io.Writer, r *report.Report, f report.Fix, o Options) error {
	return writeText(w, newFixDocument(r, &f, o.Verbose), o)
}

// Trace writes only the request's way through CloudFront, as text or JSON.
func Trace(w io.Writer, format string, r *report.Report, o Options) error {
	switch format {
	case "text":
		return writeText(w, newTraceDocument(r, o.Verbose), o)
	case "json":
		return writeJSON(w, struct {
			Symptom report.Symptom `json:"symptom"`
			Trace   report.Trace   `json:"trace"`
		}{r.Symptom, r.Trace})
	}
	return fmt.Errorf("a trace is written as text or json, not as %q", format)
}

// rank orders severities, worst first; words that are none come last.
func rank(severity string) int {
	order := []string{"critical", "high", "medium", "low"}
	if i := slices.Index(order, severity); i >= 0 {
		return i
	}
	return len(order)
}
