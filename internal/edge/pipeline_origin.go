package edge

func originStages() []*Stage {
	return []*Stage{}
}
