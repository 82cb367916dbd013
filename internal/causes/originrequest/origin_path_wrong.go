package originrequest

import (
	"slices"
	"strings"

	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/tri"
)

var originPathWrong = &cause.Cause{
	ID:        "ORIGIN_PATH_WRONG",
	Title:     "The origin path leads to a folder that does not hold the objects, or doubles one that the path names already",
	Stage:     "origin-request",
	Symptoms:  []int{403, 404},
	Severity:  cause.Critical,
	OfRequest: true,
	Hides:     []string{"S3_OBJECT_NOT_FOUND", "S3_OBJECT_KEY_MISMATCH"},
	Doc: cause.Doc{
		Explain: `CloudFront puts the origin path in front of every path that it sends to the origin. With the origin path /production a viewer's /img/logo.png asks the bucket for
production/img/logo.png. If the objects lie elsewhere, or the viewer's path names the folder too, S3 finds nothing.`,
		Why:     "The folder was renamed by a new release, the origin path was taken for a filter, or links were made from the bucket's keys, which hold the folder already.",
		Example: "Origin path /v2, and the bucket holds index.html, not v2/index.html.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html",
		},
		Since: "0.1",
	},
	Detect: detectOriginPath,
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		origin := p.Trace.Origin
		path, ok := v.Data.(string)
		if !ok {
			return []fix.Fix{nameFolder(p, origin.ID)}
		}
		title := "Set the origin path of " + origin.ID + " to " + path
		if path == "" {
			title = "Empty the origin path of " + origin.ID
		}
		return []fix.Fix{{
			Title: title, Complexity: fix.Quick, Minutes: 10,
			Impact:      "All requests of this origin ask for other keys as edge locations take the change up",
			Explanation: "CloudFront then asks the bucket for the key under which the object is there.",
			SideEffects: []string{"Objects that are found through the present origin path are not found any more: check a few of them first"},
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetOriginPath(origin.ID, path))},
			Invalidate:  []string{"/*"},
			Confidence:  fix.High,
		}}
	},
}

// nameFolder is the remedy where it is not plain where the objects lie.
func nameFolder(p *cause.Pass, origin string) fix.Fix {
	f := fix.Fix{
		Title: "Set the origin path of " + origin + " to the folder that holds the objects", Complexity: fix.Quick, Minutes: 15,
		Impact:      "All requests of this origin ask for other keys as edge locations take the change up",
		Explanation: "The origin path has to name a folder of the bucket that holds the objects, or be empty where they lie at the top.",
		Manual:      []string{"Look in the bucket for the folder of the present release, then set Origins › Edit › Origin path to it: with a leading slash, without one at the end."},
		Inputs:      []string{"the folder in the bucket that holds the objects"},
		Invalidate:  []string{"/*"},
		Confidence:  fix.High,
	}
	if s3 := p.Exchange().S3; s3 != nil && s3.Bucket != nil {
		f.ByHand = []fix.HandCall{{Purpose: "See the folders at the top of the bucket", Service: "s3", Operation: "ListObjectsV2",
			Params: []fix.HandParam{{Name: "Bucket", Value: s3.Bucket.Name}, {Name: "Delimiter", Value: "/"}}}}
	}
	return f
}

// emptyFolder reports whether a whole listing of the bucket shows no key that begins with the prefix.
func emptyFolder(p *cause.Pass, bucket, prefix string) (evidence.Ref, bool) {
	for _, listed := range []string{prefix, ""} {
		fact := account.Objects(bucket, listed).In(p.World)
		out, ok := fact.Get()
		if !ok || out.IsTruncated != nil && *out.IsTruncated {
			continue
		}
		any := slices.ContainsFunc(out.Contents, func(o s3types.Object) bool { return o.Key != nil && strings.HasPrefix(*o.Key, prefix) })
		return fact.Ref("Contents[].Key").With("", "no key begins with "+prefix), !any
	}
	return evidence.Ref{}, false
}

func detectOriginPath(p *cause.Pass) cause.Verdict {
	origin, s3 := p.Trace.Origin, p.Exchange().S3
	if origin == nil || s3 == nil || s3.Key == "" {
		return cause.RuleOut("the request does not ask a bucket for an object")
	}
	path := ""
	if origin.Config.OriginPath != nil {
		path = *origin.Config.OriginPath
	}
	folder := strings.Trim(path, "/")
	ref := p.Model.Ref(origin.Field+".OriginPath", path, "")
	if folder == "" {
		return cause.RuleOut("the origin has no origin path", ref)
	}
	if s3.Exists.Yes() {
		return cause.RuleOut("the object is there under the origin path", s3.ObjectRef)
	}
	without := p.Model.S3For(origin, strings.TrimPrefix(s3.Key, folder+"/"))
	doubled := strings.HasPrefix(s3.Key, folder+"/"+folder+"/")
	switch tri.And(s3.Exists.Not(), without.Exists) {
	case tri.True:
		ref.Note = without.Key + " is in the bucket, " + s3.Key + " is not"
		summary := "CloudFront looks for " + s3.Key + " in the bucket " + s3.Bucket.Name + ", because the origin path puts " + path + " in front; the object is there as " + without.Key + "."
		if doubled {
			summary = "The path names the folder " + folder + " already, and the origin path puts it in front once more: CloudFront looks for " + s3.Key + ", the object is there as " + without.Key + "."
		}
		return cause.Confirm(p.OriginName(origin), summary, ref.Want(""), without.ObjectRef).With("").Explaining(p.Reproduced())
	case tri.False:
		if list, empty := emptyFolder(p, s3.Bucket.Name, folder+"/"); empty {
			ref.Note = "no key in the bucket begins with " + folder + "/"
			return cause.Confirm(p.OriginName(origin),
				"CloudFront looks in the folder "+folder+" of the bucket "+s3.Bucket.Name+", because the origin path says so, and nothing at all lies there.", ref, list).
				Explaining(p.Reproduced())
		}
		return cause.RuleOut("the object is not there without the origin path either", without.ObjectRef)
	}
	gaps := []evidence.Gap{p.Model.ObjectFact(s3.Bucket.Name, s3.Key), p.Model.ObjectFact(s3.Bucket.Name, without.Key)}
	return cause.Need("whether the object is in the bucket is not known", gaps...)
}
