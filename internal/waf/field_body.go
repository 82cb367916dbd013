package waf

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/tri"
)

// bodyView is the part of the body that WAF inspects, as far as it is known.
type bodyView struct {
	size  int64  // of the whole body; -1: not known
	text  string // known content within the inspection limit
	whole bool   // text is all that WAF inspects
}

func (e *evaluation) bodyView() *bodyView {
	if e.bodyReady {
		return &e.body
	}
	e.bodyReady = true
	r, v := e.req, &e.body
	v.size = max(r.BodySize, -1)
	if v.size < 0 {
		v.size = contentLength(e)
	}
	if n := int64(len(r.Body)); n > 0 && n > v.size {
		v.size = n
	}
	v.text = string(r.Body[:min(int64(len(r.Body)), e.acl.bodyLimit)])
	v.whole = v.size >= 0 && int64(len(v.text)) >= min(v.size, e.acl.bodyLimit)
	return v
}

func contentLength(e *evaluation) int64 {
	if text, ok := e.header("content-length"); ok {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 {
			return n
		}
	}
	return -1
}

const (
	becauseSize    = "the size of the body is not known"
	becauseContent = "the content of the body is not known"
)

// oversizeBody applies the oversize handling and reports whether that settles the component.
func (c *component) oversizeBody(s *fieldSpec, e *evaluation, v *bodyView) bool {
	if v.size > e.acl.bodyLimit && s.oversize.Known() {
		c.oversize = true
		c.force(s.oversize, "has "+strconv.FormatInt(v.size, 10)+" bytes, more than the "+
			strconv.FormatInt(e.acl.bodyLimit, 10)+" that WAF inspects, for which the statement sets the outcome")
		return true
	}
	return false
}

func (c *component) body(s *fieldSpec, e *evaluation) {
	v := e.bodyView()
	if c.oversizeBody(s, e, v) {
		return
	}
	c.sized, c.size = v.size > 0 && s.keepsSize(), v.size
	switch {
	case v.size == 0:
		c.values, c.absent = append(c.values, ""), true
	case v.whole:
		c.values = append(c.values, v.text)
	case v.size < 0:
		c.miss(becauseSize)
	default:
		c.miss(becauseContent)
	}
}

// json takes keys and values out of a JSON body. AWS's parser is more forgiving than the standard and stops at the
// first fault (WAF/waf-rule-statement-fields-list), so a fault makes everything after it unknown.
func (c *component) json(s *fieldSpec, e *evaluation) {
	v := e.bodyView()
	if c.oversizeBody(s, e, v) {
		return
	}
	switch {
	case v.size == 0 && s.fallback == types.BodyParsingFallbackBehaviorMatch:
		c.miss("the request has none, and whether that counts as a fault is not documented")
		return
	case v.size == 0:
		return
	case v.size < 0:
		c.miss(becauseSize)
		return
	case !v.whole:
		c.miss(becauseContent)
		return
	}
	w := jsonWalk{spec: s, c: c, dec: json.NewDecoder(strings.NewReader(v.text))}
	w.dec.UseNumber()
	if !opensJSON(v.text) {
		c.unparsed(s, v.text)
		return
	}
	if w.value("", len(s.paths) == 0, 0) && w.atEnd() {
		return
	}
	if v.size > e.acl.bodyLimit {
		c.unparsed(s, v.text)
		return
	}
	c.miss("it is not well-formed JSON, and how far WAF's own parser gets is not documented")
	if s.fallback == types.BodyParsingFallbackBehaviorMatch || s.fallback == types.BodyParsingFallbackBehaviorNoMatch {
		c.loose = true
	}
}

// opensJSON tells whether the root is an object or an array; any other root certainly stops WAF's parser.
func opensJSON(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n")
	return text != "" && (text[0] == '{' || text[0] == '[')
}

// unparsed applies the fallback for a body that certainly cannot be parsed completely.
func (c *component) unparsed(s *fieldSpec, text string) {
	switch s.fallback {
	case types.BodyParsingFallbackBehaviorMatch:
		c.force(tri.True, "cannot be parsed, for which the statement sets a match")
	case types.BodyParsingFallbackBehaviorNoMatch:
		c.force(tri.False, "cannot be parsed, for which the statement sets no match")
	case types.BodyParsingFallbackBehaviorEvaluateAsString:
		c.values = append(c.values[:0], text)
	}
}

// jsonWalk collects what is to be inspected from a token stream.
type jsonWalk struct {
	spec *fieldSpec
	c    *component
	dec  *json.Decoder
}

// maxJSONDepth bounds the recursion into hostile input; the decoder has a higher bound of its own.
const maxJSONDepth = 1000

// value reads one value at a JSON Pointer. inside tells that an included path leads here or further up.
func (w *jsonWalk) value(at string, inside bool, depth int) bool {
	if depth > maxJSONDepth {
		return false
	}
	inside = inside || w.included(at)
	tok, err := w.dec.Token()
	if err != nil {
		return false
	}
	switch t := tok.(type) {
	case json.Delim:
		return w.container(t, at, inside, depth)
	case string:
		w.take(t, inside)
	case json.Number:
		w.take(t.String(), inside)
	case bool:
		w.take(strconv.FormatBool(t), inside)
	default:
		w.take("null", inside)
	}
	return true
}

func (w *jsonWalk) take(v string, inside bool) {
	if inside && w.spec.scope != keysOnly {
		w.c.values = append(w.c.values, v)
	}
}

func (w *jsonWalk) container(open json.Delim, at string, inside bool, depth int) bool {
	seen := map[string]bool{}
	for i := 0; w.dec.More(); i++ {
		key := strconv.Itoa(i)
		if open == '{' {
			tok, err := w.dec.Token()
			name, ok := tok.(string)
			if err != nil || !ok || seen[name] { // a repeated key stops WAF's parser
				return false
			}
			key, seen[name] = name, true
			if inside && w.spec.scope != valuesOnly {
				w.c.values = append(w.c.values, name)
			}
		}
		if !w.value(at+"/"+pointerEscapes.Replace(key), inside, depth+1) {
			return false
		}
	}
	_, err := w.dec.Token()
	return err == nil
}

// pointerEscapes writes a key as a part of a JSON Pointer (RFC 6901).
var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

func (w *jsonWalk) included(at string) bool {
	for _, p := range w.spec.paths {
		if p == at {
			return true
		}
	}
	return false
}

func (w *jsonWalk) atEnd() bool {
	rest := new(bytes.Buffer)
	if _, err := rest.ReadFrom(w.dec.Buffered()); err != nil {
		return false
	}
	return len(bytes.TrimSpace(rest.Bytes())) == 0
}
