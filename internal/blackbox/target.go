// Package blackbox judges a URL from outside, without an account: where its name leads, what the edge shows of itself, and who made the answer.
//
// A [Target] says what to ask the world, as far as the answers so far allow it: [Target.Questions]. Whoever asks does so until there is nothing
// new; [Target.Read] then puts what was seen into a [Report]. Both are pure.
package blackbox

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/request"
)

// maxHops is how many redirects are followed: as many as curl and browsers do is more than a look at them needs.
const maxHops = 10

// Target is a URL to look at.
type Target struct {
	Request request.Request
	Port    int
	// AnyHost follows redirects to other hosts too.
	AnyHost bool
	// Pinned says that the person gave the host's address, so that DNS is not asked where the name leads.
	Pinned bool
}

// Parse reads a URL. Method and headers are the rest of the request, which may be changed on the target afterwards.
func Parse(raw string) (Target, error) {
	if !strings.Contains(raw, "://") {
		raw = "https://" + raw
	}
	t := Target{Request: request.New("", "/")}
	if err := t.Request.SetURL(raw); err != nil {
		return t, err
	}
	port, err := portOf(raw, t.Request.Scheme)
	if err != nil {
		return t, err
	}
	t.Port = port
	return t, nil
}

func portOf(raw, scheme string) (int, error) {
	_, after, _ := strings.Cut(raw, "://")
	if i := strings.IndexAny(after, "/?#"); i >= 0 {
		after = after[:i]
	}
	after = after[strings.LastIndexByte(after, ']')+1:]
	_, digits, found := strings.Cut(after, ":")
	if !found || digits == "" {
		return observed.ViewerPort(scheme), nil
	}
	port, err := strconv.Atoi(digits)
	if err != nil || port < 1 || port > 65535 {
		return 0, fmt.Errorf("%q is no port", digits)
	}
	return port, nil
}

// hop is one request of a chain of redirects.
type hop struct {
	request request.Request
	port    int
}

func (t Target) first() hop { return hop{t.Request, t.Port} }

func (h hop) question() (observed.HTTPQuestion, bool) {
	return observed.ViewerRequest(h.request, h.port, "")
}

// address is the hop's URL, secrets in its query hidden.
func (h hop) address() string {
	q, ok := h.question()
	if !ok {
		q = observed.HTTPQuestion{Scheme: h.request.Scheme, Host: h.request.Host, Port: h.port, Path: h.request.Path}
	}
	return q.URL()
}

// to is the hop that a Location leads to.
func (h hop) to(location string) (hop, error) {
	base, err := url.Parse(h.rawURL())
	if err != nil {
		return hop{}, err
	}
	next, err := base.Parse(location)
	if err != nil {
		return hop{}, err
	}
	target, err := Parse(next.String())
	if err != nil {
		return hop{}, err
	}
	out := hop{h.request.Clone(), target.Port}
	out.request.Scheme, out.request.Host, out.request.Path, out.request.Query = target.Request.Scheme, target.Request.Host, target.Request.Path, target.Request.Query
	return out, nil
}

func (h hop) rawURL() string {
	r := h.request
	if h.port != observed.ViewerPort(r.Scheme) {
		r.Host += ":" + strconv.Itoa(h.port)
	}
	return r.URL()
}

// chain follows the redirects as far as they were answered. next is the hop that nobody asked yet, nil where the chain ends.
func (t Target) chain(w *evidence.World) (hops []hop, next *hop) {
	at := t.first()
	seen := map[string]bool{}
	for len(hops) <= maxHops {
		hops = append(hops, at)
		seen[at.rawURL()] = true
		q, ok := at.question()
		if !ok {
			return hops, nil
		}
		fact := observed.HTTP(q).In(w)
		if fact.State() == evidence.NotCaptured {
			return hops[:len(hops)-1], &hops[len(hops)-1]
		}
		answer, ok := fact.Get()
		location, redirects := redirect(answer)
		if !ok || !redirects {
			return hops, nil
		}
		to, err := at.to(location)
		if err != nil || !t.follows(to) || seen[to.rawURL()] {
			return hops, nil
		}
		at = to
	}
	return hops, nil
}

// follows reports whether a redirect's target is asked: another host only where the person said so.
func (t Target) follows(to hop) bool { return t.AnyHost || to.request.Host == t.Request.Host }

// redirect is where an answer leads.
func redirect(a observed.Answer) (location string, ok bool) {
	switch a.Status {
	case 301, 302, 303, 307, 308:
		return a.Header("Location")
	}
	return "", false
}

// Questions lists what to ask, given what is known: names, handshakes, the request, its redirects, and the same request again.
func (t Target) Questions(w *evidence.World) []evidence.Query {
	out := t.names(w)
	if handshake, ok := t.handshake(); ok {
		out = append(out, observed.TLS(handshake), observed.TLS(oldVersions(handshake)))
	}
	out = append(out, t.WayQuestions(w)...)
	if q, ok := t.plain(); ok {
		out = append(out, observed.HTTP(q))
	}
	return append(out, t.again(w)...)
}

// WayQuestions lists the requests of the way through redirects: those that were answered, and the next.
func (t Target) WayQuestions(w *evidence.World) []evidence.Query {
	hops, next := t.chain(w)
	if next != nil {
		hops = append(hops, *next)
	}
	var out []evidence.Query
	for _, h := range hops {
		if q, ok := h.question(); ok {
			out = append(out, observed.HTTP(q))
		}
	}
	return out
}

// handshake is the browser's, where the target can be asked over https.
func (t Target) handshake() (observed.TLSQuestion, bool) {
	switch {
	case t.Request.Scheme == "https":
		return observed.ViewerHandshake(t.Request.Host, t.Port), true
	case t.Port == observed.PortHTTP:
		return observed.ViewerHandshake(t.Request.Host, observed.PortHTTPS), true
	}
	return observed.TLSQuestion{}, false
}

// oldVersions asks whether the edge still takes the versions that were withdrawn (RFC 8996).
func oldVersions(q observed.TLSQuestion) observed.TLSQuestion {
	q.Protocols = []string{"TLSv1", "TLSv1.1"}
	return q
}

// plain asks the same over http, where the target stands on the usual port.
func (t Target) plain() (observed.HTTPQuestion, bool) {
	if t.Request.Scheme != "https" || t.Port != observed.PortHTTPS {
		return observed.HTTPQuestion{}, false
	}
	r := t.Request.Clone()
	r.Scheme, r.Method = "http", "HEAD"
	return observed.ViewerRequest(r, observed.PortHTTP, "")
}

// again repeats the request once it was answered: over HTTP/2, over HTTP/3 where it is offered, and to see the cache.
func (t Target) again(w *evidence.World) []evidence.Query {
	answer, ok := t.answer(w, t.version("")).Get()
	if !ok || answer.Failure != "" {
		return nil
	}
	var out []evidence.Query
	if t.Request.Scheme == "https" {
		out = append(out, observed.HTTP(t.version("2")))
		if t.offersHTTP3(w, answer) {
			out = append(out, observed.HTTP(t.version("3")))
		}
	}
	if q, ok := t.repeated(w); ok {
		out = append(out, observed.HTTP(q))
	}
	return out
}

// repeated is the request by which the cache is seen: the one over HTTP/2 where that is spoken, else one for the headers. ok is false where it is not
// known yet which.
func (t Target) repeated(w *evidence.World) (q observed.HTTPQuestion, ok bool) {
	if t.Request.Scheme == "https" {
		second := t.answer(w, t.version("2"))
		a, known := second.Get()
		switch {
		case second.State() == evidence.NotCaptured:
			return q, false
		case known && a.Failure == "":
			return t.version("2"), true
		}
	}
	return t.headers(), true
}

// version is the request over a version of HTTP.
func (t Target) version(version string) observed.HTTPQuestion {
	q, _ := observed.ViewerRequest(t.Request, t.Port, version)
	return q
}

// headers is the request for the headers alone: GET and HEAD share a cache entry (DG/RequestAndResponseBehaviorCustomOrigin).
func (t Target) headers() observed.HTTPQuestion {
	r := t.Request.Clone()
	r.Method = "HEAD"
	q, _ := observed.ViewerRequest(r, t.Port, "")
	return q
}

func (t Target) answer(w *evidence.World, q observed.HTTPQuestion) evidence.Fact[observed.Answer] {
	return observed.HTTP(q).In(w)
}

// offersHTTP3 reports whether the edge says so, in its Alt-Svc header or in the name's HTTPS record (RFC 9114, RFC 9460).
func (t Target) offersHTTP3(w *evidence.World, answer observed.Answer) bool {
	if alternatives, ok := answer.Header("Alt-Svc"); ok && strings.Contains(alternatives, "h3") {
		return true
	}
	records := observed.DNS(observed.DNSQuestion{Name: t.Request.Host, Type: "HTTPS"}).In(w).Or(observed.DNSAnswer{})
	return strings.Contains(strings.Join(records.Records, " "), "h3")
}

// names asks DNS for the host.
func (t Target) names(w *evidence.World) []evidence.Query {
	host := t.Request.Host
	if _, err := netip.ParseAddr(host); err == nil || t.Pinned {
		return nil
	}
	var out []evidence.Query
	for _, q := range observed.ViewerNames(host) {
		out = append(out, observed.DNS(q))
	}
	out = append(out, observed.DNS(observed.DNSQuestion{Name: host, Type: "HTTPS"}))
	for _, name := range authorizers(w, host) {
		out = append(out, observed.DNS(observed.DNSQuestion{Name: name, Type: "CAA"}))
	}
	return out
}

// authorizers are the names whose CAA records count: the host's, else the next name above that has any (RFC 8659).
func authorizers(w *evidence.World, host string) []string {
	var out []string
	for name := host; strings.Contains(name, "."); _, name, _ = strings.Cut(name, ".") {
		out = append(out, name)
		answer, ok := observed.DNS(observed.DNSQuestion{Name: name, Type: "CAA"}).In(w).Get()
		if !ok || len(answer.Records) > 0 {
			break
		}
	}
	return out
}
