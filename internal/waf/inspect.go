package waf

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/tri"
)

// inspectNode tests one component of the request. Of several values any one may match.
type inspectNode struct {
	slot int
	test test
}

// inspect compiles a statement about a component.
func (c *compiler) inspect(f *types.FieldToMatch, list []types.TextTransformation, t test) node {
	if why, ok := t.(unknownTest); ok {
		return unknownNode{because: string(why), hint: plain}
	}
	spec, because := newField(f, list)
	if because != "" {
		return unknownNode{because: because, hint: plain}
	}
	return &inspectNode{slot: c.slot(spec), test: t}
}

// slot gives equal components of different statements one place, so that they are extracted and transformed once.
func (c *compiler) slot(spec fieldSpec) int {
	key := spec.key()
	i, ok := c.slots[key]
	if !ok {
		i = len(c.acl.fields)
		c.acl.fields = append(c.acl.fields, spec)
		c.slots[key] = i
	}
	return i
}

func (n *inspectNode) eval(e *evaluation) match {
	c := e.component(n.slot)
	if c.forced.Known() {
		return match{is: c.forced}
	}
	out := no
	for _, v := range c.values {
		m := n.test.match(v)
		if m.is == tri.True && !c.absent && !c.loose {
			return yes
		}
		if m.is != tri.False {
			out = doubt(out, c.temper(m))
		}
	}
	switch {
	case out.is == tri.Unknown:
	case c.partial:
		out = weakly
	case c.loose && len(c.values) > 0:
		out = weakly
	}
	return out
}

// temper weakens a match of a value that stands for nothing or is a guess.
func (c *component) temper(m match) match {
	switch {
	case c.absent:
		return weakly
	case m.is == tri.True:
		return probably
	}
	return m
}

func doubt(a, b match) match {
	if a.is == tri.Unknown {
		b.hint = max(a.hint, b.hint)
	}
	return match{hint: b.hint}
}

func (n *inspectNode) explain(e *evaluation, is tri.Bool) string {
	c, what := e.component(n.slot), e.acl.fields[n.slot].String()
	if c.forced.Known() {
		return what + " " + c.because
	}
	if is == tri.False {
		if len(c.values) == 0 {
			return "the request does not have " + what
		}
		return what + " " + n.test.say(c.values[0], is)
	}
	for _, v := range c.values {
		m := n.test.match(v)
		if m.is == tri.False {
			continue
		}
		if is == tri.True || m.is == tri.Unknown {
			return what + showValue(v) + " " + n.test.say(v, m.is)
		}
		return what + showValue(v) + " " + n.test.say(v, m.is) + ", but " + orElse(c.because, "whether an absent component counts is not documented")
	}
	return what + " is not fully known: " + c.because
}

func showValue(v string) string {
	if v == "" || len(v) > 200 {
		return ""
	}
	return " (" + quote(v) + ")"
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// sizeNode compares the size of a component in bytes.
type sizeNode struct {
	slot int
	op   types.ComparisonOperator
	size int64
}

func (c *compiler) size(f *types.FieldToMatch, list []types.TextTransformation, op types.ComparisonOperator, size int64) node {
	spec, because := newField(f, list)
	if because != "" {
		return unknownNode{because: because, hint: plain}
	}
	if _, ok := compareSize(op, 0, 0); !ok {
		return unknownNode{because: "its comparison is of an unknown kind", hint: plain}
	}
	return &sizeNode{slot: c.slot(spec), op: op, size: size}
}

func compareSize(op types.ComparisonOperator, a, b int64) (is, ok bool) {
	switch op {
	case types.ComparisonOperatorEq:
		return a == b, true
	case types.ComparisonOperatorNe:
		return a != b, true
	case types.ComparisonOperatorLe:
		return a <= b, true
	case types.ComparisonOperatorLt:
		return a < b, true
	case types.ComparisonOperatorGe:
		return a >= b, true
	case types.ComparisonOperatorGt:
		return a > b, true
	}
	return false, false
}

func (n *sizeNode) holds(size int64) bool {
	is, _ := compareSize(n.op, size, n.size)
	return is
}

func (n *sizeNode) eval(e *evaluation) match {
	c := e.component(n.slot)
	if c.forced.Known() {
		return match{is: c.forced}
	}
	if c.sized {
		return n.body(e, c)
	}
	if c.absent {
		if n.holds(0) {
			return weakly
		}
		return no
	}
	for _, v := range c.values {
		if n.holds(int64(len(v))) && !c.loose {
			return yes
		}
	}
	if c.partial || c.loose && len(c.values) > 0 {
		return weakly
	}
	return no
}

// body compares a body whose size is known though its content need not be. Beyond the inspection limit it is not
// documented whether the size that counts is the body's or the inspected part's; only if both agree is it certain.
func (n *sizeNode) body(e *evaluation, c *component) match {
	whole := n.holds(c.size)
	if c.size <= e.acl.bodyLimit || whole == n.holds(e.acl.bodyLimit) {
		return match{is: tri.Of(whole)}
	}
	if whole {
		return probably
	}
	return possibly
}

func (n *sizeNode) explain(e *evaluation, is tri.Bool) string {
	c, what := e.component(n.slot), e.acl.fields[n.slot].String()
	if c.forced.Known() {
		return what + " " + c.because
	}
	relation := map[types.ComparisonOperator]string{
		types.ComparisonOperatorEq: "exactly", types.ComparisonOperatorNe: "other than", types.ComparisonOperatorLe: "at most",
		types.ComparisonOperatorLt: "less than", types.ComparisonOperatorGe: "at least", types.ComparisonOperatorGt: "more than",
	}[n.op] + " " + strconv.FormatInt(n.size, 10) + " bytes"
	size := int64(-1)
	if c.sized {
		size = c.size
	}
	for _, v := range c.values {
		if !c.sized && (size < 0 || n.holds(int64(len(v)))) {
			size = int64(len(v))
		}
	}
	has := what + " has " + strconv.FormatInt(size, 10) + " bytes"
	switch {
	case is == tri.Unknown && c.sized:
		return has + ", of which WAF gets the first " + strconv.FormatInt(e.acl.bodyLimit, 10) + "; the rule asks for " + relation
	case is == tri.Unknown && !c.absent:
		return "the size of " + what + " is not known: " + c.because
	case is == tri.Unknown:
		return "the request does not have " + what + ", and whether that counts as zero bytes is not documented"
	case size < 0:
		return "the request does not have " + what
	case is == tri.True:
		return has + ", the rule asks for " + relation
	}
	return has + ", not " + relation
}

// String names the component for a sentence.
func (f *fieldSpec) String() string {
	switch f.kind {
	case fieldHeader:
		return "the header " + quote(f.name)
	case fieldArgument:
		return "the query argument " + quote(f.name)
	}
	return strings.TrimSpace(fieldNames[f.kind])
}
