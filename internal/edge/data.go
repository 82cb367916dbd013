package edge

// What single stages keep: compiled once per model, behavior or origin, or carried along one exchange.
// A stage declares its own struct in its own file and embeds it here.

type modelData struct{}

type behaviorData struct{}

type originData struct{}

type extensions struct{}
