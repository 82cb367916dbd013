package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
)

// Override gives a name's connections an address.
type Override struct {
	Host      string // lower case, or "*" for every name
	Port      int
	Addresses []netip.Addr
}

// ParseResolve reads curl's HOST:PORT:ADDRESS[,ADDRESS]…: HOST may be *, and IPv6 addresses may stand in brackets.
func ParseResolve(text string) (Override, error) {
	fail := func(why string) (Override, error) {
		return Override{}, fmt.Errorf("--resolve %q: %s; want HOST:PORT:ADDRESS", text, why)
	}
	host, rest, ok := cutHost(strings.TrimPrefix(text, "+"))
	if !ok || cloudfront.NormalizeHost(host) == "" {
		return fail("there is no host")
	}
	portText, list, ok := strings.Cut(rest, ":")
	port, err := strconv.Atoi(portText)
	if !ok || err != nil || port < 1 || port > 65535 {
		return fail("the port is no number between 1 and 65535")
	}
	o := Override{Host: cloudfront.NormalizeHost(host), Port: port}
	if host == "*" {
		o.Host = host
	}
	for _, item := range strings.Split(list, ",") {
		a, err := netip.ParseAddr(strings.Trim(item, "[]"))
		if err != nil {
			return fail(strconv.Quote(item) + " is no address")
		}
		o.Addresses = append(o.Addresses, a.Unmap())
	}
	return o, nil
}

// cutHost cuts the host off, which is in brackets where it is an IPv6 address.
func cutHost(text string) (host, rest string, ok bool) {
	if inner, bracketed := strings.CutPrefix(text, "["); bracketed {
		host, rest, ok = strings.Cut(inner, "]:")
		return host, rest, ok
	}
	return strings.Cut(text, ":")
}

// override finds the address that was given for a name and port; a name's own comes before the one for every name.
func (d *Door) override(host string, port int) ([]netip.Addr, bool) {
	host = cloudfront.NormalizeHost(host)
	var every []netip.Addr
	for _, o := range d.opts.Resolve {
		switch {
		case o.Port != port:
		case o.Host == host:
			return o.Addresses, true
		case o.Host == "*" && every == nil:
			every = o.Addresses
		}
	}
	return every, every != nil
}

// metadata is the address of AWS's instance metadata service over IPv6 (EC2/instancedata-data-retrieval). All others are link-local.
var metadata = netip.MustParseAddr("fd00:ec2::254")

// refusal says why an address is not contacted, "" where it is.
func (d *Door) refusal(a netip.Addr, asked bool) string {
	a = a.Unmap()
	switch {
	case a.IsLinkLocalUnicast() || a == metadata:
		return "it is link-local, where metadata services live"
	case a.IsUnspecified() || a.IsMulticast():
		return "no server has it"
	case asked || d.opts.AllowPrivate || observed.Public(a):
		return ""
	}
	return "the internet does not reach it; give it with --resolve to contact it all the same"
}

// target is where a probe connects to.
type target struct {
	host      string
	port      int
	addresses []netip.Addr
}

// locate finds the addresses of a host. failure is set where it has none; the error says that nobody could tell, or that the address must not be
// contacted.
func (d *Door) locate(ctx context.Context, host string, port int) (t target, failure observed.Failure, detail string, err error) {
	t = target{host: host, port: port}
	if port < 1 || port > 65535 {
		return t, "", "", fmt.Errorf("there is no port %d", port)
	}
	addresses, asked := d.override(host, port)
	if !asked {
		if a, err := netip.ParseAddr(host); err == nil {
			addresses = []netip.Addr{a}
		} else if addresses, detail, err = d.addresses(ctx, host); err != nil {
			return t, "", "", err
		}
	}
	if len(addresses) == 0 {
		return t, observed.Unresolved, detail, nil
	}
	why := ""
	for _, a := range addresses {
		if refusal := d.refusal(a, asked); refusal != "" {
			why = fmt.Sprintf("%s leads to %s: %s", host, a, refusal)
			continue
		}
		t.addresses = append(t.addresses, a)
	}
	if len(t.addresses) == 0 {
		return t, "", "", &evidence.Problem{Code: "AddressRefused", Message: why}
	}
	return t, "", "", nil
}

// dial connects to the first of the addresses that answers.
func (d *Door) dial(ctx context.Context, t target) (conn net.Conn, failure observed.Failure, err error) {
	ctx, cancel := context.WithTimeout(ctx, d.opts.ConnectTimeout)
	defer cancel()
	for _, a := range t.addresses {
		var dialer net.Dialer
		if conn, err = dialer.DialContext(ctx, "tcp", netip.AddrPortFrom(a, uint16(t.port)).String()); err == nil {
			return conn, "", nil
		}
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return nil, observed.Refused, err
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return nil, observed.Unreachable, err
	case timedOut(err):
		return nil, observed.Timeout, err
	case errors.Is(err, syscall.ECONNRESET):
		return nil, observed.Refused, err
	}
	return nil, "", err
}

// address is the first address as a connection has it.
func (t target) address() string {
	if len(t.addresses) == 0 {
		return ""
	}
	return netip.AddrPortFrom(t.addresses[0], uint16(t.port)).String()
}

func timedOut(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

// closed reports whether the other side ended the connection.
func closed(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || isEOF(err)
}
