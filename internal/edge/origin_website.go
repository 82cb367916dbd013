package edge

import (
	"strconv"
	"strings"

	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/tri"
)

// WebsiteAccess is one request to a bucket's website endpoint, which serves the public only (S3UG/WebsiteEndpoints).
type WebsiteAccess struct {
	Bucket *BucketFacts
	// S3 is the access to the object that answers in the end: the index document for folders.
	S3 *S3Access
	// Config is the website configuration, absent where hosting is off.
	Config account.WebsiteOutput
	Known  bool
	// RedirectTo is where a rule sends the viewer, "" for nowhere.
	RedirectTo string
}

// accessWebsite: a website endpoint has no identity to check: what the public may read is served.
func (x *Exchange) accessWebsite() Step {
	b := x.Model.BucketFor(x.Origin)
	w := &WebsiteAccess{Bucket: b}
	x.Website = w
	w.Config, w.Known = b.WebsiteConfig.Get()
	if cloudfront.NormalizeHost(x.Forwarded.Host) != x.Forwarded.Address {
		step, _ := x.hostStep(ByS3Website, "NoSuchBucket", "The viewer's Host header is sent on to the website endpoint, which looks for a bucket of that name", 404)
		return step
	}
	if b.Exists.No() {
		return x.websiteStop(404, "NoSuchBucket", "The bucket "+quoted(b.Name)+" does not exist").WithEvidence(b.Bucket.Ref(""))
	}
	if e := x.Origin.Endpoint; b.Region != "" && e.Region != "" && e.Region != b.Region {
		// Unlike the REST API, which redirects, a website endpoint answers for the buckets of its own Region only (S3UG/CustomErrorDocSupport).
		return x.websiteStop(400, "MalformedRequest", "The website endpoint is that of "+e.Region+", and the bucket is in "+b.Region).
			WithEvidence(x.originRef("DomainName", e.Domain, "").Want(cloudfront.WebsiteEndpoint(b.Name, b.Region)), b.Bucket.Ref("BucketRegion").With(b.Region, ""))
	}
	if b.WebsiteConfig.IsAbsent() {
		return x.websiteStop(404, "NoSuchWebsiteConfiguration", "Static website hosting is off for the bucket").WithEvidence(b.WebsiteConfig.Ref(""))
	}
	if x.Forwarded.Method != "GET" && x.Forwarded.Method != "HEAD" {
		return x.websiteStop(405, "MethodNotAllowed", "Website endpoints take GET and HEAD only")
	}
	if w.Known && w.Config.RedirectAllRequestsTo != nil {
		return x.Skip("The website redirects every request")
	}
	a := x.s3Access(b, "GET", w.indexed(objectKey(x.Forwarded.Path)), true)
	w.S3 = a
	if step, done := x.requesterPays(a); done {
		return step
	}
	switch a.Allowed {
	case tri.False:
		step := x.websiteStop(403, "AccessDenied", x.deniedWords(a)).WithEvidence(x.s3Evidence(a)...)
		return step
	case tri.Unknown:
		return x.Unsure(Alternative{Status: 403, If: "the bucket is not public"}, "Whether the public may read the bucket could not be told for certain").
			WithEvidence(x.s3Evidence(a)...)
	}
	if step, done := x.passKMSWebsite(a); done {
		return step
	}
	return x.Pass("The public may read the bucket").WithEvidence(x.s3Evidence(a)...)
}

// passKMSWebsite: anonymous requests cannot use KMS keys (S3UG/WebsiteAccessPermissionsReqd).
func (x *Exchange) passKMSWebsite(a *S3Access) (step Step, done bool) {
	a.KMS = x.kmsFor(a)
	if a.KMS == nil {
		return Step{}, false
	}
	return x.kmsVerdict(a.KMS, 403, "AccessDenied", "The object is encrypted with a KMS key, which a website endpoint cannot use", true), true
}

func (x *Exchange) websiteStop(status int, code, summary string) Step {
	step := x.Stop(status, ByS3Website, "%s", summary)
	x.Response.Code = code
	return step
}

// indexed is the key that a folder's request is served with (S3UG/IndexDocumentSupport).
func (w *WebsiteAccess) indexed(key string) string {
	if key != "" && !strings.HasSuffix(key, "/") {
		return key
	}
	if w.Config.IndexDocument == nil {
		return key
	}
	return key + str(w.Config.IndexDocument.Suffix)
}

func (x *Exchange) objectWebsite(w *WebsiteAccess) Step {
	if all := w.Config.RedirectAllRequestsTo; all != nil {
		w.RedirectTo = redirectURL(all.Protocol, str(all.HostName), strings.TrimPrefix(x.Forwarded.Path, "/"))
		return x.websiteRedirect(w, 301)
	}
	key := objectKey(x.Forwarded.Path)
	if redirect, status, ok := w.rule(key, 0); ok {
		w.RedirectTo = redirect
		return x.websiteRedirect(w, status)
	}
	a := w.S3
	if a == nil {
		return x.Skip("The request was answered before")
	}
	switch a.Exists {
	case tri.True:
		if head, ok := a.object.head.Get(); ok && str(head.WebsiteRedirectLocation) != "" {
			w.RedirectTo = str(head.WebsiteRedirectLocation)
			return x.websiteRedirect(w, 301)
		}
		return x.Pass("The object %q is in the bucket", a.Key).WithEvidence(a.ObjectRef)
	case tri.Unknown:
		return x.Unsure(Alternative{Status: missingStatus(a), If: x.say("there is no object %q in the bucket", a.Key)},
			"Whether the object is in the bucket was not read").WithEvidence(a.ObjectRef)
	}
	return x.websiteMissing(w, key)
}

// websiteMissing: a folder without its slash redirects to itself with one; what is missing may have a routing rule of its own, else it is a 404,
// or a 403 where the public may not list the bucket (S3UG/WebsiteEndpoints).
func (x *Exchange) websiteMissing(w *WebsiteAccess, key string) Step {
	status := missingStatus(w.S3)
	if key != "" && !strings.HasSuffix(key, "/") && w.Config.IndexDocument != nil {
		if folder := x.Model.object(w.Bucket, key+"/"+str(w.Config.IndexDocument.Suffix)); folder.exists.Yes() {
			w.RedirectTo = "/" + key + "/"
			return x.websiteRedirect(w, 302)
		}
	}
	for _, code := range []int{status, 404, 403} {
		if redirect, to, ok := w.rule(key, code); ok && code != 0 && (code == status || status == 0) {
			w.RedirectTo = redirect
			return x.websiteRedirect(w, to)
		}
	}
	if status == 0 {
		x.alternatives = append(x.alternatives, Alternative{Status: 403, If: "the public may not list the bucket"})
		return x.Guess(404, ByS3Website, "There is no object %s in the bucket", quoted(w.S3.Key)).WithEvidence(w.S3.ObjectRef)
	}
	code := "NoSuchKey"
	if status == 403 {
		code = "AccessDenied"
	}
	return x.websiteStop(status, code, "There is no object "+quoted(w.S3.Key)+" in the bucket").WithEvidence(w.S3.ObjectRef)
}

func (x *Exchange) websiteRedirect(w *WebsiteAccess, status int) Step {
	step := x.Stop(status, ByS3Website, "The website redirects to %s", quoted(w.RedirectTo)).WithEvidence(w.Bucket.WebsiteConfig.Ref(""))
	x.Response.SetHeader("Location", w.RedirectTo)
	return step
}

// rule finds the routing rule for a key, and for an error where status is not 0 (S3UG/how-to-page-redirect).
func (w *WebsiteAccess) rule(key string, status int) (location string, code int, ok bool) {
	for _, r := range w.Config.RoutingRules {
		if r.Redirect == nil || !ruleFits(r.Condition, key, status) {
			continue
		}
		code = 301
		if n, err := strconv.Atoi(str(r.Redirect.HttpRedirectCode)); err == nil {
			code = n
		}
		target := key
		switch {
		case r.Redirect.ReplaceKeyWith != nil:
			target = *r.Redirect.ReplaceKeyWith
		case r.Redirect.ReplaceKeyPrefixWith != nil && r.Condition != nil:
			target = *r.Redirect.ReplaceKeyPrefixWith + strings.TrimPrefix(key, str(r.Condition.KeyPrefixEquals))
		}
		host := str(r.Redirect.HostName)
		if host == "" {
			return "/" + target, code, true
		}
		return redirectURL(r.Redirect.Protocol, host, target), code, true
	}
	return "", 0, false
}

func ruleFits(c *s3.Condition, key string, status int) bool {
	if c == nil {
		return status == 0
	}
	want := str(c.HttpErrorCodeReturnedEquals)
	if want == "" && status != 0 || want != "" && want != strconv.Itoa(status) {
		return false
	}
	return strings.HasPrefix(key, str(c.KeyPrefixEquals))
}

func redirectURL(p s3.Protocol, host, key string) string {
	if p == "" {
		p = s3.ProtocolHttp
	}
	return string(p) + "://" + host + "/" + key
}
