package waf

import (
	"strings"

	"cfdoctor/internal/tri"
)

// hint grades an unknown match: how much the request speaks for it.
type hint uint8

const (
	weak hint = iota
	plain
	likely
)

// match is what a statement says of a request. The hint means something only when is is Unknown.
type match struct {
	is   tri.Bool
	hint hint
}

var (
	yes      = match{is: tri.True}
	no       = match{is: tri.False}
	weakly   = match{hint: weak}
	possibly = match{hint: plain}
	probably = match{hint: likely}
)

// both is the conjunction: the weaker doubt remains.
func both(a, b match) match {
	switch {
	case a.is == tri.False || b.is == tri.False:
		return no
	case a.is == tri.True:
		return b
	case b.is == tri.True:
		return a
	}
	return match{hint: min(a.hint, b.hint)}
}

// node is a compiled statement. explain says in words why the statement has the given value for the request; it is
// asked only for the value that eval returned.
type node interface {
	eval(e *evaluation) match
	explain(e *evaluation, is tri.Bool) string
}

type andNode []node

func (n andNode) eval(e *evaluation) match {
	out := yes
	for _, c := range n {
		if out = both(out, c.eval(e)); out.is == tri.False {
			return no
		}
	}
	return out
}

func (n andNode) explain(e *evaluation, is tri.Bool) string {
	if is == tri.True {
		return joinReasons(e, n, is)
	}
	return firstReason(e, n, is)
}

type orNode []node

func (n orNode) eval(e *evaluation) match {
	out := no
	for _, c := range n {
		switch m := c.eval(e); {
		case m.is == tri.True:
			return yes
		case m.is == tri.Unknown && out.is == tri.False:
			out = m
		case m.is == tri.Unknown:
			out.hint = max(out.hint, m.hint)
		}
	}
	return out
}

func (n orNode) explain(e *evaluation, is tri.Bool) string {
	if is == tri.False {
		return joinReasons(e, n, is)
	}
	return firstReason(e, n, is)
}

type notNode struct{ of node }

// eval turns the doubt round: what likely matches is weakly excluded. The reverse is only plain, because not
// knowing a list's content says little about who is missing from it.
func (n notNode) eval(e *evaluation) match {
	m := n.of.eval(e)
	if m.is != tri.Unknown {
		return match{is: m.is.Not()}
	}
	if m.hint == likely {
		return weakly
	}
	return possibly
}

func (n notNode) explain(e *evaluation, is tri.Bool) string { return n.of.explain(e, is.Not()) }

// unknownNode stands for a statement that cannot be evaluated at all.
type unknownNode struct {
	because string
	hint    hint
}

func (n unknownNode) eval(*evaluation) match               { return match{hint: n.hint} }
func (n unknownNode) explain(*evaluation, tri.Bool) string { return n.because }

func firstReason(e *evaluation, nodes []node, is tri.Bool) string {
	best, reason := -1, ""
	for _, c := range nodes {
		m := c.eval(e)
		if m.is != is {
			continue
		}
		if is != tri.Unknown {
			return c.explain(e, is)
		}
		if int(m.hint) > best {
			best, reason = int(m.hint), c.explain(e, is)
		}
	}
	return reason
}

func joinReasons(e *evaluation, nodes []node, is tri.Bool) string {
	reasons := make([]string, 0, len(nodes))
	for _, c := range nodes {
		if r := c.explain(e, is); r != "" {
			reasons = append(reasons, r)
		}
	}
	return strings.Join(reasons, ", and ")
}

// oversized tells whether a statement that holds does so because of oversize handling.
func oversized(e *evaluation, n node) bool {
	switch n := n.(type) {
	case *inspectNode:
		return e.component(n.slot).oversize
	case *sizeNode:
		return e.component(n.slot).oversize
	case labelled:
		return oversized(e, n.node)
	case andNode:
		return anyOversized(e, n)
	case orNode:
		return anyOversized(e, n)
	}
	return false
}

func anyOversized(e *evaluation, nodes []node) bool {
	for _, c := range nodes {
		if c.eval(e).is == tri.True && oversized(e, c) {
			return true
		}
	}
	return false
}
