package viewerprotocol

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var viewerHTTPAllowed = &cause.Cause{
	ID:        "VIEWER_HTTP_ALLOWED",
	Title:     "A cache behavior serves viewers over plain HTTP",
	Stage:     "viewer-protocol",
	Severity:  cause.Medium,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `With the viewer protocol policy "HTTP and HTTPS" CloudFront answers plain HTTP. Whoever is on the way, such as a public wireless network, can read and change what
viewers send and get: session cookies, forms, scripts. Redirecting to HTTPS costs one round trip, once.`,
		Why:     "It was the easiest setting while there was no certificate, or an old client was thought to need it.",
		Example: "ViewerProtocolPolicy of the behavior /downloads/* is allow-all.",
		References: []string{
			posture.Guide + "using-https-viewers-to-cloudfront.html",
			posture.Guide + "DownloadDistValuesCacheBehavior.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		open := plain(p)
		if len(open) == 0 {
			return cause.RuleOut("every behavior redirects plain HTTP or refuses it", p.Model.Ref("DefaultCacheBehavior.ViewerProtocolPolicy", "", ""))
		}
		refs := make([]evidence.Ref, len(open))
		for i, b := range open {
			refs[i] = p.Model.Ref(b.Field+".ViewerProtocolPolicy", string(b.Config.ViewerProtocolPolicy), "serves plain HTTP").Want("redirect-to-https")
		}
		resource := p.BehaviorName(open[0])
		if len(open) > 1 {
			resource = p.DistributionName()
		}
		return cause.Confirm(resource, "Viewers can use plain HTTP for "+posture.Patterns(open)+". What they send and get there can be read and changed on the way.", refs...).
			WithBecause("the settings of all behaviors are known")
	},
	Fixes: func(p *cause.Pass, _ cause.Verdict) []fix.Fix {
		var edits []fix.Edits
		f := fix.Fix{
			Title:       "Redirect plain HTTP to HTTPS",
			Complexity:  fix.Quick,
			Minutes:     10,
			Impact:      "Viewers who come by plain HTTP are redirected once",
			Explanation: "CloudFront answers plain HTTP with a redirect to the same address under https",
			SideEffects: []string{"Clients that do not follow redirects, such as old devices, have to be given https addresses"},
			Confidence:  fix.High,
		}
		writes := false
		for _, b := range plain(p) {
			edits = append(edits, fix.SetViewerProtocolPolicy(passage.Key(b), string(types.ViewerProtocolPolicyRedirectToHttps)))
			writes = writes || b.Config.AllowedMethods != nil && slices.Contains(b.Config.AllowedMethods.Items, types.MethodPost)
		}
		if writes {
			f.SideEffects = append(f.SideEffects, "POST, PUT, PATCH and DELETE over plain HTTP have sent their body in the clear before the redirect: correct the clients too")
		}
		f.Changes = []fix.Change{fix.EditDistribution(p.Model.ID(), edits...)}
		return []fix.Fix{f}
	},
}

// plain lists the behaviors that serve plain HTTP.
func plain(p *cause.Pass) []*edge.Behavior {
	return slices.DeleteFunc(slices.Clone(p.Model.Behaviors), func(b *edge.Behavior) bool {
		return b.Config.ViewerProtocolPolicy != types.ViewerProtocolPolicyAllowAll
	})
}
