package render

import (
	"fmt"
	"slices"
	"strings"

	"cfdoctor/internal/report"
)

// fixes shows the remedies of what explains the symptom, simplest first as the report has them.
func (c *content) fixes() section {
	s := section{id: "fixes", title: "Fixes"}
	for i := range c.r.Fixes {
		if f := &c.r.Fixes[i]; c.cures(f) {
			s.blocks = append(s.blocks, c.fixInFull(f)...)
		}
	}
	return s
}

// cures reports whether a fix belongs to a finding that explains the symptom.
func (c *content) cures(f *report.Fix) bool {
	for _, finding := range c.r.Findings {
		if finding.ExplainsSymptom && slices.Contains(finding.Fixes, f.ID) {
			return true
		}
	}
	return false
}

// otherFixes lists the remedies of everything else.
func (c *content) otherFixes() section {
	s := section{id: "other-fixes", title: "Fixes for the rest", folded: true}
	var items []line
	for i := range c.r.Fixes {
		f := &c.r.Fixes[i]
		if c.cures(f) {
			continue
		}
		if c.full {
			s.blocks = append(s.blocks, c.fixInFull(f)...)
		}
		items = append(items, in(code, f.ID).plus(" "+f.Title).and(dim, " ("+effort(f)+")"))
	}
	if len(items) > 0 && !c.full {
		s.blocks = []block{list{items: items}, command{purpose: "See one in full", text: c.fixCommand("ID")}}
	}
	return s
}

// effort says what a fix takes: "quick, about 5 minutes, high confidence".
func effort(f *report.Fix) string {
	out := filled(f.Complexity)
	if f.EstimatedMinutes > 0 {
		out = append(out, "about "+count(f.EstimatedMinutes, "minute", "minutes"))
	}
	if f.Confidence != "" {
		out = append(out, f.Confidence+" confidence")
	}
	return strings.Join(out, ", ")
}

func (c *content) fixInFull(f *report.Fix) []block {
	out := []block{subhead{in(code, f.ID).plus(" ").and(strong, f.Title).and(dim, " ("+effort(f)+")")}}
	if f.Explanation != "" {
		out = append(out, paragraph{say(f.Explanation)})
	}
	var rows []fact
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, fact{name, say(value)})
		}
	}
	add("For", strings.Join(f.Causes, ", "))
	add("Impact", f.Impact)
	for _, effect := range f.SideEffects {
		add("Mind", effect)
	}
	add("Touches", strings.Join(f.Touches, ", "))
	if proof := proofOf(f); proof != nil {
		rows = append(rows, fact{"Proof", proof[1:]})
	} else {
		add("Proof", orElse(f.Proof.Because, "none"))
	}
	out = append(out, facts{rows})
	out = append(out, diff(f.Diff)...)
	if len(f.Console) > 0 {
		out = append(out, label("In the AWS Console"), numbered(f.Console))
	}
	if len(f.Commands) > 0 {
		out = append(out, label("On the command line"))
		out = append(out, c.commands(f.Commands)...)
	}
	out = append(out, c.verification(f.Verification)...)
	if len(f.Rollback) > 0 {
		out = append(out, label("To go back"))
		out = append(out, c.commands(f.Rollback)...)
	}
	return append(out, c.script(f)...)
}

func label(text string) block { return paragraph{in(strong, text)} }

// numbered lists steps that may carry their numbers already.
func numbered(steps []string) list {
	own := len(steps) > 0 && strings.HasPrefix(steps[0], "1.")
	return list{items: lines(steps), ordered: true, numbered: own}
}

func diff(changes []report.DiffLine) []block {
	if len(changes) == 0 {
		return nil
	}
	var rows [][]line
	for _, d := range changes {
		rows = append(rows, []line{in(code, orElse(d.Path, d.Resource)), in(bad, orElse(d.Old, "–")), in(good, orElse(d.New, "–"))})
	}
	return []block{label("What changes"), table{head: []string{"Member", "From", "To"}, rows: rows}}
}

func (c *content) commands(commands []report.Command) []block {
	var out []block
	for _, cmd := range commands {
		note := ""
		if len(cmd.Inputs) > 0 {
			note = "you supply: " + strings.Join(cmd.Inputs, ", ")
		}
		out = append(out, c.command(cmd.Purpose, cmd.AWSCLI, cmd.CallAWS, note, cmd.Mutates)...)
	}
	return out
}

// command shows the shell form; the call_aws form too where everything is asked for or there is no other.
func (c *content) command(purpose, shell, tool, note string, mutates bool) []block {
	first := command{purpose: purpose, text: orElse(shell, tool), note: note, mutates: mutates}
	if first.text == "" {
		if purpose == "" {
			return nil
		}
		return []block{paragraph{say(purpose)}}
	}
	out := []block{first}
	if c.full && shell != "" && tool != "" {
		out = append(out, command{purpose: "the same for an agent", text: tool})
	}
	return out
}

func (c *content) verification(checks []report.Verification) []block {
	if len(checks) == 0 {
		return nil
	}
	out := []block{label("To verify")}
	for _, v := range checks {
		note := ""
		if v.Expect != "" {
			note = "expect: " + v.Expect
		}
		out = append(out, c.command(v.Purpose, v.AWSCLI, v.CallAWS, note, false)...)
	}
	return out
}

// script shows the whole script, or only how to get it.
func (c *content) script(f *report.Fix) []block {
	switch {
	case f.Script == "":
		return nil
	case c.full:
		return []block{command{purpose: "All of it as one script: reads, changes, waits, verifies", text: f.Script, mutates: true}}
	}
	lines := strings.Count(strings.TrimRight(f.Script, "\n"), "\n") + 1
	purpose := fmt.Sprintf("All of it as one script of %d lines that reads, changes, waits and verifies", lines)
	return []block{command{purpose: purpose, text: c.fixCommand(f.ID)}}
}
