package edge

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/request"
	"cfdoctor/internal/waf"
)

// WebACLResult is what the web ACL does with the request.
type WebACLResult struct {
	ARN    string // as configured; an id without "arn:" is a web ACL of WAF Classic
	Field  string // where it is named
	Fact   evidence.Fact[account.WebACLOutput]
	Result waf.Result
	// Samples are sampled requests that look like this one.
	Samples []waf.SampleMatch
	// Missing are reads that the rules refer to and that nobody could make.
	Missing []evidence.Gap
}

var webACL = &Stage{
	ID:    "web-acl",
	Title: "Web ACL (AWS WAF)",
	Doc: "The rules run in the order of their priority until one allows, blocks or challenges; then the default action decides. A block is a 403 or the " +
		"rule's own response, a CAPTCHA 405, a challenge 202. The web ACL comes after the geographic restriction and before functions. A tenant may " +
		"have a web ACL of its own, or none.",
	Sources: []string{"WAF/web-acl-processing", "WAF/cloudfront-waf-use-cases", "WAF/customizing-the-response-for-blocked-requests", "DG/lambda-edge-event-request-response"},
	Run:     runWebACL,
}

func runWebACL(x *Exchange) Step {
	id, field := x.webACLID()
	if id == "" {
		step := x.Pass("No web ACL is attached")
		if x.Explain {
			step = step.WithEvidence(x.ref("WebACLId", "", ""))
		}
		return step
	}
	facts := x.Model.webACLFacts(id)
	if x.Explain {
		x.WAF = &WebACLResult{ARN: id, Field: field, Fact: facts.fact, Missing: facts.missing}
	}
	if !strings.HasPrefix(id, "arn:") {
		return x.Unsure(Alternative{Status: 403, If: "a rule of the AWS WAF Classic web ACL blocks the request"},
			"A web ACL of AWS WAF Classic is attached, whose rules are not read").WithEvidence(x.ref(field, id, ""))
	}
	if facts.acl == nil {
		return x.Unsure(Alternative{Status: 403, If: "a rule of the web ACL blocks the request"}, "A web ACL is attached, and its rules could not be read").
			WithEvidence(facts.fact.Ref(""), x.ref(field, id, ""))
	}
	r := x.wafRequest()
	result := facts.acl.Evaluate(r)
	if len(result.Maybe) > 0 || x.Explain {
		samples := facts.corroborate(&result, r)
		facts.weigh(&result, r)
		if x.Explain {
			x.WAF.Result, x.WAF.Samples = result, samples
		}
	}
	return x.applyWebACL(facts, &result)
}

// WebACLAhead is what the web ACL would make of the request if nothing before stopped it; nil where none is attached.
func (x *Exchange) WebACLAhead() *WebACLResult {
	ahead := x.Model.exchange(x.Viewer, true)
	ahead.Host, ahead.Behavior = x.Host, x.Behavior
	runWebACL(ahead)
	return ahead.WAF
}

// webACLID is the web ACL in force, and where it is named: the tenant's where it overrides or turns off the distribution's.
func (x *Exchange) webACLID() (id, field string) {
	if c := x.Host.customizations(); c != nil && c.WebAcl != nil {
		if c.WebAcl.Action == types.CustomizationActionTypeDisable {
			return "", ""
		}
		if arn := str(c.WebAcl.Arn); arn != "" {
			return arn, "Customizations.WebAcl.Arn"
		}
	}
	return str(x.Model.Config.WebACLId), "WebACLId"
}

// wafInput is the request as WAF sees it; its memory is used again by the next prediction.
type wafInput struct {
	request waf.Request
	headers []waf.Header
}

// wafRequest is the request as WAF sees it.
func (x *Exchange) wafRequest() *waf.Request {
	v, in := &x.Viewer, &x.ext.wafInput
	in.headers = append(in.headers[:0], waf.Header{Name: "Host", Value: v.Host})
	for _, h := range v.Headers {
		in.headers = append(in.headers, waf.Header(h))
	}
	if _, sized := v.Header("Content-Length"); !sized && v.BodySize > 0 {
		in.headers = append(in.headers, waf.Header{Name: "Content-Length", Value: formatInt(v.BodySize)})
	}
	in.request = waf.Request{
		Method: v.Method, Path: v.Path, Query: v.Query, HTTPVersion: v.HTTPVersion, Headers: in.headers,
		BodySize: v.BodySize, ClientIP: v.ClientIP, Country: v.Country, Explain: x.Explain,
	}
	return &in.request
}

// applyWebACL turns the evaluation into a step. A rule that evidence speaks for goes before what the rest of the rules decide.
func (x *Exchange) applyWebACL(f *webACLFacts, result *waf.Result) Step {
	likely := -1
	for i := range result.Maybe {
		m := &result.Maybe[i]
		if m.Action == result.Action && m.Status == result.Status {
			continue
		}
		if m.Likely && likely < 0 && m.Action != waf.Allow {
			likely = i
			continue
		}
		if !m.Weak {
			x.possibly(x.maybe(m))
		}
	}
	if likely >= 0 {
		m := result.Maybe[likely]
		x.possibly(Alternative{Status: statusIfStopped(result), If: "the web ACL's rule " + quoted(ruleName(&m.RuleRef)) + " does not match after all"})
		return x.blocked(f, m.Status, &m.RuleRef, nil, m.Because)
	}
	x.weakRules(result)
	switch {
	case result.Action == waf.ActionUnknown:
		return x.aclStep(f, x.Unsure(Alternative{Status: 403, If: "the web ACL blocks the request"}, "What the web ACL does with the request is not known"), result.Rule)
	case result.Action == waf.Allow:
		if result.Suspicious() {
			return x.aclStep(f, x.explained(Unknown, "The web ACL allows the request unless a rule matches that cannot be judged from here"), result.Rule)
		}
		return x.aclStep(f, x.explained(Pass, "The web ACL allows the request"), result.Rule)
	}
	why := "no rule allows the request, and the web ACL's default action is to block"
	if result.Rule != nil {
		why = result.Rule.Why
	}
	return x.blocked(f, result.Status, result.Rule, result.Response, why)
}

// statusIfStopped is the status of the decided action; 0 where the request goes on.
func statusIfStopped(r *waf.Result) int {
	if r.Action == waf.Allow {
		return 0
	}
	return r.Status
}

// blocked answers for the web ACL.
func (x *Exchange) blocked(f *webACLFacts, status int, rule *waf.RuleRef, response *waf.Response, why string) Step {
	step := x.Stop(status, ByWAF, "")
	// An error page of the distribution replaces a plain block, and not a response with a body of its own (WAF/cloudfront-waf-use-cases).
	x.Response.Deliberate = rule != nil && rule.BodyKey != "" || response != nil && response.BodyKey != ""
	if !x.Explain {
		return step
	}
	if response != nil {
		for _, h := range response.Headers {
			x.Response.Headers = append(x.Response.Headers, request.Header{Name: h.Name, Value: h.Value})
		}
	}
	name := "its default action"
	if rule != nil {
		name = "its rule " + quoted(ruleName(rule))
	}
	verb := "blocks the request"
	switch status {
	case 405:
		verb = "answers with a CAPTCHA"
	case 202:
		verb = "answers with a challenge"
	}
	return x.aclStep(f, x.worded(step, "The web ACL %s: %s. %s", verb, name, capital(why)), rule)
}

func (x *Exchange) aclStep(f *webACLFacts, s Step, rule *waf.RuleRef) Step {
	if !x.Explain {
		return s
	}
	field, value, note := "WebACL.DefaultAction", x.WAF.Result.Action.String(), ""
	if rule != nil {
		field, value, note = "WebACL."+rule.Field, ruleName(rule), rule.Why
	}
	s = s.WithEvidence(f.fact.Ref(field).With(value, note))
	for i := range x.WAF.Samples {
		if sample := &x.WAF.Samples[i]; sample.Action != waf.Allow && sample.Action != waf.Count {
			s = s.WithEvidence(f.sampleRef(sample))
			break
		}
	}
	return s
}

// maybe is the alternative that an undecided rule leaves open.
func (x *Exchange) maybe(m *waf.Maybe) Alternative {
	a := Alternative{Status: m.Status, Weak: m.Weak}
	if x.Explain {
		a.If = "the web ACL's rule " + quoted(ruleName(&m.RuleRef)) + " matches: " + m.Because
	}
	return a
}

// weakRules sums up the rules that nothing in the request speaks for, one alternative for each status.
func (x *Exchange) weakRules(result *waf.Result) {
	if !x.Explain {
		return
	}
	names := map[int][]string{}
	var order []int
	for i := range result.Maybe {
		m := &result.Maybe[i]
		if !m.Weak || m.Action == result.Action && m.Status == result.Status {
			continue
		}
		if _, ok := names[m.Status]; !ok {
			order = append(order, m.Status)
		}
		names[m.Status] = append(names[m.Status], quoted(ruleName(&m.RuleRef)))
	}
	for _, status := range order {
		list := names[status]
		more := ""
		if len(list) > 6 {
			more = " or " + formatInt(int64(len(list)-6)) + " more"
			list = list[:6]
		}
		x.weakly("one of the web ACL's rules matches that nothing in the request speaks for: "+strings.Join(list, ", ")+more, status)
	}
}

// ruleName is a rule with the group it is in.
func ruleName(r *waf.RuleRef) string {
	if r.InnerRule != "" {
		return r.Name + " / " + r.InnerRule
	}
	return r.Name
}

// capital makes a reason the beginning of a sentence.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
