package originresponse

import (
	"net/url"
	"strconv"
	"strings"

	"cfdoctor/internal/blackbox"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/signature"
)

var redirectLoop = &cause.Cause{
	ID:       "REDIRECT_LOOP",
	Title:    "The origin redirects to the address that the viewer asked for already",
	Stage:    stage,
	Symptoms: []int{301, 302, 307, 308},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `The viewer comes over HTTPS, CloudFront asks the origin over HTTP, and the origin, which sees HTTP only, redirects to the HTTPS address: the one that the viewer
asked for. The browser gives up with "too many redirects". CloudFront may keep the redirect, so that the loop outlives its cause for a while.`,
		Why: `The origin's protocol policy is HTTP only (or matches viewers that are sent to HTTPS), and the load balancer or application redirects HTTP to HTTPS. X-Forwarded-Proto
does not help: CloudFront does not send it; it can send CloudFront-Forwarded-Proto.`,
		Example: "OriginProtocolPolicy http-only, and a load balancer whose listener on port 80 redirects to HTTPS.",
		References: []string{
			guide + "http-3xx-status-codes.html",
			guide + "RequestAndResponseBehaviorCustomOrigin.html",
			guide + "DownloadDistValuesOrigin.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict { return originway.Each(p, judgeRedirect) },
	Fixes:  fixRedirect,
}

func judgeRedirect(w *originway.Way) cause.Verdict {
	p := w.Pass
	location, redirects := w.Response.Header("Location")
	policy := ""
	if c := w.Origin.Config.CustomOriginConfig; c != nil {
		policy = string(c.OriginProtocolPolicy)
	}
	setting := w.Custom("OriginProtocolPolicy", policy, "CloudFront asks the origin over "+w.Forwarded.Scheme)
	at := w.Blocked(stage)
	seen, probed := w.SeenHTTP().Get()
	probed = probed && at == "" && seen.Status != 0
	if v, ok := seenLoop(w, setting); ok {
		return v
	}
	switch {
	case probed && redirects && w.Response.Status/100 == 3 && loops(p, w, location):
		return w.Confirm([]int{301, 302, 307, 308}, w.Name(),
			"The origin redirects to "+location+", which is the address that the viewer asks for: the browser goes round in circles.",
			setting, w.SeenHTTP().Ref("Headers.Location").With(location, "the answer to the request that CloudFront sends, "+strconv.Itoa(seen.Status))).
			Explaining(w.Actual && (!p.Symptom.Given || p.Symptom.Code/100 == 3)).
			WithBecause("active validation sent the request that CloudFront sends, and was sent back to where the viewer is").With(w)
	case probed:
		return cause.RuleOut("the origin answers with "+strconv.Itoa(seen.Status)+", which sends nobody back", w.SeenHTTP().Ref("Status").With(strconv.Itoa(seen.Status), location))
	case redirects && w.Response.Status/100 == 3 && at != "" && loops(p, w, location):
		refs := append([]evidence.Ref{setting}, w.Step(at).Evidence...)
		return w.Confirm([]int{301, 302, 307, 308}, w.Name(),
			"The origin redirects to "+location+", which is the address that the viewer asks for: the browser goes round in circles.", refs...).
			Explaining(w.Actual && (!p.Symptom.Given || p.Symptom.Code/100 == 3)).
			WithBecause("the redirect and the viewer's address are both known").With(w)
	case redirects && w.Response.Status/100 == 3 && at != "":
		return cause.RuleOut("the redirect leads to another address than the viewer's", w.Step(at).Evidence...)
	case w.Bucket():
		return cause.RuleOut("the origin is a bucket, which redirects nobody for the protocol", w.Address(""))
	case at != "":
		return cause.RuleOut("the request ends at "+at+", without a redirect of the origin", w.Step(at).Evidence...)
	case p.Symptom.Given && p.Asked && p.Symptom.Code/100 != 3:
		return cause.RuleOut("viewers see no redirect")
	case w.Forwarded.Scheme == "http" && p.Request.Scheme != "http" && w.Unexplained(301, 302, 307, 308):
		return cause.Likely(w.Name(), "CloudFront asks the origin over plain HTTP; an origin that redirects HTTP to HTTPS sends every viewer back to where it came from.",
			"where the redirect leads needs active validation", setting).Explaining(true).With(w)
	}
	return cause.Need("needs active validation: follow the redirects of "+w.Origin.Endpoint.Domain, append(w.Gaps(), w.SeenHTTP())...)
}

// seenLoop judges by the way that active validation followed from the viewer's address. A loop that a function makes is another cause's.
func seenLoop(w *originway.Way, setting evidence.Ref) (v cause.Verdict, ok bool) {
	p := w.Pass
	r := p.Request.Clone()
	if r.Host == "" {
		r.Host = p.Model.DomainName()
	}
	hops, loop := blackbox.Target{Request: r, Port: observed.ViewerPort(r.Scheme)}.Way(p.World)
	seen := p.Model.ViewerSeen(p.Request)
	answer, known := seen.Verdict()
	if !loop || !known || !w.Actual || answer.Producer == signature.Function || answer.Producer == signature.LambdaEdge {
		return v, false
	}
	var way []string
	for _, h := range hops {
		way = append(way, h.URL)
	}
	location, _ := seen.HTTP.Or(observed.Answer{}).Header("Location")
	return cause.Confirm(w.Name(), "The redirects lead back to where they began: "+strings.Join(way, ", then ")+", and again from the start.",
		seen.HTTP.Ref("Headers.Location").With(location, "leads back"), setting).
		WithBecause("active validation followed the redirects").Explaining(!p.Symptom.Given || p.Symptom.Code/100 == 3).With(w), true
}

// loops reports whether a redirect leads to the address that the viewer asks for, or to another host of the distribution over the same path.
func loops(p *cause.Pass, w *originway.Way, location string) bool {
	to, err := url.Parse(location)
	if err != nil {
		return false
	}
	host := cloudfront.NormalizeHost(to.Host)
	if to.Host == "" {
		host = cloudfront.NormalizeHost(w.Forwarded.Host)
	}
	scheme := p.Request.Scheme
	if scheme == "" {
		scheme = "https"
	}
	samePath := strings.TrimSuffix(to.EscapedPath(), "/") == strings.TrimSuffix(p.Request.Path, "/") && to.RawQuery == p.Request.Query
	return to.Scheme == scheme && samePath && host == cloudfront.NormalizeHost(p.Request.Host)
}

func fixRedirect(p *cause.Pass, v cause.Verdict) []fix.Fix {
	w, ok := v.Data.(*originway.Way)
	if !ok {
		return nil
	}
	application := fix.Fix{
		Title: "Let the origin redirect viewers only, not CloudFront", Complexity: fix.Standard, Minutes: 30,
		Impact:      "None",
		Explanation: "CloudFront redirects viewers to HTTPS itself (viewer protocol policy). The origin needs no redirect, or one that looks at CloudFront-Forwarded-Proto.",
		Manual: []string{
			"Set the viewer protocol policy of the behavior to Redirect HTTP to HTTPS, and take the redirect off the load balancer's rule or the application.",
			"Or forward CloudFront-Forwarded-Proto with an origin request policy, and let the application redirect only where it says http.",
		},
		Invalidate: []string{"/*"}, Confidence: fix.Medium,
	}
	change := fix.EditDistribution(p.Model.ID(), fix.SetOriginProtocolPolicy(w.Origin.ID, "https-only"))
	if after := p.With(change); v.Likelihood() == cause.GradeConfirmed && w.Forwarded.Scheme == "http" && cause.Works(after) && after.Outcome.Status/100 == 2 {
		return []fix.Fix{{
			Title: "Ask the origin over HTTPS", Complexity: fix.Quick, Minutes: 10,
			Impact:      "None while it deploys: viewers are redirected until edge locations take the change up",
			Explanation: "The origin then sees HTTPS and has no reason to redirect; what travels to it is encrypted too.",
			SideEffects: []string{"CloudFront checks the origin's certificate from then on: its names, chain and dates have to stay right"},
			Changes:     []fix.Change{change}, Invalidate: []string{"/*"}, Confidence: fix.High,
		}, application}
	}
	return []fix.Fix{application}
}
