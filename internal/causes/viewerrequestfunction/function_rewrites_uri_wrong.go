package viewerrequestfunction

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/function"
)

var functionRewritesURIWrong = &cause.Cause{
	ID:       "FUNCTION_REWRITES_URI_WRONG",
	Title:    "The function rewrites the path to one that the origin does not have",
	Stage:    stage,
	Symptoms: []int{403, 404},
	Severity: cause.Critical,
	Hides:    []string{"S3_OBJECT_NOT_FOUND", "S3_OBJECT_KEY_MISMATCH"},
	Doc: cause.Doc{
		Explain: `A function on the viewer-request event may change the path. CloudFront asks the origin for the new one, while the cache behavior, with its origin and its
origin path, stays the one chosen by the old path. Where the origin has nothing at the new path it answers 404, or 403 where a bucket may not be listed.`,
		Why: `The rule is wider than meant: it adds index.html to paths of files, a prefix that is in the origin path already, or lower case to names that have
capitals; or it counts on another behavior taking the new path.`,
		Example: "/style.css becomes /style.css/index.html.",
		References: []string{
			guide + "functions-event-structure.html",
			guide + "example_cloudfront_functions_url_rewrite_single_page_apps_section.html",
			guide + "edge-function-restrictions-all.html",
		},
		Since: "0.1",
	},
	Detect: detectRewrite,
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		f := p.Exchange().ViewerRequest
		return remedies(p, v, "See which rule turns "+f.Before+" into "+f.After+", and let it apply only to paths that need it: for index documents, to those that end in a slash or have no extension.",
			"Mind that the cache behavior does not change with the path: the origin path of the behavior's origin comes before the new path.")
	},
}

func detectRewrite(p *cause.Pass) cause.Verdict {
	f := p.Exchange().ViewerRequest
	switch {
	case f == nil || f.Lambda != nil:
		return noFunction(p)
	case f.Result == nil || f.Result.Kind == function.Unknown:
		r := runs(p)[0]
		return cause.Need(because(r), r.gaps...)
	case f.Result.Kind != function.RequestReturned || f.Before == f.After:
		return cause.RuleOut("the function does not change the path")
	}
	r := runs(p)[0]
	missing := notFound(p)
	plain := withoutFunction(p)
	summary := "The function " + f.Name + " turns " + f.Before + " into " + f.After + ", and the origin has nothing there."
	evidence := append(r.step.Evidence, p.Trace.Steps[len(p.Trace.Steps)-1].Evidence...)
	if step, ok := p.Trace.Step(p.Trace.StoppedAt); ok {
		evidence = append(r.step.Evidence, step.Evidence...)
	}
	var v cause.Verdict
	switch {
	case missing && cause.Proven(plain) && f.Result.Certain:
		v = cause.Confirm(p.BehaviorName(p.Trace.Behavior), summary, evidence...).
			WithBecause("the function was run on this request: with its path the request fails, and with the viewer's own it is served")
	case missing:
		v = cause.Likely(p.BehaviorName(p.Trace.Behavior), summary,
			"the origin has nothing at the new path, and whether the path or the missing object is the mistake is for a person to say", evidence...)
	case p.Exchange().S3 != nil && p.Exchange().S3.Exists.Yes():
		return cause.RuleOut("the object is there under the path that the function makes", r.step.Evidence...)
	case p.Symptom.Given && (p.Symptom.Code == 403 || p.Symptom.Code == 404) && !p.Reproduced():
		return cause.Possible(p.BehaviorName(p.Trace.Behavior), "The function "+f.Name+" turns "+f.Before+" into "+f.After+", which the origin may not have.",
			"what the origin has at the new path is not known", r.step.Evidence...).Explaining(true).With(r)
	case p.Trace.Outcome.Certainty != edge.Certain && (p.Symptom.Code == 403 || p.Symptom.Code == 404):
		return cause.Need("what the origin has at the new path is not known")
	default:
		return cause.RuleOut("the path that the function makes does not fail", r.step.Evidence...)
	}
	return v.WithDetail("Before: " + f.Before + "; after: " + f.After).Explaining(p.Reproduced()).With(r)
}

// notFound reports whether the request ends because the origin lacks the object.
func notFound(p *cause.Pass) bool {
	s3 := p.Exchange().S3
	return p.Trace.StoppedAt == "origin-object" && p.Fails() && (s3 == nil || s3.Exists.No())
}

// withoutFunction simulates the request without the function.
func withoutFunction(p *cause.Pass) *edge.Trace {
	pattern := p.Trace.Behavior.PathPattern
	if p.Trace.Behavior.Default {
		pattern = ""
	}
	return p.With(fix.EditDistribution(p.Model.ID(), fix.RemoveFunctionAssociation(pattern, "viewer-request")))
}
