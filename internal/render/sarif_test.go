package render

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

// TestSARIF checks what SARIF 2.1.0 demands of the parts that are used (sections 3.13 to 3.58).
func TestSARIF(t *testing.T) {
	for name, r := range fixtures() {
		t.Run(name, func(t *testing.T) {
			var log sarifLog
			if err := json.Unmarshal([]byte(render(t, "sarif", r, Options{})), &log, json.RejectUnknownMembers(true)); err != nil {
				t.Fatal(err)
			}
			if log.Version != "2.1.0" || len(log.Runs) != 1 {
				t.Fatalf("version %q with %d runs", log.Version, len(log.Runs))
			}
			run := log.Runs[0]
			if got, want := len(run.Results), len(r.Findings)+len(r.Proactive); got != want {
				t.Errorf("%d results, want %d", got, want)
			}
			if got, want := len(run.Invocations[0].ToolExecutionNotifications), len(r.NotChecked); got != want {
				t.Errorf("%d notifications, want %d", got, want)
			}
			checkRules(t, run)
			for _, result := range run.Results {
				checkResult(t, run, result)
			}
		})
	}
}

func checkRules(t *testing.T, run sarifRun) {
	t.Helper()
	seen := map[string]bool{}
	for _, rule := range run.Tool.Driver.Rules {
		if seen[rule.ID] {
			t.Errorf("the rule %q twice", rule.ID)
		}
		seen[rule.ID] = true
		if u, err := url.Parse(rule.HelpURI); err != nil || rule.HelpURI != "" && !u.IsAbs() {
			t.Errorf("helpUri %q is no absolute URI", rule.HelpURI)
		}
	}
}

func checkResult(t *testing.T, run sarifRun, result sarifResult) {
	t.Helper()
	if result.RuleIndex >= len(run.Tool.Driver.Rules) || run.Tool.Driver.Rules[result.RuleIndex].ID != result.RuleID {
		t.Errorf("ruleIndex %d is not %q", result.RuleIndex, result.RuleID)
	}
	if !slices.Contains([]string{"error", "warning", "note"}, result.Level) {
		t.Errorf("level %q", result.Level)
	}
	if result.Message.Text == "" || len(result.Locations) != 1 || result.Locations[0].LogicalLocations[0].FullyQualifiedName == "" {
		t.Errorf("no message or no place: %+v", result)
	}
	if strings.Contains(strings.ReplaceAll(result.Message.Text, "{{", ""), "{") {
		t.Errorf("the message has a placeholder: %s", result.Message.Text)
	}
}
