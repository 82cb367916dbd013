package originresponse

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/observed"
)

var originBadResponse = &cause.Cause{
	ID:       "ORIGIN_BAD_RESPONSE",
	Title:    "The origin's answer is malformed, too large or cut short",
	Stage:    stage,
	Symptoms: []int{502},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront answers 502 where it cannot read an origin's answer: headers of more than 32 KB, header lines that are none, a Content-Length that does not fit a
Content-Range, or a connection that closes in the middle. The detailed result in its logs names the kind, such as OriginHeaderTooBigError or OriginInvalidResponseError.`,
		Why:     `An application sets very many cookies or a huge security policy, a program behind a raw socket writes its own HTTP, or a proxy on the way cuts answers off.`,
		Example: "Forty Set-Cookie headers of one kilobyte each.",
		Manual:  "What the application sends is outside the account's configuration: a person has to look at its answer.",
		References: []string{
			guide + "http-502-bad-gateway.html",
			guide + "standard-logs-reference.html",
			guide + "cloudfront-limits.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return originway.Each(p, func(w *originway.Way) cause.Verdict {
			if w.Bucket() || w.Managed() {
				return cause.RuleOut("an AWS service builds the answer, which is well formed", w.Address(""))
			}
			if v, ok := seenBroken(w); ok {
				return v
			}
			if at := w.Blocked(stage); at != "" {
				return cause.RuleOut("the request does not get as far as an answer: it ends at "+at, w.Step(at).Evidence...)
			}
			return w.Unprobed([]int{502}, "look at the size and form of the headers that "+w.Origin.Endpoint.Domain+" sends for "+w.Forwarded.Path, append(w.Gaps(), w.SeenHTTP())...)
		})
	},
	Fixes: func(*cause.Pass, cause.Verdict) []fix.Fix {
		return []fix.Fix{{
			Title: "Correct the origin's answer", Complexity: fix.Advanced, Minutes: 120,
			Impact:      "None",
			Explanation: "CloudFront passes on what is well-formed HTTP of limited size only.",
			Manual: []string{
				"Ask the origin directly with curl -sv --raw and look at its headers: their number, size and form, and whether Content-Length fits the body.",
				"Let the application send fewer or smaller headers (together below 32 KB) and a body as long as it says.",
			},
			Confidence: fix.Medium,
		}}
	},
}

// seenBroken judges by the answer that active validation got to the same request.
func seenBroken(w *originway.Way) (v cause.Verdict, ok bool) {
	a, known := w.SeenHTTP().Get()
	step := w.Step(stage)
	if !known || step.Verdict == "" || step.Verdict == edge.Skipped {
		return v, false
	}
	summary := ""
	switch a.Failure {
	case observed.Reset:
		summary = "The origin closes the connection without an answer."
	case observed.Malformed:
		summary = "What the origin sends back is not HTTP."
	case observed.HeadersTooBig:
		summary = "The headers of the origin's answer are larger than CloudFront takes."
	case observed.Truncated, observed.BodyTimeout:
		summary = "The origin's answer breaks off before its end."
	case "":
		if step.Verdict != edge.Stop {
			return cause.RuleOut("the answer that active validation got is whole and well formed", step.Evidence...), true
		}
		summary = "The headers of the origin's answer are larger than CloudFront takes."
	default:
		return v, false
	}
	v = w.Confirm([]int{502}, w.Name(), summary+" Viewers get an error of CloudFront's instead.", step.Evidence...).With(w).
		WithDetail(a.Error).WithBecause("active validation sent the request that CloudFront sends")
	if a.Status != 0 && step.Verdict == edge.Unknown {
		v = v.Explaining(w.Suspected(502)) // what viewers get of a body that breaks off depends on how much had been passed on
	}
	return v, true
}
