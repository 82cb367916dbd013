package edge

import (
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/policy"
	"cfdoctor/internal/tri"
)

// MediaAccess is one request to a MediaPackage v2 or MediaStore origin.
type MediaAccess struct {
	Action, Resource string
	// Policy points at the endpoint's or container's policy; PolicyAbsent says that there is none.
	Policy       evidence.Gap
	PolicyAbsent bool
	Decision     policy.Decision
}

func (x *Exchange) accessMedia() Step {
	a := x.mediaAccess()
	x.Media = a
	if config, ok := x.Origin.OAC.Get(); ok && x.Signing == SigningOAC {
		got, want := string(config.OriginAccessControlOriginType), x.Origin.Endpoint.OriginAccessControlType()
		if got != want {
			return x.Guess(403, ByMedia, "The origin access control is made for another kind of origin (%s), so its signature does not fit", got).
				WithEvidence(x.Origin.OAC.Ref("OriginAccessControlConfig.OriginAccessControlOriginType").With(got, "").Want(want))
		}
	}
	if a.Policy == nil {
		return x.Unsure(Alternative{Status: 403, If: "the media endpoint's policy does not let CloudFront in", Weak: true}, "The media endpoint was not read")
	}
	refs := decisionRefs(a.Decision, "Policy.", a.Policy.Ref("Policy"))
	switch {
	case a.Decision.Allowed.Yes():
		return x.Pass("The media endpoint's policy lets this distribution read").WithEvidence(refs...)
	case a.Decision.Allowed.No():
		return x.Stop(403, ByMedia, "The media endpoint's policy does not let this distribution read").WithEvidence(refs...)
	}
	return x.Unsure(Alternative{Status: 403, If: "the media endpoint's policy does not let CloudFront in"},
		"Whether the media endpoint's policy lets CloudFront in could not be told").WithEvidence(refs...)
}

func (x *Exchange) mediaAccess() *MediaAccess {
	a := &MediaAccess{}
	e := x.Origin.Endpoint
	text := ""
	switch e.Kind {
	case cloudfront.KindMediaPackageV2:
		fact, resource := x.Model.mediaPackagePolicy(e, x.Forwarded.Path)
		if resource == "" {
			return a
		}
		a.Action, a.Resource, a.Policy, a.PolicyAbsent = "mediapackagev2:GetObject", resource, fact, fact.IsAbsent()
		text = fact.Or(account.EndpointPolicyOutput{}).Policy
	case cloudfront.KindMediaStore:
		container, ok := x.Model.mediaContainer(e)
		if !ok {
			return a
		}
		fact := account.ContainerPolicy(e.Region, container.Name).In(x.Model.World)
		a.Action, a.Resource, a.Policy, a.PolicyAbsent = "mediastore:GetObject", container.ARN+x.Forwarded.Path, fact, fact.IsAbsent()
		text = fact.Or(account.ContainerPolicyOutput{}).Policy
	}
	principal, c := x.caller(false)
	if a.PolicyAbsent {
		a.Decision = policy.Decision{Allowed: tri.False, Reason: policy.ImplicitDeny}
	} else if document, err := policy.Parse(text); err == nil && text != "" {
		a.Decision = document.Evaluate(policy.Request{Principal: principal, Action: a.Action, Resource: a.Resource, Context: c})
	}
	return a
}

// mediaPackagePolicy reads the policy of the endpoint that a path belongs to: /out/v1/GROUP/CHANNEL/ENDPOINT/… (MediaPackage v2 User Guide,
// origin endpoints).
func (m *Model) mediaPackagePolicy(e cloudfront.Endpoint, path string) (evidence.Fact[account.EndpointPolicyOutput], string) {
	parts := segments(path)
	groups, _ := account.ChannelGroups(e.Region).In(m.World).Get()
	for _, g := range groups.Items {
		if strings.EqualFold(g.EgressDomain, e.Domain) && len(parts) >= 5 {
			fact := account.EndpointPolicy(e.Region, g.ChannelGroupName, parts[3], parts[4]).In(m.World)
			return fact, g.Arn + "/channel/" + parts[3] + "/originEndpoint/" + parts[4]
		}
	}
	return evidence.Fact[account.EndpointPolicyOutput]{}, ""
}

func (m *Model) mediaContainer(e cloudfront.Endpoint) (account.MediaContainer, bool) {
	out, _ := account.Containers(e.Region).In(m.World).Get()
	for _, c := range out.Containers {
		if urlHost(c.Endpoint) == e.Domain {
			return c, true
		}
	}
	return account.MediaContainer{}, false
}
