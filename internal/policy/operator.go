package policy

import (
	"strings"

	"cfdoctor/internal/tri"
)

// operator is a condition operator, taken apart.
type operator struct {
	kind     operatorKind
	negated  bool // StringNotEquals and the like: no policy value may match
	ifExists bool
	set      setOperator
	cmp      comparison // of numeric and date operators
}

type operatorKind uint8

const (
	unknownOperator operatorKind = iota // added by AWS later, or misspelt: nothing can be said
	nullOperator
	stringEquals
	stringEqualsFold
	stringLike
	arnLike
	numericCompare
	dateCompare
	boolEquals
	binaryEquals
	ipAddress
)

type setOperator uint8

const (
	noSet setOperator = iota
	forAllValues
	forAnyValue
)

// comparison is the set of orderings that satisfy an operator.
type comparison uint8

const (
	less comparison = 1 << iota
	equal
	greater
)

// holds takes an ordering as returned by the standard Compare functions.
func (c comparison) holds(order int) bool {
	switch {
	case order < 0:
		return c&less != 0
	case order > 0:
		return c&greater != 0
	}
	return c&equal != 0
}

// parseOperator reads "ForAnyValue:StringLikeIfExists" (IAM/reference_policies_elements_condition_operators).
// Case is ignored: were AWS to refuse another case, no such policy would exist.
func parseOperator(s string) operator {
	var op operator
	name := strings.ToLower(s)
	if rest, ok := strings.CutPrefix(name, "forallvalues:"); ok {
		name, op.set = rest, forAllValues
	} else if rest, ok := strings.CutPrefix(name, "foranyvalue:"); ok {
		name, op.set = rest, forAnyValue
	}
	name, op.ifExists = strings.CutSuffix(name, "ifexists")
	switch name {
	case "null":
		if op.ifExists || op.set != noSet {
			return operator{} // the one operator that takes no IfExists; with a set operator it means nothing documented
		}
		op.kind = nullOperator
	case "stringequals", "stringnotequals":
		op.kind = stringEquals
	case "stringequalsignorecase", "stringnotequalsignorecase":
		op.kind = stringEqualsFold
	case "stringlike", "stringnotlike":
		op.kind = stringLike
	case "arnequals", "arnlike", "arnnotequals", "arnnotlike":
		op.kind = arnLike
	case "bool":
		op.kind = boolEquals
	case "binaryequals":
		op.kind = binaryEquals
	case "ipaddress", "notipaddress":
		op.kind = ipAddress
	default:
		return ordered(op, name)
	}
	op.negated = strings.Contains(name, "not")
	return op
}

// ordered completes the numeric and date operators.
func ordered(op operator, name string) operator {
	suffix, numeric := strings.CutPrefix(name, "numeric")
	if numeric {
		op.kind = numericCompare
	} else if after, date := strings.CutPrefix(name, "date"); date {
		suffix, op.kind = after, dateCompare
	}
	switch suffix {
	case "equals":
		op.cmp = equal
	case "notequals":
		op.cmp, op.negated = equal, true
	case "lessthan":
		op.cmp = less
	case "lessthanequals":
		op.cmp = less | equal
	case "greaterthan":
		op.cmp = greater
	case "greaterthanequals":
		op.cmp = greater | equal
	default:
		return operator{}
	}
	return op
}

func (c *Condition) compile(vars bool) {
	c.key = strings.ToLower(c.Key)
	c.op = parseOperator(c.Operator)
	for _, v := range c.Values {
		c.operands = append(c.operands, newOperand(c.op, v, vars))
	}
}

// evaluate says whether the condition holds.
//
// A missing key fails an operator and satisfies a negated one and IfExists. ForAllValues holds for a missing or empty
// key, ForAnyValue does not, negated or not (IAM/reference_policies_condition-single-vs-multi-valued-context-keys),
// and IfExists does not help it, since it speaks of single values: observed with ForAnyValue:StringEqualsIfExists
// (https://repost.aws/questions/QU9HFmDzP0QGuU-fd7rS6B7w).
func (c *Condition) evaluate(ctx Context) tri.Bool {
	if c.op.kind == unknownOperator {
		return tri.Unknown
	}
	e := ctx.lookup(c.key)
	switch {
	case e.state == keyUnknown:
		return tri.Unknown
	case e.state == keyPublicAddress:
		return c.withPublicAddress()
	case c.op.kind == nullOperator:
		return c.isNull(e.state == keyAbsent)
	case e.state == keyAbsent:
		return c.withoutKey()
	}
	return c.compare(e.values, ctx)
}

func (c *Condition) withoutKey() tri.Bool {
	return tri.Of(c.op.set == forAllValues || c.op.set == noSet && (c.op.ifExists || c.op.negated))
}

// withPublicAddress evaluates a condition on an address that is known to be public, if it is there at all: what both cases agree on.
func (c *Condition) withPublicAddress() tri.Bool {
	if c.op.kind != ipAddress || c.op.set != noSet {
		return tri.Unknown
	}
	total := outcome{match: tri.False}
	for _, o := range c.operands {
		r, ok := o.(addressRange)
		total.match = tri.Or(total.match, tri.And(tri.Unknown, tri.Of(!ok || !r.neverPublic())))
	}
	if present := total.settle(c.op.negated); present == c.withoutKey() {
		return present
	}
	return tri.Unknown
}

// isNull: "true" asks that the key is missing, "false" that it is there.
func (c *Condition) isNull(missing bool) tri.Bool {
	out := tri.False
	for _, v := range c.Values {
		want, ok := parseBool(v)
		if !ok {
			out = tri.Or(out, tri.Unknown)
			continue
		}
		out = tri.Or(out, tri.Of(want == missing))
	}
	return out
}

func (c *Condition) compare(values []string, ctx Context) tri.Bool {
	switch c.op.set {
	case forAllValues:
		if allEmpty(values) {
			return tri.True
		}
		out := tri.True
		for _, v := range values {
			out = tri.And(out, c.holds(v, ctx))
		}
		return out
	case forAnyValue:
		if allEmpty(values) {
			return tri.False
		}
		out := tri.False
		for _, v := range values {
			out = tri.Or(out, c.holds(v, ctx))
		}
		return out
	}
	// Several values need a set operator. Without one AWS does not say which of them counts, so all must agree.
	out := c.holds(values[0], ctx)
	for _, v := range values[1:] {
		if c.holds(v, ctx) != out {
			return tri.Unknown
		}
	}
	return out
}

// allEmpty: a key whose values are empty strings is an empty set to the set operators.
func allEmpty(values []string) bool {
	for _, v := range values {
		if v != "" {
			return false
		}
	}
	return true
}

// holds compares one value of the request with all values of the policy.
func (c *Condition) holds(got string, ctx Context) tri.Bool {
	total := outcome{match: tri.False}
	for _, o := range c.operands {
		m := o.match(got, ctx)
		total.match = tri.Or(total.match, m.match)
		total.unresolved = total.unresolved || m.unresolved
	}
	return total.settle(c.op.negated)
}
