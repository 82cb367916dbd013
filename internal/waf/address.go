package waf

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/tri"
)

// forwarded says where a statement takes an address from instead of the viewer's own.
type forwarded struct {
	header   string
	fallback tri.Bool
	position types.ForwardedIPPosition
}

func newForwarded(c *types.ForwardedIPConfig) *forwarded {
	if c == nil {
		return nil
	}
	return &forwarded{header: deref(c.HeaderName), fallback: fallback(c.FallbackBehavior), position: types.ForwardedIPPositionFirst}
}

// mostForwarded is how many addresses of a header are inspected at most, counted from the end
// (WAF/waf-rule-statement-forwarded-ip-address).
const mostForwarded = 10

// addresses reads the header. present is false when the request does not have it, valid when an address in the wanted
// position is none.
func (f *forwarded) addresses(e *evaluation) (list []netip.Addr, present, valid bool) {
	value, present := e.header(f.header)
	if !present {
		return nil, false, false
	}
	parts := strings.Split(value, ",")
	switch f.position {
	case types.ForwardedIPPositionLast:
		parts = parts[len(parts)-1:]
	case types.ForwardedIPPositionAny:
		parts = parts[max(0, len(parts)-mostForwarded):]
	default:
		parts = parts[:1]
	}
	valid = true
	for _, p := range parts {
		a, err := netip.ParseAddr(strings.TrimSpace(p))
		if err != nil {
			valid = false
			continue
		}
		list = append(list, a.Unmap())
	}
	return list, true, valid
}

// fallen is the match of a header without a valid address. Without a stated fallback it stays unknown.
func (f *forwarded) fallen() match {
	if f.fallback.Known() {
		return match{is: f.fallback}
	}
	return possibly
}

func (f *forwarded) String() string { return "the address in the header " + quote(f.header) }

// forwardedHeaders collects the headers from which a statement or one inside it takes addresses.
func forwardedHeaders(s *types.Statement, depth int, out *[]string) {
	if s == nil || depth >= maxDepth {
		return
	}
	add := func(name *string) {
		if n := deref(name); n != "" {
			*out = append(*out, n)
		}
	}
	switch {
	case s.IPSetReferenceStatement != nil && s.IPSetReferenceStatement.IPSetForwardedIPConfig != nil:
		add(s.IPSetReferenceStatement.IPSetForwardedIPConfig.HeaderName)
	case s.GeoMatchStatement != nil && s.GeoMatchStatement.ForwardedIPConfig != nil:
		add(s.GeoMatchStatement.ForwardedIPConfig.HeaderName)
	case s.AsnMatchStatement != nil && s.AsnMatchStatement.ForwardedIPConfig != nil:
		add(s.AsnMatchStatement.ForwardedIPConfig.HeaderName)
	case s.NotStatement != nil:
		forwardedHeaders(s.NotStatement.Statement, depth+1, out)
	case s.AndStatement != nil:
		for i := range s.AndStatement.Statements {
			forwardedHeaders(&s.AndStatement.Statements[i], depth+1, out)
		}
	case s.OrStatement != nil:
		for i := range s.OrStatement.Statements {
			forwardedHeaders(&s.OrStatement.Statements[i], depth+1, out)
		}
	}
}

// skippingNotNode negates statements that need a header with an address.
type skippingNotNode struct {
	notNode
	headers []string
}

func (n skippingNotNode) eval(e *evaluation) match {
	m := n.notNode.eval(e)
	if m.is == tri.True && n.missing(e) != "" {
		return possibly
	}
	return m
}

func (n skippingNotNode) missing(e *evaluation) string {
	for _, h := range n.headers {
		if _, ok := e.header(h); !ok {
			return h
		}
	}
	return ""
}

func (n skippingNotNode) explain(e *evaluation, is tri.Bool) string {
	if h := n.missing(e); is == tri.Unknown && h != "" {
		return "the request has no header " + quote(h) + ", without which WAF does not apply the rule; " +
			"whether that holds inside a negation is not documented"
	}
	return n.notNode.explain(e, is)
}

// ipRange is a closed range of addresses of one family.
type ipRange struct{ from, to netip.Addr }

// ipSetNode matches an IP set (WAF/waf-rule-statement-type-ipset-match).
type ipSetNode struct {
	name     string
	ranges   []ipRange // sorted, disjoint
	prefixes []netip.Prefix
	damaged  bool // an entry could not be read
	from     *forwarded
}

func (c *compiler) ipSet(s *types.IPSetReferenceStatement) node {
	set := resolve(c.refs.IPSet, deref(s.ARN))
	if set == nil {
		return unknownNode{because: "the IP set " + quote(nameInARN(deref(s.ARN))) + " could not be read", hint: plain}
	}
	n := &ipSetNode{name: orElse(deref(set.Name), nameInARN(deref(s.ARN)))}
	if f := s.IPSetForwardedIPConfig; f != nil {
		n.from = &forwarded{header: deref(f.HeaderName), fallback: fallback(f.FallbackBehavior), position: f.Position}
	}
	for _, text := range set.Addresses {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			n.damaged = true
			continue
		}
		n.prefixes = append(n.prefixes, p.Masked())
	}
	n.ranges = mergeRanges(n.prefixes)
	return n
}

func mergeRanges(prefixes []netip.Prefix) []ipRange {
	all := make([]ipRange, len(prefixes))
	for i, p := range prefixes {
		all[i] = ipRange{p.Addr(), lastAddr(p)}
	}
	slices.SortFunc(all, func(a, b ipRange) int { return a.from.Compare(b.from) })
	var out []ipRange
	for _, r := range all {
		if n := len(out); n > 0 && out[n-1].from.BitLen() == r.from.BitLen() && (r.from.Compare(out[n-1].to) <= 0 || r.from == out[n-1].to.Next()) {
			if r.to.Compare(out[n-1].to) > 0 {
				out[n-1].to = r.to
			}
			continue
		}
		out = append(out, r)
	}
	return out
}

func lastAddr(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	last, _ := netip.AddrFromSlice(b)
	return last
}

func (n *ipSetNode) has(a netip.Addr) bool {
	i, found := slices.BinarySearchFunc(n.ranges, a, func(r ipRange, a netip.Addr) int { return r.from.Compare(a) })
	return found || i > 0 && a.BitLen() == n.ranges[i-1].from.BitLen() && a.Compare(n.ranges[i-1].to) <= 0
}

func (n *ipSetNode) eval(e *evaluation) match {
	if n.from != nil {
		return n.evalForwarded(e)
	}
	a := e.req.ClientIP.Unmap()
	switch {
	case len(n.ranges) == 0 && !n.damaged:
		return no
	case !a.IsValid():
		return weakly
	case n.has(a):
		return yes
	}
	return n.missed()
}

func (n *ipSetNode) missed() match {
	if n.damaged {
		return weakly
	}
	return no
}

func (n *ipSetNode) evalForwarded(e *evaluation) match {
	list, present, valid := n.from.addresses(e)
	if !present {
		return no
	}
	for _, a := range list {
		if n.has(a) {
			return yes
		}
	}
	if !valid {
		return n.from.fallen()
	}
	return n.missed()
}

func (n *ipSetNode) explain(e *evaluation, is tri.Bool) string {
	set := "the IP set " + quote(n.name)
	if n.from != nil {
		return n.from.String() + map[tri.Bool]string{
			tri.True: " is in ", tri.False: " is not in ", tri.Unknown: " cannot be compared with ",
		}[is] + set
	}
	a := e.req.ClientIP.Unmap()
	switch {
	case is == tri.False:
		return "the viewer's address is not in " + set
	case is == tri.True:
		for _, p := range n.prefixes {
			if p.Contains(a) {
				return "the viewer's address " + a.String() + " is in " + p.String() + " of " + set
			}
		}
	case a.IsValid():
		return set + " has an entry that could not be read"
	}
	return "the viewer's address is not known, so neither is whether it is in " + set
}

// asnNode matches the autonomous system of an address.
type asnNode struct {
	list []int64
	from *forwarded
}

func newASNNode(s *types.AsnMatchStatement) node {
	return asnNode{list: s.AsnList, from: newForwarded(s.ForwardedIPConfig)}
}

func (n asnNode) eval(e *evaluation) match {
	if n.from != nil {
		list, present, valid := n.from.addresses(e)
		switch {
		case !present:
			return no
		case !valid:
			return n.from.fallen()
		case list[0] != e.req.ClientIP.Unmap():
			return weakly
		}
	}
	if e.req.ASN == 0 {
		return weakly
	}
	return match{is: tri.Of(slices.Contains(n.list, e.req.ASN))}
}

func (n asnNode) explain(e *evaluation, is tri.Bool) string {
	if is == tri.Unknown {
		return "the autonomous system of the viewer's address is not known"
	}
	asn := "the viewer's autonomous system " + strconv.FormatInt(e.req.ASN, 10)
	if is == tri.True {
		return asn + " is listed"
	}
	return asn + " is not listed"
}
