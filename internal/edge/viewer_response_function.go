package edge

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/function"
)

const viewerResponseID = "viewer-response-function"

var viewerResponseFunction = &Stage{
	ID:    viewerResponseID,
	Title: "Function on the answer to the viewer",
	Doc: "A function on the viewer-response event may change headers, and a CloudFront Function the status too. It runs after the response headers policy. " +
		"It does not run for errors of the origin, for error pages, for redirects to HTTPS, nor for answers of a web ACL or a viewer-request function.",
	Sources: []string{"DG/lambda-cloudfront-trigger-events", "DG/edge-function-restrictions-all", "DG/functions-event-structure"},
	Run:     runViewerResponseFunction,
}

// ResponseFunction is the function on the viewer-response event.
type ResponseFunction struct {
	Name, ARN, Field string
	// Lambda is set for a Lambda@Edge function, whose code is not run.
	Lambda *LambdaEdge
	// Result is what the run gave; nil where the code could not be read, and where it does not run for this answer.
	Result *function.Result
}

func runViewerResponseFunction(x *Exchange) Step {
	if x.Behavior == nil {
		return x.Skip("No cache behavior")
	}
	if x.Origin == nil || x.original != 0 || x.Response.Status >= 400 || x.noHTTP {
		return x.Skip("Functions on the answer do not run for this one")
	}
	if f, ok := x.Model.LambdaEdgeFor(x.Behavior, types.EventTypeViewerResponse); ok {
		return x.responseLambda(f)
	}
	arn, field := x.Behavior.functionAssociated(types.EventTypeViewerResponse)
	if arn == "" {
		return x.Skip("No function is associated")
	}
	facts := x.Behavior.data.responseFunction.get(func() *functionFacts { return x.Model.compileFunction(x.Behavior, arn, function.ViewerResponse) })
	r := &ResponseFunction{Name: facts.name, ARN: arn, Field: field}
	x.ViewerResponse = r
	if facts.program == nil {
		return x.worded(x.Unsure(Alternative{If: "the function changes the answer"}, ""), "The function %s runs here, and its code could not be read", quoted(facts.name)).
			WithEvidence(facts.code.Ref(""), x.ref(field, arn, ""))
	}
	result := facts.program.Run(context.Background(), x.viewerResponseEvent())
	r.Result = &result
	step := x.applyResponseFunction(r)
	if x.Explain {
		step = step.WithEvidence(facts.code.Ref("FunctionCode").With("", functionNote(&result)), x.ref(field, arn, ""))
	}
	return step
}

// responseLambda: Lambda@Edge cannot change the status here, but fail.
func (x *Exchange) responseLambda(f *LambdaEdge) Step {
	x.ViewerResponse = &ResponseFunction{Name: f.ARN, ARN: f.ARN, Field: f.Field, Lambda: f}
	ref := x.ref(f.Field, f.ARN, f.Problem)
	if f.Problem != "" {
		step := x.worded(x.Stop(503, ByLambdaEdge, ""), "The Lambda@Edge function cannot run: %s", f.Problem).WithEvidence(ref)
		x.stoppedAt = viewerResponseID
		return step
	}
	x.weakly("the Lambda@Edge function on the answer fails", 503)
	return x.worded(Step{Verdict: Unknown}, "A Lambda@Edge function runs here; what its code does to the headers is not known").WithEvidence(ref)
}

// viewerResponseEvent is what CloudFront calls the function with. Headers of the answer that the simulation does not know are unknown to the
// run too.
func (x *Exchange) viewerResponseEvent() function.Event {
	r := &x.Current
	request := function.Request{Method: r.Method, URI: r.Path, RawQuery: r.Query, Headers: []function.Pair{{Name: "host", Value: x.Viewer.Host}}}
	for _, h := range r.Headers {
		request.Headers = append(request.Headers, function.Pair{Name: h.Name, Value: h.Value})
	}
	response := function.Response{Status: x.Response.Status}
	var unknown []string
	response.Headers, unknown = x.answerHeaders()
	unknown = append(unknown, "response.statusDescription")
	ip := x.viewerIP()
	if ip == "" {
		unknown = append(unknown, viewerIPPath)
	}
	return function.Event{
		Type: function.ViewerResponse, DistributionID: x.Model.ID(), DistributionDomain: x.Model.DomainName(), ViewerIP: ip, Now: x.Model.World.Now,
		Request: request, Response: &response, Unknown: unknown,
	}
}

func (x *Exchange) applyResponseFunction(f *ResponseFunction) Step {
	r := f.Result
	name := quoted(f.Name)
	if !r.Certain && r.Kind != function.Unknown {
		a := Alternative{If: "CloudFront's runtime does with the function what the simulation cannot know: " + r.Because}
		if r.Otherwise != nil {
			a.Status = r.Otherwise.Status
		}
		x.possibly(a)
	}
	switch r.Kind {
	case function.ResponseGenerated:
		if r.Status == x.Response.Status || r.Status == 0 {
			return x.explained(Pass, "The function %s lets the answer's status be", name)
		}
		before := x.Response.Status
		x.Response.Status, x.Response.By, x.Response.Deliberate = r.Status, ByFunction, true
		if r.Status >= 400 {
			x.stoppedAt = viewerResponseID
		}
		return x.worded(Step{Verdict: Rewrite, Status: r.Status}, "The function %s changes the status from %s to %s", name, strconv.Itoa(before), strconv.Itoa(r.Status))
	case function.ExecutionError, function.ValidationError:
		status := 503
		if r.Kind == function.ValidationError {
			status = 502
		}
		step := x.worded(x.Stop(status, ByFunction, ""), "The function %s fails on the answer", name)
		x.stoppedAt = viewerResponseID
		return x.detailed(step, functionNote(r))
	}
	return x.detailed(x.worded(x.Unsure(Alternative{If: "the function changes the answer"}, ""), "What the function %s does with the answer is not known", name), r.Because)
}
