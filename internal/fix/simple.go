package fix

import (
	"context"
	"strings"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source/awscommand"
)

// call is one call that can be repeated: made twice, it leaves what it leaves once. The command is written from the API's own names.
type call struct {
	purpose            string
	service, operation string // the API's names
	region             string
	params             []param
	shell              func(*Shell) string // for the few commands that the AWS CLI has made easier than the API
	accept             []string            // error codes that say that it is so already
}

// param is a member of a call's input.
type param struct {
	name  string
	value any
}

// api is the call as the API takes it.
func (c call) api() APICall {
	params := map[string]any{}
	for _, p := range c.params {
		params[p.name] = mustTree(p.value)
	}
	return APICall{Service: c.service, Operation: c.operation, Region: c.region, Params: params}
}

// step is the call as a step of a move.
func (c call) step() Step { return Step{Call: c.api(), Accept: c.accept} }

// write is the call as a command of the AWS CLI.
func (c call) write(s *Shell) string {
	if c.shell != nil {
		return c.shell(s)
	}
	service := c.service
	if service == "s3" {
		service = "s3api"
	}
	words := []string{"aws", service, awscommand.Kebab(c.operation)}
	if c.region != "" {
		words = append(words, s.arg("region", c.region))
	}
	for _, p := range c.params {
		words = append(words, argument(s, p))
	}
	return strings.Join(words, " ")
}

// argument writes a member of the input as an option: lists of texts as words, other structures as JSON.
func argument(s *Shell, p param) string {
	switch v := p.value.(type) {
	case File:
		return "--" + awscommand.Kebab(p.name) + " fileb://" + s.word(string(v))
	case blobFile:
		return "--" + awscommand.Kebab(p.name) + ` "fileb://$blob"`
	case Saved:
		return s.word(string(v))
	}
	switch v := mustTree(p.value).(type) {
	case string:
		return s.arg(awscommand.Kebab(p.name), v)
	case bool:
		if v {
			return "--" + awscommand.Kebab(p.name)
		}
		return "--no-" + awscommand.Kebab(p.name)
	case []any:
		return "--" + awscommand.Kebab(p.name) + " " + listArgument(s, v)
	case float64:
		return s.arg(awscommand.Kebab(p.name), text(v))
	default:
		return "--" + awscommand.Kebab(p.name) + " " + quote(text(v))
	}
}

func listArgument(s *Shell, list []any) string {
	words := make([]string, len(list))
	for i, item := range list {
		value, isText := item.(string)
		if !isText || strings.HasPrefix(value, "-") || strings.HasPrefix(value, "[") || strings.HasPrefix(value, "{") {
			return quote(text(list))
		}
		if err := checkArgument(value); err != nil {
			s.refuse(err)
		}
		words[i] = quote(value)
	}
	return strings.Join(words, " ")
}

// simple is a change made by such calls alone, with nothing to merge: it sets one thing that is a resource of its own.
type simple struct {
	resource, touches string
	console           []string
	calls             []call
	undo              []call
	check             call
	expect            string
	test              string // jq on the check's answer that is true after the change
	diff              func(*evidence.World) []DiffLine
	effect            func(*evidence.World)

	look Look                    // the state; its call is check's where it names none, and without a state the calls are always made
	want any                     // the state after
	back func(before any) []call // undoes it from the state before; nil is undo
	late bool                    // whether it waits for what the changes before it await
}

// Resource implements [Change].
func (c simple) Resource() string { return c.resource }

// Touches implements [Change].
func (c simple) Touches() string { return c.touches }

// Console implements [Change].
func (c simple) Console() []string { return c.console }

// Diff implements [Change].
func (c simple) Diff(w *evidence.World) []DiffLine { return c.diff(w) }

// Effect implements [Change].
func (c simple) Effect(w *evidence.World) { c.effect(w) }

// Plan implements [Change].
func (c simple) Plan(s *Shell) {
	s.use("check")
	n := s.number()
	write := []string{}
	for _, call := range c.calls {
		write = append(write, call.write(s)+" --output json >/dev/null")
	}
	block := strings.Join(append(write, "say "+s.word(c.resource+": set")), "\n")
	if c.late {
		s.waits = append(s.waits, block)
	} else {
		s.writes = append(s.writes, block)
	}
	s.checks = append(s.checks, c.check.write(s)+" --output json > "+file(n, "now.json")+"\n"+
		"if jq -e "+quote(c.test)+" "+file(n, "now.json")+" >/dev/null; then say PASS "+s.word(c.resource)+"; else say FAIL "+s.word(c.resource)+"; failed=1; fi")
	for _, call := range c.undo {
		s.undo = append(s.undo, "say "+quote("  "+call.write(s)))
	}
}

// Prepare implements [Change].
func (c simple) Prepare(ctx context.Context, p *Preparation) error {
	m := Move{Resource: c.resource, Look: c.look, After: c.want, Late: c.late, Diff: c.diff(nil)}
	undo := c.undo
	if c.want != nil {
		if m.Look.Call.Operation == "" {
			m.Look.Call = c.check.api()
		}
		before, _, err := p.look(ctx, m.Look)
		if err != nil {
			return err
		}
		if m.Before = before; Reached(c.want, before) {
			p.Moves = append(p.Moves, m)
			return nil
		}
		if c.back != nil {
			undo = c.back(before)
		}
	}
	for _, call := range c.calls {
		m.Do = append(m.Do, call.step())
	}
	for _, call := range undo {
		m.Undo = append(m.Undo, call.step())
	}
	for i := range m.Do {
		if _, there := m.Do[i].Call.Params["CallerReference"]; there {
			m.Do[i].Call.Params["CallerReference"] = p.Token
		}
		if batch := objectOf(m.Do[i].Call.Params["InvalidationBatch"]); batch != nil {
			batch["CallerReference"] = p.Token
		}
	}
	p.Moves = append(p.Moves, m)
	return nil
}

func commands(calls []call) []Command {
	var out []Command
	for _, c := range calls {
		out = append(out, Command{Purpose: c.purpose, AWSCLI: snippetOf(c.write), CallAWS: callOf(c.write), Mutates: true})
	}
	return out
}

// Commands implements [Change].
func (c simple) Commands(Context) []Command { return commands(c.calls) }

// Rollback implements [Change].
func (c simple) Rollback(Context) []Command { return commands(c.undo) }

// Checks implements [Change].
func (c simple) Checks(Context) []Check {
	return []Check{{Purpose: c.check.purpose, AWSCLI: snippetOf(c.check.write), CallAWS: callOf(c.check.write), Expect: c.expect}}
}
