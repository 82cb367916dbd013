package probe

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/quic-go/quic-go"
	"golang.org/x/net/http2"

	"cfdoctor/internal/observed"
)

// sendH2 sends a request over HTTP/2, which viewers speak and origins do not.
func (d *Door) sendH2(ctx context.Context, conn net.Conn, q observed.HTTPQuestion, headers []string, a observed.Answer) (observed.Answer, []byte, error) {
	if client, ok := conn.(*tls.Conn); !ok || client.ConnectionState().NegotiatedProtocol != "h2" {
		a.Failure, a.Error = observed.TLSFailed, "the server does not choose HTTP/2"
		return a, nil, nil
	}
	transport := &http2.Transport{DisableCompression: true, MaxHeaderListSize: headerLimit}
	session, err := transport.NewClientConn(conn)
	if err != nil {
		a.Failure, a.Error = answerFailure(err, observed.FirstByteTimeout), err.Error()
		return a, nil, nil
	}
	return d.roundTrip(ctx, session, q, headers, a)
}

// sendH3 tells whether a server speaks HTTP/3: it makes the QUIC handshake with that application protocol (RFC 9114, 3.1), and sends nothing.
// What the server would answer does not depend on the version, so the answer has no status.
func (d *Door) sendH3(ctx context.Context, t target, q observed.HTTPQuestion) (a observed.Answer, body []byte, err error) {
	a.Address = t.address()
	config := d.clientConfig(q.ServerName)
	config.NextProtos, config.MinVersion = []string{"h3"}, tls.VersionTLS13
	ctx, cancel := context.WithTimeout(ctx, d.opts.HandshakeTimeout)
	defer cancel()
	conn, err := quic.DialAddr(ctx, a.Address, config, &quic.Config{HandshakeIdleTimeout: d.opts.HandshakeTimeout})
	if err != nil {
		a.Failure, a.Error = observed.TLSFailed, err.Error()
		if timedOut(err) {
			a.Failure = observed.Timeout
		}
		return a, nil, nil
	}
	a.Version = "HTTP/3"
	const noError = 0x100 // H3_NO_ERROR (RFC 9114, 8.1)
	return a, nil, conn.CloseWithError(noError, "")
}

// roundTrip sends a request through the library. The path goes out as it is.
func (d *Door) roundTrip(ctx context.Context, over http.RoundTripper, q observed.HTTPQuestion, headers []string, a observed.Answer) (observed.Answer, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, d.firstByteTime(q)+d.opts.BodyTimeout)
	defer cancel()
	host := cmp.Or(q.HostHeader, q.Host)
	request := (&http.Request{
		Method: q.Method, Host: host, Header: http.Header{}, Proto: "HTTP/" + q.Version,
		URL: &url.URL{Scheme: q.Scheme, Host: host, Opaque: "//" + host + q.Path},
	}).WithContext(ctx)
	if !strings.HasPrefix(q.Path, "//") {
		request.URL.Opaque = q.Path
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ":")
		request.Header.Add(name, strings.TrimSpace(value))
	}
	asked := time.Now()
	response, err := over.RoundTrip(request)
	a.FirstByteMilliseconds = int(time.Since(asked).Milliseconds())
	if err != nil {
		a.Failure, a.Error = answerFailure(err, observed.FirstByteTimeout), err.Error()
		return a, nil, nil
	}
	return d.finish(response, a)
}
