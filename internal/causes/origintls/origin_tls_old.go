package origintls

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var originTLSOld = &cause.Cause{
	ID:        "ORIGIN_TLS_OLD",
	Title:     "CloudFront may still use old TLS versions to an origin",
	Stage:     "origin-tls",
	Severity:  cause.Medium,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `For a custom origin the distribution says which TLS versions CloudFront may use. This one allows TLS 1.0 or 1.1, or even SSL 3: an origin, or somebody on the way
who can keep the two from agreeing on a newer one, could have them use it. Everything between CloudFront and the origin is then less protected than it seems, and audits
object.`,
		Why:     "Old templates list all versions, and CloudFront's API takes the list as it is.",
		Example: "OriginSslProtocols are TLSv1, TLSv1.1 and TLSv1.2.",
		References: []string{
			guide + "DownloadDistValuesOrigin.html",
			guide + "using-https-cloudfront-to-custom-origin.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		list := oldOrigins(p)
		if len(list) == 0 {
			return cause.RuleOut("no origin is asked over HTTPS with versions older than TLS 1.2", p.Model.Ref("Origins.Items", "", ""))
		}
		refs := make([]evidence.Ref, len(list))
		names := make([]string, len(list))
		for i, o := range list {
			refs[i] = p.Model.Ref(o.Field+".CustomOriginConfig.OriginSslProtocols.Items", versions(o), "allows versions older than TLS 1.2").Want(string(types.SslProtocolTLSv12))
			names[i] = o.ID
		}
		return cause.Confirm(p.OriginName(list[0]), "CloudFront may use TLS versions that are no longer safe to reach "+strings.Join(names, ", ")+". Audits object, and the connection can be attacked.", refs...).
			WithBecause("the settings of all origins are known")
	},
	Fixes: fixOldOrigins,
}

// oldOrigins lists the origins that CloudFront asks over HTTPS, and may ask with a version older than TLS 1.2.
func oldOrigins(p *cause.Pass) []*edge.Origin {
	return slices.DeleteFunc(slices.Clone(p.Model.Origins), func(o *edge.Origin) bool {
		c := o.Config.CustomOriginConfig
		return c == nil || c.OriginProtocolPolicy == types.OriginProtocolPolicyHttpOnly || c.OriginSslProtocols == nil ||
			!slices.ContainsFunc(c.OriginSslProtocols.Items, func(v types.SslProtocol) bool { return v != types.SslProtocolTLSv12 })
	})
}

func versions(o *edge.Origin) string {
	var names []string
	for _, v := range o.Config.CustomOriginConfig.OriginSslProtocols.Items {
		names = append(names, string(v))
	}
	return strings.Join(names, ", ")
}

func fixOldOrigins(p *cause.Pass, _ cause.Verdict) []fix.Fix {
	f := fix.Fix{
		Title:       "Use TLS 1.2 to the origin, and nothing older",
		Complexity:  fix.Quick,
		Minutes:     10,
		Impact:      "None where the origin has TLS 1.2; else CloudFront can no longer reach it",
		Explanation: "CloudFront offers TLS 1.2 only, which everything that is still maintained has",
		SideEffects: []string{"An origin that has nothing newer than TLS 1.1 can no longer be reached: try it first with openssl s_client -tls1_2"},
		Confidence:  fix.High,
	}
	var edits []fix.Edits
	for _, o := range oldOrigins(p) {
		edits = append(edits, fix.SetOriginSSLProtocols(o.ID, string(types.SslProtocolTLSv12)))
	}
	change := fix.EditDistribution(p.Model.ID(), edits...)
	if after := p.With(change); cause.Works(p.Trace) && after != nil && !cause.Works(after) {
		f.Title, f.Complexity, f.Minutes = "Teach the origin TLS 1.2, and then use nothing older", fix.Standard, 60
		f.Manual = []string{"The origin has no TLS 1.2 now: give it a newer security policy or server, or CloudFront cannot reach it", "Then set Minimum Origin SSL protocol of the origin to TLSv1.2"}
		return []fix.Fix{f}
	}
	f.Changes = []fix.Change{change}
	return []fix.Fix{f}
}
