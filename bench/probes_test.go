package bench

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"cfdoctor/internal/collect"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/probe"
)

// slowOrigin is a server of which every connection waits before its handshake, and every answer before its first byte.
func slowOrigin(b *testing.B, delay time.Duration) (port int) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(delay)
		fmt.Fprint(w, "ok")
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		time.Sleep(delay)
		return nil, nil
	}}
	server.StartTLS()
	b.Cleanup(server.Close)
	return server.Listener.Addr().(*net.TCPAddr).Port
}

// BenchmarkProbes makes all probes of a distribution with ten origins, each slower than the one before, and compares the time with what the
// slowest origin takes alone.
func BenchmarkProbes(b *testing.B) {
	const origins, step = 10, 50 * time.Millisecond
	var all, slowest []evidence.Query
	var options probe.Options
	for i := range origins {
		port, host := slowOrigin(b, time.Duration(i+1)*step), fmt.Sprintf("origin-%d.example", i)
		options.Resolve = append(options.Resolve, probe.Override{Host: host, Port: port, Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}})
		slowest = []evidence.Query{
			observed.DNS(observed.DNSQuestion{Name: host, Type: "A"}), observed.DNS(observed.DNSQuestion{Name: host, Type: "AAAA"}),
			observed.TLS(observed.TLSQuestion{Host: host, Port: port, ServerName: host, Protocols: []string{"TLSv1.2"}}),
			observed.HTTP(observed.HTTPQuestion{Scheme: "https", Host: host, Port: port, ServerName: host, Method: "GET", Path: "/"}),
		}
		all = append(all, slowest...)
	}
	measure := func(queries []evidence.Query) time.Duration {
		door, err := probe.New(options)
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		c := collect.New(door, start, collect.Options{})
		c.Want(b.Context(), queries...)
		for _, rec := range c.Wait().Records() {
			if rec.State != evidence.Known {
				b.Fatalf("%s: %v", rec.Call.Name(), rec.Problem)
			}
		}
		return time.Since(start)
	}
	var together, alone time.Duration
	runs := 0
	for b.Loop() {
		alone += measure(slowest)
		together += measure(all)
		runs++
	}
	ratio := float64(together) / float64(alone)
	b.ReportMetric(float64(together.Milliseconds())/float64(runs), "ms-ten-origins")
	b.ReportMetric(float64(alone.Milliseconds())/float64(runs), "ms-slowest-alone")
	b.ReportMetric(ratio, "times-the-slowest")
	if ratio > 1.3 {
		b.Errorf("ten origins take %.2f times as long as the slowest alone, want at most 1.3", ratio)
	}
}
