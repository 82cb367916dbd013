package responseheaders

import (
	"slices"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/tri"
)

var corsBlocked = &cause.Cause{
	ID:       "CORS_BLOCKED",
	Title:    "Browsers hide the answer from pages of another site",
	Stage:    "response-headers",
	Severity: cause.High,
	Doc: cause.Doc{
		Explain: `A page of another site sees an answer only where Access-Control-Allow-Origin names that site or everybody. The header comes from the origin (a bucket sends it where one
of its CORS rules fits and the Origin header reaches it) or from a response headers policy. Before some requests the browser asks with OPTIONS, and that question has to be answered well
too. The HTTP status of the answer itself shows nothing wrong.`,
		Why: `The bucket has no CORS rule, the Origin header is not forwarded to it, OPTIONS is not among the behavior's methods, or Origin is not in the cache key, so that an answer
without the header is kept and given to all.`,
		Example: "A web font fetched by a page of another site, and a bucket without CORS rules.",
		References: []string{
			corsGuide + "header-caching.html",
			corsGuide + "understanding-response-headers-policies.html",
			corsGuide + "using-managed-response-headers-policies.html",
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html",
		},
		Since: "0.1",
	},
	Detect: detectCORS,
	Fixes:  fixCORS,
}

const corsGuide = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"

func detectCORS(p *cause.Pass) cause.Verdict {
	c, b := p.Exchange().CORS, passage.Behavior(p)
	if _, asked := p.Request.Header("Origin"); !asked {
		return cause.RuleOut("the request has no Origin header, so that browsers ask for no permission")
	}
	if b == nil || p.Trace.Outcome.NoHTTP {
		return cause.RuleOut("the request gets no answer that a browser could hide")
	}
	if v, ok := seenCORS(p, b, c); ok {
		return v
	}
	if _, ok := p.Request.Header("Access-Control-Request-Method"); ok && p.Request.Method == "OPTIONS" && p.Trace.StoppedAt == "allowed-methods" {
		step, _ := p.Trace.Step(p.Trace.StoppedAt)
		return cause.Confirm(p.BehaviorName(b), "A browser asks beforehand (OPTIONS) whether pages of another site may send the request, and the cache behavior does not allow that method: CloudFront answers 403.",
			step.Evidence...).WithBecause("the request is a CORS preflight, and the behavior's methods are known").Explaining(p.Reproduced()).With(b)
	}
	preflight := c != nil && c.Preflight
	refused := p.Trace.StoppedAt == "origin-object" && p.Exchange().S3 != nil && p.Request.Method == "OPTIONS"
	if p.Fails() && !refused {
		return cause.RuleOut("the request itself fails, at " + p.Trace.StoppedAt + ": that comes first")
	}
	if c == nil {
		return cause.Need("what headers the answer has is not known", b.ResponseHeadersPolicy)
	}
	refs := corsRefs(p, b)
	explains := p.Asked && (!p.Symptom.Given || p.Symptom.Code == p.Trace.Outcome.Status)
	switch {
	case removes(b, "Access-Control-Allow-Origin") && c.Accepted.No():
		return cause.RuleOut("the response headers policy takes the permission off: RESPONSE_HEADERS_POLICY_CONFLICT", refs...)
	case c.Accepted.Yes() && c.AllowOrigin != "*" && c.OriginInKey.No() && c.FromPolicy.No() && !b.Forwarding().CachingDisabled().Yes():
		return cause.Possible(p.BehaviorName(b), "The answer's permission names the site that asked, and the Origin header is not in the cache key: what is kept for one site is given to others, which may not see it.",
			"it depends on who asks first", refs...).Explaining(false).With(b)
	case c.Accepted.Yes():
		return cause.RuleOut("the answer lets pages of "+c.Origin+" see it", refs...)
	case c.Accepted.No():
		what := "the answer"
		if preflight {
			what = "the answer to its question beforehand (OPTIONS)"
		}
		return cause.Confirm(p.BehaviorName(b), "A browser hides the answer from pages of "+c.Origin+", because "+c.Because+".", refs...).
			WithDetail("Origin: " + c.Origin + "; the CORS check of " + what + " fails: " + c.Because).
			WithBecause("the headers of the answer follow from the bucket's CORS rules and the response headers policy, which are known").Explaining(explains).With(b)
	}
	gaps := corsGaps(p, b)
	if p.Asked && c.OriginForwarded != tri.True && !c.FromPolicy.Yes() {
		return cause.Possible(p.BehaviorName(b), "The Origin header may not reach the origin, which then gives no permission for pages of "+c.Origin+".",
			"AWS's pages disagree on whether it is forwarded where no policy names it, and the answer's headers are not known", refs...).Needing(gaps...).Explaining(false).AtSeverity(cause.Medium).With(b)
	}
	return cause.Need("needs active validation: which Access-Control headers the origin sends is not known", gaps...)
}

// seenCORS judges by the headers that active validation got. What may be kept for another site is left to what is known of the cache key.
func seenCORS(p *cause.Pass, b *edge.Behavior, model *edge.CORS) (v cause.Verdict, ok bool) {
	c, fact, ok := p.Model.SeenCORS(p.Request)
	if !ok {
		return v, false
	}
	answer := fact.Or(observed.Answer{})
	refs := append([]evidence.Ref{fact.Ref("Headers[Access-Control-Allow-Origin]").With(c.AllowOrigin, c.Because)}, corsRefs(p, b)...)
	what := "the answer"
	if c.Preflight {
		what = "the answer to its question beforehand (OPTIONS)"
	}
	switch {
	case c.Accepted.No():
		return cause.Confirm(p.BehaviorName(b), "A browser hides the answer from pages of "+c.Origin+", because "+c.Because+".", refs...).
			WithDetail("Origin: " + c.Origin + "; the CORS check of " + what + " fails: " + c.Because).
			WithBecause("active validation sent what a browser sends, and got this answer").
			Explaining(p.Asked && (!p.Symptom.Given || p.Symptom.Code == answer.Status || p.Symptom.Code < 400)).With(b), true
	case c.AllowOrigin != "*" && model != nil && model.OriginInKey.No():
		return v, false
	}
	return cause.RuleOut(what+" was seen to let pages of "+c.Origin+" in", refs[0]), true
}

// corsRefs points at what decides: the response headers policy, what is forwarded, and the bucket's rules.
func corsRefs(p *cause.Pass, b *edge.Behavior) []evidence.Ref {
	refs := []evidence.Ref{p.Model.Ref(b.Field+".ResponseHeadersPolicyId", deref(b.Config.ResponseHeadersPolicyId), "")}
	if b.ResponseHeadersPolicy.IsKnown() {
		refs = append(refs, b.ResponseHeadersPolicy.Ref("ResponseHeadersPolicyConfig.CorsConfig"))
	}
	if s3 := p.Exchange().S3; s3 != nil && s3.Bucket != nil {
		rules := account.BucketCORS(s3.Bucket.Name).In(p.World)
		if rules.IsAbsent() {
			refs = append(refs, rules.Ref("CORSRules").With("", "the bucket has none"))
		} else {
			refs = append(refs, rules.Ref("CORSRules"))
		}
	}
	return refs
}

func corsGaps(p *cause.Pass, b *edge.Behavior) []evidence.Gap {
	gaps := []evidence.Gap{b.ResponseHeadersPolicy, b.CachePolicy, b.OriginRequestPolicy}
	if s3 := p.Exchange().S3; s3 != nil && s3.Bucket != nil {
		gaps = append(gaps, account.BucketCORS(s3.Bucket.Name).In(p.World), p.Model.ObjectFact(s3.Bucket.Name, s3.Key))
	}
	return gaps
}

// removes reports whether the behavior's response headers policy takes a header off every answer.
func removes(b *edge.Behavior, name string) bool {
	policy, ok := b.ResponseHeadersPolicy.Get()
	return ok && slices.ContainsFunc(removed(policy), func(header string) bool { return equalFold(header, name) })
}

func fixCORS(p *cause.Pass, v cause.Verdict) []fix.Fix {
	b, ok := v.Data.(*edge.Behavior)
	if !ok {
		return nil
	}
	var fixes []fix.Fix
	if policy, ok := managedCORS(b); ok {
		id, _ := cloudfront.ManagedResponseHeadersPolicyID(policy)
		edits := []fix.Edits{fix.SetResponseHeadersPolicy(passage.Key(b), id)}
		change := fix.EditDistribution(p.Model.ID(), edits...)
		if t := p.With(change); t != nil && t.Exchange.CORS != nil && t.Exchange.CORS.Accepted.Yes() && v.Likelihood() == cause.GradeConfirmed {
			fixes = append(fixes, fix.Fix{
				Title: "Let CloudFront give the permission", Complexity: fix.Quick, Minutes: 10,
				Impact:      "None while it deploys",
				Explanation: "The managed response headers policy " + policy + " adds Access-Control-Allow-Origin: * where the origin sends none.",
				SideEffects: []string{"Pages of every site may read the answers of the behavior " + b.PathPattern + ", without cookies: use a policy of your own where that is too much"},
				Changes:     []fix.Change{change}, Confidence: fix.High,
			})
		}
	}
	return append(fixes, fix.Fix{
		Title: "Let the origin give the permission", Complexity: fix.Standard, Minutes: 30,
		Impact:      "None on pages of the site itself",
		Explanation: "The origin decides which sites may read its answers; CloudFront has to forward the browser's question and keep the answers apart.",
		Manual: []string{
			"Give the bucket a CORS rule (or the application the headers) for the site in the Origin header, with the methods and headers that the page uses.",
			"Forward Origin, Access-Control-Request-Method and Access-Control-Request-Headers: the managed origin request policy CORS-S3Origin (buckets) or CORS-CustomOrigin.",
			"Where the permission names single sites, put Origin into the cache key; where the page sends other methods or headers, allow OPTIONS in the behavior.",
		},
		Invalidate: []string{"/*"}, Confidence: fix.Medium,
	})
}

// managedCORS is the managed policy that adds CORS to what the behavior has: ok is false where it has a policy of its own.
func managedCORS(b *edge.Behavior) (name string, ok bool) {
	switch deref(b.Config.ResponseHeadersPolicyId) {
	case "":
		return "CORS-With-Preflight", true
	case cloudfront.SecurityHeadersPolicyID:
		return "CORS-with-preflight-and-SecurityHeadersPolicy", true
	}
	return "", false
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
