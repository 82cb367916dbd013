package fix

import (
	"maps"
	"slices"
	"strconv"

	"cfdoctor/internal/evidence"
)

// Move is one resource's change as the API makes it: data that is complete in itself, so that it can be kept in a file and made, gone on with
// or taken back by another process.
type Move struct {
	Resource string     `json:"resource"`
	Look     Look       `json:"look"`            // how the resource's state is read
	Before   any        `json:"before"`          // the state before; null where there was none
	After    any        `json:"after"`           // the state to reach; once the move is made, the one that was read
	Do       []Step     `json:"do"`              // none where all is as wanted already
	Undo     []Step     `json:"undo"`            // none where it cannot be taken back
	Await    *Await     `json:"await,omitempty"` // what to wait for once it is made
	Late     bool       `json:"late,omitempty"`  // whether it has to wait for what the moves before it await
	Made     bool       `json:"made"`
	Diff     []DiffLine `json:"-"`
}

// APICall is one call of an AWS API, as [evidence.Call] has it.
type APICall struct {
	Service   string         `json:"service"`
	Operation string         `json:"operation"`
	Region    string         `json:"region,omitempty"`
	Params    map[string]any `json:"params"`
}

// Evidence is the call as doors to an account take it.
func (c APICall) Evidence() evidence.Call {
	return evidence.Call{Service: c.Service, Operation: c.Operation, Region: c.Region, Params: c.Params}
}

// Name is "service:Operation".
func (c APICall) Name() string { return c.Service + ":" + c.Operation }

// Look says how one resource's state is read out of an answer.
type Look struct {
	Call    APICall  `json:"call"`
	Path    []string `json:"path,omitempty"`    // members on the way; a number leads into a list, and text on the way is read as JSON
	Text    bool     `json:"text,omitempty"`    // what is there is JSON in a text
	Keep    []string `json:"keep,omitempty"`    // of an object, or of each in a list: these members alone
	Fixed   []string `json:"fixed,omitempty"`   // where an update writes all it is not to take away: what Keep leaves out, by name
	Only    string   `json:"only,omitempty"`    // of a list: the items whose member of this name …
	Values  []string `json:"values,omitempty"`  // … is one of these; without Only, the texts that are
	Absent  []string `json:"absent,omitempty"`  // error codes that say that there is none
	Version string   `json:"version,omitempty"` // the member of the answer that guards a change; "" where the API has none
}

// Step is one call that changes something.
type Step struct {
	Call    APICall           `json:"call"`
	Version *Version          `json:"version,omitempty"`
	Outputs map[string]string `json:"outputs,omitempty"` // placeholder, to the dotted path in the answer that it stands for
	Accept  []string          `json:"accept,omitempty"`  // error codes that say that it is so already
}

// Version is the guard of a step: the call fails where the resource has changed since.
type Version struct {
	Param string   `json:"param"`           // IfMatch, LockToken
	Value string   `json:"value,omitempty"` // what it was when the change was prepared; a step without it reads it at its time
	Call  *APICall `json:"call,omitempty"`  // where it is read, if not by the move's own look
	Path  string   `json:"path,omitempty"`  // the member of that answer
}

// Await is a condition that comes true by itself.
type Await struct {
	For  string   `json:"for"` // in words
	Call APICall  `json:"call"`
	Path []string `json:"path"`
	Want string   `json:"want"`

	Never string `json:"never,omitempty"` // says that it will not come true any more
}

// State picks the state out of an answer (a tree), nil where the answer does not have it.
func (l Look) State(answer any) any {
	state := follow(answer, l.Path)
	if l.Text {
		state = parsedText(state)
	}
	if list, ok := state.([]any); ok {
		state = l.items(list)
	}
	if object := objectOf(state); object != nil {
		return l.kept(object)
	}
	return state
}

func (l Look) items(list []any) any {
	out := []any{}
	for _, item := range list {
		object := objectOf(item)
		name, _ := object[l.Only].(string)
		if l.Only == "" {
			name, _ = item.(string)
		}
		if (l.Only != "" || len(l.Values) > 0) && !slices.Contains(l.Values, name) {
			continue
		}
		if object != nil {
			item = l.kept(object)
		}
		out = append(out, item)
	}
	return out
}

func (l Look) kept(object map[string]any) any {
	if len(l.Keep) == 0 {
		return object
	}
	out := maps.Clone(object)
	maps.DeleteFunc(out, func(name string, value any) bool { return !slices.Contains(l.Keep, name) || empty(value) })
	return out
}

func empty(value any) bool {
	return value == nil || sameTree(value, "") || sameTree(value, []any{}) || sameTree(value, map[string]any{})
}

// follow leads along members and, by numbers, into lists. Text on the way is read as JSON, as a policy is.
func follow(tree any, path []string) any {
	for _, name := range path {
		tree = parsedText(tree)
		if list, ok := tree.([]any); ok {
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(list) {
				return nil
			}
			tree = list[i]
			continue
		}
		tree = objectOf(tree)[name]
	}
	return tree
}

func parsedText(tree any) any {
	raw, ok := tree.(string)
	if !ok {
		return tree
	}
	parsed, err := parseTree([]byte(raw))
	if err != nil {
		return tree
	}
	return parsed
}

// Follow is what a path leads to in an answer.
func Follow(answer any, path []string) any { return follow(answer, path) }

// SameState reports whether two states are the same. Lists of texts are sets in every API here (methods, countries, actions, names), and come
// back in orders of the service's own; no state and an empty one are the same.
func SameState(a, b any) bool {
	if empty(a) && empty(b) {
		return true
	}
	return sameTree(sorted(a), sorted(b))
}

// Reached reports whether a state has everything that is wanted. Members that the service adds by itself do not count; items do.
func Reached(want, have any) bool {
	switch w := want.(type) {
	case nil:
		return empty(have)
	case map[string]any:
		h := objectOf(have)
		for name, value := range w {
			if !Reached(value, h[name]) {
				return false
			}
		}
		return h != nil || len(w) == 0
	case []any:
		h, _ := have.([]any)
		if len(h) != len(w) {
			return false
		}
		for i, item := range w {
			if objectOf(item) != nil && Reached(item, h[i]) {
				continue
			}
			if !slices.ContainsFunc(h, func(other any) bool { return Reached(item, other) }) {
				return false
			}
		}
		return true
	}
	return sameTree(want, have) || empty(want) && empty(have)
}

// sorted is a tree with its lists of texts in order.
func sorted(tree any) any {
	switch v := tree.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			out[name] = sorted(member)
		}
		return out
	case []any:
		out := make([]any, len(v))
		var texts []string
		for i, item := range v {
			out[i] = sorted(item)
			if s, ok := item.(string); ok {
				texts = append(texts, s)
			}
		}
		if len(texts) < len(out) {
			return out
		}
		slices.Sort(texts)
		for i, s := range texts {
			out[i] = s
		}
		return out
	}
	return tree
}

// Fill puts the values of outputs in the place of their placeholders.
func Fill(tree any, values map[string]string) any {
	switch v := tree.(type) {
	case string:
		if value, ok := values[v]; ok {
			return value
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			out[name] = Fill(member, values)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = Fill(item, values)
		}
		return out
	}
	return tree
}
