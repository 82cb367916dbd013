package waf

import (
	"strings"

	"cfdoctor/internal/tri"
)

// What WAF gets of headers and of cookies at most (WAF/waf-oversize-request-components).
const (
	mostBytes = 8 << 10
	mostPairs = 200
)

// header takes a single header. How several headers of one name are joined for inspection is not documented.
func (c *component) header(s *fieldSpec, r *Request) {
	for i := range r.Headers {
		if h := &r.Headers[i]; equalFold(h.Name, s.name) {
			c.values = append(c.values, h.Value)
		}
	}
	if len(c.values) > 1 {
		c.guess("the request has several headers of that name")
	}
}

// budget counts what fits into the inspected part. Whether separators count towards the limit is not documented, so
// between the two readings nothing is certain.
type budget struct {
	pairs       int
	least, most int
}

// spend adds a pair and reports whether it certainly fits.
func (b *budget) spend(name, value string, separators int) bool {
	b.pairs++
	b.least += len(name) + len(value)
	b.most += len(name) + len(value) + separators
	return b.pairs <= mostPairs && b.most <= mostBytes
}

// over tells whether the limit is exceeded.
func (b *budget) over() tri.Bool {
	switch {
	case b.pairs > mostPairs || b.least > mostBytes:
		return tri.True
	case b.most <= mostBytes:
		return tri.False
	}
	return tri.Unknown
}

// settle applies the oversize handling once all pairs are counted.
func (b *budget) settle(s *fieldSpec, c *component) {
	switch over := b.over(); {
	case over == tri.False:
	case s.oversize == tri.Unknown:
		c.miss("WAF gets only the first 8 KB or 200 of them")
	case over == tri.True:
		c.oversize = true
		c.force(s.oversize, "is over the limit of 8 KB or 200, for which the statement sets the outcome")
	default:
		c.values = c.values[:0]
		c.miss("whether it is over WAF's limit of 8 KB is a close call")
	}
}

func (c *component) pair(s *fieldSpec, name, value string) {
	if s.scope != valuesOnly {
		c.values = append(c.values, name)
	}
	if s.scope != keysOnly {
		c.values = append(c.values, value)
	}
}

func (c *component) headers(s *fieldSpec, r *Request) {
	var b budget
	for i := range r.Headers {
		h := &r.Headers[i]
		if b.spend(h.Name, h.Value, len(": \r\n")) && s.filter.takes(h.Name, equalFold) {
			c.pair(s, h.Name, h.Value)
		}
	}
	b.settle(s, c)
}

func (c *component) cookies(s *fieldSpec, r *Request) {
	var b budget
	for name, value := range r.cookies {
		if b.spend(name, value, len("=; ")) && s.filter.takes(name, sameString) {
			c.pair(s, name, value)
		}
	}
	b.settle(s, c)
}

func sameString(a, b string) bool { return a == b }

// cookies yields the cookies of all Cookie headers.
func (r *Request) cookies(yield func(name, value string) bool) {
	for i := range r.Headers {
		h := &r.Headers[i]
		if !equalFold(h.Name, "cookie") {
			continue
		}
		for part := range strings.SplitSeq(h.Value, ";") {
			part = strings.TrimSpace(part)
			if part == "" {
				continue
			}
			name, value, _ := strings.Cut(part, "=")
			if !yield(name, value) {
				return
			}
		}
	}
}

// headerOrder takes the header names joined by colons. AWS's example has them in lowercase (WAFAPI/FieldToMatch).
func (c *component) headerOrder(s *fieldSpec, r *Request) {
	var b budget
	names := make([]string, 0, len(r.Headers))
	for i := range r.Headers {
		h := &r.Headers[i]
		if b.spend(h.Name, h.Value, len(": \r\n")) {
			names = append(names, lowercase(h.Name))
		}
	}
	if b.settle(s, c); c.forced.Known() {
		return
	}
	if !r.Ordered {
		c.miss("the order in which the viewer sends its headers is not in the evidence")
		return
	}
	c.values = append(c.values, strings.Join(names, ":"))
}
