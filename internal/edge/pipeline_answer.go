package edge

func answerStages() []*Stage {
	return []*Stage{}
}
