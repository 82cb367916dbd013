package policy

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"cfdoctor/internal/tri"
)

// operand is one policy value of a condition, parsed for its operator.
type operand interface {
	match(got string, ctx Context) outcome
}

// newOperand parses a value. What cannot be read (AWS refuses most of it when the policy is saved) is undecided.
// Policy variables work in string and ARN operators only (IAM/reference_policies_variables).
func newOperand(op operator, value string, vars bool) operand {
	switch op.kind {
	case stringEquals:
		return &textOperand{newPattern(value, withVariables(vars))}
	case stringEqualsFold:
		return newFoldOperand(value, vars)
	case stringLike:
		return &textOperand{newPattern(value, wildcards|withVariables(vars))}
	case arnLike:
		return newARNPattern(value, vars)
	case numericCompare:
		if n, ok := parseNumber(value); ok {
			return numberOperand{n, op.cmp}
		}
	case dateCompare:
		if t, ok := parseTime(value); ok {
			return timeOperand{t, op.cmp}
		}
	case boolEquals:
		if b, ok := parseBool(value); ok {
			return boolOperand(b)
		}
	case binaryEquals:
		if b, err := base64.StdEncoding.DecodeString(value); err == nil {
			return binaryOperand(b)
		}
	case ipAddress:
		if r, ok := parseRange(value); ok {
			return r
		}
	}
	return undecidedOperand{}
}

var undecided = outcome{match: tri.Unknown}

type undecidedOperand struct{}

func (undecidedOperand) match(string, Context) outcome { return undecided }

type textOperand struct{ pattern pattern }

func (o *textOperand) match(got string, ctx Context) outcome { return o.pattern.matches(got, ctx) }

// foldOperand ignores case. Patterns with variables compare in lower case; plain ones by Unicode folding.
type foldOperand struct {
	plain   string
	pattern *pattern // nil when the value has no variables
}

func newFoldOperand(value string, vars bool) operand {
	p := newPattern(value, withVariables(vars))
	switch {
	case p.malformed:
		return &textOperand{p}
	case p.glob != nil:
		var text strings.Builder
		for _, t := range p.tokens {
			text.WriteString(t.text)
		}
		return &foldOperand{plain: text.String()}
	}
	for i := range p.tokens {
		p.tokens[i].def = strings.ToLower(p.tokens[i].def)
		p.tokens[i].text = strings.ToLower(p.tokens[i].text)
	}
	p.fold = true
	return &foldOperand{pattern: &p}
}

func (o *foldOperand) match(got string, ctx Context) outcome {
	if o.pattern == nil {
		return outcome{match: tri.Of(strings.EqualFold(o.plain, got))}
	}
	return o.pattern.matches(strings.ToLower(got), ctx)
}

type boolOperand bool

func (o boolOperand) match(got string, _ Context) outcome {
	b, ok := parseBool(got)
	if !ok {
		return undecided
	}
	return outcome{match: tri.Of(b == bool(o))}
}

func parseBool(s string) (value, ok bool) {
	switch {
	case strings.EqualFold(s, "true"):
		return true, true
	case strings.EqualFold(s, "false"):
		return false, true
	}
	return false, false
}

type binaryOperand []byte

func (o binaryOperand) match(got string, _ Context) outcome {
	b, err := base64.StdEncoding.DecodeString(got)
	if err != nil {
		return undecided
	}
	return outcome{match: tri.Of(bytes.Equal(b, o))}
}

// number keeps integers exact; decimals are compared as floating point.
type number struct {
	integer int64
	exact   bool
	float   float64
}

type numberOperand struct {
	want number
	cmp  comparison
}

func (o numberOperand) match(got string, _ Context) outcome {
	n, ok := parseNumber(got)
	if !ok {
		return undecided
	}
	order := cmp.Compare(n.float, o.want.float)
	if n.exact && o.want.exact {
		order = cmp.Compare(n.integer, o.want.integer)
	}
	return outcome{match: tri.Of(o.cmp.holds(order))}
}

func parseNumber(s string) (number, bool) {
	if s == "" || strings.Trim(s, "0123456789+-.eE") != "" {
		return number{}, false // ParseFloat would read "inf" and hexadecimal, too
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return number{}, false
	}
	i, err := strconv.ParseInt(s, 10, 64)
	return number{integer: i, exact: err == nil, float: f}, true
}

type timeOperand struct {
	want time.Time
	cmp  comparison
}

func (o timeOperand) match(got string, _ Context) outcome {
	t, ok := parseTime(got)
	if !ok {
		return undecided
	}
	return outcome{match: tri.Of(o.cmp.holds(t.Compare(o.want)))}
}

// parseTime reads the W3C profile of ISO 8601 (https://www.w3.org/TR/NOTE-datetime) or epoch seconds. Four digits
// are a year.
func parseTime(s string) (time.Time, bool) {
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02T15:04Z07:00", time.DateOnly, "2006-01", "2006",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	seconds, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(seconds, 0), true
}

// addressRange is the CIDR block of an IpAddress condition.
type addressRange struct {
	prefix netip.Prefix
	bare   bool // an IPv6 address written without a prefix length
}

// parseRange reads a CIDR block or a bare address. A bare address counts as /32
// (IAM/reference_policies_elements_condition_operators), which is one address in IPv4; whether AWS means it for IPv6
// too is not said, so there only the address itself and what lies outside its /32 are decided.
func parseRange(s string) (addressRange, bool) {
	if p, err := netip.ParsePrefix(s); err == nil {
		if p.Addr().Is4In6() {
			if p.Bits() < 96 {
				return addressRange{}, false
			}
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		return addressRange{prefix: p}, true
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return addressRange{}, false
	}
	a = a.Unmap()
	return addressRange{netip.PrefixFrom(a, a.BitLen()), a.Is6()}, true
}

// notPublic are blocks whose addresses no packet of the public internet comes from: private use, shared, loopback, link-local, benchmarks,
// documentation (https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry).
func notPublic() []string {
	return []string{
		"10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20", "fc00::/7", "fe80::/10", "::1/128",
	}
}

// neverPublic reports whether the block holds no public address.
func (r addressRange) neverPublic() bool {
	return slices.ContainsFunc(notPublic(), func(block string) bool {
		p := netip.MustParsePrefix(block)
		return p.Bits() <= r.prefix.Bits() && p.Contains(r.prefix.Addr())
	})
}

func (r addressRange) match(got string, _ Context) outcome {
	a, err := netip.ParseAddr(got)
	if err != nil || a.Zone() != "" {
		return undecided
	}
	a = a.Unmap()
	if r.bare && a != r.prefix.Addr() && netip.PrefixFrom(r.prefix.Addr(), 32).Contains(a) {
		return undecided
	}
	return outcome{match: tri.Of(r.prefix.Contains(a))}
}
