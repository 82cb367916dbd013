package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cfdoctor/internal/blackbox"
	"cfdoctor/internal/collect"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/probe"
	"cfdoctor/internal/render"
	"cfdoctor/internal/ui"
)

type probeOptions struct {
	probing probingFlags

	method  string
	headers []string
	follow  bool
	timeout time.Duration
	output  string
	verbose bool
}

func newProbe(streams *ui.Streams) *cobra.Command {
	o := &probeOptions{}
	cmd := &cobra.Command{
		Use:   "probe URL",
		Short: "Look at a URL from outside, without an account: who made the error?",
		Long: `Look at a URL as any viewer may: where its name leads, the handshake with the edge, the answer and who made it, redirects, and the cache.
No AWS account is needed. A few requests are sent (GET, HEAD or OPTIONS), and before that standard error says to whom.

Exit status: 0 all is fine, 1 an error was seen, 2 nobody could look.`,
		Example: `  cfdoctor probe https://www.example.com/images/logo.png
  cfdoctor probe https://www.example.com/ --resolve www.example.com:443:192.0.2.1 -o json
  cfdoctor probe https://api.example.com/items --method OPTIONS --header 'Origin: https://app.example.com'`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return nil
			}
			return usage(`see "cfdoctor probe --help"`, "probe takes one URL, got %d", len(args))
		},
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), streams, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.method, "method", "GET", "HTTP method: GET, HEAD or OPTIONS")
	flags.StringArrayVarP(&o.headers, "header", "H", nil, "a request header, 'Name: value'; 'Name:' means that the request has no such header")
	flags.BoolVar(&o.follow, "follow", false, "follow redirects to other hosts too")
	flags.DurationVar(&o.timeout, "timeout", time.Minute, "limit for the whole run")
	flags.StringVarP(&o.output, "output", "o", "text", "text or json")
	o.probing.add(flags)
	addTerminalFlags(flags, streams, &o.verbose)
	return cmd
}

func (o *probeOptions) run(ctx context.Context, streams *ui.Streams, given string) error {
	target, err := o.target(given)
	if err != nil {
		return err
	}
	options, err := o.probing.options()
	if err != nil {
		return err
	}
	target.Pinned = pinned(options, target.Request.Host)
	options.Header = o.credentials(target)
	door, err := probe.New(options)
	if err != nil {
		return err
	}
	defer door.Close()
	streams.Warn("asking %s", o.contacts(target))
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	r := target.Read(look(ctx, door, target), Version())
	err = render.Probe(streams.Out, o.output, r, render.Options{Width: streams.Width, Color: streams.Color(streams.OutTTY), Verbose: o.verbose})
	if err != nil {
		return err
	}
	switch r.State {
	case blackbox.Failing:
		return foundError{}
	case blackbox.Unknown:
		return errors.New(r.Verdict)
	}
	return nil
}

// target reads the URL and the rest of the request.
func (o *probeOptions) target(given string) (blackbox.Target, error) {
	if o.output != "text" && o.output != "json" {
		return blackbox.Target{}, usage("give text or json", "there is no output format %q for probe", o.output)
	}
	t, err := blackbox.Parse(given)
	if err != nil {
		return t, usage("give a URL such as https://www.example.com/path", "%w", err)
	}
	t.AnyHost = o.follow
	t.Request.Method = strings.ToUpper(o.method)
	if !slices.Contains([]string{"GET", "HEAD", "OPTIONS"}, t.Request.Method) {
		return t, usage("give GET, HEAD or OPTIONS", "--method %q may change something, and probes do not", o.method)
	}
	host := t.Request.Host
	if err := (&requestFlags{headers: o.headers}).setHeaders(&t.Request); err != nil {
		return t, err
	}
	if t.Request.Host != host {
		return t, usage("name the host in the URL, and its address with --resolve", "--header cannot change the host")
	}
	return t, nil
}

// credentials gives the values of secret headers that the person named, for the host that the person named.
func (o *probeOptions) credentials(t blackbox.Target) func(host, name string) (string, bool) {
	return func(host, name string) (string, bool) {
		if host != t.Request.Host {
			return "", false
		}
		return t.Request.Header(name)
	}
}

// contacts says whom a probe talks to.
func (o *probeOptions) contacts(t blackbox.Target) string {
	host, port := t.Request.Host, strconv.Itoa(t.Port)
	whom := []string{host + " on port " + port}
	if t.Request.Scheme == "https" && t.Port == observed.PortHTTPS {
		whom = append(whom, "and port 80 for plain HTTP")
	}
	if _, err := netip.ParseAddr(host); err != nil && !t.Pinned {
		whom = append(whom, askedResolvers())
	}
	if o.follow {
		whom = append(whom, "whatever it redirects to")
	}
	return fmt.Sprintf("%s: names, TLS handshakes, %s requests", strings.Join(whom, ", "), t.Request.Method)
}

// maxProbeRounds bounds how often answers lead to new questions: redirects, mostly.
const maxProbeRounds = 20

// look asks what the target wants to know, until its answers raise no new question.
func look(ctx context.Context, door *probe.Door, t blackbox.Target) *evidence.World {
	collector := collect.New(door, time.Now().UTC(), collect.Options{})
	world := collector.Wait()
	for range maxProbeRounds {
		before := collector.Stats().Calls
		collector.Want(ctx, t.Questions(world)...)
		world = collector.Wait()
		if collector.Stats().Calls == before {
			break
		}
	}
	return world
}
