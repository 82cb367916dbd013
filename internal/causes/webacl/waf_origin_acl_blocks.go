package webacl

import (
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/waf"
)

var wafOriginACLBlocks = &cause.Cause{
	ID:        "WAF_ORIGIN_ACL_BLOCKS",
	Title:     "The web ACL of the load balancer or API behind CloudFront blocks the request",
	Stage:     "origin-access",
	Symptoms:  []int{403},
	Severity:  cause.Critical,
	OfRequest: true,
	Doc: cause.Doc{
		Explain: `Load balancers and API stages can have web ACLs of their own, apart from the distribution's. Such a web ACL sees the request that CloudFront sends: its
client address is CloudFront's, and headers that CloudFront does not forward are missing. What it blocks reaches the viewer as a 403 of the origin.`,
		Why: `The web ACL was made before CloudFront stood in front. Rules about addresses, rates, countries or the user agent then judge CloudFront instead of the
viewer, and a missing User-Agent or Host is taken for an attack.`,
		Example: "A rate-based rule on the load balancer counts all viewers as a few addresses of CloudFront's.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html",
			guide + "waf-rule-statement-forwarded-ip-address.html",
			guide + "web-acl-associating-aws-resource.html",
		},
		Since: "0.1",
	},
	Detect: detectOriginACL,
	Fixes:  fixOriginACL,
}

func fixOriginACL(p *cause.Pass, v cause.Verdict) []fix.Fix {
	w, ok := v.Data.(*edge.RegionalWAF)
	if !ok {
		return nil
	}
	var fixes []fix.Fix
	c := &culprit{acl: &edge.WebACLResult{ARN: w.ARN}, origin: w, rule: originRule(w)}
	switch {
	case c.rule == nil && w.Result.Status != 0:
		allow := allowPath(p, c)
		allow.SideEffects = append(allow.SideEffects, "Whoever asks the origin past CloudFront can fetch it too")
		fixes = append(fixes, allow)
	case c.rule != nil && strings.HasPrefix(c.rule.Field, "Rules["):
		fixes = append(fixes, count(c), spare(p, c))
	case c.rule != nil:
		fixes = append(fixes, askFirewallManager(c))
	}
	rule := "the rule that blocks"
	if c.rule != nil {
		rule = "the rule " + ruleName(c.rule)
	}
	return append(fixes, fix.Fix{
		Title: "Make the origin's web ACL fit requests from CloudFront", Complexity: fix.Standard, Minutes: 45,
		Impact:      "None on requests that pass now",
		Explanation: "The origin's web ACL has to judge by what CloudFront sends, or leave the judging to the distribution's web ACL.",
		Manual: []string{
			"Look at what " + rule + " of " + w.ARN + " goes by.",
			"Rules about addresses, rates and countries: use the forwarded address (X-Forwarded-For) instead of the client's.",
			"Rules about headers: forward what they look at (such as User-Agent) with an origin request policy, or except requests that carry CloudFront's secret header.",
		},
		ByHand: []fix.HandCall{{Purpose: "Read the origin's web ACL", Service: "wafv2", Operation: "GetWebACLForResource", Region: w.Region,
			Params: []fix.HandParam{{Name: "ResourceArn", Value: w.Resource}}}},
		Confidence: fix.Medium,
	})
}

// originRule is the rule that decides, or else the first that might; nil for the default action.
func originRule(w *edge.RegionalWAF) *waf.RuleRef {
	if w.Result.Rule != nil || w.Result.Status != 0 {
		return w.Result.Rule
	}
	for i := range w.Result.Maybe {
		if m := &w.Result.Maybe[i]; !m.Weak && m.Action != waf.Allow {
			return &m.RuleRef
		}
	}
	return nil
}

// originACL is what the origin's own web ACL did; nil where there is none or the request does not get there.
func originACL(p *cause.Pass) *edge.RegionalWAF {
	x := p.Exchange()
	switch {
	case x.LoadBalancer != nil && x.LoadBalancer.Block != nil:
		return x.LoadBalancer.Block
	case x.API != nil && x.API.Block != nil:
		return x.API.Block
	}
	return nil
}

func detectOriginACL(p *cause.Pass) cause.Verdict {
	step, _ := p.Trace.Step("origin-access")
	w := originACL(p)
	switch {
	case w == nil:
		return withoutOriginACL(p)
	case w.Fact.Missing():
		if p.Symptom.Code == 403 && !p.Reproduced() && p.Trace.Origin != nil && p.Trace.StoppedAt == "" {
			return cause.Possible(p.OriginName(p.Trace.Origin), "The origin may have a web ACL of its own that blocks what CloudFront sends.",
				"whether it has one could not be read", w.Fact.Ref("")).Needing(w.Fact).Explaining(true)
		}
		return cause.Need("whether the origin has a web ACL of its own is not known", w.Fact)
	case w.ARN == "":
		return cause.RuleOut("the origin has no web ACL of its own", w.Fact.Ref("WebACL"))
	case w.Result.Status != 0 && w.Result.Certain:
		name := "its default action"
		if w.Result.Rule != nil {
			name = "its rule " + ruleName(w.Result.Rule) + " (" + w.Result.Rule.Why + ")"
		}
		v := cause.Confirm(w.ARN, "CloudFront lets the request through, and the origin's own web ACL blocks it: "+name+".", step.Evidence...)
		return v.WithBecause("the web ACL's rules and the request that CloudFront sends are known").With(w)
	case w.Result.Status != 0 && p.Symptom.Code == w.Result.Status && !p.Reproduced():
		return cause.Likely(w.ARN, "The origin has a web ACL of its own, which blocks what CloudFront sends unless a rule before lets it pass.",
			"whether a rule before the one that blocks lets the request pass cannot be judged from here", w.Fact.Ref("WebACL")).With(w).Explaining(true)
	case w.Result.Status != 0 || w.Result.Suspicious():
		if p.Symptom.Code == 403 && !p.Reproduced() {
			return cause.Possible(w.ARN, "The origin has a web ACL of its own, which may block what CloudFront sends.",
				"a rule of it cannot be judged from here", w.Fact.Ref("WebACL")).With(w).Explaining(true)
		}
		return cause.Need("a rule of the origin's web ACL cannot be judged from here")
	}
	return cause.RuleOut("the origin's own web ACL lets the request pass", w.Fact.Ref("WebACL"))
}

// withoutOriginACL is the verdict where no web ACL of the origin was looked at: there can be none, or what would tell was not read.
func withoutOriginACL(p *cause.Pass) cause.Verdict {
	x, o := p.Exchange(), p.Trace.Origin
	switch {
	case o == nil:
		return cause.RuleOut("the request does not get to an origin")
	case o.Endpoint.Kind != cloudfront.KindCustom && o.Endpoint.Kind != cloudfront.KindLoadBalancer && o.Endpoint.Kind != cloudfront.KindAPIGateway:
		return cause.RuleOut("the origin is of a kind that has no web ACL of its own")
	case x.API != nil && (x.API.HTTP.IsKnown() || x.API.StageMissing.Yes()):
		return cause.RuleOut("the request meets no stage of an API that could have a web ACL")
	case p.Trace.Outcome.Certainty == edge.Certain && edge.Before(p.Trace.StoppedAt, "origin-access"):
		return cause.RuleOut("the request does not get as far as the origin's web ACL")
	case x.API != nil:
		return cause.Need("which stage of the API answers is not known", x.API.REST, x.API.RESTStages)
	}
	if b := p.Model.BalancerFor(o); b != nil {
		return cause.Need("the load balancer behind the origin is not known", b.Balancer, b.Listeners)
	}
	return cause.Need("what stands behind the origin's name is not known")
}
