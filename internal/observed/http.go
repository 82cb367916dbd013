package observed

import (
	"net/netip"
	"strconv"
	"strings"

	"cfdoctor/internal/evidence"
)

// HTTPQuestion is one request. What it asks is what is sent: the path goes out byte for byte, and redirects are not followed.
type HTTPQuestion struct {
	Scheme     string // http or https
	Host       string // the name that is resolved and connected to, or an address
	Port       int
	HostHeader string // "" sends Host
	ServerName string // the server name in the handshake; "" sends none
	Method     string // GET, HEAD or OPTIONS
	Path       string // with the query, as it goes out
	Headers    []string
	// Withheld names headers that CloudFront would send and whose values do not belong into a question: an origin's own custom headers and
	// a viewer's credentials. They are sent where the person who asks has allowed it.
	Withheld []string
	// Version is 1.1, 2 or 3; "" is 1.1, which CloudFront speaks to origins (DG/RequestAndResponseBehaviorCustomOrigin). 3 asks only whether
	// the server speaks HTTP/3: the answer has a Version or a Failure, and no status.
	Version string
	// Wait is how many seconds to wait for the first byte; 0 leaves it to the one who asks.
	Wait int
}

// Answer is what came back.
type Answer struct {
	Address string  // the address and port that were connected to
	Failure Failure // why there is no answer, or what is wrong with it
	Error   string  // the same in the words of the system
	Version string  // such as HTTP/1.1
	Status  int
	Headers []Header // sorted by name, values of one name in the order in which they came
	Body    string   // its beginning, as text; bytes that are no UTF-8 are replaced
	// BodyBytes counts what was read; More says that there was more than is read.
	BodyBytes int
	More      bool
	// FirstByteMilliseconds is from the request to the first byte of the answer; of a first-byte-timeout, how long was waited.
	FirstByteMilliseconds int
	// Milliseconds is the whole probe, the connection included.
	Milliseconds int
	// Withheld names the headers of the question that were not sent.
	Withheld []string
}

// Header is one line of an answer.
type Header struct{ Name, Value string }

// HTTP asks for an answer to a request.
func HTTP(q HTTPQuestion) evidence.Read[Answer] {
	return read[Answer](OperationHTTP, q.Method+" "+q.URL(), map[string]any{
		"Scheme": q.Scheme, "Host": q.Host, "Port": q.Port, "HostHeader": q.HostHeader, "ServerName": q.ServerName, "Method": q.Method,
		"Path": q.Path, "Headers": list(q.Headers), "Withheld": list(q.Withheld), "Version": q.Version, "Wait": q.Wait,
	})
}

// HTTPQuestionOf reads the question of a call.
func HTTPQuestionOf(call evidence.Call) (q HTTPQuestion, err error) {
	return q, question(call, OperationHTTP, &q)
}

// URL is where the request goes, secrets in its query hidden.
func (q HTTPQuestion) URL() string {
	host := q.Host
	if a, err := netip.ParseAddr(host); err == nil && a.Is6() {
		host = "[" + host + "]"
	}
	if !(q.Scheme == "https" && q.Port == 443 || q.Scheme == "http" && q.Port == 80) {
		host += ":" + strconv.Itoa(q.Port)
	}
	path, query, found := strings.Cut(q.Path, "?")
	if found {
		path += "?" + evidence.RedactQuery(query)
	}
	return q.Scheme + "://" + host + path
}

// Refuses reports whether the answer refuses this client rather than the request: with other credentials, or from another address, it may differ.
func (a Answer) Refuses() bool {
	switch a.Status {
	case 401, 403, 407, 429:
		return true
	}
	return false
}

// WantsHTTPS reports whether the answer is what nginx, Apache, load balancers and Go's server tell those who speak plain HTTP to an HTTPS port.
func (a Answer) WantsHTTPS() bool {
	if a.Status != 400 {
		return false
	}
	body := strings.ToLower(a.Body)
	for _, words := range [...]string{
		"plain http request was sent to https port", "speaking plain http to an ssl-enabled server port", "sent an http request to an https server",
	} {
		if strings.Contains(body, words) {
			return true
		}
	}
	return false
}

// Header returns the first header of that name, in any case.
func (a Answer) Header(name string) (string, bool) {
	for _, h := range a.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value, true
		}
	}
	return "", false
}
