package edge

import "strings"

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
		return x.Pass("The second origin of the group, %q, is asked", x.Origin.ID)
	}
	if x.Behavior == nil {
		return x.Guess(502, ByCloudFront, "The distribution has no cache behavior for the request")
	}
	if x.FunctionOrigin != nil {
		return x.selectByFunction(x.FunctionOrigin)
	}
	id := str(x.Behavior.Config.TargetOriginId)
	ref := x.behaviorRef("TargetOriginId", id, "")
	t := x.Model.targetOf(x.Behavior)
	switch {
	case t.group != nil:
		return x.selectFromGroup(t.group).WithEvidence(ref)
	case t.origin == nil:
		ref.Note = "no origin or origin group has this id"
		return x.Guess(502, ByCloudFront, "The cache behavior sends requests to an origin that the distribution does not have").WithEvidence(ref)
	}
	x.Origin = t.origin
	if t.origin.parametrised() {
		return x.Guess(200, ByOrigin, "The origin's address depends on the tenant's parameters, which are not followed").
			WithEvidence(x.Model.Ref(t.origin.Field, str(t.origin.Config.DomainName)+str(t.origin.Config.OriginPath), "{{…}} stands for a parameter of the tenant"))
	}
	return x.Pass("The request goes to origin %q (%s)", x.Origin.ID, x.Origin.Endpoint.Domain).WithEvidence(ref)
}

// parametrised reports an origin of a multi-tenant distribution whose domain name or path holds a tenant's parameter
// (DG/tenant-customization).
func (o *Origin) parametrised() bool {
	return strings.Contains(str(o.Config.DomainName), "{{") || strings.Contains(str(o.Config.OriginPath), "{{")
}

// target is what a behavior names: a group, or an origin; neither where the distribution has none of that id.
type target struct {
	group  *OriginGroup
	origin *Origin
}

func (m *Model) targetOf(b *Behavior) target {
	return b.data.target.get(func() (t target) {
		id := str(b.Config.TargetOriginId)
		t.group, _ = m.Group(id)
		t.origin, _ = m.Origin(id)
		return t
	})
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
	return x.Pass("The origin group %q asks its primary origin %q first", group.ID, origin.ID)
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
