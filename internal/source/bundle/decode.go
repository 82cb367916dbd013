package bundle

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/evidence"
)

// decodeOptional decodes a member that may be null, as programs write what they do not have.
func decodeOptional(raw jsontext.Value, into any) error {
	if raw.Kind() == 'n' {
		return nil
	}
	return json.Unmarshal(raw, into)
}

// decodeString decodes a member that must be a string with something in it.
func decodeString(raw jsontext.Value, into *string) error {
	if raw.Kind() != '"' {
		return errors.New("want a string, not " + kindName(raw.Kind()))
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return err
	}
	if *into == "" {
		return errors.New("empty")
	}
	return nil
}

func decodeParams(raw jsontext.Value) (params, error) {
	var members map[string]jsontext.Value
	if err := decodeOptional(raw, &members); err != nil {
		return nil, err
	}
	out := make(params, len(members))
	for name, value := range members {
		text, err := comparable(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[name] = text
	}
	return out, nil
}

// decodeOutput keeps an answer as it stands. Null is no answer: whether that is a mistake depends on the call's error.
func decodeOutput(raw jsontext.Value) (jsontext.Value, error) {
	switch raw.Kind() {
	case 'n':
		return nil, nil
	case '{':
		return raw.Clone(), nil
	}
	return nil, errors.New("want an object, not " + kindName(raw.Kind()))
}

func decodeProblem(raw jsontext.Value) (*evidence.Problem, error) {
	if raw.Kind() == 'n' {
		return nil, nil
	}
	problem := new(evidence.Problem)
	if err := json.Unmarshal(raw, problem); err != nil {
		return nil, err
	}
	if problem.Code == "" {
		return nil, errors.New("its code is missing")
	}
	return problem, nil
}

// memberName writes a JSON pointer as people write members: /calls/3/output is calls[3].output.
func memberName(pointer string) string {
	var out strings.Builder
	for token := range jsontext.Pointer(pointer).Tokens() {
		if _, err := strconv.ParseUint(token, 10, 32); err == nil {
			out.WriteString("[" + token + "]")
			continue
		}
		if out.Len() > 0 {
			out.WriteByte('.')
		}
		out.WriteString(printable(token))
	}
	return out.String()
}

// printable keeps a member's name to one line.
func printable(name string) string {
	if quoted := strconv.Quote(name); quoted != `"`+name+`"` {
		return quoted
	}
	return name
}

// kindName names a JSON value's kind.
func kindName(kind jsontext.Kind) string {
	switch kind {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "something else"
}

// typeName names the JSON value that a Go type decodes from.
func typeName(t reflect.Type) string {
	if t == nil {
		return "another value"
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "an object"
	case reflect.Bool:
		return "a boolean"
	}
	return "a number"
}
