package edge

// answerStages run for every answer, whoever gave it.
func answerStages() []*Stage {
	return []*Stage{
		failover,               // an origin group's second origin
		errorCaching,           // how long an error lives on
		customErrorResponse,    // an error page instead of the error
		responseHeaders,        // the response headers policy, and CORS
		viewerResponseFunction, // after the policy (AWS blog on response headers policies), so that the function can override it
	}
}
