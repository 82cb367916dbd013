package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/report"
	"cfdoctor/internal/source"
)

// report puts a case into the contract's form. The first pass is the one shown.
func (d *Doctor) report(about source.About, now time.Time, q Question, c *Case, passes []*cause.Pass, tasks []report.Task) *report.Report {
	shown := passes[0]
	fixesOf := map[string][]string{}
	for _, p := range c.Plan {
		for _, id := range p.Causes {
			fixesOf[id] = append(fixesOf[id], p.ID)
		}
	}
	account := about.Account
	if account == "" {
		account = c.World.Account
	}
	return &report.Report{
		Schema: report.SchemaVersion, GeneratedAt: now.UTC().Format(time.RFC3339), CfdoctorVersion: d.Version,
		Source:        report.Source{Kind: about.Kind, Account: account, Detail: about.Detail},
		Tasks:         tasks,
		Dependencies:  list(d.Dependencies),
		Distribution:  overview(c.Model),
		Symptom:       symptom(q, c.Model, shown),
		Verdict:       verdictWords(q, c, shown),
		Trace:         traceOf(shown.Trace),
		Observed:      observations(c.Model, q, shown),
		Findings:      findings(c.Result.Findings, fixesOf),
		Proactive:     findings(c.Result.Proactive, fixesOf),
		RuledOut:      ruledOut(c.Result.RuledOut),
		NotChecked:    notChecked(c.Result.NotChecked),
		Fixes:         fixes(c.Plan),
		Compatibility: list(compatibility(c.Model)),
		NextSteps:     list(nextSteps(c.Model, q, c.Result, shown)),
		Monitoring:    monitoring(c.Model),

		MissingPermissions: missingPermissions(c.World, c.Model.Partition(), c.Result),
	}
}

// list makes an empty slice of nothing: the contract has no null lists.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

func symptom(q Question, m *edge.Model, shown *cause.Pass) report.Symptom {
	r := shown.Request
	return report.Symptom{ErrorCode: q.Code, Scheme: r.Scheme, Domain: r.Host, Path: r.Path, Query: evidence.RedactQuery(r.Query), Method: r.Method,
		Flags: list(q.flags(m))}
}

func traceOf(t *edge.Trace) report.Trace {
	out := report.Trace{
		Outcome:      report.Outcome{Status: t.Outcome.Status, Certainty: string(t.Outcome.Certainty), AnsweredBy: t.Outcome.AnsweredBy},
		StoppedAt:    t.StoppedAt,
		Alternatives: []report.Alternative{},
		Steps:        []report.Step{},
	}
	for _, a := range t.Alternatives {
		out.Alternatives = append(out.Alternatives, report.Alternative{Status: a.Status, If: a.If, Stage: a.Stage, Weak: a.Weak})
	}
	titles := map[string]string{}
	for _, s := range edge.Stages() {
		titles[s.ID] = s.Title
	}
	for _, s := range t.Steps {
		out.Steps = append(out.Steps, report.Step{
			Stage: s.Stage, Title: titles[s.Stage], Verdict: string(s.Verdict), Status: s.Status,
			Summary: s.Summary, Detail: s.Detail, Evidence: list(s.Evidence),
		})
	}
	out.Forwarded = forwarded(t)
	return out
}

// forwarded is what the origin gets, nil where the request does not get that far. Custom headers are often shared secrets.
func forwarded(t *edge.Trace) *report.Forwarded {
	f := t.Exchange.Forwarded
	if f.Method == "" {
		return nil
	}
	out := &report.Forwarded{
		Method: f.Method, Connect: fmt.Sprintf("%s://%s:%d", f.Scheme, f.Address, f.Port), Path: f.Path,
		Headers: []report.Header{{Name: "Host", Value: f.Host}}, Signed: f.Signed, HeadersKnown: f.HeadersKnown,
	}
	if f.Query != "" {
		out.Path += "?" + evidence.RedactQuery(f.Query)
	}
	custom := map[string]bool{}
	if t.Origin != nil && t.Origin.Config.CustomHeaders != nil {
		for _, h := range t.Origin.Config.CustomHeaders.Items {
			custom[strings.ToLower(text(h.HeaderName))] = true
		}
	}
	for _, h := range f.Headers {
		if evidence.IsSecretHeader(h.Name) || custom[strings.ToLower(h.Name)] {
			h.Value = evidence.Redacted
		}
		out.Headers = append(out.Headers, report.Header{Name: h.Name, Value: h.Value})
	}
	return out
}

func findings(from []cause.Finding, fixesOf map[string][]string) []report.Finding {
	out := []report.Finding{}
	for _, f := range from {
		out = append(out, report.Finding{
			Cause: f.Cause.ID, Title: f.Cause.Title, Severity: string(f.Severity), Likelihood: string(f.Verdict.Likelihood()),
			Because: f.Verdict.Because, ExplainsSymptom: f.Explains, Stage: f.Cause.Stage, Resource: f.Verdict.Resource,
			Summary: f.Verdict.Summary, Detail: f.Verdict.Detail, Evidence: list(f.Verdict.Evidence),
			References: list(f.Cause.Doc.References), Fixes: list(fixesOf[f.Cause.ID]), HumanMustAct: f.Cause.Doc.Manual,
		})
	}
	return out
}

func ruledOut(from []cause.RuledOut) []report.RuledOut {
	out := []report.RuledOut{}
	for _, r := range from {
		out = append(out, report.RuledOut{Cause: r.Cause.ID, Because: r.Because})
	}
	return out
}

func notChecked(from []cause.NotChecked) []report.NotChecked {
	out := []report.NotChecked{}
	for _, n := range from {
		out = append(out, report.NotChecked{Cause: n.Cause.ID, Because: n.Because, Needs: list(n.Needs)})
	}
	return out
}

func fixes(plan []Planned) []report.Fix {
	out := []report.Fix{}
	for _, p := range plan {
		f, r := p.Fix, p.Rendered
		item := report.Fix{
			ID: p.ID, Title: f.Title, Causes: p.Causes, Complexity: string(f.Complexity), EstimatedMinutes: f.Minutes,
			Impact: f.Impact, Explanation: f.Explanation, Confidence: string(f.Confidence), SideEffects: list(f.SideEffects), Compromise: f.Compromise,
			Touches: list(f.Touches()), Diff: []report.DiffLine{}, Console: list(r.Console), Commands: commands(r.Commands), Script: r.Script,
			Verification: []report.Verification{}, Rollback: commands(r.Rollback), Proof: p.Proof,
		}
		for _, line := range r.Diff {
			item.Diff = append(item.Diff, report.DiffLine{Resource: line.Resource, Path: line.Path, Old: line.Old, New: line.New})
		}
		for _, check := range r.Verification {
			item.Verification = append(item.Verification, report.Verification{Purpose: check.Purpose, AWSCLI: check.AWSCLI, CallAWS: check.CallAWS, Expect: check.Expect})
		}
		out = append(out, item)
	}
	return out
}

func commands(from []fix.Command) []report.Command {
	out := []report.Command{}
	for _, c := range from {
		out = append(out, report.Command{Purpose: c.Purpose, AWSCLI: c.AWSCLI, CallAWS: c.CallAWS, Mutates: c.Mutates, Inputs: list(c.Inputs)})
	}
	return out
}

// verdictWords is the whole answer in one or two sentences.
func verdictWords(q Question, c *Case, shown *cause.Pass) string {
	outcome := shown.Trace.Outcome
	if i := slices.IndexFunc(c.Result.Findings, func(f cause.Finding) bool { return f.Explains }); i >= 0 {
		f := c.Result.Findings[i]
		switch f.Verdict.Likelihood() {
		case cause.GradeConfirmed:
			return f.Verdict.Summary
		case cause.GradeLikely:
			return "Most likely: " + f.Verdict.Summary
		}
		return "Perhaps: " + f.Verdict.Summary
	}
	predicted := outcomeWords(outcome)
	switch {
	case q.Code == 0 && outcome.Status < 400 && !outcome.NoHTTP:
		return "Nothing in this configuration explains an error: the requests that were simulated are " + predicted + "."
	case q.Code == 0:
		return "A simulated request is " + predicted + ", and none of the known causes accounts for it."
	case outcome.Status == q.Code:
		return fmt.Sprintf("The simulation gives %d too, but none of the known causes accounts for it.", q.Code)
	}
	return fmt.Sprintf("Nothing in what could be read explains the %d: by this configuration the request is %s. See the next steps for what to look at.", q.Code, predicted)
}

func outcomeWords(o edge.Outcome) string {
	if o.NoHTTP {
		return "refused before any HTTP answer"
	}
	words := fmt.Sprintf("answered with %d", o.Status)
	if o.Certainty != edge.Certain {
		words = "most likely " + words
	}
	return words
}
