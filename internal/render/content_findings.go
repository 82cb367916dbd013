package render

import (
	"fmt"
	"slices"
	"strings"

	"cfdoctor/internal/report"
)

// overview describes the distribution: the report's own plain lines, and the settings themselves where those are missing or everything is asked for.
func (c *content) overview() section {
	s := section{id: "distribution", title: "The distribution"}
	d := c.r.Distribution
	if len(d.Summary) > 0 {
		s.blocks = append(s.blocks, list{items: lines(d.Summary)})
		if !c.full {
			return s
		}
	}
	if d.ID == "" {
		return s
	}
	state := "enabled"
	if !d.Enabled {
		state = "disabled"
	}
	rows := []fact{{"Status", say(strings.Join(filled(d.Status, state, d.Comment), ", "))}}
	if d.LastModified != "" {
		rows = append(rows, fact{"Last modified", say(d.LastModified)})
	}
	rows = append(rows, fact{"Names", say(strings.Join(filled(append([]string{d.DomainName}, d.Aliases...)...), ", "))})
	for _, o := range d.Origins {
		rows = append(rows, fact{"Origin " + o.ID, in(code, o.DomainName).plus(suffix(o.Kind, o.Access, o.ProtocolPolicy))})
	}
	for _, b := range d.Behaviors {
		rows = append(rows, fact{"Behavior " + b.PathPattern, say("to " + b.OriginID + suffix(b.ViewerProtocolPolicy, strings.Join(b.AllowedMethods, " ")))})
	}
	// An empty text may be "none" or "not known"; the report's own words say which, so silence is left out.
	for _, security := range []struct{ name, value string }{
		{"Web ACL", d.Security.WebACL}, {"Geographic restriction", d.Security.GeoRestriction}, {"Viewer certificate", d.Security.ViewerCertificate},
	} {
		if security.value != "" {
			rows = append(rows, fact{security.name, say(security.value)})
		}
	}
	s.blocks = append(s.blocks, facts{rows})
	return s
}

// filled drops empty texts.
func filled(texts ...string) []string {
	return slices.DeleteFunc(texts, func(t string) bool { return t == "" })
}

func suffix(texts ...string) string {
	if given := filled(texts...); len(given) > 0 {
		return ": " + strings.Join(given, "; ")
	}
	return ""
}

func lines(texts []string) []line {
	out := make([]line, 0, len(texts))
	for _, t := range texts {
		out = append(out, say(t))
	}
	return out
}

// findings shows what explains the symptom in full; in a review, everything that was found.
func (c *content) findings() section {
	causes, _ := c.split()
	if c.review() {
		causes = bySeverity(causes)
	}
	s := section{id: "findings", title: "Root cause in detail"}
	switch {
	case c.lead() == nil:
		s.title = "Findings"
	case len(causes) > 1:
		s.title = "Causes in detail, most likely first"
	}
	for i, f := range causes {
		if lead := c.lead(); lead != nil && lead.Cause == f.Cause && lead.Resource == f.Resource {
			f.Summary = "" // the first screen has it
		}
		s.blocks = append(s.blocks, c.finding(i+1, f)...)
	}
	return s
}

// bySeverity sorts a copy: what explains errors first, then the worst first.
func bySeverity(findings []report.Finding) []report.Finding {
	return slices.SortedStableFunc(slices.Values(findings), func(a, b report.Finding) int {
		if a.ExplainsSymptom != b.ExplainsSymptom {
			if a.ExplainsSymptom {
				return -1
			}
			return 1
		}
		return rank(a.Severity) - rank(b.Severity)
	})
}

func (c *content) finding(number int, f report.Finding) []block {
	out := []block{subhead{say(fmt.Sprintf("%d. ", number)).and(severityTone(f.Severity), strings.ToUpper(f.Severity)).
		plus(", "+f.Likelihood+": ").and(strong, f.Title)}}
	for _, text := range filled(f.Summary, f.Detail) {
		out = append(out, paragraph{say(text)})
	}
	if len(f.Evidence) > 0 {
		out = append(out, frames{f.Evidence})
	}
	var rows []fact
	add := func(name string, value line) {
		if value.String() != "" {
			rows = append(rows, fact{name, value})
		}
	}
	add("Where", in(code, f.Resource))
	add("Why "+f.Likelihood, say(f.Because))
	add("Cause", in(code, f.Cause))
	add("Fixes", say(c.fixTitles(f.Fixes)))
	add("By hand", say(f.HumanMustAct))
	for _, url := range f.References {
		rows = append(rows, fact{"Read more", say(url)})
	}
	return append(out, facts{rows})
}

func (c *content) fixTitles(ids []string) string {
	var out []string
	for _, id := range ids {
		if fix := c.fix(id); fix != nil {
			out = append(out, id+" ("+fix.Title+")")
		}
	}
	return strings.Join(out, ", or ")
}

// findingLine is a finding in short.
func findingLine(f report.Finding) line {
	out := in(severityTone(f.Severity), f.Severity)
	if f.Likelihood != "confirmed" {
		out = out.plus(", " + f.Likelihood)
	}
	return out.plus(": " + f.Title)
}

// others are findings that are real and do not explain the symptom.
func (c *content) others() section {
	s := section{id: "others", title: "Real, but not the cause"}
	if !c.review() {
		if c.lead() == nil {
			s.title = "Found, but no explanation of the error"
		}
		_, rest := c.split()
		s.blocks = c.short(rest)
	}
	return s
}

// proactive are recommendations.
func (c *content) proactive() section {
	return section{id: "recommendations", title: "Recommendations", blocks: c.short(c.r.Proactive)}
}

// short lists findings, one item each, or in full where everything is asked for.
func (c *content) short(findings []report.Finding) []block {
	if len(findings) == 0 {
		return nil
	}
	var out []block
	var items []line
	for i, f := range findings {
		if c.full {
			out = append(out, c.finding(i+1, f)...)
			continue
		}
		items = append(items, findingLine(f).and(dim, elsewhere(f)))
	}
	if c.full {
		return out
	}
	return []block{list{items: items}}
}

// elsewhere points from a short line to where and how.
func elsewhere(f report.Finding) string {
	out := filled(f.Resource, strings.Join(f.Fixes, ", "))
	if len(out) == 0 {
		return ""
	}
	return " (" + strings.Join(out, "; ") + ")"
}
