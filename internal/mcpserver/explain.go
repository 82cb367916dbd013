package mcpserver

import (
	"context"
	"fmt"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes"
)

type explainIn struct {
	Cause string `json:"cause" jsonschema:"the cause's id, such as S3_POLICY_MISSING_OAC_GRANT"`
}

type explainOut struct {
	Cause      string   `json:"cause"`
	Title      string   `json:"title"`
	Stage      string   `json:"stage"`
	Severity   string   `json:"severity"`
	Statuses   []int    `json:"statuses" jsonschema:"what viewers can see because of it; empty where it has no status of its own"`
	Proactive  bool     `json:"proactive" jsonschema:"it explains no error: advice"`
	Explain    string   `json:"explain"`
	Why        string   `json:"why"`
	Manual     string   `json:"manual,omitempty" jsonschema:"why no command can fix it"`
	References []string `json:"references"`
	Address    string   `json:"address"`
}

func (s *server) addExplain(m *mcp.Server) {
	addTool(m, &mcp.Tool{
		Name: "explain_cause", Title: "Explain a root cause",
		Description: "Explains one root cause of cfdoctor's catalogue: what happens, how it comes about, and AWS's pages on it. The catalogue is the resource " + scheme + "causes.",
		Annotations: reads("Explain a root cause", false), InputSchema: inputs[explainIn](nil),
	}, func(_ context.Context, _ *mcp.CallToolRequest, in explainIn) (*mcp.CallToolResult, *explainOut, error) {
		c, err := causeOf(in.Cause)
		if err != nil {
			return nil, nil, err
		}
		out := &explainOut{
			Cause: c.ID, Title: c.Title, Stage: c.Stage, Severity: string(c.Severity), Statuses: first(c.Symptoms, len(c.Symptoms)), Proactive: c.Proactive,
			Explain: strings.TrimSpace(c.Doc.Explain), Why: strings.TrimSpace(c.Doc.Why), Manual: c.Doc.Manual,
			References: first(c.Doc.References, len(c.Doc.References)), Address: scheme + "causes/" + c.ID,
		}
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: causes.Markdown(c)}}}, out, nil
	})
}

func normalID(id string) string {
	return strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(id), "-", "_"))
}

func causeOf(id string) (*cause.Cause, error) {
	all := causes.All()
	for _, c := range all {
		if c.ID == normalID(id) {
			return c, nil
		}
	}
	near := causes.Nearest(id)
	if near == "" {
		return nil, advise("read "+scheme+"causes for the catalogue, or take the cause of a finding", "there is no cause %.80q", id)
	}
	return nil, advise("perhaps "+near+" is meant; "+scheme+"causes is the catalogue", "there is no cause %.80q", id)
}

// catalogue is the list of causes, as Markdown.
func catalogue() string {
	var b strings.Builder
	b.WriteString("# Root causes that cfdoctor knows\n")
	stage := ""
	for _, c := range causes.All() {
		if c.Stage != stage {
			stage = c.Stage
			fmt.Fprintf(&b, "\n## %s\n\n", stage)
		}
		fmt.Fprintf(&b, "- [%s](%scauses/%s): %s\n", c.ID, scheme, c.ID, c.Title)
	}
	return b.String()
}
