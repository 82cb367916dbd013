// Package originconnection holds the causes of the origin-connection stage: the way from CloudFront to the origin's port.
package originconnection

import (
	"slices"
	"strconv"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
)

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		originS3WebsiteHTTPS,
		vpcOriginUnreachable,
		originNotPublic,
		originPortClosed,
		originProtocolPolicyMismatch,
		originFirewallBlocksCloudFront,
		originKeepaliveMismatch,
	}
}

const (
	stage = "origin-connection"
	guide = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
)

// unconnected are the statuses of a connection that fails: which of the two it is, is documented for few cases only.
func unconnected() []int { return []int{502, 504} }

// notReached is the verdict where an earlier origin stage ends the way, so that nothing is known of the connection.
func notReached(w *originway.Way) cause.Verdict {
	return cause.Need("CloudFront does not get as far as connecting: the origin's name leads nowhere", w.Gaps()...)
}

// judge handles what the causes of the connection have in common: VPC origins have a cause of their own, AWS's endpoints none of these faults.
func judge(p *cause.Pass, look func(*originway.Way, *edge.Connection) cause.Verdict) cause.Verdict {
	return originway.Each(p, func(w *originway.Way) cause.Verdict {
		switch {
		case w.Private():
			return cause.RuleOut("the origin lies in a VPC: what keeps CloudFront from it is VPC_ORIGIN_UNREACHABLE")
		case w.Connection == nil:
			return notReached(w)
		}
		return look(w, w.Connection)
	})
}

// otherListener is the load balancer's listener on the port of the other protocol, where it speaks that protocol. Where the balancer speaks
// CloudFront's protocol on some other port, the port is wrong and not the protocol.
func otherListener(w *originway.Way) (l elb.Listener, ok bool) {
	b, config := w.Balancer(), w.Origin.Config.CustomOriginConfig
	if b == nil || config == nil || w.Connection == nil || speaks(b, w.Connection.Scheme) {
		return l, false
	}
	port := config.HTTPPort
	if w.Connection.Scheme == "http" {
		port = config.HTTPSPort
	}
	if port == nil {
		return l, false
	}
	if l, ok = b.Listener(int(*port)); !ok {
		return l, false
	}
	secure := l.Protocol == elb.ProtocolEnumHttps || l.Protocol == elb.ProtocolEnumTls
	return l, l.Protocol == elb.ProtocolEnumTcp || secure == (w.Connection.Scheme == "http")
}

// speaks reports whether a load balancer has a listener, on whatever port, for http or https.
func speaks(b *edge.BalancerFacts, scheme string) bool {
	out, _ := b.Listeners.Get()
	return slices.ContainsFunc(out.Listeners, func(l elb.Listener) bool {
		return scheme == "http" && l.Protocol == elb.ProtocolEnumHttp || scheme == "https" && (l.Protocol == elb.ProtocolEnumHttps || l.Protocol == elb.ProtocolEnumTls)
	})
}

// plainToTLS reports whether CloudFront speaks plain HTTP to a listener that speaks TLS, whether or not it gets through to it.
func plainToTLS(c *edge.Connection) bool {
	return c.Scheme == "http" && c.Listener != nil && (c.Listener.Protocol == elb.ProtocolEnumHttps || c.Listener.Protocol == elb.ProtocolEnumTls)
}

// unseen are the unread facts about a connection, active validation's own among them.
func unseen(w *originway.Way) []evidence.Gap {
	gaps := w.Gaps()
	if tls := w.SeenTLS(); w.Connection.Scheme == "https" && tls.Missing() {
		return append(gaps, tls)
	}
	return append(gaps, w.SeenHTTP())
}

// portSetting points at the setting that names the port.
func portSetting(w *originway.Way) evidence.Ref {
	member := "HTTPSPort"
	if w.Connection.Scheme == "http" {
		member = "HTTPPort"
	}
	return w.Custom(member, strconv.Itoa(w.Connection.Port), "")
}

// policySetting points at the setting that decides between http and https.
func policySetting(w *originway.Way, note string) evidence.Ref {
	return w.Custom("OriginProtocolPolicy", protocolPolicy(w), note)
}

func protocolPolicy(w *originway.Way) string {
	if c := w.Origin.Config.CustomOriginConfig; c != nil {
		return string(c.OriginProtocolPolicy)
	}
	return ""
}

// describe names the port and protocol that CloudFront tries.
func describe(c *edge.Connection) string {
	return "port " + strconv.Itoa(c.Port) + " (" + c.Scheme + ")"
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
