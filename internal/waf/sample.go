package waf

import (
	"net/netip"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

// SampleMatch is a sampled request that looks like the one in question: the same method and path and, where both are
// known, the same client address. It is evidence of what the web ACL really did (WAFAPI/SampledHTTPRequest).
type SampleMatch struct {
	Action     Action
	Status     int // sent by WAF; 0 when the sample does not tell
	Vendor     string
	Group      string // rule group of the rule; empty for a rule of the web ACL itself
	InnerRule  string
	Rule       string // the web ACL's rule that refers to the group; empty when none or several do
	Time       time.Time
	ClientIP   netip.Addr
	SameClient bool // the request's own address is known and is the sample's
	// SameContent tells that all that the rule looks at is the request's too: the path or the query, by the name of a rule of AWS's
	// (WAF/aws-managed-rule-groups-baseline), whoever sent the sample.
	SameContent bool
	Country     string
	Labels      []string
}

// Samples picks the sampled requests that look like r. They are those of one rule's metric: a sample of a rule outside
// of any group does not name it, so the caller knows the rule from the metric name it asked for.
func Samples(acl *ACL, sampled []types.SampledHTTPRequest, r *Request) []SampleMatch {
	var out []SampleMatch
	for i := range sampled {
		if s := &sampled[i]; s.Request != nil && resembles(s.Request, r) {
			out = append(out, newSampleMatch(acl, s, r))
		}
	}
	return out
}

func resembles(s *types.HTTPRequest, r *Request) bool {
	path, _, _ := strings.Cut(deref(s.URI), "?")
	if path != orElse(r.Path, "/") || deref(s.Method) != r.Method {
		return false
	}
	client, err := netip.ParseAddr(deref(s.ClientIP))
	return err != nil || !r.ClientIP.IsValid() || client.Unmap() == r.ClientIP.Unmap()
}

func newSampleMatch(acl *ACL, s *types.SampledHTTPRequest, r *Request) SampleMatch {
	m := SampleMatch{
		Action: parseAction(deref(s.Action)), Status: int(deref(s.ResponseCodeSent)),
		Country: deref(s.Request.Country), Time: deref(s.Timestamp),
	}
	m.ClientIP, _ = netip.ParseAddr(deref(s.Request.ClientIP))
	m.SameClient = m.ClientIP.IsValid() && m.ClientIP.Unmap() == r.ClientIP.Unmap()
	m.Vendor, m.Group, m.InnerRule = splitSampleRule(deref(s.RuleNameWithinRuleGroup))
	m.SameContent = m.Vendor == "AWS" && sameContent(m.InnerRule, deref(s.Request.URI), r)
	for i := range s.Labels {
		m.Labels = append(m.Labels, deref(s.Labels[i].Name))
	}
	if acl != nil && m.Group != "" {
		m.Rule = acl.ruleOf(m.Vendor, m.Group)
	}
	return m
}

// sameContent compares what a rule of AWS's looks at; samples are of the request's path already.
func sameContent(rule, uri string, r *Request) bool {
	_, query, has := strings.Cut(uri, "?")
	switch _, part, _ := strings.Cut(strings.ToUpper(rule), "_"); part {
	case "URIPATH":
		return true
	case "QUERYARGUMENTS", "QUERYSTRING":
		return has && query == r.Query
	}
	return false
}

// splitSampleRule reads vendor#group#rule; an own group's rule is named without a vendor.
func splitSampleRule(s string) (vendor, group, rule string) {
	parts := strings.Split(s, "#")
	switch len(parts) {
	case 3:
		return parts[0], parts[1], parts[2]
	case 2:
		return "", parts[0], parts[1]
	}
	return "", "", s
}

func parseAction(s string) Action {
	for _, a := range []Action{Allow, Block, Count, Captcha, Challenge} {
		if strings.EqualFold(s, a.String()) {
			return a
		}
	}
	return ActionUnknown
}

// ruleOf names the web ACL's rule that refers to a group, if exactly one does.
func (a *ACL) ruleOf(vendor, group string) string {
	name := ""
	for i := range a.entries {
		g := a.entries[i].group
		if g == nil || len(g.rules) == 0 {
			continue
		}
		if ref := &g.rules[0].ref; ref.Group == group && (vendor == "" || ref.GroupVendor == vendor) {
			if name != "" {
				return ""
			}
			name = ref.Name
		}
	}
	return name
}

// Corroborate makes those possibilities likely that a sample shows to have happened: the same rule of the same group
// took the same action on a request that looks like this one.
func (r *Result) Corroborate(samples []SampleMatch) {
	for i := range samples {
		s := &samples[i]
		if s.InnerRule == "" || s.Group == "" {
			continue
		}
		for j := range r.Maybe {
			m := &r.Maybe[j]
			if m.Group == s.Group && (s.Vendor == "" || m.GroupVendor == s.Vendor) && m.Action == s.Action &&
				(m.InnerRule == s.InnerRule || m.InnerRule == "") {
				m.InnerRule, m.Likely, m.Weak = s.InnerRule, true, false
				m.Because = "WAF's samples show this rule acting on such a request"
			}
		}
	}
}
