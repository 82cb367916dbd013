package fix

import (
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// FunctionPublication publishes a CloudFront Function: what was edited and tested (DEVELOPMENT) becomes what runs (LIVE).
type FunctionPublication struct{ Name string }

// PublishFunction publishes a CloudFront Function by its name.
func PublishFunction(name string) Change { return FunctionPublication{Name: name} }

// Resource implements [Change].
func (c FunctionPublication) Resource() string { return "function " + printable(c.Name) }

// Touches implements [Change].
func (c FunctionPublication) Touches() string { return "function" }

// Console implements [Change].
func (c FunctionPublication) Console() []string {
	return []string{"Open the CloudFront console, choose Functions, and " + show(c.Name), "On the Publish tab choose Publish function"}
}

// Diff implements [Change].
func (c FunctionPublication) Diff(*evidence.World) []DiffLine {
	return []DiffLine{{Resource: c.Resource(), Path: "LIVE", New: "the code of DEVELOPMENT"}}
}

// Effect implements [Change].
func (c FunctionPublication) Effect(w *evidence.World) {
	if answer, known := account.Function(c.Name, "DEVELOPMENT").In(w).Get(); known {
		account.Function(c.Name, "LIVE").Set(w, answer)
	}
	if code, known := account.FunctionCode(c.Name, "DEVELOPMENT").In(w).Get(); known {
		account.FunctionCode(c.Name, "LIVE").Set(w, code)
	}
}

func (c FunctionPublication) describe(stage string) func(*Shell) string {
	return func(s *Shell) string {
		return "aws cloudfront describe-function " + s.arg("name", c.Name) + " --stage " + stage
	}
}

// Plan implements [Change].
func (c FunctionPublication) Plan(s *Shell) {
	n := s.number()
	s.reads = append(s.reads, strings.Join([]string{"# " + c.Resource(),
		c.describe("DEVELOPMENT")(s) + " --output json > " + file(n, "development.json"),
		"aws cloudfront get-function " + s.arg("name", c.Name) + " --stage LIVE " + file(n, "live-code.js") + " > " + file(n, "live.json") + " 2>/dev/null || :"}, "\n"))
	s.writes = append(s.writes, strings.Join([]string{
		"etag=$(jq -r .ETag " + file(n, "development.json") + ")",
		"aws cloudfront publish-function " + s.arg("name", c.Name) + ` --if-match "$etag" --output json > ` + file(n, "published.json"),
		"say " + s.word(c.Resource()+": published"),
	}, "\n"))
	s.use("check")
	s.checks = append(s.checks, c.describe("LIVE")(s)+" --output json > "+file(n, "now.json")+"\n"+
		`if jq -e '.FunctionSummary.FunctionMetadata.Stage == "LIVE"' `+file(n, "now.json")+" >/dev/null; then say PASS "+s.word(c.Resource())+"; else say FAIL "+s.word(c.Resource())+"; failed=1; fi")
	s.undo = append(s.undo, `say "  the code that was live is in $work/`+strings.Trim(file(n, "live-code.js"), `"`)[len("$work/"):]+`: update-function with it, then publish-function"`)
}

// Commands implements [Change].
func (c FunctionPublication) Commands(ctx Context) []Command {
	command := Command{Purpose: "Publish the function: its DEVELOPMENT stage becomes LIVE", AWSCLI: planned(c), Mutates: true}
	if ctx.World != nil {
		if answer, known := account.Function(c.Name, "DEVELOPMENT").In(ctx.World).Get(); known && answer.ETag != "" {
			command.CallAWS = callOf(func(s *Shell) string {
				return "aws cloudfront publish-function " + s.arg("name", c.Name) + " " + s.arg("if-match", answer.ETag)
			})
		}
	}
	return []Command{command}
}

// Rollback implements [Change]. CloudFront keeps no code but that of the two stages: the script saves what was live.
func (c FunctionPublication) Rollback(Context) []Command { return nil }

// Checks implements [Change].
func (c FunctionPublication) Checks(Context) []Check {
	return []Check{{Purpose: "Read the live stage", AWSCLI: snippetOf(c.describe("LIVE")), CallAWS: callOf(c.describe("LIVE")),
		Expect: "LastModifiedTime is that of the publication"}}
}
