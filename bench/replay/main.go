// Command replay is an AWS endpoint for measuring: it answers from a recording of the wire, each call after a delay, and takes next to no time
// of its own. The end-to-end tests' endpoint writes the recording (e2e/endpoint, --wire).
//
//	replay -wire wire.json -delay 100ms
//
// It prints its URL, and a line on standard error for a request that the recording does not hold.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"
)

func main() {
	wire := flag.String("wire", "", "the recording, a JSON object a line")
	delay := flag.Duration("delay", 0, "time before each answer")
	flag.Parse()
	if err := serve(*wire, *delay); err != nil {
		log.Fatalf("replay: %v", err)
	}
}

// exchange is one line of a recording.
type exchange struct {
	Method  string            `json:"method"`
	URI     string            `json:"uri"`
	Target  string            `json:"target"`
	Body    string            `json:"body"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Answer  string            `json:"answer"`
}

// clock is what differs between two runs of the same diagnosis: the time windows of metrics and sampled requests.
var clock = regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:%A]+(?:\.\d+)?Z|\d{10}(?:\.\d+)?(?:E\d+)?`)

func (e exchange) key() string {
	return strings.Join([]string{e.Method, e.URI, e.Target, clock.ReplaceAllString(e.Body, "T")}, "\n")
}

// place is the key without the body: binary bodies (CBOR) carry their times in a form that no pattern finds.
func (e exchange) place() string { return e.Method + "\n" + e.URI + "\n" + e.Target }

func read(name string) (byKey, byPlace map[string]exchange, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	byKey, byPlace = map[string]exchange{}, map[string]exchange{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e exchange
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", name, err)
		}
		byKey[e.key()], byPlace[e.place()] = e, e
	}
	return byKey, byPlace, lines.Err()
}

func serve(wire string, delay time.Duration) error {
	byKey, byPlace, err := read(wire)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", listener.Addr())
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(delay)
		body, err := io.ReadAll(r.Body)
		if err != nil {
			log.Printf("replay: read a request: %v", err)
			return
		}
		asked := exchange{Method: r.Method, URI: r.RequestURI, Target: r.Header.Get("X-Amz-Target"), Body: latin1(body)}
		answer, ok := byKey[asked.key()]
		if !ok && strings.Contains(r.Header.Get("Content-Type"), "cbor") {
			answer, ok = byPlace[asked.place()]
		}
		if !ok {
			log.Printf("replay: not in the recording: %q", asked.key())
			http.Error(w, "not in the recording", http.StatusBadRequest)
			return
		}
		for name, value := range answer.Headers {
			w.Header().Set(name, value)
		}
		w.WriteHeader(answer.Status)
		if _, err := w.Write(bytesOf(answer.Answer)); err != nil {
			log.Printf("replay: answer: %v", err)
		}
	}))
}

// latin1 and bytesOf: the recording holds bodies as one character a byte.
func latin1(b []byte) string {
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}

func bytesOf(s string) []byte {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		out = append(out, byte(r))
	}
	return out
}
