package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cfdoctor/internal/apply"
	"cfdoctor/internal/blackbox"
	"cfdoctor/internal/causes"
	"cfdoctor/internal/doctor"
	"cfdoctor/internal/mcpserver"
	"cfdoctor/internal/probe"
	"cfdoctor/internal/report"
	"cfdoctor/internal/source"
	"cfdoctor/internal/ui"
)

type mcpOptions struct {
	source  sourceFlags
	probing probingFlags

	http    string
	bundles string
	apply   bool
}

func newMCP(streams *ui.Streams) *cobra.Command {
	o := &mcpOptions{}
	cmd := &cobra.Command{
		Use:   "mcp",
		Short: "Serve cfdoctor's tools to an agent (Model Context Protocol)",
		Long: `Serve the tools diagnose_distribution, simulate_request, plan_fix, explain_cause, list_distributions, probe_url, capture_bundle and get_details to an MCP
client, on standard input and output, or with --http as streamable HTTP on this machine alone.

The flags choose the account, or with --from a recording, for the whole server: no tool can choose another. Nothing is changed, but with --allow-apply by the tool apply_fix: it shows the person at the client what changes and asks,
and where the client cannot ask it refuses.`,
		Example: `  cfdoctor mcp
  cfdoctor mcp --profile production --region us-east-1
  cfdoctor mcp --from account.json --http 127.0.0.1:8765`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), streams) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.http, "http", "", "serve streamable HTTP on this address of this machine, such as 127.0.0.1:8765, instead of standard input and output")
	flags.StringVar(&o.bundles, "bundles", "", "a folder of recordings that tools may read, and write new ones to; without it they touch no files")
	flags.BoolVar(&o.apply, "allow-apply", false, "add the tool apply_fix, which changes the account after the person at the client has agreed, each time")
	flags.BoolVarP(&streams.Quiet, "quiet", "q", false, "say nothing on standard error")
	o.probing.add(flags)
	o.source.add(flags)
	return cmd
}

func (o *mcpOptions) run(ctx context.Context, streams *ui.Streams) error {
	if o.bundles != "" {
		if info, err := os.Stat(o.bundles); err != nil || !info.IsDir() {
			return usage("give a folder that is there", "--bundles %q is no folder", o.bundles)
		}
	}
	if _, err := o.probing.options(); err != nil {
		return err
	}
	dependencies := o.source.look(streams)
	if o.apply && o.source.from != "" {
		return usage("leave one of them out", "--allow-apply changes an account, and --from reads a recording")
	}
	room := mcpserver.Room{
		Version: Version(), Open: o.source.open, Diagnose: o.diagnose(streams, dependencies), Dependencies: dependencies, Probe: o.probe,
		Bundles: o.bundles, Timeout: o.source.timeout,
	}
	if o.apply {
		room.Prepare = o.prepare
	}
	server := mcpserver.New(room)
	if o.http == "" {
		return mcpserver.Serve(ctx, server, streams.In, streams.Out)
	}
	l, err := mcpserver.Listen(ctx, o.http)
	if err != nil {
		return err
	}
	if !streams.Quiet {
		streams.Warn("serving MCP at http://%s/", l.Addr())
	}
	return mcpserver.ServeHTTP(ctx, server, l)
}

// diagnose is the same as the commands diagnose and simulate.
func (o *mcpOptions) diagnose(streams *ui.Streams, dependencies []report.Dependency) func(context.Context, source.Source, time.Time, doctor.Question, bool, doctor.Observer) (*doctor.Case, error) {
	return func(ctx context.Context, src source.Source, now time.Time, q doctor.Question, simulate bool, observer doctor.Observer) (*doctor.Case, error) {
		active := activeFlags{on: q.Active, probing: o.probing}
		both, contact, err := active.beside(streams, src)
		if err != nil {
			return nil, err
		}
		if q.Active {
			defer both.Close()
		}
		observer.Contact = contact
		d := &doctor.Doctor{Version: Version(), Observer: observer}
		if !simulate {
			d.Catalogue, d.Dependencies = causes.All(), dependencies
		}
		return d.Diagnose(ctx, both, now, q)
	}
}

// probe is the same as the command probe.
func (o *mcpOptions) probe(ctx context.Context, t blackbox.Target) (*blackbox.Report, error) {
	options, err := o.probing.options()
	if err != nil {
		return nil, err
	}
	door, err := probe.New(options)
	if err != nil {
		return nil, fmt.Errorf("make ready to probe: %w", err)
	}
	defer door.Close()
	t.Pinned = pinned(options, t.Request.Host)
	r := t.Read(look(ctx, door, t), Version())
	return r, ctx.Err()
}

// prepare gets a fix ready as "fix --apply" does: everything is read again, nothing is changed.
func (o *mcpOptions) prepare(ctx context.Context, c *doctor.Case, p doctor.Planned) (*mcpserver.Application, error) {
	now := time.Now().UTC()
	changing := fixOptions{source: o.source}
	api, account, err := changing.openForChanges(ctx)
	if err != nil {
		return nil, err
	}
	defer api.Close()
	if known := c.Report.Source.Account; known != "" && known != account {
		return nil, fmt.Errorf("the diagnosis is of account %s, and the credentials are those of %s", known, account)
	}
	stamp := now.Format("20060102T150405Z")
	prepared, err := apply.Prepare(ctx, p.Fix, c.Model.ID(), "cfdoctor-"+stamp, api)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be applied, nothing has been changed: %w", p.ID, err)
	}
	j := apply.NewJournal(p.Fix.Title, account, now, prepared)
	if _, all := j.Made(); all == 0 {
		return nil, errors.New("everything is as wanted already: there is nothing to change")
	}
	out := &mcpserver.Application{Make: func(ctx context.Context) (string, error) { return o.forward(ctx, j, stamp) }}
	for _, d := range prepared.Diff() {
		out.Diff = append(out.Diff, report.DiffLine{Resource: d.Resource, Path: d.Path, Old: d.Old, New: d.New})
	}
	return out, nil
}

// forward makes the changes of a journal, which is kept among the person's own files.
func (o *mcpOptions) forward(ctx context.Context, j *apply.Journal, stamp string) (string, error) {
	folder, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("keep the state before the change, nothing has been changed: %w", err)
	}
	folder = filepath.Join(folder, "cfdoctor", "applied")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("keep the state before the change, nothing has been changed: %w", err)
	}
	if err := j.Create(filepath.Join(folder, "cfdoctor-fix-"+stamp+".json")); err != nil {
		return "", fmt.Errorf("keep the state before the change, nothing has been changed: %w", err)
	}
	changing := fixOptions{source: o.source}
	api, account, err := changing.openForChanges(ctx)
	if err != nil {
		return "", err
	}
	defer api.Close()
	if account != j.Account {
		return "", fmt.Errorf("the credentials are now those of account %s, not of %s; nothing has been changed", account, j.Account)
	}
	var said []string
	runner := &apply.Runner{API: api, Say: func(line string) { said = append(said, line) }, Asked: true}
	err = runner.Forward(ctx, j)
	made, all := j.Made()
	back := fmt.Sprintf("%d of %d changes are made. The way back, for the person: cfdoctor fix --rollback %s", made, all, j.Path())
	if err != nil {
		return "", fmt.Errorf("%w. %s", err, back)
	}
	return strings.Join(append(said, "Changed and read again: all is as wanted.", back), "\n"), nil
}
