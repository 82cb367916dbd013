package fix

import (
	"context"
	"errors"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// FunctionRuntime gives a CloudFront Function that runs another runtime and publishes it, with its code as it is.
type FunctionRuntime struct{ Name, Runtime string }

// SetFunctionRuntime changes the runtime of what a CloudFront Function has in LIVE, such as to cloudfront-js-2.0, and leaves the code byte for
// byte as it is (API reference, UpdateFunction: the configuration is written together with the code). Since only what is in DEVELOPMENT can be
// published, it refuses a function whose DEVELOPMENT stage has other code or other settings: they would be lost, or go live with it.
func SetFunctionRuntime(name, runtime string) Change {
	return FunctionRuntime{Name: name, Runtime: runtime}
}

// Resource implements [Change].
func (c FunctionRuntime) Resource() string { return "runtime of function " + printable(c.Name) }

// Touches implements [Change].
func (c FunctionRuntime) Touches() string { return "function" }

// Console implements [Change].
func (c FunctionRuntime) Console() []string {
	return []string{
		"Open the CloudFront console, choose Functions, and " + show(c.Name),
		"Under Details choose Edit, set Runtime to " + show(c.Runtime) + ", and choose Save changes",
		"On the Publish tab choose Publish function",
	}
}

// Diff implements [Change].
func (c FunctionRuntime) Diff(w *evidence.World) []DiffLine {
	line := DiffLine{Resource: "function " + printable(c.Name), Path: "FunctionConfig.Runtime", New: c.Runtime}
	if w != nil {
		if config := account.Function(c.Name, "LIVE").In(w).Or(account.FunctionOutput{}).FunctionSummary.FunctionConfig; config != nil {
			line.Old = printable(string(config.Runtime))
		}
	}
	return []DiffLine{line}
}

// Effect implements [Change].
func (c FunctionRuntime) Effect(w *evidence.World) {
	for _, stage := range []string{"DEVELOPMENT", "LIVE"} {
		read := account.Function(c.Name, stage)
		answer, known := read.In(w).Get()
		if !known || answer.FunctionSummary.FunctionConfig == nil {
			continue
		}
		config := *answer.FunctionSummary.FunctionConfig
		config.Runtime = types.FunctionRuntime(c.Runtime)
		answer.FunctionSummary.FunctionConfig = &config
		read.Set(w, answer)
	}
}

func (c FunctionRuntime) named(s *Shell, verb string) string {
	return "aws cloudfront " + verb + "-function " + s.arg("name", c.Name)
}

// Plan implements [Change].
func (c FunctionRuntime) Plan(s *Shell) {
	n := s.number()
	unpublished := s.word("The function " + c.Name + " has changes in development that are not published. Publish or drop them first. Nothing has been changed.")
	config := func(answer string) string { return "jq .FunctionSummary.FunctionConfig " + file(n, answer) }
	s.reads = append(s.reads, strings.Join([]string{"# " + c.Resource(),
		c.named(s, "describe") + " --stage LIVE --output json > " + file(n, "live.json"),
		c.named(s, "describe") + " --stage DEVELOPMENT --output json > " + file(n, "development.json"),
		c.named(s, "get") + " --stage LIVE " + file(n, "live-code.js") + " --output json > " + file(n, "got.json"),
		c.named(s, "get") + " --stage DEVELOPMENT " + file(n, "development-code.js") + " --output json > " + file(n, "got.json"),
		"cmp -s " + file(n, "live-code.js") + " " + file(n, "development-code.js") + " || fail " + unpublished,
		config("live.json") + " > " + file(n, "old.json"),
		"jq --arg runtime " + quote(c.Runtime) + " '.Runtime = $runtime' " + file(n, "old.json") + " > " + file(n, "new.json"),
		config("development.json") + " | jq --arg runtime " + quote(c.Runtime) + " '.Runtime = $runtime' > " + file(n, "development-new.json"),
		"same " + file(n, "new.json") + " " + file(n, "development-new.json") + " || fail " + unpublished,
	}, "\n"))
	s.writes = append(s.writes, strings.Join([]string{
		"if same " + file(n, "old.json") + " " + file(n, "new.json") + "; then",
		"  say " + s.word(c.Resource()+": already as wanted"),
		"else",
		"  " + c.named(s, "update") + ` --if-match "$(jq -r .ETag ` + file(n, "development.json") + `)" ` + fileOption("function-config", n, "new.json") +
			` --function-code "fileb://$work/` + strings.TrimPrefix(strings.Trim(file(n, "live-code.js"), `"`), "$work/") + `" --output json > ` + file(n, "written.json"),
		"  " + c.named(s, "publish") + ` --if-match "$(jq -r .ETag ` + file(n, "written.json") + `)" --output json > ` + file(n, "published.json"),
		"  say " + s.word(c.Resource()+": changed and published"),
		"fi"}, "\n"))
	s.use("check")
	s.checks = append(s.checks, strings.Join([]string{
		c.named(s, "describe") + " --stage LIVE --output json > " + file(n, "now-live.json"),
		config("now-live.json") + " > " + file(n, "now.json"),
		"check " + s.word(c.Resource()) + " " + file(n, "now.json") + " " + file(n, "new.json"),
		c.named(s, "get") + " --stage LIVE " + file(n, "now-code.js") + " --output json > " + file(n, "got.json"),
		"if cmp -s " + file(n, "live-code.js") + " " + file(n, "now-code.js") + "; then say PASS " + s.word("code of function "+c.Name) +
			"; else say FAIL " + s.word("code of function "+c.Name) + "; failed=1; fi",
	}, "\n"))
	code := strings.TrimPrefix(strings.Trim(file(n, "live-code.js"), `"`), "$work/")
	s.undo = append(s.undo,
		"say "+quote("  etag=$("+c.named(s, "describe")+" --query ETag --output text)"),
		undoLine("etag=$("+c.named(s, "update")+` --if-match "$etag" --query ETag --output text --function-config `, n, "old.json")+`" --function-code 'fileb://$work/`+code+`')"`,
		"say "+quote("  "+c.named(s, "publish")+` --if-match "$etag"`))
}

// Commands implements [Change]. The code is a file's, so that there is no call_aws form.
func (c FunctionRuntime) Commands(Context) []Command {
	return []Command{{Purpose: "Give the function the runtime " + c.Runtime + ", with its code as it is, and publish it (not as call_aws: the code goes through a file)",
		AWSCLI: planned(c), Mutates: true}}
}

// Rollback implements [Change].
func (c FunctionRuntime) Rollback(ctx Context) []Command {
	if ctx.World == nil {
		return nil
	}
	config := account.Function(c.Name, "LIVE").In(ctx.World).Or(account.FunctionOutput{}).FunctionSummary.FunctionConfig
	if config == nil {
		return nil
	}
	back := FunctionRuntime{Name: c.Name, Runtime: string(config.Runtime)}
	return []Command{{Purpose: "Give the function its old runtime back, and publish it", AWSCLI: planned(back), Mutates: true}}
}

// Checks implements [Change].
func (c FunctionRuntime) Checks(Context) []Check {
	describe := func(s *Shell) string { return c.named(s, "describe") + " --stage LIVE" }
	return []Check{{Purpose: "Read the live stage", AWSCLI: snippetOf(describe), CallAWS: callOf(describe), Expect: "the Runtime is " + c.Runtime + " and the Stage LIVE"}}
}

// errUnpublished says that a function has something in DEVELOPMENT that a change would lose, or publish unasked.
var errUnpublished = errors.New("it has changes in development that are not published: publish or drop them first")

// Prepare implements [Change].
func (c FunctionRuntime) Prepare(ctx context.Context, p *Preparation) error {
	name := map[string]any{"Name": c.Name}
	read := func(operation, stage string, path ...string) Look {
		return Look{Call: APICall{Service: "cloudfront", Operation: operation, Params: with(name, map[string]any{"Stage": stage})}, Path: path, Version: "ETag"}
	}
	var code, config, etag = map[string]any{}, map[string]any{}, ""
	for _, stage := range []string{"LIVE", "DEVELOPMENT"} {
		var err error
		if code[stage], _, err = p.look(ctx, read("GetFunction", stage, "FunctionCode")); err != nil {
			return err
		}
		if config[stage], etag, err = p.look(ctx, read("DescribeFunction", stage, "FunctionSummary", "FunctionConfig")); err != nil {
			return err
		}
	}
	after := with(objectOf(config["LIVE"]), map[string]any{"Runtime": c.Runtime})
	if !sameTree(code["LIVE"], code["DEVELOPMENT"]) || !SameState(after, with(objectOf(config["DEVELOPMENT"]), map[string]any{"Runtime": c.Runtime})) {
		return errUnpublished
	}
	look := read("DescribeFunction", "LIVE", "FunctionSummary", "FunctionConfig")
	look.Version = "" // a change is guarded by the version of DEVELOPMENT
	m := Move{Resource: c.Resource(), Look: look, Before: config["LIVE"], After: after,
		Diff: []DiffLine{{Resource: "function " + printable(c.Name), Path: "FunctionConfig.Runtime", Old: shown(objectOf(config["LIVE"])["Runtime"]), New: c.Runtime}}}
	if !SameState(config["LIVE"], after) {
		m.Do = c.publish(after, code["LIVE"], etag)
		m.Undo = c.publish(maps.Clone(objectOf(config["LIVE"])), code["LIVE"], "")
	}
	p.Moves = append(p.Moves, m)
	return nil
}

// publish writes a configuration and the code, and publishes them. Each step is guarded by the version that the one before left.
func (c FunctionRuntime) publish(config map[string]any, code any, etag string) []Step {
	name := map[string]any{"Name": c.Name}
	describe := APICall{Service: "cloudfront", Operation: "DescribeFunction", Params: with(name, map[string]any{"Stage": "DEVELOPMENT"})}
	guard := &Version{Param: "IfMatch", Call: &describe, Path: "ETag"}
	first := guard
	if etag != "" {
		first = guarded("IfMatch", etag)
	}
	return []Step{
		{Version: first, Call: APICall{Service: "cloudfront", Operation: "UpdateFunction", Params: with(name, map[string]any{"FunctionConfig": config, "FunctionCode": code})}},
		{Version: guard, Call: APICall{Service: "cloudfront", Operation: "PublishFunction", Params: name}},
	}
}
