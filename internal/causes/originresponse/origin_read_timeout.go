package originresponse

import (
	"strconv"
	"strings"
	"time"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/observed"
)

var originReadTimeout = &cause.Cause{
	ID:       "ORIGIN_READ_TIMEOUT",
	Title:    "The origin takes longer to answer than CloudFront waits",
	Stage:    stage,
	Symptoms: []int{504},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront waits for the first byte of an answer, and between packets, for the response timeout: 30 seconds unless set otherwise. GET and HEAD requests are tried
again, up to the number of connection attempts, then viewers get 504. Other methods get it after one attempt.`,
		Why:     `A report, an export or an upload takes its time; a database is slow; or the origin is short of capacity and requests wait in a queue.`,
		Example: "A report that takes 40 seconds, and OriginReadTimeout 30.",
		References: []string{
			guide + "http-504-gateway-timeout.html",
			guide + "DownloadDistValuesOrigin.html",
			guide + "RequestAndResponseBehaviorCustomOrigin.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict { return originway.Each(p, judgeTimeout) },
	Fixes:  fixTimeout,
}

// near is the part of the timeout from which a 90th percentile of the latency says that some answers come too late.
const near = 0.75

// slowness is what is known of an origin's latency.
type slowness struct {
	way     *originway.Way
	timeout int // seconds
}

func judgeTimeout(w *originway.Way) cause.Verdict {
	p, timeout := w.Pass, w.Origin.ReadTimeout()
	setting := w.Custom("OriginReadTimeout", strconv.Itoa(timeout), "seconds that CloudFront waits")
	if v, ok := seenSlow(w, timeout); ok {
		return v
	}
	if at := w.Blocked(stage); at != "" {
		return cause.RuleOut("CloudFront does not get as far as waiting for an answer: the request ends at "+at, w.Step(at).Evidence...)
	}
	if w.Bucket() {
		return cause.RuleOut("the origin is a bucket: Amazon S3 answers within the timeout", w.Address(""))
	}
	if p.Symptom.Given && p.Asked && !originway.Shows(p, 504) {
		return cause.RuleOut("an answer that comes too late is a 504, and viewers see " + strconv.Itoa(p.Symptom.Code))
	}
	latency := posture.Recent(p, "OriginLatency")
	highest, known := latency.Max()
	found := slowness{w, timeout}
	ref := posture.MetricRef(p, "OriginLatency", posture.Number(highest.Value)+" ms", "90th percentile, the highest of the last hours")
	switch {
	case known && highest.Value >= near*1000*float64(timeout):
		summary := "The slowest answers of the origin take " + seconds(highest.Value) + " seconds and more, and CloudFront waits " + strconv.Itoa(timeout) + " seconds."
		if w.Suspected(504) {
			return cause.Likely(w.Name(), summary, "the metric covers the whole distribution, not this request", setting, ref).Explaining(true).With(found)
		}
		return cause.Need("needs active validation: "+summary+" Whether this request is among them is not known", posture.Metrics(p))
	case w.Unexplained(504) && timeout <= int(cloudfront.DefaultReadTimeout/time.Second):
		refs := []evidence.Ref{setting}
		because := "nothing known stands between CloudFront and the origin, so that a slow answer remains; how long this one takes needs active validation"
		if known {
			refs = append(refs, ref)
			because += "; most answers come much earlier"
		}
		return cause.Possible(w.Name(), "The origin may take longer than the "+strconv.Itoa(timeout)+" seconds that CloudFront waits for its answer.", because, refs...).
			Needing(posture.Metrics(p)).Explaining(true).With(found)
	case known && !p.Symptom.Given:
		return cause.RuleOut("the origin's answers take a fraction of the time that CloudFront waits", setting, ref)
	}
	return w.Unprobed([]int{504}, "see how long "+w.Origin.Endpoint.Domain+" takes to answer "+w.Forwarded.Path, posture.Metrics(p), w.SeenHTTP())
}

// seenSlow judges by how long active validation waited for an answer to the same request, or for one to the handshake before it.
func seenSlow(w *originway.Way, timeout int) (v cause.Verdict, ok bool) {
	setting := w.Custom("OriginReadTimeout", strconv.Itoa(timeout), "seconds that CloudFront waits")
	found := slowness{w, timeout}
	if w.TLS != nil && w.TLS.Seen && w.TLS.Problem == edge.TLSSilent {
		return w.Confirm([]int{502, 504}, w.Name(), "The origin takes CloudFront's connections and then says nothing: it does not even answer the beginning of the handshake.",
			w.Step("origin-tls").Evidence...).WithBecause("active validation waited for an answer to its ClientHello in vain").With(found), true
	}
	a, known := w.SeenHTTP().Get()
	if !known || w.Blocked(stage) != "" {
		return v, false
	}
	waited := strconv.Itoa(a.FirstByteMilliseconds) + " ms"
	first := w.SeenHTTP().Ref("FirstByteMilliseconds").With(waited, "")
	switch {
	case a.Failure == observed.FirstByteTimeout && a.FirstByteMilliseconds >= 1000*timeout:
		return w.Confirm([]int{504}, w.Name(), "The origin does not answer this request within the "+strconv.Itoa(timeout)+" seconds that CloudFront waits.", first, setting).
			WithBecause("active validation sent the request that CloudFront sends, and waited longer").With(found), true
	case a.Failure == observed.FirstByteTimeout:
		return cause.Likely(w.Name(), "The origin does not answer this request within "+waited+", and CloudFront waits "+strconv.Itoa(timeout)+" seconds.",
			"active validation did not wait as long as CloudFront does", first, setting).Explaining(w.Suspected(504)).With(found), true
	case a.Status != 0 && float64(a.FirstByteMilliseconds) < near*1000*float64(timeout) && !w.Suspected(504):
		return cause.RuleOut("the origin answered this request within "+waited, first, setting), true
	}
	return v, false
}

func seconds(milliseconds float64) string { return posture.Number(milliseconds / 1000) }

func fixTimeout(p *cause.Pass, v cause.Verdict) []fix.Fix {
	found, ok := v.Data.(slowness)
	if !ok {
		return nil
	}
	w := found.way
	faster := fix.Fix{
		Title: "Make the origin answer sooner", Complexity: fix.Advanced, Minutes: 240,
		Impact:      "None",
		Explanation: "Viewers do not wait half a minute gladly either. Work that takes long is better started by one request and fetched by another.",
		Manual: []string{
			"Find the slow requests: time-taken and time-to-first-byte in CloudFront's logs, TargetResponseTime of the load balancer, traces of the application.",
			"Speed up the query or call that takes long, give the origin more capacity, or answer 202 at once and let the viewer ask for the result.",
		},
		Confidence: fix.Medium,
	}
	longer := 60
	if found.timeout >= longer {
		longer = int(cloudfront.MaxReadTimeout / time.Second)
	}
	if w.TLS != nil && w.TLS.Problem == edge.TLSSilent {
		faster.Title = "Let the origin answer handshakes"
		faster.Explanation = "What takes the connections is no web server that works: it hangs, it is overloaded, or another program has the port."
		faster.Manual = []string{"On the server see what listens on port " + strconv.Itoa(w.Connection.Port) + " (ss -ltnp), whether it still works, and whether it speaks TLS; look at its logs, and start it again."}
		return []fix.Fix{faster}
	}
	if w.Origin.Config.CustomOriginConfig == nil || found.timeout >= longer || strings.HasPrefix(string(w.Origin.Endpoint.Kind), "api") {
		return []fix.Fix{faster}
	}
	return []fix.Fix{{
		Title: "Wait " + strconv.Itoa(longer) + " seconds for the origin's answer", Complexity: fix.Quick, Minutes: 10,
		Impact:      "None while it deploys",
		Explanation: "Answers that take up to " + strconv.Itoa(longer) + " seconds then reach the viewer. The origin's own timeouts (a load balancer's idle timeout is 60 seconds) have to be as long.",
		SideEffects: []string{"Where the origin hangs, viewers wait longer for the error"},
		Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetReadTimeout(w.Origin.ID, longer))},
		Invalidate:  []string{"/*"}, Confidence: fix.Medium,
	}, faster}
}
