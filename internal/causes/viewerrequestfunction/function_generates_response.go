package viewerrequestfunction

import (
	"strconv"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/function"
)

var functionGeneratesResponse = &cause.Cause{
	ID:        "FUNCTION_GENERATES_RESPONSE",
	Title:     "The CloudFront Function answers the request itself",
	Stage:     stage,
	AnyStatus: true,
	Severity:  cause.High,
	Doc: cause.Doc{
		Explain: `A function may return a response in place of the request: a redirect, a 401 or 403 for who lacks a token, a page for maintenance. The origin is not asked,
and error pages of the distribution do not replace it. A function on the way back may change the status of an answer.`,
		Why: `The condition in the code holds for this request, on purpose or not: a header is missing, a token is not passed on, the path or the host is not on its
list.`,
		Example: "The function answers 403 to every request without the header x-preview-key.",
		References: []string{
			guide + "functions-event-structure.html",
			guide + "writing-function-code.html",
			guide + "edge-function-restrictions-all.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		answers := func(r run) bool {
			if r.result.Kind != function.ResponseGenerated || !r.stops {
				return false
			}
			// A redirect that nobody complains of does what it is there for.
			return r.result.Status >= 400 || p.Symptom.Given && p.Symptom.Code == r.result.Status
		}
		if redirectCircle(p).closed {
			return cause.RuleOut("the function's redirect leads back to itself, which is another cause")
		}
		suspect := func(code int) bool { return code != 502 && code != 503 && code != 504 }
		return judge(p, answers, suspect, func(r run) string {
			return "The function " + r.name + " answers this request itself with " + strconv.Itoa(r.result.Status) + ", and the origin is not asked."
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return remedies(p, v, "Find the condition under which the code returns a response, and see what this request lacks: the code looks at "+readsOf(v)+".",
			"If the answer is meant, change what the client sends instead.")
	},
}

// readsOf lists what the code asked of the request.
func readsOf(v cause.Verdict) string {
	r, ok := v.Data.(run)
	if !ok || r.result == nil || len(r.result.Reads) == 0 {
		return "the path and the method, perhaps"
	}
	out := ""
	for i, read := range r.result.Reads {
		if i > 0 {
			out += ", "
		}
		out += read.Path
		if !read.Found {
			out += " (not sent)"
		}
	}
	return out
}
