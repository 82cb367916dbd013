package function

// Kind says how a run ended.
type Kind uint8

const (
	// Unknown means that the sandbox cannot tell: the run hung on something that was not
	// captured, or on chance. It is the zero value.
	Unknown Kind = iota
	// RequestReturned: a viewer-request function let the request pass, perhaps changed.
	RequestReturned
	// ResponseGenerated: the function returned a response; in viewer-request it answers the
	// viewer itself, in viewer-response it passes on or replaces the response.
	ResponseGenerated
	// ExecutionError: the code did not load, threw, or ran too long. Viewers get 503.
	ExecutionError
	// ValidationError: what the code returned breaks CloudFront's rules. Viewers get 502.
	ValidationError
)

// String returns the kind in the words CloudFront's x-cache header and metrics use.
func (k Kind) String() string {
	switch k {
	case RequestReturned:
		return "request returned"
	case ResponseGenerated:
		return "response generated"
	case ExecutionError:
		return "FunctionExecutionError"
	case ValidationError:
		return "FunctionValidationError"
	default:
		return "unknown"
	}
}

// Result is the outcome of one run.
type Result struct {
	Kind Kind
	// Certain is false where the outcome rests on something that AWS does not document and
	// that was not observed either, such as whether the runtime has a built-in the code uses.
	Certain bool
	// Status is what the viewer gets if the function ends the request: 503 for
	// ExecutionError, 502 for ValidationError, the function's own for ResponseGenerated.
	Status int
	// Request is set for RequestReturned, Response for ResponseGenerated.
	Request  *Request
	Response *Response
	// Origin is set if the function chose or changed the origin and let the request pass.
	Origin *OriginOverride
	// Error is the error as the engine or the rule words it; Line and Column (from 1) say
	// where in the source, 0 if that is not known.
	Error        string
	Line, Column int
	// Because explains the outcome in a sentence without a full stop.
	Because string
	// Logs are the lines the code wrote with console.log.
	Logs []string
	// Tainted names the inputs besides the request that the code read: "Date",
	// "Math.random", "kvs".
	Tainted []string
	// Reads are the entries of the headers, cookies and query string maps, and of the
	// viewer, that the code asked for, in alphabetical order.
	Reads []Read
	// Otherwise is what the run gives if the doubt named in Because is unfounded. It is set
	// only if Certain is false and the doubt is about syntax the runtime may refuse.
	Otherwise *Result
}

// Read is one entry of the event that the code asked for.
type Read struct {
	// Path is for example "request.headers.host" or "viewer.ip"; a last part "*" stands for listing them all.
	Path string
	// Found tells whether the event had it.
	Found bool
}

// OriginOverride is a call of one of the origin helpers (DG/helper-functions-origin-modification).
// If a function makes several calls, it is the last.
type OriginOverride struct {
	// Method is updateRequestOrigin, selectRequestOriginById or createRequestOriginGroup.
	Method string
	// Settings are those updateRequestOrigin names; what is nil is inherited from the
	// origin of the cache behavior.
	Settings OriginSettings
	// OriginIDs is the selected origin, or the primary and secondary of the group.
	OriginIDs []string
	// FailoverStatus are the status codes at which the group turns to its second origin.
	FailoverStatus []int
}

// OriginSettings are the settings of updateRequestOrigin, and those that
// selectRequestOriginById takes besides the ID.
type OriginSettings struct {
	DomainName, OriginPath, HostHeader *string
	// CustomHeaders replaces the origin's own; nil inherits them.
	CustomHeaders []Pair
	// AccessControl is nil if the access control of the assigned origin is inherited.
	AccessControl *AccessControl
	// Protocol is "http" or "https", Port the port; both from customOriginConfig.
	Protocol *string
	Port     *int
}

// AccessControl is originAccessControlConfig.
type AccessControl struct {
	Enabled                                      bool
	SigningBehavior, SigningProtocol, OriginType string
}
