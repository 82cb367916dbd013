package viewerrequestfunction

import (
	"net/url"
	"slices"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/function"
	"cfdoctor/internal/request"
)

var functionRedirectLoop = &cause.Cause{
	ID:       "FUNCTION_REDIRECT_LOOP",
	Title:    "The CloudFront Function's redirect leads back to itself",
	Stage:    stage,
	Symptoms: []int{301, 302, 303, 307, 308},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A function that redirects runs again for the address that it redirects to. Where its condition holds there too, it redirects once more, and so on: the
browser gives up with "too many redirects".`,
		Why: `The condition does not look at what the redirect changes: the host is compared with a name that the function never sees, a slash is added that is already
there, or two rules undo each other's work.`,
		Example: "A redirect to https:// that looks at a header which CloudFront does not send to functions.",
		References: []string{
			guide + "functions-event-structure.html",
			guide + "example_cloudfront_functions_redirect_based_on_country_section.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		list := runs(p)
		if len(list) == 0 {
			return noFunction(p)
		}
		r := list[0]
		if r.result == nil || r.result.Kind == function.Unknown {
			return cause.Need(because(r), r.gaps...)
		}
		c := redirectCircle(p)
		switch {
		case c.open != nil:
			return cause.Need("where the function's redirect leads in the end could not be told", c.open.gaps...)
		case !c.closed:
			return cause.RuleOut("the function does not redirect in a circle", r.step.Evidence...)
		}
		summary := "The function " + r.name + " redirects the viewer to an address for which it redirects again, in a circle."
		v := fire(p, r, func(run) string { return summary })
		if !c.certain && r.result.Certain {
			v = cause.Likely(p.BehaviorName(p.Trace.Behavior), summary, "one of the redirects is not certain", r.step.Evidence...).With(r)
		}
		return v.WithDetail("The redirects: " + strings.Join(c.hops, " → ")).Explaining(true)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return remedies(p, v, "Redirect only where the address differs from the one to redirect to: compare host, path and query string with the target before returning the response.")
	},
}

// maxHops bounds how far redirects are followed; a circle of a function's is short.
const maxHops = 8

// circle is where the redirects of functions on this distribution lead.
type circle struct {
	hops    []string
	closed  bool // the last address was there before
	certain bool // every run on the way was certain
	open    *run // a run on the way of which nothing is known
}

// redirectCircle follows the redirects of functions on this distribution.
func redirectCircle(p *cause.Pass) circle {
	at := *p
	c := circle{hops: []string{p.Request.URL()}, certain: true}
	for range maxHops {
		list := runs(&at)
		if len(list) == 0 || at.Exchange().ViewerRequest == nil || at.Exchange().ViewerRequest.Lambda != nil {
			return c
		}
		r := list[0]
		if r.result == nil || r.result.Kind == function.Unknown {
			c.open = &r
			return c
		}
		if r.result.Kind != function.ResponseGenerated || r.result.Status < 300 || r.result.Status > 399 {
			return c
		}
		next, ok := target(p, at.Request, at.Exchange().Response.Header)
		if !ok {
			return c
		}
		c.certain = c.certain && r.result.Certain
		c.closed = slices.Contains(c.hops, next.URL())
		c.hops = append(c.hops, next.URL())
		if c.closed {
			return c
		}
		at.Request, at.Trace = next, p.Model.Simulate(next)
	}
	return c
}

// target is the request that a browser makes of a redirect; false where it leaves the distribution.
func target(p *cause.Pass, from request.Request, header func(string) (string, bool)) (request.Request, bool) {
	location, ok := header("Location")
	if !ok {
		return from, false
	}
	base, err := url.Parse(from.URL())
	if err != nil {
		return from, false
	}
	to, err := base.Parse(location)
	if err != nil || to.Scheme != "http" && to.Scheme != "https" {
		return from, false
	}
	host := cloudfront.NormalizeHost(to.Host)
	_, alias := cloudfront.BestAlias(p.Model.Aliases(), host)
	if host != cloudfront.NormalizeHost(from.Host) && host != cloudfront.NormalizeHost(p.Model.DomainName()) && !alias {
		return from, false
	}
	next := from.Clone()
	if next.SetURL(to.String()) != nil {
		return from, false
	}
	return next, true
}
