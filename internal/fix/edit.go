package fix

import (
	"fmt"
	"slices"
)

// Op says what a [ConfigEdit] does at its path.
type Op string

// The operations. Those on items keep a list's Quantity right, and leave the members beside Items (CachedMethods, Enabled) alone.
const (
	Set        Op = "set"         // the member becomes New; it goes away where New is nil
	SetPresent Op = "set-present" // the member becomes New where it is there at all
	SetItems   Op = "set-items"   // the list's items become New, a list
	AddItem    Op = "add-item"    // New joins the list; where Key is given it takes the place of the item with the same Key
	RemoveItem Op = "remove-item" // Old leaves the list; where Key is given, the item whose Key is Old
	OrderItems Op = "order-items" // the items whose Key is in New, a list, come first, in that order
	RenameItem Op = "rename-item" // the item whose Key is Old gets the Key New
	InsertRule Op = "insert-rule" // the rule New (of WAF) takes the priority of the one whose Name is Old, and those from there on move down
	Narrow     Op = "narrow"      // the statement (of WAF) has to meet New as well
)

// ConfigEdit is one edit of a resource's JSON. The typed constructors make the usual ones.
type ConfigEdit struct {
	Path  Path
	Op    Op
	Key   string // the member that tells items apart
	Old   any    // what RemoveItem and RenameItem look for; for the others nothing
	New   any    // a value with a JSON form, or an [Output]
	Label string // how the Console calls it: tab, field and value, as one sentence
}

// Edits are edits in order. The typed constructors return them.
type Edits []ConfigEdit

// edit is one step of a document's edit, in Go and in jq. Both do the same; a differential test holds them against each other.
type edit interface {
	apply(doc any) (any, error)
	jq(p *program) string
}

// applyAll runs edits over a copy of a document.
func applyAll[E edit](doc any, edits []E) (any, error) {
	doc = copyTree(doc)
	for _, e := range edits {
		var err error
		if doc, err = e.apply(doc); err != nil {
			return nil, err
		}
	}
	return doc, nil
}

// apply edits a tree in place and returns it.
func (e ConfigEdit) apply(doc any) (any, error) {
	return update(doc, e.Path.steps, e.Path, e.Op == SetPresent, func(old any) (any, error) {
		plain := e.plain()
		switch e.Op {
		case Set, SetPresent:
			return valueTree(e.New), nil
		case SetItems:
			return withItems(old, plain, listOf(valueTree(e.New))), nil
		case AddItem:
			return withItems(old, plain, put(itemsOf(old, plain), e.Key, valueTree(e.New))), nil
		case RemoveItem:
			return withItems(old, plain, without(itemsOf(old, plain), e.Key, valueTree(e.Old))), nil
		case OrderItems:
			return withItems(old, plain, ordered(itemsOf(old, plain), e.Key, e.order())), nil
		case RenameItem:
			items, err := renamed(itemsOf(old, plain), e)
			return withItems(old, plain, items), err
		case InsertRule:
			items, err := inserted(itemsOf(old, plain), e)
			return withItems(old, plain, items), err
		case Narrow:
			return narrowed(old, valueTree(e.New)), nil
		}
		return nil, fmt.Errorf("%s: %q is no operation", e.Path, e.Op)
	})
}

// plainLists are the list members that are plain lists in their API: those of WAF and S3, a key group's Items, and a tenant's Locations. All others
// of CloudFront's are {Quantity, Items}.
var plainLists = []string{"Items", "CORSRules", "Rules", "RuleActionOverrides", "Addresses", "ExcludedRules", "TokenDomains", "Locations"}

func (e ConfigEdit) plain() bool {
	last := e.Path.last()
	return last.key == "" && slices.Contains(plainLists, last.field)
}

// update replaces what is at the end of the steps. Objects on the way are made where they are missing; items are not.
func update(node any, steps []step, whole Path, ifPresent bool, change func(any) (any, error)) (any, error) {
	if len(steps) == 0 {
		return change(node)
	}
	s := steps[0]
	if s.key != "" {
		return updateItems(node, steps, whole, ifPresent, change)
	}
	object, ok := node.(map[string]any)
	if !ok {
		if node != nil {
			return nil, fmt.Errorf("%s: %s has no members", whole, s.field)
		}
		object = map[string]any{}
	}
	member, present := object[s.field]
	if ifPresent && (!present || member == nil) {
		return node, nil
	}
	updated, err := update(member, steps[1:], whole, ifPresent, change)
	if err != nil {
		return nil, err
	}
	if updated == nil {
		delete(object, s.field)
	} else {
		object[s.field] = updated
	}
	return object, nil
}

func updateItems(node any, steps []step, whole Path, ifPresent bool, change func(any) (any, error)) (any, error) {
	s := steps[0]
	items, found := itemsOf(node, s.plain), false
	want := mustTree(s.value)
	for i, item := range items {
		if object := objectOf(item); object == nil || !sameTree(object[s.key], want) {
			continue
		}
		found = true
		updated, err := update(item, steps[1:], whole, ifPresent, change)
		if err != nil {
			return nil, err
		}
		items[i] = updated
	}
	if !found {
		return nil, fmt.Errorf("there is no %s", whole)
	}
	return node, nil
}

func itemsOf(node any, plain bool) []any {
	if !plain {
		node = objectOf(node)["Items"]
	}
	items, _ := node.([]any)
	return items
}

// withItems gives a list new items. Like the API, it leaves Items out of an empty {Quantity, Items} list.
func withItems(node any, plain bool, items []any) any {
	if plain {
		if items == nil {
			items = []any{}
		}
		return items
	}
	object := objectOf(node)
	if object == nil {
		object = map[string]any{}
	}
	object["Quantity"] = float64(len(items))
	if len(items) == 0 {
		delete(object, "Items")
	} else {
		object["Items"] = items
	}
	return object
}

func put(items []any, key string, value any) []any {
	if key == "" {
		if contains(items, value) {
			return items
		}
		return append(slices.Clone(items), value)
	}
	out, found := slices.Clone(items), false
	for i, item := range out {
		if sameTree(objectOf(item)[key], objectOf(value)[key]) {
			out[i], found = value, true
		}
	}
	if !found {
		out = append(out, value)
	}
	return out
}

func without(items []any, key string, value any) []any {
	var out []any
	for _, item := range items {
		at := item
		if key != "" {
			at = objectOf(item)[key]
		}
		if !sameTree(at, value) {
			out = append(out, item)
		}
	}
	return out
}

// order is the list of keys of OrderItems, each once: a key that stood there twice would double its item.
func (e ConfigEdit) order() []any {
	var out []any
	for _, name := range listOf(valueTree(e.New)) {
		if !contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func ordered(items []any, key string, first []any) []any {
	var out []any
	for _, name := range first {
		for _, item := range items {
			if sameTree(objectOf(item)[key], name) {
				out = append(out, item)
			}
		}
	}
	for _, item := range items {
		if !contains(first, objectOf(item)[key]) {
			out = append(out, item)
		}
	}
	return out
}

func renamed(items []any, e ConfigEdit) ([]any, error) {
	old, name, found := mustTree(e.Old), valueTree(e.New), false
	for _, item := range items {
		object := objectOf(item)
		switch at := object[e.Key]; {
		case sameTree(at, old):
			object[e.Key], found = name, true
		case sameTree(at, name):
			found = true
		}
	}
	if !found {
		return nil, fmt.Errorf("there is no %s", e.Path.Item(e.Key, e.Old))
	}
	return items, nil
}

// valueTree is an edit's value as a tree; an output is its placeholder.
func valueTree(v any) any {
	if out, ok := v.(Output); ok {
		return out.Placeholder
	}
	return mustTree(v)
}
