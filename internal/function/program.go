package function

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"modernc.org/quickjs"
)

// The runtimes of CloudFront Functions.
const (
	Runtime1 = "cloudfront-js-1.0"
	Runtime2 = "cloudfront-js-2.0"
)

// maxSource is the size in bytes beyond which code is not run. CloudFront takes no function
// above 10 KB (DG/cloudfront-limits).
const maxSource = 16 << 10

// Code is a function's code, as GetFunction returns it (decoded).
type Code struct {
	Name string
	// Runtime is Runtime1 or Runtime2.
	Runtime string
	Source  string
}

// Store is the key value store associated with the function.
type Store struct {
	ID    string
	Items map[string]string
	// Complete tells that Items are all keys; else a key that is not there is unknown
	// rather than absent.
	Complete bool
}

// Program is a function ready to run. It is safe for concurrent use.
type Program struct {
	code    Code
	store   *Store
	script  *script
	issues  []Issue
	load    *Result // what every run gives, if the code does not load
	wrapped string
	// alone is set for code that changes built-in objects on purpose: each run gets an
	// engine of its own.
	alone bool

	mu     sync.Mutex
	idle   []*machine
	closed bool
}

// Compile prepares a function. A nil kvs means that it is not known which store the function
// has or what is in it. Code that does not load is no error here: CloudFront publishes it
// and fails at every request, and so does Run.
func Compile(c Code, kvs *Store) *Program {
	c.Source = strings.ToValidUTF8(c.Source, "\uFFFD")
	p := &Program{code: c, store: kvs}
	if len(c.Source) > maxSource {
		p.script = &script{source: c.Source}
		p.load = &Result{Because: fmt.Sprintf("the code has %d bytes, more than the sandbox runs", len(c.Source))}
		return p
	}
	p.script = parseScript(c.Source)
	p.issues = lint(p.script, c.Runtime)
	p.alone = p.script.touchesBuiltins()
	p.wrapped = p.script.wrap()
	p.load = p.check()
	// Models are made by the hundred, to prove fixes, and nobody tells when one is done with: an engine's memory is outside of Go's.
	runtime.SetFinalizer(p, (*Program).Close)
	return p
}

// Lint returns the constructs the function's runtime does not, or may not, support, in the
// order of the source.
func (p *Program) Lint() []Issue { return slices.Clone(p.issues) }

// Close frees the engines. Runs under way end normally; later ones start their own engine.
func (p *Program) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, m := range p.idle {
		m.close()
	}
	p.idle = nil
}

// Run calls the function once. If ctx is done before the code is, the result is Unknown.
func (p *Program) Run(ctx context.Context, ev Event) Result {
	if ev.Type != ViewerRequest && ev.Type != ViewerResponse {
		return Result{Because: fmt.Sprintf("CloudFront functions do not run on %q events", ev.Type)}
	}
	if p.load != nil {
		return *p.load
	}
	ev.Request = ev.Request.normal()
	if ev.Type == ViewerRequest {
		ev.Response = nil
	} else {
		if ev.Response == nil {
			ev.Response = &Response{Status: 200, StatusDescription: "OK"}
		}
		response := ev.Response.normal()
		ev.Response = &response
	}
	res := p.runDraws(ctx, &ev)
	return p.weighSyntax(res)
}

// draws are the first random numbers tried: the ends of the range, where a comparison with
// a share of the traffic turns out either way, and between.
var draws = [...]float64{0, 0.999999, 0.5, 0.25, 0.75}

// runDraws runs the code, and if it asked for random numbers, runs it on others too: an
// outcome that hangs on chance is Unknown.
func (p *Program) runDraws(ctx context.Context, ev *Event) Result {
	first := p.runOnce(ctx, ev, draws[0])
	if !slices.Contains(first.Tainted, "Math.random") {
		return first
	}
	for _, draw := range draws[1:] {
		next := p.runOnce(ctx, ev, draw)
		if next.Kind != first.Kind || next.Status != first.Status {
			first.Kind, first.Certain, first.Status = Unknown, false, 0
			first.Request, first.Response, first.Origin = nil, nil, nil
			first.Because = "the outcome depends on Math.random"
			return first
		}
	}
	first.Certain = false
	return first
}

// weighSyntax puts the doubts about the code's syntax on a result.
func (p *Program) weighSyntax(res Result) Result {
	doubt := p.loadDoubt()
	if doubt == nil {
		return res
	}
	res.Certain = false
	out := Result{
		Kind: Unknown, Line: doubt.Line, Column: doubt.Column, Otherwise: &res,
		Because: fmt.Sprintf("the runtime %s may refuse to load the code: %s", p.code.Runtime, doubt.Message),
	}
	if doubt.Certainty == Likely {
		out.Kind, out.Status = ExecutionError, statusExecution
		out.Error = "SyntaxError: " + doubt.Message
		out.Because = fmt.Sprintf("the runtime %s very likely refuses to load the code: %s", p.code.Runtime, doubt.Message)
	}
	return out
}

// loadDoubt is the gravest issue that may stop the code from loading, nil if there is none.
func (p *Program) loadDoubt() *Issue {
	var worst *Issue
	for i := range p.issues {
		issue := &p.issues[i]
		if issue.Effect == AtLoad && (worst == nil || issue.Certainty > worst.Certainty) {
			worst = issue
		}
	}
	return worst
}

// runOnce runs the code on a shared engine, and again on one of its own if it tried to
// change what is shared or did not end in time.
func (p *Program) runOnce(ctx context.Context, ev *Event, random float64) Result {
	input := ev.arguments(random)
	if !p.alone {
		env, err := p.runShared(ctx, input)
		if err == nil && !env.collided() && !env.interrupted() {
			return p.judge(ev, env)
		}
		if err != nil && (ctx.Err() != nil || errors.Is(err, errGivenUp) || !strings.Contains(err.Error(), interrupted)) {
			return p.failed(ctx, err)
		}
	}
	env, err := p.runAlone(ctx, input)
	if err != nil {
		return p.failed(ctx, err)
	}
	if ctx.Err() != nil && env.interrupted() {
		return p.failed(ctx, ctx.Err())
	}
	return p.judge(ev, env)
}

func (p *Program) runAlone(ctx context.Context, input []any) (*envelope, error) {
	m, err := newMachine(p, false)
	if err != nil {
		return nil, err
	}
	env, err := m.call(ctx, input)
	if !m.abandoned.Load() {
		m.close()
	}
	return env, err
}

func (p *Program) runShared(ctx context.Context, input []any) (*envelope, error) {
	m, err := p.acquire()
	if err != nil {
		return nil, err
	}
	env, err := m.call(ctx, input)
	switch {
	case err == nil && !env.exhausted():
		p.release(m)
	case !m.abandoned.Load():
		m.close()
	}
	return env, err
}

// Load loads an engine for the next run, which would do it otherwise. What goes wrong shows in that run.
func (p *Program) Load() {
	if p.load != nil || p.alone {
		return
	}
	if m, err := p.acquire(); err == nil {
		p.release(m)
	}
}

func (p *Program) acquire() (*machine, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		m := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return m, nil
	}
	p.mu.Unlock()
	return newMachine(p, true)
}

func (p *Program) release(m *machine) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.idle) >= runtime.GOMAXPROCS(0) {
		m.close()
		return
	}
	p.idle = append(p.idle, m)
}

// collided tells whether the code ran into what a shared engine has frozen.
func (e *envelope) collided() bool {
	if e.Dirty {
		return true
	}
	if e.Error == nil || e.Error.Name != "TypeError" {
		return false
	}
	for _, words := range []string{"is read-only", "not extensible", "no setter", "not configurable", "could not delete"} {
		if strings.Contains(e.Error.Message, words) {
			return true
		}
	}
	return false
}

// interrupted is how the engine words that it was told to stop.
const interrupted = "interrupted"

func (e *envelope) interrupted() bool {
	return e.Error != nil && e.Error.Name == "InternalError" && e.Error.Message == interrupted
}

// exhausted tells whether the run hit a limit of the engine, which may leave garbage.
func (e *envelope) exhausted() bool {
	return e.Error != nil && e.Error.Name == "InternalError" || e.Waiting
}

// check finds out whether the code loads at all; nil means that it does.
func (p *Program) check() *Result {
	for _, issue := range p.issues {
		if issue.Effect == AtLoad && issue.Certainty == Certain {
			return &Result{
				Kind: ExecutionError, Certain: true, Status: statusExecution,
				Error: "SyntaxError: " + issue.Message, Line: issue.Line, Column: issue.Column,
				Because: fmt.Sprintf("the runtime %s cannot load the code: %s", p.code.Runtime, issue.Message),
			}
		}
	}
	if p.code.Runtime != Runtime1 && p.code.Runtime != Runtime2 {
		return &Result{Because: fmt.Sprintf("the runtime %q is not known", p.code.Runtime)}
	}
	vm, err := quickjs.NewVM()
	if err != nil {
		return &Result{Because: "the sandbox could not be started", Error: err.Error()}
	}
	defer vm.Close()
	vm.SetMemoryLimit(memoryLimit)
	const directive = `"use strict";`
	if _, err := vm.Compile(directive+p.script.bare, quickjs.EvalGlobal); err != nil {
		_, loose := vm.Compile(p.script.bare, quickjs.EvalGlobal)
		return syntaxResult(err, len(directive), loose != nil)
	}
	if _, err := vm.Compile(p.wrapped, quickjs.EvalGlobal); err != nil {
		return &Result{Because: "the sandbox cannot run code of this form", Error: err.Error()}
	}
	return nil
}

// syntaxResult is the result of code that does not parse. Code that parses only outside
// strict mode is not certain to fail: the runtimes' parser is not quite a strict one.
func syntaxResult(err error, shift int, certain bool) *Result {
	var syntax *quickjs.Error
	if !errors.As(err, &syntax) || syntax.Name != "SyntaxError" {
		return &Result{Because: "the sandbox could not parse the code", Error: err.Error()}
	}
	res := &Result{
		Kind: ExecutionError, Certain: certain, Status: statusExecution,
		Error: syntax.Name + ": " + syntax.Message, Line: syntax.LineNumber, Column: syntax.ColumnNumber,
	}
	if res.Line == 1 {
		res.Column = max(1, res.Column-shift)
	}
	res.Because = fmt.Sprintf("the code does not parse: line %d: %s", res.Line, syntax.Message)
	return res
}
