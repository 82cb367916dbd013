package mcpserver

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// schemaOf is the JSON Schema of a type. Lists are never null here, so that the schema has one type for each member: clients differ in what they
// make of several.
func schemaOf[T any]() *jsonschema.Schema {
	s, err := jsonschema.For[T](nil)
	if err != nil {
		panic(err) // the types are this package's own
	}
	tidy(s)
	return s
}

func tidy(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if len(s.Types) == 2 && s.Types[0] == "null" {
		if s.Type, s.Types = s.Types[1], nil; s.Type == "boolean" { // null says that it is not known
			s.Type, s.AnyOf = "", []*jsonschema.Schema{{Type: "null"}, {Type: "boolean"}}
		}
	}
	for _, p := range s.Properties {
		tidy(p)
	}
	tidy(s.Items)
	if s.AdditionalProperties != nil && s.AdditionalProperties.Not == nil {
		tidy(s.AdditionalProperties)
	}
}

// addTool adds a tool whose answer is a structure. It is encoded as everything else that cfdoctor writes is: lists and maps are never null. An error
// becomes one that says what to do next.
func addTool[In, Out any](m *mcp.Server, t *mcp.Tool, h func(context.Context, *mcp.CallToolRequest, In) (*mcp.CallToolResult, *Out, error)) {
	t.OutputSchema = schemaOf[Out]()
	mcp.AddTool(m, t, func(ctx context.Context, req *mcp.CallToolRequest, in In) (*mcp.CallToolResult, any, error) {
		res, out, err := h(ctx, req, in)
		if err != nil {
			return nil, nil, told(err)
		}
		if out == nil { // a question to the person comes first
			return res, nil, nil
		}
		text, err := encode(out)
		return res, json.RawMessage(text), err
	})
}

// inputs is the schema of a tool's arguments, with what Go types cannot say.
func inputs[T any](more map[string]func(*jsonschema.Schema)) *jsonschema.Schema {
	s := schemaOf[T]()
	for name, p := range s.Properties {
		if limit, ok := limits[name]; ok {
			limit(p)
		}
		if limit, ok := more[name]; ok {
			limit(p)
		}
	}
	return s
}

func bounds(least, most float64) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) { s.Minimum, s.Maximum = &least, &most }
}

func pattern(p string) func(*jsonschema.Schema) { return func(s *jsonschema.Schema) { s.Pattern = p } }

func oneOf(values ...any) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) { s.Enum = values }
}

// yesOrNo is a boolean that has a value where none is given.
func yesOrNo(value string) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) { s.Type, s.AnyOf, s.Default = "boolean", nil, json.RawMessage(value) }
}

// limits hold for arguments of that name in every tool.
var limits = map[string]func(*jsonschema.Schema){
	"error_code":           bounds(100, 599),
	"body_size":            func(s *jsonschema.Schema) { least := 0.0; s.Minimum = &least },
	"scheme":               oneOf("http", "https"),
	"client_cert":          oneOf("present", "absent"),
	"viewer_country":       pattern("^[A-Za-z]{2}$"),
	"method":               pattern("^[A-Za-z]{1,20}$"),
	"run_proactive_checks": yesOrNo("true"),
	"active_validation":    yesOrNo("false"),
	"from":                 pattern(bundleName),
	"name":                 pattern(bundleName),
}

// lenient turns texts into the numbers and booleans that a tool's arguments call for: agents write "403" as often as 403, and the guide that they may
// have read does.
func lenient(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		if p, ok := req.GetParams().(*mcp.CallToolParamsRaw); ok && p != nil {
			p.Arguments = convert(p.Arguments)
		}
		return next(ctx, method, req)
	}
}

// kinds are the arguments that are no texts.
var kinds = map[string]func(string) (any, error){
	"error_code":           whole,
	"body_size":            whole,
	"limit":                whole,
	"active_validation":    truth,
	"run_proactive_checks": truth,
	"follow_any_host":      truth,
}

func whole(s string) (any, error) { return strconv.ParseInt(s, 10, 64) }
func truth(s string) (any, error) { return strconv.ParseBool(s) }

// convert leaves what it cannot convert as it is: the schema then says what is wrong with it. An empty text stands for an argument that is not given.
func convert(raw json.RawMessage) json.RawMessage {
	var args map[string]any
	if json.Unmarshal(raw, &args) != nil {
		return raw
	}
	changed := false
	for name, value := range args {
		text, ok := value.(string)
		kind, mine := kinds[name]
		switch {
		case value == nil || ok && text == "":
			delete(args, name)
			changed = true
		case ok && mine:
			if v, err := kind(text); err == nil {
				args[name] = v
				changed = true
			}
		}
	}
	if !changed {
		return raw
	}
	out, err := json.Marshal(args)
	if err != nil {
		return raw
	}
	return out
}
