// Package report holds the result of a diagnosis as plain data: the contract with everything that reads cfdoctor's JSON.
//
// The JSON member names are fixed by the schema version; schema/cfdoctor-diagnosis-v1.json is generated from these structs and tested.
// Renderers (text, Markdown, HTML, SARIF) are leaves that take a Report and nothing else.
package report

import "cfdoctor/internal/evidence"

// SchemaVersion names the JSON form.
const SchemaVersion = "cfdoctor-diagnosis/v1"

// Report is one diagnosis.
type Report struct {
	Schema          string `json:"schema"`
	GeneratedAt     string `json:"generated_at"` // RFC 3339
	CfdoctorVersion string `json:"cfdoctor_version"`

	Source       Source       `json:"source"`
	Tasks        []Task       `json:"tasks"`
	Dependencies []Dependency `json:"dependencies"`
	Distribution Distribution `json:"distribution"`
	Symptom      Symptom      `json:"symptom"`
	Verdict      string       `json:"verdict"` // the whole answer in one or two sentences of plain language
	Trace        Trace        `json:"trace"`
	// Observed is what active validation saw, left out where nobody looked.
	Observed   *Observed    `json:"observed,omitzero"`
	Findings   []Finding    `json:"findings"`
	RuledOut   []RuledOut   `json:"ruled_out"`
	NotChecked []NotChecked `json:"not_checked"`
	// MissingPermissions allows the reads that NotChecked needs, nil where it needs none.
	MissingPermissions *Policy         `json:"missing_permissions,omitzero"`
	Fixes              []Fix           `json:"fixes"`
	Compatibility      []Compatibility `json:"compatibility"`
	Proactive          []Finding       `json:"proactive"`
	NextSteps          []NextStep      `json:"next_steps"`
	Monitoring         Monitoring      `json:"monitoring"`
}

// Source says through which door the account was read.
type Source struct {
	Kind    string `json:"kind"` // sdk, cli, mcp or bundle
	Account string `json:"account"`
	Detail  string `json:"detail"`
}

// Task is one of the eight steps of a diagnosis.
type Task struct {
	Step   int    `json:"step"`
	Title  string `json:"title"`
	Status string `json:"status"` // done, partial, skipped or failed
	Note   string `json:"note"`
}

// Dependency is a tool, a door or a permission that a diagnosis can use.
type Dependency struct {
	Name      string `json:"name"`
	State     string `json:"state"` // present, missing or unknown
	NeededFor string `json:"needed_for"`
	HowToGet  string `json:"how_to_get"`
	// Detail says what was seen, and where.
	Detail string `json:"detail,omitzero"`
	// Required is true where the diagnosis cannot be made as asked without it.
	Required bool `json:"required"`
}

// Distribution is the overview.
type Distribution struct {
	ID           string     `json:"id"`
	ARN          string     `json:"arn"`
	DomainName   string     `json:"domain_name"`
	Aliases      []string   `json:"aliases"`
	Status       string     `json:"status"`
	Enabled      bool       `json:"enabled"`
	LastModified string     `json:"last_modified"`
	Comment      string     `json:"comment"`
	Summary      []string   `json:"summary"` // plain-language lines
	Origins      []Origin   `json:"origins"`
	Behaviors    []Behavior `json:"behaviors"`
	Security     Security   `json:"security"`
}

// Origin is one origin of the overview.
type Origin struct {
	ID             string `json:"id"`
	DomainName     string `json:"domain_name"`
	Kind           string `json:"kind"`
	Access         string `json:"access"`
	ProtocolPolicy string `json:"protocol_policy"`
}

// Behavior is one cache behavior of the overview.
type Behavior struct {
	PathPattern          string   `json:"path_pattern"`
	OriginID             string   `json:"origin_id"`
	ViewerProtocolPolicy string   `json:"viewer_protocol_policy"`
	AllowedMethods       []string `json:"allowed_methods"`
}

// Security is the overview of who may come in.
type Security struct {
	WebACL            string `json:"web_acl"`
	GeoRestriction    string `json:"geo_restriction"`
	ViewerCertificate string `json:"viewer_certificate"`
}

// Symptom is the request in question and what the viewer sees.
type Symptom struct {
	ErrorCode int    `json:"error_code"` // 0 where none was given
	Scheme    string `json:"scheme"`
	Domain    string `json:"domain"`
	Path      string `json:"path"`
	Query     string `json:"query"`
	Method    string `json:"method"`

	Flags []string `json:"flags"` // the whole question as flags of cfdoctor's commands, unquoted; secrets redacted, the door to the account left out
}

// Trace is the request's way through CloudFront.
type Trace struct {
	Outcome      Outcome       `json:"outcome"`
	StoppedAt    string        `json:"stopped_at"`
	Alternatives []Alternative `json:"alternatives"`
	Steps        []Step        `json:"steps"`
	// Forwarded is the request that CloudFront sends to the origin, where it sends one.
	Forwarded *Forwarded `json:"forwarded,omitzero"`
}

// Forwarded is a request from CloudFront to an origin. Values of secret headers and of origin custom headers are redacted.
type Forwarded struct {
	Method  string   `json:"method"`
	Connect string   `json:"connect"` // scheme, domain name and port that CloudFront connects to
	Path    string   `json:"path"`    // with the query string
	Headers []Header `json:"headers"` // Host first
	Signed  bool     `json:"signed"`  // with origin access control or identity
	// HeadersKnown is false where a policy that decides the headers could not be read.
	HeadersKnown bool `json:"headers_known"`
}

// Header is one header line.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Outcome is what the viewer gets.
type Outcome struct {
	Status     int    `json:"status"` // 0 where there is no HTTP answer, or none can be told
	Certainty  string `json:"certainty"`
	AnsweredBy string `json:"answered_by"`
}

// Alternative is an outcome that the evidence leaves open.
type Alternative struct {
	Status int    `json:"status"`
	If     string `json:"if"`
	Stage  string `json:"stage"`
	Weak   bool   `json:"weak,omitzero"` // nothing in the evidence points to it
}

// Step is one stage of the trace.
type Step struct {
	Stage    string         `json:"stage"`
	Title    string         `json:"title"`
	Verdict  string         `json:"verdict"`
	Status   int            `json:"status"`
	Summary  string         `json:"summary"`
	Detail   string         `json:"detail"`
	Evidence []evidence.Ref `json:"evidence"`
}

// Observed is what active validation saw, beside what the simulation says.
type Observed struct {
	Edge   *Seen `json:"edge,omitzero"`   // CloudFront's answer to the request
	Origin *Seen `json:"origin,omitzero"` // the origin's own answer to the request that CloudFront sends it
	// Predicted is the status that the simulation gives, 0 for none.
	Predicted int `json:"predicted"`
	// Agrees tells whether the edge was seen to answer as the simulation says; null where it was not seen.
	Agrees *bool `json:"agrees"`
	// Comparison says in plain language what the simulation, the edge and the origin say together.
	Comparison []string `json:"comparison"`
	// Redirects is the request's way, an address a line; Loop tells that it leads back to one of them.
	Redirects []string `json:"redirects"`
	Loop      bool     `json:"loop"`
	Probes    []Probe  `json:"probes"`
}

// Seen is one answer that active validation saw.
type Seen struct {
	URL        string   `json:"url"`    // secrets in the query hidden
	Status     int      `json:"status"` // 0 where there was no HTTP answer
	Failure    string   `json:"failure"`
	AnsweredBy string   `json:"answered_by"`
	Certainty  string   `json:"certainty"` // certain, likely or possible
	Error      string   `json:"error"`     // in a few words, or the service's own code
	Means      string   `json:"means"`
	Reasons    []string `json:"reasons"` // the signs by which it is told who answered
	Masked     bool     `json:"masked"`  // the status hides an error behind a custom error response
	Cached     bool     `json:"cached"`
	RequestID  string   `json:"request_id"`
	// Withheld names the headers that were not sent.
	Withheld []string `json:"withheld"`
}

// Probe is one thing that active validation did.
type Probe struct {
	What   string `json:"what"`
	Result string `json:"result"`
	// Command does the same with dig, openssl or curl; "" where none does.
	Command string `json:"command"`
}

// Finding is one cause that fired.
type Finding struct {
	Cause           string         `json:"cause"`
	Title           string         `json:"title"`
	Severity        string         `json:"severity"`
	Likelihood      string         `json:"likelihood"`
	Because         string         `json:"because"` // why this likelihood
	ExplainsSymptom bool           `json:"explains_symptom"`
	Stage           string         `json:"stage"`
	Resource        string         `json:"resource"`
	Summary         string         `json:"summary"`
	Detail          string         `json:"detail"`
	Evidence        []evidence.Ref `json:"evidence"`
	References      []string       `json:"references"`
	Fixes           []string       `json:"fixes"`                   // ids
	HumanMustAct    string         `json:"human_must_act,omitzero"` // why no command can fix it
}

// RuledOut is a cause that the evidence excludes.
type RuledOut struct {
	Cause   string `json:"cause"`
	Because string `json:"because"`
}

// NotChecked is a cause that could not be judged.
type NotChecked struct {
	Cause   string   `json:"cause"`
	Because string   `json:"because"`
	Needs   []string `json:"needs"` // IAM actions
}

// Policy is an IAM policy document.
type Policy struct {
	Version   string      `json:"Version"`
	Statement []Statement `json:"Statement"`
}

// Statement is one statement of a policy document.
type Statement struct {
	Sid      string   `json:"Sid"`
	Effect   string   `json:"Effect"`
	Action   []string `json:"Action"`
	Resource []string `json:"Resource"`
}

// Fix is one remedy, in every form a person or an agent can use.
type Fix struct {
	ID               string         `json:"id"`
	Title            string         `json:"title"`
	Causes           []string       `json:"causes"`
	Complexity       string         `json:"complexity"`
	EstimatedMinutes int            `json:"estimated_minutes"`
	Impact           string         `json:"impact"`
	Explanation      string         `json:"explanation"`
	Confidence       string         `json:"confidence"` // high, medium or low: that it resolves the error
	SideEffects      []string       `json:"side_effects"`
	Compromise       bool           `json:"compromise"` // it cures by giving something up: the side effects say what
	Touches          []string       `json:"touches"`    // kinds of resources it changes
	Diff             []DiffLine     `json:"diff"`
	Console          []string       `json:"console"`
	Commands         []Command      `json:"commands"`
	Script           string         `json:"script"`
	Verification     []Verification `json:"verification"`
	Rollback         []Command      `json:"rollback"`
	Proof            Proof          `json:"proof"`
}

// DiffLine is one member that a fix changes.
type DiffLine struct {
	Resource string `json:"resource"`
	Path     string `json:"path"`
	Old      string `json:"old"`
	New      string `json:"new"`
}

// Command is one command in both forms.
type Command struct {
	Purpose string   `json:"purpose"`
	AWSCLI  string   `json:"aws_cli"`
	CallAWS string   `json:"call_aws"`
	Mutates bool     `json:"mutates"`
	Inputs  []string `json:"inputs"`
}

// Verification is a command whose result shows that a fix worked.
type Verification struct {
	Purpose string `json:"purpose"`
	AWSCLI  string `json:"aws_cli"`
	CallAWS string `json:"call_aws"`
	Expect  string `json:"expect"`
}

// Proof says what the simulation gives before and after a fix.
type Proof struct {
	Method  string `json:"method"` // simulated or none
	Before  int    `json:"before"`
	After   int    `json:"after"`
	Because string `json:"because"`
}

// Compatibility is one row of the matrix between CloudFront's settings and what an origin requires.
type Compatibility struct {
	CloudFrontSetting string `json:"cloudfront_setting"`
	Current           string `json:"current"`
	OriginRequires    string `json:"origin_requires"`
	OriginHas         string `json:"origin_has"`
	OK                *bool  `json:"ok"` // null where it is not known
	Origin            string `json:"origin"`
}

// NextStep is what to do in a situation that the diagnosis leaves open.
type NextStep struct {
	Scenario string    `json:"scenario"`
	Commands []Command `json:"commands"`
}

// Monitoring is what to watch.
type Monitoring struct {
	Metrics []Metric    `json:"metrics"`
	Alarms  []Alarm     `json:"alarms"`
	Logs    []LogAdvice `json:"logs"`
	Trends  []string    `json:"trends"` // what the account's metrics say now, in plain language
}

// Metric is a CloudWatch metric worth watching.
type Metric struct {
	Namespace  string            `json:"namespace"`
	Name       string            `json:"name"`
	Dimensions map[string]string `json:"dimensions"`
	Statistic  string            `json:"statistic"`
	Region     string            `json:"region"`
	Why        string            `json:"why"`
}

// Alarm is a ready alarm.
type Alarm struct {
	Name      string  `json:"name"`
	Metric    string  `json:"metric"`
	Threshold string  `json:"threshold"`
	Why       string  `json:"why"`
	Command   Command `json:"command"`
}

// LogAdvice is a log to read, and how.
type LogAdvice struct {
	Log     string  `json:"log"`
	State   string  `json:"state"`
	Query   string  `json:"query"`
	Command Command `json:"command"`
}

// Worst returns the worst severity among the findings that explain the symptom or stand for themselves, "" where there are none.
func (r *Report) Worst() string {
	for _, severity := range []string{"critical", "high", "medium", "low"} {
		for _, f := range r.Findings {
			if f.Severity == severity {
				return severity
			}
		}
	}
	return ""
}
