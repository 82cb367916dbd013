package edge

var originSelection = &Stage{
	ID:    "origin-selection",
	Title: "Choice of the origin",
	Doc: "The behavior's target is an origin, or an origin group whose first member is asked first. A viewer-request function may have chosen " +
		"another one. A target that the distribution does not have cannot be saved through the API; where a record shows one, the answer is not documented.",
	Sources: []string{"DG/DownloadDistValuesCacheBehavior", "DG/high_availability_origin_failover", "DG/helper-functions-origin-modification"},
	Run:     runOriginSelection,
}

func runOriginSelection(x *Exchange) Step {
	if x.forced != nil {
		x.Origin = x.forced
		return x.Pass("The second origin of the group, %s, is asked", quoted(x.Origin.ID))
	}
	if x.Behavior == nil {
		return x.Guess(502, ByCloudFront, "The distribution has no cache behavior for the request")
	}
	if x.FunctionOrigin != nil {
		return x.selectByFunction(x.FunctionOrigin)
	}
	target := str(x.Behavior.Config.TargetOriginId)
	ref := x.behaviorRef("TargetOriginId", target, "")
	if group, ok := x.Model.Group(target); ok {
		return x.selectFromGroup(group).WithEvidence(ref)
	}
	origin, ok := x.Model.Origin(target)
	if !ok {
		ref.Note = "no origin or origin group has this id"
		return x.Guess(502, ByCloudFront, "The cache behavior sends requests to an origin that the distribution does not have").WithEvidence(ref)
	}
	x.Origin = origin
	return x.Pass("The request goes to origin %s (%s)", quoted(origin.ID), origin.Endpoint.Domain).WithEvidence(ref)
}

// selectFromGroup takes the group's primary origin: every miss starts there (DG/high_availability_origin_failover).
func (x *Exchange) selectFromGroup(group *OriginGroup) Step {
	x.Group = group
	primary, _ := group.Members()
	origin, ok := x.Model.Origin(primary)
	if !ok {
		return x.Guess(502, ByCloudFront, "The origin group %s names a primary origin that the distribution does not have", quoted(group.ID))
	}
	x.Origin = origin
	return x.Pass("The origin group %s asks its primary origin %s first", quoted(group.ID), quoted(origin.ID))
}

// Members returns the ids of the group's primary and secondary origin, "" where one is missing.
func (g *OriginGroup) Members() (primary, secondary string) {
	if g.Config.Members == nil {
		return "", ""
	}
	for i, member := range g.Config.Members.Items {
		switch i {
		case 0:
			primary = str(member.OriginId)
		case 1:
			secondary = str(member.OriginId)
		}
	}
	return primary, secondary
}
