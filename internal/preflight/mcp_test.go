package preflight

import (
	"strings"
	"testing"
)

func TestServersOfClients(t *testing.T) {
	const entry = `{"command":"uvx","args":["awslabs.aws-api-mcp-server@latest"]}`
	cases := []struct {
		name, file, text string
		found            bool
	}{
		{"Amazon Q", "home/.aws/amazonq/mcp.json", `{"mcpServers":{"aws":` + entry + `}}`, true},
		{"VS Code in a project", "project/.vscode/mcp.json", `{"servers":{"aws":` + entry + `}}`, true},
		{"the managed server", "home/.cursor/mcp.json", `{"mcpServers":{"aws":{"command":"uvx","args":["mcp-proxy-for-aws@latest","https://aws-mcp.us-east-1.api.aws/mcp"]}}}`, true},
		{"an address", "project/.mcp.json", `{"mcpServers":{"aws":{"type":"http","url":"https://aws-mcp.us-east-1.api.aws/mcp"}}}`, true},
		{"switched off", "home/.aws/amazonq/mcp.json", `{"mcpServers":{"aws":{"command":"uvx","args":["awslabs.aws-api-mcp-server@latest"],"disabled":true}}}`, false},
		{"another server", "home/.claude.json", `{"mcpServers":{"files":{"command":"npx","args":["server-filesystem","/aws"]}}}`, false},
		{"not JSON", "home/.claude.json", `{"mcpServers":`, false},
		{"another form", "home/.claude.json", `{"mcpServers":[1]}`, false},
		{"an entry of another form", "home/.claude.json", `{"mcpServers":{"odd":7,"aws":` + entry + `}}`, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t)
			m.write(c.file, c.text)
			deps := m.look(Options{Dir: m.path("project")})
			for _, name := range []string{CallAWS, Suggest} {
				d := dependency(t, deps, name)
				if c.found != (d.State == Unknown) || c.found && !strings.Contains(d.Detail, m.path(c.file)) || d.Required {
					t.Errorf("%s is %s: %s", name, d.State, d.Detail)
				}
			}
		})
	}
}

func TestDoorOfAnMCPServer(t *testing.T) {
	m := newMachine(t)
	m.program("bin/uvx")
	deps := m.look(Options{Kind: "mcp", MCPCommand: "uvx awslabs.aws-api-mcp-server@latest"})
	if d := dependency(t, deps, "MCP server"); d.State != Present {
		t.Errorf("the server's program is there: %+v", d)
	}
	if d := dependency(t, deps, CallAWS); d.State != Unknown || !d.Required {
		t.Errorf("before the connection, %s is %+v", CallAWS, d)
	}
	if d := dependency(t, m.look(Options{Kind: "mcp", MCPURL: "http://127.0.0.1:1/mcp"}), "MCP server"); d.State != Unknown {
		t.Errorf("an address that nobody called is %s", d.State)
	}
	connected := WithTools(deps, []string{"aws___call_aws", "aws___search_documentation"})
	if d := dependency(t, connected, CallAWS); d.State != Present || !strings.Contains(d.Detail, "aws___call_aws") {
		t.Errorf("after the connection, %s is %+v", CallAWS, d)
	}
	if d := dependency(t, connected, Suggest); d.State != Missing {
		t.Errorf("after the connection, %s is %+v", Suggest, d)
	}
	if d := dependency(t, deps, CallAWS); d.State != Unknown {
		t.Error("WithTools changed the list that it was given")
	}
}
