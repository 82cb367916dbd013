package webacl

import (
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
)

// editSets put the viewer's address right in the IP sets that a rule goes by: out of one that holds it, or into one that does not. Where the set
// is the whole statement, which of the two helps is plain; within And, Or and Not the simulation tells.
func editSets(p *cause.Pass, c *culprit) []fix.Fix {
	rule, ip := ruleOf(c), p.Request.ClientIP.Unmap()
	if rule == nil || c.origin != nil || c.rule.Group != "" || !ip.IsValid() {
		return nil
	}
	var out []fix.Fix
	whole, negated := addressSet(rule.Statement)
	for _, arn := range addressSets(rule.Statement, nil) {
		read, known := account.IPSet(arn).In(p.World).Get()
		if version := read.IPSet.IPAddressVersion; !known || version != "" && version != versionOf(ip) {
			continue
		}
		entry := holding(read.IPSet, ip)
		f := editSet(arn, entry, ip)
		if arn == whole && negated == (entry == "") || arn != whole && passes(p, c, f) {
			out = append(out, f)
		}
	}
	return out
}

// editSet takes an entry out of an IP set, or adds the address where no entry holds it.
func editSet(arn, entry string, ip netip.Addr) fix.Fix {
	f := fix.Fix{
		Complexity: fix.Quick, Minutes: 5, Confidence: fix.High,
		Impact: "None: other addresses are judged as before",
	}
	const others = "Every other rule that goes by this IP set judges by the change too"
	if entry == "" {
		cidr := netip.PrefixFrom(ip, ip.BitLen()).String()
		f.Title = "Add " + cidr + " to the addresses that may come"
		f.Explanation = "The rule blocks who is not in the IP set; the viewer's address joins it."
		f.SideEffects = []string{"Everybody behind this address gets in: make sure that it belongs to whom you think", others}
		f.Changes = []fix.Change{fix.EditIPSet(arn, fix.AddAddress(cidr))}
		return f
	}
	f.Title = "Take " + entry + " out of the blocked addresses"
	f.Explanation = "The rule blocks who is in the IP set; the entry that holds the viewer's address leaves it."
	f.SideEffects = []string{"Everybody in " + entry + " gets in again: find out first why it was blocked", others}
	f.Changes = []fix.Change{fix.EditIPSet(arn, fix.RemoveAddress(entry))}
	return f
}

// passes reports whether the rule lets the request by once a fix is made.
func passes(p *cause.Pass, c *culprit, f fix.Fix) bool {
	t := p.With(f.Changes...)
	if t == nil || !t.Reached(stage) || t.Exchange.WAF == nil {
		return false
	}
	decided := t.Exchange.WAF.Result.Rule
	return decided == nil || decided.Name != c.rule.Name
}

// addressSet is the IP set that a rule refers to by itself, be it negated.
func addressSet(s *types.Statement) (arn string, negated bool) {
	switch {
	case s == nil:
	case s.NotStatement != nil:
		arn, negated = addressSet(s.NotStatement.Statement)
		return arn, !negated
	case viewersSet(s) != "":
		return viewersSet(s), false
	}
	return "", false
}

// addressSets adds the IP sets that stand anywhere in a statement, each once.
func addressSets(s *types.Statement, found []string) []string {
	if s == nil {
		return found
	}
	if arn := viewersSet(s); arn != "" {
		if slices.Contains(found, arn) {
			return found
		}
		return append(found, arn)
	}
	var parts []types.Statement
	switch {
	case s.NotStatement != nil:
		return addressSets(s.NotStatement.Statement, found)
	case s.AndStatement != nil:
		parts = s.AndStatement.Statements
	case s.OrStatement != nil:
		parts = s.OrStatement.Statements
	}
	for i := range parts {
		found = addressSets(&parts[i], found)
	}
	return found
}

// viewersSet is the IP set that a statement holds the viewer's own address against, not one that a header names.
func viewersSet(s *types.Statement) string {
	ref := s.IPSetReferenceStatement
	if ref == nil || ref.ARN == nil || ref.IPSetForwardedIPConfig != nil {
		return ""
	}
	return *ref.ARN
}

func versionOf(ip netip.Addr) types.IPAddressVersion {
	if ip.Is4() {
		return types.IPAddressVersionIpv4
	}
	return types.IPAddressVersionIpv6
}

// holding is the entry of an IP set that holds an address; "" for none.
func holding(set types.IPSet, ip netip.Addr) (entry string) {
	bits := -1
	for _, text := range set.Addresses {
		if p, err := netip.ParsePrefix(text); err == nil && p.Contains(ip) && p.Bits() > bits {
			entry, bits = text, p.Bits()
		}
	}
	return entry
}
