package edge

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cloudfront"
)

var originSelection = &Stage{
	ID:    "origin-selection",
	Title: "Choice of the origin",
	Doc: "The behavior's target is an origin, or an origin group whose first member is asked first. A viewer-request function may have chosen " +
		"another one. In a multi-tenant distribution the origin's domain name and path may hold parameters, which each tenant sets. A target that the distribution does not have cannot be saved through the API; where a record shows one, the answer is not documented.",
	Sources: []string{"DG/DownloadDistValuesCacheBehavior", "DG/high_availability_origin_failover", "DG/helper-functions-origin-modification", "DG/tenant-customization"},
	Run:     runOriginSelection,
}

func runOriginSelection(x *Exchange) Step {
	step := x.chooseOrigin()
	if x.stopped || x.Origin == nil || !cloudfront.Parametrised(x.Origin.Config) {
		return step
	}
	return x.fillOrigin(step)
}

func (x *Exchange) chooseOrigin() Step {
	if x.forced != nil {
		x.Origin = x.forced
		return x.Pass("The second origin of the group, %q, is asked", x.Origin.ID).WithEvidence(x.ref(x.Origin.Field, x.Origin.ID, ""))
	}
	if x.Behavior == nil {
		return x.Guess(502, ByCloudFront, "The distribution has no cache behavior for the request")
	}
	if x.FunctionOrigin != nil {
		return x.selectByFunction(x.FunctionOrigin).WithEvidence(x.behaviorRef("FunctionAssociations", x.FunctionOrigin.Method, ""))
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
	return x.Pass("The request goes to origin %q (%s)", x.Origin.ID, x.Origin.Endpoint.Domain).WithEvidence(ref)
}

// fillOrigin puts the tenant's parameters into the domain name and path of the chosen origin (DG/tenant-customization). Where they are not
// known the simulation ends: nothing behind the origin can be.
func (x *Exchange) fillOrigin(step Step) Step {
	o, h := x.Origin, x.hostFacts().match
	written := x.Model.Ref(o.Field, str(o.Config.DomainName)+str(o.Config.OriginPath), "{{…}} stands for a parameter of the tenant")
	if h.Tenant == nil || h.TenantListed {
		return x.Guess(0, ByOrigin, "The origin's address depends on the tenant's parameters, which were not read").
			WithEvidence(written, h.TenantFact.Ref("DistributionTenant.Parameters"))
	}
	filled := x.Model.originOf(o, h.Tenant)
	if len(filled.missing) > 0 {
		step := x.Guess(0, ByOrigin, "")
		return x.worded(step, "The origin's address needs the parameter %s, which the tenant does not have", quoted(filled.missing[0])).
			WithEvidence(written, h.TenantFact.Ref("DistributionTenant.Parameters"))
	}
	x.Origin = filled.origin
	step.Summary = x.say("The request goes to origin %q, which is %s for this tenant", o.ID, filled.origin.Endpoint.Domain+str(filled.origin.Config.OriginPath))
	return step.WithEvidence(written, h.TenantFact.Ref("DistributionTenant.Parameters"))
}

// filledOrigin is an origin with the parameters of one tenant.
type filledOrigin struct {
	origin  *Origin
	missing []string // parameters without a value
}

// originOf compiles an origin for a tenant, once. What a function changed about an origin is of one request, and compiled anew.
func (m *Model) originOf(o *Origin, tenant *types.DistributionTenant) *filledOrigin {
	key := tenantOrigin{o, str(tenant.Id)}
	if known, ok := m.shared.tenantOrigins.Load(key); ok {
		return known.(*filledOrigin)
	}
	config, missing := cloudfront.FillOrigin(o.Config, cloudfront.TenantParameters(m.Config.TenantConfig, tenant.Parameters))
	filled := &filledOrigin{m.compileOrigin(o.Index, config), missing}
	filled.origin.OAC, filled.origin.OAI = o.OAC, o.OAI
	if own, ok := m.Origin(o.ID); ok && own == o {
		known, _ := m.shared.tenantOrigins.LoadOrStore(key, filled)
		return known.(*filledOrigin)
	}
	return filled
}

// tenantOrigin is the key of an origin for a tenant.
type tenantOrigin struct {
	origin *Origin
	tenant string
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
