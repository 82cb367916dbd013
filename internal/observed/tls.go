package observed

import (
	"strconv"
	"time"

	"cfdoctor/internal/evidence"
)

// Clients that a handshake can be made as.
const (
	// AsCloudFront offers what CloudFront offers an origin with these OriginSslProtocols: nothing more, nothing less
	// (DG/secure-connections-supported-ciphers-cloudfront-to-origin).
	AsCloudFront = ""
	// AsBrowser offers what a browser of today offers; Protocols, where given, bound the versions.
	AsBrowser = "browser"
)

// TLSQuestion asks for a handshake.
type TLSQuestion struct {
	Host       string // the name that is resolved and connected to, or an address
	Port       int
	ServerName string   // the server name in the handshake; "" sends none
	Protocols  []string // the API's words: SSLv3, TLSv1, TLSv1.1, TLSv1.2; for browsers TLSv1.3 too
	As         string   // AsCloudFront or AsBrowser
}

// Handshake is what a TLS server showed.
type Handshake struct {
	Address string  // the address and port that were connected to
	Failure Failure // why there is no handshake
	Error   string  // the same in the words of the system
	Alert   string  // the alert that the server sent, in the words of RFC 8446, such as "handshake_failure"
	Version string  // SSLv3, TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3, where one was chosen
	Cipher  string  // OpenSSL's name of the cipher that was chosen
	// Protocol is the application protocol that was chosen, such as "h2"; browsers only.
	Protocol string
	// Otherwise is what a client that offers everything gets, where CloudFront's offer was refused.
	Otherwise *Negotiated
	// ClientCertificate is "requested" or "required" where the server asks for one, "" where it does not.
	ClientCertificate string
	// Chain is what the server presented, in its order.
	Chain []Certificate
	// Fetched are certificates that the chain lacks and that were fetched from where its certificates say that their issuers are
	// (RFC 5280, authority information access), as browsers do and CloudFront does not.
	Fetched []Certificate
	// Trust is how the chain leads to a trusted authority. Dates and names are not part of it.
	Trust Trust
	// Roots says which authorities were taken for trusted, such as "this computer's".
	Roots string
	// Milliseconds is how long the handshake took, the connection included.
	Milliseconds int
}

// Negotiated is a version and cipher that another client would get.
type Negotiated struct {
	Version string
	Cipher  string
}

// The words of [Handshake.ClientCertificate].
const (
	ClientCertificateRequested = "requested" // the handshake goes on without one
	ClientCertificateRequired  = "required"
)

// Certificate is one certificate of a chain.
type Certificate struct {
	DER        []byte `json:",omitempty"` // the whole certificate
	Subject    string
	Issuer     string
	CommonName string
	Names      []string  // subject alternative names: DNS names and addresses
	NotBefore  time.Time `json:",omitzero"`
	NotAfter   time.Time `json:",omitzero"`
	Key        string    // such as "RSA 2048" or "ECDSA P-256"
	Signature  string    // such as "SHA256-RSA"
	SHA256     string    // fingerprint of the whole certificate, in hexadecimal
}

// Trust is how a presented chain leads to a trusted authority.
type Trust string

// The ways. The empty one means that there was no chain, or that nobody looked.
const (
	Trusted       Trust = "trusted"        // each certificate is signed by the next, the last by a trusted authority
	WrongOrder    Trust = "wrong-order"    // the certificates are there, in another order
	Incomplete    Trust = "incomplete"     // an intermediate certificate is missing; Fetched has it
	SelfSigned    Trust = "self-signed"    // the server's certificate signed itself
	UnknownRoot   Trust = "unknown-root"   // it leads to an authority that is not trusted
	UnknownIssuer Trust = "unknown-issuer" // the chain ends before an authority, and nobody knows the next one
	WeakSignature Trust = "weak-signature" // it leads to a trusted authority by a signature that is no longer accepted, such as SHA-1
)

// TLS asks for a handshake.
func TLS(q TLSQuestion) evidence.Read[Handshake] {
	resource := q.Host + ":" + strconv.Itoa(q.Port)
	if q.ServerName != "" && q.ServerName != q.Host {
		resource += " as " + q.ServerName
	}
	return read[Handshake](OperationTLS, resource, map[string]any{
		"Host": q.Host, "Port": q.Port, "ServerName": q.ServerName, "Protocols": list(q.Protocols), "As": q.As,
	})
}

// TLSQuestionOf reads the question of a call.
func TLSQuestionOf(call evidence.Call) (q TLSQuestion, err error) {
	return q, question(call, OperationTLS, &q)
}

// Leaf is the server's own certificate: the first of the chain.
func (h Handshake) Leaf() (Certificate, bool) {
	if len(h.Chain) == 0 {
		return Certificate{}, false
	}
	return h.Chain[0], true
}

// AllNames are the names that a certificate may be known by: the subject alternative names, else the common name
// (DG/using-https-cloudfront-to-custom-origin accepts both).
func (c Certificate) AllNames() []string {
	names := append([]string(nil), c.Names...)
	if c.CommonName != "" {
		for _, n := range names {
			if n == c.CommonName {
				return names
			}
		}
		names = append(names, c.CommonName)
	}
	return names
}
