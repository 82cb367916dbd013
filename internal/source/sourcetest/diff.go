package sourcetest

import (
	"errors"
	"math"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"cfdoctor/internal/source/pages"
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

// DiffAnswers is [Diff] for the answers to a call. Doors differ in what they tell of the pages of a list that comes in pages: the AWS CLI leaves
// that out once it has merged them, and an empty list with it.
func DiffAnswers(name string, want, got jsontext.Value) string {
	_, firstOnly := pages.Size(name)
	if !firstOnly && !slices.Contains(pages.Operations(), name) {
		return Diff(want, got)
	}
	var w, g map[string]any
	if err := errors.Join(json.Unmarshal(want, &w), json.Unmarshal(got, &g)); err != nil {
		return err.Error()
	}
	withoutPaging(w)
	withoutPaging(g)
	return DiffTrees(w, g)
}

// ofPages are the members that tell of pages, and what was asked for beside them.
var ofPages = []string{
	"IsTruncated", "MaxItems", "Quantity", "Marker", "EncodingType", "KeyCount", "MaxKeys", "Delimiter", "StartAfter", "Name", "ContinuationToken",
	"RequestCharged",
}

// withoutPaging takes those members out of an answer, and out of the object that holds its list, which goes too if nothing else is in it.
func withoutPaging(answer map[string]any) {
	for _, name := range ofPages {
		delete(answer, name)
	}
	for name, inner := range answer {
		list, ok := inner.(map[string]any)
		if !ok {
			continue
		}
		for _, n := range ofPages {
			delete(list, n)
		}
		if len(list) == 0 {
			delete(answer, name)
		}
	}
}

// DiffTrees is [Diff] for decoded answers, which it changes.
func DiffTrees(want, got any) string {
	w := simplify(want)
	return cmp.Diff(w, asInstants(w, simplify(got)))
}

// asInstants writes as a time what got has as the number of seconds since 1970 of want's time: so does version 1 of the AWS CLI print times.
func asInstants(want, got any) any {
	switch w := want.(type) {
	case map[string]any:
		if g, ok := got.(map[string]any); ok {
			for name := range g {
				g[name] = asInstants(w[name], g[name])
			}
		}
	case []any:
		if g, ok := got.([]any); ok {
			for i := range min(len(w), len(g)) {
				g[i] = asInstants(w[i], g[i])
			}
		}
	case string:
		instant, err := time.Parse(time.RFC3339Nano, w)
		if seconds, ok := got.(float64); ok && err == nil && instant.Equal(time.UnixMilli(int64(math.Round(1000*seconds)))) {
			return w
		}
	}
	return got
}

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
