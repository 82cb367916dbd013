package fix

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// functionRuntime is the runtime of functions that fixes create (DG/functions-javascript-runtime-20).
const functionRuntime = "cloudfront-js-2.0"

// FunctionCreation creates a CloudFront Function and publishes it.
type FunctionCreation struct {
	Name, Comment, Code string
	Partition, Account  string // of the function's ARN
}

// CreateFunction creates a CloudFront Function with the runtime cloudfront-js-2.0 and publishes it. Names have at most 64 of the characters
// a–z, A–Z, 0–9, - and _ (API reference, CreateFunction). A function of that name with that code is taken as it is. Partition "" is aws.
func CreateFunction(name, comment, code, partition, accountID string) FunctionCreation {
	if partition == "" {
		partition = "aws"
	}
	return FunctionCreation{Name: name, Comment: comment, Code: code, Partition: partition, Account: accountID}
}

// ARN is the function's ARN, for [AddFunctionAssociation].
func (c FunctionCreation) ARN() string {
	return "arn:" + c.Partition + ":cloudfront::" + c.Account + ":function/" + c.Name
}

// Resource implements [Change].
func (c FunctionCreation) Resource() string { return "function " + printable(c.Name) }

// Touches implements [Change].
func (c FunctionCreation) Touches() string { return "function" }

// Console implements [Change].
func (c FunctionCreation) Console() []string {
	return []string{
		"Open the CloudFront console, choose Functions, Create function; enter the name " + show(c.Name) + " and the runtime " + functionRuntime + ", and choose Create function",
		"On the Build tab replace the code by this one and choose Save changes; on the Publish tab choose Publish function: " + printable(c.Code),
	}
}

// Diff implements [Change].
func (c FunctionCreation) Diff(*evidence.World) []DiffLine {
	return []DiffLine{{Resource: c.Resource(), Path: "FunctionCode", New: printable(c.Code)}}
}

func (c FunctionCreation) config() map[string]any {
	return map[string]any{"Comment": c.Comment, "Runtime": functionRuntime}
}

// Effect implements [Change].
func (c FunctionCreation) Effect(w *evidence.World) {
	for _, stage := range []types.FunctionStage{types.FunctionStageDevelopment, types.FunctionStageLive} {
		account.Function(c.Name, string(stage)).Set(w, account.FunctionOutput{ETag: "ETAG", FunctionSummary: types.FunctionSummary{
			Name: &c.Name, FunctionConfig: &types.FunctionConfig{Comment: &c.Comment, Runtime: types.FunctionRuntimeCloudfrontJs20},
			FunctionMetadata: &types.FunctionMetadata{FunctionARN: aws.String(c.ARN()), Stage: stage},
		}})
		account.FunctionCode(c.Name, string(stage)).Set(w, account.FunctionCodeOutput{ETag: "ETAG", FunctionCode: []byte(c.Code)})
	}
}

func (c FunctionCreation) named(s *Shell, verb string) string {
	return "aws cloudfront " + verb + "-function " + s.arg("name", c.Name)
}

func (c FunctionCreation) configOption() string {
	return "--function-config " + quote(text(mustTree(c.config())))
}

// Plan implements [Change].
func (c FunctionCreation) Plan(s *Shell) {
	n := s.number()
	s.use("absent")
	if err := checkPlain(c.Code); err != nil {
		s.refuse(err)
	}
	name := s.word(c.Resource())
	s.reads = append(s.reads, strings.Join([]string{"# " + c.Resource(),
		"printf '%s' " + quote(c.Code) + " > " + file(n, "code.js"),
		"if " + c.named(s, "get") + " --stage DEVELOPMENT " + file(n, "old-code.js") + " --output json > " + file(n, "old.json") + " 2> " + file(n, "old.error") + "; then",
		"  cmp -s " + file(n, "code.js") + " " + file(n, "old-code.js") + " || fail " + s.word("Another function has the name "+c.Name+" already. Nothing has been changed."),
		"else",
		"  absent NoSuchFunctionExists " + file(n, "old.error"),
		"fi"}, "\n"))
	s.writes = append(s.writes, strings.Join([]string{
		"if [ ! -e " + file(n, "old-code.js") + " ]; then",
		"  " + c.named(s, "create") + " " + c.configOption() + ` --function-code "fileb://$work/` + fmt.Sprint(n) + `.code.js" --output json > ` + file(n, "old.json"),
		"fi",
		"etag=$(jq -r .ETag " + file(n, "old.json") + ")",
		c.named(s, "publish") + ` --if-match "$etag" --output json > ` + file(n, "published.json"),
		"say " + name + "': created and published'"}, "\n"))
	s.use("check")
	s.checks = append(s.checks, strings.Join([]string{
		c.named(s, "get") + " --stage LIVE " + file(n, "now-code.js") + " --output json > " + file(n, "now.json"),
		"if cmp -s " + file(n, "code.js") + " " + file(n, "now-code.js") + "; then say PASS " + name + "; else say FAIL " + name + "; failed=1; fi"}, "\n"))
	s.undo = append(s.undo, "say "+s.word("  (the "+c.Resource()+" costs nothing while no distribution uses it; it can stay)"))
}

// etagPlaceholder stands for the ETag that create-function answers with.
const etagPlaceholder = "ETAG_FROM_THE_ANSWER"

// Commands implements [Change].
func (c FunctionCreation) Commands(Context) []Command {
	return []Command{
		{Purpose: "Create the " + c.Resource() + " and publish it (call_aws: the answer shows the ETag that the next command needs)", Mutates: true, AWSCLI: planned(c),
			CallAWS: callOf(func(s *Shell) string {
				return c.named(s, "create") + " " + c.configOption() + " " + s.arg("function-code", c.Code)
			})},
		{Purpose: "Publish the " + c.Resource() + " (the command before has done so in its aws_cli form)", Mutates: true,
			CallAWS: callOf(func(s *Shell) string { return c.named(s, "publish") + " --if-match " + etagPlaceholder }),
			Inputs:  []string{"for call_aws: " + etagPlaceholder + ", the ETag in the answer of create-function"}},
	}
}

// Rollback implements [Change].
func (c FunctionCreation) Rollback(Context) []Command {
	return []Command{{
		Purpose: "Delete the " + c.Resource() + " again, when no distribution uses it any more", Mutates: true,
		AWSCLI: snippetOf(func(s *Shell) string {
			return "(\nset -eu\netag=$(" + c.named(s, "describe") + " --query ETag --output text)\n" + c.named(s, "delete") + ` --if-match "$etag"` + "\n)"
		}),
		CallAWS: callOf(func(s *Shell) string { return c.named(s, "delete") + " --if-match " + etagPlaceholder }),
		Inputs:  []string{"for call_aws: " + etagPlaceholder + ", the ETag that describe-function shows"},
	}}
}

// Checks implements [Change].
func (c FunctionCreation) Checks(Context) []Check {
	describe := func(s *Shell) string { return c.named(s, "describe") + " --stage LIVE" }
	return []Check{{Purpose: "Read the live stage", AWSCLI: snippetOf(describe), CallAWS: callOf(describe), Expect: "the function is there, with the Stage LIVE"}}
}

// Prepare implements [Change].
func (c FunctionCreation) Prepare(ctx context.Context, p *Preparation) error {
	name := map[string]any{"Name": c.Name}
	code := base64.StdEncoding.EncodeToString([]byte(c.Code))
	look := func(stage string) Look {
		return Look{Call: APICall{Service: "cloudfront", Operation: "GetFunction", Params: with(name, map[string]any{"Stage": stage})},
			Path: []string{"FunctionCode"}, Absent: []string{"NoSuchFunctionExists"}}
	}
	development, _, err := p.look(ctx, look("DEVELOPMENT"))
	if err != nil {
		return err
	}
	if development != nil && development != any(code) {
		return errors.New("another function has this name already")
	}
	live, _, err := p.look(ctx, look("LIVE"))
	if err != nil {
		return err
	}
	m := Move{Resource: c.Resource(), Look: look("LIVE"), Before: live, After: code, Diff: c.Diff(nil)}
	if live != any(code) {
		describe := APICall{Service: "cloudfront", Operation: "DescribeFunction", Params: with(name, map[string]any{"Stage": "DEVELOPMENT"})}
		guard := &Version{Param: "IfMatch", Call: &describe, Path: "ETag"}
		m.Do = []Step{
			{Call: APICall{Service: "cloudfront", Operation: "CreateFunction", Params: with(name, map[string]any{"FunctionConfig": c.config(), "FunctionCode": code})},
				Accept: []string{"FunctionAlreadyExists"}},
			{Call: APICall{Service: "cloudfront", Operation: "PublishFunction", Params: name}, Version: guard},
		}
		m.Undo = []Step{{Call: APICall{Service: "cloudfront", Operation: "DeleteFunction", Params: name}, Version: guard}}
	}
	p.Moves = append(p.Moves, m)
	return nil
}
