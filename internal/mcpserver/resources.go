package mcpserver

import (
	"context"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"cfdoctor/internal/causes"
)

func (s *server) addResources(m *mcp.Server) {
	m.AddResource(&mcp.Resource{URI: scheme + "causes", Name: "causes", Title: "The catalogue of root causes", MIMEType: "text/markdown",
		Description: "Every root cause that cfdoctor knows, by stage"}, s.readResource)
	m.AddResource(&mcp.Resource{URI: procedure, Name: "troubleshoot-cloudfront", Title: "How to troubleshoot CloudFront", MIMEType: "text/markdown",
		Description: "The procedure, step by step, also for agents that have only the AWS CLI"}, s.readResource)
	m.AddResourceTemplate(&mcp.ResourceTemplate{URITemplate: scheme + "causes/{id}", Name: "cause", Title: "One root cause", MIMEType: "text/markdown",
		Description: "What happens, how it comes about, and AWS's pages on it"}, s.readResource)
	m.AddResourceTemplate(&mcp.ResourceTemplate{URITemplate: scheme + "diagnosis/{id}/{+part}", Name: "diagnosis", Title: "A detail of a diagnosis",
		Description: "The parts of a diagnosis that this server made; diagnose_distribution lists them"}, s.readResource)
	m.AddResourceTemplate(&mcp.ResourceTemplate{URITemplate: scheme + "bundle/{id}", Name: "bundle", Title: "A recording", MIMEType: "application/json",
		Description: "What capture_bundle recorded, to be diagnosed again without an account"}, s.readResource)
}

func (s *server) readResource(_ context.Context, req *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
	address := req.Params.URI
	text, err := s.read(address)
	if err != nil {
		return nil, mcp.ResourceNotFoundError(address)
	}
	return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: address, MIMEType: mimeOf(address), Text: text}}}, nil
}

// maxValues is the protocol's limit for one completion.
const maxValues = 100

// complete completes the ids of causes.
func complete(_ context.Context, req *mcp.CompleteRequest) (*mcp.CompleteResult, error) {
	out := &mcp.CompleteResult{Completion: mcp.CompletionResultDetails{Values: []string{}}}
	ref := req.Params.Ref
	if ref == nil || ref.URI != scheme+"causes/{id}" || req.Params.Argument.Name != "id" {
		return out, nil
	}
	begin := normalID(req.Params.Argument.Value)
	for _, c := range causes.All() {
		if strings.HasPrefix(c.ID, begin) {
			out.Completion.Total++
			if len(out.Completion.Values) < maxValues {
				out.Completion.Values = append(out.Completion.Values, c.ID)
			}
		}
	}
	out.Completion.HasMore = out.Completion.Total > len(out.Completion.Values)
	return out, nil
}
