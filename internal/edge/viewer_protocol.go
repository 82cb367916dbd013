package edge

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/request"
)

var viewerProtocol = &Stage{
	ID:    "viewer-protocol",
	Title: "HTTP or HTTPS",
	Doc: "A behavior may redirect plain HTTP to HTTPS, with 301 for GET and HEAD and 307 for other methods (403 before HTTP/1.1), or refuse it with 403. " +
		"Functions do not run for the redirect. Whether the web ACL or the check of the method comes first is not documented.",
	Sources: []string{"DG/using-https-viewers-to-cloudfront", "DG/lambda-cloudfront-trigger-events"},
	Run:     runViewerProtocol,
}

func runViewerProtocol(x *Exchange) Step {
	policy := x.Behavior.Config.ViewerProtocolPolicy
	with := func(s Step) Step {
		if !x.Explain {
			return s
		}
		return s.WithEvidence(x.behaviorRef("ViewerProtocolPolicy", string(policy), ""))
	}
	if x.Viewer.Scheme != "http" {
		return with(x.Pass("HTTPS is always accepted"))
	}
	switch policy {
	case types.ViewerProtocolPolicyAllowAll:
		return with(x.Pass("Plain HTTP is accepted"))
	case types.ViewerProtocolPolicyHttpsOnly:
		return with(x.Stop(403, ByCloudFront, "The behavior takes HTTPS only, and the request is plain HTTP"))
	case types.ViewerProtocolPolicyRedirectToHttps:
		return with(x.redirect())
	}
	return with(x.Unsure(Alternative{If: "plain HTTP is redirected or refused"}, "The behavior's protocol policy is not one that is known"))
}

// redirectMayComeFirst notes, for a stage before this one that stops the request, that its order relative to the redirect is not documented.
func (x *Exchange) redirectMayComeFirst() {
	if x.Viewer.Scheme != "http" {
		return
	}
	if b, _ := x.Model.route(x.Current.Path); b != nil && b.Config.ViewerProtocolPolicy == types.ViewerProtocolPolicyRedirectToHttps {
		x.possibly(Alternative{Status: 301, If: "plain HTTP is redirected to HTTPS before this is checked"})
	}
}

// redirect answers plain HTTP with the same address over HTTPS.
func (x *Exchange) redirect() Step {
	if !x.Behavior.allowed().has(x.Current.Method) {
		x.possibly(Alternative{Status: 403, If: "the method, which the behavior does not allow, is checked before the redirect"})
	}
	if id, _ := x.webACLID(); id != "" {
		x.weakly("the web ACL answers before the redirect", 0)
	}
	if x.Behavior.restrictsViewers() {
		x.weakly("the signature is checked before the redirect, and is not valid", 403)
	}
	status := 307
	switch {
	case x.Current.Method == "GET" || x.Current.Method == "HEAD":
		status = 301
	case x.Viewer.HTTPVersion == "HTTP/1.0":
		return x.Stop(403, ByCloudFront, "The request cannot be redirected to HTTPS, because HTTP/1.0 knows no redirect that keeps the method")
	}
	step := x.Stop(status, ByCloudFront, "Plain HTTP is redirected to HTTPS")
	to := x.Viewer
	to.Scheme = "https"
	x.Response.Headers = []request.Header{{Name: "Location", Value: to.URL()}}
	return step
}
