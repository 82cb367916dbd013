package edge

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/function"
)

// selectByFunction goes to the origin that a viewer-request function chose (DG/helper-functions-origin-modification).
func (x *Exchange) selectByFunction(o *function.OriginOverride) Step {
	switch o.Method {
	case "selectRequestOriginById":
		return x.selectByID(o)
	case "createRequestOriginGroup":
		return x.selectNewGroup(o)
	}
	origin, ok := x.assignedOrigin()
	if !ok {
		return x.Guess(502, ByCloudFront, "The function changes the origin, and the behavior's own does not exist")
	}
	x.Origin = x.Model.override(origin, &o.Settings)
	return x.Rewrite("The function sends the request to %s instead of %s", quoted(x.Origin.Endpoint.Domain), quoted(origin.Endpoint.Domain))
}

func (x *Exchange) selectByID(o *function.OriginOverride) Step {
	if len(o.OriginIDs) == 0 {
		return x.Guess(502, ByFunction, "The function chooses an origin without naming it")
	}
	origin, ok := x.Model.Origin(o.OriginIDs[0])
	if !ok {
		step := x.Stop(502, ByFunction, "The function chooses origin %s, which the distribution does not have", quoted(o.OriginIDs[0]))
		x.Response.Code = "FunctionValidationError"
		return step
	}
	x.Origin = origin
	return x.Rewrite("The function chooses origin %s", quoted(origin.ID))
}

func (x *Exchange) selectNewGroup(o *function.OriginOverride) Step {
	group := &OriginGroup{Field: x.Behavior.Field + ".FunctionAssociations", Config: types.OriginGroup{
		Members: &types.OriginGroupMembers{}, FailoverCriteria: &types.OriginGroupFailoverCriteria{StatusCodes: &types.StatusCodes{}},
	}}
	for _, id := range o.OriginIDs {
		group.Config.Members.Items = append(group.Config.Members.Items, types.OriginGroupMember{OriginId: ptr(id)})
	}
	for _, status := range o.FailoverStatus {
		group.Config.FailoverCriteria.StatusCodes.Items = append(group.Config.FailoverCriteria.StatusCodes.Items, int32(status))
	}
	return x.selectFromGroup(group)
}

// assignedOrigin is the behavior's own origin, the primary one of a group.
func (x *Exchange) assignedOrigin() (*Origin, bool) {
	target := str(x.Behavior.Config.TargetOriginId)
	if group, ok := x.Model.Group(target); ok {
		x.Group = group
		target, _ = group.Members()
	}
	return x.Model.Origin(target)
}

// override is an origin with some settings changed; what a function does not name it inherits, the access control too.
func (m *Model) override(base *Origin, s *function.OriginSettings) *Origin {
	config := base.Config
	if s.DomainName != nil {
		config.DomainName = s.DomainName
	}
	if s.OriginPath != nil {
		config.OriginPath = s.OriginPath
	}
	if s.CustomHeaders != nil {
		headers := &types.CustomHeaders{}
		for _, h := range s.CustomHeaders {
			headers.Items = append(headers.Items, types.OriginCustomHeader{HeaderName: ptr(h.Name), HeaderValue: ptr(h.Value)})
		}
		config.CustomHeaders = headers
	}
	if s.Protocol != nil || s.Port != nil {
		config.CustomOriginConfig = overrideProtocol(config.CustomOriginConfig, s)
		config.S3OriginConfig = nil
	}
	changed := m.compileOrigin(base.Index, config)
	if s.AccessControl == nil {
		return changed
	}
	changed.OAI = ""
	if !s.AccessControl.Enabled {
		changed.Config.OriginAccessControlId = nil
		changed.OAC = evidence.None[types.OriginAccessControlConfig](m.Fact.Ref("").Call, "origin "+base.ID)
		return changed
	}
	changed.OAC = evidence.Published(changed.OAC, types.OriginAccessControlConfig{
		SigningBehavior:               types.OriginAccessControlSigningBehaviors(s.AccessControl.SigningBehavior),
		SigningProtocol:               types.OriginAccessControlSigningProtocols(s.AccessControl.SigningProtocol),
		OriginAccessControlOriginType: types.OriginAccessControlOriginTypes(s.AccessControl.OriginType),
	})
	return changed
}

func overrideProtocol(base *types.CustomOriginConfig, s *function.OriginSettings) *types.CustomOriginConfig {
	c := deref(base)
	if s.Protocol != nil {
		c.OriginProtocolPolicy = types.OriginProtocolPolicyHttpsOnly
		if *s.Protocol == "http" {
			c.OriginProtocolPolicy = types.OriginProtocolPolicyHttpOnly
		}
	}
	if s.Port != nil && *s.Port > 0 && *s.Port < 1<<16 {
		c.HTTPPort, c.HTTPSPort = ptr(int32(*s.Port)), ptr(int32(*s.Port))
	}
	return &c
}

// hostOverride is the Host header that a function sets for the origin, "" for none.
func (x *Exchange) hostOverride() string {
	if x.FunctionOrigin == nil || x.forced != nil {
		return ""
	}
	return cloudfront.NormalizeHost(str(x.FunctionOrigin.Settings.HostHeader))
}
