package edge

import (
	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/waf"
)

// RegionalWAF is what the web ACL of a load balancer or API stage makes of the request that CloudFront sends.
type RegionalWAF struct {
	// ARN is the web ACL's, "" where there is none.
	ARN string
	// Resource is the ARN of the load balancer or API stage that it protects, Region that one's.
	Resource, Region string
	Fact             evidence.Fact[account.ResourceWebACLOutput]
	// Result is the verdict; its zero value means that the web ACL could not be read.
	Result waf.Result
	Read   bool
	// Missing are reads that the rules refer to and that nobody could make.
	Missing []evidence.Gap
}

// regionalFacts is the web ACL of one resource, compiled.
type regionalFacts struct {
	fact    evidence.Fact[account.ResourceWebACLOutput]
	acl     *waf.ACL // nil where there is none, or it could not be read
	arn     string
	missing []evidence.Gap
}

// regionalWAF lets the web ACL of a load balancer or API stage judge; done says that the step is final. It sees CloudFront's address as the
// client's.
func (x *Exchange) regionalWAF(resource, region string) (w *RegionalWAF, step Step, done bool) {
	f := x.Model.regionalFacts(resource, region)
	w = &RegionalWAF{Resource: resource, Region: region, Fact: f.fact, ARN: f.arn, Read: f.acl != nil, Missing: f.missing}
	if f.acl == nil {
		return w, Step{}, false
	}
	w.Result = f.acl.Evaluate(x.regionalRequest())
	step, done = x.judgeRegional(w, f.fact.Ref("WebACL"))
	return w, step, done
}

// regionalFacts compiles a resource's web ACL once.
func (m *Model) regionalFacts(resource, region string) *regionalFacts {
	if known, ok := m.shared.regional.Load(resource); ok {
		return known.(*regionalFacts)
	}
	f := &regionalFacts{fact: account.WebACLForResource(resource, region).In(m.World)}
	if out, ok := f.fact.Get(); ok && out.WebACL != nil {
		f.arn = str(out.WebACL.ARN)
		f.acl = waf.Compile(out.WebACL, m.rulesReferTo("REGIONAL", region, &f.missing))
	}
	m.shared.regional.Store(resource, f)
	return f
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
	f.complete()
	r := &waf.Request{Method: f.Method, Path: f.Path, Query: f.Query, BodySize: x.Viewer.BodySize, HTTPVersion: "HTTP/1.1"}
	r.Headers = append(r.Headers, waf.Header{Name: "Host", Value: f.Host})
	for _, h := range f.Headers {
		r.Headers = append(r.Headers, waf.Header(h))
	}
	return r
}
