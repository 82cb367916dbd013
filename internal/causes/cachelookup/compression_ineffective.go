package cachelookup

import (
	"strconv"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var compressionIneffective = &cause.Cause{
	ID:        "COMPRESSION_INEFFECTIVE",
	Title:     "CloudFront is set to compress, and something else keeps it from doing so",
	Stage:     stage,
	Severity:  cause.Low,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `CloudFront compresses text of 1,000 to 10,000,000 bytes with gzip and Brotli where the behavior says so, the cache policy has both formats in the cache key, and the
answer may be kept. Where the policy leaves the formats out, or the TTL is zero, the switch on the behavior does nothing.`,
		Why:     "A cache policy was made without the two compression settings, or CachingDisabled stands on a behavior that is to compress.",
		Example: "Compress on, and a custom cache policy with EnableAcceptEncodingGzip false.",
		References: []string{
			guide + "ServingCompressedFiles.html",
		},
		Since: "0.1",
	},
	Detect: detectCompression,
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		b, ok := v.Data.(*edge.Behavior)
		if !ok {
			return nil
		}
		return []fix.Fix{{
			Title: "Use a cache policy with compression", Complexity: fix.Quick, Minutes: 10,
			Impact:      "The cache key changes, so that everything of this behavior is fetched again once",
			Explanation: "The managed policy CachingOptimized has gzip and Brotli in the cache key and keeps answers.",
			SideEffects: []string{"Headers, cookies and query strings that the present policy has in the key leave it: where answers depend on them, turn the two settings on in the present policy instead"},
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetCachePolicy(passage.Key(b), cloudfront.CachingOptimizedID))},
			Confidence:  fix.High,
		}}
	},
}

func detectCompression(p *cause.Pass) cause.Verdict {
	b := passage.Behavior(p)
	if b == nil {
		return cause.RuleOut("no cache behavior takes the request")
	}
	on := p.Model.Ref(b.Field+".Compress", strconv.FormatBool(deref(b.Config.Compress)), "")
	f := b.Forwarding()
	switch {
	case !deref(b.Config.Compress):
		return cause.RuleOut("the behavior is not set to compress", on)
	case !f.TTLKnown:
		return cause.Need("the cache policy is not known", b.CachePolicy)
	}
	if v, ok := compressible(p); !ok {
		return v
	}
	object, inBucket := objectOf(p)
	found := func(summary string, ref evidence.Ref) cause.Verdict {
		if !inBucket || !object.IsKnown() {
			return cause.Likely(p.BehaviorName(b), summary, "what is sent here, and whether it is worth compressing, is not known", on, ref).Explaining(false).With(b)
		}
		return cause.Confirm(p.BehaviorName(b), summary, on, ref).WithBecause("the behavior's switch and its cache policy are both known").Explaining(false).With(b)
	}
	switch {
	case f.CachingDisabled().Yes():
		// An API's answers are not kept on purpose; that CloudFront does not compress them either is no fault of the settings.
		return cause.RuleOut("the behavior keeps no answers, and CloudFront compresses only what it may keep", on, policyRef(p, b, "MaxTTL", "0", ""))
	case !f.Gzip && !f.Brotli:
		return found("The behavior "+b.PathPattern+" is set to compress, and its cache policy has neither gzip nor Brotli: nothing is compressed.",
			policyRef(p, b, "ParametersInCacheKeyAndForwardedToOrigin.EnableAcceptEncodingGzip", "false", "").Want("true"))
	case f.TTL.Max > 0 && f.TTL.Default == 0 && f.TTL.Min == 0 && inBucket && object.Missing():
		return cause.Need("whether the object says how long it may be kept is not known", object)
	case f.TTL.Max > 0 && f.TTL.Default == 0 && f.TTL.Min == 0 && inBucket && !says(object):
		return found("The behavior "+b.PathPattern+" is set to compress, and keeps what comes without a Cache-Control header for no time: such answers are not compressed.",
			policyRef(p, b, "DefaultTTL", "0", "seconds"))
	}
	return cause.RuleOut("the behavior compresses, and its cache policy lets it", on)
}

// objectOf is the object that the request leads to, false where the origin is no bucket.
func objectOf(p *cause.Pass) (evidence.Fact[account.ObjectOutput], bool) {
	s3 := p.Exchange().S3
	if s3 == nil || s3.Key == "" {
		return evidence.Fact[account.ObjectOutput]{}, false
	}
	return p.Model.ObjectFact(s3.Bucket.Name, s3.Key), true
}

// says reports whether the object itself says how long it may be kept.
func says(fact evidence.Fact[account.ObjectOutput]) bool {
	object, known := fact.Get()
	return !known || deref(object.CacheControl) != "" || deref(object.Expires) != ""
}

// compressible rules out objects that CloudFront never compresses.
func compressible(p *cause.Pass) (cause.Verdict, bool) {
	fact, inBucket := objectOf(p)
	object, known := fact.Get()
	switch {
	case !inBucket || !known:
		return cause.Verdict{}, true
	case !cloudfront.Compressible(deref(object.ContentType)):
		return cause.RuleOut("CloudFront does not compress "+deref(object.ContentType), fact.Ref("ContentType").With(deref(object.ContentType), "")), false
	case object.ContentLength != nil && (*object.ContentLength < cloudfront.MinCompressLength || *object.ContentLength > cloudfront.MaxCompressLength):
		return cause.RuleOut("CloudFront does not compress objects of this size", fact.Ref("ContentLength").With(strconv.FormatInt(*object.ContentLength, 10), "")), false
	}
	return cause.Verdict{}, true
}
