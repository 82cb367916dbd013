// Package cause is the framework of the catalogue: what a cause is, what it may look at, and what it may say.
//
// A [Cause] is a struct value: documentation first, detection after. Its Detect looks at one simulated request (a [Pass]) and returns a
// [Verdict] through one of the constructors: Confirm, Likely, Possible, RuleOut or Need. The driver in this package adds everything else:
// which finding explains the symptom, what hides behind what, and the order. Causes are pure.
package cause

import (
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/request"
)

// Severity says how much a cause hurts where it is real.
type Severity string

// The severities, worst first.
const (
	Critical Severity = "critical" // viewers get errors
	High     Severity = "high"     // some viewers get errors, or soon will
	Medium   Severity = "medium"   // a risk, or a detour
	Low      Severity = "low"      // could be better
)

// Cause is one root cause of the catalogue.
type Cause struct {
	ID    string // stable, never reused: S3_POLICY_MISSING_OAC_GRANT; the file is its lower case
	Title string // a claim in plain language, without a full stop: what is wrong
	Doc   Doc
	// Stage is the id of the edge stage where it bites.
	Stage string
	// Symptoms are the statuses that viewers can see because of it; empty where it shows no status (TLS, DNS, staleness).
	Symptoms []int
	// AnyStatus marks a cause that can produce whatever status, such as an answer made by a function.
	AnyStatus bool
	Severity  Severity
	// Proactive marks what never explains an error: advice.
	Proactive bool
	// OfRequest marks what follows from the path or the headers with which the origin is asked: where a function that could change them runs,
	// and nobody knows how, it is likely at most.
	OfRequest bool
	// Hides lists causes that are only consequences where this one fires with at least the same likelihood.
	Hides []string
	// Detect judges one request. It must look at evidence only and never guess: what is not known is Need.
	Detect func(*Pass) Verdict
	// Fixes plans remedies for a verdict that fired, alternatives in order, simplest first. Nil where a person must act and Doc.Manual says why.
	Fixes func(*Pass, Verdict) []fix.Fix
}

// Doc is a cause's documentation, for `cfdoctor explain` and docs/causes.
type Doc struct {
	Explain    string   // what happens, in a paragraph that a newcomer understands
	Why        string   // how it comes about
	Example    string   // a typical case in a line or two
	Manual     string   // why no command can fix it, where that is so
	References []string // https addresses of AWS documentation
	Since      string   // the version of cfdoctor that first knew it
}

// Symptom is what the person reports.
type Symptom struct {
	Code  int  // the HTTP status seen by the viewer
	Given bool // false: no status was given, a general review
}

// Pass is one simulated request under examination. Causes only read it.
type Pass struct {
	World   *evidence.World
	Model   *edge.Model
	Request request.Request
	Trace   *edge.Trace
	Symptom Symptom
	// Asked is true for the request the person asked about, false for the representative requests of a review.
	Asked bool

	cause *Cause // the cause being judged
}

// StoppedHere reports whether the simulated request ends at the stage of the cause being judged.
func (p *Pass) StoppedHere() bool { return p.Trace.StoppedAt == p.cause.Stage }

// OpenHere returns the outcomes that the stage of the cause being judged leaves open.
func (p *Pass) OpenHere() []edge.Alternative { return p.Trace.Offers(p.cause.Stage) }

// Exchange is the simulated exchange, with what the stages found.
func (p *Pass) Exchange() *edge.Exchange { return p.Trace.Exchange }

// DistributionName is how findings name the distribution.
func (p *Pass) DistributionName() string { return "distribution " + p.Model.ID() }

// BehaviorName is how findings name a cache behavior.
func (p *Pass) BehaviorName(b *edge.Behavior) string {
	return p.DistributionName() + " / behavior " + b.PathPattern
}

// OriginName is how findings name an origin.
func (p *Pass) OriginName(o *edge.Origin) string { return p.DistributionName() + " / origin " + o.ID }
