package originobject

import (
	"fmt"
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/tri"
)

var subdirectoryIndexNotSupported = &cause.Cause{
	ID:        "SUBDIRECTORY_INDEX_NOT_SUPPORTED",
	Title:     "The path is a folder's, and the bucket's REST endpoint serves no index documents",
	Stage:     "origin-object",
	Symptoms:  []int{403, 404},
	Severity:  cause.Critical,
	OfRequest: true,
	Hides:     []string{"S3_OBJECT_NOT_FOUND"},
	Doc: cause.Doc{
		Explain: `The default root object answers for / alone. For /guide/ CloudFront asks the bucket for an object whose key is "guide/", and S3's REST endpoint knows no folders
and no index documents: it says 403 or 404, although guide/index.html is there. Only S3's website endpoint looks for an index document in a folder, and that one
cannot be used with origin access control.`,
		Why: `Web servers and S3 website hosting serve the index document of every folder, and site generators write links that rely on it. A site that moves to a private bucket
behind CloudFront loses that.`,
		Example: "GET / works, GET /guide/ is a 403, and the bucket has guide/index.html.",
		References: []string{
			posture.Guide + "DefaultRootObject.html",
			posture.Guide + "functions-tutorial.html",
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html",
		},
		Since: "0.1",
	},
	Detect: detectFolder,
	Fixes:  fixFolder,
}

func detectFolder(p *cause.Pass) cause.Verdict {
	v, why := s3origin.Of(p)
	switch {
	case v == nil:
		return why
	case v.Website:
		return cause.RuleOut("a website endpoint serves the index documents of folders", v.OriginRef("DomainName", v.Origin.Endpoint.Domain, ""))
	case !v.Reached || v.Listing || v.Access.Key == "":
		return cause.RuleOut("the request does not get as far as an object")
	case v.Access.Action != "s3:GetObject":
		return cause.RuleOut("the request does not read an object")
	case v.Access.Exists.Yes():
		return cause.RuleOut("the object is there under exactly this key", v.Access.ObjectRef)
	case !isFolder(v.Access.Key):
		return cause.RuleOut("the path names a file, not a folder")
	}
	return judgeFolder(p, v)
}

// isFolder reports whether a key looks like a folder's: it ends in a slash, or its last part has no extension.
func isFolder(key string) bool {
	return !strings.Contains(key[strings.LastIndexByte(key, '/')+1:], ".")
}

func judgeFolder(p *cause.Pass, v *s3origin.View) cause.Verdict {
	a := v.Access
	index, exists, ref := indexOf(v)
	resource := v.BucketARN() + "/" + a.Key
	wanted := a.ObjectRef.With(a.Key, "not in the bucket: S3 knows no folders")
	switch {
	case exists.Yes() && a.Exists.No():
		return atObject(p, v, cause.Confirm(resource,
			fmt.Sprintf("The path %s is a folder's. The bucket %s has the page %q, but it serves no index documents, and the distribution's default root object is for / alone.", p.Request.Path, v.Bucket.Name, index),
			wanted, ref.With(index, "the page that is meant"), p.Model.Ref("DefaultRootObject", posture.Text(p.Model.Config.DefaultRootObject), "applies to / only")).
			WithBecause("both keys were looked up").With(folderFound{v, index}))
	case exists.No() && a.Exists.No():
		return cause.RuleOut("the folder has no index document either", ref)
	case strings.HasSuffix(a.Key, "/") && (a.Exists.No() || passage.Suspected(p, 403, 404)):
		verdict := cause.Likely(resource,
			fmt.Sprintf("The path %s is a folder's, and the bucket %s serves no index documents for folders.", p.Request.Path, v.Bucket.Name),
			"whether the bucket has "+index+" was not read", a.ObjectRef, ref).Needing(v.Object(), account.Object(v.Bucket.Name, index).In(p.World)).With(folderFound{v, index})
		if a.Exists.No() {
			verdict = atObject(p, v, verdict)
		}
		return verdict
	}
	return cause.Need("whether the objects are there was not read", v.Object(), account.Object(v.Bucket.Name, index).In(p.World))
}

type folderFound struct {
	view  *s3origin.View
	index string
}

// indexOf looks for the index document of the folder: index.html, or what the distribution's default root object is called.
func indexOf(v *s3origin.View) (key string, exists tri.Bool, ref evidence.Ref) {
	folder := strings.TrimSuffix(v.Access.Key, "/") + "/"
	names := []string{"index.html"}
	if root := posture.Text(v.Pass.Model.Config.DefaultRootObject); root != "" && root != names[0] && !strings.Contains(root, "/") {
		names = append(names, root)
	}
	exists = tri.False
	for _, name := range names {
		access := v.Pass.Model.S3For(v.Origin, folder+name)
		if access.Exists.Yes() {
			return folder + name, tri.True, access.ObjectRef
		}
		if exists = tri.Or(exists, access.Exists); key == "" || !access.Exists.Known() {
			key, ref = folder+name, access.ObjectRef
		}
	}
	return key, exists, ref
}

// addIndex is the function of CloudFront's own examples, in short (DG/functions-tutorial).
const addIndex = `function handler(event) { var r = event.request; if (r.uri.endsWith('/')) { r.uri += 'index.html'; } ` +
	`else if (r.uri.lastIndexOf('.') < r.uri.lastIndexOf('/')) { r.uri += '/index.html'; } return r; }`

func fixFolder(p *cause.Pass, v cause.Verdict) []fix.Fix {
	found, ok := v.Data.(folderFound)
	if !ok {
		return nil
	}
	b := passage.Behavior(p)
	if b == nil {
		return nil
	}
	owner := ""
	if arn, err := cloudfront.ParseDistributionARN(p.Model.ARN()); err == nil {
		owner = arn.Account
	}
	add := fix.Fix{
		Title:       "Add the index document's name to folders with a CloudFront Function",
		Complexity:  fix.Standard,
		Minutes:     30,
		Impact:      "None: the folders' paths cannot be served now",
		Explanation: "The function turns /folder/ and /folder into /folder/index.html before the cache is asked, so that the bucket is asked for a key that it has",
		SideEffects: []string{"Every path without an extension is taken for a folder: objects without an extension need an exception in the function", "CloudFront Functions cost a little for each request"},
		Invalidate:  []string{"/*"},
		Confidence:  fix.High,
	}
	atViewer := b.Config.FunctionAssociations != nil && len(b.Config.FunctionAssociations.Items) > 0 ||
		b.Config.LambdaFunctionAssociations != nil && len(b.Config.LambdaFunctionAssociations.Items) > 0
	switch function := fix.CreateFunction("index-of-folders-"+p.Model.ID(), "Adds index.html to the paths of folders", addIndex, p.Model.Partition(), owner); {
	case atViewer:
		add.Manual = []string{"The behavior " + b.PathPattern + " has a function already, and takes one for each event only: add these lines to it, or associate a function for viewer requests with this code: " + addIndex}
	case owner == "" || !strings.HasSuffix(found.index, "/index.html"):
		add.Manual = []string{"Create a CloudFront Function with the runtime cloudfront-js-2.0 and this code, publish it, and associate it with the viewer request of the behavior " + b.PathPattern + ": " + addIndex}
	default:
		add.Changes = []fix.Change{function, fix.EditDistribution(p.Model.ID(), fix.AddFunctionAssociation(b.PathPattern, "viewer-request", function.ARN()))}
	}
	return []fix.Fix{add, {
		Title:       "Link to the page by its whole name",
		Complexity:  fix.Quick,
		Compromise:  true,
		Minutes:     15,
		Impact:      "None",
		Explanation: "The page can be reached now under its own key; what links to the folder has to name it",
		SideEffects: []string{"Links that are out in the world still fail"},
		Manual:      []string{"Change links to " + p.Request.Path + " to " + pathOf(found.index)},
		Confidence:  fix.Medium,
	}}
}
