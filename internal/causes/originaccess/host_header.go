package originaccess

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

// judgeHost is the verdict on a Host header at an origin that answers to its own name only.
func judgeHost(p *cause.Pass, o *edge.Origin, x *edge.Exchange, summary string) cause.Verdict {
	b := x.Behavior
	if b == nil || x.Forwarded.Host == "" {
		return cause.RuleOut("the request does not get as far as the origin")
	}
	field, known := hostSource(p, b)
	refs := []evidence.Ref{field.With("Host: "+x.Forwarded.Host, "the viewer's Host header reaches the origin"),
		p.Model.Ref(o.Field+".DomainName", o.Endpoint.Domain, "the only host that the origin answers to")}
	foreign := cloudfront.NormalizeHost(x.Forwarded.Host) != x.Forwarded.Address
	switch {
	case !known && passage.Suspected(p, 403, 404):
		return cause.Possible(p.BehaviorName(b), summary, "the policy that decides which headers are forwarded could not be read", refs...).
			Needing(b.OriginRequestPolicy, b.CachePolicy).Explaining(true)
	case !known:
		return cause.Need("the policy that decides which headers are forwarded could not be read", b.OriginRequestPolicy, b.CachePolicy)
	case foreign:
		return cause.Confirm(p.BehaviorName(b), summary, refs...).WithBecause("the forwarded header and the origin's name are known").
			WithDetail("Host: " + x.Forwarded.Host + " is sent to " + o.Endpoint.Domain)
	}
	return cause.RuleOut("the origin gets its own name as Host", refs[1])
}

// hostSource points at the setting that decides whether Host is forwarded. Known is false where it could not be read.
func hostSource(p *cause.Pass, b *edge.Behavior) (ref evidence.Ref, known bool) {
	known = !b.CachePolicy.Missing() && !b.OriginRequestPolicy.Missing()
	switch {
	case b.Config.ForwardedValues != nil:
		return p.Model.Ref(b.Field+".ForwardedValues.Headers", "", ""), true
	case cacheKeyHasHost(b):
		return b.CachePolicy.Ref("CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin.HeadersConfig"), known
	}
	return b.OriginRequestPolicy.Ref("OriginRequestPolicyConfig.HeadersConfig"), known
}

func cacheKeyHasHost(b *edge.Behavior) bool {
	policy, ok := b.CachePolicy.Get()
	if !ok || policy.ParametersInCacheKeyAndForwardedToOrigin == nil || policy.ParametersInCacheKeyAndForwardedToOrigin.HeadersConfig == nil {
		return false
	}
	headers := policy.ParametersInCacheKeyAndForwardedToOrigin.HeadersConfig.Headers
	return headers != nil && hasHost(headers.Items)
}

func hasHost(names []string) bool {
	for _, name := range names {
		if strings.EqualFold(name, "Host") {
			return true
		}
	}
	return false
}

// hostFixes keep the viewer's Host header from an origin that answers to its own name. plain says that the origin needs nothing else of the
// viewer's either.
func hostFixes(p *cause.Pass, plain bool) []fix.Fix {
	b := p.Trace.Behavior
	if b == nil {
		return nil
	}
	base := fix.Fix{
		Complexity:  fix.Quick,
		Minutes:     10,
		Impact:      "None while it deploys: requests fail until edge locations take the change up",
		SideEffects: []string{"The origin no longer learns which host the viewer asked for"},
		Invalidate:  []string{"/*"},
		Confidence:  fix.High,
	}
	if b.Config.ForwardedValues != nil {
		return []fix.Fix{legacyHostFix(p, b, base)}
	}
	var edits []fix.Edits
	if cacheKeyHasHost(b) {
		id, _ := cloudfront.ManagedCachePolicyID("CachingOptimized")
		edits = append(edits, fix.SetCachePolicy(passage.Key(b), id))
		base.SideEffects = append(base.SideEffects, "The cache key changes, so that everything is fetched again once")
	}
	everything := base
	everything.Title = "Forward everything but the Host header"
	everything.Explanation = "The managed policy AllViewerExceptHostHeader forwards what the behavior forwards now, without Host, so that the origin gets its own name."
	everything.Changes = []fix.Change{fix.EditDistribution(p.Model.ID(), append(edits, fix.SetOriginRequestPolicy(passage.Key(b), cloudfront.AllViewerExceptHostHeaderID))...)}
	fixes := []fix.Fix{everything}
	if plain {
		nothing := base
		nothing.Title = "Forward nothing of the viewer's to the bucket"
		nothing.Explanation = "A bucket that serves files needs no header, cookie or query string of the viewer's. Without an origin request policy it gets what is in the cache key only."
		nothing.SideEffects = append(nothing.SideEffects, "Headers for CORS (Origin, Access-Control-Request-…) are no longer forwarded: choose the managed policy CORS-S3Origin where the bucket's CORS rules are used")
		nothing.Changes = []fix.Change{fix.EditDistribution(p.Model.ID(), append(edits, fix.SetOriginRequestPolicy(passage.Key(b), ""))...)}
		fixes = append(fixes, nothing)
	}
	return fixes
}

// legacyHostFix takes Host out of a behavior's older forwarding settings.
func legacyHostFix(p *cause.Pass, b *edge.Behavior, f fix.Fix) fix.Fix {
	path := fix.At("DefaultCacheBehavior")
	if !b.Default {
		path = fix.At("CacheBehaviors").Item("PathPattern", b.PathPattern)
	}
	path = path.Field("ForwardedValues", "Headers")
	f.Title = "Take Host off the headers that the behavior forwards"
	f.Explanation = "Without Host on the list CloudFront sends the origin its own name."
	edit := fix.ConfigEdit{Path: path, Op: fix.RemoveItem, Old: hostName(b.Config.ForwardedValues),
		Label: "Behaviors tab: select the behavior, choose Edit; under Legacy cache settings, Headers, remove Host; choose Save changes"}
	if forwardsAll(b.Config.ForwardedValues) {
		edit = fix.ConfigEdit{Path: path, Op: fix.SetItems, New: []string{},
			Label: "Behaviors tab: select the behavior, choose Edit; under Legacy cache settings set Headers to None; choose Save changes"}
		f.SideEffects = append(f.SideEffects, "No other header of the viewer's is forwarded either, and responses are cached: list the headers that the origin needs")
	}
	f.Changes = []fix.Change{fix.EditDistribution(p.Model.ID(), fix.Edits{edit})}
	return f
}

func hostName(v *types.ForwardedValues) string {
	if v.Headers != nil {
		for _, name := range v.Headers.Items {
			if strings.EqualFold(name, "Host") {
				return name
			}
		}
	}
	return "Host"
}

func forwardsAll(v *types.ForwardedValues) bool {
	return v.Headers != nil && len(v.Headers.Items) == 1 && v.Headers.Items[0] == "*"
}
