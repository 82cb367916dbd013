package function

import (
	"fmt"
	"slices"
	"strings"
)

// violation is a rule that a returned value breaks.
type violation struct {
	rule    string // in the words of CloudFront's error page where those are known
	because string
	certain bool
}

// checker reads the value a function returned. It stops at the first violation.
type checker struct {
	event *Event
	// doubts are departures from the documented form that CloudFront may well accept.
	doubts []string
}

func (c *checker) doubt(format string, args ...any) {
	c.doubts = append(c.doubts, fmt.Sprintf(format, args...))
}

// result makes the run's result of the returned value (DG/functions-event-structure).
func (c *checker) result(v value) (Result, *violation) {
	v = c.whole(v, 0)
	if v.unreadable() {
		return Result{}, &violation{"the result is too large", "the function returned an object too large or too deep, perhaps one that contains itself", false}
	}
	if !v.is("object") {
		return Result{}, &violation{"the result is not an object", fmt.Sprintf("the function returned %s instead of %s", v.article(), c.expected()), false}
	}
	if v.has("statusCode") {
		response, bad := c.response(v)
		return Result{Kind: ResponseGenerated, Status: response.Status, Response: &response}, bad
	}
	if c.event.Type == ViewerResponse {
		return Result{}, &violation{
			"response.statusCode is missing",
			"a viewer-response function must return a response, and what it returned has no statusCode", !v.has("headers") || v.has("uri"),
		}
	}
	if !slices.ContainsFunc([]string{"method", "uri", "headers", "querystring", "cookies"}, v.has) {
		return Result{}, &violation{"the result is neither a request nor a response", "the function returned an object that is neither a request nor a response: it has no uri and no statusCode", true}
	}
	request, bad := c.request(v)
	return Result{Kind: RequestReturned, Request: &request}, bad
}

func (c *checker) expected() string {
	if c.event.Type == ViewerResponse {
		return "a response"
	}
	return "a request or a response"
}

func (c *checker) request(v value) (Request, *violation) {
	old := c.event.Request
	out := Request{Method: old.Method, URI: v.get("uri").text}
	if m := v.get("method"); m.text != old.Method || !m.is("string") {
		return out, &violation{"request.method is read-only", "the returned request does not have the method of the viewer's request, which a function cannot change", false}
	}
	if uri := v.get("uri"); !uri.is("string") {
		return out, &violation{"request.uri must be a string", "the returned request's uri is " + uri.article(), true}
	}
	if !strings.HasPrefix(out.URI, "/") {
		return out, &violation{"request.uri must start with /", fmt.Sprintf("the returned request's uri is %q, which does not start with a slash", out.URI), true}
	}
	var bad *violation
	if out.RawQuery, out.Query, bad = c.query(v.get("querystring")); bad != nil {
		return out, bad
	}
	if len(out.URI)+len(out.RawQuery) >= 8192 {
		return out, &violation{"the URL is too long", "the returned uri and query string have 8,192 characters or more together", false}
	}
	headers, bad := c.entries("request.headers", v.get("headers"), true)
	if bad != nil {
		return out, bad
	}
	cookies, bad := c.entries("request.cookies", v.get("cookies"), false)
	if bad != nil {
		return out, bad
	}
	out.Headers, out.Cookies = plainPairs(headers), plainPairs(cookies)
	return out, restricted("request", readOnlyHeaders[ViewerRequest], old.Headers, out.Headers, true)
}

// query reads a query string, which a function may give as an object or as text.
func (c *checker) query(v value) (string, []Pair, *violation) {
	switch v.kind {
	case "string":
		if strings.ContainsFunc(v.text, func(r rune) bool { return r <= ' ' || r == '#' || r == 0x7f }) {
			return "", nil, &violation{"request.querystring is not valid", "the returned query string has a space, a control character or a #", false}
		}
		return v.text, ParseQuery(v.text), nil
	case "undefined", "null":
		c.doubt("the returned request has no querystring")
		return "", nil, nil
	}
	entries, bad := c.entries("request.querystring", v, false)
	if bad != nil {
		return "", nil, bad
	}
	pairs := plainPairs(entries)
	if slices.Equal(pairs, grouped(c.event.Request.Query)) {
		return c.event.Request.RawQuery, c.event.Request.Query, nil
	}
	return joinQuery(pairs), pairs, nil
}

// grouped puts pairs of one name together, as the event's maps do.
func grouped(pairs []Pair) []Pair {
	var out []Pair
	for i, p := range pairs {
		if slices.ContainsFunc(pairs[:i], func(o Pair) bool { return o.Name == p.Name }) {
			continue
		}
		for _, o := range pairs[i:] {
			if o.Name == p.Name {
				out = append(out, o)
			}
		}
	}
	return out
}

// restricted checks header names and the headers that are not the function's to change.
// Whether a rule for a header the viewer never sent is certain is the caller's to say.
func restricted(object string, readOnly []string, before, after []Pair, certain bool) *violation {
	for _, h := range after {
		if disallowed(h.Name) {
			return &violation{
				fmt.Sprintf("%s.headers contains the disallowed header %s", object, h.Name),
				fmt.Sprintf("the function adds the header %s, which CloudFront does not let functions add", h.Name), true,
			}
		}
	}
	for _, name := range readOnly {
		was, is := valuesOf(before, name), valuesOf(after, name)
		if slices.Equal(was, is) {
			continue
		}
		verb := "changes"
		switch {
		case len(is) == 0:
			verb = "removes"
		case len(was) == 0:
			verb = "adds"
		}
		return &violation{
			fmt.Sprintf("%s.headers: %s is read-only", object, name),
			fmt.Sprintf("the function %s the header %s, which is read-only", verb, name), certain,
		}
	}
	return nil
}

func valuesOf(pairs []Pair, name string) []string {
	var out []string
	for _, p := range pairs {
		if p.Name == name {
			out = append(out, p.Value)
		}
	}
	return out
}

func plainPairs(entries []entry) []Pair {
	pairs := make([]Pair, len(entries))
	for i, e := range entries {
		pairs[i] = Pair{e.name, e.value}
	}
	return pairs
}

// entries reads a map {name: {value, multiValue?, attributes?}}.
func (c *checker) entries(field string, v value, header bool) ([]entry, *violation) {
	if v.is("undefined") || v.is("null") {
		c.doubt("%s is missing", field)
		return nil, nil
	}
	if !v.is("object") {
		return nil, &violation{field + " must be an object", fmt.Sprintf("the returned %s is %s", field, v.article()), true}
	}
	if v.untouched == field {
		return c.unchanged(field), nil
	}
	v = c.expand(v)
	var out []entry
	for _, p := range v.props {
		if p.value.kind == "kept" {
			out = append(out, c.kept(p)...)
			continue
		}
		if header && p.name != strings.ToLower(p.name) {
			return nil, &violation{
				strings.ToLower(field) + " must have header names in lower case",
				fmt.Sprintf("the returned %s has the name %s, and header names must be in lower case", field, p.name), true,
			}
		}
		if header && !isToken(p.name) {
			return nil, &violation{field + " has an invalid header name", fmt.Sprintf("%q is no header name", p.name), false}
		}
		// Setting a member to undefined is a common way to remove it.
		if p.value.is("undefined") {
			c.doubt("%s.%s is undefined", field, p.name)
			continue
		}
		found, bad := c.member(field+"."+p.name, p.name, p.value)
		if bad != nil {
			return nil, bad
		}
		out = append(out, found...)
	}
	return out, nil
}

// unchanged are the entries of a map of the event that the function never touched.
func (c *checker) unchanged(field string) []entry {
	ev := c.event
	response := Response{}
	if ev.Response != nil {
		response = *ev.Response
	}
	switch field {
	case "request.headers":
		return plainEntries(grouped(ev.Request.Headers))
	case "request.cookies":
		return plainEntries(grouped(ev.Request.Cookies))
	case "request.querystring":
		return plainEntries(grouped(ev.Request.Query))
	case "response.headers":
		return plainEntries(grouped(response.Headers))
	case "response.cookies":
		return cookieEntries(response.Cookies)
	}
	return []entry{{name: "ip", value: ev.ViewerIP}}
}

// kept are the entries of one name in a map that the function left as they were.
func (c *checker) kept(p prop) []entry {
	return slices.DeleteFunc(c.unchanged(p.value.untouched), func(e entry) bool { return plainText(e.name) != p.name })
}

// expand gives an untouched map its entries.
func (c *checker) expand(v value) value {
	if v.untouched == "" {
		return v
	}
	out := value{kind: "object"}
	for _, e := range c.unchanged(v.untouched) {
		out.props = append(out.props, prop{e.name, entryValue(v.untouched, e)})
	}
	return out
}

func entryValue(of string, e entry) value {
	text := value{kind: "string", text: e.value}
	if of == "viewer" {
		return text
	}
	return value{kind: "object", props: []prop{{"value", text}}}
}

// whole puts the event's own entries in, except where a request or response has its maps: there they need no copy.
func (c *checker) whole(v value, depth int) value {
	v = c.expand(v)
	for i, p := range v.props {
		switch {
		case depth == 0 && (p.name == "headers" || p.name == "cookies" || p.name == "querystring") && p.value.kind == "object":
		case p.value.kind == "kept":
			v.props[i].value = value{kind: "undefined"}
			if kept := c.kept(p); len(kept) > 0 {
				v.props[i].value = entryValue(p.value.untouched, kept[0])
			}
		default:
			v.props[i].value = c.whole(p.value, depth+1)
		}
	}
	return v
}

func plainEntries(pairs []Pair) []entry {
	out := make([]entry, len(pairs))
	for i, p := range pairs {
		out[i] = entry{name: p.Name, value: p.Value}
	}
	return out
}

// member reads one {value, multiValue?}; multiValue wins (DG/functions-event-structure).
func (c *checker) member(field, name string, v value) ([]entry, *violation) {
	if !v.is("object") {
		return nil, &violation{field + " must be an object", fmt.Sprintf("the returned %s is %s, and must be an object with a value", field, v.article()), true}
	}
	multi := v.get("multiValue")
	if !multi.is("array") || len(multi.props) == 0 {
		if !multi.is("undefined") && !multi.is("array") {
			c.doubt("%s.multiValue is %s", field, multi.article())
		}
		one, bad := c.content(field, name, v)
		return []entry{one}, bad
	}
	var out []entry
	for _, p := range multi.props {
		one, bad := c.content(field+".multiValue", name, p.value)
		if bad != nil {
			return nil, bad
		}
		out = append(out, one)
	}
	return out, nil
}

func (c *checker) content(field, name string, v value) (entry, *violation) {
	text := v.get("value")
	if !text.is("string") {
		certain := text.is("undefined") || text.is("object") || text.is("array")
		return entry{}, &violation{field + ".value must be a string", fmt.Sprintf("the returned %s.value is %s, and must be a string", field, text.article()), certain}
	}
	if strings.ContainsAny(text.text, "\r\n\x00") {
		return entry{}, &violation{field + ".value is not valid", fmt.Sprintf("the returned %s.value contains a line break", field), false}
	}
	return entry{name, text.text, v.get("attributes").text}, nil
}

// isToken tells whether s can be a header's name (RFC 9110, section 5.1).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}
