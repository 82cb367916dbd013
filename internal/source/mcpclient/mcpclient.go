// Package mcpclient is the door to an account through an MCP server that has the tool call_aws: the AWS API MCP server, the managed AWS MCP Server
// (which names it aws___call_aws), or a gateway in front of one of them.
//
// Commands go to the server as lines of text, several at once where its tool takes a list, and come back in the JSON shape that all doors answer in.
package mcpclient

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source"
	"cfdoctor/internal/source/awscommand"
	"cfdoctor/internal/source/pages"
)

// Options choose the server, by one of Command, URL and Transport, and the account.
type Options struct {
	Command   []string      // a program that speaks MCP on its standard input and output, with its arguments
	URL       string        // a server that speaks streamable HTTP
	Transport mcp.Transport // any other way to a server

	Profile     string // for the server's commands; "" leaves it to the server
	Region      string // where calls without a Region of their own go; "" leaves it to the server
	EndpointURL string

	Patience time.Duration // how long one request to the server may take; 0 is a minute
	Version  string        // of cfdoctor, for the server's logs
}

// Source reads an account through an MCP server. It is safe for concurrent use.
type Source struct {
	options  awscommand.Options
	patience time.Duration
	server   *server
	tool     tool
	queue    chan *request
	workers  sync.WaitGroup

	mu    sync.Mutex
	notes map[string]note // what the server would not do, by the call's name
}

var _ source.Source = (*Source)(nil)

// Open starts the server or connects to it, and looks for the tool. No call to the account is made. The error is a [*ServerError] where there
// is no server, or it has no such tool.
func Open(ctx context.Context, o Options) (*Source, error) {
	s := &Source{
		options:  awscommand.Options{Profile: o.Profile, Region: o.Region, EndpointURL: o.EndpointURL},
		patience: o.Patience, queue: make(chan *request, queued), notes: map[string]note{},
	}
	if s.patience <= 0 {
		s.patience = time.Minute
	}
	var err error
	if s.server, err = connect(ctx, o); err != nil {
		return nil, err
	}
	if s.tool, err = s.server.findTool(ctx); err != nil {
		s.server.close()
		return nil, err
	}
	for range workers {
		s.workers.Go(s.work)
	}
	return s, nil
}

// Do implements [source.Source].
func (s *Source) Do(ctx context.Context, call evidence.Call) (jsontext.Value, error) {
	if !account.Reads(call) {
		return nil, fmt.Errorf("%s is not among the calls that cfdoctor makes", call.Name())
	}
	answer, err := s.pages(ctx, call)
	if err != nil {
		s.complain(call, err)
		return nil, fmt.Errorf("%s: %w", call.Name(), err)
	}
	return answer, nil
}

// pages asks for a call's answer, and for the rest of it where the server gave only a part.
func (s *Source) pages(ctx context.Context, call evidence.Call) (jsontext.Value, error) {
	merger := pages.Merge(call.Name())
	_, firstPageOnly := pages.Size(call.Name())
	resume := ""
	for {
		line, err := awscommand.Line(call, s.options, resume)
		if err != nil {
			return nil, err
		}
		page, more, err := s.ask(ctx, call, line)
		if err != nil {
			return nil, err
		}
		if firstPageOnly {
			pages.SetTruncated(call.Name(), page, more != "")
			return json.Marshal(page, json.Deterministic(true))
		}
		token := more
		if token == "" {
			token = merger.Token(page)
		}
		if err := merger.Add(page, token); err != nil {
			return nil, err
		}
		switch {
		case token == "":
			return json.Marshal(merger.Merged, json.Deterministic(true))
		case more != "":
			resume = more
		default: // the server does not merge this operation's pages
			call.Params = maps.Clone(call.Params)
			call.Params[merger.Input()] = token
		}
	}
}

// ask sends one command and decodes its answer.
func (s *Source) ask(ctx context.Context, call evidence.Call, line string) (page map[string]any, more string, err error) {
	answer, err := s.send(ctx, line)
	if err != nil {
		return nil, "", err
	}
	return decode(call, line, answer)
}

// About implements [source.Source].
func (s *Source) About() source.About {
	return source.About{Kind: "mcp", Detail: s.server.name + ", " + s.tool.name}
}

// Close implements [source.Source]. It ends the server if [Open] has started it.
func (s *Source) Close() error {
	s.server.stop()
	s.workers.Wait()
	return s.server.close()
}
