package originconnection

import (
	"strconv"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var originProtocolPolicyMismatch = &cause.Cause{
	ID:       "ORIGIN_PROTOCOL_POLICY_MISMATCH",
	Title:    "CloudFront speaks HTTPS to an origin that speaks HTTP, or the reverse",
	Stage:    stage,
	Symptoms: []int{400, 502, 504},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `The origin's protocol policy says whether CloudFront connects with HTTP, with HTTPS, or as the viewer did. An origin that has no listener for that
protocol refuses or drops the connection, and one that expects the other protocol on the port cannot understand what it gets.`,
		Why: `HTTPS only is a sensible choice that the origin never was set up for; or a listener was moved from HTTP to HTTPS and the distribution was forgotten.
With "match viewer" it fails for one kind of viewers only.`,
		Example: "OriginProtocolPolicy https-only, and a load balancer with a listener on port 80 alone.",
		References: []string{
			guide + "http-502-bad-gateway.html",
			guide + "DownloadDistValuesOrigin.html",
			guide + "using-https-cloudfront-to-custom-origin.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict { return judge(p, judgeProtocol) },
	Fixes:  fixProtocol,
}

func judgeProtocol(w *originway.Way, c *edge.Connection) cause.Verdict {
	spoken := "HTTPS"
	if c.Scheme == "http" {
		spoken = "plain HTTP"
	}
	found := func(summary string, refs ...evidence.Ref) cause.Verdict {
		refs = append([]evidence.Ref{policySetting(w, "").Want(opposite(c)), portSetting(w)}, refs...)
		return w.Confirm([]int{400, 502, 504}, w.Name(), summary, refs...).With(w).
			WithBecause("the origin's protocol policy and the load balancer's listeners are both known")
	}
	listeners := func(note string) evidence.Ref {
		return c.Balancer.Listeners.Ref("Listeners[].Protocol").With(portList(c.Balancer), note)
	}
	other, hasOther := otherListener(w)
	if v, ok := seenProtocol(w, c); ok {
		return v
	}
	switch {
	case c.Problem == edge.ProblemNoListener && hasOther:
		return found("CloudFront connects with "+spoken+" to port "+strconv.Itoa(c.Port)+", and the load balancer listens on port "+
			strconv.Itoa(int(deref(other.Port)))+" for "+string(other.Protocol)+" only.", listeners("no listener on "+strconv.Itoa(c.Port)))
	case plainToTLS(c):
		return found("CloudFront speaks plain HTTP to port "+strconv.Itoa(c.Port)+", where the load balancer speaks "+string(c.Listener.Protocol)+".", listeners(""))
	case w.TLS != nil && w.TLS.Problem == edge.TLSNotSpoken:
		return found("CloudFront speaks HTTPS to port "+strconv.Itoa(c.Port)+", where the load balancer speaks plain "+string(c.Listener.Protocol)+".", listeners(""))
	case c.Problem == edge.ProblemPlaintext:
		return plaintext(w)
	case w.Managed():
		return cause.RuleOut("the endpoint takes "+spoken, w.Address(""))
	case c.Listener != nil:
		return cause.RuleOut("the load balancer's listener speaks what CloudFront speaks", listeners(""))
	case c.Problem == edge.ProblemNoListener:
		return cause.RuleOut("the load balancer has no listener for the other protocol either: ORIGIN_PORT_CLOSED", listeners(""))
	}
	return w.Unprobed([]int{400, 502, 504}, "see whether "+w.Origin.Endpoint.Domain+" speaks "+spoken+" on port "+strconv.Itoa(c.Port), unseen(w)...)
}

// seenProtocol judges by what active validation met on the port.
func seenProtocol(w *originway.Way, c *edge.Connection) (v cause.Verdict, ok bool) {
	port := strconv.Itoa(c.Port)
	confirm := func(summary string, refs ...evidence.Ref) (cause.Verdict, bool) {
		refs = append([]evidence.Ref{policySetting(w, ""), portSetting(w)}, refs...)
		return w.Confirm([]int{400, 502, 504}, w.Name(), summary, refs...).With(w).WithBecause("active validation connected as CloudFront does, and saw what answers"), true
	}
	switch {
	case w.TLS != nil && w.TLS.Seen && w.TLS.Problem == edge.TLSNotSpoken:
		return confirm("CloudFront speaks HTTPS to port "+port+" of "+w.Origin.Endpoint.Domain+", and what answers there does not.", w.Step("origin-tls").Evidence...)
	case w.TLS != nil && w.TLS.Seen && w.TLS.Problem == edge.TLSClosed:
		return confirm("CloudFront speaks HTTPS to port "+port+" of "+w.Origin.Endpoint.Domain+", and what listens there closes the connection when the handshake begins: it speaks no TLS, or another program than the web server has the port.",
			w.Step("origin-tls").Evidence...)
	case w.TLS != nil && w.TLS.Seen:
		return cause.RuleOut("what answers on port "+port+" speaks TLS, as CloudFront does", w.SeenTLS().Ref("Failure")), true
	}
	a, known := w.SeenHTTP().Get()
	if !known || c.Scheme != "http" {
		return v, false
	}
	if a.WantsHTTPS() {
		return confirm("CloudFront speaks plain HTTP to port "+port+" of "+w.Origin.Endpoint.Domain+", which wants HTTPS.",
			w.SeenHTTP().Ref("Status").With(strconv.Itoa(a.Status), "the answer says that a plain HTTP request came to an HTTPS port"))
	}
	if a.Status != 0 {
		return cause.RuleOut("what answers on port "+port+" speaks HTTP, as CloudFront does", w.SeenHTTP().Ref("Status").With(strconv.Itoa(a.Status), "")), true
	}
	return v, false
}

// plaintext judges plain HTTP to a service that is meant for HTTPS: whether it refuses is not documented for all of them.
func plaintext(w *originway.Way) cause.Verdict {
	summary := "CloudFront connects with plain HTTP to " + w.Origin.Endpoint.Domain + ", a service that is meant for HTTPS only."
	refs := []evidence.Ref{policySetting(w, "").Want("https-only"), w.Address("")}
	if w.Suspected(unconnected()...) {
		return cause.Likely(w.Name(), summary, "what the service does with plain HTTP is not documented", refs...).Explaining(true).With(w)
	}
	return cause.Possible(w.Name(), summary, "what the service does with plain HTTP is not documented", refs...).
		Explaining(false).AtSeverity(cause.Medium).With(w)
}

func opposite(c *edge.Connection) string {
	if c.Scheme == "http" {
		return "https-only"
	}
	return "http-only"
}

func fixProtocol(p *cause.Pass, v cause.Verdict) []fix.Fix {
	w, ok := v.Data.(*originway.Way)
	if !ok {
		return nil
	}
	if w.Balancer() == nil && w.Connection.Problem != edge.ProblemPlaintext {
		return []fix.Fix{serverProtocol(w)}
	}
	to := opposite(w.Connection)
	change := fix.EditDistribution(p.Model.ID(), fix.SetOriginProtocolPolicy(w.Origin.ID, to))
	f := fix.Fix{
		Title: "Connect with the protocol that the origin speaks", Complexity: fix.Quick, Minutes: 10,
		Impact:      "None while it deploys: requests fail until edge locations take the change up",
		Explanation: "With the origin protocol policy " + to + " CloudFront uses the port and protocol for which the origin has a listener.",
		SideEffects: []string{"CloudFront checks the origin's certificate from then on: its names, chain and dates have to stay right"},
		Changes:     []fix.Change{change}, Invalidate: []string{"/*"}, Confidence: fix.High,
	}
	listener := fix.Fix{
		Title: "Give the origin a listener for " + scheme(w), Complexity: fix.Standard, Minutes: 45,
		Impact:      "None on the listeners that are there",
		Explanation: "The connection between CloudFront and the origin then is as the distribution asks for, and encrypted where it asks for HTTPS.",
		Manual: []string{
			"Request or import a certificate for " + w.Origin.Endpoint.Domain + " in the load balancer's Region.",
			"Add a listener on port " + strconv.Itoa(w.Connection.Port) + " to the load balancer, with that certificate and the same target group.",
			"Let its security group admit CloudFront's prefix list on that port.",
		},
		Confidence: fix.High,
	}
	if to == "https-only" {
		return []fix.Fix{f}
	}
	f.Compromise = true
	f.SideEffects = []string{"Requests and answers travel between CloudFront and the origin unencrypted, passwords and cookies included: prefer a listener for HTTPS where it matters"}
	if after := p.With(change); after != nil && after.Outcome.Status/100 == 3 {
		return []fix.Fix{listener} // the plain listener only redirects to HTTPS: viewers would go round in circles
	}
	return []fix.Fix{f, listener}
}

// serverProtocol is for a server that the account does not know: which of the two ports is set up right, only a look at it tells.
func serverProtocol(w *originway.Way) fix.Fix {
	port := strconv.Itoa(w.Connection.Port)
	return fix.Fix{
		Title: "Let the origin speak " + scheme(w) + " on port " + port + ", or ask it as it speaks", Complexity: fix.Standard, Minutes: 30,
		Impact:      "None on other clients of the origin",
		Explanation: "CloudFront and the server have to agree on port and protocol. HTTPS on both sides is the better agreement.",
		Manual: []string{
			"On the server see what listens on port " + port + " (ss -ltnp), and set it up for " + scheme(w) + ": for HTTPS with a certificate of a public authority for " + w.Origin.Endpoint.Domain + ".",
			"Or, on the Origins tab, select " + w.Origin.ID + ", choose Edit, and set Protocol and the port to what the server does speak.",
		},
		SideEffects: []string{"With HTTP only, requests and answers travel between CloudFront and the origin unencrypted, passwords and cookies included"},
		Invalidate:  []string{"/*"}, Confidence: fix.Medium,
	}
}

func scheme(w *originway.Way) string {
	if w.Connection.Scheme == "http" {
		return "HTTP"
	}
	return "HTTPS"
}
