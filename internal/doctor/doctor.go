// Package doctor is the one entry to a diagnosis, used by the command line and the MCP server alike: collect, simulate, judge, plan, report.
//
// It tells an observer how far it is; the report is the same without one. All reading happens in the first two steps, everything after them
// is pure.
package doctor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/collect"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/report"
	"cfdoctor/internal/request"
	"cfdoctor/internal/source"
)

// Question is what a person asks.
type Question struct {
	Target collect.Target
	// Request is the failing request. Its Host may be empty: then it is the target's domain, or the distribution's first alias.
	Request request.Request
	// PathGiven is false where nobody named a path: then the diagnosis tries representative requests.
	PathGiven bool
	Code      int // the HTTP status the viewer sees; 0 where none was given
	Proactive bool
	Active    bool
	// SawCode is set where nobody named a status, and Code is the one that active validation saw.
	SawCode bool
}

// Observer is told how far a diagnosis is. Any of the functions may be nil.
type Observer struct {
	Step func(number int, title string)
	Note func(note string)
	// Contact is told of what active validation is about to contact, with the distribution that names it.
	Contact func(m *edge.Model, contacts []string)
}

// Doctor makes diagnoses with one catalogue.
type Doctor struct {
	Catalogue []*cause.Cause
	Version   string
	Observer  Observer
	// Dependencies is what step 1 found, by looking only.
	Dependencies []report.Dependency
}

// Case is a diagnosis in full: the report and what it was made from.
type Case struct {
	Report *report.Report
	World  *evidence.World
	Model  *edge.Model
	Result cause.Result
	Plan   []Planned
	Stats  collect.Stats
}

// Diagnose answers a question from a source. The error is for what makes a diagnosis impossible; everything that is merely unknown is in the report.
func (d *Doctor) Diagnose(ctx context.Context, src source.Source, now time.Time, q Question) (*Case, error) {
	tasks := newTasks()
	d.step(tasks, 1)
	tasks.done(1, dependencyNote(d.Dependencies))

	d.step(tasks, 2)
	collector := collect.New(src, now, collect.Options{Observe: d.observeCall})
	resolution, err := collect.Resolve(ctx, collector, q.Target)
	if err != nil {
		return nil, err
	}
	q.Request = withHost(q.Request, q.Target, resolution)
	collect.Distribution(ctx, collector, resolution.ID, q.Request)
	ahead := d.foresee(ctx, collector, resolution.ID, q)
	world := collector.Wait()
	model, err := compile(world, resolution.ID, ahead())
	if err != nil {
		return nil, fmt.Errorf("diagnose %s: %w", q.Target.Given, err)
	}
	q = q.on(model)
	model, err = d.followRewrites(ctx, collector, model, q)
	if err != nil {
		return nil, err
	}
	model, err = d.probes(ctx, src, collector, model, q)
	if err != nil {
		return nil, err
	}
	q = q.seenError(model)
	world = model.World
	tasks.collected(world, collector.Stats())

	tasks.note(2, resolution.Note)

	d.step(tasks, 3)
	passes := examine(model, q)
	result := sharpen(cause.Diagnose(d.catalogue(q), passes), model, q)
	tasks.judged(3, result, q)
	for step := 4; step <= 6; step++ {
		d.step(tasks, step)
		tasks.judged(step, result, q)
	}

	d.step(tasks, 7)
	plan := d.plan(model, slices.Concat(result.Findings, result.Proactive))
	result, plan = d.uncover(model, result, plan)
	tasks.planned(plan)

	d.step(tasks, 8)
	c := &Case{World: world, Model: model, Result: result, Plan: plan, Stats: collector.Stats()}
	tasks.finish(q)
	c.Report = d.report(src.About(), now, q, c, passes, tasks.list)
	return c, nil
}

// catalogue leaves the advice out where a person does not want it.
func (d *Doctor) catalogue(q Question) []*cause.Cause {
	if q.Proactive {
		return d.Catalogue
	}
	var out []*cause.Cause
	for _, c := range d.Catalogue {
		if !c.Proactive {
			out = append(out, c)
		}
	}
	return out
}

func (d *Doctor) step(tasks *tasks, number int) {
	if d.Observer.Step != nil {
		d.Observer.Step(number, tasks.list[number-1].Title)
	}
}

func (d *Doctor) observeCall(e collect.Event) {
	if d.Observer.Note != nil {
		d.Observer.Note(fmt.Sprintf("%d of %d calls, %s", e.Done, e.Started, e.Call.Name()))
	}
}

// withHost fills in the host that the target or its resolution names.
func withHost(r request.Request, t collect.Target, res collect.Resolution) request.Request {
	if r.Host == "" && t.Domain != "" && t.Domain != res.DomainName {
		r.Host = t.Domain
	}
	return r
}

// compile makes the model of everything collected, with the functions of a model made before, where there is one.
func compile(w *evidence.World, id string, before *edge.Model) (*edge.Model, error) {
	if before != nil {
		return before.On(w)
	}
	return edge.Compile(w, id)
}

// on is the question with a host, where nobody named one.
func (q Question) on(m *edge.Model) Question {
	if q.Request.Host == "" {
		q.Request.Host = defaultHost(m)
	}
	return q
}

// defaultHost is the host a viewer most likely uses: the first alias that is not a wildcard, else the distribution's own domain name.
func defaultHost(m *edge.Model) string {
	for _, alias := range m.Aliases() {
		if alias != "" && alias[0] != '*' {
			return alias
		}
	}
	return m.DomainName()
}

// maxRewriteRounds bounds how often a simulation may name something that was not asked for yet.
const maxRewriteRounds = 3

// followRewrites asks for what only the simulation names and [Doctor.foresee] could not know yet, because a stage before had more unknowns.
func (d *Doctor) followRewrites(ctx context.Context, c *collect.Collector, m *edge.Model, q Question) (*edge.Model, error) {
	for range maxRewriteRounds {
		before := c.Stats().Calls
		askNamed(ctx, c, m, q)
		world := c.Wait()
		if c.Stats().Calls == before {
			return m, nil
		}
		var err error
		if m, err = m.On(world); err != nil {
			return nil, fmt.Errorf("simulate again with what the functions ask for: %w", err)
		}
	}
	return m, nil
}
