package edge

import (
	"net/netip"
	"strconv"
	"strings"

	waftypes "github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/waf"
)

// webACLFacts is a web ACL compiled with what its rules refer to, and what was sampled of its work.
type webACLFacts struct {
	fact    evidence.Fact[account.WebACLOutput]
	acl     *waf.ACL // nil where the web ACL could not be read
	missing []evidence.Gap
	samples []ruleSamples
	limited map[string][]netip.Prefix // by rate-based rule: the addresses that it limits now
	fences  map[string]bool           // rules that match viewers outside of some addresses or countries
}

// ruleSamples are the sampled requests of one metric.
type ruleSamples struct {
	metric string
	rule   string // the web ACL's rule with that metric; "" for the web ACL's own and the default action's
	fact   evidence.Fact[account.SampledRequestsOutput]
	items  []waftypes.SampledHTTPRequest
}

// webACLFacts compiles the distribution's web ACL once; a tenant's own is compiled for each request, as tenants are many.
func (m *Model) webACLFacts(arn string) *webACLFacts {
	if arn != str(m.Config.WebACLId) {
		return m.compileWebACL(arn)
	}
	return m.shared.webACL.get(func() *webACLFacts { return m.compileWebACL(arn) })
}

func (m *Model) compileWebACL(arn string) *webACLFacts {
	f := &webACLFacts{fact: account.WebACL(arn).In(m.World)}
	out, ok := f.fact.Get()
	if !ok {
		return f
	}
	f.acl = waf.Compile(&out.WebACL, m.rulesReferTo("CLOUDFRONT", account.GlobalRegion, &f.missing))
	f.readSamples(m, arn, &out.WebACL)
	f.readLimited(m, arn, &out.WebACL)
	f.fences = map[string]bool{}
	for i := range out.WebACL.Rules {
		if r := &out.WebACL.Rules[i]; fencesOff(r.Statement, false) {
			f.fences[str(r.Name)] = true
		}
	}
	return f
}

// rulesReferTo reads what the rules of a web ACL refer to. Reads that nobody could make are added to missing.
func (m *Model) rulesReferTo(scope, region string, missing *[]evidence.Gap) waf.References {
	return waf.References{
		IPSet: func(arn string) (*waftypes.IPSet, bool) {
			out, ok := referred(account.IPSet(arn).In(m.World), missing)
			return &out.IPSet, ok
		},
		RegexPatternSet: func(arn string) (*waftypes.RegexPatternSet, bool) {
			out, ok := referred(account.RegexPatternSet(arn).In(m.World), missing)
			return &out.RegexPatternSet, ok
		},
		RuleGroup: func(arn string) (*waftypes.RuleGroup, bool) {
			out, ok := referred(account.RuleGroup(arn).In(m.World), missing)
			return &out.RuleGroup, ok
		},
		ManagedRuleGroup: func(vendor, name, version string) ([]waftypes.RuleSummary, bool) {
			out, ok := referred(account.ManagedRuleGroup(vendor, name, version, scope, region).In(m.World), missing)
			return out.Rules, ok
		},
	}
}

// referred notes what could not be read.
func referred[T any](fact evidence.Fact[T], missing *[]evidence.Gap) (T, bool) {
	if fact.Missing() {
		*missing = append(*missing, fact)
	}
	return fact.Get()
}

// readSamples collects the sampled requests by metric: each rule's, the web ACL's own, and the default action's.
func (f *webACLFacts) readSamples(m *Model, arn string, acl *waftypes.WebACL) {
	add := func(metric, rule string) {
		fact := account.SampledRequests(arn, metric, m.World.Now).In(m.World)
		if out, ok := fact.Get(); ok && metric != "" && len(out.SampledRequests) > 0 {
			f.samples = append(f.samples, ruleSamples{metric, rule, fact, out.SampledRequests})
		}
	}
	for i := range acl.Rules {
		if v := acl.Rules[i].VisibilityConfig; v != nil {
			add(str(v.MetricName), str(acl.Rules[i].Name))
		}
	}
	if v := acl.VisibilityConfig; v != nil {
		add(str(v.MetricName), "")
	}
	add("Default_Action", "")
}

// readLimited collects the addresses that rate-based rules limit at the time of reading.
func (f *webACLFacts) readLimited(m *Model, arn string, acl *waftypes.WebACL) {
	for i := range acl.Rules {
		r := &acl.Rules[i]
		if r.Statement == nil || r.Statement.RateBasedStatement == nil {
			continue
		}
		out, ok := account.RateKeys(arn, str(r.Name)).In(m.World).Get()
		if !ok {
			continue
		}
		var prefixes []netip.Prefix
		for _, address := range append(append([]string(nil), out.ManagedKeysIPV4.Addresses...), out.ManagedKeysIPV6.Addresses...) {
			if p, err := netip.ParsePrefix(address); err == nil {
				prefixes = append(prefixes, p)
			}
		}
		if f.limited == nil {
			f.limited = map[string][]netip.Prefix{}
		}
		f.limited[str(r.Name)] = prefixes
	}
}

// corroborate weighs the possibilities by what the account shows: sampled requests like this one, and addresses that a rate-based rule
// limits now. A sample of the viewer's own address makes its rule likely, and so does one whose rule looks at nothing but what both requests
// have in common. Any other makes it a possibility that counts, and no more: rules judge by addresses, headers and rates that a sample's
// likeness does not cover. It returns the samples.
func (f *webACLFacts) corroborate(result *waf.Result, r *waf.Request) []waf.SampleMatch {
	var own, others []waf.SampleMatch
	for i := range f.samples {
		for _, match := range waf.Samples(f.acl, f.samples[i].items, r) {
			if match.Rule == "" {
				match.Rule = f.samples[i].rule
			}
			if match.SameClient || match.SameContent {
				own = append(own, match)
			} else {
				others = append(others, match)
			}
		}
	}
	f.confirm(result, own)
	likely := make([]bool, len(result.Maybe))
	for i := range result.Maybe {
		likely[i] = result.Maybe[i].Likely
	}
	f.confirm(result, others)
	for i := range result.Maybe {
		result.Maybe[i].Likely = likely[i]
	}
	f.confirmLimits(result, r)
	return append(own, others...)
}

// weigh settles which possibilities count although nothing in the request speaks for them: what hangs on where the viewer is, when nobody
// said where. A rule that would let a request pass that is otherwise stopped counts always.
func (f *webACLFacts) weigh(result *waf.Result, r *waf.Request) {
	for i := range result.Maybe {
		m := &result.Maybe[i]
		placeless := r.Country == "" && m.Kind == waf.KindGeo || (r.Country == "" || !r.ClientIP.IsValid()) && f.fences[m.Name]
		if placeless || m.Action == waf.Allow && result.Action != waf.Allow {
			m.Weak = false
		}
	}
}

// fencesOff reports a statement that is true outside of a list of addresses or countries: most viewers are outside.
func fencesOff(s *waftypes.Statement, negated bool) bool {
	switch {
	case s == nil:
		return false
	case s.NotStatement != nil:
		return fencesOff(s.NotStatement.Statement, !negated)
	case s.IPSetReferenceStatement != nil, s.GeoMatchStatement != nil:
		return negated
	case s.AndStatement != nil:
		return anyFence(s.AndStatement.Statements, negated)
	case s.OrStatement != nil:
		return anyFence(s.OrStatement.Statements, negated)
	}
	return false
}

func anyFence(list []waftypes.Statement, negated bool) bool {
	for i := range list {
		if fencesOff(&list[i], negated) {
			return true
		}
	}
	return false
}

func (f *webACLFacts) confirm(result *waf.Result, samples []waf.SampleMatch) {
	if len(samples) == 0 {
		return
	}
	result.Corroborate(samples)
	for i := range samples {
		f.confirmRule(result, &samples[i])
	}
}

// confirmLimits makes those rate-based rules likely that limit the viewer's address now.
func (f *webACLFacts) confirmLimits(result *waf.Result, r *waf.Request) {
	for i := range result.Maybe {
		m := &result.Maybe[i]
		for _, p := range f.limited[m.Name] {
			if m.Kind == waf.KindRate && r.ClientIP.IsValid() && p.Contains(r.ClientIP.Unmap()) {
				m.Likely, m.Weak, m.Because = true, false, "the rule limits the viewer's address at the moment"
			}
		}
	}
}

// confirmRule makes a rule outside of any group likely where its own samples show it acting on such a request.
func (f *webACLFacts) confirmRule(result *waf.Result, s *waf.SampleMatch) {
	if s.Group != "" || s.Rule == "" {
		return
	}
	for i := range result.Maybe {
		if m := &result.Maybe[i]; m.Name == s.Rule && m.Group == "" && m.Action == s.Action {
			m.Likely, m.Weak, m.Because = true, false, "WAF's samples show this rule acting on such a request"
		}
	}
}

// sampleRef points at a sample.
func (f *webACLFacts) sampleRef(s *waf.SampleMatch) evidence.Ref {
	for i := range f.samples {
		if r := &f.samples[i]; r.rule == s.Rule || s.Rule == "" && r.rule == "" {
			note := strings.TrimPrefix(s.Group+" / "+s.InnerRule, " / ")
			return r.fact.Ref("SampledRequests").With(s.Action.String(), "a request like this one: "+note)
		}
	}
	return f.fact.Ref("")
}

func formatInt(n int64) string { return strconv.FormatInt(n, 10) }
