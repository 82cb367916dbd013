package fix

import (
	"maps"
	"slices"
)

// strangers begins the reason why a resource is not changed that has members of which nobody here knows whether an update takes them: written
// without them, they might be gone.
const strangers = "use a newer cfdoctor, or the console: an update might take away what this one does not know, which is "

// strangers are the members that are neither written by an update nor known to stay without it.
func (l Look) strangers(answer any) []string {
	if l.Fixed == nil {
		return nil
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(objectOf(follow(answer, l.Path)))) {
		if !slices.Contains(l.Keep, name) && !slices.Contains(l.Fixed, name) {
			out = append(out, name)
		}
	}
	return out
}

// noStrangers is jq that passes a resource on, and fails where it has strangers.
func noStrangers(members, fixed []string) string {
	return "(keys - " + text(mustTree(slices.Concat(members, fixed))) + `) as $new | if $new == [] then . else error("` + strangers + `" + ($new | join(", "))) end`
}
