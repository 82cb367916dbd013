// Package standin is an edge location for tests: a server on loopback that answers with the documented bodies and headers of CloudFront and of the
// services behind it, over TLS with HTTP/1.1 and HTTP/2, and over plain HTTP.
//
// The path chooses the answer: /NAME is the example of that name in package signaturetest, "/" is a good answer that the cache keeps, and these
// are there too: /loop/a and /loop/b lead to one another, /chain leads to /, /away leads to another host, /kept-error is an error that the cache
// keeps, /control answers with control characters, /hang never answers.
package standin

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"cfdoctor/internal/observed"
	"cfdoctor/internal/signature"
	"cfdoctor/internal/signature/signaturetest"
)

// Host is the name that the certificate covers.
const Host = "www.example.com"

// Refused is a server name whose handshake fails, as a name does that no distribution has.
const Refused = "refused.example.com"

// Edge is a running stand-in.
type Edge struct {
	// Port serves TLS, PlainPort plain HTTP, which redirects to Port.
	Port, PlainPort int
	// Authority is the certificate of the authority that issued the edge's, in PEM form.
	Authority []byte

	secure, plain *httptest.Server
	mu            sync.Mutex
	asked         map[string]int // requests by path
	requests      []string
}

// Options change the edge's certificate.
type Options struct {
	Names               []string // none: Host and *.example.org
	NotBefore, NotAfter time.Time
}

// New starts an edge; Close ends it.
func New(o Options) (*Edge, error) {
	if len(o.Names) == 0 {
		o.Names = []string{Host, "*.example.org"}
	}
	if o.NotAfter.IsZero() {
		o.NotBefore, o.NotAfter = time.Now().Add(-24*time.Hour), time.Now().Add(300*24*time.Hour)
	}
	authority, certificate, err := issue(o)
	if err != nil {
		return nil, fmt.Errorf("make the edge's certificate: %w", err)
	}
	e := &Edge{Authority: authority, asked: map[string]int{}}
	e.secure = httptest.NewUnstartedServer(http.HandlerFunc(e.serve))
	e.secure.EnableHTTP2 = true
	e.secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	e.secure.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, GetConfigForClient: refuse}
	e.secure.StartTLS()
	e.plain = httptest.NewServer(http.HandlerFunc(e.redirect))
	e.Port, e.PlainPort = portOf(e.secure.URL), portOf(e.plain.URL)
	return e, nil
}

// Close ends the edge.
func (e *Edge) Close() {
	e.secure.CloseClientConnections()
	e.secure.Close()
	e.plain.Close()
}

// Requests lists what was asked, "GET /path HTTP/1.1".
func (e *Edge) Requests() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.requests...)
}

func portOf(address string) int {
	u, err := url.Parse(address)
	if err != nil {
		panic(err) // httptest's own
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		panic(err)
	}
	return port
}

func refuse(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	if hello.ServerName == Refused {
		return nil, errors.New("no distribution has this name")
	}
	return nil, nil
}

// count notes a request and returns how often its path was asked before.
func (e *Edge) count(r *http.Request) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.requests = append(e.requests, r.Method+" "+r.URL.RequestURI()+" "+r.Proto)
	n := e.asked[r.URL.Path]
	e.asked[r.URL.Path]++
	return n
}

// redirect is the viewer protocol policy redirect-to-https.
func (e *Edge) redirect(w http.ResponseWriter, r *http.Request) {
	e.count(r)
	example, _ := signaturetest.Named("redirect")
	host, _, _ := strings.Cut(r.Host, ":")
	for _, h := range example.Answer.Headers {
		w.Header().Set(h.Name, h.Value)
	}
	w.Header().Set("Location", "https://"+host+":"+strconv.Itoa(e.Port)+r.URL.RequestURI())
	w.WriteHeader(example.Answer.Status)
	io.WriteString(w, example.Answer.Body)
}

func (e *Edge) serve(w http.ResponseWriter, r *http.Request) {
	before := e.count(r)
	name := strings.TrimPrefix(r.URL.Path, "/")
	switch name {
	case "":
		e.write(w, cached(signature.Answer{Status: 200, Headers: headers("Server", "AmazonS3", "ETag", `"e"`, "Content-Type", "text/html"), Body: "<h1>Hello</h1>"}, before))
	case "kept-error":
		example, _ := signaturetest.Named("s3-NoSuchKey")
		if before > 0 {
			w.Header().Set("Age", "3")
		}
		e.write(w, example.Answer)
	case "chain":
		e.write(w, to("/"))
	case "loop/a":
		e.write(w, to("/loop/b"))
	case "loop/b":
		e.write(w, to("/loop/a"))
	case "away":
		e.write(w, to("https://elsewhere.example.net/landing?Signature=secret"))
	case "control":
		w.Header().Set("Server", "evil\x1b[31m")
		e.write(w, signature.Answer{Status: 500, Headers: headers("X-Cache", "Error from cloudfront"), Body: "\x1b[2J"})
	case "hang":
		<-r.Context().Done()
	default:
		example, ok := signaturetest.Named(name)
		if !ok || example.Answer.Status == 0 {
			example, _ = signaturetest.Named("origin-error")
		}
		e.write(w, example.Answer)
	}
}

func headers(pairs ...string) []observed.Header {
	var out []observed.Header
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, observed.Header{Name: pairs[i], Value: pairs[i+1]})
	}
	return out
}

// to is a redirect of the origin's.
func to(location string) signature.Answer {
	return signature.Answer{Status: 302, Headers: headers(
		"Location", location, "Server", "nginx", "X-Cache", "Miss from cloudfront", "Via", "1.1 abc.cloudfront.net (CloudFront)", "X-Amz-Cf-Id", signaturetest.RequestID,
	)}
}

// cached adds what the cache says: the first answer is fetched, the next ones are kept.
func cached(a signature.Answer, before int) signature.Answer {
	a.Headers = append(a.Headers, headers("Via", "1.1 abc.cloudfront.net (CloudFront)", "X-Amz-Cf-Id", signaturetest.RequestID, "X-Amz-Cf-Pop", "FRA56-P2")...)
	if before == 0 {
		a.Headers = append(a.Headers, headers("X-Cache", "Miss from cloudfront")...)
	} else {
		a.Headers = append(a.Headers, headers("X-Cache", "Hit from cloudfront", "Age", "1")...)
	}
	return a
}

func (e *Edge) write(w http.ResponseWriter, a signature.Answer) {
	for _, h := range a.Headers {
		w.Header().Add(h.Name, h.Value)
	}
	w.WriteHeader(a.Status)
	io.WriteString(w, a.Body)
}

// issue makes an authority and a certificate of it.
func issue(o Options) (authority []byte, leaf tls.Certificate, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, leaf, err
	}
	parent := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test authority"}, NotBefore: time.Now().Add(-time.Hour * 1000), NotAfter: time.Now().Add(time.Hour * 10000),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, parent, parent, key.Public(), key)
	if err != nil {
		return nil, leaf, err
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, leaf, err
	}
	child := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: o.Names[0]}, NotBefore: o.NotBefore, NotAfter: o.NotAfter, DNSNames: o.Names,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, child, parent, leafKey.Public(), key)
	if err != nil {
		return nil, leaf, err
	}
	authority = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return authority, tls.Certificate{Certificate: [][]byte{leafDER}, PrivateKey: leafKey}, nil
}
