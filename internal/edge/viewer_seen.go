package edge

import (
	"strings"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/request"
	"cfdoctor/internal/signature"
	"cfdoctor/internal/tri"
)

// ViewerSeen is what active validation saw on the viewer's side of CloudFront for one request, each fact missing where nobody looked.
type ViewerSeen struct {
	A, AAAA evidence.Fact[observed.DNSAnswer]
	TLS     evidence.Fact[observed.Handshake]
	// HTTP is the answer to the very request; Preflight the one to a browser's question before it.
	HTTP, Preflight evidence.Fact[observed.Answer]
}

// viewerProbes are the questions behind a [ViewerSeen]. Those that this request does not raise are nil.
type viewerProbes struct {
	a, aaaa         *evidence.Read[observed.DNSAnswer]
	tls             *evidence.Read[observed.Handshake]
	http, preflight *evidence.Read[observed.Answer]
}

func (m *Model) viewerProbes(r request.Request) (p viewerProbes) {
	r.Host = cloudfront.NormalizeHost(r.Host)
	if r.Host == "" {
		r.Host = m.ownHost()
	}
	if r.Host == "" {
		return p
	}
	if r.Host != m.ownHost() {
		a, aaaa := observed.DNS(observed.DNSQuestion{Name: r.Host, Type: "A"}), observed.DNS(observed.DNSQuestion{Name: r.Host, Type: "AAAA"})
		p.a, p.aaaa = &a, &aaaa
	}
	port := observed.ViewerPort(r.Scheme)
	if r.Scheme != "http" {
		r.Scheme = "https"
		tls := observed.TLS(observed.ViewerHandshake(r.Host, port))
		p.tls = &tls
	}
	if q, ok := observed.ViewerRequest(r, port, ""); ok {
		read := observed.HTTP(q)
		p.http = &read
	}
	if q, ok := observed.ViewerPreflight(r, port); ok {
		read := observed.HTTP(q)
		p.preflight = &read
	}
	return p
}

// ViewerQuestions lists what to ask on the viewer's side for one request: where the host's name leads, the handshake of a browser, the answer to the
// request itself, and to a browser's question before it. Requests that may change something are not sent.
func (m *Model) ViewerQuestions(r request.Request) []evidence.Query {
	p := m.viewerProbes(r)
	var out []evidence.Query
	if p.a != nil {
		out = append(out, *p.a, *p.aaaa)
	}
	if p.tls != nil {
		out = append(out, *p.tls)
	}
	for _, q := range []*evidence.Read[observed.Answer]{p.http, p.preflight} {
		if q != nil {
			out = append(out, *q)
		}
	}
	return out
}

// ViewerSeen is what was seen of one request on the viewer's side.
func (m *Model) ViewerSeen(r request.Request) *ViewerSeen {
	p, out := m.viewerProbes(r), &ViewerSeen{}
	if p.a != nil {
		out.A, out.AAAA = p.a.In(m.World), p.aaaa.In(m.World)
	}
	if p.tls != nil {
		out.TLS = p.tls.In(m.World)
	}
	if p.http != nil {
		out.HTTP = p.http.In(m.World)
	}
	if p.preflight != nil {
		out.Preflight = p.preflight.In(m.World)
	}
	return out
}

// Verdict is who made the answer that was seen. ok is false where there was none, or where credentials of the request were withheld and the answer
// may be due to that.
func (s *ViewerSeen) Verdict() (v signature.Verdict, ok bool) {
	a, known := s.HTTP.Get()
	if !known || a.Status == 0 || a.Refuses() && len(a.Withheld) > 0 {
		return v, false
	}
	return signature.Classify(signature.Of(a)), true
}

// see lets public DNS decide where the host's name leads: it is what viewers go by, whatever the account's own zones hold.
func (d *ViewerDNS) see(m *Model, endpoints []string) {
	seen := m.ViewerSeen(request.Request{Host: d.Host, Scheme: "https", Method: "GET", Path: "/"})
	d.A, d.AAAA = seen.A, seen.AAAA
	a, ok := d.A.Get()
	if !ok || a.Resolver == observed.Given || !a.Answered() {
		return
	}
	aaaa, both := d.AAAA.Get()
	if len(a.Addresses) == 0 && a.Rcode != "NXDOMAIN" && (!both || len(aaaa.Addresses) == 0 && !aaaa.Answered()) {
		return
	}
	d.Seen, d.Why = true, ""
	if len(a.Addresses)+len(aaaa.Addresses) == 0 {
		d.Exists, d.LeadsHere, d.ReachesCloudFront, d.IPv6, d.Targets = tri.False, tri.False, tri.False, tri.False, nil
		return
	}
	d.Exists = tri.True
	if both && aaaa.Answered() {
		d.IPv6 = tri.Of(len(aaaa.Addresses) > 0)
	}
	d.Targets = a.Chain
	if len(d.Targets) == 0 {
		d.Targets = a.Addresses
	}
	d.seeTarget(m, a.Chain, endpoints)
}

// seeTarget tells from the names that the host leads through, and else from what answers there, whether it is CloudFront. A name that Route 53
// answers itself (an alias record) shows addresses only; every answer of CloudFront's has headers that nothing takes off
// (DG/understanding-response-headers-policies).
func (d *ViewerDNS) seeTarget(m *Model, chain, endpoints []string) {
	for _, name := range chain {
		for _, e := range endpoints {
			if e != "" && e == name {
				d.LeadsHere, d.ReachesCloudFront = tri.True, tri.True
				return
			}
		}
		if cloudfront.ClassifyEndpoint(name).Kind == cloudfront.KindCloudFront {
			d.LeadsHere, d.ReachesCloudFront = tri.False, tri.True
			return
		}
	}
	through, answered := m.answersAsCloudFront(d.Host)
	if len(chain) > 0 && !answered && servesItself(chain[len(chain)-1]) {
		d.LeadsHere, d.ReachesCloudFront = tri.False, tri.False
		return
	}
	switch {
	case !answered && d.LeadsHere.Yes() && len(chain) == 0:
		// Addresses do not tell whose they are, and the account's own zone says that they are this distribution's.
	case !answered:
		d.LeadsHere, d.ReachesCloudFront = tri.Unknown, tri.Unknown
	case through:
		d.ReachesCloudFront = tri.True
		if d.LeadsHere.No() {
			d.LeadsHere = tri.Unknown
		}
	default:
		d.LeadsHere, d.ReachesCloudFront = tri.False, tri.False
	}
}

// servesItself reports a name of a service of AWS that no distribution stands before: what leads there does not lead to CloudFront.
func servesItself(name string) bool {
	switch kind := cloudfront.ClassifyEndpoint(name).Kind; kind {
	case cloudfront.KindLoadBalancer, cloudfront.KindNetworkBalancer, cloudfront.KindEC2, cloudfront.KindS3Website, cloudfront.KindS3Regional,
		cloudfront.KindS3Global, cloudfront.KindElasticBeanstalk, cloudfront.KindGlobalAccelerator, cloudfront.KindLambdaURL:
		return true
	}
	return false
}

// answersAsCloudFront looks at the answers that were seen under a host. answered is false where there were none.
func (m *Model) answersAsCloudFront(host string) (through, answered bool) {
	if !m.probed() {
		return false, false
	}
	for _, rec := range m.World.Records() {
		if !observed.IsProbe(rec.Call) || rec.Call.Operation != observed.OperationHTTP || rec.State != evidence.Known {
			continue
		}
		q, err := observed.HTTPQuestionOf(rec.Call)
		var a observed.Answer
		if err != nil || q.Host != host || q.HostHeader != "" && cloudfront.NormalizeHost(q.HostHeader) != host || evidence.Decode(rec.Output, &a) != nil || a.Status == 0 {
			continue
		}
		answered = true
		through = through || signature.Classify(signature.Of(a)).ThroughCloudFront
	}
	return through, answered
}

// seenRef points at what public DNS said.
func (d *ViewerDNS) seenRef() evidence.Ref {
	a := d.A.Or(observed.DNSAnswer{})
	switch {
	case len(a.Chain) > 0:
		return d.A.Ref("Chain").With(strings.Join(a.Chain, ", "), "asked of "+a.Resolver)
	case len(a.Addresses) > 0:
		return d.A.Ref("Addresses").With(strings.Join(a.Addresses, ", "), "asked of "+a.Resolver)
	}
	return d.A.Ref("Rcode").With(a.Rcode, "asked of "+a.Resolver)
}

// SeenCertificate is the certificate that a browser was shown for the requested host, and what is wrong with it.
type SeenCertificate struct {
	Fact  evidence.Fact[observed.Handshake]
	Names []string
	// Covers tells whether the names cover the host; Fault why clients refuse it otherwise, "" for nothing wrong.
	Covers tri.Bool
	Fault  string
	// Sure tells that it is so for every client: dates and names are. A chain that nobody trusts, or a connection that breaks off, may be the work
	// of something between this computer and the edge.
	Sure bool
	// Field and Value are the member of the handshake that shows the fault.
	Field, Value string
	// Refused is why there was no handshake at all, "" where there was one.
	Refused observed.Failure
}

// SeenCertificate judges the handshake that active validation made with the edge for a host. ok is false where nobody looked.
func (m *Model) SeenCertificate(host string) (c SeenCertificate, ok bool) {
	if !m.probed() {
		return c, false
	}
	c.Fact = m.ViewerSeen(request.Request{Host: host, Scheme: "https", Method: "GET", Path: "/"}).TLS
	h, ok := c.Fact.Get()
	if !ok || !h.Failure.Connects() {
		return c, false
	}
	c.Refused, c.Sure = h.Failure, true
	leaf, shown := h.Leaf()
	if !shown {
		c.Sure = h.Failure != observed.HandshakeReset && h.Failure != observed.HandshakeTimeout && h.Failure != observed.HandshakeMalformed
		return c, h.Failure != ""
	}
	c.Names = leaf.AllNames()
	c.Covers = tri.Of(cloudfront.CertCovers(c.Names, cloudfront.NormalizeHost(host)))
	now := m.World.Now
	switch {
	case !now.IsZero() && !leaf.NotAfter.IsZero() && now.After(leaf.NotAfter):
		c.Fault, c.Field, c.Value = "it has expired", "Chain[0].NotAfter", leaf.NotAfter.UTC().Format("2006-01-02T15:04:05Z")
	case !now.IsZero() && !leaf.NotBefore.IsZero() && now.Before(leaf.NotBefore):
		c.Fault, c.Field, c.Value = "it is not valid yet", "Chain[0].NotBefore", leaf.NotBefore.UTC().Format("2006-01-02T15:04:05Z")
	case h.Trust == observed.SelfSigned, h.Trust == observed.UnknownRoot, h.Trust == observed.UnknownIssuer, h.Trust == observed.WeakSignature:
		c.Fault, c.Field, c.Value, c.Sure = "its chain does not lead to a trusted authority ("+string(h.Trust)+")", "Trust", string(h.Trust), false
	case h.Trust == observed.Incomplete:
		c.Fault, c.Field, c.Value, c.Sure = "its chain lacks an intermediate certificate", "Trust", string(h.Trust), false
	}
	return c, true
}

// FaultRef points at the member that shows the fault.
func (c SeenCertificate) FaultRef() evidence.Ref { return c.Fact.Ref(c.Field).With(c.Value, c.Fault) }

// Ref points at what the handshake showed.
func (c SeenCertificate) Ref(note string) evidence.Ref {
	switch {
	case c.Refused != "" && len(c.Names) == 0:
		return c.Fact.Ref("Failure").With(string(c.Refused), note)
	case c.Covers.No():
		return c.Fact.Ref("Chain[0].Names").With(strings.Join(c.Names, ", "), note)
	case c.Fault != "":
		return c.Fact.Ref(c.Field).With(c.Value, note)
	}
	return c.Fact.Ref("Chain[0].Names").With(strings.Join(c.Names, ", "), note)
}

// SeenCORS is what a browser makes of the answers that active validation got: to its question beforehand where it asks one, else to the request
// itself. ok is false where there was none, and where the request itself fails, which comes first.
func (m *Model) SeenCORS(r request.Request) (c *CORS, fact evidence.Fact[observed.Answer], ok bool) {
	origin, fromPage := r.Header("Origin")
	if !fromPage || !m.probed() {
		return nil, fact, false
	}
	seen := m.ViewerSeen(r)
	c = &CORS{Origin: origin, Method: r.Method}
	fact = seen.Preflight
	if q, asks := observed.ViewerPreflight(r, observed.ViewerPort(r.Scheme)); asks {
		c.Preflight = true
		preflight := request.Request{}
		for _, line := range q.Headers {
			name, value, _ := strings.Cut(line, ": ")
			preflight.SetHeader(name, value)
		}
		c.Headers, _ = preflight.Header("Access-Control-Request-Headers")
	} else {
		fact = seen.HTTP
		if wanted, isPreflight := r.Header("Access-Control-Request-Method"); r.Method == "OPTIONS" && isPreflight {
			c.Preflight, c.Method = true, wanted
			c.Headers, _ = r.Header("Access-Control-Request-Headers")
		}
	}
	a, known := fact.Get()
	if !known || a.Status == 0 || !c.Preflight && a.Status >= 400 {
		return nil, fact, false
	}
	answer := Response{Status: a.Status, HeadersKnown: true}
	for _, h := range a.Headers {
		answer.Headers = append(answer.Headers, request.Header(h))
	}
	c.accept(&answer, false)
	return c, fact, true
}
