package blackbox

// SchemaVersion names the JSON form; schema/cfdoctor-probe-v1.json is generated from these structs and tested.
const SchemaVersion = "cfdoctor-probe/v1"

// Report is what was seen of one URL.
type Report struct {
	Schema          string `json:"schema"`
	GeneratedAt     string `json:"generated_at"` // RFC 3339
	CfdoctorVersion string `json:"cfdoctor_version"`

	URL     string `json:"url"` // secrets in the query hidden
	Method  string `json:"method"`
	Verdict string `json:"verdict"` // the whole answer in one or two sentences of plain language
	// State is fine, error or unknown: unknown where nobody could look.
	State    string    `json:"state"`
	Answer   Answer    `json:"answer"`
	Problems []Problem `json:"problems"`

	DNS       DNS       `json:"dns"`
	TLS       *TLS      `json:"tls,omitzero"`        // left out where the URL is not asked over TLS
	Versions  []Version `json:"versions"`            // of HTTP
	PlainHTTP *Plain    `json:"plain_http,omitzero"` // left out where it was not asked
	Redirects []Hop     `json:"redirects"`           // the way of the request, itself first
	Loop      bool      `json:"loop"`                // the redirects lead back to an address asked before
	Cache     Cache     `json:"cache"`

	Next     []Next    `json:"next"`
	Commands []Command `json:"commands"` // the same with the usual tools
}

// Answer is the last answer of the request's way, and who made it.
type Answer struct {
	Status int `json:"status"` // 0 where there was no HTTP answer
	// Failure says why there was none.
	Failure    string   `json:"failure"`
	AnsweredBy string   `json:"answered_by"` // as in a diagnosis: cloudfront, waf, function, lambda-edge, s3, load-balancer, origin, …
	Certainty  string   `json:"certainty"`   // certain, likely or possible
	Error      string   `json:"error"`       // the error in a few words, or the service's own code
	Means      string   `json:"means"`
	Reasons    []string `json:"reasons"`  // the signs that were seen
	Evidence   string   `json:"evidence"` // documented, observed or unverified: how good the knowledge of the signs is
	Source     string   `json:"source"`
	Causes     []string `json:"causes"` // of the catalogue, the usual first
	Signature  string   `json:"signature"`
	// Masked tells that the status hides an error behind a custom error response.
	Masked            bool   `json:"masked"`
	ThroughCloudFront bool   `json:"through_cloudfront"`
	Cached            bool   `json:"cached"`
	Says              string `json:"says"` // the sentence of CloudFront's error page
	RequestID         string `json:"request_id"`
	EdgeLocation      string `json:"edge_location"`
	XCache            string `json:"x_cache"`
	Server            string `json:"server"`
	Via               string `json:"via"`
	Age               string `json:"age"`
	FirstByteMS       int    `json:"first_byte_ms"`
}

// Problem is something that was seen and is not as it should be.
type Problem struct {
	Level string `json:"level"` // error: viewers meet it; warning: some do, or will; note
	Cause string `json:"cause"` // of the catalogue, "" for none
	Text  string `json:"text"`
}

// DNS is where the host's name leads.
type DNS struct {
	State     string   `json:"state"` // known, absent, given (an address, or --resolve) or unknown
	Resolver  string   `json:"resolver"`
	Chain     []string `json:"chain"`  // the names that it leads through
	Target    string   `json:"target"` // the *.cloudfront.net name of a distribution or connection group, "" where none was seen
	Addresses []string `json:"addresses"`
	IPv6      []string `json:"ipv6"`
	HTTPS     []string `json:"https"` // HTTPS records
	CAA       []string `json:"caa"`
	Note      string   `json:"note"`
}

// TLS is the handshake of a browser of today.
type TLS struct {
	State       string       `json:"state"` // known or unknown
	Address     string       `json:"address"`
	Failure     string       `json:"failure"`
	Note        string       `json:"note"`
	Version     string       `json:"version"`
	Cipher      string       `json:"cipher"`
	Protocol    string       `json:"protocol"`     // ALPN
	OldAccepted *bool        `json:"old_accepted"` // TLS 1.0 or 1.1; null where it is not known
	Certificate *Certificate `json:"certificate,omitzero"`
}

// Certificate is the one that the edge presents.
type Certificate struct {
	Subject   string   `json:"subject"`
	Issuer    string   `json:"issuer"`
	Names     []string `json:"names"`
	Covers    bool     `json:"covers"` // the host
	NotBefore string   `json:"not_before"`
	NotAfter  string   `json:"not_after"`
	DaysLeft  int      `json:"days_left"`
	Key       string   `json:"key"`
	Trust     string   `json:"trust"` // trusted, self-signed, unknown-root, …; "" where nobody looked
}

// Version is the answer over one version of HTTP.
type Version struct {
	Version string `json:"version"`
	State   string `json:"state"` // answered, failed, unknown or not-offered
	Status  int    `json:"status"`
	Note    string `json:"note"`
}

// Plain is what happens to plain HTTP.
type Plain struct {
	State    string `json:"state"` // redirects, redirects-elsewhere, serves, refuses, failed or unknown
	Status   int    `json:"status"`
	Location string `json:"location"`
	Note     string `json:"note"`
}

// Hop is one request of a chain of redirects.
type Hop struct {
	URL      string `json:"url"`
	Status   int    `json:"status"`
	Location string `json:"location"`
	Followed bool   `json:"followed"`
	Note     string `json:"note"`
}

// Cache is what the same request, sent again, shows of the cache.
type Cache struct {
	First  string `json:"first"`  // X-Cache of the first answer
	Second string `json:"second"` // and of the next
	Age    string `json:"age"`
	Hit    *bool  `json:"hit"` // null where it is not known
	Note   string `json:"note"`
}

// Next is what to do.
type Next struct {
	Purpose string `json:"purpose"`
	Command string `json:"command"` // "" where there is none
}

// Command shows what a probe saw with a tool that everybody has.
type Command struct {
	Purpose string `json:"purpose"`
	Command string `json:"command"`
}
