// Package active plans active validation: which questions to the world outside the account a simulation leaves open. It asks none itself.
package active

import (
	"slices"
	"strings"

	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/request"
)

// Origins lists what to ask of a distribution's origins, for one request: how each origin's name resolves, the handshake that CloudFront makes
// with each, and of the origins that the request gets to what they answer to it.
//
// Origins in a VPC are asked nothing: nobody outside reaches them. Buckets, and whatever else CloudFront signs its requests for, are looked up
// only.
func Origins(m *edge.Model, r request.Request) []evidence.Query {
	p := &plan{asked: map[string]bool{}}
	for _, o := range m.Origins {
		for _, q := range m.OriginAddresses(o) {
			p.add(q)
		}
	}
	names := map[string]string{}
	for _, x := range asked(m, m.Simulate(r)) {
		if x.Forwarded.Scheme == "https" {
			names[x.Origin.ID] = x.Forwarded.SNI
			if q, ok := m.OriginHandshake(x.Origin, x.Forwarded.SNI); ok {
				p.add(q)
			}
		}
		if q, ok := x.ForwardedProbe(); ok {
			p.add(q)
		}
	}
	for _, o := range m.Origins {
		if _, done := names[o.ID]; done {
			continue
		}
		if q, ok := m.OriginHandshake(o, ""); ok {
			p.add(q)
		}
	}
	return p.queries
}

// asked lists the exchanges with the origins that a request gets to, or would if nothing answered before: one, or both of a group.
func asked(m *edge.Model, t *edge.Trace) (out []*edge.Exchange) {
	if t = m.Beyond(t); t == nil || t.Exchange == nil {
		return nil
	}
	for _, x := range append([]*edge.Exchange{t.Exchange}, attempts(t.Exchange)...) {
		if x.Origin != nil && x.Forwarded.Address != "" && x.Forwarded.Address == x.Origin.Endpoint.Domain {
			out = append(out, x)
		}
	}
	return out
}

func attempts(x *edge.Exchange) []*edge.Exchange {
	if x.Failover == nil || x.Failover.Attempt == nil {
		return nil
	}
	return []*edge.Exchange{x.Failover.Attempt}
}

// plan gathers questions, each once.
type plan struct {
	asked   map[string]bool
	queries []evidence.Query
}

func (p *plan) add(q evidence.Query) {
	if key := q.Asks().Key(); !p.asked[key] {
		p.asked[key] = true
		p.queries = append(p.queries, q)
	}
}

// Contacts says in words whom questions lead to and what they do there, for a person to read before it is done.
func Contacts(queries []evidence.Query) []string {
	var out []string
	for _, q := range queries {
		words := contact(q.Asks())
		if words != "" && !slices.Contains(out, words) {
			out = append(out, words)
		}
	}
	slices.Sort(out)
	return out
}

func contact(call evidence.Call) string {
	switch call.Operation {
	case observed.OperationDNS:
		if q, err := observed.DNSQuestionOf(call); err == nil {
			return "look up " + q.Name
		}
	case observed.OperationTLS:
		if q, err := observed.TLSQuestionOf(call); err == nil {
			return "connect to " + observed.TLS(q).Resource + " and begin a TLS handshake"
		}
	case observed.OperationHTTP:
		if q, err := observed.HTTPQuestionOf(call); err == nil {
			method, url, _ := strings.Cut(observed.HTTP(q).Resource, " ")
			return "send " + method + " " + url
		}
	}
	return ""
}

// CustomHeader gives the values of the headers that a distribution adds to requests to its origins. Host is the origin's domain name.
func CustomHeader(m *edge.Model) func(host, name string) (value string, ok bool) {
	return func(host, name string) (string, bool) {
		for _, o := range m.Origins {
			if o.Endpoint.Domain != host || o.Config.CustomHeaders == nil {
				continue
			}
			for _, h := range o.Config.CustomHeaders.Items {
				if h.HeaderName != nil && h.HeaderValue != nil && strings.EqualFold(*h.HeaderName, name) {
					return *h.HeaderValue, true
				}
			}
		}
		return "", false
	}
}
