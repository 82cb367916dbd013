package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cfdoctor/docs"
)

// installed is a program of setup.sh, by its path below e2e.
func installed(t *testing.T, path string) string {
	t.Helper()
	python(t)
	full, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(full); err != nil {
		t.Skip("run e2e/setup.sh for this test")
	}
	return full
}

func program(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "bin", "cfdoctor"))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// conversation is what e2e/mcp/conversation.py prints.
type conversation struct {
	Server, Text, Trace, Explained, Prompt string
	Tools, Prompts, Resources              []string
	Progress                               []float64
	Failed, Cancelled                      bool
	Diagnosis                              struct {
		Distribution struct{ ID string }
		Findings     []struct {
			Cause, Likelihood string
			ExplainsSymptom   bool `json:"explains_symptom"`
		}
		Fixes []struct{ ID string }
	}
	Plan struct {
		Title   string
		Console []string
		Proof   struct{ After int }
	}
}

// TestMCPConversation lets the official Python client hold the two conversations of AWS's guide with `cfdoctor mcp`, on recordings of such accounts.
func TestMCPConversation(t *testing.T) {
	client := installed(t, ".venv-mcp/bin/python")
	cases := []struct{ recording, arguments, id, cause, likelihood, text string }{
		{"guide-403-images.json", `{"distribution_id":"d123456abcdef","error_code":"403"}`, "E2GUIDES3IMAGES", "S3_NO_ORIGIN_ACCESS", "confirmed", "example-bucket"},
		{"guide-504-load-balancer.json", `{"distribution_id":"abc123def456","error_code":504}`, "ABC123DEF456", "ORIGIN_READ_TIMEOUT", "likely", "30 seconds"},
	}
	for _, c := range cases {
		t.Run(c.recording, func(t *testing.T) {
			cmd := exec.Command(client, "mcp/conversation.py", program(t), "../examples/"+c.recording, c.arguments)
			cmd.Stderr = os.Stderr
			text, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			var got conversation
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			d := got.Diagnosis
			if got.Failed || d.Distribution.ID != c.id || len(d.Findings) == 0 || d.Findings[0].Cause != c.cause || d.Findings[0].Likelihood != c.likelihood || !d.Findings[0].ExplainsSymptom {
				t.Errorf("the diagnosis is %+v", d)
			}
			if !strings.Contains(got.Text, c.text) || !strings.Contains(got.Trace, "origin") || got.Explained == "" || !strings.Contains(got.Prompt, "## Steps") {
				t.Errorf("text:\n%s\ntrace:\n%s", got.Text, got.Trace)
			}
			if len(got.Plan.Console) == 0 || got.Plan.Title == "" || got.Plan.Proof.After >= 400 {
				t.Errorf("the plan is %+v", got.Plan)
			}
			if len(got.Progress) < 8 || !slices.IsSorted(got.Progress) {
				t.Errorf("progress %v", got.Progress)
			}
			if got.Server != "cfdoctor" || len(got.Tools) != 8 || slices.Contains(got.Tools, "apply_fix") || len(got.Prompts) != 1 || len(got.Resources) != 2 || !got.Cancelled {
				t.Errorf("the server: %s %v %v %v, cancelled %v", got.Server, got.Tools, got.Prompts, got.Resources, got.Cancelled)
			}
		})
	}
}

// TestMCPConformance runs the official conformance suite over HTTP. conformance.yml says which scenarios are about another server, and why.
func TestMCPConformance(t *testing.T) {
	node := installed(t, "node/node_modules/.bin/node")
	server := exec.Command(program(t), "mcp", "--from", "../examples/s3-policy-missing.json", "--http", "127.0.0.1:0")
	said, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(os.Interrupt)
		_ = server.Wait()
	})
	line, err := bufio.NewReader(said).ReadString('\n')
	address := regexp.MustCompile(`http://[^ \n]+`).FindString(line)
	if err != nil || address == "" {
		t.Fatalf("the server says %q (%v)", line, err)
	}
	cmd := exec.Command(node, "node/node_modules/@modelcontextprotocol/conformance/dist/index.js", "server", "--url", address, "--expected-failures", "mcp/conformance.yml")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for _, scenario := range []string{
		"server-initialize", "ping", "logging-set-level", "completion-complete", "tools-list", "resources-list", "prompts-list", "server-sse-multiple-streams", "dns-rebinding-protection",
	} {
		if !regexp.MustCompile(`✓ ` + scenario + `: [1-9]\d* passed, 0 failed`).Match(out) {
			t.Errorf("%s did not pass", scenario)
		}
	}
	t.Logf("%s", regexp.MustCompile(`(?m)^Total: .*$`).Find(out))
}

// TestMCPInspector wants no complaint of the inspector about the tools' schemas.
func TestMCPInspector(t *testing.T) {
	node := installed(t, "node/node_modules/.bin/node")
	cmd := exec.Command(node, "node/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js", "--cli",
		program(t), "mcp", "--from", "../examples/s3-policy-missing.json", "--method", "tools/list", "--strict")
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(node)+":"+os.Getenv("PATH"))
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil || errs.Len() > 0 || !strings.Contains(string(out), "diagnose_distribution") {
		t.Errorf("%v\n%s", err, errs.String())
	}
}

// TestProcedureCommands holds every command of the procedure for agents against the parser and parameter validation of the aws program.
func TestProcedureCommands(t *testing.T) {
	commands := regexp.MustCompile(`(?m)^aws .*$`).FindAllString(docs.Procedure(), -1)
	if len(commands) < 30 {
		t.Fatalf("the procedure has %d commands", len(commands))
	}
	for _, c := range commands {
		if strings.ContainsAny(c, "|><$`;&\\") {
			t.Errorf("call_aws takes no such command: %s", c)
		}
	}
	cmd := exec.Command(python(t), "mcp/commands.py")
	cmd.Stdin = strings.NewReader(strings.Join(commands, "\n") + "\n")
	cmd.Stderr = os.Stderr
	refused, err := cmd.Output()
	if err != nil || len(refused) > 0 {
		t.Errorf("%v\n%s", err, refused)
	}
	t.Logf("%d commands", len(commands))
}
