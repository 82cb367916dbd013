package policy

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// slowMatch is the definition of the two wildcards, exponential and obvious.
func slowMatch(pattern, s []rune) bool {
	if len(pattern) == 0 {
		return len(s) == 0
	}
	if pattern[0] == '*' {
		return slowMatch(pattern[1:], s) || len(s) > 0 && slowMatch(pattern, s[1:])
	}
	return len(s) > 0 && (pattern[0] == '?' || pattern[0] == s[0]) && slowMatch(pattern[1:], s[1:])
}

func TestGlobMatchesItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringMatching(`[abé*?]{0,10}`).Draw(t, "pattern")
		s := rapid.StringMatching(`[abé]{0,12}`).Draw(t, "s")
		p := newPattern(pattern, wildcards)
		if got, want := p.glob.match(s), slowMatch([]rune(pattern), []rune(s)); got != want {
			t.Fatalf("%q against %q: %v, want %v", pattern, s, got, want)
		}
	})
}

func TestGlob(t *testing.T) {
	for _, tc := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"**", "a/b:c", true},
		{"a*a", "a", false},
		{"a*a", "aa", true},
		{"ab*ba", "aba", false},
		{"?", "é", true},
		{"?", "", false},
		{"*?x*", "abx", true},
		{"*ab*cd*", "xxabyycdzz", true},
		{"*ab*ab", "ab", false},
	} {
		p := newPattern(tc.pattern, wildcards)
		if got := p.glob.match(tc.s); got != tc.want {
			t.Errorf("%q against %q: %v", tc.pattern, tc.s, got)
		}
	}
}

// A backtracking matcher would not come back from this one.
func TestGlobSurvivesHostilePatterns(t *testing.T) {
	p := newPattern(strings.Repeat("*a?", 3000)+"b", wildcards)
	if p.glob.match(strings.Repeat("a", 20000)) {
		t.Error("matched without a b")
	}
}
