package viewerrequestfunction

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/function"
)

var functionExecutionError = &cause.Cause{
	ID:       "FUNCTION_EXECUTION_ERROR",
	Title:    "The CloudFront Function fails for this request",
	Stage:    stage,
	Symptoms: []int{503},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A CloudFront Function that throws an error, does not load, takes too long, or asks a KeyValueStore for a key that is not there ends the request: the
viewer gets 503 with "The CloudFront function … is invalid or could not run".`,
		Why: `The code takes for granted what not every request has: a cookie, a header, a query parameter, a key. CloudFront publishes code without running it, so a
mistake in the syntax shows only when requests come.`,
		Example: "request.cookies.variant.value throws where the viewer sends no cookie named variant.",
		References: []string{
			guide + "http-503-service-unavailable.html",
			guide + "functions-event-structure.html",
			guide + "test-function.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		fails := func(r run) bool { return r.result.Kind == function.ExecutionError }
		for _, r := range runs(p) {
			if r.result == nil || !fails(r) {
				continue
			}
			if m := mismatchOf(p, r); m.why != "" {
				return cause.RuleOut("the code needs what its runtime or configuration lacks: "+m.why, r.step.Evidence...)
			}
		}
		return judge(p, fails, func(code int) bool { return code == 503 }, func(r run) string {
			return "The function " + r.name + " fails for this request: " + r.result.Because + "."
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return remedies(p, v, "Check that a header, cookie, query parameter or key is there before using it, and let the request pass where it is not; catch errors of the KeyValueStore.")
	},
}
