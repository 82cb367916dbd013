package probe_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/probe"
	"cfdoctor/internal/source"
)

// ask makes one probe and decodes its answer.
func ask[T any](t *testing.T, door source.Source, r evidence.Read[T]) (T, error) {
	t.Helper()
	var out T
	text, err := door.Do(t.Context(), r.Call)
	if err == nil {
		err = evidence.Decode(text, &out)
	}
	return out, err
}

func open(t *testing.T, o probe.Options) *probe.Door {
	t.Helper()
	door, err := probe.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return door
}

// local gives a name an address on this computer.
func local(host string, port int) []probe.Override {
	return []probe.Override{{Host: host, Port: port, Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}}
}

func TestParseResolve(t *testing.T) {
	for text, want := range map[string]string{
		"Www.Example.com:443:192.0.2.1": "{www.example.com 443 [192.0.2.1]}",
		"*:80:127.0.0.1":                "{* 80 [127.0.0.1]}",
		"+a.example:8443:[2001:db8::1]": "{a.example 8443 [2001:db8::1]}",
		"a.example:443:2001:db8::1":     "{a.example 443 [2001:db8::1]}",
		"[2001:db8::2]:443:[::1],::2":   "{2001:db8::2 443 [::1 ::2]}",
		"a.example:443":                 "error",
		"a.example:x:127.0.0.1":         "error",
		"a.example:70000:127.0.0.1":     "error",
		":443:127.0.0.1":                "error",
		"a.example:443:b.example":       "error",
	} {
		got := "error"
		if o, err := probe.ParseResolve(text); err == nil {
			got = fmt.Sprint(o)
		}
		if got != want {
			t.Errorf("%s is read as %s, want %s", text, got, want)
		}
	}
}

// TestWhereProbesDoNotGo: a name in an account may lead anywhere.
func TestWhereProbesDoNotGo(t *testing.T) {
	b := &bench{t: t, names: map[string]dnsReply{
		"metadata.example": {addresses: []string{"169.254.169.254"}}, "loopback.example": {addresses: []string{"127.0.0.1"}},
		"private.example": {addresses: []string{"10.0.0.1", "192.168.1.1"}},
	}}
	resolver := []string{b.resolver()}
	asked := []probe.Override{
		{Host: "*", Port: 8080, Addresses: []netip.Addr{netip.MustParseAddr("169.254.169.254")}},
		{Host: "*", Port: 8081, Addresses: []netip.Addr{netip.MustParseAddr("fd00:ec2::254")}},
		{Host: "*", Port: 8082, Addresses: []netip.Addr{netip.MustParseAddr("::ffff:169.254.169.254")}},
	}
	strict, loose := open(t, probe.Options{Resolvers: resolver, Resolve: asked}), open(t, probe.Options{Resolvers: resolver, AllowPrivate: true})
	for _, tc := range []struct {
		door *probe.Door
		host string
		port int
	}{
		{strict, "metadata.example", 80}, {strict, "loopback.example", 80}, {strict, "private.example", 443}, {strict, "127.0.0.1", 80}, {strict, "::1", 80},
		{strict, "given.example", 8080}, {strict, "given.example", 8081}, {strict, "given.example", 8082}, {loose, "metadata.example", 80}, {loose, "169.254.169.254", 80},
	} {
		_, err := ask(t, tc.door, observed.HTTP(observed.HTTPQuestion{Scheme: "http", Host: tc.host, Port: tc.port, Method: "GET", Path: "/latest/meta-data/"}))
		var problem *evidence.Problem
		if !errors.As(err, &problem) || problem.Code != "AddressRefused" {
			t.Errorf("%s:%d: %v", tc.host, tc.port, err)
		}
	}
}

// TestResolverThatRefusesOneName: a resolver that says no to one name at once is asked for the next.
func TestResolverThatRefusesOneName(t *testing.T) {
	b := &bench{t: t, names: map[string]dnsReply{"known.example": {addresses: []string{"192.0.2.7"}}}}
	door := open(t, probe.Options{Resolvers: []string{b.resolver()}})
	if _, err := ask(t, door, observed.DNS(observed.DNSQuestion{Name: "refused.example", Type: "A"})); err == nil || !strings.Contains(err.Error(), "answers REFUSED") {
		t.Errorf("got %v", err)
	}
	answer, err := ask(t, door, observed.DNS(observed.DNSQuestion{Name: "known.example", Type: "A"}))
	if err != nil || !slices.Equal(answer.Addresses, []string{"192.0.2.7"}) {
		t.Errorf("got %v, %v", answer, err)
	}
}

func TestNames(t *testing.T) {
	long := strings.Repeat("x", 200)
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg)
		m.SetReply(q)
		name := q.Question[0].Name
		add := func(line string) {
			rr, err := dns.NewRR(line)
			if err != nil {
				panic(err)
			}
			m.Answer = append(m.Answer, rr)
		}
		_, udp := w.RemoteAddr().(*net.UDPAddr)
		switch dns.TypeToString[q.Question[0].Qtype] + " " + name {
		case "A www.example.com.": // the records come in another order than they are followed
			add("b.example.net. 30 IN A 192.0.2.7")
			add("a.example.net. 60 IN CNAME b.example.net.")
			add("WWW.example.com. 300 IN CNAME A.example.net.")
		case "A half.example.com.": // a resolver that does not follow
			add("half.example.com. 60 IN CNAME b.example.net.")
		case "A b.example.net.":
			add("b.example.net. 30 IN A 192.0.2.8")
		case "CAA www.example.com.":
			add(`www.example.com. 60 IN CAA 0 issue "amazon.com"`)
		case "TXT big.example.com.":
			if m.Truncated = udp; !udp {
				add("big.example.com. 60 IN TXT " + long)
			}
		case "A loop.example.com.":
			add("loop.example.com. 60 IN CNAME pool.example.com.")
			add("pool.example.com. 60 IN CNAME loop.example.com.")
		default:
			m.Rcode = dns.RcodeNameError
		}
		w.WriteMsg(m)
	})
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tcp, err := net.Listen("tcp", udp.LocalAddr().String())
	if err != nil {
		t.Skipf("the port is taken for TCP: %v", err)
	}
	for _, s := range []*dns.Server{{PacketConn: udp, Handler: handler}, {Listener: tcp, Handler: handler}} {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		go s.ActivateAndServe()
		<-started
		t.Cleanup(func() { s.Shutdown() })
	}
	door := open(t, probe.Options{Resolvers: []string{udp.LocalAddr().String()}, Resolve: local("given.example", 443)})
	for _, tc := range []struct{ name, kind, want string }{
		{"www.example.com", "A", "NOERROR [a.example.net b.example.net] [192.0.2.7] [] 30"},
		{"half.example.com", "A", "NOERROR [b.example.net] [192.0.2.8] [] 30"},
		{"www.example.com", "CAA", `NOERROR [] [] [0 issue "amazon.com"] 60`},
		{"big.example.com", "TXT", `NOERROR [] [] ["` + long + `"] 60`},
		{"none.example.com", "A", "NXDOMAIN [] [] [] 0"},
		{"given.example", "A", "NOERROR [] [127.0.0.1] [] 0"},
		{"given.example", "AAAA", "NOERROR [] [] [] 0"},
	} {
		a, err := ask(t, door, observed.DNS(observed.DNSQuestion{Name: tc.name, Type: tc.kind}))
		if err != nil {
			t.Errorf("%s %s: %v", tc.name, tc.kind, err)
			continue
		}
		if got := fmt.Sprintf("%s %v %v %v %d", a.Rcode, a.Chain, a.Addresses, a.Records, a.TTL); got != tc.want {
			t.Errorf("%s %s: %s, want %s", tc.name, tc.kind, got, tc.want)
		}
	}
	if a, err := ask(t, door, observed.DNS(observed.DNSQuestion{Name: "loop.example.com", Type: "A"})); err != nil || len(a.Chain) > 16 || len(a.Addresses) > 0 {
		t.Errorf("a loop of names: %+v, %v", a, err)
	}
	if _, err := ask(t, door, observed.DNS(observed.DNSQuestion{Name: "www.example.com", Type: "NONE"})); err == nil {
		t.Error("there is no such record type")
	}
}

// TestRequestGoesOutAsAsked compares what a server gets with the question, byte for byte.
func TestRequestGoesOutAsAsked(t *testing.T) {
	got := make(chan string, 1)
	port := serve(t, func(c net.Conn) {
		buffer := make([]byte, 4096)
		n, _ := c.Read(buffer)
		got <- string(buffer[:n])
		fmt.Fprint(c, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\nX: 2\r\nX: 1\r\nContent-Length: 3\r\n\r\n\xffok")
	})
	door := open(t, probe.Options{Resolve: local("o.example", port)})
	a, err := ask(t, door, observed.HTTP(observed.HTTPQuestion{
		Scheme: "http", Host: "o.example", Port: port, HostHeader: "www.example.com", Method: "GET", Path: "//a/../b%2F[1]|é?x=%zz&y='\"",
		Headers: []string{"User-Agent: Amazon CloudFront", "Connection: Keep-Alive"}, Withheld: []string{"X-Secret"},
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := "GET //a/../b%2F[1]|é?x=%zz&y='\" HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: Amazon CloudFront\r\nConnection: close\r\n\r\n"
	if sent := <-got; sent != want {
		t.Errorf("the server gets %q, want %q", sent, want)
	}
	if a.Status != 302 || a.Body != "\uFFFDok" || a.BodyBytes != 3 || !slices.Equal(a.Withheld, []string{"X-Secret"}) {
		t.Errorf("the answer is %+v", a)
	}
	var values []string
	for _, h := range a.Headers {
		if h.Name == "X" {
			values = append(values, h.Value)
		}
	}
	if !slices.Equal(values, []string{"2", "1"}) {
		t.Errorf("two headers of one name came as %v", values)
	}
}

func TestWhatIsNotSent(t *testing.T) {
	reached := false
	port := serve(t, func(net.Conn) { reached = true })
	door := open(t, probe.Options{Resolve: local("o.example", port)})
	base := observed.HTTPQuestion{Scheme: "http", Host: "o.example", Port: port, Method: "GET", Path: "/"}
	for name, change := range map[string]func(*observed.HTTPQuestion){
		"another method":      func(q *observed.HTTPQuestion) { q.Method = "POST" },
		"a line end in path":  func(q *observed.HTTPQuestion) { q.Path = "/\r\nX: y" },
		"a space in path":     func(q *observed.HTTPQuestion) { q.Path = "/ HTTP/1.1" },
		"a line end in value": func(q *observed.HTTPQuestion) { q.Headers = []string{"A: b\r\nX: y"} },
		"a header's name":     func(q *observed.HTTPQuestion) { q.Headers = []string{"A b: c"} },
		"a host header":       func(q *observed.HTTPQuestion) { q.HostHeader = "a\r\nX: y" },
		"another scheme":      func(q *observed.HTTPQuestion) { q.Scheme = "ftp" },
	} {
		q := base
		change(&q)
		if a, err := ask(t, door, observed.HTTP(q)); err == nil {
			t.Errorf("%s is sent: %+v", name, a)
		}
	}
	if reached {
		t.Error("a connection was made")
	}
}

// TestSecretsGoOverTrustedTLSOnly sends a withheld header where it was allowed, and there only.
func TestSecretsGoOverTrustedTLSOnly(t *testing.T) {
	got := make(chan string, 1)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { got <- r.Header.Get("X-Origin-Verify") }))
	defer server.Close()
	clear := httptest.NewServer(server.Config.Handler)
	defer clear.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pemOf(server.Certificate().Raw), 0o600); err != nil {
		t.Fatal(err)
	}
	value := func(host, name string) (string, bool) { return "s3cret", host == "example.com" }
	for _, tc := range []struct {
		name   string
		url    string
		scheme string
		o      probe.Options
		want   string
	}{
		{"trusted", server.URL, "https", probe.Options{CAFiles: []string{ca}, Header: value}, "s3cret"},
		{"not allowed", server.URL, "https", probe.Options{CAFiles: []string{ca}}, ""},
		{"untrusted", server.URL, "https", probe.Options{Header: value}, ""},
		{"in clear", clear.URL, "http", probe.Options{CAFiles: []string{ca}, Header: value}, ""},
	} {
		port, _ := strconv.Atoi(tc.url[strings.LastIndex(tc.url, ":")+1:])
		tc.o.Resolve = local("example.com", port)
		a, err := ask(t, open(t, tc.o), observed.HTTP(observed.HTTPQuestion{
			Scheme: tc.scheme, Host: "example.com", Port: port, ServerName: "example.com", Method: "GET", Path: "/", Withheld: []string{"X-Origin-Verify"},
		}))
		if err != nil || a.Status != 200 {
			t.Fatalf("%s: %+v, %v", tc.name, a, err)
		}
		if sent := <-got; sent != tc.want || (sent == "") != slices.Contains(a.Withheld, "X-Origin-Verify") {
			t.Errorf("%s: sent %q, withheld %v", tc.name, sent, a.Withheld)
		}
	}
	if _, err := probe.New(probe.Options{CAFiles: []string{ca + ".not"}}); err == nil {
		t.Error("a file that is not there was read")
	}
}

func TestVersionsOfHTTP(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto+" "+r.RequestURI) }))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	port := server.Listener.Addr().(*net.TCPAddr).Port
	door := open(t, probe.Options{Resolve: local("example.com", port), HandshakeTimeout: 500 * time.Millisecond})
	q := observed.HTTPQuestion{Scheme: "https", Host: "example.com", Port: port, ServerName: "example.com", Method: "GET", Path: "/a//b?c=%2f"}
	for version, want := range map[string]string{"": "HTTP/1.1 /a//b?c=%2f", "2": "HTTP/2.0 /a//b?c=%2f"} {
		q.Version = version
		if a, err := ask(t, door, observed.HTTP(q)); err != nil || a.Body != want {
			t.Errorf("version %q: %+v, %v", version, a, err)
		}
	}
	q.Version = "3"
	if a, err := ask(t, door, observed.HTTP(q)); err != nil || a.Failure == "" || a.Version != "" {
		t.Errorf("HTTP/3 of a server without it: %+v, %v", a, err)
	}
}

func TestBodiesAreCapped(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write(bytes.Repeat([]byte("x"), 1<<20))
	}))
	defer server.Close()
	port := server.Listener.Addr().(*net.TCPAddr).Port
	a, err := ask(t, open(t, probe.Options{Resolve: local("o.example", port)}), observed.HTTP(observed.HTTPQuestion{Scheme: "http", Host: "o.example", Port: port, Method: "GET", Path: "/"}))
	if err != nil || !a.More || len(a.Body) != probe.DefaultBodyLimit || a.Failure != "" {
		t.Errorf("%d bytes, more: %t, %s, %v", len(a.Body), a.More, a.Failure, err)
	}
}

func TestBounds(t *testing.T) {
	door := open(t, probe.Options{MaxProbes: 2, Resolve: local("o.example", 1)})
	q := observed.TLS(observed.TLSQuestion{Host: "o.example", Port: 1, Protocols: []string{"TLSv1.2"}})
	for i := range 3 {
		h, err := ask(t, door, q)
		var problem *evidence.Problem
		if i < 2 && (err != nil || h.Failure != observed.Refused) || i == 2 && (!errors.As(err, &problem) || problem.Code != "TooManyProbes") {
			t.Errorf("probe %d: %+v, %v", i, h, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := door.Do(ctx, q.Call); !errors.Is(err, context.Canceled) {
		t.Errorf("a probe whose time is over: %v", err)
	}
	if _, err := door.Do(t.Context(), evidence.Call{Service: "s3", Operation: "GetObject"}); !errors.Is(err, source.ErrNotCaptured) {
		t.Errorf("a call of AWS: %v", err)
	}
}

func TestAsBrowser(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	port := server.Listener.Addr().(*net.TCPAddr).Port
	door := open(t, probe.Options{Resolve: local("example.com", port)})
	q := observed.TLSQuestion{Host: "example.com", Port: port, ServerName: "example.com", As: observed.AsBrowser}
	h, err := ask(t, door, observed.TLS(q))
	if err != nil || h.Version != "TLSv1.3" || h.Protocol != "h2" || len(h.Chain) != 1 || len(h.Chain[0].DER) == 0 || h.Trust != observed.SelfSigned {
		t.Errorf("%+v, %v", h, err)
	}
	q.Protocols = []string{"TLSv1.1"}
	if h, err = ask(t, door, observed.TLS(q)); err != nil || h.Failure != observed.NoCommonProtocol {
		t.Errorf("with TLS 1.1: %+v, %v", h, err)
	}
}
