package cachelookup

import (
	"strconv"
	"strings"
	"time"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/tri"
)

var staleContent = &cause.Cause{
	ID:       "STALE_CONTENT",
	Title:    "Viewers may still get an older version from the cache",
	Stage:    stage,
	Severity: cause.Medium,
	Doc: cause.Doc{
		Explain: `CloudFront keeps an answer as long as the origin's Cache-Control or Expires header says, within the minimum and maximum TTL, and for the default TTL (24 hours in most
policies) where the origin says nothing. A new version under the same name shows once that time is over, or after an invalidation of its path.`,
		Why: `Files are replaced under the same name without a Cache-Control header and without an invalidation; or the invalidation named another path, such as /index.html where
viewers ask for /.`,
		Example: "index.html uploaded an hour ago, no Cache-Control, and the managed policy CachingOptimized.",
		References: []string{
			guide + "Expiration.html",
			guide + "Invalidation.html",
			guide + "invalidation-specifying-objects.html",
		},
		Since: "0.1",
	},
	Detect: detectStale,
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		key, ok := v.Data.(string)
		if !ok {
			return nil
		}
		return []fix.Fix{{
			Title: "Drop the old version from the cache", Complexity: fix.Quick, Minutes: 5,
			Impact:      "None; the next request of each edge location goes to the origin",
			Explanation: "An invalidation of the path makes CloudFront fetch the new version.",
			SideEffects: []string{"Browsers keep copies of their own: those with max-age come back only when it is over"},
			Changes:     []fix.Change{fix.InvalidatePaths(p.Model.ID(), pathsOf(p)...)},
			Confidence:  fix.High,
		}, {
			Title: "Say with the object how long it may be kept", Complexity: fix.Standard, Minutes: 30,
			Impact:      "None on other objects",
			Explanation: "Pages that change under the same name want Cache-Control: max-age=0, must-revalidate or a few minutes; files with a hash in their name can be kept for a year.",
			Manual:      []string{"Let the deployment upload " + key + " with a Cache-Control header of its own, and create an invalidation after each release."},
			Confidence:  fix.High,
		}}
	},
}

// pathsOf are the paths to invalidate: as viewers ask and, where a function or the default root object makes another of it, as the cache has it
// (DG/invalidation-specifying-objects). A path with characters of which invalidations know none, or know others, drops everything.
func pathsOf(p *cause.Pass) []string {
	out := []string{p.Request.Path}
	if now := p.Exchange().Current.Path; now != p.Request.Path {
		out = append(out, now)
	}
	for _, path := range out {
		if strings.ContainsAny(path, "~*") || !fix.FitToShow(path) {
			return []string{"/*"}
		}
	}
	return out
}

func detectStale(p *cause.Pass) cause.Verdict {
	b, s3 := passage.Behavior(p), p.Exchange().S3
	switch {
	case b == nil:
		return cause.RuleOut("no cache behavior takes the request")
	case p.Symptom.Given && p.Symptom.Code >= 400:
		return cause.RuleOut("viewers see an error, not an older version")
	case !cloudfront.CacheableMethod(p.Request.Method, b.Forwarding().CachesOptions):
		return cause.RuleOut("answers to " + p.Request.Method + " requests are not kept")
	case b.Forwarding().CachingDisabled().Yes():
		return cause.RuleOut("the behavior keeps no answers", policyRef(p, b, "MaxTTL", "0", ""))
	case !b.Forwarding().TTLKnown:
		return cause.Need("how long answers are kept is not known", b.CachePolicy)
	case s3 == nil || s3.Key == "":
		return cause.Need("needs active validation: compare Age and Last-Modified of the answer with what the origin has now")
	}
	fact := p.Model.ObjectFact(s3.Bucket.Name, s3.Key)
	object, known := fact.Get()
	if fact.IsAbsent() {
		return cause.RuleOut("the object is not there, so that there is no newer version", fact.Ref(""))
	}
	if !known || object.LastModified == nil {
		return cause.Need("when the object was changed last is not known", fact)
	}
	return judgeStale(p, b, s3, object, fact)
}

func judgeStale(p *cause.Pass, b *edge.Behavior, s3 *edge.S3Access, object account.ObjectOutput, fact evidence.Fact[account.ObjectOutput]) cause.Verdict {
	f := b.Forwarding()
	fresh := f.TTL.Freshness(cloudfront.ParseCacheControl(deref(object.CacheControl)), cloudfront.UntilExpires(deref(object.Expires), p.World.Now))
	keep, age := time.Duration(fresh.Seconds)*time.Second, p.World.Now.Sub(*object.LastModified)
	refs := []evidence.Ref{
		fact.Ref("LastModified").With(object.LastModified.UTC().Format(time.RFC3339), ""),
		fact.Ref("CacheControl").With(deref(object.CacheControl), ""),
		policyRef(p, b, "DefaultTTL", strconv.FormatInt(f.TTL.Default, 10), "an answer is kept for "+words(keep)),
	}
	if age >= keep {
		return cause.RuleOut("the object was changed longer ago than any copy is kept", refs...)
	}
	invalidations := account.Invalidations(p.Model.ID()).In(p.World)
	out, known := invalidations.Get()
	if !known {
		return cause.Need("whether the path was invalidated since is not known", invalidations)
	}
	for _, i := range out.InvalidationList.Items {
		if i.CreateTime == nil || !i.CreateTime.After(*object.LastModified) {
			continue
		}
		one := account.Invalidation(p.Model.ID(), deref(i.Id)).In(p.World)
		switch covers(p, one) {
		case tri.True:
			return cause.RuleOut("the path was invalidated since the object was changed", append(refs, one.Ref("Invalidation.InvalidationBatch.Paths"))...)
		case tri.Unknown:
			return cause.Need("an invalidation was made since the object was changed; whether it names the path is not known", one)
		}
	}
	refs = append(refs, invalidations.Ref("InvalidationList.Items").With("", "none since the object was changed"))
	return cause.Likely("object "+s3.Key+" in bucket "+s3.Bucket.Name, "The object "+s3.Key+" was changed "+words(age)+" ago and is kept for up to "+words(keep)+
		" without an invalidation since: viewers may still get the version before.", "what an edge location's cache holds cannot be read; a location that nobody asked has no old version", refs...).
		Explaining(p.Symptom.Given && p.Asked && p.Symptom.Code < 300).With(s3.Key)
}

// covers reports whether an invalidation drops what the request asks for. A path ends in * for all that begin so; otherwise it is the whole path,
// with its query string where the cache key holds one (DG/invalidation-specifying-objects).
func covers(p *cause.Pass, fact evidence.Fact[account.InvalidationOutput]) tri.Bool {
	batch := fact.Or(account.InvalidationOutput{}).Invalidation.InvalidationBatch
	if batch == nil || batch.Paths == nil || p.Exchange().Current.Path != p.Request.Path {
		return tri.Unknown
	}
	out := tri.False
	for _, pattern := range batch.Paths.Items {
		pattern = "/" + strings.TrimPrefix(pattern, "/")
		start, all := strings.CutSuffix(pattern, "*")
		switch {
		case all && strings.HasPrefix(p.Request.Path, start), pattern == p.Request.Path && p.Request.Query == "":
			return tri.True
		case strings.HasPrefix(start, p.Request.Path), strings.Contains(pattern, "%"):
			out = tri.Unknown // a query string, or the same path written otherwise
		}
	}
	return out
}

func words(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return strconv.Itoa(int(d/(24*time.Hour))) + " days"
	case d >= 2*time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " hours"
	}
	return strconv.Itoa(int(d/time.Minute)) + " minutes"
}
