package edge

// What single stages keep: compiled once per model, behavior or origin, or carried along one exchange.
// A stage declares its own struct in its own file and embeds it here.

type modelData struct {
	compiledModel
	compiledResources
}

type behaviorData struct {
	compiledBehavior
	compiledViewerBehavior
}

type originData struct {
	compiledOrigin
}

type extensions struct {
	wafInput
	originMemory
}
