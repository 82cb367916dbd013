package cause

import (
	"slices"

	"cfdoctor/internal/evidence"
)

// Likelihood grades a cause that fires.
type Likelihood string

// The likelihoods, strongest first.
const (
	GradeConfirmed Likelihood = "confirmed" // derived from known facts alone
	GradeLikely    Likelihood = "likely"    // one thing is not known, and the signs point here
	GradePossible  Likelihood = "possible"  // could be
)

type kind uint8

const (
	ruledOut kind = iota
	fires
	notChecked
)

// Verdict is what a cause says of one request. It is built by the constructors below only, so that every verdict carries its reason.
type Verdict struct {
	kind       kind
	likelihood Likelihood

	Resource string // what is wrong: an ARN, or "distribution E… / origin s3-images"
	Summary  string // plain language
	Detail   string // for the engineer
	Because  string // why this likelihood, or why ruled out, or why not checked
	Evidence []evidence.Ref
	// Needs are the facts that would settle it.
	Needs []evidence.Gap
	// Data is what Detect found and Fixes needs, such as the statement at fault.
	Data any

	explains *bool
	severity Severity
}

// Confirm says that known facts alone show the cause. At least one ref is required.
func Confirm(resource, summary string, refs ...evidence.Ref) Verdict {
	return Verdict{kind: fires, likelihood: GradeConfirmed, Resource: resource, Summary: summary, Evidence: refs}
}

// Likely says that strong signs point here although something is not known; because says what.
func Likely(resource, summary, because string, refs ...evidence.Ref) Verdict {
	return Verdict{kind: fires, likelihood: GradeLikely, Resource: resource, Summary: summary, Because: because, Evidence: refs}
}

// Possible says that it could be; because says what would have to be so.
func Possible(resource, summary, because string, refs ...evidence.Ref) Verdict {
	return Verdict{kind: fires, likelihood: GradePossible, Resource: resource, Summary: summary, Because: because, Evidence: refs}
}

// RuleOut says that known facts exclude the cause for this request.
func RuleOut(because string, refs ...evidence.Ref) Verdict {
	return Verdict{kind: ruledOut, Because: because, Evidence: refs}
}

// Need says that the cause cannot be judged without facts that are missing. Facts that are known are passed over, so that
// a caller may list all that it looked at.
func Need(because string, gaps ...evidence.Gap) Verdict {
	return Verdict{kind: notChecked, Because: because, Needs: missing(gaps)}
}

func missing(gaps []evidence.Gap) []evidence.Gap {
	return slices.DeleteFunc(slices.Clone(gaps), func(g evidence.Gap) bool { return !g.Missing() })
}

// WithDetail adds the technical side.
func (v Verdict) WithDetail(detail string) Verdict {
	v.Detail = detail
	return v
}

// WithBecause adds why the likelihood is what it is.
func (v Verdict) WithBecause(because string) Verdict {
	v.Because = because
	return v
}

// Needing adds facts that would settle a verdict that is not confirmed; they are reported as not checked too.
func (v Verdict) Needing(gaps ...evidence.Gap) Verdict {
	v.Needs = append(v.Needs, missing(gaps)...)
	return v
}

// Explaining overrides whether the verdict explains the symptom. Without it the driver asks the trace: a cause explains the symptom
// when the request ends at its stage with the reported status, or could.
func (v Verdict) Explaining(explains bool) Verdict {
	v.explains = &explains
	return v
}

// Graded changes the likelihood of a verdict that fires, with the reason: something was seen that Detect did not look at.
func (v Verdict) Graded(l Likelihood, because string) Verdict {
	v.likelihood, v.Because = l, because
	return v
}

// AtSeverity overrides the cause's severity for this verdict.
func (v Verdict) AtSeverity(s Severity) Verdict {
	v.severity = s
	return v
}

// With attaches what Fixes needs.
func (v Verdict) With(data any) Verdict {
	v.Data = data
	return v
}

// Fires reports whether the cause was found, at whatever likelihood.
func (v Verdict) Fires() bool { return v.kind == fires }

// IsRuledOut reports whether known facts exclude the cause.
func (v Verdict) IsRuledOut() bool { return v.kind == ruledOut }

// IsNotChecked reports whether the cause could not be judged.
func (v Verdict) IsNotChecked() bool { return v.kind == notChecked }

// Likelihood is meaningful for verdicts that fire.
func (v Verdict) Likelihood() Likelihood { return v.likelihood }
