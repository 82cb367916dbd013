package fix

import (
	"maps"
	"slices"
)

// strangers begins the reason why a resource is not changed that has members of which nobody here knows whether an update takes them: written
// without them, they might be gone.
const strangers = "use a newer cfdoctor, or the console: an update might take away what this one does not know, which is "

// strangers are the members that somebody has set and that are neither written by an update nor known to stay without it.
func (l Look) strangers(answer any) []string {
	if l.Fixed == nil {
		return nil
	}
	var out []string
	resource := objectOf(follow(answer, l.Path))
	for _, name := range slices.Sorted(maps.Keys(resource)) {
		if !slices.Contains(l.sorted(), name) && !byDefault(name, resource[name]) {
			out = append(out, name)
		}
	}
	return out
}

// sorted are the members of which it is known whether an update takes them. The version is no setting wherever it stands: moto shows WAF's
// LockToken within the resource too.
func (l Look) sorted() []string { return append(slices.Concat(l.Keep, l.Fixed), l.Version) }

// noStrangers is jq that passes a resource on, and fails where it has strangers.
func (l Look) noStrangers() string {
	return `([to_entries[] | select(.value | . != null and . != false and . != "" and . != []) | .key] - ` + text(mustTree(l.sorted())) + `) as $new | if $new == [] then . else error("` + strangers + `" + ($new | join(", "))) end`
}
