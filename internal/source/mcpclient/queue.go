package mcpclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	workers = 4   // requests to the server that are under way at once
	batch   = 8   // commands in one request; the AWS API MCP server takes 20
	queued  = 256 // commands that wait for a worker
)

// request is one command on its way to the server.
type request struct {
	line   string
	ctx    context.Context
	answer chan<- answered // has room for the answer
}

type answered struct {
	item jsontext.Value
	err  error
}

// send queues a command and waits for its answer.
func (s *Source) send(ctx context.Context, line string) (jsontext.Value, error) {
	answers := make(chan answered, 1)
	select {
	case s.queue <- &request{line, ctx, answers}:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.server.ended:
		return nil, s.server.failure()
	}
	select {
	case a := <-answers:
		return a.item, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.server.ended:
		select {
		case a := <-answers: // it came before the end
			return a.item, a.err
		default:
			return nil, s.server.failure()
		}
	}
}

// work sends what is queued until the server has ended: one command where one waits, more where more have gathered meanwhile.
func (s *Source) work() {
	for {
		select {
		case first := <-s.queue:
			s.exchange(s.gather(first))
		case <-s.server.ended:
			return
		}
	}
}

// gather takes what waits with a command, as much as the tool takes, without those that nobody waits for any more.
func (s *Source) gather(first *request) []*request {
	out := []*request{first}
	for s.tool.takesLists && len(out) < batch {
		select {
		case next := <-s.queue:
			if next.ctx.Err() == nil {
				out = append(out, next)
			}
		default:
			return out
		}
	}
	return out
}

// exchange makes one request to the server and hands out its answers. Where a request of several fails as a whole, each command is asked alone:
// the failure may be one's only.
func (s *Source) exchange(requests []*request) {
	lines := make([]string, len(requests))
	for i, r := range requests {
		lines[i] = r.line
	}
	items, err := s.call(lines)
	if err != nil && len(requests) > 1 && !s.server.isEnded() {
		for _, r := range requests {
			s.exchange([]*request{r})
		}
		return
	}
	for i, r := range requests {
		a := answered{err: err}
		if err == nil {
			a.item = items[i]
		}
		r.answer <- a
	}
}

// call asks the tool for commands and returns an answer for each.
func (s *Source) call(lines []string) ([]jsontext.Value, error) {
	ctx, cancel := context.WithTimeout(s.server.life, s.patience)
	defer cancel()
	sent := time.Now()
	result, err := s.server.callTool(ctx, s.tool.name, s.tool.arguments(lines))
	if err != nil {
		if s.server.isEnded() {
			return nil, s.server.failure()
		}
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = fmt.Errorf("the MCP server did not answer within %v", s.patience)
			s.server.giveUp(sent, err)
		}
		return nil, err
	}
	return itemsOf(result, lines)
}
