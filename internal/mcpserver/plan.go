package mcpserver

import (
	"bytes"
	"context"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"cfdoctor/internal/render"
	"cfdoctor/internal/report"
)

type planIn struct {
	DiagnosisID string `json:"diagnosis_id" jsonschema:"from the answer of diagnose_distribution"`
	FixID       string `json:"fix_id" jsonschema:"which of its fixes, such as fix-1"`
}

type planOut struct {
	ID           string                `json:"id"`
	Title        string                `json:"title"`
	Causes       []string              `json:"causes"`
	Complexity   string                `json:"complexity"`
	Minutes      int                   `json:"estimated_minutes"`
	Impact       string                `json:"impact"`
	Explanation  string                `json:"explanation"`
	SideEffects  []string              `json:"side_effects"`
	Compromise   bool                  `json:"compromise" jsonschema:"it cures by giving something up; the side effects say what"`
	Diff         []report.DiffLine     `json:"diff" jsonschema:"what changes in the account"`
	Console      []string              `json:"console" jsonschema:"the steps in the AWS console"`
	Commands     []report.Command      `json:"commands" jsonschema:"aws_cli runs in a shell with aws and jq; call_aws is for the AWS API MCP server's tool; inputs are values that only a person can supply"`
	Verification []report.Verification `json:"verification"`
	Rollback     []report.Command      `json:"rollback"`
	Proof        report.Proof          `json:"proof"`
	Script       string                `json:"script,omitempty" jsonschema:"the address of a whole shell script that does it"`
}

func (s *server) addPlan(m *mcp.Server) {
	addTool(m, &mcp.Tool{
		Name: "plan_fix", Title: "Show a fix in full",
		Description: "Gives one fix of a diagnosis in full: what changes, console steps, commands (AWS CLI and call_aws), side effects, verification, the way back, and its proof by simulation. " +
			"Changes nothing: show it to the person and let them decide.",
		Annotations: reads("Show a fix in full", false), InputSchema: inputs[planIn](nil),
	}, func(_ context.Context, _ *mcp.CallToolRequest, in planIn) (*mcp.CallToolResult, *planOut, error) {
		d, err := s.find(in.DiagnosisID)
		if err != nil {
			return nil, nil, err
		}
		f, err := d.fix(in.FixID)
		if err != nil {
			return nil, nil, err
		}
		out := &planOut{
			ID: f.ID, Title: f.Title, Causes: f.Causes, Complexity: f.Complexity, Minutes: f.EstimatedMinutes, Impact: f.Impact, Explanation: f.Explanation,
			SideEffects: f.SideEffects, Compromise: f.Compromise, Diff: f.Diff, Console: f.Console, Commands: f.Commands, Verification: f.Verification, Rollback: f.Rollback, Proof: f.Proof,
		}
		if f.Script != "" {
			out.Script = d.address("fixes/" + f.ID + "/script")
		}
		var text bytes.Buffer
		if err := render.Fix(&text, d.c.Report, *f, render.Options{Width: render.DefaultWidth}); err != nil {
			return nil, nil, err
		}
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text.String()}}}, out, nil
	})
}
