package edge

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/function"
)

// objectHeaders are the headers of S3's answer that its answer to HeadObject tells (S3API/GetObject, S3API/HeadObject).
func objectHeaders(head account.ObjectOutput) []function.Pair {
	out := []function.Pair{{Name: "server", Value: "AmazonS3"}, {Name: "accept-ranges", Value: "bytes"}}
	add := func(name, value string) {
		if value != "" {
			out = append(out, function.Pair{Name: name, Value: value})
		}
	}
	add("etag", str(head.ETag))
	add("content-encoding", str(head.ContentEncoding))
	add("content-disposition", str(head.ContentDisposition))
	add("content-language", str(head.ContentLanguage))
	add("x-amz-server-side-encryption", string(head.ServerSideEncryption))
	add("x-amz-version-id", str(head.VersionId))
	add("x-amz-website-redirect-location", str(head.WebsiteRedirectLocation))
	if head.ContentLength != nil {
		add("content-length", strconv.FormatInt(*head.ContentLength, 10))
	}
	if head.LastModified != nil {
		add("last-modified", head.LastModified.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"))
	}
	for name, value := range head.Metadata {
		add("x-amz-meta-"+strings.ToLower(name), value)
	}
	return out
}

// openAnswerHeaders are headers that an answer of S3 through CloudFront may have and that HeadObject does not tell: those of the moment, of
// CloudFront itself, and those that S3 adds by settings of the bucket (S3API/GetObject, DG/RequestAndResponseBehaviorS3Origin).
var openAnswerHeaders = []string{
	"age", "alt-svc", "connection", "date", "server-timing", "transfer-encoding", "vary", "via", "x-cache", "x-amz-cf-id", "x-amz-cf-pop",
	"x-amz-id-2", "x-amz-request-id", "x-amz-expiration", "x-amz-replication-status", "x-amz-storage-class", "x-amz-tagging-count",
	"x-amz-missing-meta", "x-amz-mp-parts-count", "x-amz-restore", "x-amz-server-side-encryption-aws-kms-key-id",
	"x-amz-server-side-encryption-bucket-key-enabled", "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-object-lock-legal-hold",
	"x-amz-checksum-crc32", "x-amz-checksum-crc32c", "x-amz-checksum-crc64nvme", "x-amz-checksum-sha1", "x-amz-checksum-sha256", "x-amz-checksum-type",
}

// answerHeaders are the headers that a function on the answer sees, and which of them are not known. Only a whole object of S3's, with nothing in
// between that adds headers, is known well enough to say that a header is not there.
func (x *Exchange) answerHeaders() (headers []function.Pair, unknown []string) {
	for _, h := range x.Response.Headers {
		headers = append(headers, function.Pair{Name: h.Name, Value: h.Value})
	}
	head, ok := x.readObject()
	if !ok {
		return headers, []string{"response.headers.*", "response.cookies.*"}
	}
	headers = append(headers, objectHeaders(head)...)
	for _, name := range openAnswerHeaders {
		unknown = append(unknown, "response.headers."+name)
	}
	if _, asks := x.Viewer.Header("Accept-Encoding"); asks && deref(x.Behavior.Config.Compress) {
		// CloudFront compresses by what the viewer takes and what the cache has (DG/ServingCompressedFiles).
		unknown = append(unknown, "response.headers.content-encoding", "response.headers.content-length", "response.headers.etag")
	}
	return headers, unknown
}

// readObject is the object that the answer consists of, where S3 answers with it and nothing else has a hand in the headers.
func (x *Exchange) readObject() (head account.ObjectOutput, ok bool) {
	if x.S3 == nil || x.Response.By != ByS3 || x.Response.Status != 200 || !x.Response.HeadersKnown || str(x.Behavior.Config.ResponseHeadersPolicyId) != "" {
		return head, false
	}
	if _, lambda := x.Model.LambdaEdgeFor(x.Behavior, types.EventTypeOriginResponse); lambda {
		return head, false
	}
	return x.S3.object.head.Get()
}
