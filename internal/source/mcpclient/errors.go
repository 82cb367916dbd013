package mcpclient

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source/awscommand"
)

// The codes of what a server itself refuses. They are none of AWS's: the account may well allow the call.
const (
	CodeDenied  = "DeniedByMCPServer"  // by its security policy, its read-only mode, or for want of a person's consent
	CodeRefused = "RefusedByMCPServer" // it does not take the command
)

// ServerError says that the door itself is not there: no server, or none with the tool.
type ServerError struct {
	Server string
	What   string // one line
	Err    error
}

// Error is one line.
func (e *ServerError) Error() string { return fmt.Sprintf("the MCP server %s: %s", e.Server, e.What) }

// Unwrap returns the cause.
func (e *ServerError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *ServerError) Hint() string {
	return "name a server that has call_aws, such as --mcp-command 'uvx awslabs.aws-api-mcp-server@latest', or leave --source out"
}

// endedError says that the server ended while it was needed.
type endedError struct {
	server, said string
	err          error
}

// Error is one line, the server's last words in it.
func (e *endedError) Error() string {
	text := fmt.Sprintf("the MCP server %s ended", e.server)
	if e.err != nil {
		text += ": " + oneLine(e.err.Error())
	}
	if e.said != "" {
		text += lastWords + e.said
	}
	return text
}

// lastWords introduces the last line of a server's log: the reason, as often as not.
const lastWords = "; the last it said is: "

// Unwrap returns the cause.
func (e *endedError) Unwrap() error { return e.err }

// credentialsError says that the server has no credentials, in its words.
type credentialsError struct{ said string }

// Error is one line.
func (e *credentialsError) Error() string { return e.said }

// Hint says what to do.
func (e *credentialsError) Hint() string {
	return `give the MCP server credentials: run "aws configure" or "aws sso login" where it runs, or set AWS_API_MCP_PROFILE_NAME or --profile`
}

// answeredByAWS is how the AWS CLI and boto3 word a refusal of AWS (botocore's ClientError).
var answeredByAWS = regexp.MustCompile(`An error occurred \(([^()\s]+)\) when calling the (\w+) operation(?: \([^()]*\))?: ?([^\n]*)`)

// problemIn finds AWS's refusal in a text.
func problemIn(text string) *evidence.Problem {
	found := answeredByAWS.FindStringSubmatch(text)
	if found == nil {
		return nil
	}
	return &evidence.Problem{Code: found[1], Message: strings.TrimSpace(found[3])}
}

// failure makes an error of the text with which a server did not answer a command.
func failure(text string) error {
	if problem := problemIn(text); problem != nil {
		return problem
	}
	line, lower := oneLine(text), strings.ToLower(text)
	contains := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(lower, w) {
				return true
			}
		}
		return false
	}
	switch {
	case contains("denied by security policy", "rejected the execution", "support elicitation", "read-only mode", "read only mode", "requires consent"):
		return &evidence.Problem{Code: CodeDenied, Message: line}
	case contains("credentials"):
		return &credentialsError{line}
	case contains("error while validating", "is not allowed", "prohibited operators", "does not exist", "does not support", "not an aws command"):
		return &evidence.Problem{Code: CodeRefused, Message: line}
	case line == "":
		return errors.New("the MCP server reports an error and does not say which")
	}
	return errors.New(line)
}

// complain notes what the server would not do, for [Source.Notes].
func (s *Source) complain(call evidence.Call, err error) {
	var problem *evidence.Problem
	unfit := errors.Is(err, awscommand.ErrUnfit)
	refused := errors.As(err, &problem) && (problem.Code == CodeDenied || problem.Code == CodeRefused)
	if !unfit && !refused {
		return
	}
	n := note{call: call, line: fmt.Sprintf("%s through the MCP server: %s", call.Name(), oneLine(err.Error()))}
	n.suggest = !unfit && problem.Code == CodeRefused
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.notes[call.Name()]; !known {
		s.notes[call.Name()] = n
	}
}

// note is what the server would not do.
type note struct {
	call    evidence.Call
	line    string
	suggest bool // the server may know another command that does
}

// suggestPatience bounds all the questions for suggestions: nothing depends on their answers.
const suggestPatience = 10 * time.Second

// Notes lists what the server would not do, in its own words: a line a kind of call, sorted. Where the server does not take a command and has
// suggest_aws_commands, that is asked what it takes: for a person to read, never to be run. It is asked here, after everything else, because a
// server that looks for a suggestion does nothing else meanwhile.
func (s *Source) Notes(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, suggestPatience)
	defer cancel()
	s.mu.Lock()
	notes := maps.Clone(s.notes)
	s.mu.Unlock()
	var out []string
	for _, name := range slices.Sorted(maps.Keys(notes)) {
		n := notes[name]
		if n.suggest && s.tool.suggestions != "" && ctx.Err() == nil {
			if suggested := s.suggest(ctx, n.call); suggested != "" {
				n.line += "; its suggest_aws_commands proposes: " + suggested
			}
		}
		out = append(out, n.line)
	}
	return out
}

// suggest asks the server how it would read what a call reads. The question names the operation only, nothing of the account: the answer comes
// from a service on the internet.
func (s *Source) suggest(ctx context.Context, call evidence.Call) string {
	result, err := s.server.callTool(ctx, s.tool.suggestions, map[string]any{"query": fmt.Sprintf("Call the operation %s of %s", call.Operation, call.Service)})
	if err != nil || result.IsError {
		return ""
	}
	var answer struct {
		Suggestions []struct {
			Command string `json:"command"`
		} `json:"suggestions"`
	}
	if json.Unmarshal([]byte(textOf(result)), &answer) != nil || len(answer.Suggestions) == 0 {
		return ""
	}
	return oneLine(answer.Suggestions[0].Command)
}

// textOf is what a tool answered in text, or its structured answer where there is none.
func textOf(result *mcp.CallToolResult) string {
	var out strings.Builder
	for _, content := range result.Content {
		if text, ok := content.(*mcp.TextContent); ok {
			out.WriteString(text.Text)
		}
	}
	if out.Len() > 0 || result.StructuredContent == nil {
		return out.String()
	}
	text, err := json.Marshal(result.StructuredContent)
	if err != nil {
		return ""
	}
	return string(text)
}
