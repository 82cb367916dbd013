package edge

import (
	"strconv"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/request"
)

// maxOriginHeaders is the size of an answer's head from which CloudFront refuses it, in bytes (DG/cloudfront-limits).
const maxOriginHeaders = 32768

// respondSeen takes the answer that the origin was seen to give to the very request that CloudFront sends.
func (x *Exchange) respondSeen(by string) (step Step, done bool) {
	a, ok := x.Seen.HTTP.Get()
	if !ok {
		return Step{}, false
	}
	at := func(field, value, note string) evidence.Ref { return x.Seen.HTTP.Ref(field).With(value, note) }
	failure := at("Failure", string(a.Failure), a.Error)
	waited := x.digits(a.FirstByteMilliseconds) + " ms"
	switch a.Failure {
	case observed.FirstByteTimeout:
		if a.FirstByteMilliseconds < 1000*x.Origin.ReadTimeout() {
			return x.Unsure(Alternative{Status: 504, If: "the origin takes longer than " + strconv.Itoa(x.Origin.ReadTimeout()) + " seconds to answer"},
				"The origin did not answer within %s", waited).WithEvidence(failure), true
		}
		x.failed = timedOut
		return x.Stop(504, ByCloudFront, "The origin does not answer within the %s seconds that CloudFront waits", x.digits(x.Origin.ReadTimeout())).
			WithEvidence(at("FirstByteMilliseconds", waited, "and still no answer"), x.originRef("CustomOriginConfig.OriginReadTimeout", strconv.Itoa(x.Origin.ReadTimeout()), "")), true
	case observed.Reset:
		x.failed = connectFailed
		return x.Stop(502, ByCloudFront, "The origin closes the connection without an answer").WithEvidence(failure), true
	case observed.Malformed:
		x.failed = connectFailed
		return x.Stop(502, ByCloudFront, "What the origin answers is no HTTP").WithEvidence(failure), true
	case observed.HeadersTooBig:
		x.failed = connectFailed
		return x.Stop(502, ByCloudFront, "The headers of the origin's answer are larger than CloudFront takes").WithEvidence(failure), true
	}
	if a.Status == 0 {
		return Step{}, false
	}
	if size := answerHeadSize(a); size > maxOriginHeaders {
		x.failed = connectFailed
		return x.Stop(502, ByCloudFront, "The headers of the origin's answer are larger than CloudFront takes").
			WithEvidence(at("Headers", strconv.Itoa(size)+" bytes", "").Want("at most " + strconv.Itoa(maxOriginHeaders))), true
	}
	return x.takeAnswer(by, a, at), true
}

// takeAnswer makes the seen answer the origin's. A refusal may be meant for this computer, or for requests without a header that was withheld.
func (x *Exchange) takeAnswer(by string, a observed.Answer, at func(field, value, note string) evidence.Ref) Step {
	x.Response = Response{Status: a.Status, By: by, HeadersKnown: true}
	for _, h := range a.Headers {
		x.Response.Headers = append(x.Response.Headers, request.Header(h))
	}
	server, _ := a.Header("Server")
	refs := []evidence.Ref{at("Status", strconv.Itoa(a.Status), "Server: "+server), at("FirstByteMilliseconds", x.digits(a.FirstByteMilliseconds)+" ms", "")}
	switch {
	case a.Failure == observed.Truncated || a.Failure == observed.BodyTimeout:
		return x.Unsure(Alternative{Status: 502, If: "CloudFront takes a body that breaks off for an error rather than passing its beginning on"},
			"The origin answers with %s, and the body breaks off", x.digits(a.Status)).WithEvidence(at("Failure", string(a.Failure), a.Error)).WithEvidence(refs...)
	case a.Refuses() && len(a.Withheld) > 0:
		x.assumed = true
		x.Response = Response{Status: 200, By: by}
		return x.Unsure(Alternative{Status: a.Status, If: "the origin refuses the request with the headers that were not sent to it too (" + listWords(a.Withheld) + ")", Weak: true},
			"Without the headers that CloudFront adds the origin answers with %s; what it answers with them is not known", x.digits(a.Status)).WithEvidence(refs...)
	case a.Refuses():
		x.assumed = true
		return x.Unsure(Alternative{Status: 200, If: "the origin refuses this computer and lets CloudFront in", Weak: true},
			"The origin answers with %s", x.digits(a.Status)).WithEvidence(refs...)
	}
	return x.worded(Step{Verdict: Pass, Status: a.Status}, "The origin answers with %s", x.digits(a.Status)).WithEvidence(refs...)
}

// answerHeadSize is about how many bytes an answer's head has.
func answerHeadSize(a observed.Answer) int {
	size := len("HTTP/1.1 200 OK\r\n\r\n")
	for _, h := range a.Headers {
		size += len(h.Name) + len(h.Value) + len(": \r\n")
	}
	return size
}
