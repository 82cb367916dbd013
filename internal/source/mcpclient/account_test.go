package mcpclient

import (
	"encoding/base64"
	"testing"

	"github.com/go-json-experiment/json"

	"cfdoctor/internal/source/awscommand"
	"cfdoctor/internal/source/sourcetest"
)

// recorded is the contract's account as a server sees it: by command.
type recorded struct{ calls map[string]sourcetest.Call }

func newAccount(t *testing.T) recorded {
	t.Helper()
	calls, err := sourcetest.Calls(sourcetest.Account())
	if err != nil {
		t.Fatal(err)
	}
	r := recorded{map[string]sourcetest.Call{}}
	for _, call := range calls {
		line, err := awscommand.Line(call.Asks(), awscommand.Options{}, "")
		if err != nil {
			t.Fatal(err)
		}
		r.calls[line] = call
	}
	return r
}

// answer is what the AWS API MCP server answers.
func (r recorded) answer(line string) any {
	call, ok := r.calls[line]
	switch {
	case !ok:
		return map[string]any{"cli_command": line, "error": "Error while executing the command: nobody has recorded this"}
	case call.Error != nil:
		return refusedByAWS(line, call.Operation, call.Error)
	}
	var tree map[string]any
	if err := json.Unmarshal(call.Output, &tree); err != nil {
		panic(err)
	}
	tree["ResponseMetadata"] = map[string]any{"HTTPStatusCode": 200}
	asText(tree)
	output, err := json.Marshal(tree)
	if err != nil {
		panic(err)
	}
	return interpretationOf(line, string(output))
}

// asText writes blobs as the server does: as text.
func asText(tree any) {
	switch v := tree.(type) {
	case map[string]any:
		for name, inner := range v {
			if text, ok := inner.(string); ok && (name == "SearchString" || name == "FunctionCode") {
				data, err := base64.StdEncoding.DecodeString(text)
				if err != nil {
					panic(err)
				}
				v[name] = string(data)
			}
			asText(inner)
		}
	case []any:
		for _, inner := range v {
			asText(inner)
		}
	}
}
