package originresponse

import (
	"strconv"
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var originReturnsError = &cause.Cause{
	ID:       "ORIGIN_RETURNS_ERROR",
	Title:    "The origin itself answers with this status",
	Stage:    stage,
	Symptoms: []int{400, 401, 403, 404, 405, 409, 410, 422, 429, 464, 500, 501, 502, 503, 504},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront passes an origin's own errors on. Nothing in the distribution has to be wrong: the application, the web server or the service behind it refuses, does not
find or fails at what it is asked. The Server header and the body of the answer usually tell whose it is.`,
		Why:     "A fault or an overload of the application, a path or a query that it does not know, or a login that is missing.",
		Example: "A 500 with the application's own error page.",
		Manual:  "The application's code and data are outside the account's configuration: a person has to look at its logs.",
		References: []string{
			guide + "http-500-internal-server-error.html",
			guide + "http-503-service-unavailable.html",
			guide + "HTTPStatusCodes.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict { return originway.Each(p, judgeAnswer) },
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		if m, ok := v.Data.(*edge.MisfitTarget); ok {
			return []fix.Fix{regroup(m)}
		}
		w, ok := v.Data.(*originway.Way)
		if !ok {
			return nil
		}
		return []fix.Fix{{
			Title: "Look at what the origin says", Complexity: fix.Advanced, Minutes: 60,
			Impact:      "None",
			Explanation: "The same request, sent to the origin without CloudFront, gives the same answer if it is the origin's; its logs then say why.",
			Manual: []string{
				"Ask the origin as CloudFront does: curl -sv -X " + w.Forwarded.Method + " with the path " + w.Forwarded.Path + " and the header Host: " + w.Forwarded.Host + ", at " + w.Origin.Endpoint.Domain + " (from inside its network where a firewall admits CloudFront only).",
				"Compare the Server header and the body with what viewers get; look for the request in the origin's own logs.",
				"Where the answer differs, compare the headers, cookies and query strings: CloudFront forwards those only that the behavior's policies name.",
			},
			Confidence: fix.Medium,
		}}
	},
}

func judgeAnswer(w *originway.Way) cause.Verdict {
	p := w.Pass
	if w.Bucket() {
		return cause.RuleOut("the origin is a bucket, and what Amazon S3 answers follows from its settings and objects", w.Address(""))
	}
	if v, ok := seenError(w); ok {
		return v
	}
	if m := misfit(w); m != nil {
		group, version := posture.Text(m.Group.TargetGroupName), posture.Text(m.Group.ProtocolVersion)
		return w.Confirm([]int{464}, posture.Text(m.Group.TargetGroupArn), "The load balancer's target group "+group+" takes "+version+
			" only. CloudFront asks origins over HTTP/1.1, so the load balancer answers 464 itself.", m.Ref).
			WithBecause("the rule that takes the request and its target group's protocol version are both known").With(m)
	}
	if at := w.Blocked(stage); at != "" {
		return cause.RuleOut("the request does not get as far as an answer of the application: it ends at "+at, w.Step(at).Evidence...)
	}
	code := p.Symptom.Code
	switch {
	case !w.Actual:
		return cause.Need("needs active validation: the request does not get to the origin now, and what the application would answer is not known")
	case p.Symptom.Given && p.Asked && code < 400 && !hidden(p):
		return cause.RuleOut("viewers see " + strconv.Itoa(code) + ", which is no error")
	case code == 494 || code == 421:
		return cause.RuleOut("only CloudFront itself answers with " + strconv.Itoa(code))
	case code >= 400 && w.Unexplained(code):
		return cause.Possible(w.Name(), "The application behind "+w.Origin.Endpoint.Domain+" may answer with "+strconv.Itoa(code)+" itself.",
			"nothing that is known of the distribution or the account gives this status; what the application answers needs active validation", refs(w)...).
			Explaining(true).With(w)
	}
	return cause.Need("needs active validation: ask "+w.Origin.Endpoint.Domain+" for "+w.Forwarded.Path+" and see what it answers", w.SeenHTTP())
}

// misfit is the target group that takes no HTTP/1.1, nil where the request does not end at one. That gRPC meets one is WEBSOCKET_OR_GRPC_NOT_SUPPORTED.
func misfit(w *originway.Way) *edge.MisfitTarget {
	l := w.LoadBalancer
	if l == nil || l.Misfit == nil || l.Misfit.Call || w.Step("origin-object").Status != 464 {
		return nil
	}
	return l.Misfit
}

// regroup is the remedy for it: a group's protocol version cannot be changed (ELB/load-balancer-target-groups).
func regroup(m *edge.MisfitTarget) fix.Fix {
	arn := posture.Text(m.Group.TargetGroupArn)
	return fix.Fix{
		Title: "Send these requests to a target group that takes HTTP/1.1", Complexity: fix.Standard, Minutes: 30,
		Impact:      "None: the request is refused now",
		Explanation: "The protocol version of a target group is fixed when it is made, so another group with the same targets is needed.",
		SideEffects: []string{"The application has to take HTTP/1.1 on the targets' port"},
		Manual: []string{
			"Amazon EC2 console, Target groups, Create target group: the same settings and targets as " + posture.Text(m.Group.TargetGroupName) + ", with the protocol version HTTP1.",
			"Load balancers: choose the load balancer and its listener, and have the rule that takes the request forward to the new group.",
			"Keep the old group for gRPC calls, if there are any, with a rule of its own.",
		},
		ByHand: []fix.HandCall{{Purpose: "See the target group's settings", Service: "elbv2", Operation: "DescribeTargetGroups", Region: account.RegionOf(arn),
			Params: []fix.HandParam{{Name: "TargetGroupArns", Value: []string{arn}}}}},
		Invalidate: []string{"/*"}, Confidence: fix.High,
	}
}

// seenError judges by the answer that active validation got to the same request: the same status as the viewer's is the origin's own, another
// one shows that the edge makes the viewer's.
func seenError(w *originway.Way) (v cause.Verdict, ok bool) {
	a, known := w.SeenHTTP().Get()
	p := w.Pass
	if !known || a.Status == 0 || w.Blocked(stage) != "" || w.Step(stage).Verdict == edge.Stop {
		return v, false
	}
	status := strconv.Itoa(a.Status)
	server, _ := a.Header("Server")
	refs := []evidence.Ref{w.SeenHTTP().Ref("Status").With(status, "Server: "+server)}
	summary := "The origin itself answers this request with " + status + "; CloudFront only passes it on."
	switch {
	case a.WantsHTTPS():
		return cause.RuleOut("the origin's web server says that the port wants HTTPS: ORIGIN_PROTOCOL_POLICY_MISMATCH", refs...), true
	case a.Status < 400 && (!p.Symptom.Given || p.Symptom.Code >= 400):
		return cause.RuleOut("the origin answers the same request with "+status, refs...), true
	case a.Status < 400:
		return v, false
	case a.Refuses() && len(a.Withheld) > 0 && !w.Suspected(a.Status):
		return cause.Need("the origin answers with "+status+" without the headers "+strings.Join(a.Withheld, ", ")+
			", which active validation does not send unless told to (--send-origin-headers)", w.SeenHTTP()), true
	case a.Refuses() && (w.Suspected(a.Status) || originway.Shows(p, a.Status)):
		return cause.Likely(w.Name(), summary, "active validation got the same answer; from this computer, and not from CloudFront's addresses", refs...).Explaining(true).With(w), true
	case a.Refuses():
		return cause.Possible(w.Name(), "The origin answers this request with "+status+" when this computer sends it.", "it may let CloudFront's requests in", refs...).
			Explaining(false).AtSeverity(cause.Medium).With(w), true
	case p.Symptom.Given && p.Asked && !originway.Shows(p, a.Status):
		return cause.RuleOut("the origin answers the same request with "+status+", and viewers see "+strconv.Itoa(p.Symptom.Code), refs...), true
	}
	return w.Confirm([]int{a.Status}, w.Name(), summary, append(refs, w.Address(""))...).WithDetail(firstLine(a.Body)).
		WithBecause("active validation sent the request that CloudFront sends, and got this answer").With(w), true
}

// firstLine is the beginning of a body, without control characters.
func firstLine(body string) string {
	const most = 200
	out := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, body)
	out = strings.Join(strings.Fields(out), " ")
	if r := []rune(out); len(r) > most {
		return string(r[:most]) + "…"
	}
	return out
}

// hidden reports whether error pages turn errors into the status that viewers see.
func hidden(p *cause.Pass) bool {
	return originway.Shows(p, 400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
}

func refs(w *originway.Way) []evidence.Ref {
	out := []evidence.Ref{w.Address("the origin that CloudFront asks for " + w.Forwarded.Path)}
	p := w.Pass
	label := strconv.Itoa(p.Symptom.Code) + "ErrorRate"
	if latest, ok := posture.Recent(p, label).Latest(); ok {
		out = append(out, posture.MetricRef(p, label, posture.Number(latest.Value)+" %", "of all requests, in the last hour"))
	}
	return out
}
