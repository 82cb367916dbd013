package origintls

import (
	"strings"

	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/fix"
)

// strong is the security policy that AWS recommends for what clients of today have (ELB/describe-ssl-policies): TLS 1.3 and 1.2, with ciphers
// that CloudFront offers too.
const strong = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"

// strongPolicy gives the load balancer's listener that policy. Ok is false where the listener is not known, or a handshake showed what the
// policy on record does not explain.
func strongPolicy(w *originway.Way) (change fix.Change, ok bool) {
	l, known := terminates(w)
	if !known || w.TLS.Seen || l.ListenerArn == nil || l.LoadBalancerArn == nil || deref(l.SslPolicy) == strong {
		return nil, false
	}
	return fix.SetListenerSSLPolicy(*l.LoadBalancerArn, *l.ListenerArn, strong, deref(l.SslPolicy)), true
}

func policySideEffects(w *originway.Way) []string {
	effects := []string{"Clients that ask the load balancer itself, and have nothing newer than TLS 1.1 or no ECDHE with AES-GCM, can no longer do so"}
	if strings.Contains(w.TLS.Policy, "FIPS") {
		effects = append(effects, "The present policy uses modules validated for FIPS 140; where these are demanded, choose ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04 instead")
	}
	return effects
}
