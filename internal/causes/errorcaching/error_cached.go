package errorcaching

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/observed"
)

var errorCached = &cause.Cause{
	ID:       "ERROR_CACHED",
	Title:    "An error lives on in the cache after what caused it is gone",
	Stage:    "error-caching",
	Symptoms: []int{400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504},
	Severity: cause.High,
	Doc: cause.Doc{
		Explain: `CloudFront keeps an origin's error too: for ten seconds, or as long as the error caching minimum TTL of that status or the error's own Cache-Control header says.
Within that time it answers from the cache and does not ask the origin, so that viewers go on seeing an error which is repaired.`,
		Why: `The minimum was set high to spare an origin, or the error page was created in the console, whose default is five minutes; or the origin sends its errors with a long
max-age.`,
		Example: "ErrorCachingMinTTL 3600 for 404, and an object that was uploaded ten minutes ago.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-expiration.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Invalidation.html",
		},
		Since: "0.1",
	},
	Detect: detectErrorCached,
	Fixes:  fixErrorCached,
}

// long is from how many seconds on a kept error is worth a word.
const long = 60

// kept is an error that the cache keeps for long.
type kept struct {
	rule  cloudfront.ErrorRule
	entry bool // a custom error response sets it
}

func detectErrorCached(p *cause.Pass) cause.Verdict {
	b := passage.Behavior(p)
	code := p.Symptom.Code
	switch {
	case b == nil:
		return cause.RuleOut("no cache behavior takes the request")
	case p.Symptom.Given && code < 400:
		return cause.RuleOut("viewers see no error")
	case !cloudfront.CacheableMethod(p.Request.Method, b.Forwarding().CachesOptions):
		return cause.RuleOut("answers to " + p.Request.Method + " requests are not kept")
	case deref(b.Config.CachePolicyId) == cloudfront.CachingDisabledID:
		return cause.RuleOut("the cache policy CachingDisabled keeps no errors", p.Model.Ref(b.Field+".CachePolicyId", cloudfront.CachingDisabledID, ""))
	}
	if !p.Symptom.Given {
		code = p.Trace.Outcome.Status
		if p.Trace.Outcome.Original != 0 {
			code = p.Trace.Outcome.Original
		}
		if code < 400 {
			return cause.RuleOut("the request ends in no error that could be kept")
		}
	}
	if v, ok := seenKept(p, b, code); ok {
		return v
	}
	return judgeKept(p, b, kept{}, code)
}

// seenKept judges by the answer that the edge was seen to give: an error from the cache, while the origin answers the same request well.
func seenKept(p *cause.Pass, b *edge.Behavior, code int) (v cause.Verdict, ok bool) {
	seen, x := p.Model.ViewerSeen(p.Request), passage.Exchange(p)
	by, known := seen.Verdict()
	a := seen.HTTP.Or(observed.Answer{})
	if !known || a.Status != code || !by.Cached || x.Seen == nil {
		return v, false
	}
	origin, asked := x.Seen.HTTP.Get()
	if !asked || origin.Status == 0 || origin.Status >= 400 {
		return v, false
	}
	var rules []types.CustomErrorResponse
	if p.Model.Config.CustomErrorResponses != nil {
		rules = p.Model.Config.CustomErrorResponses.Items
	}
	k := kept{}
	k.rule, k.entry = cloudfront.FindErrorRule(rules, code)
	age, _ := a.Header("Age")
	return cause.Confirm(p.BehaviorName(b), fmt.Sprintf("CloudFront answers with a %d that it keeps, while the origin answers the same request with %d by now.", code, origin.Status),
		seen.HTTP.Ref("Headers.Age").With(age, "the error comes from the cache"),
		x.Seen.HTTP.Ref("Status").With(strconv.Itoa(origin.Status), "the origin's answer to the same request now")).
		WithBecause("active validation saw both answers").Explaining(true).With(k), true
}

func judgeKept(p *cause.Pass, b *edge.Behavior, k kept, code int) cause.Verdict {
	var rules []types.CustomErrorResponse
	if p.Model.Config.CustomErrorResponses != nil {
		rules = p.Model.Config.CustomErrorResponses.Items
	}
	k.rule, k.entry = cloudfront.FindErrorRule(rules, code)
	if !k.entry || k.rule.MinTTL < long {
		if p.Fails() || !p.Symptom.Given || p.Trace.Origin == nil {
			return cause.RuleOut("the status " + strconv.Itoa(code) + " is kept for ten seconds at most, unless the origin's own headers say otherwise")
		}
		return cause.Need("needs active validation: ask again with a query string that the cache key holds, and compare X-Cache and Age")
	}
	setting := p.Model.Ref("CustomErrorResponses["+strconv.Itoa(code)+"].ErrorCachingMinTTL", strconv.FormatInt(k.rule.MinTTL, 10), "seconds for which the error is kept").Want("10")
	refs := []evidence.Ref{setting, b.CachePolicy.Ref("CachePolicyConfig.MaxTTL")}
	invalidations := account.Invalidations(p.Model.ID()).In(p.World)
	if p.Symptom.Given && p.Asked && !p.Fails() && p.Trace.Origin != nil {
		return cause.Likely(p.BehaviorName(b), "CloudFront keeps the status "+strconv.Itoa(code)+" for "+words(k.rule.MinTTL)+
			"; as far as is known the request works now, and viewers may still get the error from the cache.",
			"what an edge location's cache holds cannot be read", append(refs, invalidations.Ref("InvalidationList.Items"))...).Explaining(true).With(k)
	}
	return cause.Possible(p.BehaviorName(b), "CloudFront keeps the status "+strconv.Itoa(code)+" for "+words(k.rule.MinTTL)+": viewers go on seeing it that long after it is repaired.",
		"it matters once the error itself is repaired", refs...).Explaining(false).AtSeverity(cause.Low).With(k)
}

func words(seconds int64) string {
	switch {
	case seconds%3600 == 0:
		return count(seconds/3600, "hour")
	case seconds%60 == 0:
		return count(seconds/60, "minute")
	}
	return count(seconds, "second")
}

func count(n int64, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.FormatInt(n, 10) + " " + unit + "s"
}

func fixErrorCached(p *cause.Pass, v cause.Verdict) []fix.Fix {
	k, ok := v.Data.(kept)
	if !ok {
		return nil
	}
	path := p.Request.Path
	if path == "" || strings.ContainsAny(path, "~") {
		path = "/*"
	}
	var change fix.Edits
	if k.rule.Replaces() {
		change = fix.SetCustomErrorResponse(k.rule.Code, k.rule.PagePath, k.rule.ResponseCode, 10)
	} else {
		change = fix.SetCustomErrorResponse(k.rule.Code, "", 0, 10)
	}
	drop := fix.Fix{
		Title: "Only drop what is cached", Complexity: fix.Quick, Minutes: 5,
		Impact:      "None; the next request of each edge location goes to the origin",
		Explanation: "An invalidation of the path removes the error; the setting stays.",
		Manual:      []string{"See that the origin answers this request well by now: an error that comes again is kept again."},
		Invalidate:  []string{path}, Confidence: fix.High,
	}
	if !k.entry { // nothing of the distribution's keeps it: the error's own headers do
		drop.Title = "Drop the error from the cache"
		return []fix.Fix{drop}
	}
	return []fix.Fix{{
		Title: "Keep the error for ten seconds only, and drop what is cached", Complexity: fix.Quick, Minutes: 10,
		Impact:      "None while it deploys",
		Explanation: "The invalidation removes the error from every edge location at once; the shorter time keeps the next one from lasting.",
		SideEffects: []string{"While the origin fails, it is asked about every ten seconds from each edge location"},
		Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), change)},
		Invalidate:  []string{path}, Confidence: fix.High,
	}, drop}
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
