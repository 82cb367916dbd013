package viewerconnection

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/fix"
)

var perfHTTPVersion = &cause.Cause{
	ID:        "PERF_HTTP_VERSION",
	Title:     "Viewers cannot use HTTP/2 or HTTP/3",
	Stage:     "viewer-connection",
	Severity:  cause.Low,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `With HTTP/1.1 a browser fetches one object at a time on each connection, and opens six connections to make up for it. HTTP/2 fetches all on one, and HTTP/3
does so over UDP, which connects faster and suffers less from lost packets on mobile networks. The newer versions cost nothing, and clients that do not know
them go on with HTTP/1.1.`,
		Why:     "The distribution was made before HTTP/2, or by a template that sets the old version.",
		Example: "HttpVersion is http1.1.",
		References: []string{
			posture.Guide + "DownloadDistValuesGeneral.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		version := p.Model.Config.HttpVersion
		ref := p.Model.Ref("HttpVersion", string(version), "")
		if version == "" {
			return cause.Need("the HTTP version is not recorded")
		}
		if !strings.EqualFold(string(version), string(types.HttpVersionHttp11)) {
			return cause.RuleOut("newer HTTP versions are on", ref)
		}
		ref.Note = "one object at a time on each connection"
		return cause.Confirm(p.DistributionName(),
			"The distribution speaks HTTP/1.1 with viewers only. Pages with many objects load slower than they could, most of all on mobile networks.", ref.Want("http2and3")).
			WithBecause("the setting is known")
	},
	Fixes: func(p *cause.Pass, _ cause.Verdict) []fix.Fix {
		return []fix.Fix{{
			Title:       "Turn HTTP/2 and HTTP/3 on",
			Complexity:  fix.Quick,
			Minutes:     10,
			Impact:      "None: clients choose the newest version that they know",
			Explanation: "Browsers fetch all objects of a page over one connection",
			SideEffects: []string{"HTTP/2 needs a client with SNI and TLS 1.2; the others go on with HTTP/1.1"},
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetHTTPVersion(string(types.HttpVersionHttp2and3)))},
			Confidence:  fix.High,
		}}
	},
}
