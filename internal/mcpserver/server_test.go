package mcpserver

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"cfdoctor/internal/blackbox"
	"cfdoctor/internal/causes"
	"cfdoctor/internal/doctor"
	"cfdoctor/internal/source"
	"cfdoctor/internal/source/bundle"
)

const broken = "../../examples/s3-policy-missing.json"

// room reads a recording as if it were an account.
func room(t *testing.T) Room {
	t.Helper()
	return Room{
		Version: "test",
		Open: func(context.Context) (source.Source, time.Time, error) {
			b, err := bundle.Open(broken)
			if err != nil {
				return nil, time.Time{}, err
			}
			return asAccount{b}, b.CapturedAt, nil
		},
		Diagnose: func(ctx context.Context, src source.Source, now time.Time, q doctor.Question, simulate bool, o doctor.Observer) (*doctor.Case, error) {
			d := &doctor.Doctor{Version: "test", Observer: o}
			if !simulate {
				d.Catalogue = causes.All()
			}
			return d.Diagnose(ctx, src, now, q)
		},
		Probe: func(_ context.Context, t blackbox.Target) (*blackbox.Report, error) {
			return &blackbox.Report{URL: t.Request.URL(), Verdict: "looked at " + t.Request.Method}, nil
		},
	}
}

// asAccount makes a recording look like an account, which can be changed.
type asAccount struct{ *bundle.Bundle }

func (a asAccount) About() source.About {
	return source.About{Kind: "sdk", Account: a.Account, Detail: "test"}
}

// connect puts a client and a server together.
func connect(t *testing.T, r Room, options *mcp.ClientOptions) *mcp.ClientSession {
	t.Helper()
	here, there := mcp.NewInMemoryTransports()
	if _, err := New(r).Connect(t.Context(), there, nil); err != nil {
		t.Fatal(err)
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, options).Connect(t.Context(), here, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return session
}

// call calls a tool and decodes its structure; text is what a model reads.
func call(t *testing.T, s *mcp.ClientSession, name string, args map[string]any, into any) (text string, failed bool) {
	t.Helper()
	res, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: name, Arguments: args})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, c := range res.Content {
		if c, ok := c.(*mcp.TextContent); ok {
			text += c.Text
		}
	}
	if !res.IsError && into != nil {
		raw, err := json.Marshal(res.StructuredContent)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatalf("%s: %v in %s", name, err, raw)
		}
		// Summaries are for context windows.
		if size := len(raw) + len(text); name != "probe_url" && size > 40_000 {
			t.Errorf("%s answers with %d bytes", name, size)
		}
	}
	return text, res.IsError
}

func TestTools(t *testing.T) {
	s := connect(t, room(t), nil)
	list, err := s.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range list.Tools {
		names = append(names, tool.Name)
		a := tool.Annotations
		if a == nil || !a.ReadOnlyHint || a.Title == "" || tool.Description == "" || tool.OutputSchema == nil {
			t.Errorf("%s: annotations %+v", tool.Name, a)
		}
		schemas, err := json.Marshal([]any{tool.InputSchema, tool.OutputSchema})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(schemas), `"type":[`) {
			t.Errorf("%s: a member of its schema has several types, which clients disagree about: %s", tool.Name, schemas)
		}
		if strings.Contains(string(schemas), `"from":`) {
			t.Errorf("%s takes a file, and the server has no folder of recordings", tool.Name)
		}
	}
	slices.Sort(names)
	want := []string{"capture_bundle", "diagnose_distribution", "explain_cause", "get_details", "list_distributions", "plan_fix", "probe_url", "simulate_request"}
	if !slices.Equal(names, want) {
		t.Errorf("tools %v, want %v", names, want)
	}
}

// TestConversation is what an agent does: diagnose, read details, plan.
func TestConversation(t *testing.T) {
	var mu sync.Mutex
	var steps []float64
	last := make(chan struct{})
	s := connect(t, room(t), &mcp.ClientOptions{ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
		mu.Lock()
		defer mu.Unlock()
		steps = append(steps, r.Params.Progress)
		if r.Params.Progress == 8 {
			close(last)
		}
	}})
	params := &mcp.CallToolParams{Name: "diagnose_distribution", Arguments: map[string]any{
		"distribution_id": "E1HEALTHYS3OAC", "error_code": "403", "request_path": "/about.html", "run_proactive_checks": "false", "request_domain": "",
	}}
	params.SetProgressToken("token")
	res, err := s.CallTool(t.Context(), params)
	if err != nil || res.IsError {
		t.Fatalf("%v %+v", err, res)
	}
	raw, _ := json.Marshal(res.StructuredContent)
	var d diagnoseOut
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Findings) == 0 || d.Findings[0].Cause != "S3_POLICY_MISSING_OAC_GRANT" || d.Findings[0].Likelihood != "confirmed" || d.Predicted.Status != 403 || d.ErrorCode != 403 {
		t.Errorf("the diagnosis is %s", raw)
	}
	if len(d.Proactive) != 0 || len(d.Tasks) != 8 || len(d.Fixes) == 0 {
		t.Errorf("%d proactive findings, %d tasks, %d fixes", len(d.Proactive), len(d.Tasks), len(d.Fixes))
	}
	select { // the client handles notifications beside answers, and may be behind
	case <-last:
	case <-time.After(time.Minute):
		t.Error("the last step was never told")
	}
	mu.Lock()
	if len(steps) < 8 || !slices.IsSorted(steps) || steps[len(steps)-1] != 8 {
		t.Errorf("progress %v", steps)
	}
	mu.Unlock()

	links := 0
	for _, c := range res.Content {
		if link, ok := c.(*mcp.ResourceLink); ok {
			links++
			got, err := s.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: link.URI})
			if err != nil || len(got.Contents) != 1 || got.Contents[0].Text == "" || got.Contents[0].MIMEType != link.MIMEType {
				t.Errorf("%s: %v %+v", link.URI, err, got)
				continue
			}
			var out detailsOut
			if text, failed := call(t, s, "get_details", map[string]any{"address": link.URI}, &out); failed || !strings.HasPrefix(got.Contents[0].Text, out.Text) {
				t.Errorf("get_details of %s differs: %s", link.URI, text)
			}
		}
	}
	if links != len(d.Details) || links < 8 {
		t.Errorf("%d links, %d details", links, len(d.Details))
	}

	var plan planOut
	text, failed := call(t, s, "plan_fix", map[string]any{"diagnosis_id": d.DiagnosisID, "fix_id": d.Fixes[0].ID}, &plan)
	if failed || len(plan.Console) == 0 || len(plan.Commands) == 0 || plan.Proof.After != 200 || plan.Script == "" || !strings.Contains(text, plan.Title) {
		t.Errorf("the plan is %+v\n%s", plan, text)
	}
	for _, c := range plan.Commands {
		if c.Mutates && !strings.HasPrefix(c.CallAWS, "call_aws(") {
			t.Errorf("command %+v", c)
		}
	}
	var script detailsOut
	if call(t, s, "get_details", map[string]any{"address": plan.Script}, &script); !strings.HasPrefix(script.Text, "#!/bin/sh") {
		t.Errorf("the script begins with %.40q", script.Text)
	}
}

func TestOtherTools(t *testing.T) {
	s := connect(t, room(t), nil)
	var simulated simulateOut
	if text, failed := call(t, s, "simulate_request", map[string]any{"distribution_id": "https://www.fernhill.example/about.html"}, &simulated); failed || simulated.Predicted.Status != 403 || len(simulated.Steps) < 20 {
		t.Errorf("%+v\n%s", simulated.Predicted, text)
	}
	var list listOut
	if text, failed := call(t, s, "list_distributions", map[string]any{"contains": "FERNHILL"}, &list); failed || list.Total != 1 || list.Distributions[0].ID != "E1HEALTHYS3OAC" {
		t.Errorf("%+v\n%s", list, text)
	}
	var explained explainOut
	if text, failed := call(t, s, "explain_cause", map[string]any{"cause": "geo-restriction-block"}, &explained); failed || explained.Cause != "GEO_RESTRICTION_BLOCK" || !strings.Contains(text, "# GEO_RESTRICTION_BLOCK") {
		t.Errorf("%+v\n%s", explained, text)
	}
	var captured captureOut
	if text, failed := call(t, s, "capture_bundle", map[string]any{"distribution_id": "E1HEALTHYS3OAC"}, &captured); failed || captured.Answers < 5 || captured.Address == "" {
		t.Errorf("%+v\n%s", captured, text)
	}
	got, err := s.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: captured.Address})
	if err != nil || !strings.Contains(got.Contents[0].Text, bundle.Format) {
		t.Errorf("the recording is %v %+v", err, got)
	}
	var seen blackbox.Report
	if text, failed := call(t, s, "probe_url", map[string]any{"url": "https://www.fernhill.example/x", "method": "HEAD"}, &seen); failed || seen.Verdict != "looked at HEAD" {
		t.Errorf("%+v\n%s", seen, text)
	}
	prompt, err := s.GetPrompt(t.Context(), &mcp.GetPromptParams{Name: "troubleshoot_cloudfront", Arguments: map[string]string{"distribution_id": "E1HEALTHYS3OAC", "error_code": "403"}})
	if err != nil || !strings.Contains(prompt.Messages[0].Content.(*mcp.TextContent).Text, `error_code: "403"`) {
		t.Errorf("the prompt is %v %+v", err, prompt)
	}
	done, err := s.Complete(t.Context(), &mcp.CompleteParams{Ref: &mcp.CompleteReference{Type: "ref/resource", URI: "cfdoctor://causes/{id}"}, Argument: mcp.CompleteParamsArgument{Name: "id", Value: "s3-policy"}})
	if err != nil || !slices.Contains(done.Completion.Values, "S3_POLICY_MISSING_OAC_GRANT") {
		t.Errorf("completion %v %+v", err, done)
	}
}

// TestErrorsSayWhatToDo wants each failure to name the next step.
func TestErrorsSayWhatToDo(t *testing.T) {
	s := connect(t, room(t), nil)
	cases := []struct {
		tool string
		args map[string]any
		want string
	}{
		{"diagnose_distribution", map[string]any{"distribution_id": "E1HEALTHYS3OAX"}, "did you mean E1HEALTHYS3OAC"},
		{"diagnose_distribution", map[string]any{"distribution_id": "E1; rm -rf /"}, "an alternate domain name"},
		{"diagnose_distribution", map[string]any{"distribution_id": "E1HEALTHYS3OAC", "error_code": 9}, "error_code"},
		{"diagnose_distribution", map[string]any{"distribution_id": "E1HEALTHYS3OAC", "viewer_ip": "here"}, "203.0.113.7"},
		{"diagnose_distribution", map[string]any{"distribution_id": "E1HEALTHYS3OAC", "client_cert": "perhaps"}, "client_cert"},
		{"diagnose_distribution", map[string]any{"distribution_id": "E1HEALTHYS3OAC", "headers": []any{"x"}}, "'Name: value'"},
		{"diagnose_distribution", map[string]any{"distribution_id": "E1HEALTHYS3OAC", "from": "/etc/passwd"}, "from"},
		{"diagnose_distribution", map[string]any{}, "distribution_id"},
		{"plan_fix", map[string]any{"diagnosis_id": "x", "fix_id": "fix-1"}, "call diagnose_distribution again"},
		{"explain_cause", map[string]any{"cause": "S3_POLICY_MISSING"}, "S3_POLICY_MISSING_OAC_GRANT"},
		{"explain_cause", map[string]any{"cause": "zzz"}, "cfdoctor://causes"},
		{"get_details", map[string]any{"address": "file:///etc/passwd"}, "use an address"},
		{"get_details", map[string]any{"address": "cfdoctor://diagnosis/x/trace"}, "call diagnose_distribution again"},
		{"probe_url", map[string]any{"url": "ftp://x"}, "https://www.example.com/path"},
		{"capture_bundle", map[string]any{"distribution_id": "E1HEALTHYS3OAC", "name": "x.json"}, "name"},
	}
	for _, c := range cases {
		if text, failed := call(t, s, c.tool, c.args, nil); !failed || !strings.Contains(text, c.want) {
			t.Errorf("%s %v: failed %v, %q lacks %q", c.tool, c.args, failed, text, c.want)
		}
	}
}

// TestRecordingsStayInTheirFolder lets tools read and write recordings by name, and nothing else.
func TestRecordingsStayInTheirFolder(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "secret.json")
	text, err := os.ReadFile(broken)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "site.json"), outside} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link.json")); err != nil {
		t.Fatal(err)
	}
	r := room(t)
	r.Open = func(context.Context) (source.Source, time.Time, error) {
		return nil, time.Time{}, errors.New("no account")
	}
	r.Bundles = dir
	s := connect(t, r, nil)
	var d diagnoseOut
	if text, failed := call(t, s, "diagnose_distribution", map[string]any{"distribution_id": "E1HEALTHYS3OAC", "error_code": 403, "request_path": "/about.html", "from": "site.json"}, &d); failed || d.Predicted.Status != 403 {
		t.Errorf("from the folder: %s", text)
	}
	for _, name := range []string{"../secret.json", outside, "link.json", "nowhere.json", ".json", "site"} {
		if text, failed := call(t, s, "diagnose_distribution", map[string]any{"distribution_id": "E1HEALTHYS3OAC", "from": name}, nil); !failed {
			t.Errorf("%q was read: %s", name, text)
		}
	}
	var c captureOut
	if text, failed := call(t, s, "capture_bundle", map[string]any{"distribution_id": "E1HEALTHYS3OAC", "from": "site.json", "name": "copy.json"}, &c); failed || c.File != "copy.json" {
		t.Errorf("%+v %s", c, text)
	}
	if info, err := os.Stat(filepath.Join(dir, "copy.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the new recording: %v %v", info, err)
	}
	for _, name := range []string{"copy.json", "../new.json", "link.json"} {
		if text, failed := call(t, s, "capture_bundle", map[string]any{"distribution_id": "E1HEALTHYS3OAC", "from": "site.json", "name": name}, nil); !failed {
			t.Errorf("%q was written: %s", name, text)
		}
	}
}

// TestCancellation cancels a call whose door does not answer.
func TestCancellation(t *testing.T) {
	r := room(t)
	opened, closed := make(chan struct{}), make(chan struct{})
	r.Open = func(ctx context.Context) (source.Source, time.Time, error) {
		close(opened)
		<-ctx.Done()
		close(closed)
		return nil, time.Time{}, ctx.Err()
	}
	s := connect(t, r, nil)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-opened
		cancel()
	}()
	if _, err := s.CallTool(ctx, &mcp.CallToolParams{Name: "diagnose_distribution", Arguments: map[string]any{"distribution_id": "E1HEALTHYS3OAC"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("the cancelled call ended with %v", err)
	}
	<-closed // or the test runs into its limit
	if err := s.Ping(t.Context(), nil); err != nil {
		t.Errorf("after a cancelled call: %v", err)
	}
}

func TestTimeout(t *testing.T) {
	r := room(t)
	r.Timeout = time.Nanosecond
	r.Open = func(ctx context.Context) (source.Source, time.Time, error) {
		<-ctx.Done()
		return nil, time.Time{}, ctx.Err()
	}
	text, failed := call(t, connect(t, r, nil), "list_distributions", nil, nil)
	if !failed || !strings.Contains(text, "--timeout") {
		t.Errorf("%v %s", failed, text)
	}
}

// TestSchemasHoldForEveryExample wants an answer that its own schema allows, whatever the recording.
func TestSchemasHoldForEveryExample(t *testing.T) {
	r := room(t)
	r.Bundles = "../../examples"
	s := connect(t, r, nil)
	files, err := filepath.Glob("../../examples/*.json")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d examples (%v)", len(files), err)
	}
	for _, file := range files {
		from := filepath.Base(file)
		var list listOut
		if text, failed := call(t, s, "list_distributions", map[string]any{"from": from}, &list); failed || len(list.Distributions) == 0 {
			t.Errorf("%s: %s", from, text)
			continue
		}
		var d diagnoseOut
		if text, failed := call(t, s, "diagnose_distribution", map[string]any{"from": from, "distribution_id": list.Distributions[0].ID}, &d); failed {
			t.Errorf("%s: %s", from, text)
		}
		for _, f := range d.Fixes {
			if text, failed := call(t, s, "plan_fix", map[string]any{"diagnosis_id": d.DiagnosisID, "fix_id": f.ID}, &planOut{}); failed {
				t.Errorf("%s %s: %s", from, f.ID, text)
			}
		}
	}
}
