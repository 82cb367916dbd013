package function

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// envelope is what a run gives; see seal and sealBriefly in prelude_run.js.
type envelope struct {
	Value   string     `json:"value"` // described: see decodeValue
	Error   *thrown    `json:"error"`
	Missing bool       `json:"missing"`
	Waiting bool       `json:"waiting"`
	Dirty   bool       `json:"dirty"`
	Logs    []string   `json:"logs"`
	Marks   []string   `json:"marks"`
	Reads   []string   `json:"reads"`  // the first letter says whether the event had it
	Origin  [][]string `json:"origin"` // calls of origin helpers: the name and two described arguments

	tokens []string // of a brief envelope, in place of Value; nil in others
}

// thrown is a JavaScript exception.
type thrown struct {
	Name    string `json:"name"`
	Message string `json:"message"`
	Stack   string `json:"stack"`
}

func (t *thrown) String() string {
	if t.Name == "" {
		return t.Message
	}
	return t.Name + ": " + t.Message
}

// readEnvelope reads either form. Where what the function returned holds the separator, which nothing in a valid request or response does,
// the numbers in a brief envelope are wrong, and it is unreadable.
func readEnvelope(text string) (*envelope, error) {
	if strings.HasPrefix(text, "{") {
		env := &envelope{}
		if err := json.Unmarshal([]byte(text), env, jsontext.AllowInvalidUTF8(true)); err != nil {
			return nil, fmt.Errorf("reading the sandbox's answer: %w", err)
		}
		return env, nil
	}
	tokens := strings.Split(text, separator)
	if count, err := strconv.Atoi(tokens[0]); err != nil || count != len(tokens) || count < briefHead {
		return &envelope{tokens: []string{}}, nil
	}
	env := &envelope{Dirty: tokens[1] == "t"}
	rest := tokens[briefHead:]
	for i, list := range []*[]string{&env.Reads, &env.Marks, &env.Logs} {
		n, err := strconv.Atoi(tokens[2+i])
		if err != nil || n < 0 || n > len(rest) {
			return &envelope{tokens: []string{}}, nil
		}
		*list, rest = rest[:n:n], rest[n:]
	}
	env.tokens = rest
	return env, nil
}

// briefHead is how many tokens there are before the lists: the number of all, dirty, and the lengths of three lists.
const briefHead = 5

// value is what the function returned.
func (e *envelope) value() (value, error) {
	if e.tokens != nil {
		return decodeTokens(e.tokens)
	}
	return decodeValue(e.Value)
}

// asked are the entries that the code asked for, in no order.
func (e *envelope) asked() []Read {
	var out []Read
	for _, token := range e.Reads {
		if token != "" {
			out = append(out, Read{token[1:], token[0] == 't'})
		}
	}
	return out
}
