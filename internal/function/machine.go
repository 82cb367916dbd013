package function

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"modernc.org/quickjs"
)

const (
	// evalLimit stops a run that does not end. CloudFront's own limit is not published and
	// far lower (DG/test-function: compute utilization). A run that hits the limit is tried
	// once more, since a busy computer may have been the reason.
	evalLimit = 50 * time.Millisecond
	// hardLimit is when a machine that does not even heed the interrupt is given up.
	hardLimit = 500 * time.Millisecond
	// memoryLimit is generous: CloudFront gives 2 MB (DG/cloudfront-limits), but the engines
	// do not count alike.
	memoryLimit = 32 << 20
	// gcThreshold is the memory in use at which the engine looks for cycles that nothing refers to. Marking what is there to stay costs
	// more than a run, so it is not to be done every few runs.
	gcThreshold = 8 << 20
	// sourceOffset is how many lines precede the function's code when it is evaluated, more
	// than the prelude has, so that a line number tells the two apart.
	sourceOffset = 2000
)

//go:embed prelude.js
var preludeMain string

//go:embed prelude_buffer.js
var preludeBuffer string

//go:embed prelude_modules.js
var preludeModules string

//go:embed prelude_run.js
var preludeRun string

func prelude() string {
	return strings.NewReplacer(
		"//#include prelude_buffer.js", preludeBuffer,
		"//#include prelude_modules.js", preludeModules,
		"//#include prelude_run.js", preludeRun,
	).Replace(preludeMain)
}

// machine is one JavaScript engine with the function's code in it.
type machine struct {
	vm          *quickjs.VM
	run, finish quickjs.Value
	values      []quickjs.Value
	inputs      chan []any
	replies     chan reply
	abandoned   atomic.Bool // the engine is beyond use and must not be closed
}

// reply is the envelope as text.
type reply struct {
	text string
	err  error
}

// newMachine starts an engine. A shared one is frozen, so that runs leave nothing behind.
func newMachine(p *Program, shared bool) (*machine, error) {
	vm, err := quickjs.NewVM()
	if err != nil {
		return nil, fmt.Errorf("starting the JavaScript engine: %w", err)
	}
	m := &machine{vm: vm, inputs: make(chan []any, 1), replies: make(chan reply, 1)}
	go m.work()
	if err := m.load(p, shared); err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

func (m *machine) load(p *Program, shared bool) error {
	m.vm.SetMemoryLimit(memoryLimit)
	for name, f := range hostFuncs(p.store) {
		if err := m.vm.RegisterHostFunc(name, f); err != nil {
			return fmt.Errorf("giving the sandbox %s: %w", name, err)
		}
	}
	start, err := m.vm.EvalValue(prelude(), quickjs.EvalGlobal)
	if err != nil {
		return fmt.Errorf("loading the sandbox: %w", err)
	}
	m.values = append(m.values, start)
	api, err := start.CallValue(quickjs.UndefinedValue, newConfig(p.code.Runtime, shared))
	if err != nil {
		return fmt.Errorf("setting up the sandbox: %w", err)
	}
	m.values = append(m.values, api)
	install, err := m.property(api, "install")
	if err != nil {
		return err
	}
	if m.run, err = m.property(api, "run"); err != nil {
		return err
	}
	if m.finish, err = m.property(api, "finish"); err != nil {
		return err
	}
	code, err := m.vm.EvalValue(p.wrapped, quickjs.EvalGlobal)
	if err != nil {
		return fmt.Errorf("loading the function: %w", err)
	}
	m.values = append(m.values, code)
	if _, err := install.Call(quickjs.UndefinedValue, code); err != nil {
		return fmt.Errorf("installing the function: %w", err)
	}
	return m.vm.SetEvalTimeout(evalLimit)
}

func (m *machine) property(of quickjs.Value, name string) (quickjs.Value, error) {
	atom, err := m.vm.NewAtom(name)
	if err != nil {
		return quickjs.Value{}, fmt.Errorf("naming %s: %w", name, err)
	}
	v, err := of.GetPropertyValue(atom)
	if err != nil {
		return quickjs.Value{}, fmt.Errorf("reading the sandbox's %s: %w", name, err)
	}
	m.values = append(m.values, v)
	return v, nil
}

func (m *machine) close() {
	close(m.inputs)
	for i := range m.values {
		m.values[i].Free()
	}
	m.values = nil
	_ = m.vm.Close() // the engine's memory is its own; nothing can be done about a failure
}

// errGivenUp says that the engine did not stop when told to.
var errGivenUp = errors.New("the sandbox did not stop in time")

// call runs the code once. If it returns an error, the machine must not be used again; if
// that is errGivenUp, it must not even be closed.
func (m *machine) call(ctx context.Context, input []any) (*envelope, error) {
	m.inputs <- input
	done := m.replies
	timer := time.NewTimer(hardLimit)
	defer timer.Stop()
	for stopped := ctx.Done(); ; {
		select {
		case r := <-done:
			if r.err != nil {
				if m.abandoned.Load() {
					close(m.inputs)
				}
				return nil, r.err
			}
			return readEnvelope(r.text)
		case <-stopped:
			m.vm.Interrupt()
			stopped = nil
		case <-timer.C:
			m.vm.Interrupt()
			m.abandoned.Store(true)
			close(m.inputs) // the worker ends when the engine lets go of it
			return nil, errGivenUp
		}
	}
}

// work answers inputs until there are no more. One goroutine serves a machine for its whole
// life, since the engine needs a deep stack, which would have to grow anew for each run.
func (m *machine) work() {
	for input := range m.inputs {
		m.replies <- m.attempt(input)
	}
}

func (m *machine) attempt(input []any) (r reply) {
	defer func() {
		if problem := recover(); problem != nil {
			m.abandoned.Store(true)
			r.err = fmt.Errorf("%w: the engine failed: %v", errGivenUp, problem)
		}
	}()
	r.text, r.err = m.exchange(input)
	return r
}

func (m *machine) exchange(input []any) (string, error) {
	m.vm.SetGCThreshold(gcThreshold) // each collection lowers it
	got, err := m.run.Call(quickjs.UndefinedValue, input...)
	if err != nil {
		return "", err
	}
	if text, ok := got.(string); ok && text != "" {
		return text, nil
	}
	if _, err := m.vm.ExecutePendingJobs(); err != nil {
		return "", err
	}
	got, err = m.finish.Call(quickjs.UndefinedValue)
	if err != nil {
		return "", err
	}
	text, ok := got.(string)
	if !ok {
		return "", errors.New("the sandbox gave no answer")
	}
	return text, nil
}
