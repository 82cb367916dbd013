package originaccess

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var mediaOriginPolicyMissing = &cause.Cause{
	ID:       "MEDIA_ORIGIN_POLICY_MISSING",
	Title:    "The media origin's policy does not let this distribution read",
	Stage:    "origin-access",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A MediaPackage (v2) origin endpoint and a MediaStore container have a policy of their own. CloudFront signs its requests with an origin access control, and
the policy has to let cloudfront.amazonaws.com get objects for this distribution. Where it does not, the service answers 403.`,
		Why:     "The endpoint or container was made without a policy, or with one for another distribution.",
		Example: "A MediaPackage endpoint whose policy names an older distribution.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-mediapackage.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-mediastore.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		x := passage.Exchange(p)
		a := x.Media
		if a == nil {
			return cause.RuleOut("the request does not get as far as a media origin")
		}
		name := p.OriginName(x.Origin)
		step, _ := p.Trace.Step("origin-access")
		switch {
		case a.Policy == nil && passage.Suspected(p, 403):
			return cause.Possible(name, "The media origin's policy may not let this distribution read.", "which endpoint or container the path belongs to is not known", step.Evidence...).
				Needing(mediaReads(p, x.Origin)...).With(a)
		case a.Policy == nil:
			return cause.Need("which media endpoint the path belongs to is not known", mediaReads(p, x.Origin)...)
		case a.Decision.Allowed.Yes():
			return cause.RuleOut("the policy lets this distribution read", a.Policy.Ref("Policy"))
		case a.Decision.Allowed.No():
			return cause.Confirm(name, "The media origin's policy does not let this distribution read.", step.Evidence...).
				WithBecause("the policy and how CloudFront signs are known").WithDetail(a.Action + " on " + a.Resource + ": " + a.Decision.Reason.String()).With(a)
		case passage.Suspected(p, 403):
			return cause.Likely(name, "The media origin's policy may not let this distribution read.", "the policy, whose the endpoint is, or how CloudFront signs was not read", step.Evidence...).
				Needing(append(mediaReads(p, x.Origin), a.Policy, x.Origin.OAC)...).With(a)
		}
		return cause.Need("the policy, whose the endpoint is, or how CloudFront signs was not read", append(mediaReads(p, x.Origin), a.Policy, x.Origin.OAC)...)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		a, ok := v.Data.(*edge.MediaAccess)
		x := passage.Exchange(p)
		if !ok || x.Origin == nil {
			return nil
		}
		f := fix.Fix{
			Title:       "Let this distribution read from the media origin",
			Complexity:  fix.Quick,
			Minutes:     10,
			Impact:      "None: the policy gains a statement and counts at once",
			Explanation: "It adds a statement that lets cloudfront.amazonaws.com get objects, for this distribution only, and leaves the others alone.",
			SideEffects: []string{"The content becomes readable through this distribution, to whomever it serves"},
			Invalidate:  []string{"/*"},
			Confidence:  fix.High,
		}
		grant, ok := mediaGrant(p, x, a)
		if !ok || a.Policy.Missing() || a.Decision.Deciding != nil {
			f.Confidence = fix.Medium
			resource := a.Resource
			if resource == "" {
				resource = "the endpoint or container that the path belongs to"
			}
			f.Manual = []string{"Add a statement to the policy that lets cloudfront.amazonaws.com use " + a.Action + " on " + resource + " with the condition AWS:SourceArn = " + p.Model.ARN(),
				"Give the origin an origin access control of its type that always signs"}
			return []fix.Fix{f}
		}
		f.Changes = []fix.Change{grant}
		kind := x.Origin.Endpoint.OriginAccessControlType()
		if !signsFor(x.Origin, types.OriginAccessControlOriginTypes(kind)) {
			creation := fix.CreateOAC("media-"+p.Model.ID(), kind, "always")
			f.Changes = append(f.Changes, creation, fix.EditDistribution(p.Model.ID(), fix.SetOriginAccessControl(x.Origin.ID, creation.ID())))
		}
		return []fix.Fix{f}
	},
}

// mediaReads tell which endpoint or container the origin's paths belong to. Where the path names no endpoint, any endpoint's policy may be the one.
func mediaReads(p *cause.Pass, o *edge.Origin) []evidence.Gap {
	region := o.Endpoint.Region
	if o.Endpoint.Kind == cloudfront.KindMediaStore {
		return []evidence.Gap{account.Containers(region).In(p.World)}
	}
	reads := []evidence.Gap{account.ChannelGroups(region).In(p.World)}
	if a := passage.Exchange(p).Media; a == nil || a.Resource == "" {
		reads = append(reads, account.EndpointPolicy(region, "*", "*", "*").In(p.World))
	}
	return reads
}

// mediaGrant edits the policy of what the path belongs to.
func mediaGrant(p *cause.Pass, x *edge.Exchange, a *edge.MediaAccess) (fix.Change, bool) {
	e := x.Origin.Endpoint
	switch e.Kind {
	case cloudfront.KindMediaPackageV2:
		// arn:…:channelGroup/GROUP/channel/CHANNEL/originEndpoint/ENDPOINT
		parts := strings.Split(a.Resource, "/")
		if len(parts) != 6 {
			return nil, false
		}
		return fix.EditMediaPackagePolicy(e.Region, parts[1], parts[3], parts[5], fix.GrantMedia([]string{a.Action}, a.Resource, p.Model.ARN())...), true
	case cloudfront.KindMediaStore:
		container, _, found := strings.Cut(a.Resource, x.Forwarded.Path)
		_, name, isContainer := strings.Cut(container, ":container/")
		if !found || !isContainer {
			return nil, false
		}
		return fix.EditMediaStorePolicy(e.Region, name, fix.GrantMedia([]string{a.Action}, container+"/*", p.Model.ARN())...), true
	}
	return nil, false
}
