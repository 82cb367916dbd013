package doctor

import (
	"context"
	"fmt"
	"slices"

	"cfdoctor/internal/active"
	"cfdoctor/internal/blackbox"
	"cfdoctor/internal/collect"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/source"
)

// maxProbeRounds bounds how often what was seen raises new questions: another origin, or the next address of a chain of redirects.
const maxProbeRounds = 12

// probes asks the world outside the account what the simulation leaves open, where a person allows it, and a recording in any case: what it
// does not hold stays unknown. What is seen may lead the request to another origin, which is then asked too.
func (d *Doctor) probes(ctx context.Context, src source.Source, c *collect.Collector, m *edge.Model, q Question) (*edge.Model, error) {
	recorded := src.About().Kind == "bundle"
	if !q.Active && !recorded {
		return m, nil
	}
	var announced []string
	for range maxProbeRounds {
		before := c.Stats().Calls
		questions := probeQuestions(m, q)
		if !recorded {
			announced = d.announce(m, questions, announced)
		}
		c.Want(ctx, questions...)
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

// probeQuestions lists what to ask on both sides of CloudFront for the request in question.
func probeQuestions(m *edge.Model, q Question) []evidence.Query {
	out := append(m.ViewerQuestions(q.Request), wayOf(m, q).WayQuestions(m.World)...)
	return append(out, active.Origins(m, q.Request)...)
}

// wayOf is the request as the target of a look from outside, for its way through redirects.
func wayOf(m *edge.Model, q Question) blackbox.Target {
	r := q.on(m).Request.Clone()
	return blackbox.Target{Request: r, Port: observed.ViewerPort(r.Scheme)}
}

// announce tells the observer of what is about to be contacted, each thing once.
func (d *Doctor) announce(m *edge.Model, questions []evidence.Query, announced []string) []string {
	var fresh []string
	for _, words := range active.Contacts(questions) {
		if !slices.Contains(announced, words) {
			fresh = append(fresh, words)
		}
	}
	if len(fresh) > 0 && d.Observer.Contact != nil {
		d.Observer.Contact(m, fresh)
	}
	return append(announced, fresh...)
}
