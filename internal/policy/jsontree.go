package policy

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds nesting. The policy grammar needs five levels; members we do not know may have some more.
const maxDepth = 32

// node is a JSON value that remembers member order and refuses duplicates, which encoding/json would silently merge:
// a policy whose second "Condition" wins is not the policy its author reads.
type node struct {
	kind    nodeKind
	text    string // of a string, number or boolean
	items   []node
	members []member
}

type member struct {
	name  string
	value node
}

type nodeKind uint8

const (
	nullNode nodeKind = iota
	boolNode
	numberNode
	stringNode
	listNode
	objectNode
)

func (k nodeKind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a list", "an object"}[k]
}

// find returns the named member of an object.
func (n node) find(name string) (node, bool) {
	for _, m := range n.members {
		if m.name == name {
			return m.value, true
		}
	}
	return node{}, false
}

// readTree reads one JSON text and nothing after it.
func readTree(document string) (node, error) {
	switch {
	case strings.HasPrefix(document, "\ufeff"):
		return node{}, &ParseError{Problem: "begins with a byte order mark, which is not JSON"}
	case !utf8.ValidString(document):
		return node{}, &ParseError{Problem: "is not UTF-8 text"}
	case strings.TrimSpace(document) == "":
		return node{}, &ParseError{Problem: "is empty"}
	}
	dec := json.NewDecoder(strings.NewReader(document))
	dec.UseNumber()
	root, err := readNode(dec, "", 0)
	if err != nil {
		return node{}, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return node{}, &ParseError{Problem: "has text after the end of the policy"}
	}
	return root, nil
}

func readNode(dec *json.Decoder, path string, depth int) (node, error) {
	tok, err := dec.Token()
	if err != nil {
		return node{}, syntaxError(path, err)
	}
	switch v := tok.(type) {
	case string:
		return node{kind: stringNode, text: v}, nil
	case json.Number:
		return node{kind: numberNode, text: v.String()}, nil
	case bool:
		return node{kind: boolNode, text: strconv.FormatBool(v)}, nil
	case json.Delim:
		if depth == maxDepth {
			return node{}, &ParseError{Field: path, Problem: "is nested too deeply"}
		}
		if v == '{' {
			return readObject(dec, path, depth+1)
		}
		return readList(dec, path, depth+1)
	}
	return node{kind: nullNode}, nil
}

func readObject(dec *json.Decoder, path string, depth int) (node, error) {
	n := node{kind: objectNode}
	seen := map[string]bool{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return node{}, syntaxError(path, err)
		}
		name, ok := tok.(string)
		if !ok {
			return node{}, &ParseError{Field: path, Problem: "is not valid JSON: a member name must be a string"}
		}
		inner := join(path, name)
		if seen[name] {
			return node{}, &ParseError{Field: inner, Problem: "appears more than once"}
		}
		seen[name] = true
		value, err := readNode(dec, inner, depth)
		if err != nil {
			return node{}, err
		}
		n.members = append(n.members, member{name, value})
	}
	return n, closing(dec, path)
}

func readList(dec *json.Decoder, path string, depth int) (node, error) {
	n := node{kind: listNode}
	for dec.More() {
		item, err := readNode(dec, path+"["+strconv.Itoa(len(n.items))+"]", depth)
		if err != nil {
			return node{}, err
		}
		n.items = append(n.items, item)
	}
	return n, closing(dec, path)
}

func closing(dec *json.Decoder, path string) error {
	if _, err := dec.Token(); err != nil {
		return syntaxError(path, err)
	}
	return nil
}

func syntaxError(path string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &ParseError{Field: path, Problem: "is not valid JSON: it ends too early"}
	}
	return &ParseError{Field: path, Problem: "is not valid JSON: " + strings.TrimPrefix(err.Error(), "json: ")}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
