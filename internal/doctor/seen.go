package doctor

import (
	"fmt"
	"strings"

	"cfdoctor/internal/active"
	"cfdoctor/internal/blackbox"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/report"
	"cfdoctor/internal/signature"
)

// seenError is the question with the error that active validation saw, where a person named none: then it is what is to be explained.
func (q Question) seenError(m *edge.Model) Question {
	v, ok := m.ViewerSeen(q.Request).Verdict()
	if a := m.ViewerSeen(q.Request).HTTP.Or(observed.Answer{}); ok && q.Code == 0 && a.Status >= 400 && v.ThroughCloudFront {
		q.Code, q.SawCode = a.Status, true
	}
	return q
}

// observations puts what active validation saw into the contract's form, nil where nobody looked.
func observations(m *edge.Model, q Question, shown *cause.Pass) *report.Observed {
	records := probeRecords(m.World)
	if len(records) == 0 {
		return nil
	}
	seen := m.ViewerSeen(shown.Request)
	out := &report.Observed{Predicted: shown.Trace.Outcome.Status, Comparison: []string{}, Redirects: []string{}, Probes: []report.Probe{}}
	out.Edge = seenAnswer(seen.HTTP)
	if t := m.Beyond(shown.Trace); t != nil && t.Exchange != nil && t.Exchange.Seen != nil {
		out.Origin = seenAnswer(t.Exchange.Seen.HTTP)
	}
	if out.Edge != nil {
		agrees := out.Edge.Status == shown.Trace.Outcome.Status
		out.Agrees = &agrees
	}
	hops, loop := wayOf(m, q).Way(m.World)
	if len(hops) > 1 || loop {
		for _, h := range hops {
			out.Redirects = append(out.Redirects, strings.TrimSpace(fmt.Sprintf("%s → %d %s %s", h.URL, h.Status, h.Location, h.Note)))
		}
	}
	out.Loop = loop
	out.Comparison = append(out.Comparison, compare(out, q, shown.Trace)...)
	for _, rec := range records {
		line := probeLine(rec)
		line.Command, _ = active.Command(observed.Shown(rec.Call), "")
		out.Probes = append(out.Probes, line)
	}
	return out
}

// probeRecords are the answers of active validation.
func probeRecords(w *evidence.World) (out []evidence.Record) {
	for _, rec := range w.Records() {
		if observed.IsProbe(rec.Call) && rec.State != evidence.NotCaptured {
			out = append(out, rec)
		}
	}
	return out
}

func seenAnswer(fact evidence.Fact[observed.Answer]) *report.Seen {
	a, ok := fact.Get()
	if !ok {
		return nil
	}
	_, url, _ := strings.Cut(fact.Ref("").Resource, " ")
	out := &report.Seen{URL: url, Status: a.Status, Failure: string(a.Failure), Certainty: string(signature.Certain), Reasons: []string{}, Withheld: list(a.Withheld)}
	out.RequestID, _ = a.Header("X-Amz-Cf-Id")
	if a.Status == 0 {
		out.AnsweredBy, out.Error = "nobody", "no HTTP answer"
		return out
	}
	v := signature.Classify(signature.Of(a))
	out.AnsweredBy, out.Certainty, out.Error, out.Means = string(v.Producer), string(v.Sure), v.Error, v.Means
	out.Reasons, out.Masked, out.Cached = list(v.Reasons), v.Masked, v.Cached
	return out
}

// compare says what the simulation, the edge and the origin say together.
func compare(o *report.Observed, q Question, t *edge.Trace) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if e := o.Edge; e != nil {
		say("Predicted: %s. Seen: %s.", predictedWords(t.Outcome), seenWords(e))
		switch {
		case e.Masked:
			say("The %d that was seen hides an error behind a custom error response.", e.Status)
		case q.Code != 0 && !q.SawCode && e.Status != q.Code && e.Status != 0:
			say("The reported %d was not seen from here: the answer is %d now. It may depend on the viewer's place, headers or cookies, or be over.", q.Code, e.Status)
		}
		if e.Cached && e.Status >= 400 {
			say("The error came from CloudFront's cache: the origin may answer otherwise by now.")
		}
		if len(e.Withheld) > 0 {
			say("The request was sent without %s.", strings.Join(e.Withheld, ", "))
		}
	}
	if o.Edge != nil && o.Origin != nil && o.Edge.Status != 0 {
		out = append(out, against(o.Edge, o.Origin)...)
	}
	if o.Loop {
		say("The redirects lead back to an address that was asked before: browsers give up.")
	}
	return out
}

// against compares the edge's answer with the origin's own to the same request.
func against(e, origin *report.Seen) []string {
	switch {
	case origin.Status == 0:
		return []string{"The origin itself gives no answer to this request: " + origin.Failure + "."}
	case len(origin.Withheld) > 0 && (origin.Status == 401 || origin.Status == 403):
		return []string{fmt.Sprintf("The origin itself answers %d without the headers that CloudFront adds (%s), which says nothing of what it answers with them.", origin.Status, strings.Join(origin.Withheld, ", "))}
	case origin.Status == e.Status && e.Status >= 400:
		return []string{fmt.Sprintf("The origin itself answers the same request with %d too: the error is the origin's own.", origin.Status)}
	case origin.Status == e.Status:
		return []string{fmt.Sprintf("The origin itself answers the same request with %d too.", origin.Status)}
	case e.Cached:
		return []string{fmt.Sprintf("The origin itself answers the same request with %d now: what the edge gave comes from its cache.", origin.Status)}
	case e.Status >= 400:
		return []string{fmt.Sprintf("The origin itself answers the same request with %d: the %d is made at the edge, or for what CloudFront changes about the request.", origin.Status, e.Status)}
	}
	return []string{fmt.Sprintf("The origin itself answers the same request with %d, the edge with %d.", origin.Status, e.Status)}
}

func predictedWords(o edge.Outcome) string {
	switch {
	case o.NoHTTP:
		return "no HTTP answer"
	case o.Status == 0:
		return "not known"
	}
	return fmt.Sprintf("%d from %s (%s)", o.Status, blackbox.Who(o.AnsweredBy), o.Certainty)
}

func seenWords(s *report.Seen) string {
	if s.Status == 0 {
		return "no HTTP answer (" + s.Failure + ")"
	}
	words := fmt.Sprintf("%d from %s (%s)", s.Status, blackbox.Who(s.AnsweredBy), s.Certainty)
	if s.Error != "" {
		words += ", " + s.Error
	}
	return words
}

// probeLine is one probe with its result in a line.
func probeLine(rec evidence.Record) report.Probe {
	switch {
	case rec.Problem != nil:
		return report.Probe{What: probeName(rec.Call), Result: "not done: " + rec.Problem.Error()}
	case rec.Call.Operation == observed.OperationDNS:
		var a observed.DNSAnswer
		if evidence.Decode(rec.Output, &a) == nil {
			return report.Probe{What: probeName(rec.Call), Result: strings.TrimSpace(a.Rcode + " " + strings.Join(append(append(append([]string{}, a.Chain...), a.Addresses...), a.Records...), ", "))}
		}
	case rec.Call.Operation == observed.OperationTLS:
		var h observed.Handshake
		if evidence.Decode(rec.Output, &h) == nil {
			return report.Probe{What: probeName(rec.Call), Result: strings.TrimSpace(strings.Join([]string{string(h.Failure), h.Version, h.Cipher, string(h.Trust)}, " "))}
		}
	case rec.Call.Operation == observed.OperationHTTP:
		var a observed.Answer
		if evidence.Decode(rec.Output, &a) == nil {
			return report.Probe{What: probeName(rec.Call), Result: strings.TrimSpace(fmt.Sprintf("%s %d %s", a.Version, a.Status, a.Failure))}
		}
	}
	return report.Probe{What: probeName(rec.Call), Result: "cannot be read"}
}

func probeName(call evidence.Call) string {
	switch call.Operation {
	case observed.OperationDNS:
		if q, err := observed.DNSQuestionOf(call); err == nil {
			return "DNS " + observed.DNS(q).Resource
		}
	case observed.OperationTLS:
		if q, err := observed.TLSQuestionOf(call); err == nil {
			return "TLS " + observed.TLS(q).Resource
		}
	case observed.OperationHTTP:
		if q, err := observed.HTTPQuestionOf(call); err == nil {
			return "HTTP " + observed.HTTP(q).Resource
		}
	}
	return call.Name()
}
