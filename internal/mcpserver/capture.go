package mcpserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"cfdoctor/internal/source/bundle"
)

type captureIn struct {
	asked
	Name string `json:"name,omitempty" jsonschema:"the file to write in the folder of recordings, such as account.json; it must not exist yet"`
}

type captureOut struct {
	Answers int    `json:"answers" jsonschema:"how many of AWS's answers it holds"`
	Secrets int    `json:"secrets_left_out"`
	Bytes   int    `json:"bytes"`
	File    string `json:"file,omitempty" jsonschema:"where it was written, in the folder of recordings"`
	Address string `json:"address,omitempty" jsonschema:"where the server keeps it, where it was not written"`
}

func (s *server) addCapture(m *mcp.Server) {
	schema := s.withoutFolder(inputs[captureIn](nil))
	where := "The server keeps the last few, to be read as a resource."
	annotations := reads("Record what a diagnosis reads", true)
	if s.Bundles == "" {
		delete(schema.Properties, "name")
	} else {
		where = "With a name it is written to the folder of recordings; otherwise the server keeps the last few, to be read as a resource."
		annotations.ReadOnlyHint, annotations.IdempotentHint = false, false
	}
	addTool(m, &mcp.Tool{
		Name: "capture_bundle", Title: "Record what a diagnosis reads",
		Description: "Records every answer of AWS that a diagnosis of this distribution and request needs, for a colleague, a ticket or a test: it can be diagnosed later without the account. " +
			"Secrets are left out. Changes nothing in the account. " + where,
		Annotations: annotations, InputSchema: schema,
	}, func(ctx context.Context, req *mcp.CallToolRequest, in captureIn) (*mcp.CallToolResult, *captureOut, error) {
		out, err := s.capture(ctx, req, in)
		if err != nil {
			return nil, nil, err
		}
		text := fmt.Sprintf("Recorded %d answers, %d secrets left out: ", out.Answers, out.Secrets)
		content := []mcp.Content{&mcp.TextContent{Text: text + out.File + out.Address}}
		if out.Address != "" {
			content = append(content, &mcp.ResourceLink{URI: out.Address, Name: "bundle.json", MIMEType: "application/json"})
		}
		return &mcp.CallToolResult{Content: content}, out, nil
	})
}

func (s *server) capture(ctx context.Context, req *mcp.CallToolRequest, in captureIn) (*captureOut, error) {
	q, err := in.question()
	if err != nil {
		return nil, err
	}
	c, err := s.diagnose(ctx, in.From, q, true, observe(ctx, req))
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	wrote, err := bundle.Write(&text, bundle.Recording{CapturedAt: c.World.Now, Account: c.World.Account, Records: c.World.Records()})
	if err != nil {
		return nil, fmt.Errorf("record the answers: %w", err)
	}
	out := &captureOut{Answers: wrote.Calls, Secrets: wrote.Redacted, Bytes: text.Len()}
	if in.Name == "" {
		out.Address = scheme + "bundle/" + s.bundles.put(text.Bytes())
		return out, nil
	}
	out.File = in.Name
	return out, s.save(in.Name, text.Bytes())
}

// save writes a file that is not there yet, below the folder and nowhere else. Only its owner may read it: a recording tells much of an account.
func (s *server) save(name string, text []byte) error {
	root, err := os.OpenRoot(s.Bundles)
	if err != nil {
		return fmt.Errorf("open the folder of recordings: %w", err)
	}
	defer root.Close()
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return advise("give another name", "there is a recording %q already", name)
	}
	if err != nil {
		return fmt.Errorf("write the recording: %w", err)
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}

// withoutFolder takes the argument away that names a recording, where the server has no folder of them.
func (s *server) withoutFolder(schema *jsonschema.Schema) *jsonschema.Schema {
	if s.Bundles == "" {
		delete(schema.Properties, "from")
	}
	return schema
}
