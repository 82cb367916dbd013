package render

import (
	"fmt"
	"strings"

	"al.essio.dev/pkg/shellescape"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/report"
)

// top is the first screen: what was asked, the answer, what shows it, the quick fix and its proof.
func (c *content) top() []block {
	out := c.asked()
	if lead := c.lead(); lead != nil {
		out = append(out, c.explained(lead)...)
	} else {
		out = append(out, c.unexplained()...)
	}
	return append(out, c.rest()...)
}

// asked says which request is in question, what the viewer sees, and what the simulation gives.
func (c *content) asked() []block {
	request := in(strong, c.request())
	if code := c.r.Symptom.ErrorCode; code != 0 {
		request = request.plus(" → ").and(bad, fmt.Sprintf("%d seen", code))
	}
	where := c.r.Distribution.ID
	if account := c.r.Source.Account; account != "" {
		where += " in account " + account
	}
	simulated := "simulated: "
	if c.review() {
		simulated = "general review, no error code given; simulated: "
	}
	return append([]block{paragraph{request}, paragraph{in(dim, simulated).plusAll(c.outcome()).and(dim, "; "+where)}}, c.seenBriefly()...)
}

func (l line) plusAll(more line) line { return append(l[:len(l):len(l)], more...) }

// explained is the answer where a finding explains the symptom.
func (c *content) explained(f *report.Finding) []block {
	out := []block{
		headline{"✗", bad, strings.ToUpper(f.Severity) + ", " + f.Likelihood + ": " + f.Title},
		paragraph{say(f.Summary)},
	}
	if ref, ok := telling(f.Evidence); ok {
		out = append(out, frames{[]evidence.Ref{ref}})
	}
	return append(out, c.quickFix(f)...)
}

// telling picks the evidence that shows best what is wrong: a field with what it should be, else one with a note, else any. Among equals it is the
// first: a cause names first what decides.
func telling(refs []evidence.Ref) (evidence.Ref, bool) {
	best, points := evidence.Ref{}, 0
	for _, r := range refs {
		p := 0
		for _, has := range []struct {
			is    bool
			worth int
		}{{r.Field != "", 1}, {r.Note != "", 2}, {r.Expected != "", 4}} {
			if has.is {
				p += has.worth
			}
		}
		if p > points {
			best, points = r, p
		}
	}
	return best, points > 0
}

// quickFix is the first remedy of a finding: what, how long, how, and its proof.
func (c *content) quickFix(f *report.Finding) []block {
	var fix *report.Fix
	for _, id := range f.Fixes {
		if fix = c.fix(id); fix != nil {
			break
		}
	}
	if fix == nil {
		return c.noFix(f)
	}
	title := in(good, fixLabel(fix)).and(strong, fix.Title)
	if fix.EstimatedMinutes > 0 {
		title = title.plus(fmt.Sprintf(" (about %s)", count(fix.EstimatedMinutes, "minute", "minutes")))
	}
	out := []block{subhead{title}}
	if p := fix.Proof; p.Method == "simulated" && p.After > 0 && p.After < 400 {
		out = append(out, paragraph{in(dim, "Proof: simulated again with it made, ").plusAll(beforeAfter(p))})
	} else if proof := proofOf(fix); proof != nil {
		out = append(out, paragraph{proof})
	}
	if fix.Script != "" {
		return append(out, c.fixCommandBlock("", fix.ID))
	}
	if steps := fix.Console; len(steps) > 0 {
		out = append(out, numbered(steps[:min(3, len(steps))]))
	}
	return out
}

// fixLabel names the class of a fix as the list of fixes does.
func fixLabel(fix *report.Fix) string {
	switch fix.Complexity {
	case "quick":
		return "Quick fix: "
	case "advanced":
		return "Advanced solution: "
	}
	return "Fix: "
}

// proofOf says what the simulation shows of a fix, nil where it shows nothing.
func proofOf(fix *report.Fix) line {
	p := fix.Proof
	if p.Method != "simulated" {
		return nil
	}
	return in(dim, "Proof: ").plusAll(beforeAfter(p)).and(dim, "; "+orElse(p.Because, "simulated again with the change made"))
}

func beforeAfter(p report.Proof) line {
	return in(proofTone(p.Before), answer(p.Before)).plus(" → ").and(proofTone(p.After), answer(p.After))
}

func proofTone(status int) tone {
	if status == 0 {
		return bad
	}
	return statusTone(status)
}

func answer(status int) string {
	if status == 0 {
		return "no answer"
	}
	return fmt.Sprint(status)
}

func (c *content) noFix(f *report.Finding) []block {
	if f.HumanMustAct != "" {
		return []block{paragraph{in(strong, "No command can fix this: ").plus(f.HumanMustAct)}}
	}
	return nil
}

// fixCommandBlock shows the command of a fix. A report holds no secrets, so the command of a signed request lacks them.
func (c *content) fixCommandBlock(purpose, id string) command {
	out := command{purpose: purpose, text: c.fixCommand(id)}
	if strings.Contains(out.text, evidence.Redacted) {
		out.note = "put the values back where it says " + evidence.Redacted
	}
	return out
}

// fixCommand is the command that shows a fix and can apply it. The fixes are numbered within one diagnosis, so it repeats the question.
func (c *content) fixCommand(id string) string {
	words := append([]string{"cfdoctor", "fix", c.r.Distribution.ID, "--fix", id}, c.r.Symptom.Flags...)
	if c.r.Source.Kind == "bundle" {
		words = append(words, "--from", c.r.Source.Detail)
	}
	for i, word := range words {
		words[i] = shellescape.Quote(clean(word))
	}
	return strings.Join(words, " ")
}

// stopped is the step that decided on an error, nil where none did.
func (c *content) stopped() *report.Step {
	for i, s := range c.r.Trace.Steps {
		if s.Stage == c.r.Trace.StoppedAt && s.Verdict == "stop" && (s.Status == 0 || s.Status >= 400) {
			return &c.r.Trace.Steps[i]
		}
	}
	return nil
}

// reproduced is the answer where the simulation shows the error and the stage it comes from, and no cause of the catalogue goes deeper.
func (c *content) reproduced(s *report.Step) []block {
	out := []block{
		headline{"✗", bad, "The error comes from this stage: " + orElse(s.Title, s.Stage)},
		paragraph{say(orElse(s.Summary, s.Detail))},
	}
	if ref, ok := telling(s.Evidence); ok {
		out = append(out, frames{[]evidence.Ref{ref}})
	}
	return append(out, c.whatNext()...)
}

// unexplained is the answer where no finding explains an error.
func (c *content) unexplained() []block {
	if s := c.stopped(); s != nil && (c.review() || c.r.Trace.Outcome.Status == c.r.Symptom.ErrorCode) {
		return c.reproduced(s)
	}
	found, code := len(c.r.Findings), c.r.Symptom.ErrorCode
	answered, told := c.r.Trace.Outcome.Status, c.told()
	var head headline
	switch {
	case code != 0:
		head = headline{"?", warn, fmt.Sprintf("Nothing in the configuration explains the %d", code)}
	case answered >= 400 || answered == 0 && told:
		head = headline{"?", warn, "The request fails in the simulation, and no known cause explains why"}
	case found == 0 && !told:
		head = headline{"?", warn, "No fault found, but too little is known to say that all is well"}
	case found == 0:
		head = headline{"✓", good, "Nothing here explains an error"}
	default:
		head = headline{"!", severityTone(c.r.Worst()), "Nothing fails now; worth a look: " + c.tally()}
	}
	out := []block{head}
	if c.r.Verdict != "" {
		out = append(out, paragraph{say(c.r.Verdict)})
	}
	if n := len(c.r.NotChecked); n > 0 {
		out = append(out, paragraph{say(count(n, "cause", "causes") + " could not be checked." + c.missingWords())})
	}
	if code == 0 {
		return append(out, c.bySeverity()...)
	}
	return append(out, c.whatNext()...)
}

// missingWords names the permissions that would settle what is not checked.
func (c *content) missingWords() string {
	needs := c.needs()
	if len(needs) == 0 {
		return ""
	}
	const shown = 4
	text := strings.Join(needs[:min(shown, len(needs))], ", ")
	if more := len(needs) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return " Reads that would tell: " + text + "."
}

// tally counts the findings by severity.
func (c *content) tally() string {
	var out []string
	for _, severity := range []string{"critical", "high", "medium", "low"} {
		n := 0
		for _, f := range c.r.Findings {
			if f.Severity == severity {
				n++
			}
		}
		if n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, severity))
		}
	}
	return strings.Join(out, ", ")
}

func (c *content) bySeverity() []block {
	if len(c.r.Findings) == 0 {
		return nil
	}
	const shown = 6
	var items []line
	for _, f := range bySeverity(c.r.Findings)[:min(shown, len(c.r.Findings))] {
		items = append(items, findingLine(f))
	}
	return []block{list{items: items}}
}

// whatNext names the first situations of the next steps, whose commands are further down.
func (c *content) whatNext() []block {
	var items []line
	for _, step := range c.r.NextSteps[:min(4, len(c.r.NextSteps))] {
		items = append(items, say(step.Scenario))
	}
	if len(items) == 0 {
		return nil
	}
	return []block{subhead{in(strong, "What to do next")}, list{items: items}}
}

// rest counts what else the document holds.
func (c *content) rest() []block {
	causes, rest := c.split()
	var parts []string
	add := func(n int, one, many string) {
		if n > 0 {
			parts = append(parts, count(n, one, many))
		}
	}
	if !c.review() {
		add(len(causes)-1, "other possible cause", "other possible causes")
		add(len(rest), "finding that is not the cause", "findings that are not the cause")
	}
	add(len(c.r.Proactive), "recommendation", "recommendations")
	if c.lead() != nil {
		add(len(c.r.NotChecked), "cause not checked", "causes not checked")
	}
	add(len(c.r.RuledOut), "cause ruled out", "causes ruled out")
	if len(parts) == 0 {
		return nil
	}
	return []block{aside{in(dim, "Below: the request's way and the details; "+strings.Join(parts, ", ")+".")}}
}
