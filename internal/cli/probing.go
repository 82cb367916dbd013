package cli

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"cfdoctor/internal/probe"
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
