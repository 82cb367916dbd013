package originaccess

import (
	"fmt"
	"path"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var hostHeaderNotForwarded = &cause.Cause{
	ID:        "HOST_HEADER_NOT_FORWARDED",
	Title:     "The origin chooses by a host that it never receives",
	Stage:     "origin-access",
	Symptoms:  []int{301, 302, 403, 404},
	Severity:  cause.Critical,
	OfRequest: true,
	Doc: cause.Doc{
		Explain: `Unless told otherwise CloudFront sends the origin's own name as Host. An origin that serves several sites, or redirects to its proper name, by
the Host header then takes the request for another site: it answers 403 or 404, or redirects.`,
		Why: `A load balancer's rules, a web server's virtual hosts or an application are set up for the site's name, and the behavior uses no origin request policy
that forwards Host.`,
		Example: "A listener rule for host www.example.com, and CloudFront sends Host: origin.example.com.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html",
			"https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		x := passage.Exchange(p)
		switch {
		case x.Origin == nil || x.Behavior == nil || x.Forwarded.Host == "":
			return cause.RuleOut("the request does not get as far as the origin")
		case x.Origin.Endpoint.NeedsOwnHost().Yes():
			return cause.RuleOut("the origin answers to its own name only")
		case cloudfront.NormalizeHost(x.Forwarded.Host) == cloudfront.NormalizeHost(p.Request.Host):
			return cause.RuleOut("the origin gets the viewer's Host header")
		}
		field, known := hostSource(p, x.Behavior)
		field = field.With("", "does not forward Host; the origin gets "+x.Forwarded.Host)
		r := x.LoadBalancer
		switch miss := hostMiss(x); {
		case !known:
			return cause.Need("the policy that decides which headers are forwarded could not be read", x.Behavior.OriginRequestPolicy, x.Behavior.CachePolicy)
		case r != nil && r.Rules.Missing():
			return cause.Need("the load balancer's rules were not read", r.Rules)
		case miss != nil && p.Trace.StoppedAt == "origin-access" && x.Response.By == edge.ByALB:
			return cause.Confirm(p.BehaviorName(x.Behavior), hostSummary(x, miss), field,
				r.Rules.Ref("Rules["+priorityOf(miss)+"].Conditions").With(strings.Join(miss.Values, ", "), "does not match").Want(p.Request.Host)).
				WithBecause("the load balancer's rules and the header that CloudFront sends are known").With(true)
		case miss != nil:
			verdict := cause.Possible(p.BehaviorName(x.Behavior), hostSummary(x, miss), "the load balancer's default action takes the request instead; whether its targets serve it is not known", field,
				r.Rules.Ref("Rules["+priorityOf(miss)+"].Conditions").With(strings.Join(miss.Values, ", "), "does not match").Want(p.Request.Host)).With(true)
			if passage.Suspected(p, 301, 302, 403, 404) {
				return verdict.Explaining(true)
			}
			return verdict.AtSeverity(cause.Medium)
		case r != nil:
			return cause.RuleOut("no rule of the load balancer is for the viewer's host", r.Rules.Ref("Rules"))
		}
		return cause.Need("whether the origin chooses by the Host header is the origin's own business")
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		b := passage.Exchange(p).Behavior
		if b == nil || b.Config.ForwardedValues != nil {
			return nil
		}
		return []fix.Fix{{
			Title:       "Forward the viewer's Host header to the origin",
			Complexity:  fix.Quick,
			Minutes:     10,
			Impact:      "None while it deploys: requests fail until edge locations take the change up",
			Explanation: "The managed policy AllViewer forwards every header of the viewer's, Host among them, so that the origin sees the site's own name.",
			SideEffects: []string{
				"Over HTTPS the origin's certificate has to cover the site's name or the origin's",
				"All headers, cookies and query strings reach the origin; where several sites share this behavior and its cache, Host must be part of the cache key too",
			},
			Changes:    []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetOriginRequestPolicy(passage.Key(b), cloudfront.AllViewerID))},
			Invalidate: []string{"/*"},
			Confidence: fix.High,
		}}
	},
}

// hostMiss is a rule of the load balancer that is for the viewer's host and does not match the one that it gets.
func hostMiss(x *edge.Exchange) *edge.RuleMiss {
	if x.LoadBalancer == nil {
		return nil
	}
	host := cloudfront.NormalizeHost(x.Viewer.Host)
	for i := range x.LoadBalancer.Missed {
		m := &x.LoadBalancer.Missed[i]
		if m.Condition != "host-header" {
			continue
		}
		for _, pattern := range m.Values {
			// Hosts have no slashes, so that path.Match means the same by * and ? as a rule does.
			if ok, err := path.Match(strings.ToLower(pattern), host); err == nil && ok {
				return m
			}
		}
	}
	return nil
}

func priorityOf(m *edge.RuleMiss) string {
	if m.Rule.Priority == nil {
		return ""
	}
	return *m.Rule.Priority
}

func hostSummary(x *edge.Exchange, miss *edge.RuleMiss) string {
	return fmt.Sprintf("A rule of the load balancer is for the host %s, and CloudFront sends Host %s, so the rule does not match.", strings.Join(miss.Values, ", "), x.Forwarded.Host)
}
