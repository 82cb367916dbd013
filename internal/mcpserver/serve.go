package mcpserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Serve speaks the protocol on a pair of streams until the client goes away or ctx ends. Nothing else may be written to out.
func Serve(ctx context.Context, m *mcp.Server, in io.Reader, out io.Writer) error {
	err := m.Run(ctx, &mcp.IOTransport{Reader: io.NopCloser(in), Writer: writeCloser{out}})
	if errors.Is(err, io.EOF) || errors.Is(err, mcp.ErrConnectionClosed) || ctx.Err() != nil {
		return nil
	}
	return err
}

// writeCloser leaves standard output open.
type writeCloser struct{ io.Writer }

func (writeCloser) Close() error { return nil }

// Times of the HTTP server.
const (
	headerTimeout   = 10 * time.Second
	idleSession     = time.Hour
	shutdownTimeout = 5 * time.Second
)

// Listen opens a port of this machine for [ServeHTTP]. Another machine's, or all addresses, are refused: there is no authentication.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, advise("give an address such as 127.0.0.1:8080", "%q is no address with a port", address)
	}
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return nil, advise("give 127.0.0.1:PORT, [::1]:PORT or localhost:PORT", "%q is not on this machine alone, and there is no authentication", address)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return l, nil
}

// ServeHTTP speaks the protocol over HTTP until ctx ends.
func ServeHTTP(ctx context.Context, m *mcp.Server, l net.Listener) error {
	server := &http.Server{Handler: Handler(m), ReadHeaderTimeout: headerTimeout}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case err := <-done:
		return fmt.Errorf("serve MCP: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if server.Shutdown(end) != nil { // a client that keeps listening to a stream
		return server.Close()
	}
	return nil
}

// newestWithSessions is the last version of the protocol in which HTTP clients have sessions; from 2026-07-28 on there are none.
const newestWithSessions = "2025-11-25"

// Handler serves both kinds of clients. Pages of other origins are kept out twice: by the Host header (DNS rebinding, the SDK) and by the browser's own
// headers on cross-origin requests (net/http).
func Handler(m *mcp.Server) http.Handler {
	one := func(*http.Request) *mcp.Server { return m }
	with := mcp.NewStreamableHTTPHandler(one, &mcp.StreamableHTTPOptions{SessionTimeout: idleSession})
	without := mcp.NewStreamableHTTPHandler(one, &mcp.StreamableHTTPOptions{Stateless: true, PropagateRequestCancellation: true})
	both := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Mcp-Protocol-Version") > newestWithSessions {
			without.ServeHTTP(w, r)
			return
		}
		with.ServeHTTP(w, r)
	})
	return http.NewCrossOriginProtection().Handler(both)
}
