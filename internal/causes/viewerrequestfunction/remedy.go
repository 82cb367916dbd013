package viewerrequestfunction

import (
	"strconv"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
)

// remedies are the fixes for a function that does the wrong thing: publish what was mended already, where that helps; else mend it.
func remedies(p *cause.Pass, v cause.Verdict, steps ...string) []fix.Fix {
	r, ok := v.Data.(run)
	if !ok {
		return []fix.Fix{mend("the function", steps, nil)}
	}
	var out []fix.Fix
	if after := p.With(fix.PublishFunction(r.name)); after != nil && edited(p, r.name) && cause.Works(after) {
		out = append(out, publish(r.name))
	}
	return append(out, mend("the function "+r.name, append(place(r), steps...), commandsFor(p, r.name)))
}

// place is where to look.
func place(r run) []string {
	if r.result == nil || r.result.Line == 0 {
		return nil
	}
	return []string{"Look at line " + strconv.Itoa(r.result.Line) + ": " + r.result.Because + "."}
}

func mend(what string, steps []string, byHand []fix.HandCall) fix.Fix {
	return fix.Fix{
		Title: "Change the code of " + what, Complexity: fix.Standard, Minutes: 45,
		Impact:      "None until it is published; then every request of the behavior runs the new code",
		Explanation: "What the function should do is for its author to say; the code is run here, and not written.",
		Manual: append(steps,
			"Test the changed code with this request before publishing: CloudFront console, Functions, Test tab, or by the command.",
			"Publish it: only the published stage (LIVE) runs."),
		ByHand:     byHand,
		Confidence: fix.High,
	}
}

func publish(name string) fix.Fix {
	return fix.Fix{
		Title: "Publish the code of the function " + name + " that is in development", Complexity: fix.Quick, Minutes: 5,
		Impact:      "Every request of the behaviors that use the function runs the new code within seconds",
		Explanation: "The code in the DEVELOPMENT stage differs from what runs. Publishing makes it the LIVE one.",
		SideEffects: []string{"Whatever else was changed in development goes live with it"},
		Changes:     []fix.Change{fix.PublishFunction(name)},
		Confidence:  fix.High,
	}
}

// edited reports whether the code in development is known to differ from the live one.
func edited(p *cause.Pass, name string) bool {
	now, ok := account.FunctionCode(name, live).In(p.World).Get()
	next, known := account.FunctionCode(name, development).In(p.World).Get()
	return ok && known && string(now.FunctionCode) != string(next.FunctionCode)
}
