package edge

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/tri"
)

var errorCaching = &Stage{
	ID:    "error-caching",
	Title: "Caching of the error",
	Doc: "CloudFront keeps an origin's error for ten seconds, or as long as the error's own setting or the origin's headers say, whichever is longer. Whether " +
		"400, 403, 405, 412 and 415 are kept without max-age or s-maxage is told differently on two of its pages.",
	Sources: []string{"DG/HTTPStatusCodes", "DG/custom-error-pages-expiration"},
	Run:     runErrorCaching,
}

// ErrorCache is how long CloudFront keeps an error.
type ErrorCache struct {
	Status int
	Cached tri.Bool
	// Seconds is how long, if it is kept.
	Seconds int64
	// Field is the setting that decides, "" where none is set and the default of ten seconds holds.
	Field string
}

func runErrorCaching(x *Exchange) Step {
	status := x.Response.Status
	if status < 400 || x.Origin == nil || x.Behavior == nil {
		return x.Skip("There is no error of an origin to keep")
	}
	f := x.Behavior.Forwarding()
	if !cloudfront.CacheableMethod(x.Current.Method, f.CachesOptions) {
		return x.Skip("Answers to %s requests are not kept", x.Current.Method)
	}
	control, _ := x.Response.Header("Cache-Control")
	expires, _ := x.Response.Header("Expires")
	entry, field := x.Model.errorEntry(status)
	var minimum *int64
	if field != "" {
		minimum = entry.ErrorCachingMinTTL
	}
	c := &ErrorCache{Status: status, Field: field}
	x.ErrorCache = c
	if f.TTLKnown {
		fresh := f.TTL.ErrorFreshness(status, cloudfront.ParseCacheControl(control), cloudfront.UntilExpires(expires, x.Model.World.Now), minimum, x.S3 != nil)
		c.Cached, c.Seconds = fresh.Cached, fresh.Seconds
	}
	seconds, ref := strconv.FormatInt(c.Seconds, 10), x.ref("CustomErrorResponses.Quantity", "", "no entry sets a time for this status")
	if field != "" {
		ref = x.ref(field, decimal64(minimum), "")
	}
	switch c.Cached {
	case tri.True:
		return x.worded(Step{Verdict: Pass}, "CloudFront keeps this error for %s seconds and answers others with it meanwhile", seconds).WithEvidence(ref)
	case tri.False:
		return x.worded(Step{Verdict: Pass}, "CloudFront does not keep this error").WithEvidence(ref)
	}
	return x.worded(Step{Verdict: Unknown}, "CloudFront may keep this error for %s seconds; AWS's pages disagree for this status, or the settings are not known", seconds)
}

// errorEntry is the distribution's custom error response for a status, and where it stands; "" for none.
func (m *Model) errorEntry(status int) (entry types.CustomErrorResponse, field string) {
	if m.Config.CustomErrorResponses == nil {
		return entry, ""
	}
	for i, e := range m.Config.CustomErrorResponses.Items {
		if int(deref(e.ErrorCode)) == status {
			return e, "CustomErrorResponses.Items[" + strconv.Itoa(i) + "]"
		}
	}
	return entry, ""
}

func decimal64(p *int64) string {
	if p == nil {
		return ""
	}
	return strconv.FormatInt(*p, 10)
}
