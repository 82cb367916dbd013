package mcpserver

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func TestListenOnThisMachineAlone(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.com:80", "127.0.0.1", "[::]:0", "localhost.example:0"} {
		if l, err := Listen(t.Context(), address); err == nil {
			l.Close()
			t.Errorf("%q was opened", address)
		}
	}
	l, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}

// TestHTTP speaks to the server as a client does, and as pages of other origins may try to.
func TestHTTP(t *testing.T) {
	web := httptest.NewServer(Handler(New(room(t))))
	defer web.Close()
	s, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: web.URL}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var d diagnoseOut
	if text, failed := call(t, s, "diagnose_distribution", map[string]any{"distribution_id": "E1HEALTHYS3OAC", "error_code": 403, "request_path": "/about.html"}, &d); failed || len(d.Findings) == 0 {
		t.Errorf("over HTTP: %s", text)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*http.Request){
		"a host that leads here by DNS rebinding": func(r *http.Request) { r.Host = "evil.example" },
		"a page of another origin":                func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"a page of another site":                  func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
	} {
		body := `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, web.URL, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json, text/event-stream")
		change(req)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("%s is answered with %d", name, res.StatusCode)
		}
	}
}
