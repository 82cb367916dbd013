package edge

import "math"

// pipeline is the order of the stages. A model carries it, so that stages which send requests of CloudFront's own
// (failover, error pages) can run parts of it.
type pipeline struct {
	viewer []*Stage // from the viewer's connection to the cache
	origin []*Stage // from choosing an origin to its response; again for a failover attempt
	answer []*Stage // for every answer, whoever gave it
}

// stages lists the pipeline in the order in which CloudFront works, one line each. Where CloudFront documents no order, the stage's
// own documentation says what the choice rests on.
func stages() pipeline {
	return pipeline{viewer: viewerStages(), origin: originStages(), answer: answerStages()}
}

// Stages lists the whole pipeline in order.
func Stages() []*Stage {
	p := stages()
	out := make([]*Stage, 0, len(p.viewer)+len(p.origin)+len(p.answer))
	out = append(out, p.viewer...)
	out = append(out, p.origin...)
	return append(out, p.answer...)
}

// Before reports whether one stage comes before another in the pipeline. Ids that are no stage come last.
func Before(a, b string) bool { return position(a) < position(b) }

func position(id string) int {
	for i, s := range Stages() {
		if s.ID == id {
			return i
		}
	}
	return math.MaxInt
}
