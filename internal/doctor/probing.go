package doctor

import (
	"context"
	"fmt"

	"cfdoctor/internal/active"
	"cfdoctor/internal/collect"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/source"
)

// probes asks the world outside the account what the simulation leaves open, where a person allows it, and a recording in any case: what it
// does not hold stays unknown. What is seen may lead the request to another origin, which is then asked too.
func (d *Doctor) probes(ctx context.Context, src source.Source, c *collect.Collector, m *edge.Model, q Question) (*edge.Model, error) {
	if !q.Active && src.About().Kind != "bundle" {
		return m, nil
	}
	for range maxRewriteRounds {
		before := c.Stats().Calls
		c.Want(ctx, active.Origins(m, q.Request)...)
		world := c.Wait()
		if c.Stats().Calls == before {
			return m, nil
		}
		var err error
		if m, err = m.On(world); err != nil {
			return nil, fmt.Errorf("simulate again with what active validation saw: %w", err)
		}
	}
	return m, nil
}
