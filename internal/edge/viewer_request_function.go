package edge

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/function"
	"cfdoctor/internal/request"
)

// ViewerFunction is the function on the viewer-request event.
type ViewerFunction struct {
	Name, ARN, Field string
	// Lambda is set for a Lambda@Edge function, whose code is not run; the members below are of a CloudFront Function.
	Lambda *LambdaEdge
	// Result is what the run gave; nil where the code could not be read.
	Result *function.Result
	// Missing are the reads that would complete what the run needs.
	Missing []evidence.Gap
	// Before and After are the request's URI on both sides, with its query string.
	Before, After string
}

var viewerRequestFunction = &Stage{
	ID:    "viewer-request-function",
	Title: "Function on the viewer's request",
	Doc: "A CloudFront Function or Lambda@Edge function on the viewer-request event may change the path, the query string, headers and cookies, " +
		"choose the origin, or answer itself. It runs after the web ACL and before the cache. Code that fails is a 503, a result that breaks " +
		"CloudFront's rules a 502. The cache behavior stays the one chosen before.",
	Sources: []string{
		"DG/functions-event-structure", "DG/edge-function-restrictions-all", "DG/http-503-service-unavailable", "DG/http-502-bad-gateway",
		"DG/helper-functions-origin-modification",
	},
	Run: runViewerRequestFunction,
}

func runViewerRequestFunction(x *Exchange) Step {
	if f, ok := x.Model.LambdaEdgeFor(x.Behavior, types.EventTypeViewerRequest); ok {
		return x.viewerLambda(f)
	}
	arn, field := x.Behavior.functionAssociated(types.EventTypeViewerRequest)
	if arn == "" {
		step := x.Pass("No function is associated")
		if x.Explain {
			step = step.WithEvidence(x.behaviorRef("FunctionAssociations", "", ""))
		}
		return step
	}
	facts := x.Behavior.data.function.get(func() *functionFacts { return x.Model.compileFunction(x.Behavior, arn, function.ViewerRequest) })
	v := &ViewerFunction{Name: facts.name, ARN: arn, Field: field, Missing: facts.missing, Before: pathAndQuery(&x.Current)}
	x.ViewerRequest = v
	if facts.program == nil {
		step := x.Unsure(Alternative{If: "the function changes the request or answers it"}, "")
		return x.worded(step, "The function %s runs here, and its code could not be read", quoted(facts.name)).
			WithEvidence(facts.code.Ref(""), x.ref(field, arn, ""))
	}
	result := facts.program.Run(context.Background(), x.viewerRequestEvent(facts))
	v.Result = &result
	if facts.guessed {
		result.Certain = false
	}
	step := x.applyFunction(v)
	v.After = pathAndQuery(&x.Current)
	if x.Explain {
		step = step.WithEvidence(facts.code.Ref("FunctionCode").With("", functionNote(&result)), x.ref(field, arn, ""))
	}
	return step
}

// viewerLambda judges a Lambda@Edge function, whose code nobody reads.
func (x *Exchange) viewerLambda(f *LambdaEdge) Step {
	x.ViewerRequest = &ViewerFunction{Name: f.ARN, ARN: f.ARN, Field: f.Field, Lambda: f}
	ref := x.ref(f.Field, f.ARN, f.Problem)
	if f.Problem != "" {
		return x.worded(x.Stop(503, ByLambdaEdge, ""), "The Lambda@Edge function cannot run: %s", f.Problem).WithEvidence(ref)
	}
	return x.Unsure(Alternative{If: "the Lambda@Edge function changes the request or answers it"},
		"A Lambda@Edge function runs here; what its code does is not known").WithEvidence(ref)
}

// viewerRequestEvent is what CloudFront calls the function with.
func (x *Exchange) viewerRequestEvent(f *functionFacts) function.Event {
	r := &x.Current
	headers := make([]function.Pair, 0, len(r.Headers)+3)
	headers = append(headers, function.Pair{Name: "host", Value: x.hostFacts().host})
	for i := range r.Headers {
		headers = append(headers, function.Pair{Name: r.Headers[i].Name, Value: r.Headers[i].Value})
	}
	unknown := f.unknown
	if x.Viewer.Country != "" && slices.Contains(unknown, viewerCountryPath) {
		headers = append(headers, function.Pair{Name: "cloudfront-viewer-country", Value: x.Viewer.Country})
		unknown = slices.DeleteFunc(slices.Clone(unknown), func(s string) bool { return s == viewerCountryPath })
	}
	ip := x.viewerIP()
	if ip == "" {
		unknown = append(unknown[:len(unknown):len(unknown)], viewerIPPath)
	}
	return function.Event{
		Type: function.ViewerRequest, DistributionID: x.Model.ID(), DistributionDomain: x.Model.DomainName(), ViewerIP: ip, Now: x.Model.World.Now,
		Request: function.Request{Method: r.Method, URI: r.Path, RawQuery: r.Query, Headers: headers}, Unknown: unknown,
	}
}

// viewerIP is the viewer's address as functions see it, "" where it is not known.
func (x *Exchange) viewerIP() string {
	if !x.Viewer.ClientIP.IsValid() {
		return ""
	}
	return x.Viewer.ClientIP.String()
}

// applyFunction makes the function's result the request or the answer.
func (x *Exchange) applyFunction(v *ViewerFunction) Step {
	r := v.Result
	name := quoted(v.Name)
	if !r.Certain && r.Kind != function.Unknown {
		a := Alternative{If: "CloudFront's runtime does with the function what the simulation cannot know: " + r.Because}
		if r.Otherwise != nil {
			a.Status = r.Otherwise.Status
		}
		x.possibly(a)
	}
	switch r.Kind {
	case function.RequestReturned:
		return x.rewritten(v)
	case function.ResponseGenerated:
		step := x.worded(x.Stop(r.Status, ByFunction, ""), "The function %s answers the request itself with %s", name, formatInt(int64(r.Status)))
		x.Response.Deliberate, x.Response.HeadersKnown = true, true
		if r.Response != nil {
			x.Response.Headers = generatedHeaders(r.Response)
		}
		return x.detailed(step, r.Because)
	case function.ExecutionError:
		return x.detailed(x.worded(x.Stop(503, ByFunction, ""), "The function %s fails for this request", name), functionNote(r))
	case function.ValidationError:
		return x.detailed(x.worded(x.Stop(502, ByFunction, ""), "The function %s returns what CloudFront does not accept", name), functionNote(r))
	}
	step := x.Unsure(Alternative{If: "the function changes the request or answers it"}, "")
	return x.detailed(x.worded(step, "What the function %s does with this request is not known", name), r.Because)
}

func (x *Exchange) detailed(s Step, detail string) Step {
	if x.Explain {
		s.Detail = detail
	}
	return s
}

// rewritten takes over the request that the function returned. The method is the viewer's: a function cannot change it.
func (x *Exchange) rewritten(v *ViewerFunction) Step {
	r := v.Result
	x.FunctionOrigin = r.Origin
	if r.Request == nil {
		return x.explained(Pass, "The function %s lets the request pass", quoted(v.Name))
	}
	before := x.Current
	x.Current.Path = r.Request.URI
	x.Current.Query = r.Request.RawQuery
	if len(r.Request.Query) > 0 || r.Request.RawQuery == "" {
		x.Current.Query = joinPairs(r.Request.Query, "&")
	}
	x.Current.Headers = returnedHeaders(r.Request, before.Headers)
	if x.Current.Path != before.Path || x.Current.Query != before.Query {
		return x.explained(Rewrite, "The function %s changes %s to %s", quoted(v.Name), quoted(pathAndQuery(&before)), quoted(pathAndQuery(&x.Current)))
	}
	if r.Origin != nil {
		return x.explained(Rewrite, "The function %s chooses the origin (%s)", quoted(v.Name), r.Origin.Method)
	}
	return x.explained(Pass, "The function %s lets the request pass", quoted(v.Name))
}

// returnedHeaders are the headers after the function: Host stays apart, cookies go back into their header, and a header that a function
// never sees stays as the viewer sent it.
func returnedHeaders(r *function.Request, before []request.Header) []request.Header {
	out := make([]request.Header, 0, len(r.Headers)+1)
	for _, h := range before {
		if neverExposed(h.Name) {
			out = append(out, h)
		}
	}
	for _, h := range r.Headers {
		if !strings.EqualFold(h.Name, "host") {
			out = append(out, request.Header{Name: originalName(h.Name, before), Value: h.Value})
		}
	}
	if len(r.Cookies) > 0 {
		out = append(out, request.Header{Name: "Cookie", Value: joinPairs(r.Cookies, "; ")})
	}
	return out
}

// neverExposed lists the request headers that functions are not shown, as far as requests carry them (DG/edge-function-restrictions-all).
func neverExposed(name string) bool {
	switch strings.ToLower(name) {
	case "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "trailer", "upgrade", "x-forwarded-proto", "x-real-ip":
		return true
	}
	return false
}

// originalName gives a header the letters' case that the viewer used; CloudFront capitalises each word of new ones, and case means nothing.
func originalName(name string, before []request.Header) string {
	for _, h := range before {
		if strings.EqualFold(h.Name, name) {
			return h.Name
		}
	}
	return name
}

func generatedHeaders(r *function.Response) []request.Header {
	var out []request.Header
	for _, h := range r.Headers {
		out = append(out, request.Header{Name: h.Name, Value: h.Value})
	}
	for _, c := range r.Cookies {
		value := c.Name + "=" + c.Value
		if c.Attributes != "" {
			value += "; " + c.Attributes
		}
		out = append(out, request.Header{Name: "Set-Cookie", Value: value})
	}
	return out
}

func joinPairs(pairs []function.Pair, separator string) string {
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(p.Name)
		if p.Value != "" || separator != "&" {
			b.WriteByte('=')
			b.WriteString(p.Value)
		}
	}
	return b.String()
}

func pathAndQuery(r *request.Request) string {
	if r.Query == "" {
		return r.Path
	}
	return r.Path + "?" + r.Query
}

// functionNote is the error with its place, or the reason.
func functionNote(r *function.Result) string {
	switch {
	case r.Error != "" && r.Line > 0:
		return "line " + formatInt(int64(r.Line)) + ": " + r.Error
	case r.Error != "":
		return r.Error
	}
	return r.Because
}
