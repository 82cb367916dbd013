package responseheaders

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var securityHeadersMissing = &cause.Cause{
	ID:        "SECURITY_HEADERS_MISSING",
	Title:     "Responses carry no security headers",
	Stage:     "response-headers",
	Severity:  cause.Low,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `Browsers protect a site's viewers better when its responses ask them to: Strict-Transport-Security keeps them on HTTPS, X-Content-Type-Options keeps them from
guessing types, X-Frame-Options keeps other sites from framing pages, Referrer-Policy keeps addresses to itself. S3 sends none of these. CloudFront can add them with a
response headers policy, of which there is a ready-made one.`,
		Why:     "A distribution has no response headers policy unless somebody chooses one.",
		Example: "DefaultCacheBehavior has no ResponseHeadersPolicyId, and its origin is a bucket.",
		References: []string{
			posture.Guide + "adding-response-headers.html",
			posture.Guide + "using-managed-response-headers-policies.html",
			posture.Guide + "understanding-response-headers-policies.html",
		},
		Since: "0.1",
	},
	Detect: detectSecurityHeaders,
	Fixes:  fixSecurityHeaders,
}

// lacking is a distribution's behaviors by what is known of their security headers.
type lacking struct {
	certain  []*edge.Behavior // nothing adds the headers
	possible []*edge.Behavior // the origin's application, or a function, may add them
	unread   []evidence.Gap   // response headers policies that decide about it
}

func lackingOf(p *cause.Pass) lacking {
	var l lacking
	for _, b := range p.Model.Behaviors {
		policy, known := b.ResponseHeadersPolicy.Get()
		switch {
		case b.ResponseHeadersPolicy.Missing():
			l.unread = append(l.unread, b.ResponseHeadersPolicy)
		case known && secures(policy):
		case onlyBuckets(p.Model, b) && !edited(b):
			l.certain = append(l.certain, b)
		default:
			l.possible = append(l.possible, b)
		}
	}
	return l
}

// secures reports whether a policy sets Strict-Transport-Security, by its own setting or as a custom header.
func secures(policy types.ResponseHeadersPolicyConfig) bool {
	if s := policy.SecurityHeadersConfig; s != nil && s.StrictTransportSecurity != nil {
		return true
	}
	return policy.CustomHeadersConfig != nil && slices.ContainsFunc(policy.CustomHeadersConfig.Items, func(h types.ResponseHeadersPolicyCustomHeader) bool {
		return strings.EqualFold(posture.Text(h.Header), "Strict-Transport-Security")
	})
}

// edited reports whether code of the customer's may change a behavior's responses.
func edited(b *edge.Behavior) bool {
	functions, lambdas := b.Config.FunctionAssociations, b.Config.LambdaFunctionAssociations
	return functions != nil && slices.ContainsFunc(functions.Items, func(a types.FunctionAssociation) bool { return a.EventType == types.EventTypeViewerResponse }) ||
		lambdas != nil && slices.ContainsFunc(lambdas.Items, func(a types.LambdaFunctionAssociation) bool {
			return a.EventType == types.EventTypeViewerResponse || a.EventType == types.EventTypeOriginResponse
		})
}

func onlyBuckets(m *edge.Model, b *edge.Behavior) bool {
	targets := posture.Targets(m, b)
	return len(targets) > 0 && !slices.ContainsFunc(targets, func(o *edge.Origin) bool { return !o.Endpoint.IsS3() })
}

func detectSecurityHeaders(p *cause.Pass) cause.Verdict {
	l := lackingOf(p)
	refs := func(list []*edge.Behavior) []evidence.Ref {
		out := make([]evidence.Ref, len(list))
		for i, b := range list {
			out[i] = p.Model.Ref(b.Field+".ResponseHeadersPolicyId", posture.Text(b.Config.ResponseHeadersPolicyId), "no policy that sets Strict-Transport-Security").Want(cloudfront.SecurityHeadersPolicyID)
		}
		return out
	}
	switch {
	case len(l.certain) > 0:
		return cause.Confirm(p.DistributionName(),
			"Responses for "+posture.Patterns(l.certain)+" carry no Strict-Transport-Security and no other security headers, because S3 sends none and no policy adds them.", refs(l.certain)...).
			WithBecause("the behaviors' policies are known, their origins are buckets, and no function changes the responses").Needing(l.unread...)
	case len(l.possible) > 0:
		return cause.Possible(p.DistributionName(),
			"No response headers policy adds security headers for "+posture.Patterns(l.possible)+".",
			"it is so unless the origin's application or a function sets them", refs(l.possible)...).Needing(l.unread...)
	case len(l.unread) > 0:
		return cause.Need("the response headers policies were not read", l.unread...)
	}
	return cause.RuleOut("every behavior has a response headers policy that sets Strict-Transport-Security", p.Model.Ref("DefaultCacheBehavior.ResponseHeadersPolicyId", "", ""))
}

func fixSecurityHeaders(p *cause.Pass, _ cause.Verdict) []fix.Fix {
	l := lackingOf(p)
	f := fix.Fix{
		Title:       "Add security headers with a managed policy",
		Complexity:  fix.Quick,
		Minutes:     10,
		Impact:      "Browsers that have seen a response use nothing but HTTPS for the site's name, for a year",
		Explanation: "The managed policy adds Strict-Transport-Security, X-Content-Type-Options, X-Frame-Options, Referrer-Policy and X-XSS-Protection where the origin does not send them",
		SideEffects: []string{"Pages of other sites can no longer show these ones in a frame (X-Frame-Options: SAMEORIGIN)", "Names under which the site is reached must stay reachable by HTTPS"},
		Confidence:  fix.High,
	}
	var edits []fix.Edits
	for _, b := range slices.Concat(l.certain, l.possible) {
		if id := successor(posture.Text(b.Config.ResponseHeadersPolicyId)); id != "" {
			edits = append(edits, fix.SetResponseHeadersPolicy(passage.Key(b), id))
		} else {
			f.Manual = append(f.Manual, fmt.Sprintf("Add Strict-Transport-Security and the other security headers to the policy %s of the behavior %q: a behavior has one policy, and this one does other things too",
				posture.Text(b.Config.ResponseHeadersPolicyId), b.PathPattern))
		}
	}
	if len(edits) > 0 && len(f.Manual) == 0 {
		f.Changes = []fix.Change{fix.EditDistribution(p.Model.ID(), edits...)}
	}
	if len(edits) > 0 && len(f.Manual) > 0 {
		f.Manual = append(f.Manual, "Choose the managed policy SecurityHeadersPolicy for the behaviors that have none")
	}
	return []fix.Fix{f}
}

// successor is the managed policy that does what the given one does and sets security headers too; "" where there is none.
func successor(id string) string {
	if id == "" {
		return cloudfront.SecurityHeadersPolicyID
	}
	for plain, secure := range map[string]string{
		"SimpleCORS": "CORS-and-SecurityHeadersPolicy", "CORS-With-Preflight": "CORS-with-preflight-and-SecurityHeadersPolicy",
	} {
		if managed, ok := cloudfront.ManagedResponseHeadersPolicyID(plain); ok && managed == id {
			out, _ := cloudfront.ManagedResponseHeadersPolicyID(secure)
			return out
		}
	}
	return ""
}
