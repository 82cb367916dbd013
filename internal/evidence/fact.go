package evidence

import (
	"fmt"
	"strings"
)

// State says what is known of one fact. The zero value is NotCaptured on purpose: nobody asked.
type State uint8

// The states. Only Known carries a value; Absent is knowledge too (AWS said "there is none").
const (
	NotCaptured State = iota // nobody asked, or the bundle does not hold the answer
	Denied                   // AWS refused to tell: a permission is missing
	Failed                   // asking failed: network, throttling, a time-out, an answer that could not be read
	Absent                   // AWS answered that there is no such thing
	Known                    // AWS answered
)

// String names the state in plain words.
func (s State) String() string {
	switch s {
	case Denied:
		return "access denied"
	case Failed:
		return "could not be read"
	case Absent:
		return "does not exist"
	case Known:
		return "known"
	}
	return "not captured"
}

// Ref points at one piece of evidence: the call that told, the resource it told about, and the field that matters.
// It is the EVIDENCE object of the report.
type Ref struct {
	Call     string `json:"call"`              // service:Operation, such as "s3:GetBucketPolicy"
	Resource string `json:"resource"`          // an ARN, or what the call was asked about
	Field    string `json:"field,omitzero"`    // path into the answer, such as "Policy.Statement[0].Condition"
	Value    string `json:"value,omitzero"`    // the field's value as found
	Note     string `json:"note,omitzero"`     // what is wrong with it, or why it is not known
	Expected string `json:"expected,omitzero"` // what the field would have to be, where one value is right

	gap Gap // the fact, where it is missing
}

// Gap returns the missing fact behind a ref, and false where the fact is known.
func (r Ref) Gap() (Gap, bool) { return r.gap, r.gap != nil }

// With returns the ref with a value and a note, for the places where a field was found later than the fact.
func (r Ref) With(value, note string) Ref {
	r.Value, r.Note = value, note
	return r
}

// Want returns the ref with the value that would be right.
func (r Ref) Want(expected string) Ref {
	r.Expected = expected
	return r
}

// Gap is any fact seen from the side of "is it missing": what [Fact] offers without its type parameter,
// so that facts of different types can be listed together as the needs of a verdict.
type Gap interface {
	// Missing reports whether nothing is known: neither a value nor its absence.
	Missing() bool
	// Needs names the IAM action that would tell, such as "s3:GetBucketPolicy".
	Needs() string
	// Why says in words what is known of the fact.
	Why() string
	// Ref points at the fact's call with the named field.
	Ref(field string) Ref
}

// Fact is one answer of the account: a value that is known, known to be absent, or not known and why.
// Its value can only be reached through Get, so that a denied read can never pass for an empty one.
type Fact[T any] struct {
	v          T
	state      State
	call       Call
	resource   string
	permission string
	problem    string
	unasked    string
}

// Get returns the value and whether it is known.
func (f Fact[T]) Get() (T, bool) { return f.v, f.state == Known }

// Or returns the value where it is known, else the given one.
func (f Fact[T]) Or(other T) T {
	if f.state == Known {
		return f.v
	}
	return other
}

// State tells how much is known.
func (f Fact[T]) State() State { return f.state }

// IsKnown reports whether there is a value.
func (f Fact[T]) IsKnown() bool { return f.state == Known }

// IsAbsent reports whether AWS said that there is none.
func (f Fact[T]) IsAbsent() bool { return f.state == Absent }

// Missing reports whether nothing is known.
func (f Fact[T]) Missing() bool { return f.state != Known && f.state != Absent }

// Needs names the IAM action behind the fact.
func (f Fact[T]) Needs() string { return f.permission }

// Why says in words what is known: "s3:GetBucketPolicy of bucket x: access denied (AccessDenied)".
func (f Fact[T]) Why() string {
	return fmt.Sprintf("%s of %s: %s", f.call.Name(), f.resource, f.words())
}

// words names the state, with AWS's code where there is one.
func (f Fact[T]) words() string {
	out := f.state.String()
	if f.state == NotCaptured && f.unasked != "" {
		out = f.unasked
	}
	if f.problem != "" {
		out += " (" + f.problem + ")"
	}
	return out
}

// Ref points at the fact, with the field of the answer that matters ("" for the whole answer).
// The Note says why, where the fact is not known.
func (f Fact[T]) Ref(field string) Ref {
	ref := Ref{Call: f.call.Name(), Resource: f.resource, Field: field}
	if f.Missing() {
		ref.gap = f
	}
	if f.state != Known {
		ref.Note = f.words()
	}
	return ref
}

// Map derives a fact from another: known stays known, everything else keeps its state and its source.
func Map[A, B any](f Fact[A], derive func(A) B) Fact[B] {
	out := Fact[B]{state: f.state, call: f.call, resource: f.resource, permission: f.permission, problem: f.problem, unasked: f.unasked}
	if f.state == Known {
		out.v = derive(f.v)
	}
	return out
}

// Select derives a fact that a known answer may not hold, such as one load balancer of a list: a known answer
// without it makes the derived fact absent. Resource names what was looked for.
func Select[A, B any](f Fact[A], resource string, pick func(A) (B, bool)) Fact[B] {
	out := Fact[B]{state: f.state, call: f.call, resource: resource, permission: f.permission, problem: f.problem, unasked: f.unasked}
	if f.state != Known {
		return out
	}
	v, ok := pick(f.v)
	if !ok {
		out.state = Absent
		return out
	}
	out.v = v
	return out
}

// None returns a fact that is known to be absent because the configuration names none, such as a behavior without a cache policy.
// Call is the name of the call whose answer names none.
func None[T any](call, resource string) Fact[T] {
	service, operation, _ := strings.Cut(call, ":")
	return Fact[T]{state: Absent, call: Call{Service: service, Operation: operation}, resource: resource}
}

// Published returns a missing fact with a value that AWS publishes for everybody, such as the settings of a managed policy.
func Published[T any](f Fact[T], v T) Fact[T] {
	f.v, f.state, f.problem = v, Known, ""
	return f
}
