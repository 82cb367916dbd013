package waf

import (
	"strings"

	"cfdoctor/internal/tri"
)

// evaluation is the state of one request's way through a web ACL. It is reused: its slices keep their memory.
type evaluation struct {
	acl *ACL
	req *Request

	components []component
	surfaces   [surfaceCount]surface
	labels     []label
	out        Result
	geoLabels  [2]uint8 // of the viewer's and a forwarded address: 0 not added, 1 uncertain, 2 certain

	body      bodyView
	bodyReady bool
}

// Evaluate runs the request through the web ACL. It is safe for concurrent use.
func (a *ACL) Evaluate(r *Request) Result {
	e := a.acquire(r)
	defer a.release(e)
	out := &e.out
	out.Certain = true

	decided := false
	for i := range a.entries {
		if decided = a.entries[i].run(e); decided {
			break
		}
	}
	if !decided {
		out.Action = a.fallback.action
		out.Response = a.fallback.response
		out.Status = a.fallback.status()
		e.insertHeaders(a.fallback.insert)
	}
	out.Labels = e.certainLabels()
	for i := range out.Maybe {
		m := &out.Maybe[i]
		if m.Action != out.Action || m.Status != out.Status {
			out.Certain = false
		}
	}
	if out.Action == ActionUnknown {
		out.Certain = false
	}
	return *out
}

func (a *ACL) acquire(r *Request) *evaluation {
	e, _ := a.pool.Get().(*evaluation)
	if e == nil {
		e = &evaluation{acl: a, components: make([]component, len(a.fields))}
	}
	e.req = r
	return e
}

// release forgets the request, so that a pooled evaluation does not keep it alive.
func (a *ACL) release(e *evaluation) {
	for i := range e.components {
		c := &e.components[i]
		if c.ready {
			clear(c.values)
			*c = component{values: c.values[:0]}
		}
	}
	for i := range e.surfaces {
		s := &e.surfaces[i]
		if s.ready {
			*s = surface{text: s.text[:0]}
		}
	}
	clear(e.labels)
	e.labels = e.labels[:0]
	e.geoLabels = [2]uint8{}
	e.req, e.out, e.body, e.bodyReady = nil, Result{}, bodyView{}, false
	a.pool.Put(e)
}

// header is the value of the first header of that name.
func (e *evaluation) header(name string) (string, bool) {
	for i := range e.req.Headers {
		if h := &e.req.Headers[i]; equalFold(h.Name, name) {
			return h.Value, true
		}
	}
	return "", false
}

// token tells whether the request bears a valid WAF token. The token travels in a cookie or, from native
// applications, in a header (WAF/waf-tokens).
func (e *evaluation) token() tri.Bool {
	if e.req.Token.Known() {
		return e.req.Token
	}
	for i := range e.req.Headers {
		h := &e.req.Headers[i]
		if equalFold(h.Name, "x-aws-waf-token") || equalFold(h.Name, "cookie") && strings.Contains(h.Value, "aws-waf-token=") {
			return tri.Unknown
		}
	}
	return tri.False
}

func (e *evaluation) insertHeaders(headers []Header) {
	e.out.InsertedHeaders = append(e.out.InsertedHeaders, headers...)
}

// equalFold compares header names and the like, ignoring ASCII case.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if a[i] != b[i] && lowerByte(a[i]) != lowerByte(b[i]) {
			return false
		}
	}
	return true
}
