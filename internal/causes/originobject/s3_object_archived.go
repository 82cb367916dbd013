package originobject

import (
	"fmt"
	"slices"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/fix"
)

var s3ObjectArchived = &cause.Cause{
	ID:        "S3_OBJECT_ARCHIVED",
	Title:     "The object is in an archive and has to be restored before it can be read",
	Stage:     "origin-object",
	Symptoms:  []int{403},
	Severity:  cause.Critical,
	OfRequest: true,
	Doc: cause.Doc{
		Explain: `Objects in S3 Glacier Flexible Retrieval, S3 Glacier Deep Archive and the archive tiers of S3 Intelligent-Tiering cannot be read at once: a
restore makes a copy for some days, after minutes or hours. Until then S3 answers 403 InvalidObjectState.`,
		Why:     "A lifecycle rule moves old objects into an archive, and somebody still asks for them; or a restored copy has run out.",
		Example: "HeadObject shows StorageClass GLACIER and no Restore.",
		Manual:  "Restoring costs money and time, and takes a choice of how fast and for how long.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html",
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html",
			"https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
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
		}
		x := v.Exchange
		step, _ := p.Trace.Step("origin-object")
		summary := fmt.Sprintf("The object %q in the bucket %s is archived and has to be restored before it can be read.", v.Access.Key, v.Bucket.Name)
		switch {
		case v.Access.Exists.No():
			return cause.RuleOut("there is no such object", v.Access.ObjectRef)
		case x.Response.Code == "InvalidObjectState" && p.StoppedHere():
			return cause.Confirm(v.BucketARN()+"/"+v.Access.Key, summary, step.Evidence...).
				WithBecause("its storage class is an archive, and no restored copy is known").With(s3origin.Found{View: v})
		case archivedOpen(p):
			return cause.Likely(v.BucketARN()+"/"+v.Access.Key, summary, "its storage class is an archive; whether it was restored was not read", step.Evidence...).
				Needing(v.Object()).With(s3origin.Found{View: v})
		case v.Object().Missing():
			return cause.Need("the object was not read", v.Object())
		}
		return cause.RuleOut("the object is in no archive, or was restored", v.Access.ObjectRef)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		found, ok := v.Data.(s3origin.Found)
		if !ok {
			return nil
		}
		bucket, key := found.View.Bucket.Name, found.View.Access.Key
		return []fix.Fix{{
			Title:       "Restore the object, and keep it out of the archive",
			Complexity:  fix.Standard,
			Minutes:     300,
			Impact:      "None: the object cannot be served until the restore is done, which takes minutes to two days by tier and storage class",
			Explanation: "A restore makes a readable copy for the days asked for. Objects that are still asked for belong into a storage class that can be read at once, such as S3 Glacier Instant Retrieval.",
			SideEffects: []string{"A restore and the copy cost money"},
			Manual: []string{
				fmt.Sprintf("Restore the object %q of the bucket %s: Amazon S3 console, the object, Actions, Initiate restore", key, bucket),
				"When it is restored, copy it to itself with another storage class, so that it stays readable: Actions, Edit storage class",
				"Change the lifecycle rule of the bucket " + bucket + " that archives objects which the site still serves",
			},
			ByHand:     restoring(bucket, key),
			Invalidate: []string{p.Request.Path},
			Confidence: fix.High,
		}}
	},
}

// archivedOpen reports that the stage left open whether the archived object was restored.
func archivedOpen(p *cause.Pass) bool {
	for _, a := range p.OpenHere() {
		if !a.Weak && a.If == "the archived object was not restored" {
			return true
		}
	}
	return false
}

// restoring are the commands that bring an archived object back; hours lie between them, so that no script makes them one after the other.
func restoring(bucket, key string) []fix.HandCall {
	object := []fix.HandParam{{Name: "Bucket", Value: bucket}, {Name: "Key", Value: key}}
	with := func(more ...fix.HandParam) []fix.HandParam { return slices.Concat(object, more) }
	return []fix.HandCall{
		{Purpose: "Restore the object for a week", Service: "s3", Operation: "RestoreObject", Mutates: true,
			Params: with(fix.HandParam{Name: "RestoreRequest", Value: map[string]any{"Days": 7, "GlacierJobParameters": map[string]any{"Tier": "Standard"}}})},
		{Purpose: `See whether it is done: Restore then says ongoing-request="false"`, Service: "s3", Operation: "HeadObject", Params: object},
		{Purpose: "When it is done, keep the object out of the archive (objects above 5 GB need a multipart copy)", Service: "s3", Operation: "CopyObject", Mutates: true,
			Params: with(fix.HandParam{Name: "CopySource", Value: bucket + "/" + key}, fix.HandParam{Name: "StorageClass", Value: "STANDARD"})},
	}
}
