package originconnection

import (
	"strconv"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/observed"
)

var originPortClosed = &cause.Cause{
	ID:       "ORIGIN_PORT_CLOSED",
	Title:    "Nothing listens on the port that CloudFront connects to",
	Stage:    stage,
	Symptoms: []int{502, 504},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront connects to the HTTP or the HTTPS port that is set on the origin. Where no program or listener takes connections there, it answers 502
after its attempts; where they are dropped instead of refused, 504.`,
		Why:     "The application listens on another port than the one that was entered, the listener was deleted or moved, or the service does not run.",
		Example: "HTTPS port 8443 on the origin, and a load balancer with a listener on 443.",
		References: []string{
			guide + "http-502-bad-gateway.html",
			guide + "DownloadDistValuesOrigin.html",
			"https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict { return judge(p, judgePort) },
	Fixes:  fixPort,
}

func judgePort(w *originway.Way, c *edge.Connection) cause.Verdict {
	port := strconv.Itoa(c.Port)
	switch {
	case c.Seen == observed.Refused && c.Problem == edge.ProblemRefused:
		return w.Confirm([]int{502}, w.Name(), "CloudFront connects to port "+port+" of "+w.Origin.Endpoint.Domain+", where nothing listens: the connection is refused.",
			c.SeenAt, portSetting(w), policySetting(w, "")).WithBecause("active validation was refused there").With(w)
	case c.Problem == edge.ProblemUnexpectedPort:
		return w.Confirm(unconnected(), w.Name(), "CloudFront connects to port "+port+" of "+w.Origin.Endpoint.Domain+", an AWS service that does not answer there.",
			portSetting(w).Want(usualPort(c)), w.Address("AWS's endpoints answer on 443, Amazon S3's on 80 too")).
			WithBecause("the port is set, and the ports of AWS's endpoints are documented").With(w)
	case c.Problem == edge.ProblemNoListener:
		if other, ok := otherListener(w); ok {
			return cause.RuleOut("the load balancer listens for the other protocol, on port " + strconv.Itoa(int(deref(other.Port))) + ": ORIGIN_PROTOCOL_POLICY_MISMATCH")
		}
		return w.Confirm(unconnected(), w.Name(), "CloudFront connects to port "+port+" of the load balancer, which has no listener there.",
			portSetting(w), policySetting(w, ""), c.Balancer.Listeners.Ref("Listeners[].Port").With(portList(c.Balancer), "none on "+port)).
			WithBecause("the origin's ports and the load balancer's listeners are both known").With(w)
	case w.Managed():
		return cause.RuleOut("AWS runs the endpoint, which answers on this port", w.Address(""))
	case c.Connected:
		return cause.RuleOut("active validation connected to port "+port, c.SeenAt)
	case c.Listener != nil:
		return cause.RuleOut("the load balancer listens on port "+port, c.Balancer.Listeners.Ref("Listeners[].Port").With(port, ""))
	case c.Problem == edge.ProblemInternal || c.Problem == edge.ProblemPrivate:
		return cause.Need("the port cannot be told before CloudFront reaches the address", w.Gaps()...)
	case c.Scheme == "http" && w.Unexplained(502):
		return cause.Possible(w.Name(), "CloudFront may find nothing listening on port "+port+" of "+w.Origin.Endpoint.Domain+".",
			"needs active validation: over plain HTTP, a 502 of CloudFront's own leaves a refused connection or a broken answer", portSetting(w), w.Address("")).
			Needing(w.Gaps()...).Explaining(true).With(w)
	}
	return w.Unprobed(unconnected(), "connect to port "+port+" of "+w.Origin.Endpoint.Domain, unseen(w)...)
}

func usualPort(c *edge.Connection) string {
	if c.Scheme == "http" {
		return "80"
	}
	return "443"
}

func portList(b *edge.BalancerFacts) string {
	list := ""
	for i, port := range b.Ports() {
		if i > 0 {
			list += ", "
		}
		list += port
	}
	return list
}

func fixPort(p *cause.Pass, v cause.Verdict) []fix.Fix {
	w, ok := v.Data.(*originway.Way)
	if !ok {
		return nil
	}
	c, config := w.Connection, w.Origin.Config.CustomOriginConfig
	var fixes []fix.Fix
	if port, ok := rightPort(w); ok && config != nil {
		httpPort, httpsPort := int(deref(config.HTTPPort)), port
		if c.Scheme == "http" {
			httpPort, httpsPort = port, int(deref(config.HTTPSPort))
		}
		fixes = append(fixes, fix.Fix{
			Title: "Connect to port " + strconv.Itoa(port), Complexity: fix.Quick, Minutes: 10,
			Impact:      "None while it deploys: requests fail until edge locations take the change up",
			Explanation: "CloudFront then connects to the port on which the origin takes " + c.Scheme + ".",
			SideEffects: []string{"The port is that of every behavior whose requests go to this origin"},
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetOriginPorts(w.Origin.ID, httpPort, httpsPort))},
			Invalidate:  []string{"/*"}, Confidence: fix.High,
		})
	}
	return append(fixes, fix.Fix{
		Title: "Let something listen on port " + strconv.Itoa(c.Port), Complexity: fix.Standard, Minutes: 30,
		Impact:      "None on other ports",
		Explanation: "What should answer on that port, and with which certificate, only a person knows.",
		Manual: []string{
			"See which port the application or load balancer listens on, for " + c.Scheme + ".",
			"Start it there, or add a listener on port " + strconv.Itoa(c.Port) + " to the load balancer (for HTTPS with a certificate for the origin's name), and let the security group admit CloudFront on that port.",
		},
		Confidence: fix.Medium,
	})
}

// rightPort is the one port on which the origin takes the protocol that CloudFront speaks; ok is false where none, or several, do.
func rightPort(w *originway.Way) (port int, ok bool) {
	c := w.Connection
	if c.Problem == edge.ProblemUnexpectedPort {
		if c.Scheme == "http" {
			return 80, true
		}
		return 443, true
	}
	if c.Balancer == nil {
		return 0, false
	}
	out, _ := c.Balancer.Listeners.Get()
	for _, l := range out.Listeners {
		secure := l.Protocol == elb.ProtocolEnumHttps || l.Protocol == elb.ProtocolEnumTls
		if secure != (c.Scheme == "https") || l.Port == nil {
			continue
		}
		if ok {
			return 0, false
		}
		port, ok = int(*l.Port), true
	}
	return port, ok
}
