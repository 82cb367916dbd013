package signature

// generatedRows recognise no HTTP answer at all, and what the X-Cache header says alone.
func generatedRows() []Row {
	return []Row{
		{
			ID: "viewer-tls", Producer: ViewerTLS, Error: "no HTTP answer: the TLS handshake failed", Statuses: []int{0}, Sure: Certain,
			Means:  "The connection ended in the TLS handshake, before any HTTP. CloudFront logs nothing of it.",
			Causes: []string{"VIEWER_CERT_NAME_MISMATCH", "VIEWER_TLS_POLICY_EXCLUDES_CLIENT", "VIEWER_MTLS_REQUIRED", "VIEWER_CERT_EXPIRED"},
			Grade:  Documented, Source: "DG/connection-logs",
		},
		{
			ID: "cff-execution", Producer: Function, Error: "FunctionExecutionError", Statuses: []int{5}, XCache: []string{"FunctionExecutionError"}, Sure: Certain,
			Means:  "The CloudFront Function threw an error, or used more time or memory than it may.",
			Causes: []string{"FUNCTION_EXECUTION_ERROR"}, Grade: Documented, Source: "DG/http-503-service-unavailable; X-Cache seen in captures",
		},
		{
			ID: "cff-validation", Producer: Function, Error: "FunctionValidationError", Statuses: []int{5}, XCache: []string{"FunctionValidationError"}, Sure: Certain,
			Means:  "The CloudFront Function returned an object that CloudFront does not take.",
			Causes: []string{"FUNCTION_RESULT_INVALID"}, Grade: Documented, Source: "DG/http-502-bad-gateway; X-Cache seen in captures",
		},
		{
			ID: "cff-throttled", Producer: Function, Error: "FunctionThrottledError", XCache: []string{"FunctionThrottledError"}, Sure: Certain,
			Means:  "CloudFront throttled the function: it used too much computing time, and stays throttled for minutes after it was repaired.",
			Causes: []string{"FUNCTION_EXECUTION_ERROR"}, Grade: Observed, Source: "captures of 503 answers with this X-Cache",
		},
		{
			ID: "cff-generated", Producer: Function, Error: "an answer that a CloudFront Function made", Statuses: []int{4, 5}, XCache: []string{"FunctionGeneratedResponse"}, Sure: Certain,
			Means:  "A CloudFront Function was written to give this answer; the origin was not asked.",
			Causes: []string{"FUNCTION_GENERATES_RESPONSE"}, Grade: Observed, Source: "AWS blog on ingress geo-restriction (log value); X-Cache seen in captures",
		},
		{
			ID: "cff-generated-fine", Producer: Function, XCache: []string{"FunctionGeneratedResponse"}, Sure: Certain,
			Means:  "A CloudFront Function gave this answer; the origin was not asked.",
			Causes: []string{"FUNCTION_GENERATES_RESPONSE", "FUNCTION_REDIRECT_LOOP"}, Grade: Observed, Source: "AWS blog on ingress geo-restriction (log value); X-Cache seen in captures",
		},
		{
			ID: "lambda-execution", Producer: LambdaEdge, Error: "LambdaExecutionError", Statuses: []int{5}, XCache: []string{"LambdaExecutionError"}, Sure: Certain,
			Means:  "The Lambda@Edge function failed, timed out, or CloudFront may not run it.",
			Causes: []string{"LAMBDA_EDGE_ERROR", "LAMBDA_EDGE_CONFIG"}, Grade: Documented, Source: "DG/http-503-service-unavailable; X-Cache seen in captures",
		},
		{
			ID: "lambda-validation", Producer: LambdaEdge, Error: "LambdaValidationError", Statuses: []int{5}, XCache: []string{"LambdaValidationError"}, Sure: Certain,
			Means:  "The Lambda@Edge function returned an object that CloudFront does not take.",
			Causes: []string{"LAMBDA_EDGE_ERROR"}, Grade: Documented, Source: "DG/http-502-bad-gateway; X-Cache seen in captures",
		},
		{
			ID: "lambda-limit", Producer: LambdaEdge, Error: "LambdaLimitExceeded", Statuses: []int{5}, XCache: []string{"LambdaLimitExceeded"}, Sure: Certain,
			Means:  "Lambda throttled the function: too many runs at the same time in a Region.",
			Causes: []string{"LAMBDA_EDGE_ERROR"}, Grade: Documented, Source: "DG/standard-logs-reference (LambdaLimitExceeded); X-Cache seen in captures",
		},
		{
			ID: "lambda-generated", Producer: LambdaEdge, Error: "an answer that a Lambda@Edge function made", Statuses: []int{4, 5}, XCache: []string{"LambdaGeneratedResponse"}, Sure: Certain,
			Means:  "A Lambda@Edge function was written to give this answer; the origin was not asked.",
			Causes: []string{"FUNCTION_GENERATES_RESPONSE"}, Grade: Observed, Source: "captures with this X-Cache",
		},
		{
			ID: "lambda-generated-fine", Producer: LambdaEdge, XCache: []string{"LambdaGeneratedResponse"}, Sure: Certain,
			Means:  "A Lambda@Edge function gave this answer; the origin was not asked.",
			Causes: []string{"FUNCTION_GENERATES_RESPONSE", "FUNCTION_REDIRECT_LOOP"}, Grade: Observed, Source: "captures with this X-Cache",
		},
		{
			ID: "limit", Producer: CloudFront, Error: "LimitExceeded", XCache: []string{"LimitExceeded"}, Sure: Certain,
			Means:  "The distribution got more requests or traffic than its quota allows.",
			Causes: []string{"CLOUDFRONT_LIMIT_EXCEEDED"}, Grade: Documented, Source: "DG/standard-logs-reference (LimitExceeded); X-Cache seen in captures",
		},
		{
			ID: "capacity", Producer: CloudFront, Error: "CapacityExceeded", XCache: []string{"CapacityExceeded"}, Sure: Likely,
			Means:  "The edge location had no capacity left.",
			Causes: []string{"CLOUDFRONT_LIMIT_EXCEEDED"}, Grade: Unverified, Source: "DG/standard-logs-reference names the log value; the header was not seen",
		},
	}
}

// page makes a row of CloudFront's own HTML error page, by its sentence.
func page(id, errorWords, sentence string, statuses []int, means string, grade Grade, source string, causes ...string) Row {
	return Row{
		ID: id, Producer: CloudFront, Error: errorWords, Statuses: statuses, Body: []string{generatedBy, sentence}, Sure: Certain,
		Means: means, Causes: causes, Grade: grade, Source: source,
	}
}

// functionPage is a page that blames a function.
func functionPage(id string, by Producer, errorWords, sentence, means, source string, causes ...string) Row {
	row := page(id, errorWords, sentence, []int{5}, means, Documented, source, causes...)
	row.Producer = by
	return row
}

func edgeRows() []Row {
	rows := []Row{
		page("edge-geo", "country blocked", "configured to block access from your country", []int{403},
			"CloudFront refuses viewers from this place by the distribution's geographic restriction.",
			Documented, "re:Post knowledge center: cloudfront-troubleshoot-403-errors", "GEO_RESTRICTION_BLOCK"),
		page("edge-method", "method not allowed", "not configured to allow the HTTP request method", []int{403},
			"The cache behavior does not allow this HTTP method.",
			Documented, "DG/http-403-invalid-method; text seen in captures", "METHOD_NOT_ALLOWED"),
		page("edge-origin-dns", "OriginDnsError", "wasn't able to resolve the origin domain name", []int{502},
			"CloudFront found no address for the origin's domain name.",
			Documented, "DG/http-502-bad-gateway; text seen in captures", "ORIGIN_DNS_FAILURE", "ORIGIN_DOMAIN_INVALID"),
		page("edge-origin-connect", "OriginConnectError", "wasn't able to connect to the origin", []int{502, 504},
			"CloudFront could not connect: the port is closed, or the TLS handshake with the origin fails.",
			Documented, "DG/http-502-bad-gateway; text seen in captures",
			"ORIGIN_CERT_NAME_MISMATCH", "ORIGIN_PORT_CLOSED", "ORIGIN_CERT_EXPIRED", "ORIGIN_CERT_CHAIN_INCOMPLETE", "ORIGIN_TLS_PROTOCOL_UNSUPPORTED"),
		page("edge-origin-attempt-504", "OriginCommError", "attempted to establish a connection with the origin", []int{504},
			"CloudFront's connection or request to the origin timed out: packets are dropped on the way, or the origin is too slow.",
			Documented, "DG/http-504-gateway-timeout; text seen in captures", "ORIGIN_FIREWALL_BLOCKS_CLOUDFRONT", "ORIGIN_READ_TIMEOUT", "ORIGIN_NOT_PUBLIC"),
		page("edge-origin-attempt-502", "OriginConnectError", "attempted to establish a connection with the origin", []int{502},
			"The origin refused or ended CloudFront's connection.",
			Observed, "captures of 502 answers with this text", "ORIGIN_PORT_CLOSED", "ORIGIN_CERT_NAME_MISMATCH", "ORIGIN_TLS_PROTOCOL_UNSUPPORTED"),
		page("edge-origin-closed", "the origin closed the connection", "The origin closed the connection", []int{502},
			"The origin took the connection and ended it before it answered.",
			Observed, "captures of 502 answers with this text", "ORIGIN_BAD_RESPONSE", "ORIGIN_KEEPALIVE_MISMATCH"),
		page("edge-origin-incorrect", "the origin's answer cannot be read", "the origin returned an incorrect response", []int{502},
			"What the origin answered is no HTTP that CloudFront can read, or it speaks another protocol on this port.",
			Observed, "captures of 502 answers with this text", "ORIGIN_BAD_RESPONSE", "ORIGIN_PROTOCOL_POLICY_MISMATCH"),
		page("edge-origin-contact", "the origin could not be contacted", "Failed to contact the origin", []int{503},
			"CloudFront could not get hold of the origin, which may have no capacity left.",
			Documented, "DG/http-503-service-unavailable; text seen in captures", "ORIGIN_UNHEALTHY", "ORIGIN_RETURNS_ERROR"),
		functionPage("edge-lambda-invalid", LambdaEdge, "LambdaExecutionError", "Lambda function associated with the CloudFront distribution is invalid",
			"The Lambda@Edge function failed, or CloudFront may not run it.", "DG/http-503-service-unavailable; text seen in captures", "LAMBDA_EDGE_ERROR", "LAMBDA_EDGE_CONFIG"),
		functionPage("edge-lambda-throttled", LambdaEdge, "LambdaLimitExceeded", "Lambda function associated with the CloudFront distribution was throttled",
			"Lambda throttled the function: too many runs at the same time in a Region.", "DG/http-503-service-unavailable; text seen in captures", "LAMBDA_EDGE_ERROR"),
		functionPage("edge-lambda-result", LambdaEdge, "LambdaValidationError", "Lambda function result failed validation",
			"The Lambda@Edge function returned an object that CloudFront does not take.", "DG/http-502-bad-gateway; text seen in captures", "LAMBDA_EDGE_ERROR"),
		functionPage("edge-cff-invalid", Function, "FunctionExecutionError", "CloudFront function associated with the CloudFront distribution is invalid or could not run",
			"The CloudFront Function threw an error, or used more time or memory than it may.", "DG/http-503-service-unavailable; text seen in captures", "FUNCTION_EXECUTION_ERROR"),
		functionPage("edge-cff-result", Function, "FunctionValidationError", "CloudFront function returned an invalid value",
			"The CloudFront Function returned an object that CloudFront does not take.", "DG/http-502-bad-gateway; text seen in captures", "FUNCTION_RESULT_INVALID"),
		page("edge-root-object", "InvalidDefaultRootObject", "InvalidDefaultRootObject", []int{400},
			"The distribution's default root object is too long or has characters that are not allowed.",
			Documented, "DG/DefaultRootObject", "DEFAULT_ROOT_OBJECT_INVALID"),
		page("edge-bad-403", "Bad request", "Bad request.", []int{403},
			"CloudFront refuses the request itself. Most often no distribution has the requested host among its alternate domain names; a GET with a body gets this too, and perhaps plain HTTP where only HTTPS is allowed.",
			Documented, "DG/http-403-permission-denied; text seen in captures", "ALIAS_NOT_CONFIGURED", "ALIAS_ON_OTHER_DISTRIBUTION", "VIEWER_PROTOCOL_HTTPS_ONLY", "METHOD_NOT_ALLOWED"),
		page("edge-bad-400", "Bad request", "Bad request.", []int{400},
			"CloudFront cannot read the request, or finds it unsafe.",
			Observed, "DG/creating-custom-error-pages (unsafe requests get 400); text seen in captures", "REQUEST_MALFORMED"),
		page("edge-page", "an error of CloudFront's own", "", []int{4, 5},
			"CloudFront made this error page itself; its sentence is not one that is known here.",
			Observed, "captures of CloudFront's error page"),
		{
			ID: "edge-redirect", Producer: CloudFront, Statuses: []int{301, 307}, XCache: []string{"Redirect"}, Sure: Certain,
			Means:  "CloudFront redirects from HTTP to HTTPS, as the cache behavior's viewer protocol policy says.",
			Causes: []string{"REDIRECT_LOOP"}, Grade: Documented, Source: "DG/using-https-viewers-to-cloudfront; X-Cache seen in captures",
		},
		{
			ID: "edge-redirect-page", Producer: CloudFront, Statuses: []int{301, 307}, Body: []string{"<center>CloudFront</center>"}, Sure: Certain,
			Means:  "CloudFront redirects from HTTP to HTTPS, as the cache behavior's viewer protocol policy says.",
			Causes: []string{"REDIRECT_LOOP"}, Grade: Observed, Source: "captures of CloudFront's redirect",
		},
		{
			ID: "edge-front-400", Producer: CloudFront, Error: "Bad request", Statuses: []int{400}, Body: []string{"<center>cloudfront</center>"}, Sure: Certain,
			Means:  "CloudFront's front end refused the request before looking for a distribution: it is no valid HTTP, or plain HTTP on the HTTPS port.",
			Causes: []string{"REQUEST_MALFORMED"}, Grade: Observed, Source: "captures of this page",
		},
	}
	return append(rows, edgeStatusRows()...)
}

// edgeStatusRows are refusals whose text was not captured: the status and the Server header tell.
func edgeStatusRows() []Row {
	own := func(id, errorWords string, status int, sure Certainty, means string, grade Grade, source string, causes ...string) Row {
		return Row{
			ID: id, Producer: CloudFront, Error: errorWords, Statuses: []int{status}, Server: []string{"CloudFront"}, NoBody: []string{"<Code>"}, Sure: sure,
			Means: means, Causes: causes, Grade: grade, Source: source,
		}
	}
	return []Row{
		own("edge-421", "Misdirected request", 421, Certain,
			"The certificate of the TLS connection and the Host header belong to distributions of different owners (domain fronting).",
			Documented, "DG/CNAMEs", "ALIAS_ON_OTHER_DISTRIBUTION", "ALIAS_NOT_CONFIGURED"),
		own("edge-414", "URI too long", 414, Certain, "The URL is longer than the 8,192 bytes that CloudFront takes.",
			Documented, "DG/RequestAndResponseBehaviorCustomOrigin", "URI_TOO_LONG"),
		own("edge-494", "request headers too large", 494, Certain, "The request with its headers is larger than the 32,768 bytes that CloudFront takes.",
			Documented, "DG/RequestAndResponseBehaviorCustomOrigin", "REQUEST_HEADERS_TOO_LARGE"),
		own("edge-413", "request too large", 413, Likely, "The request is larger than CloudFront takes; older answers to headers that are too large looked like this.",
			Observed, "captures of 413 answers; DG/cloudfront-limits", "REQUEST_HEADERS_TOO_LARGE", "REQUEST_BODY_TOO_LARGE"),
		own("edge-400", "Bad request", 400, Likely, "CloudFront cannot read the request, or finds it unsafe.",
			Unverified, "DG/creating-custom-error-pages", "REQUEST_MALFORMED"),
	}
}

func firewallRows() []Row {
	return []Row{
		{
			ID: "waf-block", Producer: WAF, Error: "Request blocked", Statuses: []int{403}, Body: []string{generatedBy, "Request blocked."}, Sure: Certain,
			Means:  "A rule of the web ACL (AWS WAF) blocks the request.",
			Causes: []string{"WAF_RULE_BLOCKED", "WAF_MANAGED_RULE_BLOCKED", "WAF_DEFAULT_ACTION_BLOCK", "WAF_RATE_LIMIT", "WAF_IP_REPUTATION_BLOCKED"},
			Grade:  Observed, Source: "re:Post knowledge center: cloudfront-troubleshoot-403-errors; text seen in captures",
		},
		{
			ID: "waf-captcha", Producer: WAF, Error: "CAPTCHA", Statuses: []int{405}, Headers: []string{"x-amzn-waf-action: captcha"}, Sure: Certain,
			Means:  "AWS WAF asks the client to solve a CAPTCHA. Programs cannot; browsers get the puzzle where they accept HTML.",
			Causes: []string{"WAF_CHALLENGE_OR_CAPTCHA"}, Grade: Documented, Source: "WAF/waf-captcha-and-challenge-actions",
		},
		{
			ID: "waf-challenge", Producer: WAF, Error: "challenge", Statuses: []int{202}, Headers: []string{"x-amzn-waf-action: challenge"}, Sure: Certain,
			Means:  "AWS WAF makes the client prove that it is a browser. The 202 is no success: programs get an empty body.",
			Causes: []string{"WAF_CHALLENGE_OR_CAPTCHA"}, Grade: Documented, Source: "WAF/waf-captcha-and-challenge-actions",
		},
		{
			ID: "waf-action", Producer: WAF, Error: "an action of AWS WAF", Headers: []string{"x-amzn-waf-action"}, Sure: Likely,
			Means:  "AWS WAF says that it acted on the request.",
			Causes: []string{"WAF_CHALLENGE_OR_CAPTCHA"}, Grade: Unverified, Source: "WAF/waf-captcha-and-challenge-actions names the header for CAPTCHA and challenge only",
		},
		{
			ID: "waf-monetize", Producer: WAF, Error: "payment required", Statuses: []int{402}, Server: []string{"CloudFront"}, Sure: Likely,
			Means:  "AWS WAF asks bots to pay for this content.",
			Causes: []string{"WAF_CHALLENGE_OR_CAPTCHA"}, Grade: Unverified, Source: "WAF/waf-rule-action documents the status; the headers were not captured",
		},
	}
}

// signed makes a row of the XML with which CloudFront refuses signed URLs and cookies. Unlike S3's it names no request id.
func signed(id, code, message, means string, causes ...string) Row {
	return Row{
		ID: id, Producer: CloudFront, Error: code, Statuses: []int{403}, Body: []string{"<Code>" + code + "</Code>", message}, NoBody: []string{"<RequestId>", "<HostId>"},
		Server: []string{"CloudFront"}, Sure: Certain, Means: means, Causes: causes, Grade: Observed, Source: "captures; re:Post knowledge center: cloudfront-troubleshoot-signed-url-cookies",
	}
}

func signedRows() []Row {
	return []Row{
		signed("signed-missing", "MissingKey", "Missing Key-Pair-Id", "The behavior wants a signed URL or cookie, and the request has none.", "SIGNED_REQUEST_REQUIRED", "SIGNED_COOKIE_SCOPE"),
		signed("signed-unknown-key", "InvalidKey", "Unknown Key", "The key that signed the URL or cookie is not trusted by the behavior.", "SIGNED_UNKNOWN_KEY"),
		signed("signed-signature", "MalformedSignature", "", "The signature is not in CloudFront's form of base64.", "SIGNED_SIGNATURE_INVALID"),
		signed("signed-policy", "MalformedPolicy", "", "The policy is not valid; an expiry in milliseconds instead of seconds is one reason.", "SIGNED_POLICY_MALFORMED"),
		signed("signed-denied", "AccessDenied", "Access denied", "The signed URL or cookie has expired, is not valid yet, is for another resource or address, or its signature is wrong.",
			"SIGNED_EXPIRED", "SIGNED_SIGNATURE_INVALID", "SIGNED_RESOURCE_MISMATCH", "SIGNED_IP_MISMATCH", "SIGNED_NOT_YET_VALID"),
	}
}

// The two rows of errors that a custom error response hides.
const (
	maskedID   = "masked-as-success"
	replacedID = "error-page-object"
)

func maskedRows() []Row {
	return []Row{
		{
			ID: maskedID, Producer: CloudFront, Error: "an error behind a custom error response", Statuses: []int{200}, XCache: []string{"Error"}, Sure: Certain,
			Means:  "The status says success, and CloudFront's X-Cache says that it was an error: a custom error response of the distribution put a page in its place. Who made the error does not show.",
			Causes: []string{"CUSTOM_ERROR_MASKS"}, Grade: Documented, Source: "DG/custom-error-pages-response-code; X-Cache seen in captures",
		},
		{
			ID: replacedID, Producer: CloudFront, Error: "an error with an error page", Statuses: []int{4, 5}, XCache: []string{"Error"}, Server: []string{"AmazonS3"}, Headers: []string{"ETag"}, NoBody: []string{"<Code>", "<li>Code:"}, Sure: Likely,
			Means:  "The body is a stored object, such as a custom error page of the distribution, or the error document of an S3 website. Who made the error does not show.",
			Causes: []string{"CUSTOM_ERROR_MASKS"}, Grade: Unverified, Source: "inferred: errors of Amazon S3 have no ETag, objects do (S3API/ErrorResponses, S3API/GetObject)",
		},
	}
}
