package failover

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var noOriginFailover = &cause.Cause{
	ID:        "NO_ORIGIN_FAILOVER",
	Title:     "No second origin stands in when the first one fails",
	Stage:     "failover",
	Severity:  cause.Low,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `With an origin group CloudFront asks a second origin when the first cannot be reached, does not answer in time or answers with a chosen status, for GET, HEAD and
OPTIONS requests. Without one every failure of the origin is a failure of the site, apart from what is in the cache.`,
		Why:     "A second origin, in another Region or a static page of apology in a bucket, has to be built and kept up to date.",
		Example: "OriginGroups.Quantity is 0.",
		References: []string{
			posture.Guide + "high_availability_origin_failover.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		for _, b := range p.Model.Behaviors {
			if g, ok := p.Model.Group(posture.Text(b.Config.TargetOriginId)); ok {
				return cause.RuleOut("an origin group is in use", p.Model.Ref(g.Field+".Id", g.ID, ""))
			}
		}
		refs := []evidence.Ref{p.Model.Ref("DefaultCacheBehavior.TargetOriginId", target(p), "a single origin, not an origin group")}
		if len(p.Model.Groups) > 0 {
			refs = append(refs, p.Model.Ref("OriginGroups.Items", p.Model.Groups[0].ID, "no behavior uses it"))
		} else {
			refs = append(refs, p.Model.Ref("OriginGroups.Quantity", "0", ""))
		}
		return cause.Confirm(p.DistributionName(),
			"No behavior has a second origin. When an origin fails, its viewers get errors until it is back.", refs...).WithBecause("the targets of all behaviors are known")
	},
	Fixes: func(p *cause.Pass, _ cause.Verdict) []fix.Fix {
		var out []fix.Fix
		if f, ok := pairUp(p); ok {
			out = append(out, f)
		}
		return append(out, fix.Fix{
			Title:       "Add a second origin in an origin group",
			Complexity:  fix.Advanced,
			Minutes:     240,
			Impact:      "None while the first origin answers",
			Explanation: "When the first origin fails, CloudFront asks the second one for the same path within the same request",
			SideEffects: sideEffects,
			Manual: []string{
				"Build the second origin: for a bucket, one in another Region to which S3 replicates; for an application, a second load balancer, or a bucket with a static page of apology",
				fmt.Sprintf("Add it to the distribution, create an origin group of %s and the new one with the statuses 500, 502, 503 and 504, and let the behaviors target the group", strings.Join(originIDs(p), ", ")),
				"Lower the connection timeout and attempts of the first origin (10 seconds, three attempts) so that the change-over does not take half a minute",
			},
			Confidence: fix.Medium,
		})
	},
}

var sideEffects = []string{
	"The second origin needs the same content, and access for CloudFront of its own",
	"POST, PUT, PATCH and DELETE requests are never sent to the second origin",
	"Statuses that belong to the content, such as 404, must not be among the criteria, or every missing page asks both origins",
}

// pairUp is the remedy with what the distribution has already: an origin group that nobody uses, or a second bucket that nobody uses.
func pairUp(p *cause.Pass) (fix.Fix, bool) {
	first := target(p)
	f := fix.Fix{
		Complexity: fix.Quick, Minutes: 20,
		Impact:      "None while the first origin answers",
		Explanation: "When " + first + " fails, CloudFront asks the second origin for the same path within the same request.",
		SideEffects: sideEffects,
		Confidence:  fix.Medium,
	}
	var edits []fix.Edits
	group, second := unusedGroup(p, first)
	if group != "" {
		f.Title = "Let the behaviors use the origin group " + group
	} else if second = unusedBucket(p, first); second != "" {
		group = freeName(p, "failover-of-"+first)
		f.Title = "Let the unused origin " + second + " stand in for " + first
		f.SideEffects = append([]string{"See first that " + second + " holds the same objects under the same keys"}, sideEffects...)
		edits = []fix.Edits{fix.AddOriginGroup(group, first, second, 500, 502, 503, 504)}
	}
	reads := false
	for _, b := range p.Model.Behaviors {
		if posture.Text(b.Config.TargetOriginId) == first && readsOnly(b) {
			reads = true
			edits = append(edits, fix.SetTargetOrigin(passage.Key(b), group))
		}
	}
	f.Changes = []fix.Change{fix.EditDistribution(p.Model.ID(), edits...)}
	return f, reads && second != ""
}

// readsOnly reports whether a behavior allows nothing but what CloudFront tries at a second origin.
func readsOnly(b *edge.Behavior) bool {
	allowed := b.Config.AllowedMethods
	return allowed == nil || !slices.ContainsFunc(allowed.Items, func(m types.Method) bool {
		return m != types.MethodGet && m != types.MethodHead && m != types.MethodOptions
	})
}

// unusedGroup is a group of two origins whose first is the one that serves now.
func unusedGroup(p *cause.Pass, first string) (group, second string) {
	for _, g := range p.Model.Groups {
		if primary, secondary := g.Members(); primary == first && secondary != first {
			return g.ID, secondary
		}
	}
	return "", ""
}

// unusedBucket is the one other bucket among the origins, where no behavior and no group uses it and the first origin is a bucket of the same
// folder and with the same origin access control, so that the same path is the same object there. "" where there is none, or more than one.
func unusedBucket(p *cause.Pass, first string) string {
	serving, ok := p.Model.Origin(first)
	if !ok || !isBucket(serving) {
		return ""
	}
	var found []string
	for _, o := range p.Model.Origins {
		if o.ID == first || !isBucket(o) || o.Endpoint.Domain == serving.Endpoint.Domain || len(posture.Users(p.Model, o)) > 0 || inGroup(p, o.ID) {
			continue
		}
		if posture.Text(o.Config.OriginPath) == posture.Text(serving.Config.OriginPath) && posture.Text(o.Config.OriginAccessControlId) == posture.Text(serving.Config.OriginAccessControlId) {
			found = append(found, o.ID)
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

func isBucket(o *edge.Origin) bool {
	return o.Endpoint.Kind == cloudfront.KindS3Regional || o.Endpoint.Kind == cloudfront.KindS3Global
}

func inGroup(p *cause.Pass, id string) bool {
	return slices.ContainsFunc(p.Model.Groups, func(g *edge.OriginGroup) bool {
		primary, secondary := g.Members()
		return id == primary || id == secondary
	})
}

// freeName is a name that no origin and no group has yet.
func freeName(p *cause.Pass, name string) string {
	for {
		_, origin := p.Model.Origin(name)
		_, group := p.Model.Group(name)
		if !origin && !group {
			return name
		}
		name += "-2"
	}
}

func target(p *cause.Pass) string {
	if b := p.Model.Config.DefaultCacheBehavior; b != nil {
		return posture.Text(b.TargetOriginId)
	}
	return ""
}

func originIDs(p *cause.Pass) []string {
	var out []string
	for _, o := range p.Model.Origins {
		out = append(out, fmt.Sprintf("%q", o.ID))
	}
	return out
}
