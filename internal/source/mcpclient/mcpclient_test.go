package mcpclient

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source"
	"cfdoctor/internal/source/sourcetest"
)

// serve opens a door to a server in this process with one tool.
func serve(t *testing.T, tool *mcp.Tool, handle mcp.ToolHandler, more ...func(*mcp.Server)) *Source {
	t.Helper()
	door, err := try(t, tool, handle, more...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = door.Close() })
	return door
}

func try(t *testing.T, tool *mcp.Tool, handle mcp.ToolHandler, more ...func(*mcp.Server)) (*Source, error) {
	t.Helper()
	server := mcp.NewServer(&mcp.Implementation{Name: "AWS-API-MCP", Version: "1.5.6"}, nil)
	server.AddTool(tool, handle)
	for _, add := range more {
		add(server)
	}
	here, there := mcp.NewInMemoryTransports()
	if _, err := server.Connect(t.Context(), there, nil); err != nil {
		t.Fatal(err)
	}
	return Open(t.Context(), Options{Transport: here})
}

// callAWS is the tool as the AWS API MCP server describes it; textOnly is an older or managed one.
func callAWS(name string) *mcp.Tool {
	return &mcp.Tool{Name: name, InputSchema: jsontext.Value(`{"type":"object","required":["cli_command"],"properties":{
		"cli_command":{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}]},"max_results":{"anyOf":[{"type":"integer"},{"type":"null"}]}}}`)}
}

func textOnly(name string) *mcp.Tool {
	return &mcp.Tool{Name: name, InputSchema: jsontext.Value(`{"type":"object","required":["cli_command"],"properties":{"cli_command":{"type":"string"}}}`)}
}

// answering makes a tool that answers each command with a value of its own.
func answering(each func(line string) any) mcp.ToolHandler {
	return func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		lines, err := linesOf(r)
		if err != nil {
			return nil, err
		}
		out := make([]any, len(lines))
		for i, line := range lines {
			out[i] = each(line)
		}
		return text(out), nil
	}
}

func linesOf(r *mcp.CallToolRequest) ([]string, error) {
	var one struct {
		Command string `json:"cli_command"`
	}
	if json.Unmarshal(r.Params.Arguments, &one) == nil {
		return []string{one.Command}, nil
	}
	var many struct {
		Commands []string `json:"cli_command"`
	}
	err := json.Unmarshal(r.Params.Arguments, &many)
	return many.Commands, err
}

func text(v any) *mcp.CallToolResult {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: string(raw)}}}
}

func failed(words string) *mcp.CallToolResult {
	return &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: words}}}
}

// interpretationOf is an answer as the AWS API MCP server writes it, of an output in boto3's form.
func interpretationOf(line, output string) map[string]any {
	return map[string]any{
		"cli_command": line, "failed_constraints": []any{}, "validation_failures": nil, "missing_context_failures": nil, "metadata": nil,
		"response": map[string]any{"error": nil, "status_code": 200, "error_code": nil, "pagination_token": nil, "as_json": output},
	}
}

func refusedByAWS(line, operation string, problem *evidence.Problem) map[string]any {
	return map[string]any{
		"cli_command": line, "metadata": map[string]any{"service": "s3", "operation": operation},
		"response": map[string]any{
			"error":       fmt.Sprintf("An error occurred (%s) when calling the %s operation: %s", problem.Code, operation, problem.Message),
			"status_code": problem.HTTPStatus, "error_code": problem.Code, "as_json": nil,
		},
	}
}

// TestContract answers from the contract's account: with lists and without, under both names.
func TestContract(t *testing.T) {
	for _, tool := range []*mcp.Tool{callAWS("call_aws"), textOnly("aws___call_aws")} {
		t.Run(tool.Name, func(t *testing.T) {
			account := newAccount(t)
			sourcetest.Run(t, func(t *testing.T) source.Source { return serve(t, tool, answering(account.answer)) })
		})
	}
}

// TestStructuredAnswers reads answers that come as structured content, where lists are wrapped.
func TestStructuredAnswers(t *testing.T) {
	account := newAccount(t)
	sourcetest.Run(t, func(t *testing.T) source.Source {
		return serve(t, callAWS("call_aws"), func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			lines, err := linesOf(r)
			var out []any
			for _, line := range lines {
				out = append(out, account.answer(line))
			}
			return &mcp.CallToolResult{StructuredContent: map[string]any{"result": out}, Content: []mcp.Content{&mcp.TextContent{Text: "see the structured content"}}}, err
		})
	})
}

func TestAnswers(t *testing.T) {
	policy, code := account.BucketPolicy("example-site"), account.FunctionCode("rewrite", "LIVE")
	const line = "aws s3api get-bucket-policy --bucket=example-site"
	known := func(output string) any { return interpretationOf(line, output) }
	for _, tc := range []struct {
		name   string
		call   evidence.Call
		answer any
		state  evidence.State
		want   string // the answer, or the error's text
	}{
		{"boto3", policy.Call, known(`{"ResponseMetadata":{"HTTPStatusCode":200},"Policy":"{}"}`), evidence.Known, `{"Policy":"{}"}`},
		{"the alias json", policy.Call, map[string]any{"response": map[string]any{"json": `{"Policy":"{}"}`}}, evidence.Known, `{"Policy":"{}"}`},
		{"printed by the aws program", policy.Call, map[string]any{"cli_command": line, "response": `{"Policy":"{}"}`, "error": "a warning"}, evidence.Known, `{"Policy":"{}"}`},
		{"printed nothing", policy.Call, map[string]any{"cli_command": line, "response": "", "error": nil}, evidence.Known, `{}`},
		{"AWS refuses", policy.Call, refusedByAWS(line, "GetBucketPolicy", &evidence.Problem{Code: "NoSuchBucketPolicy", Message: "none", HTTPStatus: 404}), evidence.Absent, "NoSuchBucketPolicy: none"},
		{"AWS denies, in words", policy.Call, map[string]any{"cli_command": line, "error": "Error while executing the command: An error occurred (AccessDenied) when calling the GetBucketPolicy operation: no"}, evidence.Denied, "AccessDenied: no"},
		{"policy", policy.Call, map[string]any{"cli_command": line, "error": "Execution of this operation is denied by security policy."}, evidence.Failed, "DeniedByMCPServer: Execution of this operation is denied by security policy."},
		{"consent", policy.Call, map[string]any{"cli_command": line, "error": "Client does not support elicitation. Use a different client or update the server configuration."}, evidence.Failed, "DeniedByMCPServer: Client does not support elicitation. Use a different client or update the server configuration."},
		{"validation", policy.Call, map[string]any{"cli_command": line, "error": "Error while validating the command: {\"validation_failures\":[]}"}, evidence.Failed, "RefusedByMCPServer: Error while validating the command: {\"validation_failures\":[]}"},
		{"validation failures", policy.Call, map[string]any{"response": nil, "validation_failures": []any{map[string]any{"reason": "no such\nparameter"}}}, evidence.Failed, "RefusedByMCPServer: no such parameter"},
		{"constraints", policy.Call, map[string]any{"response": nil, "failed_constraints": []any{"reads only"}}, evidence.Failed, "DeniedByMCPServer: reads only"},
		{"no credentials", policy.Call, map[string]any{"cli_command": line, "error": "Error while executing the command: No AWS credentials found."}, evidence.Failed, "Error while executing the command: No AWS credentials found."},
		{"error with a detail", policy.Call, map[string]any{"error": true, "detail": "the moon is full"}, evidence.Failed, "the moon is full"},
		{"another command", policy.Call, interpretationOf("aws s3api get-bucket-policy --bucket=other", `{"Policy":"{}"}`), evidence.Failed, "the MCP server answered another command than the one it was given"},
		{"another operation", policy.Call, map[string]any{"metadata": map[string]any{"operation": "GetBucketAcl"}, "response": map[string]any{"as_json": `{}`}}, evidence.Failed, "the MCP server answered another command than the one it was given"},
		{"cut off", policy.Call, known(`{"Policy":"{\"Version\":\"2012-10-17\",`), evidence.Failed, `the MCP server cut AWS's answer off or changed it: it ends in ":\"{\\\"Version\\\":\\\"2012-10-17\\\","`},
		{"nothing", policy.Call, map[string]any{"response": map[string]any{"status_code": 200}}, evidence.Failed, "the MCP server's answer holds nothing of AWS's"},
		{"another shape", policy.Call, map[string]any{"message": "hello"}, evidence.Failed, `the MCP server's answer has none of the forms of call_aws: "{\"message\":\"hello\"}"`},
		{"a text", policy.Call, "hello", evidence.Failed, `the MCP server's answer has none of the forms of call_aws: "\"hello\""`},
		{"code", code.Call, map[string]any{"response": map[string]any{"as_json": `{"FunctionCode":"handler","ETag":"E1"}`}}, evidence.Known, `{"ETag":"E1","FunctionCode":"aGFuZGxlcg=="}`},
		{"code that got lost", code.Call, map[string]any{"response": `{"ETag":"E1"}`}, evidence.Failed, "the MCP server's answer lacks the FunctionCode"},
		{"search strings", account.WebACL("arn:aws:wafv2:us-east-1:123456789012:global/webacl/site/1").Call,
			map[string]any{"response": map[string]any{"as_json": `{"WebACL":{"Rules":[{"Statement":{"NotStatement":{"Statement":{"ByteMatchStatement":{"SearchString":"/admin"}}}}}]}}`}}, evidence.Known,
			`{"WebACL":{"Rules":[{"Statement":{"NotStatement":{"Statement":{"ByteMatchStatement":{"SearchString":"L2FkbWlu"}}}}}]}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			door := serve(t, callAWS("call_aws"), answering(func(string) any { return tc.answer }))
			output, err := door.Do(t.Context(), tc.call)
			if state := source.Classify(tc.call, output, err).State; state != tc.state {
				t.Errorf("it is %q (%v), want %q", state, err, tc.state)
			}
			if tc.state == evidence.Known {
				if string(output) != tc.want {
					t.Errorf("got %s, want %s", output, tc.want)
				}
				return
			}
			if err == nil || !strings.HasSuffix(err.Error(), tc.want) || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("it says %v, want %s", err, tc.want)
			}
		})
	}
}

func TestPages(t *testing.T) {
	answers := map[string]map[string]any{
		"aws lambda list-functions --region=us-east-1":                                   {"pagination_token": "t1", "as_json": `{"Functions":[{"FunctionName":"a"}],"pagination_token":"t1"}`},
		"aws lambda list-functions --starting-token=t1 --region=us-east-1":               {"as_json": `{"Functions":[{"FunctionName":"b"}]}`},
		"aws lambda list-functions --region=eu-west-1":                                   {"as_json": `{"Functions":[{"FunctionName":"c"}],"NextMarker":"m"}`},
		"aws lambda list-functions --marker=m --region=eu-west-1":                        {"as_json": `{"Functions":[{"FunctionName":"d"}]}`},
		"aws lambda list-functions --region=us-west-2":                                   {"pagination_token": "t", "as_json": `{"Functions":[]}`},
		"aws lambda list-functions --starting-token=t --region=us-west-2":                {"pagination_token": "t", "as_json": `{"Functions":[]}`},
		"aws s3api list-objects-v2 --bucket=b --prefix=p --fetch-owner --max-items=1000": {"pagination_token": "t", "as_json": `{"Contents":[{"Key":"p1"}]}`},
		"aws s3api list-objects-v2 --bucket=b --prefix=q --fetch-owner --max-items=1000": {"as_json": `{"Contents":[]}`},
		"aws cloudfront list-invalidations --distribution-id=E --max-items=100":          {"as_json": `{"InvalidationList":{"Items":[]}}`},
	}
	door := serve(t, callAWS("call_aws"), answering(func(line string) any { return map[string]any{"cli_command": line, "response": answers[line]} }))
	for _, tc := range []struct {
		call evidence.Call
		want string
	}{
		{account.Functions("us-east-1").Call, `{"Functions":[{"FunctionName":"a"},{"FunctionName":"b"}]}`},
		{account.Functions("eu-west-1").Call, `{"Functions":[{"FunctionName":"c"},{"FunctionName":"d"}]}`},
		{account.Functions("us-west-2").Call, "lambda:ListFunctions: page 2 of the answer leads to itself"},
		{account.Objects("b", "p").Call, `{"Contents":[{"Key":"p1"}],"IsTruncated":true}`},
		{account.Invalidations("E").Call, `{"InvalidationList":{"IsTruncated":false,"Items":[]}}`},
		{account.Objects("b", "q").Call, `{"Contents":[],"IsTruncated":false}`},
	} {
		got, err := door.Do(t.Context(), tc.call)
		if err != nil {
			got = jsontext.Value(err.Error())
		}
		if string(got) != tc.want {
			t.Errorf("%s %v: got %s, want %s", tc.call.Name(), tc.call.Params, got, tc.want)
		}
	}
}

func TestTool(t *testing.T) {
	handle := answering(func(line string) any { return interpretationOf(line, `{"Account":"123456789012"}`) })
	schema := func(text string) *mcp.Tool { return &mcp.Tool{Name: "call_aws", InputSchema: jsontext.Value(text)} }
	for _, tc := range []struct {
		tool *mcp.Tool
		says string // "" where the tool is found
	}{
		{callAWS("call_aws"), ""},
		{callAWS("aws___call_aws"), ""},
		{textOnly("mcp__gateway__aws___call_aws"), ""},
		{schema(`{"type":"object","properties":{"cli_command":{"type":["array","null"]}}}`), ""},
		{schema(`{"type":"object","properties":{"cli_command":{}}}`), ""},
		{callAWS("recall_aws"), "it has no tool call_aws; it has recall_aws"},
		{callAWS("call_aws_now"), "it has no tool call_aws; it has call_aws_now"},
		{schema(`{"type":"object","properties":{"command":{"type":"string"}}}`), "its tool call_aws has no parameter cli_command"},
		{schema(`{"type":"object","properties":{"cli_command":{"type":"object"}}}`), "the parameter cli_command of its tool call_aws is neither a text nor a list"},
		{schema(`{"type":"object","required":["cli_command","account"],"properties":{"cli_command":{"type":"string"}}}`), "its tool call_aws wants the parameter account besides the command"},
	} {
		door, err := try(t, tc.tool, handle)
		var missing *ServerError
		switch {
		case tc.says != "":
			if !errors.As(err, &missing) || missing.What != tc.says || missing.Hint() == "" {
				t.Errorf("%s: got %v, want %s", tc.tool.Name, err, tc.says)
			}
			continue
		case err != nil:
			t.Errorf("%s: %v", tc.tool.Name, err)
			continue
		}
		if _, err := door.Do(t.Context(), account.Caller().Call); err != nil {
			t.Errorf("%s: %v", tc.tool.Name, err)
		}
		if got, want := door.About(), (source.About{Kind: "mcp", Detail: "AWS-API-MCP 1.5.6, " + tc.tool.Name}); got != want {
			t.Errorf("it is %+v, want %+v", got, want)
		}
		_ = door.Close()
	}
}

// TestBatches keeps all workers busy, so that what is asked meanwhile goes out together.
func TestBatches(t *testing.T) {
	var requests, commands, largest atomic.Int64
	gate := make(chan struct{})
	door := serve(t, callAWS("call_aws"), func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		lines, err := linesOf(r)
		if requests.Add(1) <= workers {
			<-gate
		}
		commands.Add(int64(len(lines)))
		for n := largest.Load(); int64(len(lines)) > n && !largest.CompareAndSwap(n, int64(len(lines))); n = largest.Load() {
		}
		var out []any
		for _, line := range lines {
			out = append(out, interpretationOf(line, `{}`))
		}
		return text(out), err
	})
	const asked = 100
	errs := make(chan error, asked)
	for range asked {
		go func() {
			_, err := door.Do(t.Context(), account.Caller().Call)
			errs <- err
		}()
	}
	for requests.Load() < workers || len(door.queue) < asked-workers*batch {
		time.Sleep(time.Millisecond)
	}
	close(gate)
	for range asked {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if commands.Load() != asked || requests.Load() == asked || largest.Load() > batch {
		t.Errorf("%d commands in %d requests, the largest with %d", commands.Load(), requests.Load(), largest.Load())
	}
}

// TestBatchThatFailsAsAWhole: each of its commands is asked alone.
func TestBatchThatFailsAsAWhole(t *testing.T) {
	door := serve(t, callAWS("call_aws"), func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		lines, err := linesOf(r)
		if len(lines) > 1 {
			return failed("Number of batch commands exceeds the maximum limit of 1."), nil
		}
		return text([]any{interpretationOf(lines[0], `{}`)}), err
	})
	answers := make(chan answered, 3)
	var requests []*request
	for _, line := range []string{"aws a b", "aws c d", "aws e f"} {
		requests = append(requests, &request{line, t.Context(), answers})
	}
	door.exchange(requests)
	for range requests {
		if a := <-answers; a.err != nil {
			t.Error(a.err)
		}
	}
}

func TestHangingServerIsGivenUp(t *testing.T) {
	never := make(chan struct{})
	door := serve(t, callAWS("call_aws"), func(ctx context.Context, _ *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		select {
		case <-ctx.Done():
		case <-never:
		}
		return nil, ctx.Err()
	})
	door.patience = 50 * time.Millisecond
	for range 2 { // the second time without waiting
		_, err := door.Do(t.Context(), account.Caller().Call)
		if want := "sts:GetCallerIdentity: the MCP server did not answer within 50ms"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		door.patience = time.Hour
	}
}

func TestValuesThatTheToolWouldChange(t *testing.T) {
	door := serve(t, callAWS("call_aws"), answering(func(line string) any { t.Errorf("%s was sent", line); return nil }))
	call := account.Object("site", "help").Call
	output, err := door.Do(t.Context(), call)
	if state := source.Classify(call, output, err).State; state != evidence.Failed {
		t.Errorf("it is %q (%v)", state, err)
	}
	if len(door.Notes(t.Context())) != 1 {
		t.Errorf("the notes are %q", door.Notes(t.Context()))
	}
}

// TestSuggestions asks what a server takes instead of a command that it refuses, once, and never runs it.
func TestSuggestions(t *testing.T) {
	var asked atomic.Int32
	door := serve(t, callAWS("aws___call_aws"), answering(func(line string) any {
		return map[string]any{"cli_command": line, "error": "Error while validating the command: the service does not exist"}
	}), func(s *mcp.Server) {
		s.AddTool(&mcp.Tool{Name: "aws___suggest_aws_commands", InputSchema: jsontext.Value(`{"type":"object"}`)}, func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			asked.Add(1)
			if strings.Contains(string(r.Params.Arguments), "secret") {
				t.Errorf("the question names something of the account: %s", r.Params.Arguments)
			}
			return text(map[string]any{"suggestions": []any{map[string]any{"command": "aws s3api get-bucket-policy --bucket\n<bucket>"}}}), nil
		})
	})
	for range 2 {
		if _, err := door.Do(t.Context(), account.BucketPolicy("secret-bucket").Call); err == nil {
			t.Error("want an error")
		}
	}
	want := "s3:GetBucketPolicy through the MCP server: RefusedByMCPServer: Error while validating the command: the service does not exist; " +
		"its suggest_aws_commands proposes: aws s3api get-bucket-policy --bucket <bucket>"
	if notes := door.Notes(t.Context()); len(notes) != 1 || notes[0] != want || asked.Load() != 1 {
		t.Errorf("asked %d times, the notes are %q", asked.Load(), notes)
	}
}

func TestOnlyReadsAreSent(t *testing.T) {
	door := serve(t, callAWS("call_aws"), answering(func(line string) any { t.Errorf("%s was sent", line); return nil }))
	if _, err := door.Do(t.Context(), evidence.Call{Service: "s3", Operation: "DeleteBucket", Params: map[string]any{"Bucket": "x"}}); err == nil {
		t.Error("want an error")
	}
}
