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
	Action string
	// Resource is "" where it is not known which endpoint or container the path belongs to.
	Resource string
	// Policy points at the endpoint's or container's policy, nil without a resource; PolicyAbsent says that there is none.
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
		return x.Unsure(Alternative{Status: 403, If: "the media endpoint's policy does not let CloudFront in", Weak: true},
			"Which endpoint or container the path belongs to is not known").WithEvidence(x.originRef("DomainName", x.Origin.Endpoint.Domain, ""))
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
		a.Action = "mediapackagev2:GetObject"
		fact, resource, listed := x.Model.mediaPackagePolicy(e, x.Forwarded.Path)
		if resource == "" {
			return a
		}
		// The answer that there is no policy is also the one for an endpoint that is another account's.
		a.Resource, a.Policy, a.PolicyAbsent = resource, fact, fact.IsAbsent() && listed
		text = fact.Or(account.EndpointPolicyOutput{}).Policy
	case cloudfront.KindMediaStore:
		a.Action = "mediastore:GetObject"
		container, ok := x.Model.mediaContainer(e)
		if !ok {
			return a
		}
		fact := account.ContainerPolicy(e.Region, container.Name).In(x.Model.World)
		a.Resource, a.Policy, a.PolicyAbsent = container.ARN+x.Forwarded.Path, fact, fact.IsAbsent()
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
// origin endpoints). listed reports that the channel group is one of this account's: nothing else tells whose the origin is. The resource is "" where
// the path names no endpoint.
func (m *Model) mediaPackagePolicy(e cloudfront.Endpoint, path string) (fact evidence.Fact[account.EndpointPolicyOutput], resource string, listed bool) {
	parts := segments(path)
	if len(parts) < 5 || parts[0] != "out" || parts[1] != "v1" || m.account() == "" {
		return fact, "", false
	}
	group := strings.Join([]string{"arn", m.Partition(), "mediapackagev2", e.Region, m.account(), "channelGroup/" + parts[2]}, ":")
	groups, _ := account.ChannelGroups(e.Region).In(m.World).Get()
	for _, g := range groups.Items {
		if g.ChannelGroupName == parts[2] {
			group, listed = g.Arn, true
		}
	}
	fact = account.EndpointPolicy(e.Region, parts[2], parts[3], parts[4]).In(m.World)
	return fact, group + "/channel/" + parts[3] + "/originEndpoint/" + parts[4], listed
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
