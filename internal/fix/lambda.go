package fix

import (
	"fmt"
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// LambdaGrant lets a distribution call a Lambda function.
type LambdaGrant struct {
	Function  string // name or ARN
	Region    string
	Qualifier string // alias or version, "" for the function itself
	ARNs      []string
	Actions   []string
}

// AddLambdaPermission lets distributions (by ARN) call a function. Without actions it grants the two that a function URL behind an OAC needs:
// lambda:InvokeFunctionUrl and lambda:InvokeFunction (DG/private-content-restricting-access-to-lambda).
func AddLambdaPermission(function, region, qualifier string, arns []string, actions ...string) Change {
	if len(actions) == 0 {
		actions = []string{"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}
	}
	return LambdaGrant{Function: function, Region: region, Qualifier: qualifier, ARNs: arns, Actions: actions}
}

// permission is one statement of the function's policy.
type permission struct{ sid, action, arn string }

func (c LambdaGrant) permissions() []permission {
	var out []permission
	for _, arn := range c.ARNs {
		for _, action := range c.Actions {
			purpose := ""
			if action != "lambda:InvokeFunctionUrl" {
				_, purpose, _ = strings.Cut(action, ":")
			}
			out = append(out, permission{sid(purpose, []string{arn}), action, arn})
		}
	}
	return out
}

// Resource implements [Change].
func (c LambdaGrant) Resource() string {
	return "permissions of Lambda function " + printable(c.Function)
}

// Touches implements [Change].
func (c LambdaGrant) Touches() string { return "lambda-permission" }

// Console implements [Change].
func (c LambdaGrant) Console() []string {
	steps := []string{"The Lambda console cannot make these grants for CloudFront: use the commands (AWS CloudShell, in the Console's toolbar, has the aws program)"}
	for _, p := range c.permissions() {
		steps = append(steps, "In AWS CloudShell run: "+snippetOf(func(s *Shell) string { return c.add(s, p) }))
	}
	return steps
}

func (c LambdaGrant) function(s *Shell) string {
	out := s.arg("function-name", c.Function) + " " + s.arg("region", c.Region)
	if c.Qualifier != "" {
		out += " " + s.arg("qualifier", c.Qualifier)
	}
	return out
}

func (c LambdaGrant) add(s *Shell, p permission) string {
	return "aws lambda add-permission " + c.function(s) + " " + s.arg("statement-id", p.sid) + " " + s.arg("action", p.action) +
		" --principal cloudfront.amazonaws.com " + s.arg("source-arn", p.arn)
}

func (c LambdaGrant) remove(s *Shell, p permission) string {
	return "aws lambda remove-permission " + c.function(s) + " " + s.arg("statement-id", p.sid)
}

// statement is what Lambda makes of a permission.
func (c LambdaGrant) statement(w *evidence.World, p permission) any {
	resource := c.Function
	if !strings.HasPrefix(resource, "arn:") {
		parts := strings.SplitN(p.arn, ":", 6)
		owner := w.Account
		if owner == "" && len(parts) == 6 {
			owner = parts[4]
		}
		partition := "aws"
		if len(parts) == 6 {
			partition = parts[1]
		}
		resource = fmt.Sprintf("arn:%s:lambda:%s:%s:function:%s", partition, c.Region, owner, c.Function)
	}
	if c.Qualifier != "" {
		resource += ":" + c.Qualifier
	}
	return mustTree(map[string]any{
		"Sid": p.sid, "Effect": "Allow", "Principal": map[string]any{"Service": "cloudfront.amazonaws.com"}, "Action": p.action,
		"Resource": resource, "Condition": map[string]any{"ArnLike": map[string]any{sourceARN: p.arn}},
	})
}

func (c LambdaGrant) before(w *evidence.World) (doc any, known bool) {
	if w == nil {
		return nil, false
	}
	fact := account.LambdaPolicy(c.Region, c.Function, c.Qualifier).In(w)
	policy := emptyPolicy
	if answer, known := fact.Get(); known {
		policy = answer.Policy
	} else if !fact.IsAbsent() {
		return nil, false
	}
	doc, err := parseTree([]byte(policy))
	return doc, err == nil && objectOf(doc) != nil
}

func (c LambdaGrant) after(w *evidence.World) (doc any, known bool) {
	before, known := c.before(w)
	if !known {
		return nil, false
	}
	policy := objectOf(copyTree(before))
	statements := listOf(policy["Statement"])
	for _, p := range c.permissions() {
		statements = put(statements, "Sid", c.statement(w, p))
	}
	policy["Statement"] = statements
	return policy, true
}

// Diff implements [Change].
func (c LambdaGrant) Diff(w *evidence.World) []DiffLine {
	before, known := c.before(w)
	if !known {
		return nil
	}
	after, _ := c.after(w)
	return diffPolicies(c.Resource(), before, after)
}

// Effect implements [Change].
func (c LambdaGrant) Effect(w *evidence.World) {
	if after, known := c.after(w); known {
		account.LambdaPolicy(c.Region, c.Function, c.Qualifier).Set(w, account.LambdaPolicyOutput{Policy: text(after)})
	}
}

func (c LambdaGrant) fetch(s *Shell, n int, name string) string {
	s.use("absent")
	return strings.Join([]string{
		"if aws lambda get-policy " + c.function(s) + " --output json > " + file(n, name+".answer.json") + " 2> " + file(n, name+".error") + "; then",
		"  jq '.Policy | fromjson' " + file(n, name+".answer.json") + " > " + file(n, name+".json"),
		"else",
		"  absent ResourceNotFoundException " + file(n, name+".error"),
		"  printf '%s\\n' " + quote(emptyPolicy) + " > " + file(n, name+".json"),
		"fi",
	}, "\n")
}

// has is jq that tells whether a permission is among a policy's statements.
func (c LambdaGrant) has(p permission, file string) string {
	program := newProgram()
	program.use("listed")
	program.steps = []string{fmt.Sprintf(`any(.Statement | listed[]; .Effect == "Allow" and (.Action | listed | index([%s]) != null)
  and (.Principal.Service? == "cloudfront.amazonaws.com") and ([.Condition[]?["AWS:SourceArn"]? | listed[]] | index([%s]) != null))`,
		program.value(p.action), program.value(p.arn))}
	return strings.Replace(program.command(), "jq ", "jq -e ", 1) + " " + file + " >/dev/null"
}

// Plan implements [Change].
func (c LambdaGrant) Plan(s *Shell) {
	n := s.number()
	s.reads = append(s.reads, "# "+c.Resource()+"\n"+c.fetch(s, n, "old"))
	s.checks = append(s.checks, c.fetch(s, n, "now"))
	s.use("check")
	for _, p := range c.permissions() {
		name := s.word(fmt.Sprintf("%s: %s", c.Resource(), p.action))
		s.writes = append(s.writes, strings.Join([]string{
			"if " + c.has(p, file(n, "old.json")) + "; then",
			"  say " + name + "' there already'",
			"else",
			"  " + c.add(s, p) + " --output json >/dev/null",
			"  say " + name + "' granted'",
			"fi",
		}, "\n"))
		s.checks = append(s.checks, "if "+c.has(p, file(n, "now.json"))+"; then say PASS "+name+"; else say FAIL "+name+"; failed=1; fi")
		s.undo = append(s.undo, "say "+quote("  "+c.remove(s, p)))
	}
}

// Commands implements [Change].
func (c LambdaGrant) Commands(Context) []Command {
	var out []Command
	for _, p := range c.permissions() {
		write := func(s *Shell) string { return c.add(s, p) }
		out = append(out, Command{
			Purpose: "Grant " + p.action + " to the distribution, and to nobody else", AWSCLI: snippetOf(write), CallAWS: callOf(write), Mutates: true,
		})
	}
	return out
}

// Rollback implements [Change].
func (c LambdaGrant) Rollback(Context) []Command {
	var out []Command
	for _, p := range c.permissions() {
		write := func(s *Shell) string { return c.remove(s, p) }
		out = append(out, Command{Purpose: "Take " + p.action + " away again", AWSCLI: snippetOf(write), CallAWS: callOf(write), Mutates: true})
	}
	return out
}

// Checks implements [Change].
func (c LambdaGrant) Checks(Context) []Check {
	get := func(s *Shell) string { return "aws lambda get-policy " + c.function(s) }
	return []Check{{
		Purpose: "Read the " + c.Resource() + " again",
		AWSCLI:  snippetOf(func(s *Shell) string { return get(s) + " --output json | jq '.Policy | fromjson'" }),
		CallAWS: callOf(get),
		Expect:  "statements that allow " + strings.Join(c.Actions, " and ") + " to cloudfront.amazonaws.com for " + printable(strings.Join(c.ARNs, ", ")),
	}}
}
