package originaccess

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/signature"
)

var customOriginDenies = &cause.Cause{
	ID:       "CUSTOM_ORIGIN_DENIES",
	Title:    "The origin's own firewall or application refuses CloudFront",
	Stage:    "origin-access",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront hands a 403 of the origin on to the viewer. A web server, an application or a firewall of the origin's own (not of AWS) may refuse CloudFront:
because of its addresses, of its user agent "Amazon CloudFront", of a missing header or cookie, or because too much comes from few addresses.`,
		Why:     `A security plugin, a hosting provider's protection, an allow list of addresses or hot-link protection was set up for visitors who come directly.`,
		Example: "A host's web application firewall blocks requests whose User-Agent is Amazon CloudFront.",
		Manual:  "What the origin refuses is set at the origin, where no command of AWS reaches.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		o := passage.Origin(p)
		if o == nil || !ownBusiness(o) {
			return cause.RuleOut("the origin is a service of AWS, whose rules are known")
		}
		x := passage.Exchange(p)
		if v, ok := seenDenial(p, o, x); ok {
			return v
		}
		switch {
		case !p.Trace.Reached("origin-access"):
			return cause.RuleOut("the request does not get as far as the origin")
		case p.Trace.StoppedAt != "" && p.Trace.Outcome.Certainty != edge.Uncertain:
			return cause.RuleOut("the request ends before the origin's own rules matter")
		case passage.Suspected(p, 403):
			return cause.Possible(p.OriginName(o), fmt.Sprintf("The origin %s may refuse CloudFront's requests itself.", o.Endpoint.Domain),
				"nothing in the account refuses the request, so the 403 comes from the origin, whose own rules cannot be read",
				p.Model.Ref(o.Field+".DomainName", o.Endpoint.Domain, "answers by rules of its own")).
				WithDetail(fmt.Sprintf("CloudFront sends %s %s with Host %s", x.Forwarded.Method, x.Forwarded.Path, x.Forwarded.Host)).Explaining(true)
		}
		return cause.Need("what the origin itself refuses cannot be read from the account")
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{{
			Title:       "Let the origin accept CloudFront's requests",
			Complexity:  fix.Standard,
			Minutes:     60,
			Impact:      "None: the request is refused now",
			Explanation: "The origin has to let CloudFront's addresses, headers and number of requests through.",
			SideEffects: []string{"Whoever knows the origin's address may get around CloudFront: have CloudFront add a secret header, and let the origin ask for it"},
			Manual: []string{
				askLike(passage.Exchange(p)),
				"Look the request up in the origin's access and firewall logs, by the time and the path: the rule that refused it is usually named there",
				"Let CloudFront's address ranges (the managed prefix list com.amazonaws.global.cloudfront.origin-facing) and the user agent Amazon CloudFront through, and take them off rate limits",
				"If the origin wants a header, cookie or query string of the viewer's: forward it with an origin request policy",
			},
			Invalidate: []string{"/*"},
			Confidence: fix.Medium,
		}}
	},
}

// askLike says how to ask the origin as CloudFront does. A path that could not stand in a command is shown apart from it.
func askLike(x *edge.Exchange) string {
	const agent = "curl -v -H 'User-Agent: Amazon CloudFront' "
	url := cmp.Or(x.Forwarded.Scheme, "https") + "://" + x.Origin.Endpoint.Domain + x.Forwarded.Path
	if fix.FitToShow(url) {
		return "Ask the origin directly, as CloudFront does: " + agent + fix.Quote(url)
	}
	return fmt.Sprintf("Ask the origin directly, as CloudFront does: %s with the address %+q", agent, url)
}

// seenDenial compares the answer that the edge was seen to give with the origin's own to the same request: an origin that refuses CloudFront and
// serves this computer tells them apart.
func seenDenial(p *cause.Pass, o *edge.Origin, x *edge.Exchange) (v cause.Verdict, ok bool) {
	edgeSeen := p.Model.ViewerSeen(p.Request)
	by, known := edgeSeen.Verdict()
	if !known || x.Seen == nil {
		return v, false
	}
	origin, asked := x.Seen.HTTP.Get()
	status := edgeSeen.HTTP.Or(observed.Answer{}).Status
	refs := []evidence.Ref{edgeSeen.HTTP.Ref("Status").With(strconv.Itoa(status), strings.Join(by.Reasons, "; "))}
	switch {
	case status < 400 && !p.Symptom.Given && !by.Masked:
		return cause.RuleOut("the same request was seen to be answered with "+strconv.Itoa(status), refs...), true
	case status != 403:
		return v, false
	case by.Producer != signature.Origin && by.Sure == signature.Certain:
		return cause.RuleOut("the 403 that was seen is not of the origin's own server: "+by.Means, refs...), true
	case by.Producer != signature.Origin || !asked || origin.Status == 0 || origin.Status >= 400:
		return v, false
	}
	refs = append(refs, x.Seen.HTTP.Ref("Status").With(strconv.Itoa(origin.Status), "the origin's answer to the same request from this computer"))
	summary := fmt.Sprintf("The origin %s refuses CloudFront's request with 403, and answers the same request from elsewhere with %d.", o.Endpoint.Domain, origin.Status)
	if by.Sure != signature.Certain || by.Cached {
		return cause.Likely(p.OriginName(o), summary, "the 403 may be an earlier answer from the cache, or made on the way", refs...).Explaining(true), true
	}
	return cause.Confirm(p.OriginName(o), summary, refs...).WithBecause("active validation saw both answers").Explaining(!p.Symptom.Given || p.Symptom.Code == 403), true
}

// ownBusiness reports an origin whose answer is not decided by settings of AWS.
func ownBusiness(o *edge.Origin) bool {
	switch o.Endpoint.Kind {
	case cloudfront.KindCustom, cloudfront.KindEC2, cloudfront.KindLoadBalancer, cloudfront.KindNetworkBalancer, cloudfront.KindElasticBeanstalk,
		cloudfront.KindLightsail, cloudfront.KindGlobalAccelerator, cloudfront.KindAppRunner, cloudfront.KindAmplify:
		return true
	}
	return false
}
