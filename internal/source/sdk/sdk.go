// Package sdk is the door to an account through the AWS SDK for Go.
//
// Credentials, Regions, endpoints and retries come from the places where the AWS CLI looks: profiles, SSO sessions, roles, containers,
// instance metadata, environment variables. Answers come out in the JSON shape that the AWS CLI prints.
package sdk

import (
	"context"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source"
	"cfdoctor/internal/source/pages"
)

// Options choose the account and the way to it. The zero value does as the AWS CLI does without flags.
type Options struct {
	Profile     string         // a profile of the AWS config files; "" is AWS_PROFILE or "default"
	Region      string         // where calls without a Region of their own go; "" is the configured one, then us-east-1
	EndpointURL string         // replaces every service's endpoint; "" leaves AWS_ENDPOINT_URL and the config files in charge
	HTTPClient  aws.HTTPClient // nil is the SDK's own
	MaxAttempts int            // attempts a call, the first included; 0 is the configured number, then 4
}

// Source reads an account through the SDK. It is safe for concurrent use.
type Source struct {
	cfg     aws.Config
	options Options
	byName  map[string]operation

	mu      sync.Mutex
	clients map[place]any
	buckets map[string]string // Region by bucket, as far as S3 has redirected to it
}

var _ source.Source = (*Source)(nil)

// Open finds configuration and credentials. It fails with an error that is [ErrNoCredentials] where there are none to be had;
// it makes no call to the account.
func Open(ctx context.Context, options Options) (*Source, error) {
	cfg, err := loadConfig(ctx, options)
	if err != nil {
		return nil, err
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return nil, credentialsError(options.Profile, err)
	}
	s := &Source{
		cfg: cfg, options: options, byName: make(map[string]operation, len(operations)),
		clients: map[place]any{}, buckets: map[string]string{},
	}
	for _, op := range operations {
		s.byName[op.service+":"+op.name] = op
	}
	return s, nil
}

// Do implements [source.Source].
func (s *Source) Do(ctx context.Context, call evidence.Call) (jsontext.Value, error) {
	op, ok := s.byName[call.Name()]
	if !ok {
		return nil, fmt.Errorf("%s is not among the calls that cfdoctor makes", call.Name())
	}
	params := make(map[string]any, len(call.Params)+1)
	for name, value := range call.Params {
		params[name] = value
	}
	merger := pages.Merge(call.Name())
	for {
		page, err := s.page(ctx, op, call, params)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", call.Name(), err)
		}
		token := merger.Token(page)
		if err := merger.Add(page, token); err != nil {
			return nil, fmt.Errorf("%s: %w", call.Name(), err)
		}
		if token == "" {
			return json.Marshal(merger.Merged, json.Deterministic(true))
		}
		params[merger.Input()] = token
	}
}

// page makes one call of the API.
func (s *Source) page(ctx context.Context, op operation, call evidence.Call, params map[string]any) (map[string]any, error) {
	in, err := json.Marshal(params)
	if err != nil {
		return nil, fmt.Errorf("encode the params: %w", err)
	}
	at := place{op.service, s.regionOf(call)}
	out, err := op.call(ctx, s, at, in)
	if to := s.redirected(call, at.region, err); to != "" {
		out, err = op.call(ctx, s, place{op.service, to}, in)
	}
	if err != nil {
		return nil, problemOf(op.name, err)
	}
	tree := shape(call, out)
	addNewer(out, tree)
	return tree, nil
}

// About implements [source.Source].
func (s *Source) About() source.About {
	detail := "AWS SDK for Go, Region " + s.cfg.Region
	if s.options.Profile != "" {
		detail = "profile " + s.options.Profile + ", Region " + s.cfg.Region
	}
	return source.About{Kind: "sdk", Detail: detail}
}

// Close implements [source.Source].
func (s *Source) Close() error { return nil }

// client returns the client for a place, made on first use.
func (s *Source) client(at place, create func(aws.Config) any) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	client, ok := s.clients[at]
	if !ok {
		cfg := s.cfg.Copy()
		cfg.Region = at.region
		client = create(cfg)
		s.clients[at] = client
	}
	return client
}
