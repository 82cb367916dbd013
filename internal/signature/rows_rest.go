package signature

import "strconv"

func digits(n int) string { return strconv.Itoa(n) }

// restRows take what no more telling row took, by the Server header.
func restRows() []Row {
	return []Row{
		{
			ID: "waf-custom", Producer: WAF, Error: "a custom response of AWS WAF", Statuses: []int{4, 5}, Server: []string{"CloudFront"}, XCache: []string{"Error"}, NoBody: []string{generatedBy, "<center>", "<Code>"}, Sure: Likely,
			Means:  "CloudFront answers itself, and the body is none of its own pages: most likely a web ACL rule's custom response.",
			Causes: []string{"WAF_CUSTOM_RESPONSE", "WAF_RULE_BLOCKED"}, Grade: Unverified, Source: "WAF/customizing-the-response-for-blocked-requests; the headers were not captured",
		},
		{
			ID: "edge-own", Producer: CloudFront, Error: "an error of CloudFront's own", Statuses: []int{4, 5}, Server: []string{"CloudFront"}, Sure: Likely,
			Means: "The Server header says that CloudFront itself answers; nothing says why.", Grade: Documented, Source: "re:Post knowledge center: cloudfront-troubleshoot-403-errors",
		},
		{ID: "edge-own-fine", Producer: CloudFront, Server: []string{"CloudFront"}, Sure: Likely, Means: "CloudFront answers itself.", Grade: Documented, Source: "re:Post knowledge center: cloudfront-troubleshoot-403-errors"},
		{
			ID: "s3-no-body", Producer: S3, Error: "an error of Amazon S3", Statuses: []int{4, 5}, Server: []string{"AmazonS3"}, Sure: Likely,
			Means:  "Amazon S3 answers; its code stands in the body, which was not there to be read.",
			Causes: []string{"S3_POLICY_MISSING_OAC_GRANT", "S3_OBJECT_NOT_FOUND"}, Grade: Observed, Source: "captures of S3 answers through CloudFront",
		},
		{ID: "s3-fine", Producer: S3, Server: []string{"AmazonS3"}, Sure: Likely, Means: "Amazon S3 answers.", Grade: Observed, Source: "captures of S3 answers through CloudFront"},
		{ID: "alb-fine", Producer: ALB, Server: []string{"awselb/"}, Sure: Likely, Means: "A load balancer answers itself.", Grade: Observed, Source: "captures of load balancers' answers"},
		{
			ID: "origin-error", Producer: Origin, Error: "the origin's own error", Statuses: []int{4, 5}, XCache: []string{"Error", "Hit", "Miss", "RefreshHit"}, Headers: []string{"Server"}, Sure: Certain,
			Means:  "The origin answered with this error, and CloudFront passed it on: the Server header is the origin's.",
			Causes: []string{"ORIGIN_RETURNS_ERROR", "CUSTOM_ORIGIN_DENIES"}, Grade: Observed, Source: "captures: CloudFront passes an origin's Server header on and marks every error",
		},
		{
			ID: "origin-error-unnamed", Producer: Origin, Error: "the origin's own error", Statuses: []int{4, 5}, XCache: []string{"Error", "Hit", "Miss", "RefreshHit"}, Sure: Likely,
			Means:  "Most likely the origin's own error: CloudFront's has another form, and names itself as the server.",
			Causes: []string{"ORIGIN_RETURNS_ERROR", "CUSTOM_ORIGIN_DENIES"}, Grade: Observed, Source: "captures: CloudFront marks every error",
		},
		{
			ID: "not-cloudfront-error", Producer: Origin, Error: "an error of a server that is not behind CloudFront", Statuses: []int{4, 5}, Without: []string{"X-Amz-Cf-Id", "Via"}, Sure: Likely,
			Means:  "The answer has none of the headers that CloudFront puts on every answer: the name leads elsewhere, or something in between takes them off.",
			Causes: []string{"ALIAS_DNS_NOT_POINTING"}, Grade: Documented, Source: "DG/RequestAndResponseBehaviorCustomOrigin (Via)",
		},
		{ID: "other-error", Producer: Origin, Error: "an error of the server", Statuses: []int{4, 5}, Sure: Possible, Means: "A server answers with an error; the answer does not tell which.", Causes: []string{"ORIGIN_RETURNS_ERROR"}, Grade: Observed, Source: "none of the known signs"},
		{ID: "origin-fine", Producer: Origin, XCache: []string{"Hit", "Miss", "RefreshHit"}, Sure: Likely, Means: "The origin answers through CloudFront.", Grade: Observed, Source: "captures of X-Cache"},
		{ID: "not-cloudfront-fine", Producer: Origin, Without: []string{"X-Amz-Cf-Id", "Via"}, Sure: Likely, Means: "The answer has none of the headers that CloudFront puts on every answer.", Causes: []string{"ALIAS_DNS_NOT_POINTING"}, Grade: Documented, Source: "DG/RequestAndResponseBehaviorCustomOrigin (Via)"},
		{ID: "fine", Producer: Origin, Sure: Possible, Means: "A server answers.", Grade: Observed, Source: "none of the known signs"},
	}
}
