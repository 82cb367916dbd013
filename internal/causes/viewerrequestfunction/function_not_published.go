package viewerrequestfunction

import (
	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
)

var functionNotPublished = &cause.Cause{
	ID:        "FUNCTION_NOT_PUBLISHED",
	Title:     "The function's code was changed, and the change was not published",
	Stage:     stage,
	AnyStatus: true,
	Severity:  cause.Critical,
	Doc: cause.Doc{
		Explain: `A CloudFront Function has two stages. Saving changes DEVELOPMENT, which the console's test runs; distributions run LIVE, which changes only when the
function is published.`,
		Why:     "Saving and testing looked like enough, or a deployment updates the code and lacks the call that publishes it.",
		Example: "The mistake is mended and tested in the console, and viewers go on getting 503.",
		References: []string{
			guide + "publish-function.html",
			guide + "managing-functions.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		list := runs(p)
		if len(list) == 0 {
			return noFunction(p)
		}
		for _, r := range list {
			if v := unpublished(p, r); !v.IsRuledOut() {
				return v
			}
		}
		return cause.RuleOut("the live code is what is in development", list[0].step.Evidence...)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		r, ok := v.Data.(run)
		if !ok {
			return nil
		}
		return []fix.Fix{publish(r.name)}
	},
}

// unpublished compares the stages of one function. That they differ is a fault only where the code in development serves the request and
// the live one does not; else somebody may be at work.
func unpublished(p *cause.Pass, r run) cause.Verdict {
	now, next := account.FunctionCode(r.name, live).In(p.World), account.FunctionCode(r.name, development).In(p.World)
	switch {
	case next.IsAbsent():
		return cause.RuleOut("the function has no other code in development")
	case now.Missing() || next.Missing():
		return cause.Need("the function's code is not known in both stages", now, next)
	case !now.IsAbsent() && !edited(p, r.name):
		return cause.RuleOut("the live code is what is in development")
	}
	v := cause.Confirm(p.BehaviorName(p.Trace.Behavior),
		"The code of the function "+r.name+" was changed in development and not published, so viewers still get what the old code does.",
		now.Ref("FunctionCode").With("", "what runs"), next.Ref("FunctionCode").With("", "differs from what runs")).With(r)
	after := p.With(fix.PublishFunction(r.name))
	if (p.Fails() && p.Reproduced() || now.IsAbsent()) && cause.Works(after) {
		return v.WithBecause("with the code in development this very request is served").Explaining(true)
	}
	return v.WithBecause("the code differs between the stages, which makes no difference to this request").AtSeverity(cause.Low).Explaining(false)
}
