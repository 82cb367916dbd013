package signedaccess

import (
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront/signed"
	"cfdoctor/internal/fix"
)

var signedCookieScope = &cause.Cause{
	ID:       "SIGNED_COOKIE_SCOPE",
	Title:    "The browser keeps the signed cookies back, because their attributes do not cover this request",
	Stage:    stage,
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `Signed cookies only help where the browser sends them. It sends a cookie only to the hosts of its Domain, to paths under its Path, with Secure
over HTTPS only, and not to other sites unless SameSite allows it. CloudFront sees a request without a signature and answers 403.`,
		Why: `The application runs on another host than CloudFront and sets the cookies for itself alone, Path is that of the login page, the page is opened by the
distribution's own domain name, or fetch is called without credentials.`,
		Example: "Cookies set by app.example.com without Domain=example.com, and the video lies on media.example.com.",
		Manual:  "The cookies' attributes are set by the application's answer to the viewer, which CloudFront's configuration does not hold.",
		References: []string{
			guide + "private-content-signed-cookies.html",
			guide + "private-content-setting-signed-cookie-custom-policy.html",
		},
		Since: "0.1",
	},
	Detect: detectCookieScope,
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{signAgain("Set the cookies so that the browser sends them here", "With attributes that cover this host and path the browser sends all three cookies.",
			"Set Domain to a name that both the application and "+p.Request.Host+" belong to; leave it out only where the same host sets and uses the cookies.",
			"Set Path=/ or a beginning of the protected path, the same for all three cookies.",
			"Use HTTPS throughout where the cookies are Secure; set SameSite=None with Secure where another site embeds the content, and call fetch with credentials: include.",
			"Look at the failing request in the browser's developer tools: it shows which cookies were kept back, and why.")}
	},
}

// detectCookieScope looks for signs that cookies were kept back. A request does not tell what the browser holds, so it is never sure.
func detectCookieScope(p *cause.Pass) cause.Verdict {
	s := p.Exchange().Signed
	step, _ := p.Trace.Step(stage)
	if s == nil {
		return notAsked(p, step)
	}
	resource := p.BehaviorName(p.Trace.Behavior)
	const because = "what cookies the browser holds, and with which attributes, is not in the request"
	cookies := p.Request.Cookies()
	switch {
	case s.Verdict.Result(signed.Present).Passed.Yes(), s.Credentials.From == signed.FromURL:
		return cause.RuleOut("the request carries a signature, so nothing was kept back", step.Evidence...)
	case s.Credentials.From == signed.FromCookie && s.Credentials.Incomplete:
		return cause.Possible(resource, "The browser sends only some of the signed cookies: "+strings.Join(s.Credentials.Missing, " and ")+
			" may have been set for another path or host.", because, step.Evidence...)
	case p.Symptom.Code == 403 && len(cookies) > 0:
		return cause.Possible(resource, "The request carries cookies, but none of CloudFront's: they may have been set for another host or path.", because, step.Evidence...)
	case p.Symptom.Code == 403 && p.Request.Scheme == "http":
		return cause.Possible(resource, "The request came over plain HTTP, over which a browser does not send cookies that are Secure.", because, step.Evidence...)
	}
	return cause.Need(because + ": give the request's Cookie header, if cookies are used")
}
