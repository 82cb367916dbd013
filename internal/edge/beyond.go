package edge

// Beyond runs the request through the stages from the choice of an origin on, as if no stage before them answered: what stands there will show
// once the earlier stage lets the request through. A trace that got that far is returned itself; nil means that no cache behavior takes the request.
func (m *Model) Beyond(t *Trace) *Trace {
	if t.Reached(originSelection.ID) {
		return t
	}
	before := t.Exchange
	x := m.exchange(before.Viewer, true)
	x.Current, x.Behavior, x.FunctionOrigin = before.Current.Clone(), before.Behavior, before.FunctionOrigin
	if x.Behavior == nil {
		if x.Behavior, _ = m.route(x.Current.Path); x.Behavior == nil {
			return nil
		}
	}
	x.one(defaultRootObject, nil)
	if x.stopped {
		return nil
	}
	steps := x.run(m.pipeline.origin, nil)
	x.one(failover, nil)
	return &Trace{
		Outcome: x.outcome(), StoppedAt: x.stoppedAt, Alternatives: x.alternatives, Steps: steps,
		Behavior: x.Behavior, Origin: x.Origin, Exchange: x,
	}
}
