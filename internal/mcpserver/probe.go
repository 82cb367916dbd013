package mcpserver

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"cfdoctor/internal/blackbox"
	"cfdoctor/internal/render"
)

type probeIn struct {
	URL           string   `json:"url" jsonschema:"the URL as viewers open it"`
	Method        string   `json:"method,omitempty" jsonschema:"GET where not given"`
	Headers       []string `json:"headers,omitempty" jsonschema:"request headers, each 'Name: value'; values of secret headers are not sent"`
	FollowAnyHost bool     `json:"follow_any_host,omitempty" jsonschema:"follow redirects to other hosts too"`
}

func (s *server) addProbe(m *mcp.Server) {
	addTool(m, &mcp.Tool{
		Name: "probe_url", Title: "Look at a URL from outside",
		Description: "Sends a few harmless requests to a URL, as any viewer may, and tells who made the answer (CloudFront, AWS WAF, a function, S3, the origin), by which signs, and what DNS, TLS, " +
			"redirects and the cache show. Needs no AWS account. Addresses that the internet does not reach are not contacted.",
		Annotations: reads("Look at a URL from outside", true),
		InputSchema: inputs[probeIn](map[string]func(*jsonschema.Schema){"method": oneOf("GET", "HEAD", "OPTIONS")}),
	}, func(ctx context.Context, _ *mcp.CallToolRequest, in probeIn) (*mcp.CallToolResult, *blackbox.Report, error) {
		t, err := blackbox.Parse(in.URL)
		if err != nil {
			return nil, nil, advise("give a URL such as https://www.example.com/path", "%w", err)
		}
		host := t.Request.Host
		if err := (asked{Headers: in.Headers}).setHeaders(&t.Request); err != nil {
			return nil, nil, err
		}
		if t.Request.Host != host {
			return nil, nil, advise("name the host in the url", "a header cannot change the host of a probe")
		}
		t.AnyHost = in.FollowAnyHost
		if method := strings.ToUpper(in.Method); slices.Contains([]string{"HEAD", "OPTIONS"}, method) {
			t.Request.Method = method
		}
		ctx, cancel := s.limited(ctx)
		defer cancel()
		r, err := s.Probe(ctx, t)
		if err != nil {
			return nil, nil, err
		}
		var text bytes.Buffer
		if err := render.Probe(&text, "text", r, render.Options{Width: render.DefaultWidth}); err != nil {
			return nil, nil, err
		}
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text.String()}}}, r, nil
	})
}
