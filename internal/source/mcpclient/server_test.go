package mcpclient

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"pgregory.net/rapid"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source"
	"cfdoctor/internal/source/sourcetest"
)

// fakeMode is the environment variable that makes this test binary an MCP server.
const fakeMode = "CFDOCTOR_FAKE_MCP"

func TestMain(m *testing.M) {
	if mode := os.Getenv(fakeMode); mode != "" {
		os.Exit(fake(mode))
	}
	os.Exit(m.Run())
}

// fake is the server in a mode; it returns the exit status.
func fake(mode string) int {
	fmt.Fprintln(os.Stderr, "\x1b[32mINFO\x1b[0m starting")
	switch mode {
	case "refuses-to-start":
		fmt.Fprintln(os.Stderr, "Traceback (most recent call last):\n  File \"server.py\"\nRuntimeError: Error retrieving the service reference document")
		return 1
	case "speaks-no-mcp":
		fmt.Println("usage: server [start|stop]")
		return 0
	case "says-nothing":
		_, _ = bufio.NewReader(os.Stdin).ReadString(0)
		return 0
	}
	server := mcp.NewServer(&mcp.Implementation{Name: "fake"}, nil)
	server.AddTool(callAWS("call_aws"), func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		switch mode {
		case "dies":
			fmt.Fprintln(os.Stderr, "MemoryError")
			os.Exit(137)
		case "dies-silently":
			os.Exit(0)
		case "turns-to-rubbish":
			fmt.Println("<html>502 Bad Gateway</html>")
			select {}
		}
		return text([]any{map[string]any{"response": map[string]any{"as_json": `{"Account":"123456789012"}`}}}), nil
	})
	if err := server.Run(context.Background(), &mcp.StdioTransport{}); err != nil {
		return 1
	}
	return 0
}

func start(t *testing.T, ctx context.Context, mode string) (*Source, error) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(fakeMode, mode)
	return Open(ctx, Options{Command: []string{program}})
}

func TestServerThatDoesNotStart(t *testing.T) {
	for mode, says := range map[string]string{
		"refuses-to-start": "RuntimeError: Error retrieving the service reference document",
		"speaks-no-mcp":    "[0m starting",
	} {
		_, err := start(t, t.Context(), mode)
		var missing *ServerError
		if !errors.As(err, &missing) || !strings.HasSuffix(missing.What, says) || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%s: got %v, want one line that ends in %q", mode, err, says)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := start(t, ctx, "says-nothing"); err == nil {
		t.Error("want an error")
	}
	_, err := Open(t.Context(), Options{Command: []string{filepath.Join(t.TempDir(), "uvx")}})
	if missing := new(ServerError); !errors.As(err, &missing) {
		t.Errorf("got %v", err)
	}
}

func TestServerThatEnds(t *testing.T) {
	for mode, says := range map[string]string{
		"dies":             "; the last it said is: MemoryError",
		"dies-silently":    "the MCP server fake ended",
		"turns-to-rubbish": "invalid character '<' looking for beginning of value",
	} {
		t.Run(mode, func(t *testing.T) {
			door, err := start(t, t.Context(), mode)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				output, err := door.Do(t.Context(), account.Caller().Call)
				if state := source.Classify(account.Caller().Call, output, err).State; state != evidence.Failed {
					t.Errorf("it is %q", state)
				}
				if err == nil || !strings.Contains(err.Error(), says) {
					t.Errorf("it says %v, want %s", err, says)
				}
			}
			if err := door.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestServerIsEndedWithTheDoor(t *testing.T) {
	door, err := start(t, t.Context(), "works")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := door.Do(t.Context(), account.Caller().Call); err != nil || string(got) != `{"Account":"123456789012"}` {
		t.Errorf("got %s, %v", got, err)
	}
	process := door.server.process.cmd
	if err := door.Close(); err != nil {
		t.Error(err)
	}
	if process.ProcessState == nil {
		t.Error("the server still runs")
	}
	if _, err := door.Do(t.Context(), account.Caller().Call); err == nil {
		t.Error("a closed door answers")
	}
}

func TestStreamableHTTP(t *testing.T) {
	account := newAccount(t)
	server := mcp.NewServer(&mcp.Implementation{Name: "aws-mcp"}, nil)
	server.AddTool(textOnly("aws___call_aws"), answering(account.answer))
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil)
	web := httptest.NewServer(handler)
	t.Cleanup(web.Close)
	sourcetest.Run(t, func(t *testing.T) source.Source {
		door, err := Open(t.Context(), Options{URL: web.URL})
		if err != nil {
			t.Fatal(err)
		}
		return door
	})
}

func TestWebServerThatSpeaksNoMCP(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "log in first", http.StatusUnauthorized) }))
	t.Cleanup(web.Close)
	_, err := Open(t.Context(), Options{URL: web.URL})
	if missing := new(ServerError); !errors.As(err, &missing) || !strings.Contains(err.Error(), "Unauthorized") {
		t.Errorf("got %v", err)
	}
}

func TestWords(t *testing.T) {
	for line, want := range map[string][]string{
		"uvx awslabs.aws-api-mcp-server@latest":      {"uvx", "awslabs.aws-api-mcp-server@latest"},
		"  a\tb\n c ":                                {"a", "b", "c"},
		`'/opt/my tools/server' --name "a \"b\" \c"`: {"/opt/my tools/server", "--name", `a "b" \c`},
		`a\ b '' "" 'it'\''s'`:                       {"a b", "", "", "it's"},
		"a $(id) `id` | b > c & * ~ #d":              {"a", "$(id)", "`id`", "|", "b", ">", "c", "&", "*", "~", "#d"},
	} {
		if got, err := Words(line); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, %v, want %q", line, got, err, want)
		}
	}
	for _, line := range []string{"", "  ", "''", "'a", `a "b`, `a\`} {
		if got, err := Words(line); err == nil {
			t.Errorf("%q: got %q, want an error", line, got)
		}
	}
}

// TestWordsOfQuotedWords: words in single quotes come back as they were.
func TestWordsOfQuotedWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.String(), 1, 5).Draw(t, "words")
		if words[0] == "" {
			words[0] = "x"
		}
		var line []string
		for _, w := range words {
			line = append(line, "'"+strings.ReplaceAll(w, "'", `'\''`)+"'")
		}
		if got, err := Words(strings.Join(line, " ")); err != nil || !slices.Equal(got, words) {
			t.Fatalf("got %q, %v, want %q", got, err, words)
		}
	})
}

// FuzzDecode: whatever a server answers, the door neither panics nor makes something known of what is no answer.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"response":{"as_json":"{}"}}`, `{"response":"{\"a\":1}"}`, `{"error":"x"}`, `[]`, `{"response":{"status_code":500}}`, `{"metadata":{}}`} {
		f.Add(seed)
	}
	call := account.FunctionCode("f", "LIVE").Call
	f.Fuzz(func(t *testing.T, answer string) {
		page, _, err := decode(call, "aws", []byte(answer))
		if err == nil {
			if _, ok := page["FunctionCode"].(string); !ok {
				t.Errorf("%s became %v", answer, page)
			}
		}
	})
}
