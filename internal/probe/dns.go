package probe

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/miekg/dns"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
)

// PublicResolvers are the DNS servers that are asked unless others are named: what CloudFront sees is the public DNS, which a company's or a
// VPC's own resolver may answer differently.
func PublicResolvers() []string { return []string{"1.1.1.1:53", "8.8.8.8:53"} }

// systemFile names the computer's own resolvers, which are asked where no public one answers.
const systemFile = "/etc/resolv.conf"

// maxCNAMEs bounds how far a chain of names is followed.
const maxCNAMEs = 16

// resolver is a DNS server with the words that the report names it by.
type resolver struct {
	address, name string
	own           bool // the computer's own, not a public one
}

func (d *Door) resolvers() []resolver {
	var list []resolver
	if len(d.opts.Resolvers) > 0 {
		for _, address := range d.opts.Resolvers {
			list = append(list, resolver{address: address, name: address})
		}
		return list
	}
	for _, address := range PublicResolvers() {
		list = append(list, resolver{address: address, name: address})
	}
	config, err := dns.ClientConfigFromFile(systemFile)
	if err != nil {
		return list
	}
	for _, server := range config.Servers {
		address := netJoin(server, config.Port)
		list = append(list, resolver{address, address + " (this computer's own: no public resolver answered)", true})
	}
	return list
}

func netJoin(host, port string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + port
}

// lookup is one question to the DNS, asked once a run.
type lookup struct {
	done   chan struct{}
	answer observed.DNSAnswer
	err    error
}

// resolve answers a DNS question. A name whose address was given with --resolve has that address.
func (d *Door) resolve(ctx context.Context, q observed.DNSQuestion) (observed.DNSAnswer, error) {
	for _, o := range d.opts.Resolve {
		if o.Host == cloudfront.NormalizeHost(q.Name) && (q.Type == "A" || q.Type == "AAAA") {
			answer := observed.DNSAnswer{Resolver: observed.Given, Rcode: "NOERROR"}
			for _, a := range o.Addresses {
				if a.Is4() == (q.Type == "A") {
					answer.Addresses = append(answer.Addresses, a.String())
				}
			}
			return answer, nil
		}
	}
	key := strings.ToLower(q.Name) + " " + q.Type
	d.mu.Lock()
	l, ok := d.lookups[key]
	if !ok {
		l = &lookup{done: make(chan struct{})}
		d.lookups[key] = l
	}
	d.mu.Unlock()
	if !ok {
		l.answer, l.err = d.ask(ctx, q)
		close(l.done)
	}
	select {
	case <-l.done:
		return l.answer, l.err
	case <-ctx.Done():
		return observed.DNSAnswer{}, ctx.Err()
	}
}

// addresses looks a name up for a connection: CloudFront reaches origins over IPv4 unless they have IPv6 only.
func (d *Door) addresses(ctx context.Context, host string) (out []netip.Addr, detail string, err error) {
	for _, kind := range [...]string{"A", "AAAA"} {
		answer, err := d.resolve(ctx, observed.DNSQuestion{Name: host, Type: kind})
		if err != nil {
			return nil, "", err
		}
		detail = fmt.Sprintf("%s says %s for %s", answer.Resolver, answer.Rcode, host)
		for _, text := range answer.Addresses {
			if a, err := netip.ParseAddr(text); err == nil {
				out = append(out, a.Unmap())
			}
		}
		if len(out) > 0 || answer.Rcode != "NOERROR" {
			return out, detail, nil
		}
	}
	return nil, detail + ", and no address", nil
}

// ask goes through the resolvers until one answers.
func (d *Door) ask(ctx context.Context, q observed.DNSQuestion) (observed.DNSAnswer, error) {
	kind, ok := dns.StringToType[q.Type]
	if !ok {
		return observed.DNSAnswer{}, fmt.Errorf("there is no DNS record type %q", q.Type)
	}
	if _, ok := dns.IsDomainName(q.Name); !ok || q.Name == "" {
		return observed.DNSAnswer{}, fmt.Errorf("%q is no domain name", q.Name)
	}
	var last error
	var failed *observed.DNSAnswer
	for _, r := range d.resolvers() {
		if failed != nil && r.own {
			break // the computer's own resolver may see what the public does not
		}
		if d.silent(r, false) {
			continue
		}
		answer, err := d.chase(ctx, r, q.Name, kind)
		if err == nil && answer.Rcode != "SERVFAIL" {
			return answer, nil
		}
		if err == nil {
			failed = &answer // another resolver may have had more luck with the zone's servers
			continue
		}
		if last = err; ctx.Err() != nil {
			break
		}
		if !errors.Is(err, errUnwilling) { // who says no to one name at once may answer for the next
			d.silent(r, true)
		}
	}
	if failed != nil {
		return *failed, nil
	}
	return observed.DNSAnswer{}, &evidence.Problem{Code: "NoResolver", Message: fmt.Sprintf("no DNS server answered: %v", last)}
}

// silent reports whether a resolver has not answered before, and notes that it did not: nobody waits for it a second time.
func (d *Door) silent(r resolver, note bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if note {
		d.dead[r.address] = true
	}
	return d.dead[r.address]
}

// errUnwilling says that a resolver has answered, and will not look the name up.
var errUnwilling = errors.New("answers")

// chase asks one resolver and follows the names that it leads to where the resolver did not do so itself.
func (d *Door) chase(ctx context.Context, r resolver, name string, kind uint16) (observed.DNSAnswer, error) {
	out := observed.DNSAnswer{Resolver: r.name}
	for hops := 0; ; hops++ {
		reply, err := d.exchange(ctx, r.address, name, kind)
		if err != nil {
			return out, err
		}
		if reply.Rcode == dns.RcodeRefused || reply.Rcode == dns.RcodeNotImplemented {
			return out, fmt.Errorf("%s %w %s", r.address, errUnwilling, dns.RcodeToString[reply.Rcode])
		}
		out.Rcode = dns.RcodeToString[reply.Rcode]
		end := gather(&out, reply.Answer, name, kind)
		if reply.Rcode != dns.RcodeSuccess || len(out.Addresses)+len(out.Records) > 0 || end == name || hops == maxCNAMEs {
			return out, nil
		}
		name = end
	}
}

// gather takes the records of an answer that belong to the name, the way of names included, and returns the name at the end of the way.
func gather(out *observed.DNSAnswer, records []dns.RR, name string, kind uint16) (end string) {
	end = name
	for range records { // the records may stand in any order
		for _, rr := range records {
			if c, ok := rr.(*dns.CNAME); ok && kind != dns.TypeCNAME && strings.EqualFold(strings.TrimSuffix(c.Hdr.Name, "."), end) && len(out.Chain) < maxCNAMEs {
				end = strings.ToLower(strings.TrimSuffix(c.Target, "."))
				out.Chain = append(out.Chain, end)
				leastTTL(out, c.Hdr.Ttl)
			}
		}
	}
	for _, rr := range records {
		h := rr.Header()
		if h.Rrtype != kind || !strings.EqualFold(strings.TrimSuffix(h.Name, "."), end) {
			continue
		}
		leastTTL(out, h.Ttl)
		switch v := rr.(type) {
		case *dns.A:
			out.Addresses = append(out.Addresses, v.A.String())
		case *dns.AAAA:
			out.Addresses = append(out.Addresses, v.AAAA.String())
		default:
			out.Records = append(out.Records, strings.TrimPrefix(rr.String(), h.String()))
		}
	}
	return end
}

// exchange asks one question over UDP, and over TCP where the answer was too long for it (RFC 7766).
func (d *Door) exchange(ctx context.Context, server, name string, kind uint16) (*dns.Msg, error) {
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), kind)
	m.SetEdns0(1232, false)
	client := dns.Client{Timeout: d.opts.DNSTimeout}
	reply, _, err := client.ExchangeContext(ctx, m, server)
	if err == nil && reply.Truncated {
		client.Net = "tcp"
		reply, _, err = client.ExchangeContext(ctx, m, server)
	}
	return reply, err
}

func leastTTL(out *observed.DNSAnswer, ttl uint32) {
	if out.TTL == 0 || int(ttl) < out.TTL {
		out.TTL = int(ttl)
	}
}
