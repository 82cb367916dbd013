package defaultrootobject

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
)

var defaultRootObjectMissing = &cause.Cause{
	ID:        "DEFAULT_ROOT_OBJECT_MISSING",
	Title:     "The distribution has no default root object, so / asks the bucket for a list of its objects",
	Stage:     "default-root-object",
	Symptoms:  []int{403, 404},
	Severity:  cause.Critical,
	OfRequest: true,
	Hides:     []string{"S3_OBJECT_NOT_FOUND", "S3_OBJECT_KEY_MISMATCH"},
	Doc: cause.Doc{
		Explain: `A viewer who opens the bare domain asks for "/". S3's REST endpoint has no index documents: it takes that for a request to list the
bucket, which CloudFront may not do, and answers 403. A default root object tells CloudFront which object stands for "/".`,
		Why:     "The setting is empty by default, and every page with a name works, so it is easily forgotten.",
		Example: "https://www.example.com/ answers 403, https://www.example.com/index.html works.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DefaultRootObject.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		set := p.Model.Config.DefaultRootObject
		ref := p.Model.Ref("DefaultRootObject", "", "no object is named")
		s3 := p.Exchange().S3
		switch {
		case set != nil && *set != "":
			return cause.RuleOut("a default root object is set: "+*set, p.Model.Ref("DefaultRootObject", *set, ""))
		case p.Request.Path != "/":
			return cause.RuleOut("the request is not for the root of the distribution")
		case s3 == nil || s3.Key != "":
			return cause.RuleOut("the origin is not a bucket's REST endpoint, so it can answer / by itself, or a function rewrites /")
		case p.Trace.StoppedAt == "origin-object" && p.Fails():
			return cause.Confirm(p.DistributionName(),
				"The bare address asks the bucket "+s3.Bucket.Name+" for a list of its contents, because no default root object says which page stands for it; CloudFront may not list the bucket.",
				ref.Want("the key of the first page, such as index.html")).
				WithBecause("no default root object is set, and the bucket's policy does not let CloudFront list it").Explaining(p.Reproduced())
		case cause.Proven(p.Trace) && p.Trace.Outcome.Status == 200:
			return cause.Confirm(p.DistributionName(),
				"The bare address shows everybody a list of the objects in the bucket "+s3.Bucket.Name+", because no default root object is set.",
				ref.Want("the key of the first page, such as index.html")).AtSeverity(cause.High)
		case p.Trace.StoppedAt == "" || p.Trace.StoppedAt == "origin-access":
			return cause.Possible(p.DistributionName(),
				"No default root object is set, so the bare address asks the bucket for a list of its contents.",
				"whether CloudFront may list the bucket is not known", ref).Needing(s3.Bucket.Policy)
		}
		return cause.Confirm(p.DistributionName(),
			"No default root object is set: once the request gets as far as the bucket, the bare address will ask for a list of its contents.", ref)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		f := fix.Fix{
			Complexity: fix.Quick, Minutes: 10,
			Impact:      "None while it deploys: only requests for / change",
			SideEffects: []string{"Folders below the root, such as /docs/, are not affected: they need a function or names with index.html"},
			Invalidate:  []string{"/"},
			Confidence:  fix.High,
		}
		for _, page := range rootPages() {
			if p.Trace.Origin != nil && has(p.Model, p.Trace.Origin, page).Yes() {
				f.Title = "Make " + page + " the default root object"
				f.Explanation = "CloudFront asks the origin for " + page + ", which is in the bucket, whenever a viewer asks for /."
				f.Changes = []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetDefaultRootObject(page))}
				return []fix.Fix{f}
			}
		}
		f.Title = "Name the first page as the default root object"
		f.Explanation = "CloudFront asks the origin for this object whenever a viewer asks for /. None of the usual names is known to be in the bucket, so a person must say which it is."
		f.Manual = []string{"Choose the object that stands for / (it has to be in the bucket), then set General › Settings › Default root object to its key, without a leading slash."}
		f.Inputs = []string{"the key of the object that stands for /"}
		return []fix.Fix{f}
	},
}
