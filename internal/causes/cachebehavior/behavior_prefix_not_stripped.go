package cachebehavior

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/go-json-experiment/json"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/tri"
)

var behaviorPrefixNotStripped = &cause.Cause{
	ID:        "BEHAVIOR_PREFIX_NOT_STRIPPED",
	Title:     "The cache behavior's path prefix reaches an origin that does not know it",
	Stage:     "cache-behavior",
	Symptoms:  []int{403, 404},
	Severity:  cause.Critical,
	OfRequest: true,
	Hides:     []string{"S3_OBJECT_NOT_FOUND", "APIGW_ROUTE_MISSING", "S3_OBJECT_KEY_MISMATCH"},
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
		return []fix.Fix{stripPrefix(p), keepPrefix(p)}
	},
}

// stripPrefix is the remedy by a function on the viewer's request. It is a person's where the behavior has one already, or where what it would
// change reaches a second origin.
func stripPrefix(p *cause.Pass) fix.Fix {
	b := p.Trace.Behavior
	prefix, id := prefixOf(b), p.Model.ID()
	f := fix.Fix{
		Title: "Take " + prefix + " off the path with a CloudFront Function", Complexity: fix.Standard, Minutes: 30,
		Impact:      "Every request of the behavior " + b.PathPattern + " asks the origin for a shorter path as edge locations take the change up",
		Explanation: "A viewer-request function changes the path before the origin is asked; the choice of the behavior stays as it is, and other behaviors are not touched.",
		SideEffects: []string{"Objects that are in the bucket with the prefix are not found any more", "CloudFront Functions cost a little for each request"},
		Invalidate:  []string{b.PathPattern},
		Confidence:  fix.High,
	}
	owner := ""
	if arn, err := cloudfront.ParseDistributionARN(p.Model.ARN()); err == nil {
		owner = arn.Account
	}
	code := stripper(prefix)
	_, group := p.Model.Group(posture.Text(b.Config.TargetOriginId))
	switch {
	case viewerFunction(b):
		f.Manual = []string{"The behavior " + b.PathPattern + " runs something for viewers already, beside which CloudFront takes no further function: let that change the path as this code does: " + code}
	case group:
		f.Manual = []string{"The behavior " + b.PathPattern + " leads to an origin group, and a function would change the path for both of its origins. Where both keep their objects without the prefix, associate a function with this code with the behavior's viewer requests: " + code}
	case owner == "":
		f.Manual = []string{"Create a CloudFront Function with the runtime cloudfront-js-2.0 and this code, publish it, and associate it with the viewer requests of the behavior " + b.PathPattern + ": " + code}
	default:
		function := fix.CreateFunction(functionName(prefix, id), "Takes the behavior's prefix off the path", code, p.Model.Partition(), owner)
		f.Changes = []fix.Change{function, fix.EditDistribution(id, fix.AddFunctionAssociation(b.PathPattern, "viewer-request", function.ARN()))}
	}
	return f
}

// keepPrefix is the remedy that moves the objects instead of the paths.
func keepPrefix(p *cause.Pass) fix.Fix {
	prefix := strings.TrimPrefix(prefixOf(p.Trace.Behavior), "/")
	f := fix.Fix{
		Title: "Store the objects below the prefix", Complexity: fix.Standard, Minutes: 60,
		Impact:      "None: the paths cannot be served now",
		Explanation: "CloudFront sends the whole path on, so that an object that is kept under the whole path is found.",
		SideEffects: []string{"What writes to the bucket has to write to the new keys too"},
		Manual:      []string{"Copy the objects in the bucket to keys that begin with " + prefix + ", and let the deployment upload to those."},
		Invalidate:  []string{p.Trace.Behavior.PathPattern},
		Confidence:  fix.High,
	}
	if s3 := p.Exchange().S3; s3 != nil && s3.Bucket != nil {
		f.ByHand = []fix.HandCall{{Purpose: "See the objects that are there", Service: "s3", Operation: "ListObjectsV2",
			Params: []fix.HandParam{{Name: "Bucket", Value: s3.Bucket.Name}, {Name: "MaxKeys", Value: 100}}}}
	}
	return f
}

// stripper is the code of a function that takes a prefix off the path and leaves the slash that the rest begins with.
func stripper(prefix string) string {
	quoted, err := json.Marshal(prefix)
	if err != nil {
		panic(err) // a text
	}
	return "function handler(event) { var r = event.request; var prefix = " + string(quoted) +
		"; if (r.uri.startsWith(prefix)) { r.uri = '/' + r.uri.slice(prefix.length); } return r; }"
}

// maxFunctionName is the length of a CloudFront Function's name (API reference, CreateFunction).
const maxFunctionName = 64

// functionName is a name for the function: what the prefix holds of the characters that names are made of, and the distribution's id.
func functionName(prefix, distributionID string) string {
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.Trim(prefix, "/"))
	head, tail := "strip-"+plain, "-"+distributionID
	return head[:min(len(head), maxFunctionName-len(tail))] + tail
}

// viewerFunction reports whether a behavior runs something on viewers' requests, or Lambda@Edge on viewers' events at all, beside which
// CloudFront allows no function there (DG/edge-functions-restrictions).
func viewerFunction(b *edge.Behavior) bool {
	if list := b.Config.FunctionAssociations; list != nil {
		for _, a := range list.Items {
			if a.EventType == types.EventTypeViewerRequest {
				return true
			}
		}
	}
	if list := b.Config.LambdaFunctionAssociations; list != nil {
		for _, a := range list.Items {
			if a.EventType == types.EventTypeViewerRequest || a.EventType == types.EventTypeViewerResponse {
				return true
			}
		}
	}
	return false
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
