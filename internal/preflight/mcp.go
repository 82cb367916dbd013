package preflight

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/report"
	"cfdoctor/internal/source/mcpclient"
)

const addServer = "add AWS's server to your MCP client: https://awslabs.github.io/mcp/servers/aws-api-mcp-server"

// server is the program or address behind --source mcp.
func (o Options) server() report.Dependency {
	d := report.Dependency{Name: "MCP server", State: Missing, Required: true, NeededFor: "reading the account through --source mcp",
		HowToGet: "name it with --mcp-command 'uvx awslabs.aws-api-mcp-server@latest' or --mcp-url URL"}
	program := ""
	words, err := mcpclient.Words(o.MCPCommand)
	if len(words) > 0 {
		program = words[0]
	}
	switch {
	case o.MCPURL != "":
		d.State, d.Detail = Unknown, o.MCPURL+", not connected yet"
	case err != nil:
		d.Detail = "--mcp-command: " + err.Error()
	case program == "":
		d.Detail = "neither --mcp-command nor --mcp-url names one"
	case o.find(program) == "":
		d.Detail = program + " is not on PATH"
	default:
		d.State, d.Detail = Present, o.find(program)+", not started yet"
	}
	return d
}

// tools are those of AWS's MCP server. Which tools a server has it only says when somebody connects, so a configured server is "unknown".
func (o Options) tools() []report.Dependency {
	door := o.Kind == "mcp" && o.From == ""
	call := report.Dependency{Name: CallAWS, State: Missing, Required: door, HowToGet: addServer,
		NeededFor: "reading through --source mcp, and an agent's running of the fixes' call_aws commands"}
	suggest := report.Dependency{Name: Suggest, State: Missing, HowToGet: addServer,
		NeededFor: "an agent's finding of commands beyond those in the report"}
	detail := ""
	if door {
		detail = "told when the server is connected"
	} else if found := o.configured(); len(found) > 0 {
		detail = "AWS's server has it; configured, not started: " + strings.Join(found, ", ")
	}
	for _, d := range []*report.Dependency{&call, &suggest} {
		if detail != "" {
			d.State, d.Detail = Unknown, detail
		}
	}
	return []report.Dependency{call, suggest}
}

// clientFiles are the files in which MCP clients keep their servers, below the home directory and below a project.
var clientFiles = struct{ home, project []string }{
	home: []string{
		".aws/amazonq/mcp.json", ".aws/amazonq/default.json", ".kiro/settings/mcp.json", ".claude.json", ".config/Claude/claude_desktop_config.json",
		"Library/Application Support/Claude/claude_desktop_config.json", "AppData/Roaming/Claude/claude_desktop_config.json", ".cursor/mcp.json",
		".config/Code/User/mcp.json", "Library/Application Support/Code/User/mcp.json", ".codeium/windsurf/mcp_config.json", ".gemini/settings.json",
	},
	project: []string{".mcp.json", ".vscode/mcp.json", ".cursor/mcp.json", ".kiro/settings/mcp.json", ".amazonq/mcp.json", ".amazonq/default.json", ".gemini/settings.json"},
}

// configured names the AWS API MCP servers that MCP clients on this machine have, each with the file that says so.
func (o Options) configured() []string {
	var files []string
	for _, name := range clientFiles.home {
		files = append(files, o.home(filepath.FromSlash(name)))
	}
	if o.Dir != "" {
		for _, name := range clientFiles.project {
			files = append(files, filepath.Join(o.Dir, filepath.FromSlash(name)))
		}
	}
	var out []string
	for _, file := range files {
		for _, server := range serversIn(file) {
			if entry := fmt.Sprintf("%q in %s", server, file); !slices.Contains(out, entry) {
				out = append(out, entry)
			}
		}
	}
	return out
}

// server is how clients write one down.
type server struct {
	Command  string   `json:"command"`
	Args     []string `json:"args"`
	URL      string   `json:"url"`
	Disabled bool     `json:"disabled"`
}

// serversIn lists the AWS API MCP servers of one file by name. A file that is not there or that is written in another way has none.
func serversIn(file string) []string {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	var kept struct {
		MCPServers map[string]jsontext.Value `json:"mcpServers"`
		Servers    map[string]jsontext.Value `json:"servers"` // VS Code's word
	}
	if json.Unmarshal(text, &kept) != nil {
		return nil
	}
	var out []string
	for _, list := range []map[string]jsontext.Value{kept.MCPServers, kept.Servers} {
		for _, name := range slices.Sorted(maps.Keys(list)) {
			var s server
			if json.Unmarshal(list[name], &s) == nil && !s.Disabled && s.isAWS() {
				out = append(out, name)
			}
		}
	}
	return out
}

// isAWS recognises the AWS API MCP server by its package and the managed AWS MCP server by its host (AWSMCP/getting-started).
func (s server) isAWS() bool {
	line := strings.ToLower(strings.Join(append([]string{s.Command, s.URL}, s.Args...), " "))
	return strings.Contains(line, "aws-api-mcp-server") || strings.Contains(line, "://aws-mcp.")
}
