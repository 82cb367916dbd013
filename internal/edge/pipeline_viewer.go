package edge

func viewerStages() []*Stage {
	return []*Stage{}
}
