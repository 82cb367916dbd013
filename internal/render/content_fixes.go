package render

import (
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

// newFixDocument builds the document of one fix.
func newFixDocument(r *report.Report, f *report.Fix, full bool) *document {
	c := &content{r: r, full: full}
	return &document{title: f.Title, top: append(c.asked(), c.fixInFull(f)...)}
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
		s.blocks = []block{list{items: items}, c.fixCommandBlock("See one in full", "ID")}
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
	if f.Compromise {
		out = append(out, "a compromise")
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
	for _, cause := range f.Causes {
		rows = append(rows, fact{"For", in(code, cause)})
	}
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
	if len(f.Diff) > 0 {
		out = append(out, label("What changes"), changes{f.Diff})
	}
	if len(f.Console) > 0 {
		out = append(out, label("In the AWS Console"), numbered(f.Console))
	}
	if len(f.Commands) > 0 {
		out = append(out, label("On the command line"))
		out = append(out, c.scriptInShort(f)...)
		out = append(out, c.folded(f, f.Commands)...)
	}
	out = append(out, c.verification(f.Verification)...)
	if len(f.Rollback) > 0 {
		out = append(out, label("To go back"))
		out = append(out, c.folded(f, f.Rollback)...)
	}
	if c.full && f.Script != "" {
		out = append(out, label("As one script"), command{purpose: "Reads, changes, waits, verifies", text: f.Script, mutates: true})
	}
	return out
}

func label(text string) block { return paragraph{in(strong, text)} }

// numbered lists steps that may carry their numbers already.
func numbered(steps []string) list {
	own := len(steps) > 0 && strings.HasPrefix(steps[0], "1.")
	return list{items: lines(steps), ordered: true, numbered: own}
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

// longSnippet is the number of lines from which a short document leaves a snippet to the fix's script.
const longSnippet = 10

// folded shows commands, without the text of long ones where everything is in a script and not everything is asked for.
func (c *content) folded(f *report.Fix, commands []report.Command) []block {
	var out []block
	for _, cmd := range commands {
		size := strings.Count(strings.TrimRight(cmd.AWSCLI, "\n"), "\n") + 1
		if c.full || f.Script == "" || size < longSnippet {
			out = append(out, c.commands([]report.Command{cmd})...)
			continue
		}
		out = append(out, command{purpose: cmd.Purpose + " (" + count(size, "line", "lines") + " of shell, --verbose shows them)", mutates: cmd.Mutates})
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

// scriptInShort says how to get the script, where a document does not show it.
func (c *content) scriptInShort(f *report.Fix) []block {
	if f.Script == "" || c.full {
		return nil
	}
	size := strings.Count(strings.TrimRight(f.Script, "\n"), "\n") + 1
	purpose := "All at once, as a script of " + count(size, "line", "lines") + " that reads, changes, waits and verifies; step by step below"
	return []block{c.fixCommandBlock(purpose, f.ID)}
}
