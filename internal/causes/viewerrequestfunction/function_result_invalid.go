package viewerrequestfunction

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/function"
)

var functionResultInvalid = &cause.Cause{
	ID:       "FUNCTION_RESULT_INVALID",
	Title:    "The CloudFront Function returns what CloudFront does not accept",
	Stage:    stage,
	Symptoms: []int{502},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A function has to return the request, or a response, in the documented form, and must leave read-only and forbidden headers alone. Otherwise CloudFront
discards the result and answers 502 with "The CloudFront function returned an invalid value".`,
		Why: `The function returns nothing on one of its ways, a header's value is text instead of an object with value, a name is not in lower case, the uri lacks its
slash, or the code sets Host, Via or another header that it must not. The console's test does not find all of these.`,
		Example: `headers.location = '/new' in place of headers.location = { value: '/new' }.`,
		References: []string{
			guide + "http-502-bad-gateway.html",
			guide + "functions-event-structure.html",
			guide + "edge-function-restrictions-all.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		invalid := func(r run) bool { return r.result.Kind == function.ValidationError }
		return judge(p, invalid, func(code int) bool { return code == 502 }, func(r run) string {
			return "CloudFront refuses what the function " + r.name + " returns: " + r.result.Because + "."
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return remedies(p, v, "Return the request or a response of the documented form on every way through the code: header names in lower case, each with an object that holds value, statusCode a number.")
	},
}
