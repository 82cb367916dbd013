package cloudfront

import (
	"slices"
	"strings"
)

// compressibleTypes are the content types that CloudFront compresses, in order (DG/ServingCompressedFiles, read
// 2026-10). WOFF fonts and most images are not among them: they are compressed already.
func compressibleTypes() []string {
	return []string{
		"application/dash+xml", "application/eot", "application/font", "application/font-sfnt", "application/javascript", "application/json",
		"application/opentype", "application/otf", "application/pdf", "application/pkcs7-mime", "application/protobuf", "application/rss+xml",
		"application/truetype", "application/ttf", "application/vnd.apple.mpegurl", "application/vnd.mapbox-vector-tile",
		"application/vnd.ms-fontobject", "application/wasm", "application/x-font-opentype", "application/x-font-truetype",
		"application/x-font-ttf", "application/x-httpd-cgi", "application/x-javascript", "application/x-mpegurl", "application/x-opentype",
		"application/x-otf", "application/x-perl", "application/x-ttf", "application/xhtml+xml", "application/xml", "font/eot",
		"font/opentype", "font/otf", "font/ttf", "image/svg+xml", "text/css", "text/csv", "text/html", "text/javascript", "text/js",
		"text/plain", "text/richtext", "text/tab-separated-values", "text/x-component", "text/x-java-source", "text/x-script", "text/xml",
		"vnd.apple.mpegurl",
	}
}

// Compressible reports whether CloudFront compresses responses of this Content-Type; parameters such as the charset do
// not count.
func Compressible(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	_, found := slices.BinarySearch(compressibleTypes(), lowerASCII(strings.TrimSpace(media)))
	return found
}

// UnremovableHeader reports whether a response headers policy cannot remove the header
// (DG/understanding-response-headers-policies).
func UnremovableHeader(name string) bool {
	switch lowerASCII(name) {
	case "connection", "content-encoding", "content-length", "expect", "host", "keep-alive", "proxy-authenticate", "proxy-authorization",
		"proxy-connection", "trailer", "transfer-encoding", "upgrade", "via", "warning", "x-accel-buffering", "x-accel-charset",
		"x-accel-limit-rate", "x-accel-redirect", "x-amzn-auth", "x-amzn-cf-billing", "x-amzn-cf-id", "x-amzn-cf-xff", "x-amzn-errortype",
		"x-amzn-fle-profile", "x-amzn-header-count", "x-amzn-header-order", "x-amzn-lambda-integration-tag", "x-amzn-requestid",
		"x-cache", "x-forwarded-proto", "x-real-ip":
		return true
	}
	return hasPrefixFold(name, "x-amz-cf-") || hasPrefixFold(name, "x-edge-")
}
