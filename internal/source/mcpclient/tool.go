package mcpclient

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	toolName    = "call_aws"
	suggestName = "suggest_aws_commands"
	parameter   = "cli_command"
)

// tool is the server's call_aws, and its suggest_aws_commands where it has one.
type tool struct {
	name        string
	takesText   bool
	takesLists  bool
	suggestions string // "" where there is none
}

// pick finds the tools by their names, with or without a prefix: the managed AWS MCP Server has aws___call_aws, and gateways put the server's
// name before a tool's.
func pick(tools []*mcp.Tool) (tool, error) {
	found := named(tools, toolName)
	if found == nil {
		return tool{}, errors.New("it has no tool call_aws; it has " + listOf(tools))
	}
	schema, _ := found.InputSchema.(map[string]any)
	properties, _ := schema["properties"].(map[string]any)
	command, ok := properties[parameter].(map[string]any)
	if !ok {
		return tool{}, fmt.Errorf("its tool %s has no parameter %s", found.Name, parameter)
	}
	types := typesOf(command)
	t := tool{name: found.Name, takesText: slices.Contains(types, "string") || len(types) == 0, takesLists: slices.Contains(types, "array")}
	if !t.takesText && !t.takesLists {
		return tool{}, fmt.Errorf("the parameter %s of its tool %s is neither a text nor a list", parameter, found.Name)
	}
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if name != parameter {
			return tool{}, fmt.Errorf("its tool %s wants the parameter %v besides the command", found.Name, name)
		}
	}
	if other := named(tools, suggestName); other != nil {
		t.suggestions = other.Name
	}
	return t, nil
}

// Tools lists the server's tools that are of use here, as it names them: call_aws, and suggest_aws_commands where it has one.
func (s *Source) Tools() []string {
	if s.tool.suggestions == "" {
		return []string{s.tool.name}
	}
	return []string{s.tool.name, s.tool.suggestions}
}

// named finds a tool by its name, the one with the shortest prefix.
func named(tools []*mcp.Tool, name string) *mcp.Tool {
	var found []*mcp.Tool
	for _, t := range tools {
		prefix, ok := strings.CutSuffix(t.Name, name)
		if last := []rune(prefix); ok && (len(last) == 0 || !unicode.IsLetter(last[len(last)-1]) && !unicode.IsDigit(last[len(last)-1])) {
			found = append(found, t)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return slices.MinFunc(found, func(a, b *mcp.Tool) int {
		return cmp.Or(cmp.Compare(len(a.Name), len(b.Name)), cmp.Compare(a.Name, b.Name))
	})
}

// typesOf lists the JSON types that a schema allows, of its alternatives too.
func typesOf(schema map[string]any) []string {
	var out []string
	switch t := schema["type"].(type) {
	case string:
		out = append(out, t)
	case []any:
		for _, name := range t {
			if text, ok := name.(string); ok {
				out = append(out, text)
			}
		}
	}
	for _, combination := range []string{"anyOf", "oneOf"} {
		alternatives, _ := schema[combination].([]any)
		for _, a := range alternatives {
			if inner, ok := a.(map[string]any); ok {
				out = append(out, typesOf(inner)...)
			}
		}
	}
	return out
}

func listOf(tools []*mcp.Tool) string {
	if len(tools) == 0 {
		return "none"
	}
	var names []string
	for _, t := range tools {
		names = append(names, t.Name)
	}
	slices.Sort(names)
	return oneLine(strings.Join(names, ", "))
}

// arguments are the tool's, for one command or more.
func (t tool) arguments(lines []string) map[string]any {
	if len(lines) == 1 && t.takesText {
		return map[string]any{parameter: lines[0]}
	}
	return map[string]any{parameter: lines}
}
