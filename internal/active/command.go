package active

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"al.essio.dev/pkg/shellescape"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
)

// Command is what a person types to see for themselves what a probe saw: dig, openssl s_client or curl, for a POSIX shell. Resolver is the DNS
// server to ask, as address:port, "" for the computer's own. Ok is false for what is no probe, and for values that no command line can carry
// safely: control characters, and names that would be read as options.
func Command(call evidence.Call, resolver string) (text string, ok bool) {
	var words []string
	switch call.Operation {
	case observed.OperationDNS:
		q, err := observed.DNSQuestionOf(call)
		if err != nil || !safe(q.Name, q.Type) {
			return "", false
		}
		words = digWords(q, resolver)
	case observed.OperationTLS:
		q, err := observed.TLSQuestionOf(call)
		if err != nil || !safe(q.Host, cmp.Or(q.ServerName, q.Host)) {
			return "", false
		}
		words = opensslWords(q)
	case observed.OperationHTTP:
		q, err := observed.HTTPQuestionOf(call)
		if err != nil || !safe(q.Host, cmp.Or(q.ServerName, q.Host), q.Method) {
			return "", false
		}
		words = curlWords(q)
	default:
		return "", false
	}
	for i, word := range words {
		if strings.ContainsFunc(word, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return "", false
		}
		words[i] = shellescape.Quote(word)
	}
	text = strings.Join(words, " ")
	if call.Operation == observed.OperationTLS {
		text += " </dev/null" // else it waits for somebody to type a request
	}
	return text, true
}

// safe reports whether values stand where a program would not take them for options.
func safe(values ...string) bool {
	return !slices.ContainsFunc(values, func(v string) bool {
		return v == "" || strings.HasPrefix(v, "-") || strings.HasPrefix(v, "@") || strings.HasPrefix(v, "+")
	})
}

func digWords(q observed.DNSQuestion, resolver string) []string {
	words := []string{"dig"}
	if address, err := netip.ParseAddrPort(resolver); err == nil {
		words = append(words, "@"+address.Addr().String())
		if address.Port() != 53 {
			words = append(words, "-p", strconv.Itoa(int(address.Port())))
		}
	}
	return append(words, "+noall", "+comments", "+answer", q.Name, q.Type)
}

// opensslWords make the handshake. OpenSSL offers old versions and ciphers at security level 0 only.
func opensslWords(q observed.TLSQuestion) []string {
	words := []string{"openssl", "s_client", "-connect", join(q.Host, q.Port)}
	if q.ServerName == "" {
		words = append(words, "-noservername")
	} else {
		words = append(words, "-servername", q.ServerName)
	}
	for _, v := range []struct{ name, flag string }{{"TLSv1", "-no_tls1"}, {"TLSv1.1", "-no_tls1_1"}, {"TLSv1.2", "-no_tls1_2"}, {"TLSv1.3", "-no_tls1_3"}} {
		if len(q.Protocols) > 0 && !slices.Contains(q.Protocols, v.name) {
			words = append(words, v.flag)
		}
	}
	if q.As == observed.AsCloudFront {
		side := cloudfront.OriginSide([]types.SslProtocol{})
		words = append(words, "-cipher", strings.Join(side.Ciphers, ":")+":@SECLEVEL=0")
	}
	return append(words, "-showcerts")
}

func curlWords(q observed.HTTPQuestion) []string {
	words := []string{"curl", "-sv", "-o", "/dev/null", "--path-as-is", "--globoff"}
	switch q.Version {
	case "2":
		words = append(words, "--http2")
	case "3":
		words = append(words, "--http3-only")
	default:
		words = append(words, "--http1.1")
	}
	switch q.Method {
	case "GET":
	case "HEAD":
		words = append(words, "--head")
	default:
		words = append(words, "-X", q.Method)
	}
	if q.Wait > 0 {
		words = append(words, "--max-time", strconv.Itoa(q.Wait+10))
	}
	name := q.Host
	if q.Scheme == "https" && q.ServerName != "" && q.ServerName != q.Host {
		// curl takes the server name from the URL.
		name = q.ServerName
		words = append(words, "--connect-to", join(name, q.Port)+":"+join(q.Host, q.Port))
	}
	if host := cmp.Or(q.HostHeader, q.Host); host != name {
		words = append(words, "-H", "Host: "+host)
	}
	given := map[string]bool{}
	for _, line := range q.Headers {
		header, _, _ := strings.Cut(line, ":")
		given[strings.ToLower(header)] = true
		words = append(words, "-H", line)
	}
	for _, header := range []string{"Accept", "User-Agent"} {
		if !given[strings.ToLower(header)] {
			words = append(words, "-H", header+":") // curl has one of its own else
		}
	}
	u := observed.HTTPQuestion{Scheme: q.Scheme, Host: name, Port: q.Port, Path: q.Path}
	return append(words, u.URL())
}

// join writes a host and port, the host in brackets where it is an IPv6 address.
func join(host string, port int) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(port)
}
