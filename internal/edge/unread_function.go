package edge

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/function"
)

// UnreadFunction names a function between the viewer and the origin whose part in the request is not known, "" where there is none: a Lambda@Edge
// function, whose code is not run here; a CloudFront Function whose code could not be read, or whose result depends on what is not known; and one
// that the request does not get to, or not past, because an earlier stage or the function itself answers.
func (m *Model) UnreadFunction(t *Trace) string {
	if t == nil || t.Exchange == nil {
		return ""
	}
	b := t.Behavior
	if b == nil {
		if b, _ = m.route(t.Exchange.Current.Path); b == nil {
			return ""
		}
	}
	for _, event := range []types.EventType{types.EventTypeViewerRequest, types.EventTypeOriginRequest} {
		if f, ok := m.LambdaEdgeFor(b, event); ok {
			return f.ARN
		}
	}
	arn, _ := b.functionAssociated(types.EventTypeViewerRequest)
	if f := t.Exchange.ViewerRequest; arn == "" || f != nil && f.Result != nil && f.Result.Certain && f.Result.Kind == function.RequestReturned {
		return ""
	}
	return functionName(arn)
}
