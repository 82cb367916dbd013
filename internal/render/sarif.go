package render

import (
	"io"
	"strings"
	"time"

	"cfdoctor/internal/report"
)

// The parts of SARIF 2.1.0 (OASIS, sarif-v2.1.0-os) that a diagnosis has.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitzero"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string       `json:"id"`
		ShortDescription sarifMessage `json:"shortDescription"`
		HelpURI          string       `json:"helpUri,omitzero"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID              string            `json:"ruleId"`
		RuleIndex           int               `json:"ruleIndex"`
		Level               string            `json:"level"`
		Message             sarifMessage      `json:"message"`
		Locations           []sarifLocation   `json:"locations"`
		PartialFingerprints map[string]string `json:"partialFingerprints"`
		Properties          map[string]any    `json:"properties"`
	}
	sarifLocation struct {
		LogicalLocations []sarifLogical `json:"logicalLocations"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
		Kind               string `json:"kind"`
	}
	sarifInvocation struct {
		ExecutionSuccessful        bool                `json:"executionSuccessful"`
		EndTimeUTC                 string              `json:"endTimeUtc,omitzero"`
		ToolExecutionNotifications []sarifNotification `json:"toolExecutionNotifications"`
	}
	sarifNotification struct {
		Descriptor sarifDescriptor `json:"descriptor"`
		Level      string          `json:"level"`
		Message    sarifMessage    `json:"message"`
	}
	sarifDescriptor struct {
		ID string `json:"id"`
	}
)

// writeSARIF writes a report for tools that gather findings: one rule for each cause, one result for each finding and recommendation.
// What could not be checked are notifications: silence would look like "nothing found".
func writeSARIF(w io.Writer, r *report.Report) error {
	run := sarifRun{
		Tool:        sarifTool{sarifDriver{Name: "cfdoctor", Version: r.CfdoctorVersion, Rules: []sarifRule{}}},
		Invocations: []sarifInvocation{sarifInvocationOf(r)},
		Results:     []sarifResult{},
	}
	rules := map[string]int{}
	for _, findings := range [][]report.Finding{r.Findings, r.Proactive} {
		for _, f := range findings {
			if _, known := rules[f.Cause]; !known {
				rules[f.Cause] = len(run.Tool.Driver.Rules)
				run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(f))
			}
			run.Results = append(run.Results, sarifResultOf(r, f, rules[f.Cause]))
		}
	}
	return writeJSON(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func sarifRuleOf(f report.Finding) sarifRule {
	rule := sarifRule{ID: f.Cause, ShortDescription: sarifText(f.Title)}
	for _, url := range f.References {
		if strings.HasPrefix(url, "https://") && !strings.ContainsAny(url, " <>\"{}|\\^`") {
			rule.HelpURI = url
			break
		}
	}
	return rule
}

func sarifResultOf(r *report.Report, f report.Finding, rule int) sarifResult {
	c := &content{r: r}
	message := strings.Join(filled(f.Title+".", f.Summary, f.HumanMustAct), " ")
	if fixes := c.fixTitles(f.Fixes); fixes != "" {
		message += " Fix: " + fixes + "."
	}
	where := orElse(f.Resource, "distribution "+r.Distribution.ID)
	return sarifResult{
		RuleID: f.Cause, RuleIndex: rule, Level: sarifLevel(f.Severity), Message: sarifText(message),
		Locations:           []sarifLocation{{[]sarifLogical{{FullyQualifiedName: where, Kind: "resource"}}}},
		PartialFingerprints: map[string]string{"causeAndResource/v1": f.Cause + " " + where},
		Properties:          map[string]any{"severity": f.Severity, "likelihood": f.Likelihood, "explainsSymptom": f.ExplainsSymptom},
	}
}

// sarifText escapes braces, which are placeholders in SARIF's messages, and brackets, which are links (sections 3.11.5 and 3.11.6).
func sarifText(message string) sarifMessage {
	return sarifMessage{strings.NewReplacer("{", "{{", "}", "}}", "[", `\[`, "]", `\]`).Replace(message)}
}

func sarifLevel(severity string) string {
	switch severity {
	case "critical", "high":
		return "error"
	case "medium":
		return "warning"
	}
	return "note"
}

func sarifInvocationOf(r *report.Report) sarifInvocation {
	out := sarifInvocation{ExecutionSuccessful: true, ToolExecutionNotifications: []sarifNotification{}}
	if made, err := time.Parse(time.RFC3339Nano, r.GeneratedAt); err == nil {
		out.EndTimeUTC = made.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	for _, t := range r.Tasks {
		if t.Status == "failed" {
			out.ExecutionSuccessful = false
		}
	}
	for _, n := range r.NotChecked {
		message := n.Because
		if len(n.Needs) > 0 {
			message += " (needs " + strings.Join(n.Needs, ", ") + ")"
		}
		out.ToolExecutionNotifications = append(out.ToolExecutionNotifications,
			sarifNotification{Descriptor: sarifDescriptor{n.Cause}, Level: "warning", Message: sarifText("not checked: " + message)})
	}
	return out
}
