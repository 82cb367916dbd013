package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/observed"
)

// handshake answers a question about a TLS server.
func (d *Door) handshake(ctx context.Context, q observed.TLSQuestion) (h observed.Handshake, err error) {
	start := time.Now()
	h.Roots = d.rootsName
	t, failure, detail, err := d.locate(ctx, q.Host, q.Port)
	if err != nil {
		return h, err
	}
	h.Address, h.Failure, h.Error = t.address(), failure, detail
	if failure == "" {
		if q.As == observed.AsBrowser {
			err = d.asBrowser(ctx, t, q, &h)
		} else {
			err = d.asCloudFront(ctx, t, q, &h)
		}
	}
	h.Milliseconds = int(time.Since(start).Milliseconds())
	if ctx.Err() != nil {
		return h, ctx.Err()
	}
	return h, err
}

// asCloudFront makes CloudFront's hello. Where the server refuses it, more is asked until it is clear why.
func (d *Door) asCloudFront(ctx context.Context, t target, q observed.TLSQuestion, h *observed.Handshake) error {
	side := cloudfront.OriginSide(originProtocols(q.Protocols))
	if len(side.Protocols) == 0 {
		return fmt.Errorf("the question names no TLS version: %v", q.Protocols)
	}
	f, err := d.hello(ctx, t, cloudFrontOffer(side, q.ServerName), h)
	if err != nil || h.Failure != "" && h.Failure != observed.HandshakeRefused && h.Failure != observed.HandshakeReset && h.Failure != observed.NotTLS {
		return err
	}
	if h.Failure == "" {
		offered := slices.Contains(side.Protocols, cloudfront.Protocol(h.Version))
		if offered && slices.Contains(side.Ciphers, h.Cipher) {
			d.describe(ctx, h, f.certificates)
			if f.asksCertificate {
				h.ClientCertificate = d.demandsCertificate(ctx, t, q)
			}
			return nil
		}
		h.Otherwise = &observed.Negotiated{Version: h.Version, Cipher: h.Cipher}
		h.Failure, h.Version, h.Cipher = observed.NoCommonProtocol, "", ""
		if offered {
			h.Failure = observed.NoCommonCipher
		}
		d.describe(ctx, h, f.certificates)
		return nil
	}
	return d.explain(ctx, t, q, side, f, h)
}

func originProtocols(names []string) (out []types.SslProtocol) {
	for _, name := range names {
		out = append(out, types.SslProtocol(name))
	}
	return out
}

// hello sends one hello and reads what the server says to it.
func (d *Door) hello(ctx context.Context, t target, o offer, h *observed.Handshake) (f flight, err error) {
	conn, failure, err := d.dial(ctx, t)
	if err != nil {
		if failure == "" {
			return f, err
		}
		h.Failure, h.Error = failure, err.Error()
		return f, nil
	}
	defer conn.Close()
	h.Address = conn.RemoteAddr().String()
	defer d.hurry(ctx, conn, d.opts.HandshakeTimeout)()
	if _, err = conn.Write(o.clientHello()); err == nil {
		f, err = readFlight(conn)
	}
	if f.chosen {
		h.Version, h.Cipher = versionName(f.version), cipherName(f.cipher)
	}
	switch {
	case f.notTLS:
		h.Failure, h.Error = observed.NotTLS, "the answer is no TLS: "+firstLine(f.beginning)
		if strings.HasPrefix(string(f.beginning), "HTTP/") {
			h.Failure = observed.PlainHTTP
		}
	case f.alerted:
		h.Failure, h.Alert = observed.HandshakeRefused, alertName(f.alert)
		h.Error = "the server ends the handshake: " + h.Alert
	case err == nil:
	case timedOut(err):
		h.Failure, h.Error = observed.HandshakeTimeout, "no answer to the ClientHello"
	case closed(err):
		h.Failure, h.Error = observed.HandshakeReset, "the connection was closed: "+err.Error()
	default:
		h.Failure, h.Error = observed.HandshakeMalformed, err.Error()
	}
	return f, nil
}

// hurry makes a connection end with its time or its context, whichever comes first. The returned function stops watching.
func (d *Door) hurry(ctx context.Context, conn net.Conn, limit time.Duration) (stop func()) {
	conn.SetDeadline(time.Now().Add(limit))
	release := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	return func() { release() }
}

func firstLine(text []byte) string {
	line, _, _ := strings.Cut(string(text), "\n")
	return fmt.Sprintf("%.80q", strings.TrimSpace(line))
}

func isEOF(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// Alerts that tell why (RFC 8446, 6.2).
const (
	alertProtocolVersion  = 70
	alertUnrecognizedName = 112
)

// explain finds out why a server refused CloudFront's hello.
func (d *Door) explain(ctx context.Context, t target, q observed.TLSQuestion, side cloudfront.TLSSide, f flight, h *observed.Handshake) error {
	if h.Failure == observed.HandshakeReset || h.Failure == observed.NotTLS {
		if d.speaksHTTP(ctx, t, q.Host) {
			h.Failure, h.Error = observed.PlainHTTP, "the port answers plain HTTP"
			return nil
		}
	}
	if h.Failure == observed.NotTLS {
		return nil
	}
	if f.alerted && f.alert == alertUnrecognizedName {
		h.Failure = observed.UnrecognizedName
		return nil
	}
	refused := f.alerted && f.alert == alertProtocolVersion
	wide, other := d.wideHello(ctx, t, q)
	if (other.Failure != "" || !wide.chosen) && !d.modern(ctx, t, q, &other) {
		if refused {
			h.Failure = observed.NoCommonProtocol
		}
		return nil
	}
	h.Otherwise = &observed.Negotiated{Version: other.Version, Cipher: other.Cipher}
	h.Failure = observed.NoCommonCipher
	if !slices.Contains(side.Protocols, cloudfront.Protocol(other.Version)) || refused {
		h.Failure = observed.NoCommonProtocol
	}
	h.Chain, h.Fetched, h.Trust = other.Chain, other.Fetched, other.Trust
	if len(wide.certificates) > 0 {
		d.describe(ctx, h, wide.certificates)
	}
	return nil
}

// wideHello asks what the server would choose of everything up to TLS 1.2.
func (d *Door) wideHello(ctx context.Context, t target, q observed.TLSQuestion) (flight, observed.Handshake) {
	var h observed.Handshake
	f, err := d.hello(ctx, t, wideOffer(q.ServerName), &h)
	if err != nil {
		return flight{}, h
	}
	return f, h
}

// modern makes a handshake of TLS 1.3.
func (d *Door) modern(ctx context.Context, t target, q observed.TLSQuestion, h *observed.Handshake) bool {
	*h = observed.Handshake{}
	q.Protocols = []string{string(cloudfront.TLSv13)}
	return d.asBrowser(ctx, t, q, h) == nil && h.Failure == ""
}

// demandsCertificate tells whether a handshake goes on without the client certificate that the server asks for.
func (d *Door) demandsCertificate(ctx context.Context, t target, q observed.TLSQuestion) string {
	var h observed.Handshake
	q.Protocols = slices.DeleteFunc(slices.Clone(q.Protocols), func(p string) bool { return p == string(cloudfront.SSLv3) })
	if len(q.Protocols) > 0 && d.asBrowser(ctx, t, q, &h) == nil && h.Failure == observed.CertificateWanted {
		return observed.ClientCertificateRequired
	}
	return observed.ClientCertificateRequested
}

// asBrowser makes a whole handshake with the standard library.
func (d *Door) asBrowser(ctx context.Context, t target, q observed.TLSQuestion, h *observed.Handshake) error {
	conn, failure, err := d.dial(ctx, t)
	if err != nil {
		if failure == "" {
			return err
		}
		h.Failure, h.Error = failure, err.Error()
		return nil
	}
	defer conn.Close()
	h.Address = conn.RemoteAddr().String()
	defer d.hurry(ctx, conn, d.opts.HandshakeTimeout)()
	asked := false
	config := d.clientConfig(q.ServerName)
	config.MinVersion, config.MaxVersion = versionBounds(q.Protocols)
	config.NextProtos = []string{"h2", "http/1.1"}
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		asked = true
		return new(tls.Certificate), nil
	}
	client := tls.Client(conn, config)
	err = client.HandshakeContext(ctx)
	state := client.ConnectionState()
	if err == nil && asked && state.Version == tls.VersionTLS13 {
		err = refusalAfterwards(client, d.opts.HandshakeTimeout)
	}
	if asked {
		h.ClientCertificate = observed.ClientCertificateRequested
	}
	if err != nil {
		d.handshakeFailure(h, err, asked)
		return nil
	}
	h.Version, h.Cipher, h.Protocol = versionName(state.Version), cipherName(state.CipherSuite), state.NegotiatedProtocol
	var chain [][]byte
	for _, c := range state.PeerCertificates {
		chain = append(chain, c.Raw)
	}
	d.describe(ctx, h, chain)
	return nil
}

// clientConfig makes a handshake succeed whatever the certificate is: it is judged, not trusted. Every cipher that the library has is offered.
func (d *Door) clientConfig(server string) *tls.Config {
	config := &tls.Config{ServerName: server, InsecureSkipVerify: true, MinVersion: tls.VersionTLS10}
	for _, list := range [][]*tls.CipherSuite{tls.CipherSuites(), tls.InsecureCipherSuites()} {
		for _, suite := range list {
			config.CipherSuites = append(config.CipherSuites, suite.ID)
		}
	}
	return config
}

// versionBounds are the oldest and newest of the versions; all that the library has where none is named.
func versionBounds(names []string) (oldest, newest uint16) {
	for _, name := range names {
		code := max(versionCode(cloudfront.Protocol(name)), tls.VersionTLS10)
		if oldest == 0 || code < oldest {
			oldest = code
		}
		newest = max(newest, code)
	}
	if newest == 0 {
		return tls.VersionTLS10, tls.VersionTLS13
	}
	return oldest, newest
}

// refusalAfterwards waits for the alert with which a TLS 1.3 server refuses a client without a certificate: the client thinks the handshake
// done before the server has looked. A server that says nothing has accepted.
func refusalAfterwards(client *tls.Conn, limit time.Duration) error {
	client.SetReadDeadline(time.Now().Add(min(limit, time.Second)))
	_, err := client.Read(make([]byte, 1))
	var alert tls.AlertError
	if errors.As(err, &alert) || err != nil && strings.Contains(err.Error(), "remote error") {
		return err
	}
	return nil
}

// handshakeFailure puts a failed handshake into words.
func (d *Door) handshakeFailure(h *observed.Handshake, err error, asked bool) {
	h.Error = err.Error()
	var header tls.RecordHeaderError
	alert, alerted := alertOf(err)
	if alerted {
		h.Alert = alert
	}
	switch {
	case asked && (alerted || closed(err)):
		h.Failure, h.ClientCertificate = observed.CertificateWanted, observed.ClientCertificateRequired
	case errors.As(err, &header):
		h.Failure = observed.NotTLS
		if string(header.RecordHeader[:]) == "HTTP/" {
			h.Failure = observed.PlainHTTP
		}
	case h.Alert == "protocol_version" || strings.Contains(err.Error(), "unsupported versions") || strings.Contains(err.Error(), "protocol version"):
		h.Failure = observed.NoCommonProtocol
	case h.Alert == "unrecognized_name":
		h.Failure = observed.UnrecognizedName
	case alerted:
		h.Failure = observed.HandshakeRefused
	case timedOut(err):
		h.Failure = observed.HandshakeTimeout
	case closed(err):
		h.Failure = observed.HandshakeReset
	default:
		h.Failure = observed.HandshakeMalformed
	}
}

// alertOf is the alert that a server sent. Package tls has it in the error's text only.
func alertOf(err error) (string, bool) {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" {
		return "", false
	}
	text := strings.TrimPrefix(op.Err.Error(), "tls: ")
	for code := range 121 {
		if tls.AlertError(code).Error() == op.Err.Error() {
			return alertName(byte(code)), true
		}
	}
	return text, true
}

// speaksHTTP reports whether a port answers a plain HTTP request.
func (d *Door) speaksHTTP(ctx context.Context, t target, host string) bool {
	conn, _, err := d.dial(ctx, t)
	if err != nil {
		return false
	}
	defer conn.Close()
	defer d.hurry(ctx, conn, min(d.opts.HandshakeTimeout, 3*time.Second))()
	if _, err := fmt.Fprintf(conn, "HEAD / HTTP/1.1\r\nHost: %s\r\nUser-Agent: Amazon CloudFront\r\nConnection: close\r\n\r\n", host); err != nil {
		return false
	}
	head := make([]byte, 5)
	_, err = io.ReadFull(conn, head)
	return err == nil && string(head) == "HTTP/"
}
