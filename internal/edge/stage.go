// Package edge is the model of CloudFront: it takes one viewer request through the stages of a distribution and says which stage answers.
//
// A [Model] is a distribution compiled from a world; [Model.Simulate] runs a request through the pipeline. A stage is one file, named after its id,
// holding its documentation with sources and its Run function. The order of stages is in pipeline.go. Everything is pure: no clock, no network.
package edge

// Phase groups the stages by what still runs once an answer stands.
type Phase uint8

// The phases. When a viewer or origin stage stops the request, the remaining ones of both phases are not reached; the answer stages run always.
const (
	ViewerPhase Phase = iota // from the viewer's connection to the cache
	OriginPhase              // from choosing an origin to its response; runs again for failover
	AnswerPhase              // what happens to an answer on its way back
)

// Stage is one step of CloudFront's work on a request.
type Stage struct {
	ID      string // as in traces: "geo-restriction"
	Title   string // for people: "Geographic restriction"
	Doc     string // what CloudFront does here, what it answers, and where its order is not documented
	Sources []string
	// Run looks at the exchange, may change it, and says what happened. It uses the exchange's Pass, Stop, … to build its step.
	Run func(*Exchange) Step
}
