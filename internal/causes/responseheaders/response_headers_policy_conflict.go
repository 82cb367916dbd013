package responseheaders

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var responseHeadersPolicyConflict = &cause.Cause{
	ID:       "RESPONSE_HEADERS_POLICY_CONFLICT",
	Title:    "The response headers policy takes off or overrides a header that clients need",
	Stage:    "response-headers",
	Severity: cause.Medium,
	Doc: cause.Doc{
		Explain: `A response headers policy first removes the headers it lists, then adds its own, with "override" in place of the origin's. A policy that removes Set-Cookie ends every
login, one that removes Location breaks redirects, and one that overrides Content-Type or Cache-Control changes what browsers make of every answer of the behavior.`,
		Why:     `Headers were removed to hide the server's kind and one too many was listed; or a policy made for static files was put on an application.`,
		Example: "A policy that removes Access-Control-Allow-Origin because the bucket's rule was thought too wide.",
		References: []string{
			corsGuide + "understanding-response-headers-policies.html",
			corsGuide + "creating-response-headers-policies.html",
		},
		Since: "0.1",
	},
	Detect: detectConflict,
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		headers, ok := v.Data.([]string)
		b := passage.Behavior(p)
		if !ok || b == nil {
			return nil
		}
		edit := fix.Fix{
			Title: "Take " + strings.Join(headers, ", ") + " out of the response headers policy", Complexity: fix.Quick, Minutes: 10,
			Impact:      "All behaviors with this policy change",
			Explanation: "The header then reaches clients as the origin sends it.",
			Manual: []string{
				"On the Policies page of the CloudFront console, tab Response headers, open the policy " + deref(b.Config.ResponseHeadersPolicyId) + " and choose Edit.",
				"Remove " + strings.Join(headers, ", ") + " under Remove headers, or turn Origin override off for it under Custom headers; choose Save changes.",
			},
			Confidence: fix.High,
		}
		if policy, ok := b.ResponseHeadersPolicy.Get(); ok && policy.SecurityHeadersConfig == nil && policy.CorsConfig == nil && policy.CustomHeadersConfig == nil {
			return []fix.Fix{edit, {
				Title: "Take the response headers policy off the behavior " + b.PathPattern, Complexity: fix.Quick, Minutes: 10,
				Impact:      "None on other behaviors",
				Explanation: "The policy does nothing but remove headers; without it answers keep them all.",
				SideEffects: []string{"The other headers that it removes show again: " + strings.Join(removed(policy), ", ")},
				Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetResponseHeadersPolicy(passage.Key(b), ""))},
				Confidence:  fix.High,
			}}
		}
		return []fix.Fix{edit}
	},
}

// needed are headers on whose loss or change something stops working, and what.
func needed() map[string]string {
	return map[string]string{
		"set-cookie": "logins and sessions", "location": "redirects", "content-type": "how browsers read the answer", "www-authenticate": "the browser's login",
		"etag": "asking whether a copy is still good", "last-modified": "asking whether a copy is still good", "accept-ranges": "seeking in media and resuming downloads",
		"content-range": "seeking in media and resuming downloads", "content-disposition": "the names of downloads", "cache-control": "how long browsers keep the answer",
		"access-control-allow-origin": "pages of other sites", "access-control-allow-headers": "pages of other sites", "access-control-allow-methods": "pages of other sites",
		"access-control-allow-credentials": "pages of other sites that send cookies",
	}
}

func detectConflict(p *cause.Pass) cause.Verdict {
	b := passage.Behavior(p)
	if b == nil || b.ResponseHeadersPolicy.IsAbsent() {
		return cause.RuleOut("the behavior has no response headers policy")
	}
	policy, known := b.ResponseHeadersPolicy.Get()
	if !known {
		return cause.Need("what the response headers policy does is not known", b.ResponseHeadersPolicy)
	}
	var headers, lost []string
	var refs []evidence.Ref
	add := func(name, field, how string) {
		if what, bad := needed()[strings.ToLower(name)]; bad {
			headers, lost = append(headers, name), append(lost, what)
			refs = append(refs, b.ResponseHeadersPolicy.Ref("ResponseHeadersPolicyConfig."+field).With(name, how))
		}
	}
	for _, name := range removed(policy) {
		add(name, "RemoveHeadersConfig.Items", "taken off every answer")
	}
	if custom := policy.CustomHeadersConfig; custom != nil {
		for _, h := range custom.Items {
			if deref(h.Override) && !equalFold(deref(h.Header), "Cache-Control") {
				add(deref(h.Header), "CustomHeadersConfig.Items", "in place of the origin's")
			}
		}
	}
	if len(headers) == 0 {
		return cause.RuleOut("the response headers policy leaves alone what clients need", b.ResponseHeadersPolicy.Ref("ResponseHeadersPolicyConfig"))
	}
	summary := "The response headers policy of the behavior " + b.PathPattern + " takes off or overrides " + strings.Join(headers, ", ") + ", which " + strings.Join(lost, ", ") + " need."
	if hurts(p, headers) {
		return cause.Confirm(p.BehaviorName(b), summary, refs...).WithBecause("the policy is known, and this very answer needs the header").
			Explaining(p.Asked && (!p.Symptom.Given || p.Symptom.Code == p.Trace.Outcome.Status)).With(headers)
	}
	return cause.Possible(p.BehaviorName(b), summary, "whether the origin's answers have these headers, and clients need them, is not known", refs...).Explaining(false).With(headers)
}

// hurts reports whether this very answer loses what it needs: a redirect its address, a page of another site its permission.
func hurts(p *cause.Pass, headers []string) bool {
	for _, name := range headers {
		switch {
		case equalFold(name, "Location") && p.Trace.Outcome.Status/100 == 3 && p.Trace.Outcome.Status != 304:
			return true
		case equalFold(name, "Access-Control-Allow-Origin") && p.Exchange().CORS != nil && p.Exchange().CORS.Accepted.No():
			return true
		}
	}
	return false
}

// removed lists the headers that a policy takes off.
func removed(policy types.ResponseHeadersPolicyConfig) []string {
	if policy.RemoveHeadersConfig == nil {
		return nil
	}
	var out []string
	for _, h := range policy.RemoveHeadersConfig.Items {
		out = append(out, deref(h.Header))
	}
	return out
}

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }
