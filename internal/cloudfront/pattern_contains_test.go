package cloudfront

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestContains(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"*", "/api/*", true},
		{"/*", "/api/*", true},
		{"/api/*", "*", false},
		{"/api*", "/api/*", true},
		{"/api/*", "/api*", false},
		{"/a*", "/api/v?/x", true},
		{"*.jpg", "/images/*.jpg", true},
		{"/images/*", "/images/*.jpg", true},
		{"/images/*.jpg", "/images/*", false},
		{"/API/*", "/api/*", false},
		{"??*", "?*?", true},
		{"*?*", "?", true},
		{"a*b*", "a*b", true},
		{"/same", "same", true},
	}
	for _, tt := range tests {
		if got := Contains(Compile(tt.a), Compile(tt.b)); got != tt.want {
			t.Errorf("Contains(%q, %q) = %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

// words are all strings over the alphabet up to length 6, 'x' being the letter that no pattern has.
func words() []string {
	all, last := []string{""}, []string{""}
	for range 6 {
		var next []string
		for _, w := range last {
			next = append(next, w+"a", w+"b", w+"x")
		}
		all, last = append(all, next...), next
	}
	return all
}

func TestContainsAgainstBruteForce(t *testing.T) {
	all := words()
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.StringMatching(`[ab*?]{0,4}`).Draw(t, "a")
		b := rapid.StringMatching(`[ab*?]{0,3}`).Draw(t, "b")
		pa, pb := Compile(a), Compile(b)
		counter, found := "", false
		for _, w := range all {
			if pb.Match("/"+w) && !pa.Match("/"+w) {
				counter, found = w, true
				break
			}
		}
		// The shortest counterexample needs no more than the letters of both patterns, which six cover here.
		if got := Contains(pa, pb); got == found {
			t.Fatalf("Contains(%q, %q) = %v, counterexample %q (%v)", a, b, got, counter, found)
		}
	})
}

func TestContainsStaysBounded(t *testing.T) {
	// Many stars before question marks make many sets of positions; the search must give up with the safe answer
	// or find the right one, and here that is false: a word of b need not hold a hundred letters a.
	a, b := Compile(strings.Repeat("*a", 100)), Compile("*"+strings.Repeat("?a*", 80))
	if Contains(a, b) {
		t.Error("a word with 80 letters a cannot match 100 of them")
	}
	if Contains(Compile(strings.Repeat("a", 300)), Compile("b")) {
		t.Error("an over-long pattern contains nothing but itself")
	}
}
