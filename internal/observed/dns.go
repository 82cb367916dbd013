package observed

import (
	"net/netip"
	"slices"
	"strings"

	"cfdoctor/internal/evidence"
)

// DNSQuestion asks a resolver for the records of one name and type.
type DNSQuestion struct {
	Name string // without a final dot
	Type string // A, AAAA, CNAME, HTTPS, CAA, …
}

// DNSAnswer is what the resolver said, the way from name to name included.
type DNSAnswer struct {
	Resolver string   // which resolver was asked, such as "1.1.1.1:53", or [Given]
	Rcode    string   // NOERROR, NXDOMAIN, SERVFAIL, REFUSED, …
	Chain    []string // the names that CNAME records lead to, in order; the asked name is not among them
	// Addresses are those of A or AAAA records at the end of the chain.
	Addresses []string
	// Records are the records of every other type in presentation form, without name, class and time to live.
	Records []string
	// TTL is the least time to live of the records, in seconds.
	TTL int
	// Error is the resolver's failure in words, where there was no answer at all; Rcode is then empty.
	Error string
}

// Given stands for the resolver where a person gave the address with --resolve.
const Given = "--resolve"

// DNS asks for the records of a name.
func DNS(q DNSQuestion) evidence.Read[DNSAnswer] {
	q.Name = strings.ToLower(strings.TrimSuffix(q.Name, "."))
	return read[DNSAnswer](OperationDNS, q.Name+" "+q.Type, map[string]any{"Name": q.Name, "Type": q.Type})
}

// DNSQuestionOf reads the question of a call.
func DNSQuestionOf(call evidence.Call) (q DNSQuestion, err error) {
	return q, question(call, OperationDNS, &q)
}

// Answered reports whether a resolver gave an answer that can be judged: there is such a name, or there is none.
func (a DNSAnswer) Answered() bool { return a.Rcode == "NOERROR" || a.Rcode == "NXDOMAIN" }

// Absent reports whether the name does not exist.
func (a DNSAnswer) Absent() bool { return a.Rcode == "NXDOMAIN" }

// Private returns the addresses that the internet does not reach, and whether these are all there are.
func (a DNSAnswer) Private() (private []string, all bool) {
	for _, text := range a.Addresses {
		if address, err := netip.ParseAddr(text); err == nil && !Public(address) {
			private = append(private, text)
		}
	}
	return private, len(private) > 0 && len(private) == len(a.Addresses)
}

// notPublic are the address ranges of IANA's special-purpose registries that the internet does not route, beyond those that package netip
// knows: shared address space (RFC 6598), benchmarking (RFC 2544), documentation (RFC 5737, RFC 3849), protocol assignments (RFC 6890),
// reserved (RFC 1112) and discard-only (RFC 6666).
func notPublic() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
		netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
		netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
		netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001:db8::/32"),
	}
}

// Public reports whether the internet routes to an address.
func Public(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsValid() && !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast() && !a.IsMulticast() && !a.IsUnspecified() &&
		!slices.ContainsFunc(notPublic(), func(p netip.Prefix) bool { return p.Contains(a) })
}
