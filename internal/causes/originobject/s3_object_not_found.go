package originobject

import (
	"fmt"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/tri"
)

var s3ObjectNotFound = &cause.Cause{
	ID:        "S3_OBJECT_NOT_FOUND",
	Title:     "There is no object with the requested key in the bucket",
	Stage:     "origin-object",
	Symptoms:  []int{403, 404},
	Severity:  cause.Critical,
	OfRequest: true,
	Doc: cause.Doc{
		Explain: `The bucket has no object whose key is the path that CloudFront asks for (the origin path and the request's path, without the first slash). S3 answers
404 NoSuchKey to a caller that may list the bucket, and 403 AccessDenied to all others, so that strangers do not learn which objects there are.
A 403 for one path while others work is therefore usually a missing object.`,
		Why:     "The file was never uploaded or is in another folder, its name was changed, or the origin path or a function turns the path into another key.",
		Example: "GET /img/hero.jpg, and the bucket has images/hero.jpg only.",
		Manual:  "Only a person can know where the file is to come from, or which path is meant.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-404-not-found.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		v, why := s3origin.Of(p)
		switch {
		case v == nil:
			return why
		case !v.Reached || v.Listing:
			return cause.RuleOut("the request does not get as far as an object")
		case v.Bucket.Exists.No():
			return cause.RuleOut("there is no bucket")
		}
		a := v.Access
		summary := fmt.Sprintf("There is no object %q in the bucket %s.", a.Key, v.Bucket.Name)
		switch {
		case a.Action != "s3:GetObject":
			return cause.RuleOut("the request does not read an object")
		case a.Exists.Yes():
			return cause.RuleOut("the object is in the bucket", a.ObjectRef)
		case a.Exists.No() && rewritten(p):
			return atObject(p, v, cause.Likely(v.BucketARN()+"/"+a.Key, summary, "a function made this path: whether the path or the missing object is the mistake is for a person to say",
				a.ObjectRef.With(a.Key, "not in the bucket")).WithDetail(missingDetail(v)).With(s3origin.Found{View: v}))
		case a.Exists.No():
			verdict := cause.Confirm(v.BucketARN()+"/"+a.Key, summary, a.ObjectRef.With(a.Key, "not in the bucket")).
				WithBecause("S3 says that there is no such object").WithDetail(missingDetail(v)).With(s3origin.Found{View: v})
			return atObject(p, v, verdict)
		case p.Symptom.Code == 404 && passage.Suspected(p, 404) && !a.MayList.No():
			return cause.Likely(v.BucketARN()+"/"+a.Key, summary, "S3 answers 404 where there is no object; whether it is there was not read", a.ObjectRef).
				Needing(v.ObjectReads()...).With(s3origin.Found{View: v})
		case passage.Suspected(p, 403, 404) && !a.Allowed.No():
			return cause.Possible(v.BucketARN()+"/"+a.Key, fmt.Sprintf("The object %q may not be in the bucket %s.", a.Key, v.Bucket.Name),
				"whether the object is there was not read", a.ObjectRef).Needing(v.ObjectReads()...).With(s3origin.Found{View: v})
		}
		return cause.Need("whether the object is there was not read", v.ObjectReads()...)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		found, ok := v.Data.(s3origin.Found)
		if !ok {
			return nil
		}
		return []fix.Fix{uploadFix(found.View)}
	},
}

// rewritten reports whether a function changed the path on the viewer's request.
func rewritten(p *cause.Pass) bool {
	f := p.Exchange().ViewerRequest
	return f != nil && f.Result != nil && f.Before != f.After
}

// atObject says of a verdict whether it explains the error: an object is only asked for where the bucket lets the request in.
func atObject(p *cause.Pass, v *s3origin.View, verdict cause.Verdict) cause.Verdict {
	if p.Trace.StoppedAt != "origin-object" || p.Exchange().S3 != v.Access && (p.Exchange().Website == nil || p.Exchange().Website.S3 != v.Access) {
		if f := p.Exchange().Failover; f == nil || f.Attempt == nil {
			return verdict.Explaining(false)
		}
	}
	return verdict
}

func missingDetail(v *s3origin.View) string {
	path := ""
	if v.Origin.Config.OriginPath != nil && *v.Origin.Config.OriginPath != "" {
		path = "; the origin path " + *v.Origin.Config.OriginPath + " is part of the key"
	}
	switch v.Access.MayList {
	case tri.True:
		return "the caller may list the bucket, so S3 answers 404 NoSuchKey" + path
	case tri.False:
		return "the caller may not list the bucket, so S3 answers 403 AccessDenied" + path
	}
	return "S3 answers 404 where the caller may list the bucket, else 403" + path
}

func uploadFix(v *s3origin.View) fix.Fix {
	bucket, key := v.Bucket.Name, v.Access.Key
	f := fix.Fix{
		Title:       "Upload the object, or ask for the key that is there",
		Complexity:  fix.Quick,
		Minutes:     15,
		Impact:      "None: the path cannot be served now",
		Explanation: "The request needs an object with exactly this key: letters' case, slashes and extension count.",
		SideEffects: []string{"The new object is readable by whomever the distribution serves"},
		Manual: []string{
			fmt.Sprintf("If the file is missing: upload it to the bucket %s with the key %q", bucket, key),
			"If it has another key, correct the link, the origin path or the rewrite",
			"If paths without a file are meant to show the application (a single-page app): set a custom error response for 403 and 404 to its page",
		},
		ByHand: []fix.HandCall{{Purpose: "See which keys are near", Service: "s3", Operation: "ListObjectsV2",
			Params: []fix.HandParam{{Name: "Bucket", Value: bucket}, {Name: "Prefix", Value: folder(key)}, {Name: "MaxKeys", Value: 100}}}},
		Invalidate: []string{v.Pass.Request.Path},
		Confidence: fix.High,
	}
	if v.Access.MayList.No() {
		f.Manual = append(f.Manual, "To get 404 instead of 403 for what is missing, the bucket's policy can grant s3:ListBucket on the bucket to this distribution")
	}
	return f
}

func folder(key string) string { return key[:strings.LastIndexByte(key, '/')+1] }
