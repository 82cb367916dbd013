package edge

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/request"
	"cfdoctor/internal/tri"
)

var responseHeaders = &Stage{
	ID:    "response-headers",
	Title: "Response headers and CORS",
	Doc: "The behavior's response headers policy removes headers and then adds its own; its CORS headers are added only to requests with an Origin header, and, " +
		"unless it overrides the origin, only where the origin sends none at all. The HTTP status stays what it is: a browser that is not let in hides " +
		"the answer from the page.",
	Sources: []string{"DG/understanding-response-headers-policies", "DG/header-caching", "FETCH/http-cors-protocol"},
	Run:     runResponseHeaders,
}

// CORS is what a browser makes of the answer to a request from another site.
type CORS struct {
	Origin string
	// Preflight is a browser's question before the request itself. Method and Headers are what it asks for.
	Preflight       bool
	Method, Headers string
	// Accepted is whether the page gets to see the answer; Because says why not.
	Accepted tri.Bool
	Because  string
	// AllowOrigin is the header that decides, "" for none.
	AllowOrigin string
	// FromPolicy is True where the response headers policy's CORS headers are sent, False where they are not.
	FromPolicy tri.Bool
	// OriginForwarded and OriginInKey are whether the viewer's Origin header reaches the origin and is part of the cache key: without the
	// second, one site's answer is kept for another.
	OriginForwarded, OriginInKey tri.Bool
}

func runResponseHeaders(x *Exchange) Step {
	if x.Behavior == nil || x.noHTTP {
		return x.Skip("There is no answer to add headers to")
	}
	policy, known := x.Behavior.ResponseHeadersPolicy.Get()
	origin, isCORS := x.Viewer.Header("Origin")
	isCORS = isCORS && origin != ""
	if !known && !isCORS {
		if x.Behavior.ResponseHeadersPolicy.Missing() {
			return x.worded(Step{Verdict: Unknown}, "The response headers policy was not read")
		}
		return x.Skip("The behavior has no response headers policy")
	}
	if known {
		x.removeHeaders(policy)
	}
	if !isCORS {
		return x.worded(Step{Verdict: Rewrite}, "The response headers policy changes headers, and not the status")
	}
	return x.judgeCORS(&policy, known, origin)
}

// removeHeaders takes off what the policy lists; that comes before adding.
func (x *Exchange) removeHeaders(policy types.ResponseHeadersPolicyConfig) {
	if policy.RemoveHeadersConfig == nil {
		return
	}
	r := request.Request{Headers: x.Response.Headers}
	for _, h := range policy.RemoveHeadersConfig.Items {
		r.RemoveHeader(str(h.Header))
	}
	x.Response.Headers = r.Headers
}

func (x *Exchange) judgeCORS(policy *types.ResponseHeadersPolicyConfig, known bool, origin string) Step {
	f := x.Behavior.Forwarding()
	c := &CORS{Origin: origin, Method: x.Viewer.Method, OriginForwarded: f.HeaderToOrigin("Origin", x.Viewer.Method), OriginInKey: f.HeaderInKey("Origin")}
	x.CORS = c
	if method, ok := x.Viewer.Header("Access-Control-Request-Method"); ok && x.Viewer.Method == "OPTIONS" {
		c.Preflight, c.Method = true, method
		c.Headers, _ = x.Viewer.Header("Access-Control-Request-Headers")
	}
	x.applyCORS(c, policy.CorsConfig, known)
	c.accept(&x.Response, x.Behavior.ResponseHeadersPolicy.Missing())
	verdict := Pass
	if !c.Accepted.Known() {
		verdict = Unknown
	}
	ref := x.Behavior.ResponseHeadersPolicy.Ref("ResponseHeadersPolicyConfig.CorsConfig")
	switch c.Accepted {
	case tri.True:
		return x.worded(Step{Verdict: verdict}, "A browser lets a page of %s see the answer", origin).WithEvidence(ref)
	case tri.False:
		return x.worded(Step{Verdict: verdict}, "A browser hides the answer from a page of %s: %s. The HTTP status is not affected", origin, c.Because).WithEvidence(ref)
	}
	return x.worded(Step{Verdict: verdict}, "Whether a browser lets a page of %s see the answer depends on headers of the origin that are not known", origin).WithEvidence(ref)
}

// applyCORS adds the policy's CORS headers where it may. Headers that the origin might send decide unless the policy overrides them.
func (x *Exchange) applyCORS(c *CORS, config *types.ResponseHeadersPolicyCorsConfig, known bool) {
	if !known || config == nil {
		if !x.Behavior.ResponseHeadersPolicy.Missing() {
			c.FromPolicy = tri.False
		}
		return
	}
	override := deref(config.OriginOverride)
	sent := slices.ContainsFunc(x.Response.Headers, func(h request.Header) bool {
		return len(h.Name) > 15 && strings.EqualFold(h.Name[:15], "Access-Control-")
	})
	switch {
	case override || !sent && x.Response.HeadersKnown:
		c.FromPolicy = tri.True
	case sent:
		c.FromPolicy = tri.False
		return
	default:
		c.FromPolicy = tri.Unknown // the policy's headers, or the origin's own
		return
	}
	x.addPolicyCORS(c, config)
}

func (x *Exchange) addPolicyCORS(c *CORS, config *types.ResponseHeadersPolicyCorsConfig) {
	r := &x.Response
	if config.AccessControlAllowOrigins != nil {
		r.removeHeader("Access-Control-Allow-Origin")
		if allow := allowedOrigin(config.AccessControlAllowOrigins.Items, c.Origin); allow != "" {
			r.SetHeader("Access-Control-Allow-Origin", allow)
		}
	}
	if deref(config.AccessControlAllowCredentials) {
		r.SetHeader("Access-Control-Allow-Credentials", "true")
	}
	if !c.Preflight {
		return
	}
	if m := config.AccessControlAllowMethods; m != nil {
		var methods []string
		for _, method := range m.Items {
			if method == types.ResponseHeadersPolicyAccessControlAllowMethodsValuesAll {
				method = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
			}
			methods = append(methods, string(method))
		}
		r.SetHeader("Access-Control-Allow-Methods", strings.Join(methods, ", "))
	}
	if h := config.AccessControlAllowHeaders; h != nil {
		r.SetHeader("Access-Control-Allow-Headers", strings.Join(h.Items, ", "))
	}
}

func (r *Response) removeHeader(name string) {
	q := request.Request{Headers: r.Headers}
	q.RemoveHeader(name)
	r.Headers = q.Headers
}

// allowedOrigin is the Access-Control-Allow-Origin that a policy's list gives an origin, "" for none. An asterisk may stand for the leftmost
// labels of the host, or for the port (DG/understanding-response-headers-policies).
func allowedOrigin(list []string, origin string) string {
	for _, pattern := range list {
		if pattern == "*" {
			return "*"
		}
		if originFits(pattern, origin) {
			return origin
		}
	}
	return ""
}

func originFits(pattern, origin string) bool {
	scheme, host, _ := strings.Cut(origin, "://")
	wantScheme, wantHost, hasScheme := strings.Cut(pattern, "://")
	if !hasScheme {
		wantScheme, wantHost = scheme, pattern
	}
	name, port, _ := strings.Cut(host, ":")
	wantName, wantPort, _ := strings.Cut(wantHost, ":")
	if !strings.EqualFold(scheme, wantScheme) || wantPort != "*" && port != wantPort {
		return false
	}
	if suffix, ok := strings.CutPrefix(wantName, "*"); ok && strings.HasPrefix(suffix, ".") {
		return len(name) > len(suffix) && strings.HasSuffix(strings.ToLower(name), strings.ToLower(suffix))
	}
	return strings.EqualFold(name, wantName)
}

// accept judges the headers as a browser does: the Fetch standard's CORS check, and for a preflight the method and headers too.
func (c *CORS) accept(r *Response, policyMissing bool) {
	allow, found := r.Header("Access-Control-Allow-Origin")
	c.AllowOrigin = allow
	unknown := policyMissing || !r.HeadersKnown && !c.FromPolicy.Yes()
	switch {
	case c.Preflight && (r.Status < 200 || r.Status > 299):
		c.deny("the preflight is answered with an error")
	case !found && unknown:
		return
	case !found:
		c.deny("the answer has no Access-Control-Allow-Origin header")
	case allow != "*" && !strings.EqualFold(allow, c.Origin):
		c.deny("the answer allows " + quoted(allow) + " only")
	case c.Preflight:
		c.acceptPreflight(r, unknown)
	default:
		c.Accepted = tri.True
	}
}

func (c *CORS) deny(because string) { c.Accepted, c.Because = tri.False, because }

func (c *CORS) acceptPreflight(r *Response, unknown bool) {
	methods, _ := r.Header("Access-Control-Allow-Methods")
	headers, _ := r.Header("Access-Control-Allow-Headers")
	simple := c.Method == "GET" || c.Method == "HEAD" || c.Method == "POST"
	switch {
	case !simple && !listsToken(methods, c.Method):
		if !unknown || methods != "" {
			c.deny("the answer does not allow the method " + c.Method)
		}
	case !listsAll(headers, c.Headers):
		if !unknown || headers != "" {
			c.deny("the answer does not allow all of the headers that the page sends (" + c.Headers + ")")
		}
	default:
		c.Accepted = tri.True
	}
}

// listsToken reports whether a comma-separated list has a token, or an asterisk.
func listsToken(list, token string) bool {
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item == "*" || strings.EqualFold(item, token) {
			return true
		}
	}
	return false
}

// listsAll: an asterisk covers every header but Authorization.
func listsAll(list, wanted string) bool {
	for name := range strings.SplitSeq(wanted, ",") {
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		if !listsToken(list, name) {
			return false
		}
		if strings.EqualFold(name, "Authorization") && !slices.ContainsFunc(strings.Split(list, ","), func(item string) bool {
			return strings.EqualFold(strings.TrimSpace(item), name)
		}) {
			return false
		}
	}
	return true
}
