package mcpclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	// startPatience is how long a server may take to start and to tell its tools: uvx downloads a server before it starts it.
	startPatience = 90 * time.Second
	// stopPatience is how long a server may take to end once nobody needs it any more.
	stopPatience = 2 * time.Second
)

// server is a connection to an MCP server.
type server struct {
	name    string // as the server calls itself, or as it was given
	session *mcp.ClientSession
	process *process // nil where the server was not started here

	life  context.Context // ends with the connection
	stop  context.CancelFunc
	ended <-chan struct{} // closed with the connection, or when the server is given up

	mu       sync.Mutex
	why      error     // why it ended
	answered time.Time // when the last answer came
}

// connect starts a server or connects to it.
func connect(ctx context.Context, o Options) (*server, error) {
	s := &server{}
	s.life, s.stop = context.WithCancel(context.Background())
	s.ended = s.life.Done()
	transport, err := s.transport(o)
	if err != nil {
		s.stop()
		return nil, err
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "cfdoctor", Version: o.Version}, &mcp.ClientOptions{Capabilities: &mcp.ClientCapabilities{}})
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	session, err := client.Connect(ctx, transport, nil)
	if s.process != nil {
		s.process.started()
	}
	if err != nil {
		s.stop()
		return nil, s.unreachable(ctx, err)
	}
	s.session = session
	if info := session.InitializeResult(); info != nil && info.ServerInfo != nil && info.ServerInfo.Name != "" {
		s.name = strings.TrimSpace(info.ServerInfo.Name + " " + info.ServerInfo.Version)
	}
	go func() {
		s.end(session.Wait())
	}()
	return s, nil
}

func (s *server) transport(o Options) (mcp.Transport, error) {
	switch {
	case len(o.Command) > 0:
		s.name = filepath.Base(o.Command[0])
		process, err := newProcess(o.Command)
		if err != nil {
			return nil, err
		}
		s.process = process
		return &mcp.CommandTransport{Command: process.cmd, TerminateDuration: stopPatience}, nil
	case o.URL != "":
		s.name = o.URL
		return &mcp.StreamableClientTransport{Endpoint: o.URL, DisableStandaloneSSE: true, MaxRetries: 1, HTTPClient: &http.Client{}}, nil
	}
	s.name = "the MCP server"
	return o.Transport, nil
}

// unreachable says why there is no connection.
func (s *server) unreachable(ctx context.Context, err error) error {
	if s.process != nil {
		s.process.kill()
	}
	e := &ServerError{Server: s.name, Err: err}
	switch {
	case errors.Is(err, exec.ErrNotFound):
		e.What = "there is no such program on PATH"
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		e.What = fmt.Sprintf("it did not begin to speak MCP within %v", startPatience)
	case ctx.Err() != nil:
		return ctx.Err()
	default:
		e.What = oneLine(err.Error())
	}
	if said := s.said(); said != "" {
		e.What += lastWords + said
	}
	return e
}

// findTool lists the server's tools and picks the one to use.
func (s *server) findTool(ctx context.Context) (tool, error) {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	var tools []*mcp.Tool
	for t, err := range s.session.Tools(ctx, nil) {
		if err != nil {
			return tool{}, &ServerError{Server: s.name, What: "it does not list its tools: " + oneLine(err.Error()), Err: err}
		}
		tools = append(tools, t)
	}
	found, err := pick(tools)
	if err != nil {
		return tool{}, &ServerError{Server: s.name, What: err.Error(), Err: err}
	}
	return found, nil
}

func (s *server) callTool(ctx context.Context, name string, arguments map[string]any) (*mcp.CallToolResult, error) {
	result, err := s.session.CallTool(ctx, &mcp.CallToolParams{Name: name, Arguments: arguments})
	if err == nil {
		s.mu.Lock()
		s.answered = time.Now()
		s.mu.Unlock()
	}
	// An error that is no answer of the server, nor the end of somebody's patience, is the end of a connection over pipes; over HTTP it may be
	// one request's only.
	var said *jsonrpc.Error
	if err != nil && ctx.Err() == nil && !errors.As(err, &said) && (s.process != nil || errors.Is(err, mcp.ErrConnectionClosed)) {
		s.end(err)
	}
	return result, err
}

// end notes that the connection is over, and why.
func (s *server) end(why error) {
	said := s.said() // before the lock: its end can keep one waiting
	s.mu.Lock()
	if s.why == nil {
		s.why = &endedError{server: s.name, said: said, err: why}
	}
	s.mu.Unlock()
	s.stop()
}

// giveUp ends the connection to a server that has answered nothing since a request was sent: more requests would only wait as long.
func (s *server) giveUp(since time.Time, why error) {
	s.mu.Lock()
	silent := s.answered.Before(since)
	if silent && s.why == nil {
		s.why = why
	}
	s.mu.Unlock()
	if silent {
		s.stop()
	}
}

func (s *server) isEnded() bool { return s.life.Err() != nil }

// failure says why the connection is over.
func (s *server) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.why == nil {
		return &endedError{server: s.name, err: errors.New("the connection was closed")}
	}
	return s.why
}

// said is what a server that was started here, and ends, said last on its standard error.
func (s *server) said() string {
	if s.process == nil {
		return ""
	}
	return s.process.said()
}

// close ends the connection, and the server if it was started here.
func (s *server) close() error {
	s.stop()
	closed := make(chan struct{})
	go func() {
		_ = s.session.Close() // a server that is gone already, or ends with an error when told to, has done its work
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(2 * stopPatience):
	}
	if s.process != nil {
		s.process.kill()
	}
	return nil
}
