package origintls

import (
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var originTLSProtocolUnsupported = &cause.Cause{
	ID:       "ORIGIN_TLS_PROTOCOL_UNSUPPORTED",
	Title:    "CloudFront and the origin have no TLS version in common",
	Stage:    "origin-tls",
	Symptoms: []int{502},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `The origin's setting for SSL protocols lists the versions that CloudFront offers, up to TLS 1.2; a server or load balancer takes some versions and refuses
others. Without one in common the handshake fails, and viewers get 502.`,
		Why:     `The distribution still lists TLS 1.0 or 1.1 alone, set years ago for an old server, and the load balancer's security policy was tightened to TLS 1.2 or 1.3.`,
		Example: "OriginSslProtocols TLSv1 and TLSv1.1, and a listener with ELBSecurityPolicy-TLS-1-2-2017-01.",
		References: []string{
			guide + "http-502-bad-gateway.html",
			guide + "secure-connections-supported-ciphers-cloudfront-to-origin.html",
			"https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict { return judge(p, judgeProtocols) },
	Fixes:  fixProtocols,
}

func judgeProtocols(w *originway.Way) cause.Verdict {
	offered := strings.Join(w.TLS.Protocols, ", ")
	setting := w.Custom("OriginSslProtocols.Items", offered, "")
	if v, ok := shown(w, "CloudFront offers the origin "+offered+" only, and it takes none of these"+instead(w)+".", edge.TLSProtocol); ok {
		return v
	}
	l, known := terminates(w)
	if !known {
		return unprobed(w, "see which TLS versions the origin takes; CloudFront offers "+offered)
	}
	policy := w.Connection.Balancer.Listeners.Ref("Listeners[].SslPolicy").With(deref(l.SslPolicy), "")
	switch {
	case w.TLS.Problem == edge.TLSProtocol:
		return found(w, "CloudFront offers the load balancer "+offered+" only, and its security policy "+w.TLS.Policy+" takes none of these.",
			"the versions on both sides are known", setting.Want("TLSv1.2"))
	case w.TLS.Problem == edge.TLSNotSpoken:
		return cause.Need("no version is offered: the listener does not speak TLS")
	case common(w):
		return cause.RuleOut("CloudFront and the load balancer have a TLS version in common", setting, policy)
	case strings.Contains(w.TLS.Policy, "TLS13-1-3"):
		return suspectProtocols(w, "The load balancer's security policy "+w.TLS.Policy+" takes TLS 1.3 only, and the newest version that can be set for the origin is TLS 1.2.", setting, policy)
	case strings.Contains(w.TLS.Policy, "TLS13-"):
		return suspectProtocols(w, "CloudFront is set to offer the load balancer "+offered+" only, and its security policy "+w.TLS.Policy+" takes none of these.", setting.Want("TLSv1.2"), policy)
	}
	return unprobed(w, "see which TLS versions the security policy "+w.TLS.Policy+" takes")
}

// common reports whether a version that CloudFront surely offers is one that the load balancer's security policy takes.
func common(w *originway.Way) bool {
	config := w.Origin.Config.CustomOriginConfig
	side, ok := cloudfront.ELBSecurityPolicy(w.TLS.Policy)
	return ok && config != nil && config.OriginSslProtocols != nil &&
		len(cloudfront.Negotiate(side, cloudfront.OriginSide(config.OriginSslProtocols.Items), "").Protocols) > 0
}

func suspectProtocols(w *originway.Way, summary string, refs ...evidence.Ref) cause.Verdict {
	because := "AWS's pages disagree on whether CloudFront offers TLS 1.3 to custom origins"
	if !w.Suspected(502) {
		return cause.Need("needs active validation: " + because)
	}
	return cause.Likely(w.Name(), summary, because, refs...).Explaining(true).With(w)
}

func fixProtocols(p *cause.Pass, v cause.Verdict) []fix.Fix {
	w, ok := v.Data.(*originway.Way)
	if !ok {
		return nil
	}
	policy := fix.Fix{
		Title: "Choose a security policy that takes TLS 1.2", Complexity: fix.Quick, Minutes: 10,
		Impact:      "None on clients with TLS 1.3",
		Explanation: "The policy " + strong + " takes TLS 1.3 and 1.2 with strong ciphers that CloudFront has.",
		Invalidate:  []string{"/*"}, Confidence: fix.High,
	}
	if change, ok := strongPolicy(w); ok {
		policy.SideEffects, policy.Changes = policySideEffects(w), []fix.Change{change}
	} else {
		policy.Manual = []string{"On the load balancer's HTTPS listener choose Edit listener, and set Security policy to " + strong + "."}
	}
	if w.TLS.Seen {
		return fixSeenProtocols(p, w)
	}
	if strings.Contains(w.TLS.Policy, "TLS13-1-3") || w.Origin.Config.CustomOriginConfig == nil {
		return []fix.Fix{policy}
	}
	return []fix.Fix{{
		Title: "Let CloudFront offer TLS 1.2", Complexity: fix.Quick, Minutes: 10,
		Impact:      "None while it deploys: requests fail until edge locations take the change up",
		Explanation: "TLS 1.2 is what every current server and security policy takes.",
		SideEffects: []string{"A server that takes older versions only would no longer be reached through this origin"},
		Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetOriginSSLProtocols(w.Origin.ID, "TLSv1.2"))},
		Invalidate:  []string{"/*"}, Confidence: fix.High,
	}}
}

// fixSeenProtocols is for an origin whose versions were seen: the distribution is changed where it can offer one of them.
func fixSeenProtocols(p *cause.Pass, w *originway.Way) []fix.Fix {
	server := fix.Fix{
		Title: "Let the origin take TLS 1.2", Complexity: fix.Standard, Minutes: 30,
		Impact:      "None on clients with other versions",
		Explanation: "TLS 1.2 is the newest version that an origin's settings can name, and what every current server has.",
		Manual: []string{
			"On a server of your own allow TLS 1.2 (nginx: ssl_protocols TLSv1.2 TLSv1.3; Apache: SSLProtocol -all +TLSv1.2 +TLSv1.3) and reload it.",
			"On a load balancer choose Edit listener, and set Security policy to " + strong + ".",
		},
		Invalidate: []string{"/*"}, Confidence: fix.High,
	}
	h, _ := w.SeenTLS().Get()
	if h.Otherwise == nil || h.Otherwise.Version == string(cloudfront.TLSv13) || w.Origin.Config.CustomOriginConfig == nil {
		return []fix.Fix{server}
	}
	offer := fix.Fix{
		Title: "Let CloudFront offer " + h.Otherwise.Version, Complexity: fix.Quick, Minutes: 10, Compromise: true,
		Impact:      "None while it deploys: requests fail until edge locations take the change up",
		Explanation: "The origin takes " + h.Otherwise.Version + ", which the distribution is not set to offer.",
		Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetOriginSSLProtocols(w.Origin.ID, h.Otherwise.Version))},
		Invalidate:  []string{"/*"}, Confidence: fix.High,
	}
	if h.Otherwise.Version == string(cloudfront.TLSv12) {
		return []fix.Fix{offer}
	}
	offer.SideEffects = []string{h.Otherwise.Version + " is no longer safe: use it only until the origin has TLS 1.2"}
	return []fix.Fix{server, offer}
}
