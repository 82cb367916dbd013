// Package observed names what active validation asks of the world outside the account, and what it is told: names looked up, TLS handshakes
// made as CloudFront makes them, requests sent as CloudFront sends them.
//
// A probe is a read like any other: a typed [evidence.Read] whose service is "probe". Its answer is an observation, a refused connection
// included; it becomes a failed fact only where nobody could look. Everything here is data and judgement on data: who makes the probes is
// package probe, or a bundle that holds what they saw.
package observed

import (
	"fmt"

	"github.com/go-json-experiment/json"

	"cfdoctor/internal/evidence"
)

// Service is the service name of all probes, in calls and in a bundle's "probes".
const Service = "probe"

// Names of the operations.
const (
	OperationDNS  = "DNS"
	OperationTLS  = "TLS"
	OperationHTTP = "HTTP"
)

// Permission is what a missing probe needs. It is no IAM action: it is a person's consent to contact what the account names.
const Permission = "active validation"

// unasked is what a report says of a probe that nobody made.
const unasked = "needs active validation (--active-validation)"

// IsProbe reports whether a call is a probe.
func IsProbe(c evidence.Call) bool { return c.Service == Service }

// read builds a probe's read. Members without a value are left out of the params, so that a recording may leave them out too.
func read[T any](operation, resource string, params map[string]any) evidence.Read[T] {
	for name, value := range params {
		switch v := value.(type) {
		case string:
			if v == "" {
				delete(params, name)
			}
		case int:
			if v == 0 {
				delete(params, name)
			}
		case []any:
			if len(v) == 0 {
				delete(params, name)
			}
		}
	}
	return evidence.Read[T]{
		Call:       evidence.Call{Service: Service, Operation: operation, Params: params},
		Resource:   resource,
		Permission: Permission,
		Unasked:    unasked,
	}
}

// list is a list of texts as params hold it.
func list(values []string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

// question decodes a probe's params. A member that the question does not have is an error: it would not be asked.
func question(call evidence.Call, operation string, into any) error {
	if call.Service != Service || call.Operation != operation {
		return fmt.Errorf("%s is not %s:%s", call.Name(), Service, operation)
	}
	text, err := json.Marshal(call.Params)
	if err != nil {
		return fmt.Errorf("params of %s: %w", call.Name(), err)
	}
	if err := json.Unmarshal(text, into, json.RejectUnknownMembers(true)); err != nil {
		return fmt.Errorf("params of %s: %w", call.Name(), err)
	}
	return nil
}

// Failure is how a connection, a handshake or an answer failed. The empty one means that it did not.
type Failure string

// Failures to connect.
const (
	Unresolved  Failure = "unresolved"  // the name has no address
	Refused     Failure = "refused"     // the port is closed: the address answered with a reset
	Timeout     Failure = "timeout"     // no answer to the connection attempts in time
	Unreachable Failure = "unreachable" // the network says that there is no way there
)

// Failures of a handshake.
const (
	NotTLS             Failure = "not-tls"             // what answers on the port does not speak TLS
	PlainHTTP          Failure = "plain-http"          // it speaks plain HTTP
	HandshakeTimeout   Failure = "handshake-timeout"   // connected, and then silence
	HandshakeReset     Failure = "handshake-reset"     // connected, and then closed without a TLS answer
	NoCommonProtocol   Failure = "no-common-protocol"  // no TLS version in common
	NoCommonCipher     Failure = "no-common-cipher"    // a version in common, and no cipher
	UnrecognizedName   Failure = "unrecognized-name"   // the server says that it does not serve this server name
	CertificateWanted  Failure = "certificate-wanted"  // the server refuses clients without a certificate
	HandshakeRefused   Failure = "handshake-refused"   // an alert that tells nothing more
	HandshakeMalformed Failure = "handshake-malformed" // TLS that cannot be read
)

// Failures of an answer to a request.
const (
	TLSFailed        Failure = "tls"                // no handshake, so that the request could not be sent: a TLS probe tells why
	Reset            Failure = "reset"              // the connection was closed or reset before an answer
	FirstByteTimeout Failure = "first-byte-timeout" // connected and asked, and no first byte in time
	BodyTimeout      Failure = "body-timeout"       // the body stopped for longer than the time given
	Malformed        Failure = "malformed"          // no HTTP answer
	HeadersTooBig    Failure = "headers-too-big"    // more header bytes than are read
	Truncated        Failure = "truncated"          // the body ended before the length that was announced
)

// Connects reports whether the failure came before a connection stood.
func (f Failure) Connects() bool {
	switch f {
	case Unresolved, Refused, Timeout, Unreachable:
		return false
	}
	return true
}
