package signature

// s3Code is one error code of Amazon S3 with what it means behind CloudFront (S3API/ErrorResponses).
type s3Code struct {
	code     string
	statuses []int
	means    string
	causes   []string
}

func s3Codes() []s3Code {
	kms := []string{"S3_KMS_KEY_POLICY"}
	denied := []string{"S3_POLICY_MISSING_OAC_GRANT", "S3_POLICY_WRONG_SOURCE_ARN", "S3_POLICY_EXPLICIT_DENY", "S3_OBJECT_NOT_FOUND", "S3_NO_ORIGIN_ACCESS", "S3_KMS_KEY_POLICY", "DEFAULT_ROOT_OBJECT_MISSING"}
	return []s3Code{
		{"AccessDenied", []int{403}, "Amazon S3 refuses CloudFront: the bucket's policy does not let the distribution read, or the object does not exist and CloudFront may not list the bucket.", denied},
		{"AllAccessDisabled", []int{403}, "AWS has disabled all access to this bucket.", []string{"S3_BUCKET_NOT_FOUND"}},
		{"AuthorizationHeaderMalformed", []int{400}, "The request was signed for another Region: the bucket was created again elsewhere, and CloudFront still signs for the old Region until the distribution is saved again.", []string{"S3_GLOBAL_ENDPOINT_REDIRECT"}},
		{"InvalidAccessKeyId", []int{403}, "The access key in the request does not exist: a presigned query of the viewer's, or an origin access identity that was deleted.", []string{"SIGNED_S3_PRESIGNED_CONFLICT", "S3_OAI_NOT_GRANTED"}},
		{"InvalidArgument", []int{400}, "The way CloudFront signs does not fit: an object encrypted with KMS needs an origin access control, or the viewer sends credentials of its own.", []string{"S3_KMS_WITH_OAI", "SIGNED_S3_PRESIGNED_CONFLICT"}},
		{"InvalidRequest", []int{400}, "The bucket's Region takes Signature Version 4 only, which an origin access identity does not use.", []string{"S3_OAI_LEGACY", "S3_KMS_WITH_OAI"}},
		{"InvalidObjectState", []int{403}, "The object is archived and has to be restored before it can be read.", []string{"S3_OBJECT_ARCHIVED"}},
		{"KMS.DisabledException", []int{400}, "The KMS key that encrypts the object is disabled.", kms},
		{"KMS.InvalidKeyUsageException", []int{400}, "The KMS key that encrypts the object cannot be used for this.", kms},
		{"KMS.KMSInvalidStateException", []int{400}, "The KMS key that encrypts the object is about to be deleted, or otherwise not usable.", kms},
		{"KMS.NotFoundException", []int{400}, "The KMS key that encrypts the object does not exist.", kms},
		{"MethodNotAllowed", []int{405}, "S3 does not allow this method on the resource, or the version asked for is a delete marker.", []string{"METHOD_NOT_ALLOWED"}},
		{"MissingAuthenticationToken", []int{403}, "The request was not signed.", []string{"S3_OAC_NOT_SIGNING", "S3_NO_ORIGIN_ACCESS"}},
		{"MissingSecurityHeader", []int{400}, "The request lacks a header that a signed request needs.", []string{"SIGNED_S3_PRESIGNED_CONFLICT"}},
		{"NoSuchBucket", []int{404}, "There is no bucket of this name: it was deleted, or the viewer's Host header is forwarded and S3 takes it for the bucket's name.", []string{"S3_BUCKET_NOT_FOUND", "HOST_HEADER_FORWARDED_TO_S3", "DANGLING_ORIGIN"}},
		{"NoSuchKey", []int{404}, "The object does not exist in the bucket.", []string{"S3_OBJECT_NOT_FOUND", "S3_OBJECT_KEY_MISMATCH", "ORIGIN_PATH_WRONG", "SUBDIRECTORY_INDEX_NOT_SUPPORTED"}},
		{"NoSuchVersion", []int{404}, "The version of the object does not exist.", []string{"S3_OBJECT_NOT_FOUND"}},
		{"NoSuchWebsiteConfiguration", []int{404}, "The bucket is not set up as a website.", []string{"S3_WEBSITE_ENDPOINT_NOT_PUBLIC"}},
		{"NoSuchUpload", []int{404}, "The multipart upload does not exist.", nil},
		{"PermanentRedirect", []int{301}, "The bucket is in another Region than the origin's domain name says.", []string{"S3_GLOBAL_ENDPOINT_REDIRECT"}},
		{"TemporaryRedirect", []int{307}, "The bucket is new, and S3's global address still redirects to its Region; the viewer is led past CloudFront.", []string{"S3_GLOBAL_ENDPOINT_REDIRECT"}},
		{"Redirect", []int{307}, "The bucket is new, and S3's global address still redirects to its Region; the viewer is led past CloudFront.", []string{"S3_GLOBAL_ENDPOINT_REDIRECT"}},
		{"PreconditionFailed", []int{412}, "A condition of the request, such as If-Match, does not hold.", nil},
		{"InvalidRange", []int{416}, "The range asked for lies outside of the object.", nil},
		{"RequestTimeTooSkewed", []int{403}, "The time of the signature is too far from S3's clock.", []string{"SIGNED_S3_PRESIGNED_CONFLICT"}},
		{"SignatureDoesNotMatch", []int{403}, "What was signed is not what arrived: usually the viewer's Host header, or another signed one, is forwarded.", []string{"HOST_HEADER_FORWARDED_TO_S3", "SIGNED_S3_PRESIGNED_CONFLICT"}},
		{"RequestHeaderSectionTooLarge", []int{400}, "The request's headers are larger than S3 takes.", []string{"REQUEST_HEADERS_TOO_LARGE"}},
		{"InvalidHostHeader", []int{400}, "S3 does not know the Host header.", []string{"HOST_HEADER_FORWARDED_TO_S3"}},
		{"InvalidURI", []int{400}, "S3 cannot read the path.", []string{"REQUEST_MALFORMED"}},
		{"KeyTooLongError", []int{400}, "The object's key is longer than S3 allows.", []string{"URI_TOO_LONG"}},
		{"SlowDown", []int{503}, "S3 asks for fewer requests.", []string{"ORIGIN_RETURNS_ERROR"}},
		{"ServiceUnavailable", []int{503}, "S3 asks for fewer requests.", []string{"ORIGIN_RETURNS_ERROR"}},
		{"InternalError", []int{500}, "S3 failed; the same request usually works a moment later.", []string{"ORIGIN_RETURNS_ERROR"}},
		{"UnauthorizedAccessError", []int{403}, "Regions in China: the domain has no ICP recordal for the bucket.", nil},
		{"UnexpectedIPError", []int{403}, "Regions in China: the request came from an address that is not expected.", nil},
		{"RequestTimeout", []int{400}, "The upload stalled.", nil},
		{"ExpiredToken", []int{400}, "The credentials of the viewer's presigned request have expired.", []string{"SIGNED_S3_PRESIGNED_CONFLICT"}},
		{"InvalidToken", []int{400}, "The credentials of the viewer's presigned request are not valid.", []string{"SIGNED_S3_PRESIGNED_CONFLICT"}},
		{"EntityTooLarge", []int{400}, "The upload is larger than allowed.", []string{"REQUEST_BODY_TOO_LARGE"}},
		{"AccessControlListNotSupported", []int{400}, "The upload sets an ACL, and the bucket has ACLs turned off.", nil},
		{"MissingContentLength", []int{411}, "The upload has no Content-Length.", nil},
		{"NotImplemented", []int{501}, "S3 does not know a header or parameter of the request.", nil},
		{"InvalidBucketState", []int{409}, "The bucket is not in a state for this request.", nil},
		{"AccountProblem", []int{403}, "There is a problem with the AWS account that owns the bucket.", nil},
		{"NotSignedUp", []int{403}, "The AWS account that owns the bucket may not use S3.", nil},
		{"InvalidSecurity", []int{403}, "The credentials of the request are not valid.", []string{"SIGNED_S3_PRESIGNED_CONFLICT"}},
	}
}

// s3Rows recognise the XML errors of buckets' REST endpoints. CloudFront takes S3's request ids off the headers, and leaves them in the body
// (DG/RequestAndResponseBehaviorS3Origin).
func s3Rows() []Row {
	rows := []Row{{
		ID: "s3-delete-marker", Producer: S3, Error: "NoSuchKey", Statuses: []int{404}, Server: []string{"AmazonS3"}, Headers: []string{"x-amz-delete-marker: true"}, Sure: Certain,
		Means:  "The object was deleted: its newest version is a delete marker.",
		Causes: []string{"S3_OBJECT_NOT_FOUND"}, Grade: Documented, Source: "S3API/GetObject",
	}}
	for _, c := range s3Codes() {
		rows = append(rows, Row{
			ID: "s3-" + c.code, Producer: S3, Error: c.code, Statuses: c.statuses, Server: []string{"AmazonS3"}, Body: []string{"<Code>" + c.code + "</Code>"}, Sure: Certain,
			Means: c.means, Causes: c.causes, Grade: Documented, Source: "S3API/ErrorResponses",
		})
	}
	return append(rows,
		Row{
			ID: "s3-code", Producer: S3, Error: "an error code of Amazon S3", Statuses: []int{3, 4, 5}, Server: []string{"AmazonS3"}, Body: []string{"<Error>", "<Code>"}, Sure: Certain,
			Means: "Amazon S3 answers with an error code that is not among those known here.", Causes: []string{"ORIGIN_RETURNS_ERROR"}, Grade: Documented, Source: "S3API/ErrorResponses",
		},
		Row{
			ID: "s3-xml", Producer: S3, Error: "an error in the form of Amazon S3", Statuses: []int{3, 4, 5}, Body: []string{"<Error>", "<Code>", "<RequestId>", "<HostId>"}, Sure: Likely,
			Means: "The error has the form of Amazon S3's, without its Server header: a storage that speaks S3's protocol gives it too.", Causes: []string{"S3_POLICY_MISSING_OAC_GRANT", "S3_OBJECT_NOT_FOUND"}, Grade: Documented, Source: "S3API/ErrorResponses",
		},
	)
}

// websiteRows recognise the HTML errors of S3's website endpoints.
func websiteRows() []Row {
	row := func(code string, statuses []int, means string, causes ...string) Row {
		return Row{
			ID: "s3-website-" + code, Producer: S3Website, Error: code, Statuses: statuses, Body: []string{"<li>Code: " + code + "</li>"}, Sure: Certain,
			Means: means, Causes: causes, Grade: Observed, Source: "S3UG/WebsiteEndpoints documents HTML errors; text seen in captures",
		}
	}
	other := row("", []int{4, 5}, "The bucket's website endpoint answers with an error.", "ORIGIN_RETURNS_ERROR")
	other.ID, other.Error, other.Body = "s3-website", "an error of the website endpoint", []string{"<li>Code: ", "<li>RequestId: "}
	redirect := Row{
		ID: "s3-website-redirect", Producer: S3Website, Statuses: []int{301, 302}, Server: []string{"AmazonS3"}, NoBody: []string{"<Code>"}, Sure: Likely,
		Means: "The bucket's website endpoint redirects: a folder without its slash, or a rule of the website.", Grade: Documented, Source: "S3UG/IndexDocumentSupport",
	}
	return []Row{
		row("AccessDenied", []int{403}, "The bucket's website endpoint reads for everybody only, and the object or the bucket is not public, or does not exist.", "S3_WEBSITE_ENDPOINT_NOT_PUBLIC", "S3_OBJECT_NOT_FOUND", "S3_BLOCK_PUBLIC_ACCESS", "S3_REQUESTER_PAYS"),
		row("NoSuchKey", []int{404}, "The object does not exist in the bucket; the website's error document may be missing too.", "S3_OBJECT_NOT_FOUND", "S3_OBJECT_KEY_MISMATCH"),
		row("NoSuchBucket", []int{404}, "There is no bucket of this name: it was deleted, or the viewer's Host header is forwarded.", "S3_BUCKET_NOT_FOUND", "HOST_HEADER_FORWARDED_TO_S3"),
		row("NoSuchWebsiteConfiguration", []int{404}, "The bucket is not set up as a website.", "S3_WEBSITE_ENDPOINT_NOT_PUBLIC"),
		row("MethodNotAllowed", []int{405}, "A website endpoint takes GET and HEAD only.", "METHOD_NOT_ALLOWED"),
		row("IncorrectEndpoint", []int{400}, "The bucket is in another Region than the website endpoint's name says.", "S3_BUCKET_NOT_FOUND"),
		other,
		redirect,
	}
}
