package sdk

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"cfdoctor/internal/evidence"
)

// newS3 makes an S3 client. With an endpoint of the user's own the bucket goes into the path: such an endpoint seldom has a name for
// every bucket.
func newS3(cfg aws.Config, options ...func(*s3.Options)) *s3.Client {
	return s3.NewFromConfig(cfg, append(options, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil })...)
}

// regionOf is where a call goes: its own Region, the one where S3 said the bucket is, or the configured one.
func (s *Source) regionOf(call evidence.Call) string {
	if call.Region != "" {
		return call.Region
	}
	if bucket, ok := call.Params["Bucket"].(string); ok && call.Service == "s3" {
		s.mu.Lock()
		defer s.mu.Unlock()
		if region := s.buckets[bucket]; region != "" {
			return region
		}
	}
	return s.cfg.Region
}

// redirected returns the Region to repeat an S3 call in, "" where it is not to be repeated. S3 answers a request for a bucket of another
// Region with 301 or 400 and names the bucket's Region in a header (S3UG/Redirects, S3 API reference: x-amz-bucket-region).
func (s *Source) redirected(call evidence.Call, asked string, err error) string {
	bucket, ok := call.Params["Bucket"].(string)
	if call.Service != "s3" || !ok {
		return ""
	}
	var response *smithyhttp.ResponseError
	if !errors.As(err, &response) || response.Response == nil {
		return ""
	}
	switch response.HTTPStatusCode() {
	case 301, 307, 400:
	default:
		return ""
	}
	region := response.Response.Header.Get("X-Amz-Bucket-Region")
	if region == "" || region == asked {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buckets[bucket] = region
	return region
}
