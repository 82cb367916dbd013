package edge

import (
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/waf"
)

// RegionalWAF is what the web ACL of a load balancer or API stage makes of the request that CloudFront sends.
type RegionalWAF struct {
	// ARN is the web ACL's, "" where there is none.
	ARN  string
	Fact evidence.Gap
	// Result is the verdict; its zero value means that the web ACL could not be read.
	Result waf.Result
	Read   bool
}

// regionalWAF lets the web ACL of a load balancer or API stage judge; done says that the step is final. It sees CloudFront's address as the
// client's.
func (x *Exchange) regionalWAF(resource, region string) (w *RegionalWAF, step Step, done bool) {
	fact := account.WebACLForResource(resource, region).In(x.Model.World)
	w = &RegionalWAF{Fact: fact}
	out, ok := fact.Get()
	if !ok || out.WebACL == nil {
		return w, Step{}, false
	}
	w.ARN, w.Read = str(out.WebACL.ARN), true
	acl := waf.Compile(out.WebACL, x.Model.regionalReferences(region))
	w.Result = acl.Evaluate(x.regionalRequest())
	step, done = x.judgeRegional(w, fact.Ref("WebACL"))
	return w, step, done
}

func (x *Exchange) judgeRegional(w *RegionalWAF, ref evidence.Ref) (step Step, done bool) {
	result := &w.Result
	switch {
	case result.Status != 0 && result.Certain:
		if result.Rule != nil {
			ref.Field = "WebACL." + result.Rule.Field
			ref = ref.With(result.Rule.Name, result.Rule.Why)
		}
		step = x.Stop(result.Status, ByWAF, "The origin's own web ACL blocks the request that CloudFront sends").WithEvidence(ref)
		x.Response.Deliberate = result.Response != nil && result.Response.BodyKey != ""
		return step, true
	case result.Status != 0 || result.Action == waf.ActionUnknown || result.Suspicious():
		return x.Unsure(Alternative{Status: 403, If: "the origin's own web ACL blocks the request"},
			"The origin has a web ACL of its own, and whether it blocks the request could not be told").WithEvidence(ref), true
	}
	return Step{}, false
}

// regionalRequest is the request as it leaves CloudFront.
func (x *Exchange) regionalRequest() *waf.Request {
	f := &x.Forwarded
	r := &waf.Request{Method: f.Method, Path: f.Path, Query: f.Query, BodySize: x.Viewer.BodySize, HTTPVersion: "HTTP/1.1"}
	r.Headers = append(r.Headers, waf.Header{Name: "Host", Value: f.Host})
	for _, h := range f.Headers {
		r.Headers = append(r.Headers, waf.Header{Name: h.Name, Value: h.Value})
	}
	return r
}

func (m *Model) regionalReferences(region string) waf.References {
	w := m.World
	return waf.References{
		IPSet: func(arn string) (*types.IPSet, bool) {
			out, ok := account.IPSet(arn).In(w).Get()
			return &out.IPSet, ok
		},
		RegexPatternSet: func(arn string) (*types.RegexPatternSet, bool) {
			out, ok := account.RegexPatternSet(arn).In(w).Get()
			return &out.RegexPatternSet, ok
		},
		RuleGroup: func(arn string) (*types.RuleGroup, bool) {
			out, ok := account.RuleGroup(arn).In(w).Get()
			return &out.RuleGroup, ok
		},
		ManagedRuleGroup: func(vendor, name, version string) ([]types.RuleSummary, bool) {
			out, ok := account.ManagedRuleGroup(vendor, name, version, "REGIONAL", region).In(w).Get()
			return out.Rules, ok
		},
	}
}
