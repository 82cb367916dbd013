package bundle

import (
	"errors"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// parseTree decodes a JSON value into maps, slices and strings. Numbers stay as they are written.
func parseTree(raw jsontext.Value) (any, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var tree any
	err := json.Unmarshal(raw, &tree, json.WithUnmarshalers(keepNumbers))
	return tree, err
}

var keepNumbers = json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *any) error {
	if d.PeekKind() != '0' {
		return errors.ErrUnsupported // leave it to the default
	}
	raw, err := d.ReadValue()
	*v = raw.Clone()
	return err
})

// sortedNames lists an object's members in an order that is always the same.
func sortedNames(object map[string]any) []string {
	return slices.Sorted(maps.Keys(object))
}
