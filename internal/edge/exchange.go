package edge

import (
	"fmt"
	"strings"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/request"
	"cfdoctor/internal/tri"
)

// Exchange is one request on its way: what the viewer sent, what the stages made of it, and the answer so far.
type Exchange struct {
	Model  *Model
	Viewer request.Request // as the viewer sent it; never changed
	// Explain asks for words and evidence. Without it steps carry verdicts only, which is what bulk simulation needs.
	Explain bool

	// Current is the request as it stands: a viewer-request function may have changed method, path, query and headers.
	Current  request.Request
	Behavior *Behavior
	Origin   *Origin
	// Forwarded is what the origin gets; set by the origin-request stage.
	Forwarded OriginRequest
	// Response is the answer as it stands.
	Response Response
	// ViewerResults is what the stages before the origin found out, for causes.
	ViewerResults
	// Results is what the origin and answer stages found out, for causes.
	Results

	stopped      bool
	stoppedAt    string
	noHTTP       bool
	original     int
	alternatives []Alternative
	uncertain    bool          // the answer itself is a guess, not only something on the way to it
	assumed      bool          // nothing stands in the way, but what the origin's own application answers is taken on trust
	failed       originFailure // how CloudFront failed to get an answer from the origin, for failover
	forced       *Origin       // the origin that a failover attempt asks
	depth        int           // nesting of sub-requests: failover attempts and error pages
	host         *hostFacts    // of the requested host, once a stage asked
	ext          extensions
}

// OriginRequest is the request that CloudFront sends to an origin.
type OriginRequest struct {
	Method  string
	Scheme  string // http or https
	Host    string // the Host header
	Address string // the domain name that is resolved and connected to
	Port    int
	SNI     string // the server name in the TLS handshake; "" over http
	Path    string // origin path and path
	Query   string
	// Headers are without Host. A prediction makes them when a stage first asks for one.
	Headers []request.Header
	// Signed reports whether CloudFront signs the request (origin access control or identity).
	Signed bool
	// HeadersKnown is false where a policy that decides the headers could not be read.
	HeadersKnown bool
	// Unsure names the headers among Headers that may be missing: a policy was not read, or AWS's pages disagree.
	Unsure []string

	pending *Exchange // the exchange that makes Headers and Unsure; nil once they are made
}

// complete makes the headers.
func (o *OriginRequest) complete() {
	if x := o.pending; x != nil {
		o.pending = nil
		o.Headers, o.Unsure = x.originHeaders()
	}
}

// lacks reports, of headers not made yet, that nobody gives one of that name: the viewer, the origin's settings or CloudFront itself.
func (o *OriginRequest) lacks(name string) bool {
	if o.pending == nil || cloudfront.SetsHeader(name) || o.pending.Origin.sets(name) {
		return false
	}
	_, given := o.pending.Current.Header(name)
	return !given
}

// Sends reports whether the origin receives a header of that name.
func (o *OriginRequest) Sends(name string) tri.Bool {
	if o.lacks(name) {
		return tri.False
	}
	o.complete()
	for _, unsure := range o.Unsure {
		if strings.EqualFold(unsure, name) {
			return tri.Unknown
		}
	}
	_, sent := o.Header(name)
	return tri.Of(sent)
}

// Header returns the first header of that name.
func (o *OriginRequest) Header(name string) (string, bool) {
	if o.lacks(name) {
		return "", false
	}
	o.complete()
	r := request.Request{Headers: o.Headers}
	return r.Header(name)
}

// Response is an answer on its way to the viewer.
type Response struct {
	Status  int    // 0 until somebody answered, or where the origin's answer cannot be known
	By      string // one of the By… constants
	Code    string // the service's own error code where the model knows it: AccessDenied, NoSuchKey, …
	Headers []request.Header
	// Deliberate marks an answer that a function or a web ACL rule was written to give: error pages never replace it.
	Deliberate bool
	// HeadersKnown is true where Headers is all there is; an origin that nobody asked has unknown headers.
	HeadersKnown bool
}

// Header returns the first response header of that name.
func (r *Response) Header(name string) (string, bool) {
	q := request.Request{Headers: r.Headers}
	return q.Header(name)
}

// SetHeader adds a header, or replaces the ones of that name.
func (r *Response) SetHeader(name, value string) {
	q := request.Request{Headers: r.Headers}
	q.SetHeader(name, value)
	r.Headers = q.Headers
}

// Pass lets the request through. Words are only made when the exchange explains.
func (x *Exchange) Pass(format string, args ...string) Step {
	return Step{Verdict: Pass, Summary: x.say(format, args...)}
}

// Rewrite lets a changed request through.
func (x *Exchange) Rewrite(format string, args ...string) Step {
	return Step{Verdict: Rewrite, Summary: x.say(format, args...)}
}

// Skip says why the stage has nothing to do.
func (x *Exchange) Skip(format string, args ...string) Step {
	return Step{Verdict: Skipped, Summary: x.say(format, args...)}
}

// Stop answers the request here. A status of 0 means that the viewer gets no HTTP answer.
func (x *Exchange) Stop(status int, by, format string, args ...string) Step {
	x.stopped = true
	x.noHTTP = status == 0
	x.Response = Response{Status: status, By: by}
	return Step{Verdict: Stop, Status: status, Summary: x.say(format, args...)}
}

// Unsure lets the request through although this stage might stop it, and records what else could happen.
func (x *Exchange) Unsure(alternative Alternative, format string, args ...string) Step {
	x.possibly(alternative)
	return Step{Verdict: Unknown, Summary: x.say(format, args...)}
}

// Guess is like Stop where the facts do not really say: the answer is the likelier one, and its certainty is unknown.
func (x *Exchange) Guess(status int, by, format string, args ...string) Step {
	x.stopped, x.uncertain = true, true
	x.Response = Response{Status: status, By: by}
	return Step{Verdict: Unknown, Status: status, Summary: x.say(format, args...)}
}

// WithDetail adds the technical side to a step.
func (s Step) WithDetail(format string, args ...any) Step {
	s.Detail = fmt.Sprintf(format, args...)
	return s
}

// WithEvidence adds what the step rests on. Empty refs, as predictions make them, are left out.
func (s Step) WithEvidence(refs ...evidence.Ref) Step {
	for i := range refs {
		if refs[i].Call != "" {
			s.Evidence = append(s.Evidence, refs[i])
		}
	}
	return s
}

// run takes the exchange through stages until one stops it. It appends their steps for an exchange that explains.
func (x *Exchange) run(stages []*Stage, steps []Step) []Step {
	for _, stage := range stages {
		if x.stopped {
			if !x.Explain {
				break
			}
			steps = append(steps, Step{Stage: stage.ID, Verdict: Skipped, Summary: "not reached"})
			continue
		}
		steps = x.one(stage, steps)
		if x.stopped {
			x.stoppedAt = stage.ID
		}
	}
	return steps
}

// answer takes a finished exchange through the answer stages, all of them.
func (x *Exchange) answer(stages []*Stage, steps []Step) []Step {
	for _, stage := range stages {
		steps = x.one(stage, steps)
	}
	return steps
}

// one takes the exchange through one stage. It appends its step for an exchange that explains.
func (x *Exchange) one(stage *Stage, steps []Step) []Step {
	before := len(x.alternatives)
	if x.Explain {
		step := stage.Run(x)
		step.Stage = stage.ID
		steps = append(steps, step)
	} else {
		stage.Run(x)
	}
	for i := before; i < len(x.alternatives); i++ {
		if x.alternatives[i].Stage == "" {
			x.alternatives[i].Stage = stage.ID
		}
	}
	return steps
}

// sub starts a request of CloudFront's own within this one: a failover attempt or the fetch of an error page.
func (x *Exchange) sub(current request.Request) *Exchange {
	return &Exchange{Model: x.Model, Viewer: x.Viewer, Explain: x.Explain, Current: current, Behavior: x.Behavior, depth: x.depth + 1}
}

// outcome sums the exchange up.
func (x *Exchange) outcome() Outcome {
	o := Outcome{Status: x.Response.Status, AnsweredBy: x.Response.By, Original: x.original, NoHTTP: x.noHTTP, Certainty: Certain}
	for _, a := range x.alternatives {
		if !a.Weak {
			o.Certainty = Likely
		}
	}
	if x.assumed && o.Certainty == Certain {
		o.Certainty = Likely
	}
	if x.uncertain {
		o.Certainty = Uncertain
	}
	return o
}
