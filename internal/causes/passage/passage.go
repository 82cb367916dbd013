// Package passage answers what several causes ask of a pass: where the request goes, or would go if no earlier stage answered, and
// whether the status that a person saw is worth a suspicion.
package passage

import (
	"slices"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
)

// Origin is the origin that the request goes to, or would go to if no earlier stage answered; nil where the configuration leads to none.
func Origin(p *cause.Pass) *edge.Origin {
	if p.Trace.Origin != nil {
		return p.Trace.Origin
	}
	b := Behavior(p)
	if b == nil || b.Config.TargetOriginId == nil {
		return nil
	}
	target := *b.Config.TargetOriginId
	if group, ok := p.Model.Group(target); ok {
		target, _ = group.Members()
	}
	o, _ := p.Model.Origin(target)
	return o
}

// Behavior is the cache behavior that takes the request, or would take it if no earlier stage answered.
func Behavior(p *cause.Pass) *edge.Behavior {
	if p.Trace.Behavior != nil {
		return p.Trace.Behavior
	}
	path := cloudfront.NormalizePath(p.Request.Path)
	for _, b := range p.Model.Behaviors {
		if b.Default || b.Pattern.Match(path) {
			return b
		}
	}
	return nil
}

// Exchange is the exchange with the origin that answered: the viewer's own, or the attempt at an origin group's second origin.
func Exchange(p *cause.Pass) *edge.Exchange {
	if f := p.Exchange().Failover; f != nil && f.Attempt != nil {
		return f.Attempt
	}
	return p.Exchange()
}

// Suspected reports whether one of the statuses was reported for the request, and the simulation does not find for sure who gives it:
// then an unread fact is worth a suspicion.
func Suspected(p *cause.Pass, statuses ...int) bool {
	if !p.Symptom.Given || !p.Asked {
		return false
	}
	o := p.Trace.Outcome
	explained := p.Trace.StoppedAt != "" && (o.Status == p.Symptom.Code || o.Original == p.Symptom.Code) && o.Certainty != edge.Uncertain
	return !explained && slices.Contains(statuses, p.Symptom.Code)
}

// Key is how fixes name a behavior: by its path pattern, "" for the default one.
func Key(b *edge.Behavior) string {
	if b.Default {
		return ""
	}
	return b.PathPattern
}
