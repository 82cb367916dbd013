package viewerrequestfunction

import (
	"strconv"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/function"
)

const (
	stage         = "viewer-request-function"
	responseStage = "viewer-response-function"
	live          = "LIVE"
	development   = "DEVELOPMENT"
	guide         = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
)

// run is one CloudFront Function on the request's way, and what it did.
type run struct {
	name   string
	step   edge.Step
	result *function.Result // nil where the code could not be read
	gaps   []evidence.Gap
	stops  bool // the request ends here by what it did
}

// runs lists the CloudFront Functions on the request's way.
func runs(p *cause.Pass) []run {
	var out []run
	x := p.Exchange()
	if f := x.ViewerRequest; f != nil && f.Lambda == nil {
		step, _ := p.Trace.Step(stage)
		out = append(out, run{f.Name, step, f.Result, f.Missing, p.Trace.StoppedAt == stage})
	}
	if f := x.ViewerResponse; f != nil && f.Lambda == nil {
		step, _ := p.Trace.Step(responseStage)
		gaps := []evidence.Gap{account.FunctionCode(f.Name, live).In(p.World), account.Function(f.Name, live).In(p.World)}
		out = append(out, run{f.Name, step, f.Result, gaps, p.Trace.StoppedAt == responseStage || step.Status != 0})
	}
	return out
}

// judge gives the verdict of a cause that stands for one way in which a run ends. suspect tells whether the reported status is one that this
// way gives, for runs of which nothing is known.
func judge(p *cause.Pass, is func(run) bool, suspect func(code int) bool, say func(run) string) cause.Verdict {
	list := runs(p)
	if len(list) == 0 {
		return noFunction(p)
	}
	for _, r := range list {
		if r.result != nil && is(r) {
			return fire(p, r, say)
		}
	}
	for _, r := range list {
		unknown := r.result == nil || r.result.Kind == function.Unknown
		switch {
		case unknown && p.Symptom.Given && suspect(p.Symptom.Code) && !p.Reproduced():
			return cause.Possible(p.BehaviorName(p.Trace.Behavior), "The function "+r.name+" runs for this request, and may be what answers it.",
				because(r), r.step.Evidence...).Needing(r.gaps...).Explaining(true)
		case unknown:
			return cause.Need(because(r), r.gaps...)
		case !r.result.Certain && r.result.Otherwise != nil && is(run{name: r.name, result: r.result.Otherwise, stops: true}):
			return cause.Need(r.result.Because, r.gaps...)
		}
	}
	return cause.RuleOut("the function "+list[0].name+" does something else with this request: "+list[0].result.Because, list[0].step.Evidence...)
}

// noFunction is the verdict where no CloudFront Function ran.
func noFunction(p *cause.Pass) cause.Verdict {
	step, _ := p.Trace.Step(stage)
	if !p.Trace.Reached(stage) {
		return cause.RuleOut("the request does not get as far as a function")
	}
	return cause.RuleOut("no CloudFront Function runs for this request", step.Evidence...)
}

func fire(p *cause.Pass, r run, say func(run) string) cause.Verdict {
	resource := p.BehaviorName(p.Trace.Behavior)
	var v cause.Verdict
	if r.result.Certain {
		v = cause.Confirm(resource, say(r), r.step.Evidence...).WithBecause("the function's live code was run on this very request")
	} else {
		v = cause.Likely(resource, say(r), "the function's code was run on this request, and one thing is not certain: "+r.result.Because, r.step.Evidence...).Needing(r.gaps...)
	}
	if r.stops && (!p.Symptom.Given || p.Symptom.Code == r.result.Status) {
		v = v.Explaining(true)
	}
	return v.WithDetail(detail(r)).With(r)
}

func because(r run) string {
	if r.result != nil && r.result.Because != "" {
		return "what the function does could not be told: " + r.result.Because
	}
	return "the function's live code could not be read"
}

// detail is the error with its place, or what the run gave.
func detail(r run) string {
	out := "Function " + r.name + ": " + r.result.Because
	if r.result.Error != "" {
		out += "; " + r.result.Error
	}
	if r.result.Line > 0 {
		out += " at line " + strconv.Itoa(r.result.Line) + ", column " + strconv.Itoa(r.result.Column)
	}
	return out
}
