package originaccess

import (
	"fmt"
	"strings"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var albRuleRejects = &cause.Cause{
	ID:        "ALB_RULE_REJECTS",
	Title:     "A rule of the load balancer answers the request itself, with an error",
	Stage:     "origin-access",
	Symptoms:  []int{403, 404, 503},
	Severity:  cause.Critical,
	OfRequest: true,
	Doc: cause.Doc{
		Explain: `A load balancer's listener has rules by host, path, header, method, query string or address. The rule that applies to what CloudFront sends does
not forward the request but answers it with a fixed response, such as 403 or 404. Usually it is the default rule, because no other one matches.`,
		Why: `The rules want a secret header that CloudFront does not add (or adds with another value), a host or path that CloudFront does not send, or the
listener's default action refuses everything on purpose and the rule for this site is missing.`,
		Example: "A rule forwards requests with X-Origin-Verify, the default action answers 403, and the origin has no such custom header.",
		References: []string{
			"https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/restrict-access-to-load-balancer.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		x := passage.Exchange(p)
		r := x.LoadBalancer
		switch {
		case r == nil:
			return noBalancer(p, x)
		case r.Rules.Missing():
			return cause.Need("the load balancer's rules were not read", r.Rules)
		}
		step, _ := p.Trace.Step("origin-access")
		miss := nearestRule(r)
		switch {
		case hostMiss(x) != nil && x.Response.By == edge.ByALB:
			return cause.RuleOut("a rule would match if the viewer's Host header were forwarded", step.Evidence...)
		case r.Action != nil && r.Action.Type == elb.ActionTypeEnumFixedResponse && p.Trace.StoppedAt == "origin-access" && x.Response.Status >= 400:
			return cause.Confirm(p.OriginName(x.Origin), rejectSummary(r, x, miss), step.Evidence...).
				WithBecause("the listener's rules and the request that CloudFront sends are known").WithDetail(rejectDetail(r)).With(albFound{r, miss})
		}
		for _, a := range p.Trace.Offers("origin-access") {
			if !a.Weak && step.Verdict == edge.Unknown && r.Rule == nil && (a.Status == 0 || a.Status >= 400) {
				if a.Status != 0 && passage.Suspected(p, a.Status) {
					return cause.Likely(p.OriginName(x.Origin), "A rule of the load balancer may answer the request itself.", step.Summary, step.Evidence...).
						Needing(p.Trace.Gaps()...).With(albFound{r, miss})
				}
				return cause.Need(step.Summary, p.Trace.Gaps()...)
			}
		}
		return cause.RuleOut("the load balancer's rules forward the request", r.Rules.Ref("Rules"))
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		found, ok := v.Data.(albFound)
		x := passage.Exchange(p)
		if !ok || x.Origin == nil {
			return nil
		}
		var fixes []fix.Fix
		if f, ok := headerFix(p, x.Origin, found); ok {
			fixes = append(fixes, f)
		}
		return append(fixes, fix.Fix{
			Title:       "Give the load balancer a rule for this request",
			Complexity:  fix.Standard,
			Minutes:     20,
			Impact:      "None: the request is refused now",
			Explanation: "A rule before the one that refuses has to match what CloudFront sends, and forward it to a target group.",
			SideEffects: []string{"Requests that go around CloudFront match the rule too, unless it asks for a secret header"},
			Manual: []string{
				"Amazon EC2 console, Load balancers: choose the load balancer, the listener and Add rule",
				fmt.Sprintf("CloudFront sends: %s %s with Host %s", x.Forwarded.Method, x.Forwarded.Path, x.Forwarded.Host),
				"Compare with the conditions of the rule that is meant, and correct either the rule, the origin's custom headers or what the behavior forwards",
			},
			ByHand:     []fix.HandCall{readRules(found.route)},
			Invalidate: []string{"/*"},
			Confidence: fix.Medium,
		})
	},
}

// noBalancer tells an origin that is no load balancer from one of which nobody knows.
func noBalancer(p *cause.Pass, x *edge.Exchange) cause.Verdict {
	o := passage.Origin(p)
	if o == nil || !p.Trace.Reached("origin-access") {
		return cause.RuleOut("the request does not get as far as a load balancer")
	}
	if d := p.Model.DNSFor(o); d.Leads.Kind != cloudfront.KindCustom && d.Leads.Kind != cloudfront.KindLoadBalancer {
		return cause.RuleOut("the origin is no load balancer")
	}
	gaps := []evidence.Gap{account.HostedZones().In(p.World)}
	if c := x.Connection; c != nil && c.Balancer != nil {
		gaps = []evidence.Gap{c.Balancer.Balancer, c.Balancer.Listeners}
	}
	return cause.Need("whether a load balancer is behind the origin, and what its rules are, is not known", gaps...)
}

type albFound struct {
	route *edge.LoadBalancerRoute
	miss  *edge.RuleMiss
}

// nearestRule is the first rule that forwards and did not apply: what the request was probably meant for. A header that is missing says
// more than a path that differs.
func nearestRule(r *edge.LoadBalancerRoute) *edge.RuleMiss {
	var best *edge.RuleMiss
	for i := range r.Missed {
		m := &r.Missed[i]
		for _, a := range m.Rule.Actions {
			if a.Type == elb.ActionTypeEnumForward && (best == nil || best.Condition != "http-header" && m.Condition == "http-header") {
				best = m
			}
		}
	}
	return best
}

func rejectSummary(r *edge.LoadBalancerRoute, x *edge.Exchange, miss *edge.RuleMiss) string {
	kind := "A rule"
	if r.Default {
		kind = "The default rule"
	}
	out := fmt.Sprintf("%s of the load balancer answers the request itself, with %d.", kind, x.Response.Status)
	switch {
	case miss == nil:
		return out
	case miss.Condition == "http-header" && miss.Got == "":
		return out + fmt.Sprintf(" The rule that forwards wants the header %s, which CloudFront does not send.", miss.Header)
	case miss.Condition == "http-header":
		return out + fmt.Sprintf(" The rule that forwards wants another value of the header %s.", miss.Header)
	}
	return out + fmt.Sprintf(" The rule that forwards wants %s %s, and CloudFront sends %s.", miss.Condition, strings.Join(miss.Values, ", "), orNothing(miss.Got))
}

func orNothing(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// rejectDetail leaves the values of headers out: they are secrets.
func rejectDetail(r *edge.LoadBalancerRoute) string {
	var out []string
	for _, m := range r.Missed {
		priority := ""
		if m.Rule.Priority != nil {
			priority = *m.Rule.Priority
		}
		words := m.Condition + " " + strings.Join(m.Values, ", ")
		if m.Condition == "http-header" {
			words = "header " + m.Header
		}
		out = append(out, "rule "+priority+" does not match: "+words)
	}
	return strings.Join(out, "; ")
}

// headerFix has the origin's custom headers carry the header that the rule wants, where the rule names one exact value. The value is a secret,
// which no report may show: a person takes it from the rule.
func headerFix(p *cause.Pass, o *edge.Origin, found albFound) (fix.Fix, bool) {
	miss := found.miss
	if miss == nil || miss.Condition != "http-header" || len(miss.Values) == 0 || strings.ContainsAny(miss.Values[0], "*?[") {
		return fix.Fix{}, false
	}
	header := headerName(o, miss.Header)
	return fix.Fix{
		Title:       "Send the header " + header + " that the load balancer's rule wants",
		Complexity:  fix.Quick,
		Minutes:     15,
		Impact:      "None while it deploys: requests are refused until edge locations take the change up",
		Explanation: "CloudFront adds the header with the value of the rule to every request to this origin, so that the rule matches.",
		SideEffects: []string{"The value is a secret that anybody who may read the distribution sees"},
		Manual: []string{
			"In the load balancer's listener rule, copy the value that the condition on the header " + header + " wants.",
			"In the distribution's Origins tab select " + o.ID + ", choose Edit; under Add custom header enter " + header + " with that value (or replace the value that is there); choose Save changes.",
		},
		ByHand: []fix.HandCall{readRules(found.route),
			{Purpose: "See the origin's present custom headers", Service: "cloudfront", Operation: "GetDistributionConfig", Params: []fix.HandParam{{Name: "Id", Value: p.Model.ID()}}}},
		Inputs:     []string{"the value that the load balancer's rule wants in the header " + header + ": a secret, not written here"},
		Invalidate: []string{"/*"},
		Confidence: fix.High,
	}, true
}

// readRules shows the listener's rules, the secret value that one asks for among them.
func readRules(r *edge.LoadBalancerRoute) fix.HandCall {
	return fix.HandCall{Purpose: "Read the listener's rules (the answer shows the secret values that they ask for)", Service: "elbv2", Operation: "DescribeRules", Region: r.Region,
		Params: []fix.HandParam{{Name: "ListenerArn", Value: posture.Text(r.Listener.ListenerArn)}}}
}

// headerName is a header as the origin writes it already, so that an edit replaces its value.
func headerName(o *edge.Origin, name string) string {
	if o.Config.CustomHeaders != nil {
		for _, h := range o.Config.CustomHeaders.Items {
			if h.HeaderName != nil && strings.EqualFold(*h.HeaderName, name) {
				return *h.HeaderName
			}
		}
	}
	return name
}
