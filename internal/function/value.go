package function

import (
	"errors"
	"strconv"
	"strings"
)

// value is a JavaScript value as the sandbox describes it: prelude_run.js, describe.
type value struct {
	kind   string // JavaScript's typeof, or "null", "array", "deep", "huge"
	text   string
	number float64
	truth  bool
	props  []prop // of an object, in its order; of an array, without names
	// untouched names the map of the event that this is, as the function got it: "request.headers". Its entries are not here. Of kind
	// "kept" it is one entry of that map, the one that has the name of the value.
	untouched string
}

// watchedMaps are the maps of an event in the order that prelude_run.js numbers them.
var watchedMaps = [...]string{"viewer", "request.headers", "request.cookies", "request.querystring", "response.headers", "response.cookies"}

type prop struct {
	name  string
	value value
}

// separator parts the tokens of a described value. No part of a valid request or response contains it.
const separator = "\x7f"

var errGarbled = errors.New("what the sandbox returned cannot be read: a text in it has a control character, or it is not whole")

// decodeValue reads a described value.
func decodeValue(described string) (value, error) {
	tokens := strings.Split(described, separator)
	if count, err := strconv.Atoi(tokens[0]); err != nil || count != len(tokens) {
		return value{}, errGarbled
	}
	return decodeTokens(tokens[1:])
}

func decodeTokens(tokens []string) (value, error) {
	d := valueDecoder{tokens}
	v, ok := d.value()
	if !ok || len(d.rest) > 0 {
		return value{}, errGarbled
	}
	return v, nil
}

// valueDecoder goes through the tokens of a value.
type valueDecoder struct{ rest []string }

func (d *valueDecoder) next() (token string, ok bool) {
	if len(d.rest) == 0 {
		return "", false
	}
	token, d.rest = d.rest[0], d.rest[1:]
	return token, true
}

func (d *valueDecoder) value() (v value, ok bool) {
	token, ok := d.next()
	if !ok || token == "" {
		return value{}, false
	}
	payload := token[1:]
	switch token[0] {
	case 's':
		return value{kind: "string", text: payload}, true
	case 't', 'f':
		return value{kind: "boolean", truth: token[0] == 't'}, true
	case 'n':
		number, err := strconv.ParseFloat(payload, 64)
		return value{kind: "number", number: number}, err == nil
	case 'x':
		return value{kind: "number", text: "NaN"}, true
	case 'z':
		return value{kind: "null"}, true
	case 'u':
		return value{kind: payload}, true
	case 'd':
		return value{kind: "deep"}, true
	case 'h':
		return value{kind: "huge"}, true
	case 'k', 'w':
		index, err := strconv.Atoi(payload)
		if err != nil || index < 0 || index >= len(watchedMaps) {
			return value{}, false
		}
		kind := "object"
		if token[0] == 'k' {
			kind = "kept"
		}
		return value{kind: kind, untouched: watchedMaps[index]}, true
	case 'o':
		return d.container("object", payload)
	case 'a':
		return d.container("array", payload)
	}
	return value{}, false
}

func (d *valueDecoder) container(kind, count string) (v value, ok bool) {
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 || n > len(d.rest) {
		return value{}, false
	}
	v = value{kind: kind, props: make([]prop, 0, n)}
	for range n {
		var p prop
		if kind == "object" {
			if p.name, ok = d.next(); !ok {
				return value{}, false
			}
		}
		if p.value, ok = d.value(); !ok {
			return value{}, false
		}
		v.props = append(v.props, p)
	}
	return v, true
}

func (v value) is(kind string) bool { return v.kind == kind }

// finite tells whether v is a number JSON can carry.
func (v value) finite() bool { return v.kind == "number" && v.text == "" }

// get returns a property, of kind "undefined" if there is none.
func (v value) get(name string) value {
	for _, p := range v.props {
		if p.name == name && v.kind == "object" {
			return p.value
		}
	}
	return value{kind: "undefined"}
}

func (v value) has(name string) bool { return !v.get(name).is("undefined") }

// unreadable tells whether v or something in it was too large or too deep to describe.
func (v value) unreadable() bool {
	if v.kind == "huge" || v.kind == "deep" {
		return true
	}
	for _, p := range v.props {
		if p.value.unreadable() {
			return true
		}
	}
	return false
}

// article names the value's kind for a sentence: "a string", "undefined".
func (v value) article() string {
	switch v.kind {
	case "undefined", "null":
		return v.kind
	case "object", "array":
		return "an " + v.kind
	case "number":
		if !v.finite() {
			return "not a finite number"
		}
	}
	return "a " + v.kind
}
