package function

import (
	"encoding/json"
	"fmt"
)

// value is a JavaScript value as the sandbox describes it: prelude_run.js, describe.
type value struct {
	kind   string // JavaScript's typeof, or "null", "array", "deep", "huge"
	text   string
	number float64
	truth  bool
	props  []prop // of an object, in its order; of an array, without names
}

type prop struct {
	name  string
	value value
}

func decodeValue(raw json.RawMessage) (value, error) {
	var any any
	if err := json.Unmarshal(raw, &any); err != nil {
		return value{}, fmt.Errorf("decoding what the sandbox returned: %w", err)
	}
	return toValue(any), nil
}

func toValue(in any) value {
	switch v := in.(type) {
	case nil:
		return value{kind: "null"}
	case string:
		return value{kind: "string", text: v}
	case bool:
		return value{kind: "boolean", truth: v}
	case float64:
		return value{kind: "number", number: v}
	case []any:
		return taggedValue(v)
	}
	return value{kind: "undefined"}
}

func taggedValue(items []any) value {
	tag, rest := "", []any(nil)
	if len(items) > 0 {
		tag, _ = items[0].(string)
		rest = items[1:]
	}
	switch tag {
	case "o":
		v := value{kind: "object", props: make([]prop, 0, len(rest)/2)}
		for i := 0; i+1 < len(rest); i += 2 {
			name, _ := rest[i].(string)
			v.props = append(v.props, prop{name, toValue(rest[i+1])})
		}
		return v
	case "a":
		v := value{kind: "array"}
		for _, item := range rest {
			v.props = append(v.props, prop{"", toValue(item)})
		}
		return v
	case "n":
		return value{kind: "number", text: "NaN"}
	case "t":
		if len(rest) == 1 {
			kind, _ := rest[0].(string)
			return value{kind: kind}
		}
	case "huge", "deep":
		return value{kind: tag}
	}
	return value{kind: "undefined"}
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
