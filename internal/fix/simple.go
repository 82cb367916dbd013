package fix

import (
	"strings"

	"cfdoctor/internal/evidence"
)

// call is one aws command that can be repeated: made twice, it leaves what it leaves once.
type call struct {
	purpose string
	write   func(*Shell) string
}

// simple is a change made by such commands alone, with nothing to merge: it sets one thing that is a resource of its own.
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
	s.writes = append(s.writes, strings.Join(append(write, "say "+s.word(c.resource+": set")), "\n"))
	s.checks = append(s.checks, c.check.write(s)+" --output json > "+file(n, "now.json")+"\n"+
		"if jq -e "+quote(c.test)+" "+file(n, "now.json")+" >/dev/null; then say PASS "+s.word(c.resource)+"; else say FAIL "+s.word(c.resource)+"; failed=1; fi")
	for _, call := range c.undo {
		s.undo = append(s.undo, "say "+quote("  "+call.write(s)))
	}
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
