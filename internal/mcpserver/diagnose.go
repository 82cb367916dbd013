package mcpserver

import (
	"context"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"cfdoctor/internal/doctor"
)

type diagnoseIn struct {
	asked
	ErrorCode        int   `json:"error_code,omitempty" jsonschema:"the HTTP status that the viewer sees, such as 403; without it, a general review"`
	ActiveValidation bool  `json:"active_validation,omitempty" jsonschema:"also probe the distribution and its origins over the network; ask the person first"`
	Proactive        *bool `json:"run_proactive_checks,omitempty" jsonschema:"also look for what has not failed yet"`
}

// diagnosis is one that the server remembers.
type diagnosis struct {
	id   string
	from string
	c    *doctor.Case
}

func (s *server) addDiagnose(m *mcp.Server) {
	addTool(m, &mcp.Tool{
		Name: "diagnose_distribution", Title: "Find the root cause of a CloudFront error",
		Description: "Reads a CloudFront distribution and everything around it (origins, bucket policies, web ACL, certificates, functions, load balancers, metrics), simulates the failing " +
			"request stage by stage, and names the root cause with its evidence and with fixes that are proven by simulating again. Give the status that viewers see and the path that fails; " +
			"without error_code it is a general review. Only reads. The answer is a summary: read its details by their cfdoctor:// addresses.",
		Annotations: reads("Find the root cause of a CloudFront error", true),
		InputSchema: s.withoutFolder(inputs[diagnoseIn](nil)),
	}, func(ctx context.Context, req *mcp.CallToolRequest, in diagnoseIn) (*mcp.CallToolResult, *diagnoseOut, error) {
		q, err := in.question()
		if err != nil {
			return nil, nil, err
		}
		q.Code, q.Active, q.Proactive = in.ErrorCode, in.ActiveValidation, in.Proactive == nil || *in.Proactive
		c, err := s.diagnose(ctx, in.From, q, false, observe(ctx, req))
		if err != nil {
			return nil, nil, err
		}
		d := &diagnosis{from: in.From, c: c}
		d.id = s.diagnoses.put(d)
		out := summarize(d)
		return &mcp.CallToolResult{Content: append([]mcp.Content{&mcp.TextContent{Text: out.text(d.c.Report)}}, out.links()...)}, out, nil
	})
}

// find returns a diagnosis that the server still remembers.
func (s *server) find(id string) (*diagnosis, error) {
	d, ok := s.diagnoses.get(id)
	if !ok {
		return nil, advise("call diagnose_distribution again and use the diagnosis_id of its answer", "there is no diagnosis %.40q, or it has been forgotten: the server keeps the last %d", id, keptDiagnoses)
	}
	return d, nil
}
