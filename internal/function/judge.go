package function

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// What viewers get (DG/http-503-service-unavailable, DG/http-502-bad-gateway).
const (
	statusExecution  = 503
	statusValidation = 502
)

// judge makes a result of what the sandbox gave.
func (p *Program) judge(ev *Event, env *envelope) Result {
	res := p.outcome(ev, env)
	res.Logs = env.Logs
	res.Reads = env.asked()
	slices.SortFunc(res.Reads, func(a, b Read) int { return strings.Compare(a.Path, b.Path) })
	p.weighMarks(ev, env, &res)
	if unknown := unknownRead(ev, res.Reads); unknown != "" {
		res = unsettled(res, "the outcome may depend on "+unknown+", which is not known")
	}
	return res
}

func (p *Program) outcome(ev *Event, env *envelope) Result {
	switch {
	case env.Missing:
		return Result{
			Kind: ExecutionError, Certain: !strings.Contains(p.code.Source, "handler"), Status: statusExecution,
			Error: "no handler", Because: "the code has no function named handler",
		}
	case env.Waiting:
		return Result{
			Kind: ExecutionError, Status: statusExecution,
			Error: "the promise was not settled", Because: "the handler waits for a promise that nothing settles",
		}
	case env.Error != nil:
		return p.explain(env)
	}
	return p.returned(ev, env)
}

func (p *Program) returned(ev *Event, env *envelope) Result {
	v, err := env.value()
	if err != nil {
		return Result{Because: "the sandbox's answer cannot be read", Error: err.Error()}
	}
	c := &checker{event: ev}
	res, bad := c.result(v)
	if bad == nil && res.Kind == RequestReturned {
		res.Origin, bad = c.origin(env.Origin)
	}
	if bad != nil {
		return Result{Kind: ValidationError, Certain: bad.certain, Status: statusValidation, Error: bad.rule, Because: bad.because}
	}
	res.Certain = len(c.doubts) == 0
	res.Because = "the function lets the request pass"
	if res.Kind == ResponseGenerated {
		res.Because = fmt.Sprintf("the function returns a response with status %d", res.Status)
	}
	if !res.Certain {
		res.Because += "; it is not sure that CloudFront accepts it: " + c.doubts[0]
	}
	return res
}

// weighMarks takes account of what the run used besides the request.
func (p *Program) weighMarks(ev *Event, env *envelope, res *Result) {
	for _, mark := range env.Marks {
		kind, name, _ := strings.Cut(mark, ":")
		switch kind {
		case "tainted":
			res.Tainted = append(res.Tainted, name)
			if name == "Date" && ev.Now.IsZero() {
				res.Certain = false
			}
		case "absent":
			res.Certain = false
			if res.Kind == ExecutionError {
				res.Because += fmt.Sprintf("; AWS does not list %s among what the runtime %s has", name, p.code.Runtime)
			}
		case "unsure":
			*res = unsettled(*res, fmt.Sprintf("the code uses %s, and it is not known whether the runtime %s has it", name, p.code.Runtime))
		case "unknown":
			*res = unsettled(*res, "the code reads "+name+", which the sandbox does not know")
		}
	}
}

// unsettled turns a result into Unknown and keeps what explains it.
func unsettled(res Result, because string) Result {
	return Result{
		Kind: Unknown, Because: because, Error: res.Error, Line: res.Line, Column: res.Column,
		Logs: res.Logs, Tainted: res.Tainted, Reads: res.Reads,
	}
}

// unknownRead returns the first entry read that the caller says it does not know.
func unknownRead(ev *Event, reads []Read) string {
	for _, r := range reads {
		if slices.Contains(ev.Unknown, r.Path) {
			return r.Path
		}
		if !r.Found && slices.Contains(ev.Unknown, mapOf(r.Path)+".*") {
			return r.Path
		}
	}
	return ""
}

// mapOf returns the map a path is in: "viewer", or its first two parts. The rest is a name, which may itself contain dots.
func mapOf(path string) string {
	first := strings.IndexByte(path, '.')
	if first < 0 || path[:first] == "viewer" {
		return path[:max(first, 0)]
	}
	second := strings.IndexByte(path[first+1:], '.')
	if second < 0 {
		return path
	}
	return path[:first+1+second]
}

// failed is the result of a run that gave no answer at all.
func (p *Program) failed(ctx context.Context, err error) Result {
	switch {
	case ctx.Err() != nil:
		return Result{Because: "the run was called off", Error: ctx.Err().Error()}
	case errors.Is(err, errGivenUp):
		return timedOut(err.Error())
	}
	message := err.Error()
	switch {
	case strings.Contains(message, "interrupted"):
		return timedOut(message)
	case strings.Contains(message, "out of memory"):
		return outOfMemory(message)
	case strings.Contains(message, "stack overflow"):
		return stackOverflow(message)
	}
	return Result{Because: "the sandbox failed", Error: message}
}

// The limits of the sandbox are far above CloudFront's, but the engines differ, so a run
// that hits them is not certain to fail there.

func timedOut(message string) Result {
	return Result{
		Kind: ExecutionError, Status: statusExecution, Error: message,
		Because: fmt.Sprintf("the code had not ended after %d ms in the sandbox, far more than CloudFront gives it", evalLimit.Milliseconds()),
	}
}

func outOfMemory(message string) Result {
	return Result{
		Kind: ExecutionError, Status: statusExecution, Error: message,
		Because: fmt.Sprintf("the code needs more than %d MB in the sandbox, and CloudFront gives it 2 MB", memoryLimit>>20),
	}
}

func stackOverflow(message string) Result {
	return Result{
		Kind: ExecutionError, Status: statusExecution, Error: message,
		Because: "the code calls itself too deeply",
	}
}
