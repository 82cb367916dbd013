package mcpserver

import (
	"fmt"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/preflight"
	"cfdoctor/internal/report"
	"cfdoctor/internal/ui"
)

// How much of each list a summary names. The rest is behind an address.
const (
	shownFindings = 8
	shownFixes    = 8
	shownOpen     = 8
	shownTexts    = 6
	shownLength   = 700 // runes of one text
)

// diagnoseOut is a diagnosis in short.
type diagnoseOut struct {
	DiagnosisID  string       `json:"diagnosis_id" jsonschema:"names this diagnosis for plan_fix and in the addresses of its details; kept while the server runs, the oldest are forgotten"`
	Verdict      string       `json:"verdict" jsonschema:"the answer in one or two sentences"`
	Request      string       `json:"request" jsonschema:"the request that was simulated"`
	ErrorCode    int          `json:"error_code" jsonschema:"the status that the viewer sees, 0 where none was given"`
	Predicted    predictedOut `json:"predicted"`
	Findings     []findingOut `json:"findings" jsonschema:"what was found, the most likely root cause first"`
	Proactive    []findingOut `json:"proactive" jsonschema:"what has not failed yet"`
	Fixes        []fixOut     `json:"fixes" jsonschema:"remedies, in the order in which to try them; plan_fix gives one in full"`
	Way          []stageOut   `json:"way" jsonschema:"the stages at which something happened to the request; the others let it through or were not reached"`
	Open         openOut      `json:"open"`
	Distribution aboutOut     `json:"distribution"`
	Source       string       `json:"source" jsonschema:"through which door the account was read"`
	Tasks        []taskOut    `json:"tasks" jsonschema:"the eight steps of the procedure"`
	MissingTools []string     `json:"missing_tools"`
	Details      []addressOut `json:"details" jsonschema:"where to read more, as a resource or with get_details"`
}

type predictedOut struct {
	Status       int      `json:"status" jsonschema:"what the viewer gets by the simulation; 0 where there is no HTTP answer, or none can be told"`
	Certainty    string   `json:"certainty" jsonschema:"certain, likely or unknown"`
	AnsweredBy   string   `json:"answered_by"`
	StoppedAt    string   `json:"stopped_at" jsonschema:"the stage that decides the answer"`
	Alternatives []string `json:"alternatives" jsonschema:"what else the evidence leaves open"`
}

type findingOut struct {
	Cause           string   `json:"cause" jsonschema:"its id in the catalogue; explain_cause tells about it"`
	Title           string   `json:"title"`
	Severity        string   `json:"severity"`
	Likelihood      string   `json:"likelihood" jsonschema:"confirmed, likely or possible"`
	ExplainsSymptom bool     `json:"explains_symptom"`
	Resource        string   `json:"resource"`
	Summary         string   `json:"summary"`
	Fixes           []string `json:"fixes"`
	HumanMustAct    string   `json:"human_must_act,omitempty" jsonschema:"why no command can fix it"`
	Address         string   `json:"address"`
}

type fixOut struct {
	ID         string   `json:"id"`
	Title      string   `json:"title"`
	Causes     []string `json:"causes"`
	Complexity string   `json:"complexity" jsonschema:"quick, standard or advanced"`
	Minutes    int      `json:"estimated_minutes"`
	Impact     string   `json:"impact"`
	Proof      string   `json:"proof" jsonschema:"what the simulation gives with the fix made"`
	Address    string   `json:"address"`
}

type stageOut struct {
	Stage   string `json:"stage"`
	Verdict string `json:"verdict" jsonschema:"stop, rewrite or unknown"`
	Status  int    `json:"status"`
	Summary string `json:"summary"`
}

type openOut struct {
	NotChecked []string `json:"not_checked" jsonschema:"causes that could not be judged, and why; unknown is not fine"`
	More       int      `json:"more" jsonschema:"how many more there are"`
	Needs      []string `json:"needs" jsonschema:"IAM actions that would tell"`
	RuledOut   int      `json:"ruled_out" jsonschema:"how many causes the evidence excludes"`
}

type aboutOut struct {
	ID         string   `json:"id"`
	DomainName string   `json:"domain_name"`
	Aliases    []string `json:"aliases"`
	Status     string   `json:"status"`
	Enabled    bool     `json:"enabled"`
	Summary    []string `json:"summary"`
}

type taskOut struct {
	Step   int    `json:"step"`
	Title  string `json:"title"`
	Status string `json:"status"`
	Note   string `json:"note"`
}

type addressOut struct {
	Address string `json:"address"`
	Holds   string `json:"holds"`
}

func summarize(d *diagnosis) *diagnoseOut {
	r := d.c.Report
	out := &diagnoseOut{
		DiagnosisID: d.id, Verdict: clip(r.Verdict), Request: requestOf(r), ErrorCode: r.Symptom.ErrorCode, Predicted: predicted(r),
		Findings: d.findings("findings", r.Findings), Proactive: d.findings("proactive", r.Proactive), Fixes: []fixOut{}, Way: way(r), Open: open(r),
		Distribution: aboutOut{ID: r.Distribution.ID, DomainName: r.Distribution.DomainName, Aliases: first(r.Distribution.Aliases, shownTexts),
			Status: r.Distribution.Status, Enabled: r.Distribution.Enabled, Summary: clipped(r.Distribution.Summary)},
		Source: strings.TrimSpace(r.Source.Kind + " " + r.Source.Detail), Tasks: []taskOut{}, MissingTools: []string{}, Details: d.addresses(),
	}
	if r.Source.Account != "" {
		out.Source += ", account " + r.Source.Account
	}
	for _, f := range first(r.Fixes, shownFixes) {
		out.Fixes = append(out.Fixes, fixOut{ID: f.ID, Title: clip(f.Title), Causes: f.Causes, Complexity: f.Complexity, Minutes: f.EstimatedMinutes,
			Impact: clip(f.Impact), Proof: proof(f.Proof), Address: d.address("fixes/" + f.ID)})
	}
	for _, t := range r.Tasks {
		out.Tasks = append(out.Tasks, taskOut(t))
	}
	for _, dep := range r.Dependencies {
		if dep.State == preflight.Missing {
			out.MissingTools = append(out.MissingTools, dep.Name+": "+dep.NeededFor)
		}
	}
	return out
}

func (d *diagnosis) findings(list string, from []report.Finding) []findingOut {
	out := []findingOut{}
	for i, f := range first(from, shownFindings) {
		out = append(out, findingOut{Cause: f.Cause, Title: clip(f.Title), Severity: f.Severity, Likelihood: f.Likelihood, ExplainsSymptom: f.ExplainsSymptom,
			Resource: clip(f.Resource), Summary: clip(f.Summary), Fixes: f.Fixes, HumanMustAct: clip(f.HumanMustAct), Address: d.address(fmt.Sprintf("%s/%d", list, i+1))})
	}
	return out
}

func requestOf(r *report.Report) string {
	domain := r.Symptom.Domain
	if domain == "" {
		domain = r.Distribution.DomainName
	}
	out := r.Symptom.Method + " " + r.Symptom.Scheme + "://" + domain + r.Symptom.Path
	if r.Symptom.Query != "" {
		out += "?" + r.Symptom.Query
	}
	return clip(out)
}

func predicted(r *report.Report) predictedOut {
	t := r.Trace
	out := predictedOut{Status: t.Outcome.Status, Certainty: t.Outcome.Certainty, AnsweredBy: t.Outcome.AnsweredBy, StoppedAt: t.StoppedAt, Alternatives: []string{}}
	for _, a := range t.Alternatives {
		if !a.Weak && len(out.Alternatives) < shownTexts {
			out.Alternatives = append(out.Alternatives, clip(fmt.Sprintf("%d if %s", a.Status, a.If)))
		}
	}
	return out
}

// way leaves out the stages that let the request through: most do.
func way(r *report.Report) []stageOut {
	out := []stageOut{}
	for _, s := range r.Trace.Steps {
		if s.Verdict == "stop" || s.Verdict == "rewrite" || s.Verdict == "unknown" {
			out = append(out, stageOut{s.Stage, s.Verdict, s.Status, clip(s.Summary)})
		}
	}
	return out
}

func open(r *report.Report) openOut {
	out := openOut{NotChecked: []string{}, Needs: []string{}, RuledOut: len(r.RuledOut), More: max(len(r.NotChecked)-shownOpen, 0)}
	for _, n := range first(r.NotChecked, shownOpen) {
		out.NotChecked = append(out.NotChecked, clip(n.Cause+": "+n.Because))
	}
	if r.MissingPermissions != nil {
		for _, s := range r.MissingPermissions.Statement {
			out.Needs = append(out.Needs, s.Action...)
		}
	}
	return out
}

func proof(p report.Proof) string {
	if p.Method != "simulated" {
		return clip("not simulated: " + p.Because)
	}
	return clip(fmt.Sprintf("simulated: %d before, %d after; %s", p.Before, p.After, p.Because))
}

// text says the same in words.
func (o *diagnoseOut) text(r *report.Report) string {
	var b strings.Builder
	line := func(format string, args ...any) { b.WriteString(ui.Clean(fmt.Sprintf(format, args...)) + "\n") }
	line("%s", o.Verdict)
	line("Request: %s%s; simulated: %s", o.Request, seen(o.ErrorCode), o.Predicted.words())
	line("Distribution: %s", strings.Join(filled(o.Distribution.ID, o.Distribution.DomainName, o.Distribution.Status), ", "))
	if len(o.Findings) > 0 {
		b.WriteString("\nFindings, the likeliest root cause first:\n")
	}
	for i, f := range o.Findings {
		line("%d. [%s, %s] %s (%s)", i+1, f.Severity, f.Likelihood, f.Title, f.Cause)
		line("   %s", f.Summary)
		if i == 0 {
			for _, e := range first(r.Findings[0].Evidence, 2) {
				line("   evidence: %s", evidenceWords(e))
			}
		}
		if f.HumanMustAct != "" {
			line("   no command can fix this: %s", f.HumanMustAct)
		}
	}
	if len(o.Fixes) > 0 {
		b.WriteString("\nFixes, in the order in which to try them (plan_fix gives one in full):\n")
	}
	for _, f := range o.Fixes {
		line("- %s: %s (%s, about %d minutes; %s)", f.ID, f.Title, f.Complexity, f.Minutes, f.Proof)
	}
	o.rest(&b, line)
	return b.String()
}

func (o *diagnoseOut) rest(b *strings.Builder, line func(string, ...any)) {
	if len(o.Proactive) > 0 {
		b.WriteString("\nNot failing yet:\n")
		for _, f := range o.Proactive {
			line("- [%s] %s (%s)", f.Severity, f.Title, f.Cause)
		}
	}
	if n := len(o.Open.NotChecked) + o.Open.More; n > 0 {
		b.WriteString("\n")
		line("Not checked, so unknown (number of causes): %d%s", n, needing(o.Open.Needs))
	}
	if len(o.MissingTools) > 0 {
		b.WriteString("\nMissing on the server's machine, as far as it can see; tell the person, unless you have it yourself:\n")
		for _, m := range o.MissingTools {
			line("- %s", m)
		}
	}
	b.WriteString("\nDetails, as resources or with get_details:\n")
	for _, d := range o.Details {
		line("- %s: %s", d.Address, d.Holds)
	}
}

func needing(needs []string) string {
	if len(needs) == 0 {
		return ""
	}
	return "; reads that would tell: " + strings.Join(first(needs, shownTexts), ", ")
}

func (p predictedOut) words() string {
	if p.Status == 0 {
		return "no HTTP answer, or none can be told (" + p.Certainty + ")"
	}
	out := fmt.Sprintf("%d from %s, %s", p.Status, p.AnsweredBy, p.Certainty)
	if p.StoppedAt != "" {
		out += ", decided at " + p.StoppedAt
	}
	return out
}

func seen(code int) string {
	if code == 0 {
		return " (general review)"
	}
	return fmt.Sprintf(" → %d seen", code)
}

func evidenceWords(e evidence.Ref) string {
	return clip(strings.Join(filled(e.Call, e.Resource, e.Field, e.Value, e.Note), " | "))
}

// links are the addresses as content that clients can follow.
func (o *diagnoseOut) links() []mcp.Content {
	var out []mcp.Content
	for _, d := range o.Details {
		out = append(out, &mcp.ResourceLink{URI: d.Address, Name: strings.TrimPrefix(d.Address, scheme), Description: d.Holds, MIMEType: mimeOf(d.Address)})
	}
	return out
}

func first[T any](list []T, n int) []T {
	if list == nil {
		return []T{}
	}
	return list[:min(n, len(list))]
}

func filled(texts ...string) []string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}

// clip bounds a text that an account may have made long.
func clip(s string) string {
	if len(s) <= shownLength {
		return s
	}
	if runes := []rune(s); len(runes) > shownLength {
		return string(runes[:shownLength-1]) + "…"
	}
	return s
}

func clipped(texts []string) []string {
	out := []string{}
	for _, t := range first(texts, 2*shownTexts) {
		out = append(out, clip(t))
	}
	return out
}
