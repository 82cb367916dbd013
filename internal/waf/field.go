package waf

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/tri"
)

// fieldKind is a component of the request (WAF/waf-rule-statement-fields-list).
type fieldKind uint8

const (
	fieldMethod fieldKind = iota
	fieldPath
	fieldQuery
	fieldArgument
	fieldArguments
	fieldHeader
	fieldHeaders
	fieldCookies
	fieldHeaderOrder
	fieldBody
	fieldJSON
	fieldJA3
	fieldJA4
	fieldFragment
)

var fieldNames = [...]string{
	fieldMethod: "the method", fieldPath: "the path", fieldQuery: "the query string", fieldArguments: "a query argument",
	fieldHeaders: "a header", fieldCookies: "a cookie", fieldHeaderOrder: "the order of the headers", fieldBody: "the body",
	fieldJSON: "the JSON body", fieldJA3: "the JA3 fingerprint", fieldJA4: "the JA4 fingerprint", fieldFragment: "the fragment",
}

// fieldSpec is a component with the transformations that a statement applies to it.
type fieldSpec struct {
	kind     fieldKind
	name     string // of a single header or argument
	filter   filter // of headers and cookies
	scope    scope  // of headers, cookies and JSON
	oversize tri.Bool
	fallback types.BodyParsingFallbackBehavior // of JSON
	missing  tri.Bool                          // what an absent fingerprint or fragment means; Unknown: no match
	paths    []string                          // of JSON; nil: everything
	chain    []transform
}

// scope tells which parts of key-value pairs are inspected.
type scope uint8

const (
	keysAndValues scope = iota
	keysOnly
	valuesOnly
)

func newScope(s string) scope {
	switch s {
	case "KEY":
		return keysOnly
	case "VALUE":
		return valuesOnly
	}
	return keysAndValues
}

// filter selects headers or cookies by name. Header names ignore case, cookie names do not.
type filter struct {
	names   []string
	exclude bool
	all     bool
}

func newFilter(all *types.All, included, excluded []string) filter {
	switch {
	case len(included) > 0:
		return filter{names: included}
	case len(excluded) > 0:
		return filter{names: excluded, exclude: true}
	}
	return filter{all: true}
}

func (f *filter) takes(name string, same func(a, b string) bool) bool {
	if f.all {
		return true
	}
	for _, n := range f.names {
		if same(n, name) {
			return !f.exclude
		}
	}
	return f.exclude
}

func newField(f *types.FieldToMatch, list []types.TextTransformation) (spec fieldSpec, because string) {
	chain, ok := transformChain(list)
	if !ok {
		return spec, "it uses a text transformation that is not known"
	}
	if f == nil || !spec.setKind(f) {
		return spec, "it inspects a part of the request that is not known"
	}
	spec.chain = chain
	return spec, ""
}

func (s *fieldSpec) setKind(f *types.FieldToMatch) bool {
	switch {
	case f.Method != nil:
		s.kind = fieldMethod
	case f.UriPath != nil:
		s.kind = fieldPath
	case f.QueryString != nil:
		s.kind = fieldQuery
	case f.SingleQueryArgument != nil:
		s.kind, s.name = fieldArgument, deref(f.SingleQueryArgument.Name)
	case f.AllQueryArguments != nil:
		s.kind = fieldArguments
	case f.SingleHeader != nil:
		s.kind, s.name = fieldHeader, deref(f.SingleHeader.Name)
	case f.HeaderOrder != nil:
		s.kind, s.oversize = fieldHeaderOrder, oversize(f.HeaderOrder.OversizeHandling)
	case f.JA3Fingerprint != nil:
		s.kind, s.missing = fieldJA3, fallback(f.JA3Fingerprint.FallbackBehavior)
	case f.JA4Fingerprint != nil:
		s.kind, s.missing = fieldJA4, fallback(f.JA4Fingerprint.FallbackBehavior)
	case f.UriFragment != nil:
		s.kind, s.missing = fieldFragment, fallback(f.UriFragment.FallbackBehavior)
	case f.Body != nil:
		s.kind, s.oversize = fieldBody, oversize(f.Body.OversizeHandling)
	default:
		return s.setStructured(f)
	}
	return true
}

// setStructured reads the components that have parts of their own.
func (s *fieldSpec) setStructured(f *types.FieldToMatch) bool {
	switch {
	case f.Headers != nil:
		s.kind, s.oversize, s.scope = fieldHeaders, oversize(f.Headers.OversizeHandling), newScope(string(f.Headers.MatchScope))
		if p := f.Headers.MatchPattern; p != nil {
			s.filter = newFilter(p.All, p.IncludedHeaders, p.ExcludedHeaders)
		}
	case f.Cookies != nil:
		s.kind, s.oversize, s.scope = fieldCookies, oversize(f.Cookies.OversizeHandling), newScope(string(f.Cookies.MatchScope))
		if p := f.Cookies.MatchPattern; p != nil {
			s.filter = newFilter(p.All, p.IncludedCookies, p.ExcludedCookies)
		}
	case f.JsonBody != nil:
		s.kind, s.oversize, s.scope = fieldJSON, oversize(f.JsonBody.OversizeHandling), newScope(string(f.JsonBody.MatchScope))
		s.fallback = f.JsonBody.InvalidFallbackBehavior
		if p := f.JsonBody.MatchPattern; p != nil {
			s.paths = p.IncludedPaths
		}
	default:
		return false
	}
	return true
}

// oversize turns the handling of too much content into the match it forces; Unknown means to go on with what there
// is, which is the default.
func oversize(h types.OversizeHandling) tri.Bool {
	switch h {
	case types.OversizeHandlingMatch:
		return tri.True
	case types.OversizeHandlingNoMatch:
		return tri.False
	}
	return tri.Unknown
}

func fallback(b types.FallbackBehavior) tri.Bool {
	switch b {
	case types.FallbackBehaviorMatch:
		return tri.True
	case types.FallbackBehaviorNoMatch:
		return tri.False
	}
	return tri.Unknown
}

// key tells equal specifications apart from others.
func (s *fieldSpec) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %q %q %v %v %d %d %q %d %q", s.kind, lowercase(s.name), s.filter.names, s.filter.exclude, s.filter.all,
		s.scope, s.oversize, s.fallback, s.missing, s.paths)
	for i := range s.chain {
		b.WriteByte(' ')
		b.WriteString(string(s.chain[i].name))
	}
	return b.String()
}

// keepsSize tells whether the transformations leave the number of bytes as it is.
func (s *fieldSpec) keepsSize() bool {
	for i := range s.chain {
		if !s.chain[i].keepsSize {
			return false
		}
	}
	return true
}

// component is what a statement inspects of one request: a component's values after transformation.
type component struct {
	ready  bool
	values []string
	// forced is the match that oversize handling or a fallback dictates, whatever the statement looks for.
	forced tri.Bool
	// oversize: forced comes of oversize handling.
	oversize bool
	// absent: the only value is empty because the request does not have the component.
	absent bool
	// partial: there is more content than values tell. loose: the values are a best guess.
	partial, loose bool
	// sized: size is that of a body, known even if its content is not.
	sized   bool
	size    int64
	because string // why forced, partial or loose
}

func (c *component) force(is tri.Bool, because string) { c.forced, c.because = is, because }
func (c *component) miss(because string)               { c.partial, c.because = true, because }
func (c *component) guess(because string)              { c.loose, c.because = true, because }

// component extracts and transforms a component once per request.
func (e *evaluation) component(slot int) *component {
	c := &e.components[slot]
	if c.ready {
		return c
	}
	c.ready = true
	spec := &e.acl.fields[slot]
	e.extract(spec, c)
	for i, v := range c.values {
		for t := range spec.chain {
			out, sure := spec.chain[t].apply(v)
			if !sure {
				c.guess("what the transformation " + string(spec.chain[t].name) + " makes of it is not documented")
			}
			v = out
		}
		c.values[i] = v
	}
	return c
}

func (e *evaluation) extract(s *fieldSpec, c *component) {
	r := e.req
	switch s.kind {
	case fieldMethod:
		c.values = append(c.values, r.Method)
	case fieldPath:
		c.values = append(c.values, orElse(r.Path, "/"))
	case fieldQuery:
		c.values, c.absent = append(c.values, r.Query), r.Query == ""
	case fieldArgument, fieldArguments:
		c.arguments(s, r.Query)
	case fieldHeader:
		c.header(s, r)
	case fieldHeaders:
		c.headers(s, r)
	case fieldCookies:
		c.cookies(s, r)
	case fieldHeaderOrder:
		c.headerOrder(s, r)
	case fieldJA3:
		c.fingerprint(r.JA3)
	case fieldJA4:
		c.fingerprint(r.JA4)
	case fieldFragment:
		c.fragment(s, r.Fragment)
	case fieldBody:
		c.body(s, e)
	case fieldJSON:
		c.json(s, e)
	}
}

// arguments takes the values of query arguments, undecoded. A single argument's name ignores case, and all its
// occurrences are inspected (WAF/waf-rule-statement-fields-list).
func (c *component) arguments(s *fieldSpec, query string) {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(pair, "=")
		if pair != "" && (s.kind == fieldArguments || equalFold(name, s.name)) {
			c.values = append(c.values, value)
		}
	}
}

// fingerprint does not apply the fallback, which is for a viewer whose fingerprint WAF cannot calculate: that is rare
// (WAFAPI/FieldToMatch) and cannot be told from not knowing it.
func (c *component) fingerprint(v string) {
	if v == "" {
		c.miss("the viewer's TLS fingerprint is not in the evidence")
		return
	}
	c.values = append(c.values, v)
}

func (c *component) fragment(s *fieldSpec, v string) {
	switch {
	case v != "":
		c.values = append(c.values, v)
	case s.missing.Known():
		c.force(s.missing, "is missing, for which the statement sets a fallback")
	}
}
