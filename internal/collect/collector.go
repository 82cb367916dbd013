package collect

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source"
)

// DefaultPerService is how many calls to one AWS service are in flight at once unless told otherwise.
const DefaultPerService = 32

// Options tune a [Collector]. The zero value is ready for use.
type Options struct {
	// PerService limits the calls to one service that are in flight at once; 0 is [DefaultPerService].
	PerService int
	// Observe is told of every finished call, one at a time and in the order of Done. It must not call the collector.
	Observe func(Event)
}

// Event is one finished call.
type Event struct {
	Call     evidence.Call
	State    evidence.State
	Duration time.Duration // how long the door took; waiting for the limit is not part of it
	Done     int           // calls finished so far, this one included
	Started  int           // calls asked for so far
}

// Stats tells what a collection cost.
type Stats struct {
	Calls        int // distinct calls made
	LongestChain int // the most calls of which each needed the answer of the one before
}

// Collector runs reads against a source and gathers the answers in a world; each distinct call is made once.
// Its methods and [Then] may be called from any goroutine; [Collector.Wait] from one at a time.
type Collector struct {
	src  source.Source
	opts Options

	running sync.WaitGroup
	observe sync.Mutex // held while Options.Observe runs

	mu    sync.Mutex // guards what follows
	world *evidence.World
	calls map[string]*call
	gates map[string]chan struct{} // by service
	done  int
	stats Stats
}

// call is one call that was asked for, answered or under way.
type call struct {
	query   evidence.Query
	depth   int // its place in the longest known chain of dependent calls, from 1
	done    bool
	err     error    // why there was no answer; a world keeps its text only
	waiting []func() // to be run once it is answered
}

// New returns a collector whose world has the given clock.
func New(src source.Source, now time.Time, opts Options) *Collector {
	if opts.PerService <= 0 {
		opts.PerService = DefaultPerService
	}
	return &Collector{
		src: src, opts: opts,
		world: evidence.NewWorld(now, src.About().Account),
		calls: map[string]*call{},
		gates: map[string]chan struct{}{},
	}
}

// Then asks for a read, and runs next with the fact once it is there, whatever its state. Next gets a context of its own, by which the
// length of chains is counted: what it asks for in turn must be asked with that one. It runs at once if the answer is there already,
// else on the goroutine that brought it, and must not block.
func Then[T any](ctx context.Context, c *Collector, r evidence.Read[T], next func(context.Context, evidence.Fact[T])) {
	c.ask(ctx, r, func(ctx context.Context) {
		c.mu.Lock()
		fact := r.In(c.world)
		c.mu.Unlock()
		next(ctx, fact)
	})
}

// then is [Then] for what can only go on with a value.
func then[T any](ctx context.Context, c *Collector, r evidence.Read[T], next func(context.Context, T)) {
	Then(ctx, c, r, func(ctx context.Context, fact evidence.Fact[T]) {
		if v, ok := fact.Get(); ok {
			next(ctx, v)
		}
	})
}

// Get asks for a read and waits for the fact. Within a callback of [Then] it would hold up what other reads wait for.
func Get[T any](ctx context.Context, c *Collector, r evidence.Read[T]) evidence.Fact[T] {
	answer := make(chan evidence.Fact[T], 1)
	Then(ctx, c, r, func(_ context.Context, fact evidence.Fact[T]) { answer <- fact })
	return <-answer
}

// Want asks for reads of which nothing else depends.
func (c *Collector) Want(ctx context.Context, queries ...evidence.Query) {
	for _, q := range queries {
		c.ask(ctx, q, nil)
	}
}

// All asks for reads and runs next once each of them is answered, whatever came of it; without reads, at once. Like the callbacks of [Then] it
// gets a context of its own and must not block.
func All(ctx context.Context, c *Collector, queries []evidence.Query, next func(context.Context)) {
	if len(queries) == 0 {
		next(ctx)
		return
	}
	var mu sync.Mutex
	open, last := len(queries), ctx
	for _, q := range queries {
		c.ask(ctx, q, func(ctx context.Context) {
			mu.Lock()
			if chainOf(ctx) >= chainOf(last) {
				last = ctx
			}
			open--
			done := open == 0
			mu.Unlock()
			if done {
				next(last)
			}
		})
	}
}

// Asked lists the reads of one operation that were asked for so far, in a stable order.
func (c *Collector) Asked(service, operation string) []evidence.Query {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []evidence.Query
	for _, key := range slices.Sorted(maps.Keys(c.calls)) {
		if what := c.calls[key].query.Asks(); what.Service == service && what.Operation == operation {
			out = append(out, c.calls[key].query)
		}
	}
	return out
}

// Meanwhile runs f beside the collection, with a copy of what is known so far. [Collector.Wait] waits for f, and for what it asks for.
// It must be called before Wait, or from a callback.
func (c *Collector) Meanwhile(ctx context.Context, f func(context.Context, *evidence.World)) {
	c.running.Add(1)
	go func() {
		defer c.running.Done()
		c.mu.Lock()
		world := c.world.Clone()
		c.mu.Unlock()
		f(ctx, world)
	}()
}

// Wait returns the world once everything that was asked for is answered, what followed from the answers included. When a context ends,
// the calls still open under it become Failed with the code "Cancelled" or "TimedOut", so that Wait returns then too, with what is known.
// More may be asked for after Wait, but not while somebody still reads the world: it is the same one.
func (c *Collector) Wait() *evidence.World {
	c.running.Wait()
	return c.world
}

// Stats tells what was asked for so far.
func (c *Collector) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}

// errorOf returns why a call that was made brought no answer, nil where it brought one.
func (c *Collector) errorOf(what evidence.Call) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if made, ok := c.calls[what.Key()]; ok {
		return made.err
	}
	return nil
}

// setAccount notes whose distribution is diagnosed, where the source did not say whose account it reads.
func (c *Collector) setAccount(account string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.world.Account == "" {
		c.world.Account = account
	}
}

// chainKey is the context key of the number of dependent calls that led to a callback.
type chainKey struct{}

func chainOf(ctx context.Context) int {
	n, _ := ctx.Value(chainKey{}).(int)
	return n
}

// ask makes the call unless it was made before, and runs next (which may be nil) when it is answered.
func (c *Collector) ask(ctx context.Context, q evidence.Query, next func(context.Context)) {
	what := q.Asks()
	key := what.Key()
	chain := chainOf(ctx)

	c.mu.Lock()
	known, ok := c.calls[key]
	if !ok {
		known = &call{query: q, depth: chain + 1}
		c.calls[key] = known
		c.stats.Calls++
		c.stats.LongestChain = max(c.stats.LongestChain, known.depth)
		c.running.Add(1)
		go c.run(ctx, q, what, known, c.gate(what.Service))
	}
	var resume func()
	if next != nil {
		after := context.WithValue(ctx, chainKey{}, max(chain, known.depth))
		resume = func() { next(after) }
		if !known.done {
			known.waiting = append(known.waiting, resume)
			resume = nil
		}
	}
	c.mu.Unlock()
	if resume != nil {
		resume()
	}
}

// gate returns the limit of a service: a channel with room for so many calls. The caller holds c.mu.
func (c *Collector) gate(service string) chan struct{} {
	g, ok := c.gates[service]
	if !ok {
		g = make(chan struct{}, c.opts.PerService)
		c.gates[service] = g
	}
	return g
}

// run makes one call, stores its answer and runs what waited for it.
func (c *Collector) run(ctx context.Context, q evidence.Query, what evidence.Call, this *call, gate chan struct{}) {
	defer c.running.Done()
	rec, took, err := c.through(ctx, what, gate)

	c.mu.Lock()
	this.err = err
	if rec.State != evidence.NotCaptured {
		q.Store(c.world, rec)
	}
	this.done = true
	waiting := this.waiting
	this.waiting = nil
	c.mu.Unlock()

	c.report(what, rec.State, took)
	for _, resume := range waiting {
		resume()
	}
}

// through makes a call once the gate lets it. It returns when the context ends even if the source does not.
func (c *Collector) through(ctx context.Context, what evidence.Call, gate chan struct{}) (evidence.Record, time.Duration, error) {
	select {
	case gate <- struct{}{}:
	case <-ctx.Done():
		return source.Classify(what, nil, ctx.Err()), 0, ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		<-gate
		return source.Classify(what, nil, err), 0, err
	}
	type answer struct {
		output jsontext.Value
		err    error
	}
	answers := make(chan answer, 1)
	begun := time.Now()
	go func() {
		output, err := c.src.Do(ctx, what)
		<-gate
		answers <- answer{output, err}
	}()
	select {
	case a := <-answers:
		var problem *evidence.Problem
		if a.err != nil && ctx.Err() != nil && !errors.As(a.err, &problem) {
			a.err = ctx.Err() // a door that dies of the context may word it in its own way
		}
		return source.Classify(what, a.output, a.err), time.Since(begun), a.err
	case <-ctx.Done():
		return source.Classify(what, nil, ctx.Err()), time.Since(begun), ctx.Err()
	}
}

// report tells the observer of a finished call.
func (c *Collector) report(what evidence.Call, state evidence.State, took time.Duration) {
	c.observe.Lock()
	defer c.observe.Unlock()
	c.mu.Lock()
	c.done++
	event := Event{Call: what, State: state, Duration: took, Done: c.done, Started: c.stats.Calls}
	c.mu.Unlock()
	if c.opts.Observe != nil {
		c.opts.Observe(event)
	}
}
