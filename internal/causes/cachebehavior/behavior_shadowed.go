package cachebehavior

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var behaviorShadowed = &cause.Cause{
	ID:        "BEHAVIOR_SHADOWED",
	Title:     "An earlier, wider path pattern takes the requests that a later cache behavior was meant for",
	Stage:     "cache-behavior",
	Symptoms:  []int{403, 404},
	Severity:  cause.Critical,
	OfRequest: true,
	Hides:     []string{"S3_OBJECT_NOT_FOUND", "METHOD_NOT_ALLOWED", "SUBDIRECTORY_INDEX_NOT_SUPPORTED", "CUSTOM_ERROR_MASKS", "APIGW_ROUTE_MISSING"},
	Doc: cause.Doc{
		Explain: `CloudFront goes through the cache behaviors in their listed order and takes the first whose path pattern matches, not the most specific one.
A wide pattern such as *.jpg before images/special/*.jpg takes the requests that the later one was meant for; a later pattern that an earlier one covers wholly never
sees a request.`,
		Why:     "New behaviors are added at the end, and other systems choose the most specific pattern by themselves.",
		Example: "/api/* comes before /api/v2/*, so the second origin never gets a request.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html",
		},
		Since: "0.1",
	},
	Detect: detectShadowed,
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		later, ok := v.Data.(*edge.Behavior)
		if !ok {
			return nil
		}
		order := movedUp(p.Model, later)
		return []fix.Fix{{
			Title:      "Move the cache behavior " + later.PathPattern + " before the wider one",
			Complexity: fix.Quick, Minutes: 10,
			Impact:      "Paths that match both patterns move to this behavior and its origin as edge locations take the change up",
			Explanation: "The narrower pattern comes first, so it gets its requests; all others go where they went before.",
			SideEffects: []string{"What is cached for these paths under the other behavior's cache key is not used any more"},
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.ReorderBehaviors(order...))},
			Invalidate:  []string{p.Request.Path},
			Confidence:  fix.High,
		}}
	},
}

func detectShadowed(p *cause.Pass) cause.Verdict {
	if routing := p.Exchange().Routing; routing != nil && endsAfterRouting(p) {
		for _, later := range routing.Shadowed {
			if v, ok := helpsInOrder(p, later); ok {
				return v
			}
		}
	}
	for i, later := range p.Model.Behaviors {
		for _, earlier := range p.Model.Behaviors[:i] {
			if later.Default || !covers(earlier, later) {
				continue
			}
			return cause.Confirm(p.BehaviorName(later),
				"The cache behavior "+later.PathPattern+" never gets a request: the pattern "+earlier.PathPattern+" before it takes everything it could match.",
				p.Model.Ref(later.Field+".PathPattern", later.PathPattern, "covered by the earlier pattern "+earlier.PathPattern)).
				With(later).AtSeverity(cause.Medium).Explaining(false)
		}
	}
	return cause.RuleOut("no later cache behavior would answer this request better, and every path pattern can be reached")
}

// covers reports whether an earlier pattern leaves nothing to a later one, and the two lead to different places.
func covers(earlier, later *edge.Behavior) bool {
	return cloudfront.Contains(earlier.Pattern, later.Pattern) && earlier.PathPattern != later.PathPattern
}

// helpsInOrder simulates the request with the later behavior moved before the one that takes it now.
func helpsInOrder(p *cause.Pass, later *edge.Behavior) (cause.Verdict, bool) {
	if later.Default {
		return cause.Verdict{}, false
	}
	after := p.With(fix.EditDistribution(p.Model.ID(), fix.ReorderBehaviors(movedUp(p.Model, later)...)))
	if !cause.Works(after) {
		return cause.Verdict{}, false
	}
	taken := p.Trace.Behavior
	return cause.Confirm(p.BehaviorName(later),
		"The cache behavior "+later.PathPattern+" would answer this request, but the wider pattern "+taken.PathPattern+" stands before it and takes it.",
		p.Model.Ref(taken.Field+".PathPattern", taken.PathPattern, "takes the path first"),
		p.Model.Ref(later.Field+".PathPattern", later.PathPattern, "matches too, and comes later")).
		WithBecause("the request fails at " + p.Trace.StoppedAt + ", and is answered with the two behaviors in the other order").
		With(later).Explaining(p.Reproduced()), true
}

// movedUp lists the path patterns with one behavior moved before the first that matches some of its paths.
func movedUp(m *edge.Model, later *edge.Behavior) []string {
	var out []string
	placed := false
	for _, b := range m.Behaviors {
		if b.Default || b == later {
			continue
		}
		if !placed && b.Index < later.Index && (cloudfront.Contains(b.Pattern, later.Pattern) || b.Pattern.Match(example(later))) {
			out = append(out, later.PathPattern)
			placed = true
		}
		out = append(out, b.PathPattern)
	}
	if !placed {
		out = append([]string{later.PathPattern}, out...)
	}
	return out
}

// example is some path that a pattern matches: its wildcards replaced by letters.
func example(b *edge.Behavior) string {
	out := []rune("/")
	for i, r := range b.PathPattern {
		switch {
		case r == '*' || r == '?':
			out = append(out, 'x')
		case i == 0 && r == '/':
		default:
			out = append(out, r)
		}
	}
	return string(out)
}
