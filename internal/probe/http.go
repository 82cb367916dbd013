package probe

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"cfdoctor/internal/observed"
)

// request answers a question by sending one request. Redirects are answers like any other.
func (d *Door) request(ctx context.Context, q observed.HTTPQuestion) (observed.Answer, error) {
	if err := sendable(q); err != nil {
		return observed.Answer{}, err
	}
	start := time.Now()
	a, body, err := d.send(ctx, q)
	a.Milliseconds = int(time.Since(start).Milliseconds())
	a.Body = strings.ToValidUTF8(string(body), "\uFFFD")
	if ctx.Err() != nil {
		return a, ctx.Err()
	}
	return a, err
}

// fetch returns the body of a good answer.
func (d *Door) fetch(ctx context.Context, q observed.HTTPQuestion) ([]byte, bool) {
	if sendable(q) != nil {
		return nil, false
	}
	a, body, err := d.send(ctx, q)
	return body, err == nil && a.Failure == "" && a.Status == http.StatusOK && !a.More
}

// sendable refuses what would not go out as one request: line ends within it, and methods that change something.
func sendable(q observed.HTTPQuestion) error {
	switch {
	case q.Method != http.MethodGet && q.Method != http.MethodHead && q.Method != http.MethodOptions:
		return fmt.Errorf("probes send GET, HEAD and OPTIONS only, not %q", q.Method)
	case q.Scheme != "http" && q.Scheme != "https":
		return fmt.Errorf("%q is no scheme that probes speak", q.Scheme)
	case !strings.HasPrefix(q.Path, "/") && q.Path != "*" || strings.ContainsAny(q.Path, " \t\r\n\x00"):
		return fmt.Errorf("%q is no path that a request can carry", q.Path)
	case q.HostHeader != "" && !httpguts.ValidHostHeader(q.HostHeader):
		return fmt.Errorf("%q is no Host header", q.HostHeader)
	}
	for _, line := range q.Headers {
		name, value, ok := strings.Cut(line, ":")
		if !ok || !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(strings.TrimSpace(value)) {
			return fmt.Errorf("%q is no header", line)
		}
	}
	return nil
}

// send connects, asks and reads. It returns the beginning of the body apart from the answer.
func (d *Door) send(ctx context.Context, q observed.HTTPQuestion) (a observed.Answer, body []byte, err error) {
	t, failure, detail, err := d.locate(ctx, q.Host, q.Port)
	if err != nil {
		return a, nil, err
	}
	if a.Address = t.address(); failure != "" {
		a.Failure, a.Error = failure, detail
		return a, nil, nil
	}
	if q.Version == "3" {
		return d.sendH3(ctx, t, q)
	}
	conn, failure, err := d.dial(ctx, t)
	if err != nil {
		if failure == "" {
			return a, nil, err
		}
		a.Failure, a.Error = failure, err.Error()
		return a, nil, nil
	}
	defer conn.Close()
	a.Address = conn.RemoteAddr().String()
	trusted := false
	if q.Scheme == "https" {
		if conn, trusted, err = d.secure(ctx, conn, q); err != nil {
			a.Failure, a.Error = observed.TLSFailed, err.Error()
			return a, nil, nil
		}
	}
	headers, withheld := d.headersOf(q, trusted)
	a.Withheld = withheld
	if q.Version == "2" {
		return d.sendH2(ctx, conn, q, headers, a)
	}
	return d.sendH1(ctx, conn, q, headers, a)
}

// secure makes the handshake. Trusted says that the certificate is good for the name, so that a secret may be sent.
func (d *Door) secure(ctx context.Context, conn net.Conn, q observed.HTTPQuestion) (net.Conn, bool, error) {
	config := d.clientConfig(q.ServerName)
	if q.Version == "2" {
		config.NextProtos = []string{"h2"}
	}
	defer d.hurry(ctx, conn, d.opts.HandshakeTimeout)()
	client := tls.Client(conn, config)
	if err := client.HandshakeContext(ctx); err != nil {
		return nil, false, err
	}
	state := client.ConnectionState()
	pool := x509.NewCertPool()
	for _, c := range state.PeerCertificates[1:] {
		pool.AddCert(c)
	}
	_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{
		Roots: d.roots, Intermediates: pool, CurrentTime: d.opts.Now(), DNSName: cmp.Or(q.ServerName, q.Host),
	})
	return client, err == nil, nil
}

// headersOf are the header lines that go out, and the names of those that do not.
func (d *Door) headersOf(q observed.HTTPQuestion, trusted bool) (lines, withheld []string) {
	lines = slices.Clone(q.Headers)
	for _, name := range q.Withheld {
		value, ok := "", false
		if d.opts.Header != nil && trusted {
			value, ok = d.opts.Header(q.Host, name)
		}
		if ok && httpguts.ValidHeaderFieldName(name) && httpguts.ValidHeaderFieldValue(value) {
			lines = append(lines, name+": "+value)
			continue
		}
		withheld = append(withheld, name)
	}
	return lines, withheld
}

// sendH1 writes the request itself: no library would send a path byte for byte.
func (d *Door) sendH1(ctx context.Context, conn net.Conn, q observed.HTTPQuestion, headers []string, a observed.Answer) (observed.Answer, []byte, error) {
	wait := d.firstByteTime(q)
	stop := d.hurry(ctx, conn, wait)
	defer func() { stop() }()
	asked := time.Now()
	if _, err := io.WriteString(conn, requestText(q, headers)); err != nil {
		a.Failure, a.Error = answerFailure(err, observed.FirstByteTimeout), err.Error()
		return a, nil, nil
	}
	limited := &io.LimitedReader{R: conn, N: headerLimit}
	r := bufio.NewReader(limited)
	_, err := r.Peek(1)
	a.FirstByteMilliseconds = int(time.Since(asked).Milliseconds())
	if err != nil {
		a.Failure, a.Error = answerFailure(err, observed.FirstByteTimeout), err.Error()
		return a, nil, nil
	}
	stop()
	stop = d.hurry(ctx, conn, d.opts.BodyTimeout)
	response, err := finalResponse(r, q.Method)
	if err != nil {
		a.Failure, a.Error = answerFailure(err, observed.BodyTimeout), err.Error()
		if limited.N <= 0 {
			a.Failure = observed.HeadersTooBig
		}
		return a, nil, nil
	}
	limited.N = 1 << 40 // the headers are through; the body has a limit of its own
	return d.finish(response, a)
}

// firstByteTime is how long to wait for an answer's first byte.
func (d *Door) firstByteTime(q observed.HTTPQuestion) time.Duration {
	if q.Wait <= 0 {
		return d.opts.FirstByteTimeout
	}
	return min(time.Duration(q.Wait)*time.Second, d.opts.MaxFirstByteTimeout)
}

func requestText(q observed.HTTPQuestion, headers []string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s %s HTTP/1.1\r\nHost: %s\r\n", q.Method, q.Path, cmp.Or(q.HostHeader, q.Host))
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(name, "Host") || strings.EqualFold(name, "Connection") {
			continue
		}
		fmt.Fprintf(&out, "%s: %s\r\n", name, strings.TrimSpace(value))
	}
	out.WriteString("Connection: close\r\n\r\n")
	return out.String()
}

// finalResponse reads the head of an answer, and passes over interim ones.
func finalResponse(r *bufio.Reader, method string) (*http.Response, error) {
	const most = 5
	for range most {
		response, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			return nil, err
		}
		if response.StatusCode >= 200 || response.StatusCode == http.StatusSwitchingProtocols {
			return response, nil
		}
	}
	return nil, errors.New("malformed HTTP: one interim response after another")
}

// finish takes an answer's head over and reads the beginning of its body.
func (d *Door) finish(response *http.Response, a observed.Answer) (observed.Answer, []byte, error) {
	defer response.Body.Close()
	a.Version, a.Status = response.Proto, response.StatusCode
	if response.ContentLength >= 0 && response.Header.Get("Content-Length") == "" && response.ContentLength > 0 {
		response.Header.Set("Content-Length", strconv.FormatInt(response.ContentLength, 10))
	}
	for name, values := range response.Header {
		for _, value := range values {
			a.Headers = append(a.Headers, observed.Header{Name: name, Value: value})
		}
	}
	if len(response.TransferEncoding) > 0 {
		a.Headers = append(a.Headers, observed.Header{Name: "Transfer-Encoding", Value: strings.Join(response.TransferEncoding, ", ")})
	}
	slices.SortStableFunc(a.Headers, func(x, y observed.Header) int { return strings.Compare(x.Name, y.Name) })
	var body bytes.Buffer
	n, err := io.Copy(&body, io.LimitReader(response.Body, DefaultBodyLimit+1))
	if n > DefaultBodyLimit {
		a.More = true
		body.Truncate(DefaultBodyLimit)
	}
	a.BodyBytes = body.Len()
	switch {
	case err == nil:
	case errors.Is(err, io.ErrUnexpectedEOF):
		a.Failure, a.Error = observed.Truncated, "the body ended before the length that was announced"
	default:
		a.Failure, a.Error = answerFailure(err, observed.BodyTimeout), err.Error()
		if a.Failure == observed.Reset {
			a.Failure = observed.Truncated
		}
	}
	return a, body.Bytes(), nil
}

// answerFailure puts a failure to get an answer into a word; a time that ran out is the given one.
func answerFailure(err error, timeout observed.Failure) observed.Failure {
	switch {
	case timedOut(err):
		return timeout
	case closed(err):
		return observed.Reset
	}
	return observed.Malformed
}
