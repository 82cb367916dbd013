package fix

import (
	"fmt"
	"slices"
)

// inverse is the edits that undo edits, in the order in which they have to be made. Lists get their old items back.
func inverse(before any, edits Edits) Edits {
	out := make(Edits, 0, len(edits))
	doc := copyTree(before)
	for _, e := range edits {
		back := ConfigEdit{Path: e.Path, Op: Set}
		old, ok := valueAt(doc, e.Path.steps)
		switch {
		case e.Op == SetPresent && (!ok || old == nil):
			continue
		case e.Op == RenameItem:
			back.Op, back.Key, back.Old, back.New = RenameItem, e.Key, valueTree(e.New), valueTree(e.Old)
		case !ok:
			// The member was not there: it goes away again, with what was made to hold it.
			back.Path.steps = firstMissing(doc, e.Path.steps)
		case e.Op == Set || e.Op == SetPresent || e.plain():
			back.New = old
		default:
			back.Op, back.New = SetItems, append([]any{}, itemsOf(old, false)...)
		}
		out = append(out, back)
		next, err := e.apply(doc)
		if err != nil {
			break
		}
		doc = next
	}
	slices.Reverse(out)
	return out
}

// firstMissing is the way to the outermost member on the way that is not there.
func firstMissing(doc any, steps []step) []step {
	for len(steps) > 1 {
		if _, there := valueAt(doc, steps[:len(steps)-1]); there {
			break
		}
		steps = steps[:len(steps)-1]
	}
	return steps
}

// valueAt is a copy of what a path leads to.
func valueAt(node any, steps []step) (any, bool) {
	if len(steps) == 0 {
		return copyTree(node), true
	}
	s := steps[0]
	if s.key == "" {
		member, ok := objectOf(node)[s.field]
		if !ok {
			return nil, false
		}
		return valueAt(member, steps[1:])
	}
	want := mustTree(s.value)
	for _, item := range itemsOf(node, s.plain) {
		if object := objectOf(item); object != nil && sameTree(object[s.key], want) {
			return valueAt(item, steps[1:])
		}
	}
	return nil, false
}

// describe says in words what an edit does.
func (e ConfigEdit) describe() string {
	switch e.Op {
	case SetItems:
		return fmt.Sprintf("its items are %s", text(valueTree(e.New)))
	case AddItem:
		return fmt.Sprintf("%s is among its items", text(valueTree(e.New)))
	case RemoveItem:
		return fmt.Sprintf("%s is not among its items", text(valueTree(e.Old)))
	case OrderItems:
		return fmt.Sprintf("the items %s come first", text(valueTree(e.New)))
	case RenameItem:
		return fmt.Sprintf("%s is now %s", text(valueTree(e.Old)), text(valueTree(e.New)))
	case InsertRule:
		return fmt.Sprintf("%s is among its items, with a smaller Priority than %s", text(valueTree(e.New)), text(valueTree(e.Old)))
	case Narrow:
		return fmt.Sprintf("%s is in it, by itself or in an AndStatement beside what was there", text(valueTree(e.New)))
	}
	if e.New == nil {
		return "it is gone"
	}
	return "it is " + text(valueTree(e.New))
}
