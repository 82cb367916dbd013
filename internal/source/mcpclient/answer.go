package mcpclient

import (
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source/awscommand"
	"cfdoctor/internal/source/pages"
)

// item is the server's answer to one command, in the forms that the AWS API MCP server has had (awslabs/mcp, aws-api-mcp-server,
// core/common/models.py: CallAWSResponse, ProgramInterpretationResponse, AwsCliAliasResponse, AwsApiMcpServerErrorResponse).
type item struct {
	Command  *string        `json:"cli_command"`
	Response jsontext.Value `json:"response"` // an interpretation, or what the aws program printed
	Error    jsontext.Value `json:"error"`    // a text; true beside a detail
	Detail   string         `json:"detail"`
	Metadata *struct {
		Operation string `json:"operation"`
	} `json:"metadata"`
	ValidationFailures     []reason `json:"validation_failures"`
	MissingContextFailures []reason `json:"missing_context_failures"`
	FailedConstraints      []string `json:"failed_constraints"`
}

type reason struct {
	Reason string `json:"reason"`
}

// interpretation is the answer to a command that the server carried out with boto3.
type interpretation struct {
	Error           string  `json:"error"`
	StatusCode      int     `json:"status_code"`
	ErrorCode       string  `json:"error_code"`
	PaginationToken string  `json:"pagination_token"`
	AsJSON          *string `json:"as_json"`
	JSON            *string `json:"json"` // its alias
}

// itemsOf takes a tool's result apart: an answer for each command, in their order.
func itemsOf(result *mcp.CallToolResult, lines []string) ([]jsontext.Value, error) {
	if result.IsError {
		return nil, failure(textOf(result))
	}
	var candidates []jsontext.Value
	if result.StructuredContent != nil {
		raw, err := json.Marshal(result.StructuredContent)
		if err != nil {
			return nil, fmt.Errorf("the MCP server's answer: %w", err)
		}
		candidates = append(candidates, raw)
	}
	candidates = append(candidates, jsontext.Value(textOf(result)))
	for _, raw := range candidates {
		if items := listIn(raw); len(items) == len(lines) {
			return items, nil
		}
	}
	if text := textOf(result); problemIn(text) != nil {
		return nil, failure(text)
	}
	return nil, fmt.Errorf("the MCP server's answer has none of the forms of call_aws: %.80q", textOf(result))
}

// listIn finds the list of answers: the value itself, an only answer, or the member "result" in which structured content wraps lists.
func listIn(raw jsontext.Value) []jsontext.Value {
	var list []jsontext.Value
	switch raw.Kind() {
	case '[':
		if json.Unmarshal(raw, &list, lenient) != nil {
			return nil
		}
		return list
	case '{':
		var wrapped struct {
			Result jsontext.Value `json:"result"`
		}
		if json.Unmarshal(raw, &wrapped, lenient) != nil {
			return nil
		}
		if wrapped.Result != nil {
			return listIn(wrapped.Result)
		}
		return []jsontext.Value{raw}
	}
	return nil
}

var lenient = jsontext.AllowDuplicateNames(true)

// decode reads the answer to a command: the tree of AWS's answer, and the token of its next page where the server stopped before the end.
func decode(call evidence.Call, line string, raw jsontext.Value) (page map[string]any, more string, err error) {
	var it item
	if err := json.Unmarshal(raw, &it, lenient); err != nil {
		return nil, "", fmt.Errorf("the MCP server's answer has none of the forms of call_aws: %.80q", raw)
	}
	if it.Command != nil && *it.Command != line || it.Metadata != nil && it.Metadata.Operation != "" && it.Metadata.Operation != call.Operation {
		return nil, "", errors.New("the MCP server answered another command than the one it was given")
	}
	if err := it.refusal(); err != nil {
		return nil, "", err
	}
	switch it.Response.Kind() {
	case '"':
		return printed(call, it)
	case '{':
		return interpreted(call, it.Response)
	}
	if text := it.errorText(); text != "" {
		return nil, "", failure(text)
	}
	return nil, "", fmt.Errorf("the MCP server's answer has none of the forms of call_aws: %.80q", raw)
}

// refusal is why the server did not carry out the command.
func (it item) refusal() error {
	for _, r := range append(it.ValidationFailures, it.MissingContextFailures...) {
		return &evidence.Problem{Code: CodeRefused, Message: oneLine(r.Reason)}
	}
	for _, text := range it.FailedConstraints {
		return &evidence.Problem{Code: CodeDenied, Message: oneLine(text)}
	}
	return nil
}

func (it item) errorText() string {
	var text string
	if it.Error.Kind() == '"' && json.Unmarshal(it.Error, &text) == nil && text != "" {
		return text
	}
	return it.Detail
}

// printed reads what the aws program printed on the server's side.
func printed(call evidence.Call, it item) (map[string]any, string, error) {
	var text string
	if err := json.Unmarshal(it.Response, &text); err != nil {
		return nil, "", err
	}
	if text == "" {
		if said := it.errorText(); said != "" {
			return nil, "", failure(said)
		}
		text = "{}"
	}
	page, err := object(text)
	if err != nil {
		return nil, "", err
	}
	return page, "", complete(call, page)
}

// interpreted reads what boto3 answered on the server's side.
func interpreted(call evidence.Call, raw jsontext.Value) (map[string]any, string, error) {
	var r interpretation
	if err := json.Unmarshal(raw, &r, lenient); err != nil {
		return nil, "", fmt.Errorf("the MCP server's answer has none of the forms of call_aws: %w", err)
	}
	if r.Error != "" || r.ErrorCode != "" || r.StatusCode >= 400 {
		return nil, "", r.problem()
	}
	text := r.AsJSON
	if text == nil {
		text = r.JSON
	}
	if text == nil {
		return nil, "", errors.New("the MCP server's answer holds nothing of AWS's")
	}
	page, err := object(*text)
	if err != nil {
		return nil, "", err
	}
	delete(page, "ResponseMetadata") // boto3's own
	delete(page, "pagination_token") // the server's own
	blobs(page)
	if member := awscommand.Streams(call); member != "" {
		encode(page, member)
	}
	return page, r.PaginationToken, complete(call, page)
}

// problem is AWS's refusal.
func (r interpretation) problem() error {
	problem := problemIn(r.Error)
	switch {
	case problem == nil && r.ErrorCode == "":
		return failure(r.Error)
	case problem == nil:
		problem = &evidence.Problem{Message: oneLine(r.Error)}
	}
	if r.ErrorCode != "" {
		problem.Code = r.ErrorCode
	}
	problem.HTTPStatus = r.StatusCode
	return problem
}

// object decodes AWS's answer. One that does not decode was cut off on the way, for the server writes it as a whole.
func object(text string) (map[string]any, error) {
	page, err := pages.Tree(jsontext.Value(text))
	if err != nil || page == nil {
		return nil, fmt.Errorf("the MCP server cut AWS's answer off or changed it: it ends in %q", end(text))
	}
	return page, nil
}

func end(text string) string {
	const most = 30
	if runes := []rune(text); len(runes) > most {
		return string(runes[len(runes)-most:])
	}
	return text
}

// complete wants the part of an answer that a command streams: without it, an empty one would be taken for known.
func complete(call evidence.Call, page map[string]any) error {
	member := awscommand.Streams(call)
	if _, ok := page[member].(string); member != "" && !ok {
		return fmt.Errorf("the MCP server's answer lacks the %s", member)
	}
	return nil
}

// blobs writes the binary members of our operations in base64, as the AWS CLI prints them: the only one is the text that WAF searches for. The
// server writes bytes as text where they are UTF-8 (core/common/helpers.py, Boto3Encoder), and in base64 where they are not; text that happens
// to read as base64 is far likelier than bytes that no request line or header holds.
func blobs(tree any) {
	switch v := tree.(type) {
	case map[string]any:
		for name, inner := range v {
			if match, ok := inner.(map[string]any); ok && name == "ByteMatchStatement" {
				encode(match, "SearchString")
			}
			blobs(inner)
		}
	case []any:
		for _, inner := range v {
			blobs(inner)
		}
	}
}

func encode(tree map[string]any, member string) {
	if text, ok := tree[member].(string); ok {
		tree[member] = base64.StdEncoding.EncodeToString([]byte(text))
	}
}
