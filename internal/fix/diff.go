package fix

import (
	"fmt"
	"maps"
	"slices"
)

// identities are the members that tell the items of a list apart, by which old and new items are compared.
var identities = []string{"Id", "PathPattern", "ErrorCode", "EventType", "Name", "Sid"}

// diffTrees lists the members that differ between two trees, in the order of their paths.
func diffTrees(resource, path string, before, after any) []DiffLine {
	if sameTree(before, after) {
		return nil
	}
	old, isObject := before.(map[string]any)
	now, stillObject := after.(map[string]any)
	if isObject && stillObject {
		var out []DiffLine
		names := slices.Sorted(maps.Keys(union(old, now)))
		for _, name := range names {
			out = append(out, diffTrees(resource, join(path, name), old[name], now[name])...)
		}
		return out
	}
	oldList, isList := before.([]any)
	newList, stillList := after.([]any)
	if isList && stillList {
		if key := identityOf(oldList, newList); key != "" {
			return diffLists(resource, path, key, oldList, newList)
		}
	}
	return []DiffLine{{Resource: resource, Path: path, Old: shown(before), New: shown(after)}}
}

func diffLists(resource, path, key string, before, after []any) []DiffLine {
	old, now := byKey(before, key), byKey(after, key)
	var out []DiffLine
	for _, id := range slices.Sorted(maps.Keys(union(old, now))) {
		out = append(out, diffTrees(resource, path+"["+key+"="+printable(id)+"]", old[id], now[id])...)
	}
	if len(out) == 0 {
		out = append(out, DiffLine{Resource: resource, Path: path, Old: order(before, key), New: order(after, key)})
	}
	return out
}

// identityOf is the member that every item of both lists has, each with a value of its own.
func identityOf(lists ...[]any) string {
	for _, key := range identities {
		if !slices.ContainsFunc(lists, func(list []any) bool { return len(byKey(list, key)) != len(list) }) {
			return key
		}
	}
	return ""
}

func byKey(list []any, key string) map[string]any {
	out := map[string]any{}
	for _, item := range list {
		if id, ok := objectOf(item)[key]; ok {
			out[fmt.Sprint(id)] = item
		}
	}
	return out
}

func order(list []any, key string) string {
	ids := make([]any, len(list))
	for i, item := range list {
		ids[i] = objectOf(item)[key]
	}
	return text(ids)
}

func union(a, b map[string]any) map[string]any {
	out := maps.Clone(a)
	if out == nil {
		out = map[string]any{}
	}
	maps.Copy(out, b)
	return out
}

func join(path, name string) string {
	if path == "" {
		return printable(name)
	}
	return path + "." + printable(name)
}

func shown(tree any) string {
	switch v := tree.(type) {
	case nil:
		return ""
	case string:
		if v != "" {
			return printable(v)
		}
	}
	return text(tree)
}

// diffPolicies lists the statements that come, go and change. A statement that stands alone and one in a list are the same.
func diffPolicies(resource string, before, after any) []DiffLine {
	const path = "Policy.Statement"
	old, now := listOf(objectOf(before)["Statement"]), listOf(objectOf(after)["Statement"])
	var out []DiffLine
	for i, statement := range now {
		if contains(old, statement) {
			continue
		}
		at := fmt.Sprintf("%s[%d]", path, i)
		if i < len(old) && !contains(now, old[i]) {
			out = append(out, diffTrees(resource, at, old[i], statement)...)
		} else {
			out = append(out, DiffLine{Resource: resource, Path: at, New: text(statement)})
		}
	}
	for i, statement := range old {
		if !contains(now, statement) && (i >= len(now) || contains(old, now[i])) {
			out = append(out, DiffLine{Resource: resource, Path: fmt.Sprintf("%s[%d]", path, i), Old: text(statement)})
		}
	}
	return out
}
