package edge

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	lambda "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// LambdaEdge is one Lambda@Edge function on the way.
type LambdaEdge struct {
	Event types.EventType
	ARN   string
	Field string // where the association stands in the configuration
	// Problem is what CloudFront cannot run about the function, "" where nothing is known to be wrong.
	Problem string
	Fact    evidence.Fact[account.LambdaConfigurationOutput]
}

var originRequestFunction = &Stage{
	ID:    "origin-request-function",
	Title: "Lambda@Edge before the origin",
	Doc: "An origin-request function runs on a cache miss and may change the request, the origin, or answer itself. What its code does is not " +
		"simulated. A version that cannot run at the edge answers 503.",
	Sources: []string{"DG/lambda-cloudfront-trigger-events", "DG/lambda-at-edge-function-restrictions", "DG/http-503-service-unavailable"},
	Run:     func(x *Exchange) Step { return x.lambdaEdge(types.EventTypeOriginRequest) },
}

var originResponseFunction = &Stage{
	ID:    "origin-response-function",
	Title: "Lambda@Edge after the origin",
	Doc: "An origin-response function sees every answer of the origin, errors included, and may replace it. It does not run for answers that " +
		"CloudFront makes itself, such as a 502 for an origin it cannot reach.",
	Sources: []string{"DG/lambda-cloudfront-trigger-events", "DG/edge-function-restrictions-all", "DG/lambda-generating-http-responses-in-responses"},
	Run:     func(x *Exchange) Step { return x.lambdaEdge(types.EventTypeOriginResponse) },
}

// lambdaEdge runs what can be told of the behavior's function for an event without running its code.
func (x *Exchange) lambdaEdge(event types.EventType) Step {
	if x.Behavior == nil {
		return x.Skip("No cache behavior")
	}
	f, ok := x.Model.LambdaEdgeFor(x.Behavior, event)
	if !ok {
		return x.Skip("No function is associated")
	}
	x.OriginFunctions = append(x.OriginFunctions, f)
	ref := x.ref(f.Field, f.ARN, f.Problem)
	if f.Problem != "" {
		return x.Stop(503, ByLambdaEdge, "The Lambda@Edge function cannot run: %s", f.Problem).
			WithDetail("%s", f.ARN).WithEvidence(ref, f.Fact.Ref(""))
	}
	return x.Unsure(Alternative{If: "the function's code changes the request or answers it"},
		"A Lambda@Edge function runs here; what its code does is not known").WithDetail("%s", f.ARN).WithEvidence(ref)
}

// LambdaEdgeFor returns the behavior's Lambda@Edge function for an event, with what keeps it from running.
func (m *Model) LambdaEdgeFor(b *Behavior, event types.EventType) (*LambdaEdge, bool) {
	list := b.Config.LambdaFunctionAssociations
	if list == nil {
		return nil, false
	}
	for _, association := range list.Items {
		if association.EventType != event {
			continue
		}
		arn := str(association.LambdaFunctionARN)
		f := &LambdaEdge{
			Event: event, ARN: arn, Field: b.Field + ".LambdaFunctionAssociations",
			Fact: account.LambdaConfiguration(arn).In(m.World),
		}
		f.Problem = lambdaEdgeProblem(arn, f.Fact)
		return f, true
	}
	return nil, false
}

// lambdaEdgeProblem names what Lambda@Edge does not run: another Region than us-east-1, $LATEST or an alias instead of a version,
// a function that is gone or not active (DG/lambda-at-edge-function-restrictions).
func lambdaEdgeProblem(arn string, fact evidence.Fact[account.LambdaConfigurationOutput]) string {
	parts := strings.Split(arn, ":")
	switch {
	case len(parts) < 8:
		return "its ARN names no version"
	case parts[3] != account.GlobalRegion:
		return "it is not in " + account.GlobalRegion
	case strings.Trim(parts[7], "0123456789") != "":
		return "it is " + parts[7] + ", not a numbered version"
	case fact.IsAbsent():
		return "it does not exist"
	}
	config, ok := fact.Get()
	if !ok {
		return ""
	}
	switch config.State {
	case lambda.StateFailed, lambda.StatePending:
		return "its state is " + string(config.State)
	}
	return ""
}
