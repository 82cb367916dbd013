package cachebehavior

import (
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/tri"
)

var behaviorPrefixNotStripped = &cause.Cause{
	ID:       "BEHAVIOR_PREFIX_NOT_STRIPPED",
	Title:    "The cache behavior's path prefix reaches an origin that does not know it",
	Stage:    "cache-behavior",
	Symptoms: []int{403, 404},
	Severity: cause.Critical,
	Hides:    []string{"S3_OBJECT_NOT_FOUND", "APIGW_ROUTE_MISSING", "S3_OBJECT_KEY_MISMATCH"},
	Doc: cause.Doc{
		Explain: `A path pattern chooses the origin, and that is all: CloudFront sends the whole path on. A behavior for /assets/* asks the bucket for assets/site.css, also
where the bucket has it as site.css. CloudFront can put an origin path in front of the path; only a function can take something off it.`,
		Why:     "Reverse proxies often strip the prefix that they route by, so one expects it here too.",
		Example: "The behavior /static/* leads to a bucket that holds app.js, not static/app.js.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		b, s3 := p.Trace.Behavior, p.Exchange().S3
		switch {
		case b == nil || b.Default || prefixOf(b) == "":
			return cause.RuleOut("the request goes to a behavior without a path prefix")
		case s3 == nil || s3.Key == "" || p.Trace.StoppedAt != "origin-object" && len(p.Trace.Offers("origin-object")) == 0:
			return cause.RuleOut("the request does not end at a missing object")
		case !strings.HasPrefix(p.Exchange().Current.Path, prefixOf(b)):
			return cause.RuleOut("a function takes the prefix off the path")
		}
		stripped := p.Model.S3For(p.Trace.Origin, withoutPrefix(p, b))
		if stripped == nil {
			return cause.RuleOut("the origin is no bucket")
		}
		if s3.Exists.Yes() {
			return cause.RuleOut("the object is there under the whole path", s3.ObjectRef)
		}
		switch tri.And(s3.Exists.Not(), stripped.Exists) {
		case tri.True:
			ref := stripped.ObjectRef
			ref.Note = "is there; " + s3.Key + " is not"
			return cause.Confirm(p.BehaviorName(b),
				"CloudFront asks the bucket "+s3.Bucket.Name+" for "+s3.Key+", but the bucket has the object as "+stripped.Key+", without the prefix "+prefixOf(b)+".",
				p.Model.Ref(b.Field+".PathPattern", b.PathPattern, "the prefix is not taken off the path"), ref).Explaining(p.Reproduced())
		case tri.False:
			return cause.RuleOut("the object is not there without the prefix either", stripped.ObjectRef)
		}
		return cause.Need("whether the object is in the bucket is not known",
			p.Model.ObjectFact(s3.Bucket.Name, s3.Key), p.Model.ObjectFact(s3.Bucket.Name, stripped.Key))
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		prefix := prefixOf(p.Trace.Behavior)
		return []fix.Fix{{
			Title: "Take " + prefix + " off the path with a CloudFront Function", Complexity: fix.Standard, Minutes: 30,
			Impact:      "Every request of the behavior " + p.Trace.Behavior.PathPattern + " asks the origin for a shorter path as edge locations take the change up",
			Explanation: "A viewer-request function changes the path before the origin is asked; the choice of the behavior stays as it is.",
			SideEffects: []string{"Objects that are in the bucket with the prefix are not found any more"},
			Manual: []string{
				"Create a CloudFront Function (runtime cloudfront-js-2.0) that removes the leading prefix from event.request.uri and returns the request, publish it, and associate it with the behavior " +
					p.Trace.Behavior.PathPattern + " on viewer request.",
				"Or store the objects below the prefix: copy them in the bucket to keys that begin with " + strings.TrimPrefix(prefix, "/") + ".",
			},
			Invalidate: []string{p.Trace.Behavior.PathPattern},
			Confidence: fix.High,
		}}
	},
}

// prefixOf is the folder that a pattern names before its first wildcard: "/static/" of "/static/*", "" of "*.jpg".
func prefixOf(b *edge.Behavior) string {
	literal := "/" + strings.TrimPrefix(b.PathPattern, "/")
	if at := strings.IndexAny(literal, "*?"); at >= 0 {
		literal = literal[:at]
	}
	if at := strings.LastIndexByte(literal, '/'); at > 0 {
		return literal[:at+1]
	}
	return ""
}

// withoutPrefix is the key that the request would ask for with the behavior's prefix taken off.
func withoutPrefix(p *cause.Pass, b *edge.Behavior) string {
	path := "/" + strings.TrimPrefix(p.Exchange().Current.Path, prefixOf(b))
	if origin := p.Trace.Origin.Config.OriginPath; origin != nil {
		path = *origin + path
	}
	return strings.TrimPrefix(path, "/")
}
