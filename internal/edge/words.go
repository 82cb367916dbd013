package edge

import (
	"strconv"
	"strings"
	"unicode"
)

// quoted shows a value from the account in a sentence. Control characters are escaped: an account is free to hold any.
func quoted(value string) string {
	if strings.IndexFunc(value, func(r rune) bool { return !unicode.IsPrint(r) || r == '"' }) >= 0 {
		return strconv.Quote(value)
	}
	return `"` + value + `"`
}

// listWords joins values as a sentence does.
func listWords(values []string) string {
	switch len(values) {
	case 0:
		return "none"
	case 1:
		return values[0]
	}
	return strings.Join(values[:len(values)-1], ", ") + " and " + values[len(values)-1]
}

// decimal shows a number that the API may leave out.
func decimal(p *int32) string {
	if p == nil {
		return "?"
	}
	return strconv.Itoa(int(*p))
}

func ptr[T any](v T) *T { return &v }
