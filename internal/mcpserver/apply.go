package mcpserver

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"cfdoctor/internal/doctor"
	"cfdoctor/internal/report"
	"cfdoctor/internal/ui"
)

type applyOut struct {
	Applied bool   `json:"applied"`
	Done    string `json:"done" jsonschema:"what was done, and what was not"`
}

// Application is a fix that has been prepared: everything is read, nothing is changed.
type Application struct {
	Diff []report.DiffLine // what changes, as it was read just now
	// Make makes the changes and returns what was done, and how to go back.
	Make func(ctx context.Context) (string, error)
}

// consent is a question that was put to a person. Only its own answer agrees, once, to exactly the application that they were shown.
type consent struct {
	diagnosis, fix string
	application    *Application
}

// question is the name of the question in the protocol's map of input requests.
const question = "consent"

func (s *server) addApply(m *mcp.Server) {
	yes := true
	addTool(m, &mcp.Tool{
		Name: "apply_fix", Title: "Change the account: apply a fix",
		Description: "Applies one fix of a diagnosis to the AWS account. The person at the client is shown what changes and has to agree; nothing happens otherwise. Show the fix with plan_fix first.",
		Annotations: &mcp.ToolAnnotations{Title: "Change the account: apply a fix", DestructiveHint: &yes, OpenWorldHint: &yes},
		InputSchema: inputs[planIn](nil),
	}, func(ctx context.Context, req *mcp.CallToolRequest, in planIn) (*mcp.CallToolResult, *applyOut, error) {
		d, planned, err := s.planned(in)
		if err != nil {
			return nil, nil, err
		}
		if can := req.ClientCapabilities(); can == nil || can.Elicitation == nil {
			return nil, nil, advise("Show the person plan_fix, and let them run its commands or \"cfdoctor fix --apply\" themselves.",
				"this client cannot ask the person (it has no elicitation), and nothing is changed without asking; nothing was changed")
		}
		answer, answered := req.Params.InputResponses[question]
		if !answered {
			ctx, cancel := s.limited(ctx)
			defer cancel()
			application, err := s.Prepare(ctx, d.c, planned)
			if err != nil {
				return nil, nil, err
			}
			return s.ask(d, planned, application), nil, nil
		}
		out, err := s.answered(ctx, in, req.Params.RequestState, answer)
		if err != nil {
			return nil, nil, err
		}
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: ui.Clean(out.Done)}}}, out, nil
	})
}

func (s *server) planned(in planIn) (*diagnosis, doctor.Planned, error) {
	d, err := s.find(in.DiagnosisID)
	if err != nil {
		return nil, doctor.Planned{}, err
	}
	if d.from != "" || d.c.Report.Source.Kind == "bundle" {
		return nil, doctor.Planned{}, advise("diagnose the account itself", "this diagnosis is of a recording, and a recording cannot be changed")
	}
	if _, err := d.fix(in.FixID); err != nil {
		return nil, doctor.Planned{}, err
	}
	at := slices.IndexFunc(d.c.Plan, func(p doctor.Planned) bool { return p.ID == in.FixID })
	return d, d.c.Plan[at], nil
}

// ask puts the question to the person. The protocol's newer versions answer with a second call of the tool, the older ones at once; the SDK does either.
func (s *server) ask(d *diagnosis, p doctor.Planned, application *Application) *mcp.CallToolResult {
	state := s.consents.put(consent{d.id, p.ID, application})
	return &mcp.CallToolResult{
		RequestState: state,
		InputRequests: mcp.InputRequestMap{question: &mcp.ElicitParams{
			Mode: "form", Message: words(d, p, application.Diff),
			RequestedSchema: &jsonschema.Schema{Type: "object", Required: []string{"agree"}, Properties: map[string]*jsonschema.Schema{
				"agree": {Type: "boolean", Title: "Change the account as described", Default: json.RawMessage("false")},
			}},
		}},
	}
}

func (s *server) answered(ctx context.Context, in planIn, state string, answer mcp.InputResponse) (*applyOut, error) {
	put, ok := s.consents.take(state)
	if !ok || put.diagnosis != in.DiagnosisID || put.fix != in.FixID {
		return nil, advise("call apply_fix again without an answer, so that the person is asked", "this answer belongs to no question that is open; nothing was changed")
	}
	result, ok := answer.(*mcp.ElicitResult)
	if !ok || result.Action != "accept" || result.Content["agree"] != true {
		return &applyOut{Done: "The person did not agree. Nothing was changed. Do not ask again unless they say so."}, nil
	}
	done, err := put.application.Make(ctx) // without the limit of a call: deployments take minutes
	if err != nil {
		return nil, err
	}
	return &applyOut{Applied: true, Done: done}, nil
}

// maxDiff is how many changed members a question names.
const maxDiff = 30

// words is what the person reads before agreeing. Everything in it comes from the report, never from the model.
func words(d *diagnosis, p doctor.Planned, diff []report.DiffLine) string {
	r := d.c.Report
	f := r.Fixes[slices.IndexFunc(r.Fixes, func(f report.Fix) bool { return f.ID == p.ID })]
	lines := []string{
		fmt.Sprintf("cfdoctor is about to change AWS account %s: %s", cmp.Or(r.Source.Account, "(number not known)"), f.Title),
		"Distribution: " + strings.Join(filled(r.Distribution.ID, r.Distribution.DomainName), ", "),
		"What it does: " + f.Explanation,
	}
	for _, change := range first(diff, maxDiff) {
		lines = append(lines, clip(fmt.Sprintf("Change %s of %s: %s → %s", change.Path, change.Resource, cmp.Or(change.Old, "(nothing)"), cmp.Or(change.New, "(nothing)"))))
	}
	if more := len(diff) - maxDiff; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more members: read %s", more, d.address("fixes/"+f.ID)))
	}
	for _, effect := range f.SideEffects {
		lines = append(lines, "Side effect: "+effect)
	}
	for i := range lines {
		lines[i] = ui.Clean(lines[i])
	}
	return strings.Join(lines, "\n")
}
