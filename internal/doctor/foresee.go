package doctor

import (
	"context"

	"cfdoctor/internal/account"
	"cfdoctor/internal/collect"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
)

// live is the stage of a CloudFront Function that answers viewers.
const live = "LIVE"

// foresee simulates while the collection still runs, as soon as the distribution, the code of its functions and the first listings of its buckets
// are there: what only a simulation names is then asked for together with the rest, and costs no round of calls of its own. It must be called
// after [collect.Distribution], which asks for the listings. The returned function gives the model that was made, whose functions are loaded
// by then, and nil where there is none; it must be called after the collector's Wait.
func (d *Doctor) foresee(ctx context.Context, c *collect.Collector, id string, q Question) func() *edge.Model {
	var ahead *edge.Model
	collect.Then(ctx, c, account.Distribution(id), func(ctx context.Context, _ evidence.Fact[account.DistributionOutput]) {
		listings := c.Asked("s3", "ListObjectsV2") // requests that stand for behaviors are made of what is there
		c.Meanwhile(ctx, func(ctx context.Context, w *evidence.World) {
			m, err := edge.Compile(w, id)
			if err != nil {
				return // the diagnosis says so, when it compiles the whole
			}
			needed := listings
			for _, name := range m.Functions() {
				needed = append(needed, account.FunctionCode(name, live), account.Function(name, live))
			}
			collect.All(ctx, c, needed, func(ctx context.Context) {
				c.Meanwhile(ctx, func(ctx context.Context, w *evidence.World) {
					// What else happens to be answered by now is left out: the same account is asked the same questions, however fast its door.
					known := []evidence.Call{account.Distribution(id).Asks()}
					for _, q := range needed {
						known = append(known, q.Asks())
					}
					if foreseen, err := m.On(w.Only(known...)); err == nil {
						ahead = foreseen
						foreseen.LoadFunctions()
						askNamed(ctx, c, ahead, q)
					}
				})
			})
		})
	})
	return func() *edge.Model { return ahead }
}

// askNamed asks for what the simulation of a question's requests names: the objects and routes behind the path that a function makes of a
// request's, and the objects of requests that stand for behaviors.
func askNamed(ctx context.Context, c *collect.Collector, m *edge.Model, q Question) {
	for _, p := range examine(m, q.on(m)) {
		if r := p.Trace.Exchange.Current; r.Path != p.Request.Path || r.Query != p.Request.Query {
			collect.Distribution(ctx, c, m.ID(), r)
		}
		c.Want(ctx, unaskedObjects(m.World, p.Trace)...)
	}
}
