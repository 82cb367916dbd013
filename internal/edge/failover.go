package edge

import (
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

var failover = &Stage{
	ID:    "failover",
	Title: "Origin failover",
	Doc: "Where the behavior names an origin group, CloudFront asks the second origin when the first answers with one of the group's statuses; a failed " +
		"connection counts as 503 and a timeout as 504. Only GET, HEAD and OPTIONS are tried again. gRPC requests never are.",
	Sources: []string{"DG/high_availability_origin_failover"},
	Run:     runFailover,
}

// Failover is what an origin group made of the primary origin's answer.
type Failover struct {
	Primary *Origin
	// Status is the primary's answer, Counts the status that it counts as for the group: 503 for a failed connection, 504 for a timeout.
	Status, Counts int
	// Codes are the statuses on which the group fails over.
	Codes []int
	// Attempt is the request to the second origin, Steps its way there; nil where there was none, for Reason.
	Attempt *Exchange
	Steps   []Step
	Reason  string
}

func runFailover(x *Exchange) Step {
	x.errorThroughFunction()
	if x.Group == nil || x.Origin == nil || x.forced != nil {
		return x.Skip("The behavior has no origin group")
	}
	f := &Failover{Primary: x.Origin, Status: x.Response.Status, Counts: x.Response.Status, Codes: x.Group.codes()}
	x.Failover = f
	switch x.failed {
	case connectFailed:
		f.Counts = 503
	case timedOut:
		f.Counts = 504
	}
	x.failOverAlternatives(f)
	ref := x.ref(x.Group.Field+".FailoverCriteria.StatusCodes.Items", codeWords(f.Codes), "")
	switch {
	case f.Status < 400:
		f.Reason = "the primary origin answers"
		return x.Pass("The primary origin answers, so the second one is not asked").WithEvidence(ref)
	case !slices.Contains(f.Codes, f.Counts):
		f.Reason = "the status is not among the group's"
		return x.Pass("The second origin is not asked: %s is not among the statuses on which the group fails over", x.digits(f.Counts)).WithEvidence(ref)
	case !x.retries():
		f.Reason = "the method is not tried again"
		return x.Pass("The second origin is not asked: CloudFront tries %s requests only once", x.Current.Method).WithEvidence(ref)
	}
	attempt, steps := x.secondOrigin()
	if attempt == nil {
		f.Reason = "the second origin does not exist"
		return x.Pass("The group has no second origin").WithEvidence(x.ref(x.Group.Field+".Members", "", ""))
	}
	f.Attempt, f.Steps = attempt, steps
	x.adopt(attempt)
	return x.worded(Step{Verdict: Rewrite, Status: x.Response.Status}, "The primary origin fails (%s), so the second origin %s answers, with %s",
		strconv.Itoa(f.Counts), quoted(attempt.Origin.ID), strconv.Itoa(x.Response.Status)).WithEvidence(ref)
}

// errorThroughFunction: an origin-response function sees the origin's errors too, though the simulation has not reached it.
func (x *Exchange) errorThroughFunction() {
	if !x.stopped || x.Behavior == nil || x.Origin == nil || x.Response.By == ByCloudFront || x.Response.By == ByLambdaEdge {
		return
	}
	if f, ok := x.Model.LambdaEdgeFor(x.Behavior, types.EventTypeOriginResponse); ok {
		x.OriginFunctions = append(x.OriginFunctions, f)
		x.alternatives = append(x.alternatives, Alternative{Stage: originResponseFunction.ID, If: "the Lambda@Edge function after the origin replaces the error"})
	}
}

// codes are the statuses on which the group fails over.
func (g *OriginGroup) codes() []int {
	if g.Config.FailoverCriteria == nil || g.Config.FailoverCriteria.StatusCodes == nil {
		return nil
	}
	var out []int
	for _, code := range g.Config.FailoverCriteria.StatusCodes.Items {
		out = append(out, int(code))
	}
	return out
}

func codeWords(codes []int) string {
	words := make([]string, len(codes))
	for i, c := range codes {
		words[i] = strconv.Itoa(c)
	}
	return listWords(words)
}

// retries reports whether a method is tried again at the second origin.
func (x *Exchange) retries() bool {
	if grpc := x.Behavior.Config.GrpcConfig; grpc != nil && deref(grpc.Enabled) {
		if contentType, _ := x.Current.Header("Content-Type"); starMatch("application/grpc*", contentType) {
			return false
		}
	}
	switch x.Current.Method {
	case "GET", "HEAD":
		return true
	case "OPTIONS":
		return x.Behavior.Forwarding().CachesOptions
	}
	return false
}

// secondOrigin sends the request to the group's second origin; nil where the distribution has none.
func (x *Exchange) secondOrigin() (attempt *Exchange, steps []Step) {
	_, secondary := x.Group.Members()
	origin, ok := x.Model.Origin(secondary)
	if !ok {
		return nil, nil
	}
	attempt = x.sub(x.Current)
	attempt.forced = origin
	steps = attempt.run(x.Model.pipeline.origin, nil)
	return attempt, steps
}

// adopt makes an attempt's answer the exchange's own.
func (x *Exchange) adopt(attempt *Exchange) {
	x.Origin, x.Response, x.failed = attempt.Origin, attempt.Response, attempt.failed
	x.stopped, x.stoppedAt = attempt.stopped, attempt.stoppedAt
	x.uncertain = x.uncertain || attempt.uncertain
	x.assumed = x.assumed || attempt.assumed
	x.alternatives = append(x.alternatives, attempt.alternatives...)
}

// failOverAlternatives: what could happen at the primary origin instead would make the second one answer, where the group counts its status.
func (x *Exchange) failOverAlternatives(f *Failover) {
	var attempt *Exchange
	for i := range x.alternatives {
		a := &x.alternatives[i]
		if a.Weak || !slices.Contains(f.Codes, a.Status) || !x.retries() || !isOriginStage(a.Stage) {
			continue
		}
		if attempt == nil {
			if attempt, _ = x.secondOrigin(); attempt == nil {
				return
			}
		}
		a.Status = attempt.Response.Status
		a.If += ", and then the second origin answers"
	}
}

func isOriginStage(id string) bool {
	switch id {
	case originDNS.ID, originConnection.ID, originTLS.ID, originAccess.ID, originObject.ID, originResponse.ID:
		return true
	}
	return false
}
