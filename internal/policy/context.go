package policy

import (
	"maps"
	"strings"
)

// Context answers condition keys for one request. Keys are case-insensitive (IAM/reference_policies_condition).
// A key has known values, is known to be absent, or is unknown.
//
// The zero Context knows nothing: every key is unknown. Build others with NewContext; the setters change the context
// in place and return it for chaining, so take a Clone before deriving a variant. Once built it may be read
// concurrently.
type Context struct{ data *contextData }

type contextData struct {
	entries map[string]entry
	closed  bool
}

type entry struct {
	state  keyState
	values []string
}

type keyState uint8

const (
	keyUnknown keyState = iota
	keyAbsent
	keyKnown
	keyPublicAddress // some address of the public internet, or absent
)

// NewContext returns a context in which every key is unknown.
func NewContext() Context {
	return Context{&contextData{entries: map[string]entry{}}}
}

// Set gives a key its values; most keys have one. Without values the key is absent: an empty set and a missing key
// are the same to every operator (IAM/reference_policies_condition-single-vs-multi-valued-context-keys).
// Times are ISO 8601 or epoch seconds, binary values base64, booleans "true" or "false".
func (c Context) Set(key string, values ...string) Context {
	if len(values) == 0 {
		return c.SetAbsent(key)
	}
	c.data.entries[strings.ToLower(key)] = entry{keyKnown, values}
	return c
}

// SetAbsent records that the request carries none of these keys.
func (c Context) SetAbsent(keys ...string) Context {
	for _, k := range keys {
		c.data.entries[strings.ToLower(k)] = entry{state: keyAbsent}
	}
	return c
}

// SetPublicAddress records that a key, if the request has it, holds an address of the public internet that nobody here knows: enough to
// tell that it is not in a private or documentation range.
func (c Context) SetPublicAddress(key string) Context {
	c.data.entries[strings.ToLower(key)] = entry{state: keyPublicAddress}
	return c
}

// SetUnknown records that nobody knows these keys, which matters once the context is closed.
func (c Context) SetUnknown(keys ...string) Context {
	for _, k := range keys {
		c.data.entries[strings.ToLower(k)] = entry{state: keyUnknown}
	}
	return c
}

// Close declares the list complete: keys nobody listed are absent from now on.
func (c Context) Close() Context {
	c.data.closed = true
	return c
}

// Closed reports whether unlisted keys count as absent.
func (c Context) Closed() bool { return c.data != nil && c.data.closed }

// Clone returns an independent copy.
func (c Context) Clone() Context {
	if c.data == nil {
		return NewContext()
	}
	return Context{&contextData{entries: maps.Clone(c.data.entries), closed: c.data.closed}}
}

// Get returns the values of a key and whether they are known. A key known to be absent gives no values and true.
func (c Context) Get(key string) (values []string, known bool) {
	e := c.lookup(strings.ToLower(key))
	return e.values, e.state == keyAbsent || e.state == keyKnown
}

// lookup takes the key in lower case.
func (c Context) lookup(key string) entry {
	if c.data == nil {
		return entry{}
	}
	if e, ok := c.data.entries[key]; ok {
		return e
	}
	if c.data.closed {
		return entry{state: keyAbsent}
	}
	return entry{}
}
