package mcpserver

import (
	"bytes"
	"context"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"cfdoctor/internal/render"
	"cfdoctor/internal/report"
)

type simulateOut struct {
	Request   string            `json:"request"`
	Predicted predictedOut      `json:"predicted"`
	Steps     []stageOut        `json:"steps" jsonschema:"every stage in CloudFront's order: pass, stop, rewrite, unknown or skipped"`
	Forwarded *report.Forwarded `json:"forwarded,omitempty" jsonschema:"the request that CloudFront sends to the origin, where it sends one"`
}

func (s *server) addSimulate(m *mcp.Server) {
	addTool(m, &mcp.Tool{
		Name: "simulate_request", Title: "Send a request through the model of a distribution",
		Description: "Simulates one viewer request through a CloudFront distribution as it is configured, and tells stage by stage which cache behavior takes it, what functions and policies do " +
			"to it, what the origin receives and what the viewer gets. Sends nothing to the distribution: it reads the configuration. Judges no causes; use diagnose_distribution for that.",
		Annotations: reads("Send a request through the model of a distribution", true),
		InputSchema: s.withoutFolder(inputs[asked](nil)),
	}, func(ctx context.Context, req *mcp.CallToolRequest, in asked) (*mcp.CallToolResult, *simulateOut, error) {
		q, err := in.question()
		if err != nil {
			return nil, nil, err
		}
		q.PathGiven = true
		c, err := s.diagnose(ctx, in.From, q, true, observe(ctx, req))
		if err != nil {
			return nil, nil, err
		}
		r := c.Report
		out := &simulateOut{Request: requestOf(r), Predicted: predicted(r), Steps: []stageOut{}, Forwarded: r.Trace.Forwarded}
		for _, step := range r.Trace.Steps {
			out.Steps = append(out.Steps, stageOut{step.Stage, step.Verdict, step.Status, clip(step.Summary)})
		}
		var text bytes.Buffer
		if err := render.Trace(&text, "text", r, render.Options{Width: render.DefaultWidth}); err != nil {
			return nil, nil, err
		}
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text.String()}}}, out, nil
	})
}
