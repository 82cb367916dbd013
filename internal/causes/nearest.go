package causes

import "strings"

// Nearest is the id of the cause that shares most words with what was typed, "" where none shares one.
func Nearest(id string) string {
	id = strings.ToUpper(strings.ReplaceAll(id, "-", "_"))
	best, most := "", 0
	for _, c := range All() {
		shared := 0
		for word := range strings.SplitSeq(id, "_") {
			if len(word) > 1 && strings.Contains(c.ID, word) {
				shared += len(word)
			}
		}
		if shared > most {
			best, most = c.ID, shared
		}
	}
	return best
}
