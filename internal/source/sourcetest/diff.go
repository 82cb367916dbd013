package sourcetest

import (
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

// Diff compares two answers by what they mean: no member is the same as null, and an instant may be written in several ways.
func Diff(want, got jsontext.Value) string {
	var w, g any
	if err := json.Unmarshal(want, &w); err != nil {
		return err.Error()
	}
	if err := json.Unmarshal(got, &g); err != nil {
		return err.Error()
	}
	return DiffTrees(w, g)
}

// DiffTrees is [Diff] for decoded answers, which it changes.
func DiffTrees(want, got any) string { return cmp.Diff(simplify(want), simplify(got)) }

func simplify(tree any) any {
	switch v := tree.(type) {
	case map[string]any:
		for name, inner := range v {
			if v[name] = simplify(inner); v[name] == nil {
				delete(v, name)
			}
		}
	case []any:
		for i, inner := range v {
			v[i] = simplify(inner)
		}
	case string:
		if instant, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return instant.UTC().Format(time.RFC3339Nano)
		}
	}
	return tree
}
