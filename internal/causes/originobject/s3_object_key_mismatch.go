package originobject

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var s3ObjectKeyMismatch = &cause.Cause{
	ID:        "S3_OBJECT_KEY_MISMATCH",
	Title:     "The object is in the bucket under a key that is written differently",
	Stage:     "origin-object",
	Symptoms:  []int{403, 404},
	Severity:  cause.Critical,
	OfRequest: true,
	Hides:     []string{"S3_OBJECT_NOT_FOUND"},
	Doc: cause.Doc{
		Explain: `Keys are compared byte by byte. The bucket has an object whose key differs from the request's path only in how it is written: in upper and lower case,
in percent-encoding (a key that holds %20 or + itself), in doubled or leading slashes, or in how accented letters are composed.`,
		Why: `Files came from a file system that does not tell upper from lower case, a tool encoded the names before uploading, or a deployment put a slash
before every key.`,
		Example: "GET /img/Logo.png, and the bucket has img/logo.png.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html",
			"https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		v, why := s3origin.Of(p)
		switch {
		case v == nil:
			return why
		case !v.Reached || v.Listing || v.Access.Key == "":
			return cause.RuleOut("the request does not get as far as an object")
		case v.Access.Exists.Yes():
			return cause.RuleOut("the object is there under exactly this key", v.Access.ObjectRef)
		case v.Access.Action != "s3:GetObject":
			return cause.RuleOut("the request does not read an object")
		}
		object, how, ref, listed := nearKey(p, v)
		near := aws.ToString(object.Key)
		switch {
		case near != "" && v.Access.Exists.No():
			verdict := cause.Confirm(v.BucketARN()+"/"+near,
				fmt.Sprintf("The bucket %s has no object %q, but it has %q, which differs only in %s.", v.Bucket.Name, v.Access.Key, near, how),
				ref, v.Access.ObjectRef.With(v.Access.Key, "not in the bucket")).
				WithBecause("both keys were looked up").With(keyFound{v, near, object.Size, object.StorageClass})
			return atObject(p, v, verdict)
		case !v.Access.Exists.Known():
			return cause.Need("whether the object is there was not read", v.Object())
		case !listed:
			return cause.Need("the bucket's other keys were not read", account.Objects(v.Bucket.Name, "").In(p.World))
		}
		return cause.RuleOut("no key in the bucket is nearly the same", ref)
	},
	Fixes: fixKey,
}

func fixKey(p *cause.Pass, v cause.Verdict) []fix.Fix {
	found, ok := v.Data.(keyFound)
	if !ok {
		return nil
	}
	bucket, key := found.view.Bucket.Name, found.view.Access.Key
	link := fix.Fix{
		Title: "Ask for the key as it is written", Complexity: fix.Quick, Minutes: 15,
		Impact:      "None: the path cannot be served now",
		Explanation: "The link and the key have to be the same, byte by byte. Correcting the link is simplest.",
		Manual: []string{
			fmt.Sprintf("Correct the link so that its path is %s", pathOf(found.near)),
			"Where many links differ in case only: a CloudFront Function at viewer request can turn the path into lower case",
		},
		Invalidate: []string{p.Request.Path}, Confidence: fix.High,
	}
	if !found.copies() {
		return []fix.Fix{link}
	}
	return []fix.Fix{{
		Title: "Copy the object to the key that is asked for", Complexity: fix.Quick, Minutes: 5,
		Impact:      "None: the path cannot be served now",
		Explanation: fmt.Sprintf("The copy has the key %q, byte by byte as links that are out in the world ask for it; the object %q stays.", key, found.near),
		SideEffects: []string{"A copy is a second object, which has to be kept up to date too",
			"Where the bucket has versioning, taking the copy back leaves it as a version that is not current"},
		Changes:    []fix.Change{fix.CopyObject(bucket, found.near, key)},
		Invalidate: []string{p.Request.Path}, Confidence: fix.High,
	}, link}
}

// copies reports whether one call can copy the object: it is not too large, not archived, and no marker of a folder.
func (k keyFound) copies() bool {
	if strings.HasSuffix(k.view.Access.Key, "/") || k.size == nil || *k.size > fix.MaxCopy {
		return false
	}
	return k.class != s3.ObjectStorageClassGlacier && k.class != s3.ObjectStorageClassDeepArchive
}

type keyFound struct {
	view *s3origin.View
	near string

	size  *int64 // in bytes; nil where it is not known
	class s3.ObjectStorageClass
}

func pathOf(key string) string { return (&url.URL{Path: "/" + key}).EscapedPath() }

// nearKey looks for a key that is the wanted one written differently. listed reports whether a whole listing was there to look in.
func nearKey(p *cause.Pass, v *s3origin.View) (near s3.Object, how string, ref evidence.Ref, listed bool) {
	want := v.Access.Key
	for _, prefix := range []string{"", folder(want), want} {
		list := account.Objects(v.Bucket.Name, prefix).In(p.World)
		out, ok := list.Get()
		if !ok {
			continue
		}
		ref = list.Ref("Contents[].Key")
		listed = listed || prefix == "" && (out.IsTruncated == nil || !*out.IsTruncated)
		for _, object := range out.Contents {
			if object.Key == nil || *object.Key == want {
				continue
			}
			if how := difference(*object.Key, want); how != "" {
				return object, how, ref.With(*object.Key, "nearly the requested key"), true
			}
		}
	}
	return s3.Object{}, "", ref, listed
}

// difference says in what two keys differ if they differ in writing only, "" otherwise.
func difference(have, want string) string {
	switch {
	case strings.EqualFold(have, want):
		return "upper and lower case"
	case decoded(have) == decoded(want):
		return "percent-encoding"
	case slashes(have) == slashes(want):
		return "slashes"
	case strings.EqualFold(slashes(decoded(have)), slashes(decoded(want))):
		return "case, encoding or slashes"
	}
	return ""
}

// decoded undoes percent-encoding as often as it is there, and takes + for a space as forms do.
func decoded(key string) string {
	for range 3 {
		once, err := url.PathUnescape(key)
		if err != nil || once == key {
			break
		}
		key = once
	}
	return strings.ReplaceAll(key, "+", " ")
}

func slashes(key string) string {
	parts := slices.DeleteFunc(strings.Split(key, "/"), func(s string) bool { return s == "" })
	out := strings.Join(parts, "/")
	if strings.HasSuffix(key, "/") && out != "" {
		out += "/"
	}
	return out
}
