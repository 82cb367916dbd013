// Package origintls holds the causes of the origin-tls stage: the handshake between CloudFront and the origin.
package origintls

import (
	"strings"

	acm "github.com/aws/aws-sdk-go-v2/service/acm/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
)

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		originTLSProtocolUnsupported,
		originTLSCipherUnsupported,
		originCertNameMismatch,
		originCertExpired,
		originCertSelfSigned,
		originCertChainIncomplete,
		originCertChainOrder,
		originMTLSRejected,
		originTLSOld,
	}
}

const guide = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"

// failed is the status of every handshake with an origin that fails (DG/http-502-bad-gateway).
func failed() []int { return []int{502} }

// judge handles what the causes of the handshake have in common: there is none over plain HTTP, and AWS's own endpoints have certificates of
// AWS's. look gets the ways on which CloudFront speaks TLS, or would if it got through to the port.
func judge(p *cause.Pass, look func(*originway.Way) cause.Verdict) cause.Verdict {
	return originway.Each(p, func(w *originway.Way) cause.Verdict {
		switch {
		case w.Managed():
			return cause.RuleOut("the certificate and the settings of this endpoint are AWS's own", w.Address(""))
		case w.Forwarded.Scheme == "" || w.Connection == nil:
			return cause.Need("CloudFront does not get as far as a handshake: the origin's name leads nowhere", w.Gaps()...)
		case w.Forwarded.Scheme != "https":
			return cause.RuleOut("CloudFront asks the origin over plain HTTP, without a handshake", w.Custom("OriginProtocolPolicy", "", ""))
		case w.TLS == nil:
			return cause.Need("CloudFront does not get as far as a handshake: nothing answers on the origin's port", w.Gaps()...)
		}
		return look(w)
	})
}

// terminates reports whether the account knows what ends TLS at the origin: the load balancer's listener.
func terminates(w *originway.Way) (l *elb.Listener, known bool) {
	if w.Connection == nil || w.Connection.Listener == nil {
		return nil, false
	}
	l = w.Connection.Listener
	return l, l.Protocol == elb.ProtocolEnumHttps || l.Protocol == elb.ProtocolEnumTls
}

// unprobed is the verdict where only a handshake with the origin could tell.
func unprobed(w *originway.Way, look string) cause.Verdict {
	return w.Unprobed(failed(), look+" (a TLS handshake with "+w.Origin.Endpoint.Domain+", server name "+w.Forwarded.SNI+")", append(append(w.Gaps(), certificateGaps(w)...), w.SeenTLS())...)
}

// certificateGaps are the unread facts about the certificates of the load balancer's listener.
func certificateGaps(w *originway.Way) []evidence.Gap {
	l, known := terminates(w)
	if !known {
		return nil
	}
	list := account.ListenerCertificates(deref(l.ListenerArn)).In(w.Pass.World)
	gaps := []evidence.Gap{list}
	for _, c := range l.Certificates {
		gaps = append(gaps, account.Certificate(deref(c.CertificateArn)).In(w.Pass.World))
	}
	for _, c := range list.Or(account.ListenerCertificatesOutput{}).Certificates {
		gaps = append(gaps, account.Certificate(deref(c.CertificateArn)).In(w.Pass.World))
	}
	return gaps
}

// served is the certificate that the load balancer presents, where it is known.
func served(w *originway.Way) (acm.CertificateDetail, bool) {
	if w.TLS == nil {
		return acm.CertificateDetail{}, false
	}
	out, ok := w.TLS.Certificate.Get()
	return out.Certificate, ok
}

// found is a fault of the certificate that the load balancer's facts show.
func found(w *originway.Way, summary, because string, refs ...evidence.Ref) cause.Verdict {
	refs = append(refs, w.Step("origin-tls").Evidence...)
	return w.Confirm(failed(), w.Name(), summary, refs...).WithBecause(because).With(w)
}

// sound is the verdict where the handshake is known to succeed.
func sound(w *originway.Way) (cause.Verdict, bool) {
	step := w.Step("origin-tls")
	if step.Verdict != edge.Pass {
		return cause.Verdict{}, false
	}
	return cause.RuleOut("the load balancer has a valid certificate for the name that CloudFront asks for", step.Evidence...), true
}

func listWords(values []string) string {
	if len(values) == 0 {
		return "no name"
	}
	return strings.Join(values, ", ")
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
