package blackbox

import (
	"fmt"
	"strings"
	"time"

	"cfdoctor/internal/active"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/signature"
)

// States of a report.
const (
	Fine    = "fine"
	Failing = "error"
	Unknown = "unknown"
)

// Read puts what was seen into a report. Version is the program's.
func (t Target) Read(w *evidence.World, version string) *Report {
	r := &Report{
		Schema: SchemaVersion, GeneratedAt: w.Now.UTC().Format(time.RFC3339), CfdoctorVersion: version,
		URL: t.first().address(), Method: t.Request.Method, Problems: []Problem{}, Versions: []Version{}, Redirects: []Hop{}, Next: []Next{}, Commands: []Command{},
	}
	t.readDNS(w, r)
	t.readTLS(w, r)
	t.readAnswer(w, r)
	t.readVersions(w, r)
	t.readPlain(w, r)
	t.readCache(w, r)
	t.judge(r)
	r.Next = t.next(r)
	r.Commands = append(r.Commands, t.commands(r)...)
	return r
}

// commands show the main probes with tools that everybody has.
func (t Target) commands(r *Report) (out []Command) {
	add := func(purpose string, q evidence.Query) {
		if text, ok := active.Command(observed.Shown(q.Asks()), r.DNS.Resolver); ok {
			out = append(out, Command{Purpose: purpose, Command: text})
		}
	}
	if r.DNS.State != "given" {
		add("Where the name leads", observed.DNS(observed.DNSQuestion{Name: t.Request.Host, Type: "A"}))
	}
	if handshake, ok := t.handshake(); ok {
		add("The handshake and the certificate", observed.TLS(handshake))
	}
	if q, ok := t.first().question(); ok {
		add("The answer and its headers", observed.HTTP(q))
	}
	return out
}

// readAnswer reads the way of the request and its last answer.
func (t Target) readAnswer(w *evidence.World, r *Report) {
	var last evidence.Fact[observed.Answer]
	r.Redirects, r.Loop, last = t.way(w)
	r.Answer = answerOf(last)
	if r.Loop {
		r.Answer.Error = "a redirect loop"
		r.Answer.Causes = []string{"REDIRECT_LOOP", "FUNCTION_REDIRECT_LOOP"}
	}
}

// Way is the request's way through redirects, as far as it was followed, and whether it leads back to an address that was asked before.
func (t Target) Way(w *evidence.World) (hops []Hop, loop bool) {
	hops, loop, _ = t.way(w)
	return hops, loop
}

func (t Target) way(w *evidence.World) (out []Hop, loop bool, last evidence.Fact[observed.Answer]) {
	hops, next := t.chain(w)
	if next != nil {
		hops = append(hops, *next)
	}
	seen := map[string]bool{}
	for i, at := range hops {
		seen[at.rawURL()] = true
		q, _ := at.question()
		last = t.answer(w, q)
		a := last.Or(observed.Answer{})
		h := Hop{URL: at.address(), Status: a.Status, Followed: i+1 < len(hops)}
		if location, ok := redirect(a); ok {
			loop = t.redirected(&h, at, location, seen) || loop
		}
		if a.Failure != "" {
			h.Note = failureWords(a.Failure)
		}
		if len(a.Withheld) > 0 && a.Status != 0 {
			h.Note = strings.TrimPrefix(h.Note+"; without "+strings.Join(a.Withheld, ", ")+", which is sent only to a server with a trusted certificate", "; ")
		}
		out = append(out, h)
	}
	return out, loop, last
}

// redirected says where a redirect leads and why it was not followed, and whether it closes a circle.
func (t Target) redirected(out *Hop, from hop, location string, seen map[string]bool) (loop bool) {
	to, err := from.to(location)
	if err != nil {
		path, query, _ := strings.Cut(location, "?")
		out.Location = strings.TrimSuffix(path+"?"+evidence.RedactQuery(query), "?")
		out.Note = "the address cannot be read"
		return false
	}
	out.Location = to.address()
	switch {
	case seen[to.rawURL()]:
		out.Note = "an address that was asked before"
		return true
	case !t.follows(to):
		out.Note = "another host, not followed"
	case !out.Followed && len(seen) > maxHops:
		out.Note = "more redirects than are followed"
	}
	return false
}

func answerOf(fact evidence.Fact[observed.Answer]) Answer {
	a, ok := fact.Get()
	if !ok {
		return Answer{AnsweredBy: "unknown", Certainty: string(signature.Possible), Means: "Nobody could look: " + fact.Why() + ".", Failure: "unknown", Reasons: []string{}, Causes: []string{}}
	}
	if a.Failure != "" && a.Status == 0 {
		return failedAnswer(a)
	}
	v := signature.Classify(signature.Of(a))
	out := Answer{
		Status: a.Status, AnsweredBy: string(v.Producer), Certainty: string(v.Sure), Error: v.Error, Means: v.Means, Reasons: texts(v.Reasons), Evidence: string(v.Grade),
		Source: v.Source, Causes: texts(v.Causes), Signature: v.ID, Masked: v.Masked, ThroughCloudFront: v.ThroughCloudFront, Cached: v.Cached, Says: v.Sentence,
		FirstByteMS: a.FirstByteMilliseconds,
	}
	for name, into := range map[string]*string{
		"X-Amz-Cf-Id": &out.RequestID, "X-Amz-Cf-Pop": &out.EdgeLocation, "X-Cache": &out.XCache, "Server": &out.Server, "Via": &out.Via, "Age": &out.Age,
	} {
		*into, _ = a.Header(name)
	}
	if a.Failure != "" {
		out.Failure = failureWords(a.Failure)
	}
	return out
}

// failedAnswer is no HTTP answer at all.
func failedAnswer(a observed.Answer) Answer {
	out := Answer{
		Failure: failureWords(a.Failure), AnsweredBy: "connection", Certainty: string(signature.Certain), Error: "no HTTP answer", Evidence: string(signature.Documented),
		Means: "There is no HTTP answer: " + failureWords(a.Failure) + ".", Reasons: []string{}, Causes: []string{}, FirstByteMS: a.FirstByteMilliseconds,
	}
	if a.Error != "" {
		out.Reasons = append(out.Reasons, a.Error)
	}
	switch a.Failure {
	case observed.Unresolved:
		out.AnsweredBy, out.Causes = "dns", []string{"ALIAS_DNS_NOT_POINTING"}
	case observed.TLSFailed:
		row := signature.Classify(signature.Answer{})
		out.AnsweredBy, out.Means, out.Causes, out.Signature, out.Source = string(row.Producer), row.Means, texts(row.Causes), row.ID, row.Source
	}
	return out
}

// failureWords says in words how a probe failed.
func failureWords(f observed.Failure) string {
	switch f {
	case observed.Unresolved:
		return "the name has no address"
	case observed.Refused:
		return "the port is closed"
	case observed.Timeout:
		return "no answer to the connection attempts"
	case observed.Unreachable:
		return "the network knows no way there"
	case observed.TLSFailed:
		return "the TLS handshake failed"
	case observed.NotTLS, observed.PlainHTTP:
		return "what answers does not speak TLS"
	case observed.HandshakeTimeout:
		return "the handshake got no answer"
	case observed.HandshakeReset, observed.HandshakeRefused, observed.HandshakeMalformed:
		return "the handshake was refused"
	case observed.NoCommonProtocol:
		return "no TLS version in common"
	case observed.NoCommonCipher:
		return "no cipher in common"
	case observed.UnrecognizedName:
		return "the server does not know this server name"
	case observed.CertificateWanted:
		return "the server wants a client certificate"
	case observed.Reset:
		return "the connection was closed before an answer"
	case observed.FirstByteTimeout:
		return "no answer in time"
	case observed.BodyTimeout:
		return "the body stopped"
	case observed.Malformed:
		return "the answer is no HTTP"
	case observed.HeadersTooBig:
		return "the answer's headers are too large"
	case observed.Truncated:
		return "the body is shorter than announced"
	}
	return string(f)
}

// readVersions reads which versions of HTTP were answered.
func (t Target) readVersions(w *evidence.World, r *Report) {
	first, ok := t.answer(w, t.version("")).Get()
	if !ok {
		return
	}
	r.Versions = append(r.Versions, versionOf("1.1", t.answer(w, t.version(""))))
	if t.Request.Scheme != "https" || first.Failure != "" {
		return
	}
	r.Versions = append(r.Versions, versionOf("2", t.answer(w, t.version("2"))))
	if t.offersHTTP3(w, first) {
		r.Versions = append(r.Versions, versionOf("3", t.answer(w, t.version("3"))))
	} else {
		r.Versions = append(r.Versions, Version{Version: "3", State: "not-offered", Note: "neither Alt-Svc nor an HTTPS record offers it"})
	}
}

func versionOf(name string, fact evidence.Fact[observed.Answer]) Version {
	a, ok := fact.Get()
	switch {
	case !ok:
		return Version{Version: name, State: Unknown, Note: fact.Why()}
	case name != "1.1" && a.Failure == observed.TLSFailed:
		return Version{Version: name, State: "not-offered"}
	case a.Failure != "" && a.Status == 0:
		return Version{Version: name, State: "failed", Note: failureWords(a.Failure)}
	case name != "1.1" && a.Version != "" && !strings.HasPrefix(a.Version, "HTTP/"+name):
		return Version{Version: name, State: "not-offered", Status: a.Status, Note: "answered with " + a.Version}
	}
	return Version{Version: name, State: "answered", Status: a.Status}
}

// readPlain reads what happens to plain HTTP.
func (t Target) readPlain(w *evidence.World, r *Report) {
	q, ok := t.plain()
	if !ok {
		return
	}
	fact := t.answer(w, q)
	a, ok := fact.Get()
	out := &Plain{Status: a.Status}
	r.PlainHTTP = out
	location, redirects := redirect(a)
	switch {
	case !ok:
		out.State, out.Note = Unknown, fact.Why()
	case a.Failure != "" && a.Status == 0:
		out.State, out.Note = "failed", failureWords(a.Failure)
	case redirects:
		out.Location = location
		out.State = "redirects-elsewhere"
		if to, err := (hop{plainOf(t), observed.PortHTTP}).to(location); err == nil {
			out.Location = to.address()
			if to.request.Scheme == "https" && to.request.Host == t.Request.Host {
				out.State = "redirects"
			}
		}
	case a.Status == 403:
		out.State = "refuses"
	default:
		out.State = "serves"
	}
}

// readCache compares the first answer with the next one to the same request.
func (t Target) readCache(w *evidence.World, r *Report) {
	first, ok := t.answer(w, t.version("")).Get()
	if !ok || first.Failure != "" {
		r.Cache.Note = "there was no answer to repeat"
		return
	}
	q, _ := t.repeated(w)
	second, ok := t.answer(w, q).Get()
	r.Cache.First, _ = first.Header("X-Cache")
	r.Cache.Second, _ = second.Header("X-Cache")
	r.Cache.Age, _ = second.Header("Age")
	if !ok || second.Failure != "" {
		r.Cache.Note = "the request could not be repeated"
		return
	}
	hit := func(a observed.Answer) bool { return signature.Classify(signature.Of(a)).Cached }
	again := hit(second)
	if r.Cache.First != "" || r.Cache.Second != "" {
		r.Cache.Hit = &again
	}
	switch {
	case r.Cache.First == "" && r.Cache.Second == "":
		r.Cache.Note = "no X-Cache header: not CloudFront, or taken off"
	case hit(first) && again:
		r.Cache.Note = "both answers came from the cache"
	case again && second.Status >= 400:
		r.Cache.Note = "the repeated error came from the cache: it stays for a while after its cause is gone"
	case again:
		r.Cache.Note = "the first answer was fetched, the second came from the cache"
	case first.Status != second.Status:
		r.Cache.Note = fmt.Sprintf("the answers differ: %d, then %d", first.Status, second.Status)
	default:
		r.Cache.Note = "not kept in the cache, or not for long enough to see it"
	}
}

func texts(in []string) []string {
	if in == nil {
		return []string{}
	}
	return in
}
