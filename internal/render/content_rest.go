package render

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cfdoctor/internal/report"
)

// needs lists the permissions that would settle what is not checked, each once.
func (c *content) needs() []string {
	seen := map[string]bool{}
	for _, n := range c.r.NotChecked {
		for _, need := range n.Needs {
			seen[need] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// shownUnchecked is how many causes that were not checked a short document names.
const shownUnchecked = 8

func (c *content) notChecked() section {
	s := section{id: "not-checked", title: "Not checked"}
	list := list{}
	for i, n := range c.r.NotChecked {
		if !c.full && i == shownUnchecked {
			list.items = append(list.items, in(dim, fmt.Sprintf("and %d more (--verbose)", len(c.r.NotChecked)-i)))
			break
		}
		item := in(code, n.Cause).plus(": " + n.Because)
		if len(n.Needs) > 0 {
			item = item.and(dim, " (needs "+strings.Join(n.Needs, ", ")+")")
		}
		list.items = append(list.items, item)
	}
	if len(list.items) == 0 {
		return s
	}
	if needs := c.needs(); len(needs) > 0 {
		s.blocks = append(s.blocks, paragraph{say("Reads that would tell: " + strings.Join(needs, ", "))})
	}
	s.blocks = append(s.blocks, list)
	return s
}

// permissions is what would let the reads through that were missing, as one document to copy.
func (c *content) permissions() section {
	s := section{id: "permissions", title: "Permissions that were missing"}
	if c.r.MissingPermissions == nil || len(c.r.MissingPermissions.Statement) == 0 {
		return s
	}
	var text strings.Builder
	if err := writeJSON(&text, c.r.MissingPermissions); err != nil {
		return s // strings that are no text cannot come from a policy that cfdoctor wrote
	}
	s.blocks = []block{
		paragraph{say("This IAM policy allows them and nothing else. All of them only read.")},
		command{text: strings.TrimRight(text.String(), "\n"), language: "json"},
	}
	return s
}

func (c *content) ruledOut() section {
	s := section{id: "ruled-out", title: "Ruled out", folded: true}
	n := len(c.r.RuledOut)
	if n == 0 {
		return s
	}
	if !c.full {
		s.blocks = []block{paragraph{in(dim, count(n, "cause is", "causes are")+" excluded by evidence; --verbose lists them with the reasons.")}}
		return s
	}
	var items []line
	for _, r := range c.r.RuledOut {
		items = append(items, in(code, r.Cause).plus(": "+r.Because))
	}
	s.blocks = []block{list{items: items}}
	return s
}

// compatibility is the matrix of CloudFront's settings and what the origins require, one table for each origin.
func (c *content) compatibility() section {
	s := section{id: "compatibility", title: "CloudFront and the origins, setting by setting"}
	var origins []string
	rows := map[string][][]line{}
	for _, row := range c.r.Compatibility {
		if _, seen := rows[row.Origin]; !seen {
			origins = append(origins, row.Origin)
		}
		rows[row.Origin] = append(rows[row.Origin], []line{
			fits(row.OK), say(row.CloudFrontSetting), say(row.Current), say(row.OriginRequires), say(row.OriginHas),
		})
	}
	for _, origin := range origins {
		if origin != "" {
			s.blocks = append(s.blocks, paragraph{in(strong, "Origin "+origin)})
		}
		s.blocks = append(s.blocks, table{[]string{"Fits", "Setting", "Now", "Origin requires", "Origin has"}, rows[origin]})
	}
	return s
}

func fits(ok *bool) line {
	switch {
	case ok == nil:
		return in(warn, "?")
	case *ok:
		return in(good, "✓")
	}
	return in(bad, "✗")
}

func (c *content) nextSteps() section {
	s := section{id: "next", title: "Next steps"}
	for _, step := range c.r.NextSteps {
		s.blocks = append(s.blocks, label(step.Scenario))
		s.blocks = append(s.blocks, c.commands(step.Commands)...)
	}
	return s
}

func (c *content) monitoring() section {
	s := section{id: "monitoring", title: "Monitoring"}
	m := c.r.Monitoring
	if len(m.Trends) > 0 {
		s.blocks = append(s.blocks, list{items: lines(m.Trends)})
	}
	if items := metricLines(m.Metrics); len(items) > 0 {
		s.blocks = append(s.blocks, label("Metrics to watch"), list{items: items})
	}
	for i, a := range m.Alarms {
		if i == 0 {
			s.blocks = append(s.blocks, label("Alarms to set"))
		}
		s.blocks = append(s.blocks, list{items: []line{in(strong, a.Name).plus(suffix(strings.Join(filled(a.Metric, a.Threshold), " "), a.Why))}})
		if c.full {
			s.blocks = append(s.blocks, c.commands([]report.Command{a.Command})...)
		}
	}
	for i, l := range m.Logs {
		if i == 0 {
			s.blocks = append(s.blocks, label("Logs to read"))
		}
		s.blocks = append(s.blocks, list{items: []line{in(strong, l.Log).plus(suffix(l.State))}})
		s.blocks = append(s.blocks, c.commands([]report.Command{l.Command})...)
		if c.full && l.Query != "" {
			s.blocks = append(s.blocks, command{purpose: "a query for it", text: l.Query})
		}
	}
	return s
}

func metricLines(metrics []report.Metric) []line {
	var out []line
	for _, m := range metrics {
		name := strings.Join(filled(m.Namespace, m.Name, m.Statistic), " ")
		if m.Region != "" {
			name += " in " + m.Region
		}
		out = append(out, in(code, name).plus(suffix(m.Why)))
	}
	return out
}

// run says how the diagnosis was made; in short, only what went less than well.
func (c *content) run() section {
	s := section{id: "run", title: "About this diagnosis", folded: true}
	made := "cfdoctor " + c.r.CfdoctorVersion + ", " + c.r.GeneratedAt + ", read through " + strings.Join(filled(c.r.Source.Kind, c.r.Source.Detail), ": ")
	s.blocks = append(s.blocks, paragraph{in(dim, made)})
	var rows [][]line
	for _, t := range c.r.Tasks {
		if c.full || t.Status == "failed" || t.Status == "partial" {
			rows = append(rows, []line{say(fmt.Sprint(t.Step)), say(t.Title), say(t.Status), say(t.Note)})
		}
	}
	if len(rows) > 0 {
		s.blocks = append(s.blocks, table{[]string{"Step", "Task", "Status", "Note"}, rows})
	}
	var items []line
	for _, d := range c.r.Dependencies {
		if c.full || d.State == "missing" && d.Required {
			items = append(items, in(strong, d.Name).plus(" "+d.State+suffix(d.NeededFor, d.HowToGet)))
		}
	}
	if len(items) > 0 {
		s.blocks = append(s.blocks, label("Tools and permissions"), list{items: items})
	}
	return s
}
