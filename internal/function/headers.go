package function

import "strings"

// disallowedHeaders are never shown to a function and must not be added
// (DG/edge-function-restrictions-all). A trailing '*' stands for any ending.
var disallowedHeaders = []string{
	"connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
	"trailer", "upgrade", "x-accel-buffering", "x-accel-charset", "x-accel-limit-rate", "x-accel-redirect",
	"x-amz-cf-*", "x-amzn-auth", "x-amzn-cf-billing", "x-amzn-cf-id", "x-amzn-cf-xff", "x-amzn-errortype",
	"x-amzn-fle-profile", "x-amzn-header-count", "x-amzn-header-order", "x-amzn-lambda-integration-tag",
	"x-amzn-requestid", "x-cache", "x-edge-*", "x-forwarded-proto", "x-real-ip",
	"cloudfront-viewer-cert-pem", "client-cert", "client-cert-chain",
}

// readOnlyHeaders may be read but not added, changed or removed (same page).
var readOnlyHeaders = map[string][]string{
	ViewerRequest:  {"cdn-loop", "content-length", "host", "transfer-encoding", "via"},
	ViewerResponse: {"warning", "via"},
}

func disallowed(lowerName string) bool {
	for _, pattern := range disallowedHeaders {
		if stem, open := strings.CutSuffix(pattern, "*"); open && strings.HasPrefix(lowerName, stem) || pattern == lowerName {
			return true
		}
	}
	return false
}
