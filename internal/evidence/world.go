// Package evidence holds what is known of an account: facts in five states, each with a pointer to the call that told.
//
// A [World] is a set of answered calls. Package account names every call that cfdoctor can make as a typed [Read];
// asking a world for a read gives a [Fact]. Everything between reading and rendering works on worlds and is pure.
package evidence

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// World is what is known of one account at one moment. It is safe for concurrent reading once built.
type World struct {
	// Now is the clock of the diagnosis: the time of reading, or a bundle's captured_at.
	Now time.Time
	// Account is the twelve digits of the account, "" when not known.
	Account string

	entries map[string]entry
}

// entry is one answered call: the record as it came, and the value it decodes to.
type entry struct {
	record Record
	value  any
}

// NewWorld returns an empty world: every fact in it is not captured.
func NewWorld(now time.Time, account string) *World {
	return &World{Now: now, Account: account, entries: map[string]entry{}}
}

// Clone returns a copy that can be edited without touching w. Values are shared: an edit replaces a value, it never changes one in place.
func (w *World) Clone() *World {
	return &World{Now: w.Now, Account: w.Account, entries: maps.Clone(w.entries)}
}

// Only returns a copy of the world that holds nothing but the answers to the given calls.
func (w *World) Only(calls ...Call) *World {
	out := &World{Now: w.Now, Account: w.Account, entries: make(map[string]entry, len(calls))}
	for _, c := range calls {
		if e, ok := w.entries[c.Key()]; ok {
			out.entries[c.Key()] = e
		}
	}
	return out
}

// Records lists everything read, in a stable order.
func (w *World) Records() []Record {
	out := make([]Record, 0, len(w.entries))
	for _, key := range slices.Sorted(maps.Keys(w.entries)) {
		out = append(out, w.entries[key].record)
	}
	return out
}

// Forget makes a call's answer not captured. Tests use it to prove that losing a fact never flips a verdict.
func (w *World) Forget(c Call) { delete(w.entries, c.Key()) }

// ForgetWhere makes the answers of all calls that fit not captured, in a (cloned) world.
func (w *World) ForgetWhere(fits func(Call) bool) {
	maps.DeleteFunc(w.entries, func(_ string, e entry) bool { return fits(e.record.Call) })
}

// Deny makes a call's answer denied.
func (w *World) Deny(c Call) {
	problem := &Problem{Code: "AccessDenied", Message: "Access Denied", HTTPStatus: 403}
	w.entries[c.Key()] = entry{record: Record{Call: c, State: Denied, Problem: problem}}
}

// Read is one question to an account with the type of its answer. Package account makes them.
type Read[T any] struct {
	Call       Call
	Resource   string // what the question is about, for evidence: an ARN or a name
	Permission string // the IAM action that allows it
	Unasked    string // what to say where nobody asked; "" says "not captured"
}

// Query is a Read without its type parameter, as collectors hold it.
type Query interface {
	Asks() Call
	// Store decodes the record's answer into the world. An answer that does not decode is stored as Failed.
	Store(w *World, rec Record)
}

// Asks returns the call.
func (r Read[T]) Asks() Call { return r.Call }

// Store implements [Query].
func (r Read[T]) Store(w *World, rec Record) {
	e := entry{record: rec}
	if rec.State == Known {
		var v T
		if err := Decode(rec.Output, &v); err != nil {
			e.record.State = Failed
			e.record.Problem = &Problem{Code: "Unreadable", Message: err.Error()}
		} else {
			e.value = v
		}
	}
	w.entries[r.Call.Key()] = e
}

// In looks the read up in a world.
func (r Read[T]) In(w *World) Fact[T] {
	f := Fact[T]{call: r.Call, resource: r.Resource, permission: r.Permission, unasked: r.Unasked}
	e, ok := w.entries[r.Call.Key()]
	if !ok {
		return f
	}
	f.state = e.record.State
	if e.record.Problem != nil {
		f.problem = e.record.Problem.Code
	}
	if f.state != Known {
		return f
	}
	v, ok := e.value.(T)
	if !ok {
		// Two reads with one call and two types: a mistake in package account, which its tests rule out.
		panic(fmt.Sprintf("%s is stored as %T", r.Call.Name(), e.value))
	}
	f.v = v
	return f
}

// Set replaces the answer in a (cloned) world: what a fix would make it. An edited answer has no recorded output.
func (r Read[T]) Set(w *World, v T) {
	w.entries[r.Call.Key()] = entry{record: Record{Call: r.Call, State: Known}, value: v}
}

// SetAbsent makes the answer "there is none" in a (cloned) world.
func (r Read[T]) SetAbsent(w *World) {
	w.entries[r.Call.Key()] = entry{record: Record{Call: r.Call, State: Absent}}
}
