package waf

import (
	"bytes"
	"strconv"

	"cfdoctor/internal/tri"
)

// surfaceKind is a part of the request as managed rules inspect it.
type surfaceKind uint8

const (
	onPath surfaceKind = iota
	onQuery
	onCookies
	onHeaders
	onBody
	onAgent
	surfaceCount
)

var surfaceNames = [...]string{"the path", "the query string", "a cookie", "a header", "the body", "the User-Agent"}

// surface is such a part made plain for a search: in lowercase, with URL escapes decoded.
type surface struct {
	ready   bool
	partial bool // not all of it is known
	text    []byte
	pairs   pairSet
}

// pairSet remembers, roughly, which two bytes stand side by side in a text. Most marks are ruled out by it without a
// search, which is what makes hundreds of marks per request affordable.
type pairSet [64]uint64

func pairBit(a, b byte) (word, bit uint) {
	h := (uint(a)<<5 ^ uint(b)) & 4095
	return h >> 6, h & 63
}

// mayHave is false only if the text certainly is nowhere.
func (p *pairSet) mayHave(text []byte) bool {
	for i := 1; i < len(text); i++ {
		if w, b := pairBit(text[i-1], text[i]); p[w]&(1<<b) == 0 {
			return false
		}
	}
	return true
}

func (e *evaluation) surface(k surfaceKind) *surface {
	s := &e.surfaces[k]
	if s.ready {
		return s
	}
	s.ready = true
	switch k {
	case onPath:
		s.text = append(s.text, e.req.Path...)
	case onQuery:
		s.text = append(s.text, e.req.Query...)
	case onCookies, onHeaders:
		for i := range e.req.Headers {
			h := &e.req.Headers[i]
			if k == onHeaders {
				s.text = append(append(s.text, h.Name...), ": "...)
			}
			if k == onHeaders || equalFold(h.Name, "cookie") {
				s.text = append(append(s.text, h.Value...), '\n')
			}
		}
	case onAgent:
		agent, _ := e.header("user-agent")
		s.text = append(s.text, agent...)
	case onBody:
		v := e.bodyView()
		s.text, s.partial = append(s.text, v.text...), !v.whole
	}
	s.flatten()
	return s
}

// flatten decodes in place, twice, since attacks are often escaped twice and a search that finds too much here only
// makes a rule unknown that would otherwise be ruled out.
func (s *surface) flatten() {
	for range 2 {
		if bytes.IndexByte(s.text, '%') < 0 {
			break
		}
		s.text = unescapeInPlace(s.text)
	}
	last := byte(0)
	for i, c := range s.text {
		c = lowerByte(c)
		s.text[i] = c
		w, b := pairBit(last, c)
		s.pairs[w] |= 1 << b
		last = c
	}
}

func unescapeInPlace(b []byte) []byte {
	n := 0
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '%' && i+2 < len(b) {
			hi, lo := unhex(b[i+1]), unhex(b[i+2])
			if hi >= 0 && lo >= 0 {
				c, i = byte(hi<<4|lo), i+2
			}
		}
		b[n] = c
		n++
	}
	return b[:n]
}

// marks are texts in lowercase that a search on a surface looks for.
type marks [][]byte

func marksOf(texts ...string) marks {
	m := make(marks, len(texts))
	for i, t := range texts {
		m[i] = []byte(t)
	}
	return m
}

// in is the first mark that the surface has, or nil.
func (m marks) in(s *surface) []byte {
	for _, t := range m {
		if s.pairs.mayHave(t) && bytes.Contains(s.text, t) {
			return t
		}
	}
	return nil
}

// traceNode is a managed rule of which AWS publishes the kind of attack and some examples, but not the patterns.
// A documented example makes a match likely, a mark of the same kind of attack makes it possible, and a request
// without any of them practically does not match.
type traceNode struct {
	on       surfaceKind
	examples marks
	hints    marks
}

func (n *traceNode) eval(e *evaluation) match {
	s := e.surface(n.on)
	switch {
	case len(s.text) == 0 && !s.partial:
		return no
	case n.examples.in(s) != nil:
		return probably
	case n.hints.in(s) != nil:
		return possibly
	case s.partial:
		return weakly
	}
	return no
}

func (n *traceNode) explain(e *evaluation, is tri.Bool) string {
	s, what := e.surface(n.on), surfaceNames[n.on]
	if is == tri.False {
		return what + " has nothing of what the rule is about"
	}
	if t := n.examples.in(s); t != nil {
		return what + " contains " + strconv.Quote(string(t)) + ", which AWS names as an example or is of the kind; the exact pattern is not public"
	}
	if t := n.hints.in(s); t != nil {
		return what + " contains " + strconv.Quote(string(t)) + ", and the rule's exact pattern is not public"
	}
	return becauseContent
}
