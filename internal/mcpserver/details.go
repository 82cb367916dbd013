package mcpserver

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"cfdoctor/docs"
	"cfdoctor/internal/causes"
	"cfdoctor/internal/render"
	"cfdoctor/internal/report"
)

// scheme begins every address of this server.
const scheme = "cfdoctor://"

// procedure is the address of the procedure for agents.
const procedure = scheme + "procedures/troubleshoot-cloudfront"

func (d *diagnosis) address(part string) string { return scheme + "diagnosis/" + d.id + "/" + part }

// parts are the details of every diagnosis, apart from single findings and fixes.
var parts = []struct{ name, holds string }{
	{"trace", "the request's way, stage by stage, with what each stage looked at"},
	{"findings/1", "a finding with its detail and all evidence (JSON); findings/N, proactive/N"},
	{"fixes/fix-1", "a fix in full; fixes/fix-N, and fixes/fix-N/script for its script"},
	{"next-steps", "commands for each situation that is left open (JSON)"},
	{"compatibility", "CloudFront's settings against what the origins require (JSON)"},
	{"not-checked", "what could not be judged, why, and which permission is missing (JSON)"},
	{"permissions", "one IAM policy that allows the reads that were missing (JSON)"},
	{"ruled-out", "the causes that the evidence excludes, with the reasons (JSON)"},
	{"monitoring", "metrics, alarms and logs (JSON)"},
	{"distribution", "origins, behaviors and security of the distribution (JSON)"},
	{"report.md", "the whole report, to hand to a person (Markdown, long)"},
	{"report.json", "the whole report (JSON, very long)"},
}

func (d *diagnosis) addresses() []addressOut {
	r := d.c.Report
	empty := map[string]bool{
		"findings/1": len(r.Findings)+len(r.Proactive) == 0, "fixes/fix-1": len(r.Fixes) == 0, "permissions": r.MissingPermissions == nil,
		"not-checked": len(r.NotChecked) == 0,
	}
	out := []addressOut{}
	for _, p := range parts {
		if !empty[p.name] {
			out = append(out, addressOut{d.address(p.name), p.holds})
		}
	}
	return out
}

// read returns what an address holds.
func (s *server) read(address string) (string, error) {
	kind, rest, _ := strings.Cut(strings.TrimPrefix(address, scheme), "/")
	switch {
	case !strings.HasPrefix(address, scheme):
	case address == procedure:
		return docs.Procedure(), nil
	case kind == "causes" && rest == "":
		return catalogue(), nil
	case kind == "causes":
		c, err := causeOf(rest)
		if err != nil {
			return "", err
		}
		return causes.Markdown(c), nil
	case kind == "bundle":
		if text, ok := s.bundles.get(rest); ok {
			return string(text), nil
		}
		return "", advise("call capture_bundle again", "there is no recording %.40q, or it has been forgotten", rest)
	case kind == "diagnosis":
		id, part, _ := strings.Cut(rest, "/")
		d, err := s.find(id)
		if err != nil {
			return "", err
		}
		return d.read(part)
	}
	return "", advise("use an address from the answer of another tool, "+scheme+"causes for the catalogue, or "+procedure, "there is nothing at %.200q", address)
}

func (d *diagnosis) read(part string) (string, error) {
	r := d.c.Report
	plain := render.Options{Width: render.DefaultWidth, Verbose: true}
	var b bytes.Buffer
	switch part {
	case "trace":
		err := render.Trace(&b, "text", r, plain)
		return b.String(), err
	case "report.md":
		err := render.Write(&b, "markdown", r, plain)
		return b.String(), err
	case "report.json":
		err := render.Write(&b, "json", r, plain)
		return b.String(), err
	}
	if value, ok := map[string]any{
		"next-steps": r.NextSteps, "compatibility": r.Compatibility, "not-checked": r.NotChecked, "permissions": r.MissingPermissions,
		"ruled-out": r.RuledOut, "monitoring": r.Monitoring, "distribution": r.Distribution,
	}[part]; ok {
		return encode(value)
	}
	list, rest, _ := strings.Cut(part, "/")
	switch list {
	case "findings":
		return numbered(r.Findings, rest)
	case "proactive":
		return numbered(r.Proactive, rest)
	case "fixes":
		return d.fixText(rest, plain)
	}
	return "", d.nothingAt(part)
}

func (d *diagnosis) nothingAt(part string) error {
	var names []string
	for _, p := range parts {
		names = append(names, p.name)
	}
	return advise("its parts are "+strings.Join(names, ", "), "diagnosis %s has no part %.60q", d.id, part)
}

func numbered(list []report.Finding, number string) (string, error) {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(list) {
		return "", advise(fmt.Sprintf("give a number from 1 to %d", len(list)), "there is no finding %.20q", number)
	}
	return encode(list[n-1])
}

func (d *diagnosis) fixText(part string, o render.Options) (string, error) {
	id, script := strings.CutSuffix(part, "/script")
	f, err := d.fix(id)
	if err != nil {
		return "", err
	}
	if script {
		if f.Script == "" {
			return "", advise("follow its console steps or commands", "%s needs a person: it has no script", f.ID)
		}
		return f.Script, nil
	}
	var b bytes.Buffer
	err = render.Fix(&b, d.c.Report, *f, o)
	return b.String(), err
}

func (d *diagnosis) fix(id string) (*report.Fix, error) {
	var have []string
	for i, f := range d.c.Report.Fixes {
		if f.ID == id {
			return &d.c.Report.Fixes[i], nil
		}
		have = append(have, f.ID)
	}
	if len(have) == 0 {
		return nil, advise("read the findings: they say what a person must do", "this diagnosis has no fixes")
	}
	return nil, advise("give one of "+strings.Join(have, ", "), "this diagnosis has no fix %.40q", id)
}

func encode(value any) (string, error) {
	out, err := json.Marshal(value, json.Deterministic(true), jsontext.AllowInvalidUTF8(true), jsontext.WithIndent("  "))
	if err != nil {
		return "", fmt.Errorf("encode the detail: %w", err)
	}
	return string(out), nil
}

func mimeOf(address string) string {
	switch {
	case strings.HasSuffix(address, ".md"), address == procedure, strings.HasPrefix(address, scheme+"causes"):
		return "text/markdown"
	case strings.HasSuffix(address, "/trace"), strings.Contains(address, "/fixes/"):
		return "text/plain"
	}
	return "application/json"
}

type detailsIn struct {
	Address string `json:"address" jsonschema:"an address that another tool gave, such as cfdoctor://diagnosis/…/trace, or cfdoctor://causes"`
	Offset  int    `json:"offset,omitempty" jsonschema:"where to go on in a long text, in characters"`
}

type detailsOut struct {
	Address string `json:"address"`
	Text    string `json:"text"`
	Next    int    `json:"next_offset" jsonschema:"the offset of what follows, 0 at the end"`
}

// pageLength is the most that get_details returns at once, in characters.
const pageLength = 16000

// addDetails is for clients whose models cannot read resources.
func (s *server) addDetails(m *mcp.Server) {
	schema := inputs[detailsIn](nil)
	least := 0.0
	schema.Properties["offset"].Minimum = &least
	addTool(m, &mcp.Tool{
		Name: "get_details", Title: "Read a detail of an answer",
		Description: "Reads what is behind a cfdoctor:// address of another answer, in pages. The same addresses are resources.",
		Annotations: reads("Read a detail of an answer", false), InputSchema: schema,
	}, func(_ context.Context, _ *mcp.CallToolRequest, in detailsIn) (*mcp.CallToolResult, *detailsOut, error) {
		text, err := s.read(in.Address)
		if err != nil {
			return nil, nil, err
		}
		runes := []rune(text)
		begin := min(in.Offset, len(runes))
		end := min(begin+pageLength, len(runes))
		out := &detailsOut{Address: in.Address, Text: string(runes[begin:end])}
		shown := out.Text
		if end < len(runes) {
			out.Next = end
			shown += fmt.Sprintf("\n[%d more characters: offset %d]", len(runes)-end, end)
		}
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: shown}}}, out, nil
	})
}
