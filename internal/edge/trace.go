package edge

import "cfdoctor/internal/evidence"

// Verdict is what a stage did with the request.
type Verdict string

// The verdicts. Pass is only said on evidence; where evidence is missing it is Unknown.
const (
	Pass    Verdict = "pass"    // let through unchanged
	Stop    Verdict = "stop"    // answered here
	Rewrite Verdict = "rewrite" // changed and let through
	Unknown Verdict = "unknown" // cannot be told; the simulation goes on along the likelier branch
	Skipped Verdict = "skipped" // not reached, or does not apply
)

// Certainty is how sure an outcome is.
type Certainty string

// The certainties.
const (
	Certain   Certainty = "certain" // every deciding fact is known and documented
	Likely    Certainty = "likely"  // something on the way is not known, and would have to be unusual
	Uncertain Certainty = "unknown" // the facts do not say
)

// Who answers, as Outcome.AnsweredBy says it.
const (
	ByViewerTLS  = "viewer-tls"
	ByDNS        = "dns"
	ByCloudFront = "cloudfront"
	ByWAF        = "waf"
	ByFunction   = "function"
	ByLambdaEdge = "lambda-edge"
	ByCache      = "cache"
	ByOrigin     = "origin"
	ByS3         = "s3"
	ByS3Website  = "s3-website"
	ByALB        = "load-balancer"
	ByAPIGateway = "api-gateway"
	ByLambdaURL  = "lambda-url"
	ByMedia      = "media"
)

// Outcome is what the viewer gets.
type Outcome struct {
	Status     int // HTTP status; 0 where there is none (the connection fails) or where it cannot be told
	Certainty  Certainty
	AnsweredBy string // one of the By… constants
	// Original is the status before a custom error response replaced it; 0 where none did.
	Original int
	// NoHTTP reports that the viewer gets no HTTP answer at all: DNS or TLS fails.
	NoHTTP bool
}

// Alternative is another outcome that the evidence leaves open.
type Alternative struct {
	Stage  string // the stage that would answer
	Status int    // 0 where the status is open too
	If     string // a condition in plain language
	// Weak marks what nothing in the evidence points to, such as an address reputation list that might hold the viewer:
	// it is reported, and does not lower the outcome's certainty.
	Weak bool
}

// Step is one stage's part in the trace.
type Step struct {
	Stage    string
	Verdict  Verdict
	Status   int    // the status answered, for Stop
	Summary  string // plain language
	Detail   string // technical
	Evidence []evidence.Ref
}

// Trace is one request's way through CloudFront.
type Trace struct {
	Outcome      Outcome
	StoppedAt    string // the stage that decided the answer, "" where the origin answered and nothing stood in its way
	Alternatives []Alternative
	Steps        []Step

	// What the stages resolved, for causes.
	Behavior *Behavior // nil where none was reached
	Origin   *Origin   // the origin that was asked last; nil where none was reached
	Exchange *Exchange // everything else
}

// Step returns the step of a stage, and whether the stage is in the trace.
func (t *Trace) Step(stage string) (Step, bool) {
	for _, s := range t.Steps {
		if s.Stage == stage {
			return s, true
		}
	}
	return Step{}, false
}

// Reached reports whether the request got to a stage: its step is there and is not Skipped.
func (t *Trace) Reached(stage string) bool {
	s, ok := t.Step(stage)
	return ok && s.Verdict != Skipped
}

// Offers returns the alternatives of a stage.
func (t *Trace) Offers(stage string) []Alternative {
	var out []Alternative
	for _, a := range t.Alternatives {
		if a.Stage == stage {
			out = append(out, a)
		}
	}
	return out
}

// Gaps returns the facts that the stages missed on the way, as far as their steps name them.
func (t *Trace) Gaps() []evidence.Gap {
	var out []evidence.Gap
	for _, s := range t.Steps {
		if s.Verdict != Unknown {
			continue
		}
		for _, ref := range s.Evidence {
			if gap, ok := ref.Gap(); ok {
				out = append(out, gap)
			}
		}
	}
	return out
}
