package cachebehavior

import (
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var behaviorPatternMismatch = &cause.Cause{
	ID:        "BEHAVIOR_PATTERN_MISMATCH",
	Title:     "The path narrowly misses the path pattern it was meant for and meets another cache behavior",
	Stage:     "cache-behavior",
	Symptoms:  []int{403, 404},
	Severity:  cause.Critical,
	OfRequest: true,
	Hides: []string{
		"S3_OBJECT_NOT_FOUND", "S3_OBJECT_KEY_MISMATCH", "METHOD_NOT_ALLOWED", "SUBDIRECTORY_INDEX_NOT_SUPPORTED", "BEHAVIOR_PREFIX_NOT_STRIPPED",
		"CUSTOM_ERROR_MASKS", "APIGW_ROUTE_MISSING",
	},
	Doc: cause.Doc{
		Explain: `CloudFront compares the path with the patterns of the cache behaviors, in order, and the first that matches takes the request. Letters count
in their case, * and ? are the only wildcards, the query string is no part of it, and /api/* does not match /api. A path that misses its pattern by a little falls to
a later behavior, usually the default one, with another origin: which does not have it, or does not allow the method.`,
		Why:     "Links in another case, a pattern written as a regular expression or with a host or query string, or the folder asked for without its slash.",
		Example: "/Images/sofa.jpg misses images/* and goes to the default bucket, where it is not.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html",
		},
		Since: "0.1",
	},
	Detect: detectMismatch,
	Fixes:  fixMismatch,
}

// mismatch is what was found, for the fixes: either another pattern or another path would have done.
type mismatch struct {
	near    edge.NearMiss
	pattern string // the pattern that matches the path, "" where the path has to change
	path    string // the path that matches the pattern, "" where the pattern has to change
}

func detectMismatch(p *cause.Pass) cause.Verdict {
	routing := p.Exchange().Routing
	switch {
	case routing == nil:
		return cause.RuleOut("the request does not get as far as a cache behavior")
	case len(routing.NearMisses) == 0:
		return cause.RuleOut("no other path pattern comes near this path")
	case cause.Proven(p.Trace):
		return cause.RuleOut("the request is answered by the behavior that takes it")
	case !p.Fails():
		return cause.Need("the path comes near another pattern, and whether the request is answered where it goes is not known", p.Trace.Gaps()...)
	case !endsAfterRouting(p):
		return cause.RuleOut("the request ends before its cache behavior matters")
	}
	for _, near := range routing.NearMisses {
		if v, ok := judgeMiss(p, near); ok {
			return v
		}
	}
	return cause.RuleOut("the patterns that the path comes near would not have helped: the same request fails there too")
}

// judgeMiss asks what the request would have met had it not missed the pattern.
func judgeMiss(p *cause.Pass, near edge.NearMiss) (cause.Verdict, bool) {
	found, ok := cure(p, near)
	if !ok {
		return cause.Verdict{}, false
	}
	taken := p.Trace.Behavior
	summary := "The path " + p.Request.Path + " was probably meant for the cache behavior " + near.Behavior.PathPattern + ", but does not match it, and goes to the behavior " +
		taken.PathPattern + " instead, which cannot answer it."
	refs := p.Model.Ref(near.Behavior.Field+".PathPattern", near.Behavior.PathPattern, near.Miss.String())
	v := cause.Likely(p.BehaviorName(near.Behavior), summary, "the same request would be answered if the path matched, and the path looks meant for it", refs)
	if unmistakable(near.Miss.Kind) {
		v = cause.Confirm(p.BehaviorName(near.Behavior), summary, refs).WithBecause("the request fails at " + p.Trace.StoppedAt + ", and is answered if the path matches the pattern")
	}
	return v.WithDetail(near.Miss.String()).With(found).Explaining(p.Reproduced()), true
}

// cure looks for the pattern, and for a difference in case also for the path, with which the behavior answers the request.
func cure(p *cause.Pass, near edge.NearMiss) (mismatch, bool) {
	helped := func(t *edge.Trace) bool {
		return cause.Works(t) && t.Behavior != nil && t.Behavior.Index == near.Behavior.Index
	}
	old, pattern := near.Behavior.PathPattern, near.Miss.Fix
	if near.Miss.Kind == cloudfront.MissCase {
		pattern = inCaseOf(old, p.Request.Path)
	}
	if pattern != "" && helped(p.With(fix.EditDistribution(p.Model.ID(), fix.SetPathPattern(old, pattern)))) {
		return mismatch{near: near, pattern: pattern}, true
	}
	if path := inCaseOf(p.Request.Path, old); near.Miss.Kind == cloudfront.MissCase && helped(p.Try(withQuery(path, p.Request.Query))) {
		return mismatch{near: near, path: path}, true
	}
	return mismatch{}, false
}

// unmistakable are misses that nobody intends.
func unmistakable(kind cloudfront.MissKind) bool {
	switch kind {
	case cloudfront.MissCase, cloudfront.MissBareFolder, cloudfront.MissQuery, cloudfront.MissHost, cloudfront.MissRegex, cloudfront.MissSlash:
		return true
	}
	return false
}

// inCaseOf gives the beginning of a path or pattern the case of letters that another has before its first wildcard.
func inCaseOf(text, like string) string {
	text, like = "/"+strings.TrimPrefix(text, "/"), "/"+strings.TrimPrefix(like, "/")
	n := min(wildcard(text), wildcard(like))
	for n > 0 && !strings.EqualFold(text[:n], like[:n]) {
		n--
	}
	return like[:n] + text[n:]
}

// wildcard is the place of the first wildcard, the text's length where it has none.
func wildcard(text string) int {
	if at := strings.IndexAny(text, "*?"); at >= 0 {
		return at
	}
	return len(text)
}

func withQuery(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

func fixMismatch(p *cause.Pass, v cause.Verdict) []fix.Fix {
	found, ok := v.Data.(mismatch)
	if !ok {
		return nil
	}
	pattern := found.near.Behavior.PathPattern
	if found.path != "" {
		return []fix.Fix{{
			Title: "Write the path as the pattern has it: " + found.path, Complexity: fix.Standard, Minutes: 30,
			Impact:      "None on other paths",
			Explanation: "Path patterns tell upper from lower case. The same request for " + found.path + " meets the behavior " + pattern + " and is answered.",
			Manual: []string{
				"Change the links, or redirect the other spelling with a CloudFront Function on the behavior " + p.Trace.Behavior.PathPattern + ".",
				"If both spellings have to work, add a second cache behavior with the same settings and the pattern in the other case, before the default one.",
			},
			Confidence: fix.High,
		}}
	}
	return []fix.Fix{{
		Title:      "Change the path pattern " + pattern + " to " + found.pattern,
		Complexity: fix.Quick, Minutes: 10,
		Impact:      "Paths that match the new pattern move to this behavior and its origin as edge locations take the change up",
		Explanation: "The new pattern matches " + p.Request.Path + ", so the request goes to the origin it was meant for.",
		SideEffects: []string{"Paths that only the old pattern matches go elsewhere, and others may match the new one: look through what the behavior will take"},
		Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetPathPattern(pattern, found.pattern))},
		Invalidate:  []string{p.Request.Path},
		Confidence:  fix.High,
	}}
}
