// Package awscli is the door to an account through the installed aws program, version 1 or 2, with whatever profiles, SSO sessions and
// credential helpers it is set up with.
//
// Commands are argument vectors, never a shell's. What the program prints is already the JSON shape that all doors answer in.
package awscli

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source"
	"cfdoctor/internal/source/awscommand"
	"cfdoctor/internal/source/pages"
)

// Options choose the program and the account. The zero value is the aws on PATH with its own configuration.
type Options struct {
	Profile     string
	Region      string // where calls without a Region of their own go
	EndpointURL string
	Program     string        // name or path of the program; "" is aws
	Limit       int           // programs that run at once; 0 is twice the processors, at most 8
	Patience    time.Duration // how long one program may run; 0 is a minute
}

// Source reads an account through the aws program. It is safe for concurrent use.
type Source struct {
	options  awscommand.Options
	path     string
	version  string
	patience time.Duration
	env      []string
	gate     chan struct{}

	mu     sync.Mutex
	region string // used where the configuration turned out to have none
}

var _ source.Source = (*Source)(nil)

// Open finds the program and asks it for its version; no call to the account is made. The error is a [*ProgramError] where there is no
// program, or it does not run.
func Open(ctx context.Context, o Options) (*Source, error) {
	s := &Source{
		options:  awscommand.Options{Profile: o.Profile, Region: o.Region, EndpointURL: o.EndpointURL},
		patience: o.Patience, env: environment(os.Environ()),
	}
	if s.patience <= 0 {
		s.patience = time.Minute
	}
	s.gate = make(chan struct{}, limit(o.Limit))
	var err error
	if s.path, err = find(o.Program); err != nil {
		return nil, err
	}
	if s.version, err = s.askVersion(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Do implements [source.Source].
func (s *Source) Do(ctx context.Context, call evidence.Call) (jsontext.Value, error) {
	answer, err := s.answer(ctx, call)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", call.Name(), err)
	}
	return answer, nil
}

// answer asks for all pages that the program itself does not merge.
func (s *Source) answer(ctx context.Context, call evidence.Call) (jsontext.Value, error) {
	if !account.Reads(call) {
		return nil, errors.New("it is not among the calls that cfdoctor makes")
	}
	merger := pages.Merge(call.Name())
	for {
		printed, err := s.ask(ctx, call)
		if err != nil {
			return nil, err
		}
		adjust := adjustments[call.Name()]
		if merger.Input() == "" && adjust == nil {
			return printed, nil
		}
		page, err := pages.Tree(printed)
		if err != nil {
			return nil, err
		}
		if adjust != nil {
			adjust(page)
		}
		token := merger.Token(page)
		if err := merger.Add(page, token); err != nil {
			return nil, err
		}
		if token == "" {
			return json.Marshal(merger.Merged, json.Deterministic(true))
		}
		call.Params = maps.Clone(call.Params)
		call.Params[merger.Input()] = token
	}
}

// ask runs the program once, or twice where the configuration has no Region and the call needs one.
func (s *Source) ask(ctx context.Context, call evidence.Call) (jsontext.Value, error) {
	out, err := s.command(ctx, call, s.withRegion())
	if errors.Is(err, errNoRegion) {
		s.mu.Lock()
		s.region = account.GlobalRegion
		s.mu.Unlock()
		out, err = s.command(ctx, call, s.withRegion())
	}
	return out, err
}

func (s *Source) withRegion() awscommand.Options {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.options
	if o.Region == "" {
		o.Region = s.region
	}
	return o
}

// command runs the program for one command and reads what it prints.
func (s *Source) command(ctx context.Context, call evidence.Call, o awscommand.Options) (jsontext.Value, error) {
	body := awscommand.Streams(call)
	if body == "" {
		args, err := awscommand.Args(call, o, "")
		if err != nil {
			return nil, err
		}
		return s.run(ctx, args)
	}
	dir, err := os.MkdirTemp("", "cfdoctor-") // mode 0700
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "body")
	args, err := awscommand.Args(call, o, file)
	if err != nil {
		return nil, err
	}
	printed, err := s.run(ctx, args)
	if err != nil {
		return nil, err
	}
	return withBody(printed, body, file)
}

// withBody puts what the program wrote to a file into the answer.
func withBody(printed jsontext.Value, member, file string) (jsontext.Value, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the aws program did not write the %s: %w", member, err)
	}
	answer, err := pages.Tree(printed)
	if err != nil {
		return nil, err
	}
	answer[member] = base64.StdEncoding.EncodeToString(data)
	return json.Marshal(answer, json.Deterministic(true))
}

// About implements [source.Source].
func (s *Source) About() source.About {
	detail := s.version
	if s.options.Profile != "" {
		detail += ", profile " + s.options.Profile
	}
	if s.options.Region != "" {
		detail += ", Region " + s.options.Region
	}
	return source.About{Kind: "cli", Detail: detail}
}

// Close implements [source.Source].
func (s *Source) Close() error { return nil }
