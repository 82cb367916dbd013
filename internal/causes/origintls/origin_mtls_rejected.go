package origintls

import (
	acm "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var originMTLSRejected = &cause.Cause{
	ID:       "ORIGIN_MTLS_REJECTED",
	Title:    "The origin does not accept CloudFront's client certificate, or wants one that CloudFront does not have",
	Stage:    "origin-tls",
	Symptoms: []int{502},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `With origin mTLS CloudFront presents a client certificate from ACM when the origin asks for one. An origin that does not know its authority, or that gets a
certificate out of date, ends the handshake. An origin that asks for a certificate while none is set up is not served either: CloudFront drops the connection.`,
		Why:     "The client certificate expired, the origin's trust store lacks its authority, or the origin was told to demand certificates and the distribution was forgotten.",
		Example: "A load balancer with mutual authentication in verify mode, and an origin without a client certificate.",
		References: []string{
			guide + "origin-mtls-authentication.html",
			guide + "RequestAndResponseBehaviorCustomOrigin.html",
			"https://docs.aws.amazon.com/elasticloadbalancing/latest/application/mutual-authentication.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict { return judge(p, judgeMTLS) },
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		w, ok := v.Data.(*originway.Way)
		if !ok {
			return nil
		}
		return []fix.Fix{{
			Title: "Give CloudFront a client certificate that the origin accepts", Complexity: fix.Standard, Minutes: 45,
			Impact:      "None while it deploys: requests fail until edge locations take the change up",
			Explanation: "The origin decides which authorities it trusts; the certificate's private key has to be imported by whoever holds it.",
			Manual: []string{
				"Import a client certificate (extended key usage clientAuth, RSA 2048 or P-256) with its key and chain into ACM in us-east-1.",
				"On the Origins tab select " + w.Origin.ID + ", choose Edit, turn on Mutual TLS, and choose that certificate.",
				"Add its authority to the trust store of the load balancer or server; or set mutual authentication there to off or passthrough where no certificate should be demanded.",
			},
			ByHand: clientCertificate(w),
			Inputs: []string{"the client certificate, its chain and its private key"}, Invalidate: []string{"/*"}, Confidence: fix.Medium,
		}}
	},
}

func judgeMTLS(w *originway.Way) cause.Verdict {
	arn := ""
	if c := w.Origin.Config.CustomOriginConfig; c != nil && c.OriginMtlsConfig != nil {
		arn = deref(c.OriginMtlsConfig.ClientCertificateArn)
	}
	setting := w.Custom("OriginMtlsConfig.ClientCertificateArn", arn, "")
	if arn == "" {
		if v, ok := shown(w, "The origin asks for a client certificate, and the distribution has none for CloudFront to present.", edge.TLSClient); ok {
			return v
		}
	}
	l, known := terminates(w)
	demands := known && l.MutualAuthentication != nil && deref(l.MutualAuthentication.Mode) == "verify"
	switch {
	case known && demands && arn == "":
		ref := w.Connection.Balancer.Listeners.Ref("Listeners[].MutualAuthentication.Mode").With("verify", "clients have to present a certificate")
		return w.Confirm(failed(), w.Name(), "The load balancer demands a client certificate, and the origin "+w.Origin.ID+" has none for CloudFront to present.",
			setting, ref).WithBecause("the listener's mutual authentication and the origin's settings are both known").With(w)
	case arn != "":
		return judgeClientCertificate(w, arn, setting, known && !demands)
	case known:
		return cause.RuleOut("the load balancer asks for no client certificate", w.Connection.Balancer.Listeners.Ref("Listeners[].MutualAuthentication"))
	}
	return unprobed(w, "see whether the origin asks for a client certificate")
}

// judgeClientCertificate judges the certificate that CloudFront presents. It does so only where the origin asks.
func judgeClientCertificate(w *originway.Way, arn string, setting evidence.Ref, unasked bool) cause.Verdict {
	fact := account.Certificate(arn).In(w.Pass.World)
	out, ok := fact.Get()
	now := w.Pass.World.Now
	switch c := out.Certificate; {
	case unasked:
		return cause.RuleOut("the load balancer asks for no client certificate", setting)
	case fact.IsAbsent():
		return w.Confirm(failed(), w.Name(), "The client certificate that CloudFront should present to the origin does not exist.", setting, fact.Ref("")).With(w).
			WithBecause("the origin's settings name it, and ACM does not have it")
	case ok && (c.NotAfter != nil && now.After(*c.NotAfter) || c.NotBefore != nil && now.Before(*c.NotBefore) || c.Status == acm.CertificateStatusExpired):
		return w.Confirm(failed(), w.Name(), "The client certificate that CloudFront presents to the origin is not valid at this time.", setting,
			fact.Ref("Certificate.NotAfter").With(stamp(c.NotAfter), "")).With(w).WithBecause("the certificate is in ACM, and its dates are known")
	case w.Unexplained(502):
		return cause.Possible(w.Name(), "The origin may not accept the client certificate that CloudFront presents.",
			"needs active validation: which authorities the origin trusts is not in the account", setting).Needing(fact).Explaining(true).With(w)
	}
	return w.Unprobed(failed(), "see whether the origin accepts CloudFront's client certificate", fact)
}
