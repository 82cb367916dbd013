// Package probe is the door to the world outside the account: it looks names up, makes TLS handshakes and sends requests, as package observed
// asks it to. It is a [source.Source] beside the door to the account; see [Beside].
//
// It is careful where it goes: what it contacts is named by an account, and so by anybody who may write to that account. Link-local addresses,
// where metadata services live, are never contacted; loopback and private ones only where the person who runs it gave the address. It follows no
// redirect, sends no credentials, reads a bounded part of every answer, and stops after a bounded number of probes.
package probe

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/source"
)

// Bounds that hold unless [Options] say otherwise.
const (
	DefaultMaxProbes = 200
	DefaultBodyLimit = 64 << 10 // bytes of a body that are read
	headerLimit      = 64 << 10 // bytes of an answer's headers that are read
)

// Options tune a door. The zero value is ready for use.
type Options struct {
	// Resolvers are the DNS servers to ask, as address:port; empty asks public ones, see [PublicResolvers].
	Resolvers []string
	// Resolve gives addresses to names, as curl's --resolve does; see [ParseResolve]. An address that is given is one that was asked for.
	Resolve []Override
	// Roots are the trusted authorities; nil takes the computer's and those of CAFiles.
	Roots *x509.CertPool
	// CAFiles are PEM files with more trusted authorities.
	CAFiles []string
	// AllowPrivate lets the door contact private and loopback addresses that names lead to.
	AllowPrivate bool
	// Header gives the values of headers that a question withholds, where the person has allowed to send them: the origin's own custom headers.
	// They are sent over https to servers with a trusted certificate only. nil withholds them all.
	Header func(host, name string) (value string, ok bool)
	// MaxProbes bounds the probes of a run; 0 is [DefaultMaxProbes].
	MaxProbes int
	// The times to wait: for a resolver, for a connection, for a handshake, for an answer's first byte where the question does not say,
	// for the answer's first byte at most, and between two parts of a body. Zero values are 3, 10, 10, 10, 60 and 10 seconds.
	DNSTimeout, ConnectTimeout, HandshakeTimeout, FirstByteTimeout, MaxFirstByteTimeout, BodyTimeout time.Duration
	// Now is the time at which certificates are judged; nil is time.Now.
	Now func() time.Time
}

// Door makes probes. It is safe for concurrent use.
type Door struct {
	opts      Options
	roots     *x509.CertPool
	rootsName string
	rootless  bool // the computer knows no authorities, so that not finding one says nothing

	mu      sync.Mutex
	made    int
	lookups map[string]*lookup
	dead    map[string]bool // resolvers that did not answer
}

var _ source.Source = (*Door)(nil)

// New opens a door. It fails where a file of authorities cannot be read.
func New(o Options) (*Door, error) {
	o.defaults()
	d := &Door{opts: o, roots: o.Roots, rootsName: "given", lookups: map[string]*lookup{}, dead: map[string]bool{}}
	if o.Roots == nil {
		d.rootsName = "this computer's"
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		d.rootless = pool.Equal(x509.NewCertPool())
		d.roots = pool
	} else {
		d.roots = o.Roots.Clone()
	}
	for _, file := range o.CAFiles {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read trusted authorities: %w", err)
		}
		if !d.roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read trusted authorities: %s holds no certificate in PEM form", file)
		}
		d.rootsName += " and those of " + file
	}
	return d, nil
}

func (o *Options) defaults() {
	for _, t := range []struct {
		value *time.Duration
		other time.Duration
	}{
		{&o.DNSTimeout, 3 * time.Second}, {&o.ConnectTimeout, 10 * time.Second}, {&o.HandshakeTimeout, 10 * time.Second},
		{&o.FirstByteTimeout, 10 * time.Second}, {&o.MaxFirstByteTimeout, 60 * time.Second}, {&o.BodyTimeout, 10 * time.Second},
	} {
		if *t.value <= 0 {
			*t.value = t.other
		}
	}
	if o.MaxProbes <= 0 {
		o.MaxProbes = DefaultMaxProbes
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

// Do makes a probe. What was seen is an answer, a refused connection too; an error means that nobody could look.
func (d *Door) Do(ctx context.Context, call evidence.Call) (jsontext.Value, error) {
	if !observed.IsProbe(call) {
		return nil, fmt.Errorf("%s: %w", call.Name(), source.ErrNotCaptured)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := d.count(); err != nil {
		return nil, err
	}
	answer, err := d.look(ctx, call)
	if err != nil {
		return nil, err
	}
	return evidence.Encode(answer)
}

func (d *Door) look(ctx context.Context, call evidence.Call) (any, error) {
	switch call.Operation {
	case observed.OperationDNS:
		q, err := observed.DNSQuestionOf(call)
		if err != nil {
			return nil, err
		}
		return d.resolve(ctx, q)
	case observed.OperationTLS:
		q, err := observed.TLSQuestionOf(call)
		if err != nil {
			return nil, err
		}
		return d.handshake(ctx, q)
	case observed.OperationHTTP:
		q, err := observed.HTTPQuestionOf(call)
		if err != nil {
			return nil, err
		}
		return d.request(ctx, q)
	}
	return nil, fmt.Errorf("%s: %w", call.Name(), source.ErrNotCaptured)
}

// count bounds the probes of a run.
func (d *Door) count() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.made == d.opts.MaxProbes {
		return &evidence.Problem{Code: "TooManyProbes", Message: fmt.Sprintf("a run makes %d probes at most", d.opts.MaxProbes)}
	}
	d.made++
	return nil
}

// About implements [source.Source].
func (d *Door) About() source.About {
	return source.About{Kind: "probe", Detail: "active validation, trusting " + d.rootsName + " authorities"}
}

// Close implements [source.Source]. Every probe closes what it opened.
func (d *Door) Close() error { return nil }

// Beside makes one source of two: probes are answered by the second, everything else by the first. Closing it closes both.
func Beside(account, probes source.Source) source.Source { return &beside{account, probes} }

type beside struct {
	source.Source
	probes source.Source
}

func (b *beside) Do(ctx context.Context, call evidence.Call) (jsontext.Value, error) {
	if observed.IsProbe(call) {
		return b.probes.Do(ctx, call)
	}
	return b.Source.Do(ctx, call)
}

func (b *beside) Close() error { return errors.Join(b.Source.Close(), b.probes.Close()) }
