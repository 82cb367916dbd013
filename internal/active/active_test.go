package active

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"cfdoctor/internal/collect"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/source/bundle"
	"cfdoctor/internal/worldtest"
)

func compile(t *testing.T, text string) (*edge.Model, *worldtest.Case) {
	t.Helper()
	c, err := worldtest.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Parse(bytes.NewReader(c.Bundle()), c.World, bundle.MaxSize)
	if err != nil {
		t.Fatal(err)
	}
	collector := collect.New(b, b.CapturedAt, collect.Options{})
	if c.Request.Host == "" {
		c.Request.Host = "www.harbour.example"
	}
	collect.Distribution(t.Context(), collector, c.Target, c.Request)
	m, err := edge.Compile(collector.Wait(), c.Target)
	if err != nil {
		t.Fatal(err)
	}
	return m, c
}

func names(queries []evidence.Query) (out []string) {
	for _, q := range queries {
		out = append(out, q.Asks().Operation)
	}
	return out
}

func TestOriginsOfAServer(t *testing.T) {
	m, c := compile(t, "world server\nask GET /catalog?x=%20[1]\nheader Cookie: sid=1\n")
	queries := Origins(m, c.Request)
	if got := names(queries); !slices.Equal(got, []string{"DNS", "DNS", "TLS", "HTTP"}) {
		t.Fatalf("asks %v", got)
	}
	h, err := observed.HTTPQuestionOf(queries[3].Asks())
	if err != nil {
		t.Fatal(err)
	}
	if h.Path != "/catalog?x=%20[1]" || h.HostHeader != "www.harbour.example" || h.ServerName != "www.harbour.example" || h.Host != "origin.harbour-hosting.example" || h.Wait != 31 {
		t.Errorf("asks %+v", h)
	}
	if !slices.Contains(h.Withheld, "X-Origin-Verify") || !slices.Contains(h.Withheld, "Cookie") {
		t.Errorf("withholds %v", h.Withheld)
	}
	for _, line := range h.Headers {
		if strings.Contains(line, "63c3c248") || strings.Contains(line, "sid=") || strings.Contains(line, "<") {
			t.Errorf("sends %s", line)
		}
	}
	if value, ok := CustomHeader(m)(h.Host, "x-origin-verify"); !ok || value != "63c3c248ae3ae4cf899236ee" {
		t.Errorf("the custom header is %q", value)
	}
	want := []string{
		"connect to origin.harbour-hosting.example:443 as www.harbour.example and begin a TLS handshake", "look up origin.harbour-hosting.example",
		"send GET https://origin.harbour-hosting.example/catalog?x=%20[1]",
	}
	if got := Contacts(queries); !slices.Equal(got, want) {
		t.Errorf("contacts %q", got)
	}
}

// What CloudFront signs, and what lies in a VPC, cannot be asked from outside; what changes something is not sent.
func TestWhatIsNotAsked(t *testing.T) {
	for world, want := range map[string][]string{
		"world s3-oac\nask GET /about.html":   {"DNS", "DNS"},
		"world vpc-origin\nask GET /":         nil,
		"world server\nask POST /api/x":       {"DNS", "DNS", "TLS"},
		"world lambda-url\nask GET /v1/items": {"DNS", "DNS"},
	} {
		m, c := compile(t, world+"\n")
		queries := slices.DeleteFunc(Origins(m, c.Request), func(q evidence.Query) bool {
			q2, err := observed.DNSQuestionOf(q.Asks())
			return err == nil && !strings.Contains(q2.Name, m.Origins[0].Endpoint.Domain)
		})
		if got := names(queries); !slices.Equal(got, want) {
			t.Errorf("%q asks %v, want %v", world, got, want)
		}
	}
}

func TestCommands(t *testing.T) {
	for _, tc := range []struct {
		call evidence.Call
		want string
	}{
		{observed.DNS(observed.DNSQuestion{Name: "o.example.com", Type: "AAAA"}).Call, "dig @1.1.1.1 +noall +comments +answer o.example.com AAAA"},
		{observed.DNS(observed.DNSQuestion{Name: "-x", Type: "A"}).Call, ""},
		{observed.TLS(observed.TLSQuestion{Host: "o.example.com", Port: 8443, ServerName: "www.example.com", As: observed.AsBrowser}).Call,
			"openssl s_client -connect o.example.com:8443 -servername www.example.com -showcerts </dev/null"},
		{observed.HTTP(observed.HTTPQuestion{Scheme: "https", Host: "o.example.com", Port: 443, ServerName: "www.example.com", HostHeader: "www.example.com", Method: "HEAD",
			Path: "/a'b/../c?d=e&f=$(id)", Headers: []string{"User-Agent: Amazon CloudFront"}, Wait: 30}).Call,
			`curl -sv -o /dev/null --path-as-is --globoff --http1.1 --head --max-time 40 --connect-to www.example.com:443:o.example.com:443 -H 'User-Agent: Amazon CloudFront' -H Accept: 'https://www.example.com/a'"'"'b/../c?d=e&f=$(id)'`},
		{observed.HTTP(observed.HTTPQuestion{Scheme: "http", Host: "o.example.com", Port: 80, Method: "GET", Path: "/\n"}).Call, ""},
		{evidence.Call{Service: "s3", Operation: "GetObject"}, ""},
	} {
		if got, _ := Command(tc.call, "1.1.1.1:53"); got != tc.want {
			t.Errorf("%s %v:\n%s, want\n%s", tc.call.Name(), tc.call.Params, got, tc.want)
		}
	}
	got, _ := Command(observed.TLS(observed.TLSQuestion{Host: "o.example.com", Port: 443, Protocols: []string{"TLSv1.2"}}).Call, "")
	for _, part := range []string{"-noservername", "-no_tls1 ", "-no_tls1_1 ", "-no_tls1_3 ", ":RC4-MD5:@SECLEVEL=0"} {
		if !strings.Contains(got, part) || strings.Contains(got, "-no_tls1_2") {
			t.Errorf("%s lacks %s", got, part)
		}
	}
}

// FuzzCommand: a shell reads the words that the command was made of, and runs nothing else.
func FuzzCommand(f *testing.F) {
	f.Add("/a b$(touch x)`id`';\"\\")
	f.Fuzz(func(t *testing.T, path string) {
		call := observed.HTTP(observed.HTTPQuestion{Scheme: "http", Host: "o.example.com", Port: 80, Method: "GET", Path: path}).Call
		text, ok := Command(call, "")
		if !ok {
			return
		}
		args, found := strings.CutPrefix(text, "curl ")
		if !found {
			t.Fatal(text)
		}
		out, err := exec.Command("sh", "-c", `printf '%s\n' `+args).Output()
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
		want := observed.HTTPQuestion{Scheme: "http", Host: "o.example.com", Port: 80, Path: path}
		if lines[len(lines)-1] != want.URL() {
			t.Errorf("the shell reads %q, want %q", lines[len(lines)-1], want.URL())
		}
	})
}
