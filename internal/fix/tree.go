package fix

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/evidence"
)

// A tree is a JSON value as Go has it without a schema: map[string]any, []any, float64, string, bool, nil. Numbers are doubles, as in jq.

// treeOf turns any value that has a JSON form into a tree. Members without a value are left out.
func treeOf(v any) (any, error) {
	raw, err := evidence.Encode(v)
	if err != nil {
		return nil, fmt.Errorf("encode the value: %w", err)
	}
	return parseTree(raw)
}

// mustTree is treeOf for values of this package and its callers, which always have a JSON form.
func mustTree(v any) any {
	tree, err := treeOf(v)
	if err != nil {
		panic(fmt.Sprintf("%T has no JSON form: %v", v, err))
	}
	return tree
}

func parseTree(raw []byte) (any, error) {
	var tree any
	if err := json.Unmarshal(raw, &tree, jsontext.AllowDuplicateNames(true)); err != nil {
		return nil, fmt.Errorf("read the JSON: %w", err)
	}
	return tree, nil
}

// copyTree copies a tree deeply, so that an edit never reaches what it was made from.
func copyTree(tree any) any {
	switch v := tree.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			out[name] = copyTree(member)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = copyTree(item)
		}
		return out
	}
	return tree
}

func sameTree(a, b any) bool { return reflect.DeepEqual(a, b) }

// objectOf is the tree as an object, nil where it is none. Reading from nil is safe.
func objectOf(tree any) map[string]any {
	object, _ := tree.(map[string]any)
	return object
}

// listOf is the tree as a list; a single value is a list of one, and no value is an empty list. Policy documents write lists both ways.
func listOf(tree any) []any {
	switch v := tree.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{tree}
}

func contains(list []any, value any) bool {
	return slices.ContainsFunc(list, func(item any) bool { return sameTree(item, value) })
}

// text writes a tree as JSON on one line, in the order in which people write policies, with every character that is not printable escaped:
// the result may stand in a command line.
func text(tree any) string {
	var b bytes.Buffer
	writeTree(&b, tree)
	return b.String()
}

func writeTree(b *bytes.Buffer, tree any) {
	switch v := tree.(type) {
	case map[string]any:
		b.WriteByte('{')
		for i, name := range memberOrder(v) {
			if i > 0 {
				b.WriteByte(',')
			}
			writeString(b, name)
			b.WriteByte(':')
			writeTree(b, v[name])
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			writeTree(b, item)
		}
		b.WriteByte(']')
	case string:
		writeString(b, v)
	default:
		raw, err := json.Marshal(v)
		if err != nil {
			panic(fmt.Sprintf("%T is in no JSON tree: %v", v, err))
		}
		b.Write(raw)
	}
}

func writeString(b *bytes.Buffer, s string) {
	raw, err := jsontext.AppendQuote(nil, strings.ToValidUTF8(s, "\uFFFD"))
	if err != nil {
		panic(fmt.Sprintf("quote %q: %v", s, err))
	}
	for _, r := range string(raw) {
		if isPlain(r) {
			b.WriteRune(r)
			continue
		}
		if r > 0xFFFF {
			high, low := surrogates(r)
			fmt.Fprintf(b, `\u%04x\u%04x`, high, low)
			continue
		}
		fmt.Fprintf(b, `\u%04x`, r)
	}
}

func surrogates(r rune) (rune, rune) {
	r -= 0x10000
	return 0xD800 + r>>10, 0xDC00 + r&0x3FF
}

// memberNames is the order in which policy documents are written; other members follow by name.
var memberNames = []string{"Version", "Sid", "Name", "Id", "Effect", "Principal", "Action", "Resource", "Condition", "Quantity", "Items"}

func memberOrder(object map[string]any) []string {
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	rank := func(name string) int {
		if i := slices.Index(memberNames, name); i >= 0 {
			return i
		}
		return len(memberNames)
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return names
}
