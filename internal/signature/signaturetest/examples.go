package signaturetest

import (
	"slices"

	"cfdoctor/internal/signature"
)

// Examples lists all of them.
func Examples() []Example {
	return slices.Concat(edgeExamples(), firewallExamples(), functionExamples(), signedExamples(), bucketExamples(), serviceExamples(), balancerExamples(), otherExamples())
}

// Named finds an example.
func Named(name string) (Example, bool) {
	for _, e := range Examples() {
		if e.Name == name {
			return e, true
		}
	}
	return Example{}, false
}

func edgeExamples() []Example {
	const attempt = "CloudFront attempted to establish a connection with the origin, but either the attempt failed or the origin closed the connection."
	return []Example{
		{"viewer-tls", "viewer-tls", "", signature.Answer{}},
		edge("alias", "edge-bad-403", "", 403, "Error", "Bad request."),
		edge("malformed", "edge-bad-400", "", 400, "Error", "Bad request."),
		edge("geo", "edge-geo", "", 403, "Error", "The Amazon CloudFront distribution is configured to block access from your country."),
		edge("method", "edge-method", "", 403, "Error", "This distribution is not configured to allow the HTTP request method that was used for this request. The distribution supports only cachable requests."),
		edge("origin-dns", "edge-origin-dns", "OriginDnsError", 502, "Error", "CloudFront wasn't able to resolve the origin domain name."),
		edge("origin-connect", "edge-origin-connect", "OriginConnectError", 502, "Error", "CloudFront wasn't able to connect to the origin."),
		edge("origin-attempt-502", "edge-origin-attempt-502", "OriginConnectError", 502, "Error", attempt),
		edge("origin-attempt-504", "edge-origin-attempt-504", "OriginCommError", 504, "Error", attempt),
		edge("origin-closed", "edge-origin-closed", "", 502, "Error", "The origin closed the connection."),
		edge("origin-incorrect", "edge-origin-incorrect", "", 502, "Error", "CloudFront couldn't connect to the origin or the origin returned an incorrect response."),
		edge("origin-contact", "edge-origin-contact", "", 503, "Error", "Failed to contact the origin."),
		edge("root-object", "edge-root-object", "InvalidDefaultRootObject", 400, "Error", "InvalidDefaultRootObject"),
		edge("new-sentence", "edge-page", "", 502, "Error", "A sentence that nobody has seen yet."),
		bare("redirect", "edge-redirect", "", 301, through("Redirect", "Server", "CloudFront", "Content-Type", "text/html", "Location", "https://www.example.com/"),
			"<html>\r\n<head><title>301 Moved Permanently</title></head>\r\n<body>\r\n<center><h1>301 Moved Permanently</h1></center>\r\n<hr><center>CloudFront</center>\r\n</body>\r\n</html>\r\n"),
		bare("redirect-page", "edge-redirect-page", "", 301, list("Server", "CloudFront", "Location", "https://www.example.com/"), "<hr><center>CloudFront</center>"),
		bare("front-400", "edge-front-400", "", 400, list("Server", "cloudfront", "Content-Type", "text/html"), "<html>\r\n<center><h1>400 Bad Request</h1></center>\r\n<hr><center>cloudfront</center>\r\n</html>"),
		bare("fronting", "edge-421", "", 421, through("Error", "Server", "CloudFront"), ""),
		bare("uri-too-long", "edge-414", "", 414, through("Error", "Server", "CloudFront"), ""),
		bare("headers-too-large", "edge-494", "", 494, through("Error", "Server", "CloudFront"), ""),
		bare("headers-too-large-413", "edge-413", "", 413, through("Error", "Server", "CloudFront"), ""),
		bare("bad-400-no-body", "edge-400", "", 400, through("Error", "Server", "CloudFront"), ""),
		bare("limit", "limit", "LimitExceeded", 503, through("LimitExceeded", "Server", "CloudFront"), ""),
		bare("capacity", "capacity", "CapacityExceeded", 503, through("CapacityExceeded", "Server", "CloudFront"), ""),
		bare("edge-head", "edge-own", "", 502, list("Server", "CloudFront", "Via", "1.1 x.cloudfront.net (CloudFront)"), ""),
		bare("edge-fine", "edge-own-fine", "", 200, through("Miss", "Server", "CloudFront"), "ok"),
	}
}

func firewallExamples() []Example {
	return []Example{
		edge("waf-block", "waf-block", "Request blocked", 403, "Error", "Request blocked."),
		bare("waf-captcha", "waf-captcha", "CAPTCHA", 405, through("Error", "Server", "CloudFront", "x-amzn-waf-action", "captcha"), ""),
		bare("waf-challenge", "waf-challenge", "challenge", 202, through("Miss", "Server", "CloudFront", "x-amzn-waf-action", "challenge"), ""),
		bare("waf-action", "waf-action", "", 403, through("Error", "Server", "CloudFront", "x-amzn-waf-action", "block"), ""),
		bare("waf-monetize", "waf-monetize", "", 402, through("Error", "Server", "CloudFront", "Content-Type", "application/json"), `{"x402Version":1}`),
		bare("waf-custom", "waf-custom", "", 418, through("Error", "Server", "CloudFront", "Content-Type", "application/json"), `{"error":"go away"}`),
	}
}

func functionExamples() []Example {
	generated := func(name, row string, status int, xCache string) Example {
		return bare(name, row, "", status, through(xCache, "Server", "CloudFront"), "made by a function")
	}
	return []Example{
		edge("cff-execution", "cff-execution", "FunctionExecutionError", 503, "FunctionExecutionError", "The CloudFront function associated with the CloudFront distribution is invalid or could not run."),
		edge("cff-execution-old", "edge-cff-invalid", "FunctionExecutionError", 503, "Error", "The CloudFront function associated with the CloudFront distribution is invalid or could not run."),
		edge("cff-validation", "cff-validation", "FunctionValidationError", 502, "FunctionValidationError", "The CloudFront function returned an invalid value: response.headers must have header names in lower case."),
		edge("cff-validation-old", "edge-cff-result", "FunctionValidationError", 502, "Error", "The CloudFront function returned an invalid value for origin rewrite."),
		bare("cff-throttled", "cff-throttled", "FunctionThrottledError", 503, through("FunctionThrottledError", "Server", "CloudFront"), ""),
		generated("cff-generated", "cff-generated", 403, "FunctionGeneratedResponse"),
		generated("cff-generated-redirect", "cff-generated-fine", 302, "FunctionGeneratedResponse"),
		edge("lambda-execution", "lambda-execution", "LambdaExecutionError", 503, "LambdaExecutionError", "The Lambda function associated with the CloudFront distribution is invalid or doesn't have the required permissions."),
		edge("lambda-execution-old", "edge-lambda-invalid", "LambdaExecutionError", 503, "Error", "The Lambda function associated with the CloudFront distribution is invalid or doesn't have the required permissions."),
		edge("lambda-limit", "lambda-limit", "LambdaLimitExceeded", 503, "LambdaLimitExceeded", "The Lambda function associated with the CloudFront distribution was throttled."),
		edge("lambda-limit-old", "edge-lambda-throttled", "LambdaLimitExceeded", 503, "Error", "The Lambda function associated with the CloudFront distribution was throttled."),
		edge("lambda-validation", "lambda-validation", "LambdaValidationError", 502, "LambdaValidationError", "The Lambda function result failed validation: The body is not a string, is not an object, or exceeds the maximum size."),
		edge("lambda-validation-old", "edge-lambda-result", "LambdaValidationError", 502, "Error", "The Lambda function result failed validation: The body is not a string."),
		generated("lambda-generated", "lambda-generated", 403, "LambdaGeneratedResponse"),
		generated("lambda-generated-redirect", "lambda-generated-fine", 302, "LambdaGeneratedResponse"),
	}
}

func signedExamples() []Example {
	return []Example{
		signedError("signed-missing", "signed-missing", "MissingKey", "Missing Key-Pair-Id query parameter or cookie value"),
		signedError("signed-unknown-key", "signed-unknown-key", "InvalidKey", "Unknown Key"),
		signedError("signed-signature", "signed-signature", "MalformedSignature", "Could not unencode Signature"),
		signedError("signed-policy", "signed-policy", "MalformedPolicy", "Malformed Policy"),
		signedError("signed-denied", "signed-denied", "AccessDenied", "Access denied"),
	}
}

func bucketExamples() []Example {
	out := []Example{
		bare("s3-delete-marker", "s3-delete-marker", "NoSuchKey", 404, through("Error", "Server", "AmazonS3", "x-amz-delete-marker", "true"), S3Error("NoSuchKey", "The specified key does not exist.")),
		bare("s3-new-code", "s3-code", "", 400, through("Error", "Server", "AmazonS3"), S3Error("SomethingNew", "…")),
		bare("s3-compatible", "s3-xml", "", 403, through("Error", "Server", "MinIO"), S3Error("AccessDenied", "Access Denied.")),
		bare("s3-head", "s3-no-body", "", 403, through("Error", "Server", "AmazonS3"), ""),
		bare("s3-fine", "s3-fine", "", 200, through("Hit", "Server", "AmazonS3", "ETag", `"e"`, "Age", "12"), "<html>"),
		bare("spa-masked", "masked-as-success", "", 200, through("Error", "Server", "AmazonS3", "ETag", `"e"`, "Content-Type", "text/html"), "<!doctype html><div id=root>"),
		bare("error-page", "error-page-object", "", 403, through("Error", "Server", "AmazonS3", "ETag", `"e"`, "Content-Type", "text/html"), "<!doctype html><h1>Oops</h1>"),
		website("website-denied", "s3-website-AccessDenied", "AccessDenied", 403),
		website("website-key", "s3-website-NoSuchKey", "NoSuchKey", 404),
		website("website-bucket", "s3-website-NoSuchBucket", "NoSuchBucket", 404),
		website("website-configuration", "s3-website-NoSuchWebsiteConfiguration", "NoSuchWebsiteConfiguration", 404),
		website("website-method", "s3-website-MethodNotAllowed", "MethodNotAllowed", 405),
		website("website-region", "s3-website-IncorrectEndpoint", "IncorrectEndpoint", 400),
		website("website-new-code", "s3-website", "SlowDown", 503),
		bare("website-redirect", "s3-website-redirect", "", 302, through("Miss", "Server", "AmazonS3", "Location", "/folder/"), ""),
	}
	for code, status := range map[string]int{
		"AccessDenied": 403, "AllAccessDisabled": 403, "AuthorizationHeaderMalformed": 400, "InvalidAccessKeyId": 403, "InvalidArgument": 400,
		"InvalidRequest": 400, "InvalidObjectState": 403, "KMS.DisabledException": 400, "KMS.InvalidKeyUsageException": 400,
		"KMS.KMSInvalidStateException": 400, "KMS.NotFoundException": 400, "MethodNotAllowed": 405, "MissingAuthenticationToken": 403,
		"MissingSecurityHeader": 400, "NoSuchBucket": 404, "NoSuchKey": 404, "NoSuchVersion": 404, "NoSuchWebsiteConfiguration": 404,
		"NoSuchUpload": 404, "PermanentRedirect": 301, "TemporaryRedirect": 307, "Redirect": 307, "PreconditionFailed": 412, "InvalidRange": 416,
		"RequestTimeTooSkewed": 403, "SignatureDoesNotMatch": 403, "RequestHeaderSectionTooLarge": 400, "InvalidHostHeader": 400, "InvalidURI": 400,
		"KeyTooLongError": 400, "SlowDown": 503, "ServiceUnavailable": 503, "InternalError": 500, "UnauthorizedAccessError": 403,
		"UnexpectedIPError": 403, "RequestTimeout": 400, "ExpiredToken": 400, "InvalidToken": 400, "EntityTooLarge": 400,
		"AccessControlListNotSupported": 400, "MissingContentLength": 411, "NotImplemented": 501, "InvalidBucketState": 409,
		"AccountProblem": 403, "NotSignedUp": 403, "InvalidSecurity": 403,
	} {
		out = append(out, s3("s3-"+code, code, status))
	}
	slices.SortFunc(out, func(a, b Example) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return out
}

func serviceExamples() []Example {
	const internal = `{"message": "Internal server error"}`
	return []Example{
		api("api-token", "api-token", 403, "MissingAuthenticationTokenException", `{"message":"Missing Authentication Token"}`),
		api("api-forbidden", "api-forbidden", 403, "ForbiddenException", `{"message":"Forbidden"}`),
		api("api-policy", "api-denied", 403, "AccessDeniedException", `{"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:…"}`),
		api("api-authorizer", "api-denied", 403, "AccessDeniedException", `{"Message":"User is not authorized to access this resource with an explicit deny"}`),
		api("api-operation", "api-denied-operation", 403, "AccessDeniedException", `{"Message":"Unable to determine service/operation name to be authorized"}`),
		api("api-denied-other", "api-denied-other", 403, "AccessDeniedException", `{"message":"no"}`),
		api("api-signature", "api-signature", 403, "InvalidSignatureException", `{"message":"The request signature we calculated does not match"}`),
		api("api-incomplete", "api-signature-incomplete", 403, "IncompleteSignatureException", `{"message":"Authorization header requires 'Credential' parameter."}`),
		api("api-unauthorized", "api-unauthorized", 401, "UnauthorizedException", `{"message":"Unauthorized"}`),
		api("api-throttled", "api-throttled", 429, "TooManyRequestsException", `{"message":"Too Many Requests"}`),
		api("api-quota", "api-quota", 429, "LimitExceededException", `{"message":"Limit Exceeded"}`),
		api("api-too-large", "api-too-large", 413, "RequestTooLargeException", `{"message":"Request Too Long"}`),
		api("api-media-type", "api-media-type", 415, "UnsupportedMediaTypeException", ``),
		api("api-500", "api-500", 500, "InternalServerErrorException", internal),
		api("api-502", "api-502", 502, "InternalServerErrorException", internal),
		api("api-504", "api-504", 504, "InternalServerErrorException", `{"message": "Endpoint request timed out"}`),
		bare("api-integration", "rest-api", "", 404, through("Error", "x-amz-apigw-id", "Q1", "x-amzn-RequestId", "e1"), `{"message":"no such item"}`),
		bare("rest-api-fine", "rest-api-fine", "", 200, through("Miss", "x-amz-apigw-id", "Q1"), `{}`),
		bare("http-api", "http-api", "", 404, through("Error", "apigw-requestid", "Q1"), `{"message":"Not Found"}`),
		bare("http-api-fine", "http-api-fine", "", 200, through("Miss", "apigw-requestid", "Q1"), `{}`),
		bare("service-error", "service-error", "", 400, through("Error", "x-amzn-ErrorType", "ValidationException", "Server", "Server"), `{}`),
		lambdaURL("lambda-url-denied", "lambda-url-denied", "AccessDeniedException", 403, "AccessDeniedException", `{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}`),
		lambdaURL("lambda-url-denied-old", "lambda-url-denied", "AccessDeniedException", 403, "AccessDeniedException", `{"Message":"Forbidden"}`),
		lambdaURL("lambda-url-signature", "lambda-url-signature", "InvalidSignatureException", 403, "InvalidSignatureException", `{"message":"The request signature we calculated does not match the signature you provided."}`),
		lambdaURL("lambda-url-502", "lambda-url-502", "", 502, "", "Internal Server Error"),
		lambdaURL("lambda-url-429", "lambda-url-429", "", 429, "", `{"Reason":"ConcurrentInvocationLimitExceeded"}`),
		lambdaURL("lambda-url-404", "lambda-url", "", 404, "", `not here`),
		bare("media-403", "media-403", "", 403, through("Error", "X-Amzn-Mediapackage-Channel-Id", "c"), ""),
		bare("media-v1", "media-v1", "", 200, through("Miss", "X-MediaPackage-Request-ID", "r"), "#EXTM3U"),
		bare("media", "media", "", 200, through("Miss", "X-Amzn-Mediapackage-Endpoint-Id", "e"), "#EXTM3U"),
	}
}

func balancerExamples() []Example {
	var out []Example
	for _, status := range []int{400, 401, 403, 405, 408, 413, 414, 460, 463, 464, 500, 501, 502, 503, 504, 505, 507, 561, 562} {
		out = append(out, alb(status))
	}
	return append(out,
		bare("alb-grpc", "alb-grpc", "", 502, through("Error", "Server", "awselb/2.0", "grpc-status", "14"), ""),
		bare("alb-fixed", "alb-other", "", 404, through("Error", "Server", "awselb/2.0"), "nothing here"),
		bare("alb-fine", "alb-fine", "", 200, through("Miss", "Server", "awselb/2.0"), "fixed"),
	)
}

func otherExamples() []Example {
	return []Example{
		bare("origin-error", "origin-error", "", 500, through("Error", "Server", "nginx/1.27.4"), "<h1>Something broke</h1>"),
		bare("origin-error-cached", "origin-error", "", 404, through("Error", "Server", "nginx", "Age", "7"), "not found"),
		bare("origin-error-unnamed", "origin-error-unnamed", "", 404, through("Error"), "not found"),
		bare("origin-fine", "origin-fine", "", 200, through("Miss", "Server", "nginx"), "hello"),
		bare("elsewhere-error", "not-cloudfront-error", "", 404, list("Server", "Apache"), "not found"),
		bare("elsewhere", "not-cloudfront-fine", "", 200, list("Server", "Apache"), "hello"),
		bare("unclear-error", "other-error", "", 404, list("Via", "1.1 proxy"), "not found"),
		bare("unclear", "fine", "", 200, list("Via", "1.1 proxy"), "hello"),
	}
}
