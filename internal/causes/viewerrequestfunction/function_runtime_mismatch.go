package viewerrequestfunction

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/function"
)

var functionRuntimeMismatch = &cause.Cause{
	ID:       "FUNCTION_RUNTIME_MISMATCH",
	Title:    "The CloudFront Function needs what its runtime or configuration does not give it",
	Stage:    stage,
	Symptoms: []int{502, 503},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A function runs with the runtime cloudfront-js-1.0 or 2.0. Only 2.0 knows const and let, async and await, the module cloudfront with KeyValueStore
and the origin helpers. A KeyValueStore has to be associated with the function besides. What is missing makes the code fail at every request: 503.`,
		Why: `Code from an example for 2.0 was put into a function made for 1.0, or the KeyValueStore was forgotten when the function was made again in another
account. CloudFront publishes it without complaint.`,
		Example: `import cf from 'cloudfront' in a function whose runtime is cloudfront-js-1.0.`,
		References: []string{
			guide + "functions-javascript-runtime-features.html",
			guide + "functions-javascript-runtime-20.html",
			guide + "kvs-with-functions-associate.html",
		},
		Since: "0.1",
	},
	Detect: detectMismatch,
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		r, ok := v.Data.(run)
		if !ok {
			return nil
		}
		if mismatchOf(p, r).store {
			return []fix.Fix{giveStore(p, r)}
		}
		return []fix.Fix{newerRuntime(p, r)}
	},
}

// newerRuntime is the remedy for code that needs the newer runtime.
func newerRuntime(p *cause.Pass, r run) fix.Fix {
	f := fix.Fix{
		Title: "Give the function " + r.name + " the runtime " + function.Runtime2, Complexity: fix.Quick, Minutes: 10,
		Impact:      "Every request of the behaviors that use the function runs it with the newer runtime within seconds",
		Explanation: "The code itself stays as it is: " + mismatchOf(p, r).why + ".",
		SideEffects: []string{"The two runtimes differ in details: test what else the function does"},
		Confidence:  fix.High,
	}
	now, known := account.Function(r.name, live).In(p.World).Get()
	next, also := account.Function(r.name, development).In(p.World).Get()
	switch {
	case edited(p, r.name), known && also && !sameSettings(now, next):
		f.Manual = []string{"CloudFront console, Functions, " + r.name + ": there are changes in development that are not published. Publish or drop them, then edit the function, choose the runtime " + function.Runtime2 + ", save, test and publish."}
		f.ByHand = commandsFor(p, r.name)
	default:
		f.Changes = []fix.Change{fix.SetFunctionRuntime(r.name, function.Runtime2)}
	}
	return f
}

// sameSettings reports whether two stages of a function differ in nothing but the runtime.
func sameSettings(a, b account.FunctionOutput) bool {
	x, y := a.FunctionSummary.FunctionConfig, b.FunctionSummary.FunctionConfig
	if x == nil || y == nil {
		return x == y
	}
	return value(x.Comment) == value(y.Comment) && slices.Equal(stores(x), stores(y))
}

func stores(c *types.FunctionConfig) []string {
	var out []string
	if c.KeyValueStoreAssociations != nil {
		for _, s := range c.KeyValueStoreAssociations.Items {
			out = append(out, value(s.KeyValueStoreARN))
		}
	}
	return out
}

// giveStore is the remedy for code that asks a store which the function does not have; which of the account's it is is for a person to say.
func giveStore(p *cause.Pass, r run) fix.Fix {
	const storeInput = "KEY_VALUE_STORE_ARN"
	commands := commandsFor(p, r.name)
	config := map[string]any{"Comment": "", "Runtime": function.Runtime2,
		"KeyValueStoreAssociations": map[string]any{"Quantity": 1, "Items": []any{map[string]any{"KeyValueStoreARN": storeInput}}}}
	if now := account.Function(r.name, live).In(p.World).Or(account.FunctionOutput{}).FunctionSummary.FunctionConfig; now != nil {
		config["Comment"] = value(now.Comment)
	}
	for i, c := range commands {
		if c.Operation == "UpdateFunction" {
			commands[i].Purpose = "Give the function the store, with the code that was saved"
			commands[i].Params[2].Value = config
			commands[i].Inputs = append(c.Inputs[:1:1], storeInput+": the ARN of the store that the code reads, as list-key-value-stores shows it")
		}
	}
	return fix.Fix{
		Title: "Give the function " + r.name + " the KeyValueStore that its code reads", Complexity: fix.Quick, Minutes: 15,
		Impact:      "Every request of the behavior runs the function anew once it is published",
		Explanation: "The code itself stays as it is: " + mismatchOf(p, r).why + ".",
		Manual: []string{
			"CloudFront console, Functions, " + r.name + ": on the Build tab choose Associate existing KeyValueStore, pick the store that the code reads, save, test and publish.",
			"Or write the code so that it does without.",
		},
		ByHand:     append([]fix.HandCall{{Purpose: "See which stores there are", Service: "cloudfront", Operation: "ListKeyValueStores"}}, commands...),
		Confidence: fix.High,
	}
}

func detectMismatch(p *cause.Pass) cause.Verdict {
	list := runs(p)
	if len(list) == 0 {
		return noFunction(p)
	}
	for _, r := range list {
		config := account.Function(r.name, live).In(p.World)
		switch {
		case r.result == nil || config.Missing():
			return cause.Need("the function's code or its runtime is not known", append(r.gaps, config)...)
		case r.result.Kind == function.Unknown:
			return cause.Need(because(r), r.gaps...)
		}
		m := mismatchOf(p, r)
		switch {
		case m.store && r.result.Kind != function.ExecutionError:
			return cause.Likely(p.BehaviorName(p.Trace.Behavior), "The function "+r.name+" cannot do its work: "+m.why+".",
				"what the runtime does without a store is not documented", append(r.step.Evidence, m.ref)...).
				Explaining(p.Symptom.Code == 502 || p.Symptom.Code == 503).With(r)
		case m.why != "" && r.result.Kind == function.ExecutionError:
			// The run itself may be uncertain of details; that it fails here and passes with the other runtime is what counts.
			v := fire(p, r, func(run) string { return "The function " + r.name + " cannot run: " + m.why + "." })
			v.Evidence = append(v.Evidence, m.ref)
			return v
		}
	}
	return cause.RuleOut("the function's runtime and configuration have what its code needs", list[0].step.Evidence...)
}

// mismatch is what a function lacks; its zero value is nothing.
type mismatch struct {
	why   string
	store bool
	ref   evidence.Ref
}

// mismatchOf finds out whether a failing function would run with the newer runtime, or lacks a KeyValueStore.
func mismatchOf(p *cause.Pass, r run) mismatch {
	fact := account.Function(r.name, live).In(p.World)
	out, ok := fact.Get()
	config := out.FunctionSummary.FunctionConfig
	if !ok || config == nil {
		return mismatch{}
	}
	if config.Runtime == types.FunctionRuntimeCloudfrontJs10 && runsWith20(p, r.name, out) {
		return mismatch{why: "its runtime is cloudfront-js-1.0, and the same code runs with cloudfront-js-2.0",
			ref: fact.Ref("FunctionSummary.FunctionConfig.Runtime").With(string(config.Runtime), "the code needs the newer runtime").Want(function.Runtime2)}
	}
	stores := config.KeyValueStoreAssociations
	code := string(account.FunctionCode(r.name, live).In(p.World).Or(account.FunctionCodeOutput{}).FunctionCode)
	if (stores == nil || len(stores.Items) == 0) && strings.Contains(code, ".kvs(") && strings.Contains(code, "cloudfront") {
		return mismatch{why: "its code asks a KeyValueStore, and none is associated with it", store: true,
			ref: fact.Ref("FunctionSummary.FunctionConfig.KeyValueStoreAssociations").With("none", "the code calls cf.kvs()")}
	}
	return mismatch{}
}

// runsWith20 runs the same request with the function's runtime changed.
func runsWith20(p *cause.Pass, name string, out account.FunctionOutput) bool {
	w := p.World.Clone()
	config := *out.FunctionSummary.FunctionConfig
	config.Runtime = types.FunctionRuntimeCloudfrontJs20
	out.FunctionSummary.FunctionConfig = &config
	account.Function(name, live).Set(w, out)
	m, err := p.Model.On(w)
	if err != nil {
		return false
	}
	again := *p
	again.Model, again.World, again.Trace = m, w, m.Simulate(p.Request)
	for _, r := range runs(&again) {
		if r.name == name && r.result != nil {
			return r.result.Kind != function.ExecutionError
		}
	}
	return false
}
