package cli

import (
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/spf13/pflag"

	"cfdoctor/internal/active"
	"cfdoctor/internal/doctor"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/probe"
	"cfdoctor/internal/source"
	"cfdoctor/internal/ui"
)

// probingFlags say where probes may go and whom they trust.
type probingFlags struct {
	resolve []string
	caFiles []string
}

func (f *probingFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.resolve, "resolve", nil, "use this address for a host in probes, HOST:PORT:ADDRESS as in curl; repeatable")
	flags.StringArrayVar(&f.caFiles, "ca-file", nil, "trust these authorities too in probes (PEM); repeatable")
}

// options reads the flags. Addresses that are given are ones that a person asked for.
func (f *probingFlags) options() (probe.Options, error) {
	o := probe.Options{CAFiles: f.caFiles}
	for _, text := range f.resolve {
		override, err := probe.ParseResolve(text)
		if err != nil {
			return o, usage("give HOST:PORT:ADDRESS, such as www.example.com:443:192.0.2.1", "%w", err)
		}
		o.Resolve = append(o.Resolve, override)
	}
	return o, nil
}

// pinned reports whether a person gave the host's address.
func pinned(o probe.Options, host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return slices.ContainsFunc(o.Resolve, func(r probe.Override) bool { return r.Host == "*" || strings.EqualFold(r.Host, host) })
}

// askedResolvers names the DNS servers that probes ask.
func askedResolvers() string { return "DNS at " + strings.Join(probe.PublicResolvers(), ", ") }

// activeFlags switch active validation on and say how far it may go.
type activeFlags struct {
	on                   bool
	probing              probingFlags
	sendHeaders, private bool
}

func (f *activeFlags) add(flags *pflag.FlagSet) {
	flags.BoolVar(&f.on, "active-validation", false, "also look from outside: probes of the distribution and its origins (GET, HEAD, no credentials)")
	flags.BoolVar(&f.sendHeaders, "send-origin-headers", false, "send the origin's own custom headers in probes of it, over HTTPS with a trusted certificate")
	flags.BoolVar(&f.private, "allow-private", false, "let probes contact private and loopback addresses that the account's names lead to")
	f.probing.add(flags)
}

// beside puts the door of the probes beside the one to the account, and returns what the diagnosis has to tell before it contacts anybody.
// A recording answers its probes itself.
func (f *activeFlags) beside(streams *ui.Streams, src source.Source) (source.Source, func(*edge.Model, []string), error) {
	if !f.on {
		return src, nil, nil
	}
	if src.About().Kind == "bundle" {
		streams.Warn("the recording answers what it holds of active validation; nothing is contacted")
		return src, nil, nil
	}
	options, err := f.probing.options()
	if err != nil {
		return nil, nil, err
	}
	options.AllowPrivate = f.private
	var headers atomic.Pointer[func(host, name string) (string, bool)] // known once the distribution is
	if f.sendHeaders {
		options.Header = func(host, name string) (string, bool) {
			if values := headers.Load(); values != nil {
				return (*values)(host, name)
			}
			return "", false
		}
	}
	door, err := probe.New(options)
	if err != nil {
		return nil, nil, err
	}
	contact := func(m *edge.Model, contacts []string) {
		values := active.CustomHeader(m)
		headers.Store(&values)
		streams.Warn("active validation will %s", strings.Join(contacts, "; "))
	}
	return probe.Beside(src, door), contact, nil
}

// observer is a diagnosis's progress on a terminal.
func observer(progress *ui.Progress, contact func(*edge.Model, []string)) doctor.Observer {
	o := doctor.Observer{Step: progress.Step, Note: progress.Note}
	if contact != nil {
		o.Contact = func(m *edge.Model, contacts []string) {
			progress.Done()
			contact(m, contacts)
		}
	}
	return o
}
