package probe_test

import (
	"net"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"cfdoctor/internal/probe"
)

// originName is the origin of the world "server".
const originName = "origin.harbour-hosting.example"

// bench is what the faults are set up with: authorities, a DNS server, and where issuers are published.
type bench struct {
	*pki
	t     *testing.T
	names map[string]dnsReply
	extra []probe.Override
}

type dnsReply struct {
	rcode     int
	addresses []string
}

// resolver starts a DNS server with the bench's names. It refuses to say anything about others.
func (b *bench) resolver() string {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	names := b.names
	server := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg)
		reply, known := names[strings.TrimSuffix(q.Question[0].Name, ".")]
		if m.SetReply(q); !known {
			m.Rcode = dns.RcodeRefused
		} else {
			m.Rcode = reply.rcode
		}
		for _, a := range reply.addresses {
			if q.Question[0].Qtype == dns.TypeA {
				m.Answer = append(m.Answer, &dns.A{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: net.ParseIP(a)})
			}
		}
		w.WriteMsg(m)
	})}
	started := make(chan struct{})
	server.NotifyStartedFunc = func() { close(started) }
	go server.ActivateAndServe()
	<-started
	b.t.Cleanup(func() { server.Shutdown() })
	return conn.LocalAddr().String()
}
