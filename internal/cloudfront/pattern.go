package cloudfront

import (
	"fmt"
	"strings"

	"cfdoctor/internal/tri"
)

// MaxPatternLength is the longest path pattern CloudFront accepts, in characters (DG/DownloadDistValuesCacheBehavior).
const MaxPatternLength = 255

// Pattern is a compiled path pattern of a cache behavior. The zero value matches only the root.
//
// The grammar (DG/DownloadDistValuesCacheBehavior): '*' stands for any number of characters, slashes included;
// '?' for exactly one; everything else for itself, in exactly that case. A leading slash may be left out. There
// are no braces, classes or negations, and the query string takes no part.
type Pattern struct {
	raw    string
	glob   string  // raw without its leading slash
	chunks []chunk // glob split at its stars
}

// chunk is what stands between two stars.
type chunk struct {
	text string
	any  bool // contains '?'
}

// Compile prepares a path pattern for matching. It accepts every string: what the API would refuse is for
// [ValidatePattern] to say, and an account may hold patterns older than today's rules.
func Compile(pattern string) Pattern {
	glob := strings.TrimPrefix(pattern, "/")
	parts := strings.Split(glob, "*")
	chunks := make([]chunk, len(parts))
	for i, text := range parts {
		chunks[i] = chunk{text: text, any: strings.IndexByte(text, '?') >= 0}
	}
	return Pattern{raw: pattern, glob: glob, chunks: chunks}
}

// String returns the pattern as it was written.
func (p Pattern) String() string { return p.raw }

// Match reports whether the pattern matches a path that [NormalizePath] returned. It allocates nothing, and its
// time grows linearly with the path: a '?' costs at most the length of the pattern more.
func (p Pattern) Match(path string) bool {
	return matchChunks(p.chunks, strings.TrimPrefix(path, "/"))
}

// matchChunks anchors the first chunk at the start and the last at the end, and finds the others from the left,
// each at its first place: with stars between them an earlier place can never be the worse choice.
func matchChunks(chunks []chunk, s string) bool {
	if len(chunks) == 0 {
		return s == ""
	}
	first := chunks[0]
	if len(s) < len(first.text) || !first.at(s) {
		return false
	}
	if len(chunks) == 1 {
		return len(s) == len(first.text)
	}
	s = s[len(first.text):]
	last := chunks[len(chunks)-1]
	for _, c := range chunks[1 : len(chunks)-1] {
		i := c.index(s)
		if i < 0 {
			return false
		}
		s = s[i+len(c.text):]
	}
	return len(s) >= len(last.text) && last.at(s[len(s)-len(last.text):])
}

// at reports whether s, which is at least as long as the chunk, starts with it.
func (c chunk) at(s string) bool {
	if !c.any {
		return s[:len(c.text)] == c.text
	}
	for i := 0; i < len(c.text); i++ {
		if c.text[i] != '?' && c.text[i] != s[i] {
			return false
		}
	}
	return true
}

// index is the first place in s where the chunk fits, or -1.
func (c chunk) index(s string) int {
	if !c.any {
		return strings.Index(s, c.text)
	}
	for i := 0; i+len(c.text) <= len(s); i++ {
		if c.at(s[i:]) {
			return i
		}
	}
	return -1
}

// MatchURI reports whether the pattern matches the raw request target of a viewer, normalised first. It is
// Unknown where AWS documents no rule and the possible rules disagree for this path: whether percent-encoded
// characters are decoded, whether slashes collapse before or after dot segments are resolved, and whether a
// leading '*' or '?' may stand for the leading slash itself.
func (p Pattern) MatchURI(raw string) tri.Bool {
	path := cutQuery(raw)
	want := p.Match(normalize(path))
	if strings.Contains(path, "//") && p.Match(collapseSlashes(removeDots(path))) != want {
		return tri.Unknown
	}
	if strings.IndexByte(path, '%') >= 0 {
		for _, keep := range [...]func(byte) bool{isUnreserved, func(byte) bool { return true }} {
			before := normalize(decodePercent(path, keep))
			after := decodePercent(normalize(path), keep)
			if p.Match(before) != want || p.Match(after) != want {
				return tri.Unknown
			}
		}
	}
	if p.raw != "" && (p.raw[0] == '*' || p.raw[0] == '?') && matchChunks(p.chunks, normalize(path)) != want {
		return tri.Unknown
	}
	return tri.Of(want)
}

// ValidatePattern returns why CloudFront would refuse the path pattern, or nil: it must have 1 to 255 of the
// characters that the documentation lists (DG/DownloadDistValuesCacheBehavior).
func ValidatePattern(pattern string) error {
	if pattern == "" {
		return fmt.Errorf("path pattern is empty")
	}
	if len(pattern) > MaxPatternLength {
		return fmt.Errorf("path pattern has %d characters, more than %d", len(pattern), MaxPatternLength)
	}
	for i, r := range pattern {
		if !patternRune(r) {
			return fmt.Errorf("path pattern has a character that CloudFront does not allow: %q at position %d", r, i+1)
		}
	}
	return nil
}

// patternRune reports whether a path pattern may contain r.
func patternRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' ||
		strings.ContainsRune(`_-.*$/~"'@:+&?`, r)
}
