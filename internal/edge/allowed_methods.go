package edge

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

var allowedMethods = &Stage{
	ID:    "allowed-methods",
	Title: "The method is allowed",
	Doc: "A behavior allows GET and HEAD, these and OPTIONS, or all seven methods; CloudFront answers another with 403 itself, not with 405. " +
		"Where the check stands among the others is not documented.",
	Sources: []string{"DG/http-403-invalid-method", "DG/DownloadDistValuesCacheBehavior"},
	Run:     runAllowedMethods,
}

func runAllowedMethods(x *Exchange) Step {
	allowed := x.Behavior.allowed()
	if allowed.has(x.Current.Method) {
		step := x.explained(Pass, "The method %s is allowed", x.Current.Method)
		if x.Explain {
			step = step.WithEvidence(x.behaviorRef("AllowedMethods.Items", allowed.String(), ""))
		}
		return step
	}
	step := x.Stop(403, ByCloudFront, "")
	if !x.Explain {
		return step
	}
	return x.worded(step, "The behavior does not allow the method %s", quoted(x.Current.Method)).
		WithEvidence(x.behaviorRef("AllowedMethods.Items", allowed.String(), x.Current.Method+" is not among them"))
}

// methodSet is a set of the methods that CloudFront knows, one bit each in the order of methodNames.
type methodSet uint8

func methodNames() [7]string {
	return [7]string{"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}
}

func (s methodSet) has(method string) bool {
	for i, name := range methodNames() {
		if name == method {
			return s&(1<<i) != 0
		}
	}
	return false
}

func (s methodSet) String() string {
	var names []string
	for i, name := range methodNames() {
		if s&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func newMethodSet(methods []types.Method) methodSet {
	var s methodSet
	for _, method := range methods {
		for i, name := range methodNames() {
			if name == string(method) {
				s |= 1 << i
			}
		}
	}
	return s
}

// allowed is what the behavior allows; GET and HEAD where it does not say (API reference, AllowedMethods).
func (b *Behavior) allowed() methodSet {
	return b.data.methods.get(func() methodSet {
		if b.Config.AllowedMethods == nil || len(b.Config.AllowedMethods.Items) == 0 {
			return newMethodSet([]types.Method{types.MethodGet, types.MethodHead})
		}
		return newMethodSet(b.Config.AllowedMethods.Items)
	})
}
