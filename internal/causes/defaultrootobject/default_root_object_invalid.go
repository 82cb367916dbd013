package defaultrootobject

import (
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
)

var defaultRootObjectInvalid = &cause.Cause{
	ID:        "DEFAULT_ROOT_OBJECT_INVALID",
	Title:     "The default root object begins with a slash, has a name that CloudFront refuses, or names an object that is not there",
	Stage:     "default-root-object",
	Symptoms:  []int{400, 403, 404},
	Severity:  cause.Critical,
	OfRequest: true,
	Hides:     []string{"S3_OBJECT_NOT_FOUND", "S3_OBJECT_KEY_MISMATCH"},
	Doc: cause.Doc{
		Explain: `For "/" CloudFront asks the origin for the default root object. Its name is a key, without a leading slash: with one, CloudFront asks for a
path with two slashes, which S3 does not have. A name that is too long or has unusual characters is answered with 400. And the object has to exist.`,
		Why:     "A path was typed instead of a key, the first page was renamed, or a new release of the site was uploaded elsewhere.",
		Example: `The default root object is "/index.html", or "index.html" while the bucket holds only "home.html".`,
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DefaultRootObject.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		object := ""
		if set := p.Model.Config.DefaultRootObject; set != nil {
			object = *set
		}
		ref := p.Model.Ref("DefaultRootObject", object, "")
		slashed := strings.HasPrefix(object, "/")
		s3 := p.Exchange().S3
		switch {
		case object == "":
			return cause.RuleOut("no default root object is set", ref)
		case p.StoppedHere():
			ref.Note = "too long, or with a character that is not allowed"
			return cause.Confirm(p.DistributionName(), "CloudFront does not take the name of the default root object, and answers the bare address with 400.", ref)
		case slashed:
			ref.Note = "the leading slash makes CloudFront ask for a path with two slashes"
			return cause.Confirm(p.DistributionName(),
				"The default root object is written with a leading slash, so the bare address asks the origin for a path that it does not have.",
				ref.Want(strings.TrimLeft(object, "/"))).Explaining(p.Request.Path == "/" && p.Reproduced())
		case p.Request.Path != "/":
			return cause.RuleOut("the request is not for the root of the distribution")
		case s3 == nil:
			return cause.RuleOut("the default root object's name is sound; whether a custom origin has it shows in the origin's answer", ref)
		case s3.Exists.No() && p.Trace.StoppedAt == "origin-object":
			ref.Note = "there is no such object in the bucket " + s3.Bucket.Name
			return cause.Confirm(p.DistributionName(),
				"The bare address stands for "+object+", and the bucket "+s3.Bucket.Name+" holds no such object.", ref, s3.ObjectRef).Explaining(p.Reproduced())
		case s3.Exists.Known() || p.Trace.StoppedAt != "" && p.Trace.StoppedAt != "origin-object":
			return cause.RuleOut("the default root object's name is sound, and nothing says that the object is missing", ref)
		}
		return cause.Need("whether the default root object is in the bucket is not known", p.Model.ObjectFact(s3.Bucket.Name, s3.Key))
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		object := *p.Model.Config.DefaultRootObject
		f := fix.Fix{
			Complexity: fix.Quick, Minutes: 10,
			Impact:      "None while it deploys: only requests for / change",
			SideEffects: []string{"Folders below the root are not affected"},
			Invalidate:  []string{"/"},
			Confidence:  fix.High,
		}
		candidates := append([]string{strings.TrimLeft(object, "/")}, rootPages()...)
		for _, page := range candidates {
			if p.Trace.Origin != nil && page != object && has(p.Model, p.Trace.Origin, page).Yes() {
				f.Title = "Make " + page + " the default root object"
				f.Explanation = "CloudFront asks the origin for " + page + ", which is in the bucket, whenever a viewer asks for /."
				f.Changes = []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetDefaultRootObject(page))}
				return []fix.Fix{f}
			}
		}
		f.Title = "Name an object that is there, or upload the one that is named"
		f.Explanation = "The default root object has to be the key of an object in the bucket, without a leading slash."
		f.Manual = []string{"Upload " + strings.TrimLeft(object, "/") + " to the origin, or set General › Settings › Default root object to the key of the first page."}
		f.Inputs = []string{"the key of the object that stands for /"}
		return []fix.Fix{f}
	},
}
