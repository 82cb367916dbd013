package signature

// serviceRows recognise API Gateway, Lambda function URLs and MediaPackage, whose errors look alike.
func serviceRows() []Row {
	const apiSource = "APIGW/supported-gateway-response-types; texts seen in captures"
	rest := func(id string, status int, errorType, body, means string, grade Grade, causes ...string) Row {
		sure := Certain
		if grade == Unverified {
			sure = Likely
		}
		row := Row{
			ID: id, Producer: APIGateway, Error: errorType, Statuses: []int{status}, Headers: []string{"x-amzn-ErrorType: " + errorType}, Sure: sure,
			Means: means, Causes: causes, Grade: grade, Source: apiSource,
		}
		if body != "" {
			row.Body = []string{body}
		}
		return row
	}
	// A row of the errors that function URLs give as well: only API Gateway's own request id tells them apart.
	api := func(row Row) Row {
		row.Headers = append(row.Headers, "x-amz-apigw-id")
		return row
	}
	rows := []Row{
		{
			ID: "lambda-url-denied", Producer: LambdaURL, Error: "AccessDeniedException", Statuses: []int{403}, Headers: []string{"x-amzn-ErrorType: AccessDeniedException"}, Without: []string{"x-amz-apigw-id", "apigw-requestid"},
			Body: []string{`"Message":"Forbidden`}, Sure: Certain,
			Means:  "The function URL refuses CloudFront: it wants signed requests, and the permission for the distribution is missing, the request is not signed, or the viewer's Host header is forwarded.",
			Causes: []string{"LAMBDA_URL_PERMISSION_MISSING", "HOST_HEADER_FORWARDED_TO_SERVICE"}, Grade: Observed, Source: "captures; DG/private-content-restricting-access-to-lambda",
		},
		{
			ID: "lambda-url-signature", Producer: LambdaURL, Error: "InvalidSignatureException", Statuses: []int{403}, Headers: []string{"x-amzn-ErrorType: InvalidSignatureException"}, Without: []string{"x-amz-apigw-id", "apigw-requestid"}, Sure: Likely,
			Means:  "The signature does not fit the request: a body was sent without the header x-amz-content-sha256, which the viewer has to add.",
			Causes: []string{"LAMBDA_URL_BODY_HASH_MISSING"}, Grade: Observed, Source: "captures; DG/private-content-restricting-access-to-lambda",
		},
		rest("api-token", 403, "MissingAuthenticationTokenException", "Missing Authentication Token",
			"The API has no such resource, method or stage, or wants signed requests.", Observed, "APIGW_ROUTE_MISSING", "APIGW_STAGE_PATH_WRONG"),
		rest("api-forbidden", 403, "ForbiddenException", `"Forbidden"`,
			"API Gateway does not know the host or stage that it was asked for, misses an API key, or its web ACL blocks. The usual reason behind CloudFront is the viewer's Host header being forwarded.",
			Observed, "HOST_HEADER_FORWARDED_TO_SERVICE", "APIGW_DENIES", "APIGW_STAGE_PATH_WRONG", "WAF_ORIGIN_ACL_BLOCKS"),
		rest("api-denied", 403, "AccessDeniedException", "is not authorized", "The API's resource policy or its authorizer refuses the caller.", Observed, "APIGW_DENIES"),
		rest("api-denied-operation", 403, "AccessDeniedException", "Unable to determine service/operation name", "The API refuses the caller: it wants IAM authorization, and the request's path is none of its own.", Observed, "APIGW_DENIES", "APIGW_ROUTE_MISSING"),
		api(rest("api-denied-other", 403, "AccessDeniedException", "", "The API refuses the caller.", Observed, "APIGW_DENIES")),
		api(rest("api-signature", 403, "InvalidSignatureException", "", "The signature does not fit the request: a header that was signed is changed or dropped on the way.", Observed, "APIGW_DENIES", "AUTHORIZATION_NOT_FORWARDED")),
		rest("api-signature-incomplete", 403, "IncompleteSignatureException", "", "The Authorization header is none that API Gateway's IAM authorization can read.", Observed, "APIGW_DENIES", "AUTHORIZATION_NOT_FORWARDED"),
		rest("api-unauthorized", 401, "UnauthorizedException", "", "The authorizer refuses, often because CloudFront does not forward the Authorization header.", Observed, "AUTHORIZATION_NOT_FORWARDED", "APIGW_DENIES"),
		rest("api-throttled", 429, "TooManyRequestsException", "", "API Gateway throttles.", Unverified, "ORIGIN_RETURNS_ERROR"),
		rest("api-quota", 429, "LimitExceededException", "", "The usage plan's quota is used up.", Unverified, "ORIGIN_RETURNS_ERROR"),
		rest("api-too-large", 413, "RequestTooLargeException", "", "The request is larger than the 10 MB that API Gateway takes.", Unverified, "REQUEST_BODY_TOO_LARGE"),
		rest("api-media-type", 415, "UnsupportedMediaTypeException", "", "The API takes no body of this content type.", Unverified, "ORIGIN_RETURNS_ERROR"),
		api(rest("api-500", 500, "InternalServerErrorException", "", "API Gateway may not invoke the function behind it, or its configuration is wrong.", Observed, "ORIGIN_RETURNS_ERROR")),
		api(rest("api-502", 502, "InternalServerErrorException", "", "The function behind the API returned what API Gateway does not take as an answer.", Observed, "ORIGIN_RETURNS_ERROR", "ORIGIN_UNHEALTHY")),
		rest("api-504", 504, "InternalServerErrorException", "Endpoint request timed out", "What is behind the API took longer than API Gateway waits, 29 seconds unless set otherwise.", Observed, "ORIGIN_READ_TIMEOUT", "ORIGIN_RETURNS_ERROR"),
	}
	return append(rows, plainServiceRows()...)
}

// plainServiceRows recognise services by their request ids alone.
func plainServiceRows() []Row {
	return []Row{
		{
			ID: "http-api", Producer: APIGateway, Error: "an error of the HTTP API or of what is behind it", Statuses: []int{4, 5}, Headers: []string{"apigw-requestid"}, Sure: Likely,
			Means:  "The answer came through an HTTP API of API Gateway: its own where the body is a short message in JSON, else of the integration behind it.",
			Causes: []string{"APIGW_ROUTE_MISSING", "APIGW_STAGE_PATH_WRONG", "APIGW_DENIES", "HOST_HEADER_FORWARDED_TO_SERVICE", "ORIGIN_RETURNS_ERROR"}, Grade: Unverified, Source: "APIGW documents the request id; the texts are not",
		},
		{
			ID: "rest-api", Producer: APIGateway, Error: "an error of the REST API or of what is behind it", Statuses: []int{4, 5}, Headers: []string{"x-amz-apigw-id"}, Sure: Likely,
			Means:  "The answer came through a REST API of API Gateway; without its error type it is most likely of the integration behind it.",
			Causes: []string{"ORIGIN_RETURNS_ERROR", "APIGW_DENIES"}, Grade: Observed, Source: "captures with this header",
		},
		{ID: "http-api-fine", Producer: APIGateway, Headers: []string{"apigw-requestid"}, Sure: Likely, Means: "The answer came through an HTTP API of API Gateway.", Grade: Observed, Source: "captures with this header"},
		{ID: "rest-api-fine", Producer: APIGateway, Headers: []string{"x-amz-apigw-id"}, Sure: Likely, Means: "The answer came through a REST API of API Gateway.", Grade: Observed, Source: "captures with this header"},
		{
			ID: "lambda-url-502", Producer: LambdaURL, Error: "the function failed", Statuses: []int{502}, Server: []string{""}, Headers: []string{"x-amzn-RequestId"}, Body: []string{"Internal Server Error"}, Sure: Likely,
			Means:  "The function behind the URL crashed, timed out, or returned what Lambda does not take as an answer.",
			Causes: []string{"ORIGIN_RETURNS_ERROR"}, Grade: Unverified, Source: "not captured",
		},
		{
			ID: "lambda-url-429", Producer: LambdaURL, Error: "throttled", Statuses: []int{429}, Server: []string{""}, Headers: []string{"x-amzn-RequestId"}, Sure: Likely,
			Means:  "Lambda throttles the function: too many runs at the same time.",
			Causes: []string{"ORIGIN_RETURNS_ERROR"}, Grade: Unverified, Source: "not captured",
		},
		{
			ID: "media-403", Producer: Media, Error: "refused by MediaPackage", Statuses: []int{403}, Headers: []string{"X-Amzn-Mediapackage-Channel-Id"}, Sure: Likely,
			Means:  "MediaPackage refuses CloudFront: the endpoint's policy does not let the distribution in, or the CDN identifier header is wrong.",
			Causes: []string{"MEDIA_ORIGIN_POLICY_MISSING"}, Grade: Unverified, Source: "MediaPackage v2 user guide, response headers; whether errors carry them is not said",
		},
		{
			ID: "media-v1", Producer: Media, Headers: []string{"X-MediaPackage-Request-ID"}, Sure: Likely,
			Means:  "AWS Elemental MediaPackage answers.",
			Causes: []string{"MEDIA_ORIGIN_POLICY_MISSING"}, Grade: Documented, Source: "MediaPackage v2 user guide, response headers (the older version's request id)",
		},
		{
			ID: "media", Producer: Media, Headers: []string{"X-Amzn-Mediapackage-Endpoint-Id"}, Sure: Likely,
			Means:  "AWS Elemental MediaPackage answers.",
			Causes: []string{"MEDIA_ORIGIN_POLICY_MISSING"}, Grade: Documented, Source: "MediaPackage v2 user guide, response headers",
		},
		{
			ID: "lambda-url", Producer: LambdaURL, Error: "an error of the function", Statuses: []int{4, 5}, Server: []string{""}, Headers: []string{"x-amzn-RequestId", "x-amzn-trace-id"}, Sure: Likely,
			Means:  "The answer has the request ids of a Lambda function URL and no error type: the function itself most likely gave it.",
			Causes: []string{"ORIGIN_RETURNS_ERROR", "LAMBDA_URL_PERMISSION_MISSING"}, Grade: Observed, Source: "captures with these headers",
		},
		{
			ID: "service-error", Producer: Origin, Error: "an error of a service of AWS", Statuses: []int{4, 5}, Headers: []string{"x-amzn-ErrorType"}, Sure: Possible,
			Means:  "A service of AWS answers with an error type that is not among those known here.",
			Causes: []string{"ORIGIN_RETURNS_ERROR"}, Grade: Observed, Source: "captures of other error types",
		},
	}
}

// balancerRows recognise an Application Load Balancer's own answers, by its Server header (ELB/load-balancer-troubleshooting for the reasons).
func balancerRows() []Row {
	row := func(status int, means string, causes ...string) Row {
		return Row{
			Producer: ALB, Error: "the load balancer's own error", Statuses: []int{status}, Server: []string{"awselb/"}, Sure: Certain,
			Means: means, Causes: causes, Grade: Documented, Source: "ELB/load-balancer-troubleshooting; Server header seen in captures",
		}
	}
	grpc := row(502, "The load balancer got no valid gRPC answer from its targets.", "ORIGIN_UNHEALTHY", "WEBSOCKET_OR_GRPC_NOT_SUPPORTED")
	grpc.ID, grpc.Headers, grpc.Grade = "alb-grpc", []string{"grpc-status: 14"}, Observed
	fixed := row(0, "The load balancer answers itself, without asking a target: a fixed response of a listener rule, or an error of its own.", "ALB_RULE_REJECTS", "ORIGIN_UNHEALTHY")
	fixed.ID, fixed.Statuses, fixed.Error, fixed.Sure = "alb-other", []int{4, 5}, "an answer of the load balancer", Likely
	rows := []Row{grpc}
	for _, r := range []Row{
		row(400, "The load balancer finds the request malformed, or its headers too large.", "REQUEST_MALFORMED", "REQUEST_HEADERS_TOO_LARGE"),
		row(401, "The listener rule wants the viewer to log in.", "ALB_RULE_REJECTS", "AUTHORIZATION_NOT_FORWARDED"),
		row(403, "A web ACL on the load balancer blocks, or a listener rule gives a fixed 403.", "WAF_ORIGIN_ACL_BLOCKS", "ALB_RULE_REJECTS"),
		row(405, "The load balancer takes no TRACE requests.", "METHOD_NOT_ALLOWED"),
		row(408, "The request did not arrive in time.", "ORIGIN_RETURNS_ERROR"),
		row(413, "The body is larger than the 1 MB that a Lambda target takes.", "REQUEST_BODY_TOO_LARGE"),
		row(414, "The URL or query string is too long for the load balancer.", "URI_TOO_LONG"),
		row(460, "CloudFront gave up before the load balancer answered: the origin's read timeout is shorter than the targets take.", "ORIGIN_READ_TIMEOUT"),
		row(463, "The X-Forwarded-For header has more than 30 addresses.", "REQUEST_MALFORMED"),
		row(464, "The protocol of the request does not fit the target group's.", "ALB_RULE_REJECTS", "WEBSOCKET_OR_GRPC_NOT_SUPPORTED"),
		row(500, "The load balancer itself failed, or its user authentication is wrong.", "ORIGIN_RETURNS_ERROR"),
		row(501, "The request has a Transfer-Encoding that the load balancer does not know.", "REQUEST_MALFORMED"),
		row(502, "A target ended the connection, or gave an answer that the load balancer does not take.", "ORIGIN_UNHEALTHY", "ORIGIN_RETURNS_ERROR", "ORIGIN_BAD_RESPONSE"),
		row(503, "The load balancer has no target to send the request to, or a listener rule gives a fixed 503.", "ORIGIN_UNHEALTHY", "ALB_RULE_REJECTS"),
		row(504, "No target answered in time, or the load balancer could not connect to one.", "ORIGIN_UNHEALTHY", "ORIGIN_READ_TIMEOUT"),
		row(505, "The load balancer does not take this version of HTTP.", "REQUEST_MALFORMED"),
		row(507, "The redirect of a listener rule is too long.", "ALB_RULE_REJECTS"),
		row(561, "The identity provider of the listener's login answered with an error.", "ORIGIN_RETURNS_ERROR"),
		row(562, "The load balancer could not read the keys by which it checks tokens.", "ORIGIN_RETURNS_ERROR"),
	} {
		r.ID = "alb-" + digits(r.Statuses[0])
		rows = append(rows, r)
	}
	return append(rows, fixed)
}
