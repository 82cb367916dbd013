package cli

import (
	"context"
	"time"

	"github.com/spf13/pflag"

	"cfdoctor/internal/preflight"
	"cfdoctor/internal/report"
	"cfdoctor/internal/source"
	"cfdoctor/internal/source/awscli"
	"cfdoctor/internal/source/bundle"
	"cfdoctor/internal/source/mcpclient"
	"cfdoctor/internal/source/sdk"
	"cfdoctor/internal/ui"
)

// sourceFlags choose the door to the account.
type sourceFlags struct {
	from, kind                string
	profile, region, endpoint string
	mcpCommand, mcpURL        string
	timeout                   time.Duration
}

func (f *sourceFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.from, "from", "", "read a recording (bundle) instead of an account; no credentials, no network")
	flags.StringVar(&f.kind, "source", "sdk", "door to the account: sdk (the AWS SDK), cli (the aws program) or mcp (an MCP server that has call_aws)")
	flags.StringVar(&f.mcpCommand, "mcp-command", "", "the MCP server for --source mcp, a program with its arguments, such as 'uvx awslabs.aws-api-mcp-server@latest'")
	flags.StringVar(&f.mcpURL, "mcp-url", "", "the MCP server for --source mcp, by its address (streamable HTTP)")
	flags.StringVar(&f.profile, "profile", "", "AWS profile")
	flags.StringVar(&f.region, "region", "", "AWS Region")
	flags.StringVar(&f.endpoint, "endpoint-url", "", "AWS endpoint, for emulators")
	flags.DurationVar(&f.timeout, "timeout", 2*time.Minute, "limit for the whole run")
}

// open opens the door, with the clock that a diagnosis through it has.
func (f *sourceFlags) open(ctx context.Context) (source.Source, time.Time, error) {
	if f.from != "" {
		b, err := bundle.Open(f.from)
		if err != nil {
			return nil, time.Time{}, err
		}
		return b, b.CapturedAt, nil
	}
	src, err := f.openAccount(ctx)
	return src, time.Now().UTC(), err
}

func (f *sourceFlags) openAccount(ctx context.Context) (source.Source, error) {
	if f.kind != "mcp" && (f.mcpCommand != "" || f.mcpURL != "") {
		return nil, usage("add --source mcp", "--mcp-command and --mcp-url name the server of --source mcp")
	}
	switch f.kind {
	case "sdk":
		return opened(sdk.Open(ctx, sdk.Options{Profile: f.profile, Region: f.region, EndpointURL: f.endpoint}))
	case "cli":
		return opened(awscli.Open(ctx, awscli.Options{Profile: f.profile, Region: f.region, EndpointURL: f.endpoint}))
	case "mcp":
		return f.openMCP(ctx)
	}
	return nil, usage("give sdk, cli or mcp", "there is no door %q to an account", f.kind)
}

func (f *sourceFlags) openMCP(ctx context.Context) (source.Source, error) {
	o := mcpclient.Options{URL: f.mcpURL, Profile: f.profile, Region: f.region, EndpointURL: f.endpoint, Version: Version()}
	switch {
	case (f.mcpCommand == "") == (f.mcpURL == ""):
		return nil, usage("give --mcp-command 'uvx awslabs.aws-api-mcp-server@latest', or --mcp-url URL", "--source mcp needs one MCP server")
	case f.mcpCommand != "":
		words, err := mcpclient.Words(f.mcpCommand)
		if err != nil {
			return nil, usage("give a program with its arguments, quoted as in a shell", "--mcp-command %q: %w", f.mcpCommand, err)
		}
		o.Command = words
	}
	return opened(mcpclient.Open(ctx, o))
}

// opened makes a door of what an Open returns: no door, not even an empty one, where there is an error.
func opened[S source.Source](src S, err error) (source.Source, error) {
	if err != nil {
		return nil, err
	}
	return src, nil
}

// connected settles the dependencies that only the opened door could tell.
func connected(deps []report.Dependency, door source.Source) []report.Dependency {
	server, ok := door.(interface{ Tools() []string })
	if !ok {
		return deps
	}
	return preflight.WithTools(deps, server.Tools())
}

// sayRefused tells what a door would not do although the account might have allowed it.
func sayRefused(ctx context.Context, streams *ui.Streams, src source.Source) {
	door, ok := src.(interface {
		Notes(context.Context) []string
	})
	if !ok || streams.Quiet {
		return
	}
	for _, line := range door.Notes(ctx) {
		streams.Warn("%s", line)
	}
}
