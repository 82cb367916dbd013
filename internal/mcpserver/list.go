package mcpserver

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"cfdoctor/internal/collect"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/ui"
)

type listIn struct {
	Contains string `json:"contains,omitempty" jsonschema:"only distributions with this in their ID, domain, alternate domain names or comment"`
	Limit    int    `json:"limit,omitempty" jsonschema:"how many at most"`
	From     string `json:"from,omitempty" jsonschema:"list those of this recording: the name of a file in the folder of recordings that the server was started with"`
}

type listOut struct {
	Distributions []listedOut `json:"distributions"`
	Total         int         `json:"total" jsonschema:"how many match, also those beyond the limit"`
}

type listedOut struct {
	ID         string   `json:"id"`
	DomainName string   `json:"domain_name"`
	Aliases    []string `json:"aliases"`
	Comment    string   `json:"comment"`
}

// listedAtMost and listedUsually bound a list to what a context window takes.
const (
	listedUsually = 30
	listedAtMost  = 200
)

func (s *server) addList(m *mcp.Server) {
	addTool(m, &mcp.Tool{
		Name: "list_distributions", Title: "List the account's CloudFront distributions",
		Description: "Lists the distributions of the account with their domains, to find the one that a person means.",
		Annotations: reads("List the account's CloudFront distributions", true),
		InputSchema: s.withoutFolder(inputs[listIn](map[string]func(*jsonschema.Schema){"limit": bounds(1, listedAtMost)})),
	}, func(ctx context.Context, _ *mcp.CallToolRequest, in listIn) (*mcp.CallToolResult, *listOut, error) {
		out, err := s.list(ctx, in)
		if err != nil {
			return nil, nil, err
		}
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: out.text()}}}, out, nil
	})
}

func (s *server) list(ctx context.Context, in listIn) (*listOut, error) {
	ctx, cancel := s.limited(ctx)
	defer cancel()
	src, now, err := s.open(ctx, in.From)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	all, list, err := collect.Distributions(ctx, collect.New(src, now, collect.Options{}))
	switch {
	case err != nil:
		return nil, err
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case list.State() == evidence.Denied:
		return nil, advise("ask the person to allow "+list.Needs()+", or for the distribution's ID, and call diagnose_distribution with it", "these credentials may not list distributions")
	case list.State() == evidence.Failed:
		return nil, fmt.Errorf("list the distributions: %s", list.Why())
	}
	out := &listOut{Distributions: []listedOut{}}
	limit := in.Limit
	if limit == 0 {
		limit = listedUsually
	}
	for _, n := range all {
		text := strings.ToLower(strings.Join(append([]string{n.ID, n.Domain, n.Comment}, n.Aliases...), "\n"))
		if !strings.Contains(text, strings.ToLower(in.Contains)) {
			continue
		}
		if out.Total++; out.Total <= limit {
			out.Distributions = append(out.Distributions, listedOut{n.ID, n.Domain, first(n.Aliases, shownTexts), clip(n.Comment)})
		}
	}
	return out, nil
}

func (o *listOut) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d distributions", o.Total)
	if o.Total > len(o.Distributions) {
		fmt.Fprintf(&b, ", the first %d (narrow with contains, or raise limit)", len(o.Distributions))
	}
	b.WriteString("\n")
	for _, d := range o.Distributions {
		b.WriteString(ui.Clean("- "+strings.Join(filled(d.ID, d.DomainName, strings.Join(d.Aliases, " "), d.Comment), " | ")) + "\n")
	}
	return b.String()
}
