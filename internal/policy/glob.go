package policy

import (
	"strings"
	"unicode/utf8"
)

// glob matches a whole string against literal text, "?" (one character) and "*" (any run of characters).
// It is cut at its stars once; matching then finds each chunk leftmost, without backtracking, so a hostile pattern
// costs at most its longest chunk times the subject.
type glob []chunk // one more chunk than there are stars

// chunk is the text between two stars: literal when it has no "?".
type chunk struct {
	literal string
	pieces  []piece // nil when literal says all
}

// piece is some text, or one arbitrary character when one is set.
type piece struct {
	text string
	one  bool
}

func newGlob(tokens []token) glob {
	var g glob
	var cur []piece
	for _, t := range tokens {
		switch t.kind {
		case starToken:
			g = append(g, newChunk(cur))
			cur = nil
		case oneToken:
			cur = append(cur, piece{one: true})
		default:
			if n := len(cur); n > 0 && !cur[n-1].one {
				cur[n-1].text += t.text
			} else {
				cur = append(cur, piece{text: t.text})
			}
		}
	}
	return append(g, newChunk(cur))
}

func newChunk(pieces []piece) chunk {
	switch {
	case len(pieces) == 0:
		return chunk{}
	case len(pieces) == 1 && !pieces[0].one:
		return chunk{literal: pieces[0].text}
	}
	return chunk{pieces: pieces}
}

func (g glob) match(s string) bool {
	rest, ok := g[0].cutPrefix(s)
	if !ok || len(g) == 1 {
		return ok && rest == ""
	}
	if rest, ok = g[len(g)-1].cutSuffix(rest); !ok {
		return false
	}
	for _, c := range g[1 : len(g)-1] {
		if rest, ok = c.cutFirst(rest); !ok {
			return false
		}
	}
	return true
}

// universal reports whether the pattern is only stars.
func (g glob) universal() bool {
	for _, c := range g {
		if c.literal != "" || c.pieces != nil {
			return false
		}
	}
	return len(g) > 1
}

func (c chunk) cutPrefix(s string) (rest string, ok bool) {
	if c.pieces == nil {
		return strings.CutPrefix(s, c.literal)
	}
	for _, p := range c.pieces {
		if p.one {
			_, size := utf8.DecodeRuneInString(s)
			if size == 0 {
				return "", false
			}
			s = s[size:]
		} else if s, ok = strings.CutPrefix(s, p.text); !ok {
			return "", false
		}
	}
	return s, true
}

func (c chunk) cutSuffix(s string) (rest string, ok bool) {
	if c.pieces == nil {
		return strings.CutSuffix(s, c.literal)
	}
	for i := len(c.pieces) - 1; i >= 0; i-- {
		if c.pieces[i].one {
			_, size := utf8.DecodeLastRuneInString(s)
			if size == 0 {
				return "", false
			}
			s = s[:len(s)-size]
		} else if s, ok = strings.CutSuffix(s, c.pieces[i].text); !ok {
			return "", false
		}
	}
	return s, true
}

// cutFirst cuts s behind the leftmost occurrence of the chunk.
func (c chunk) cutFirst(s string) (rest string, ok bool) {
	if c.pieces == nil {
		i := strings.Index(s, c.literal)
		if i < 0 {
			return "", false
		}
		return s[i+len(c.literal):], true
	}
	for s != "" {
		if rest, ok := c.cutPrefix(s); ok {
			return rest, true
		}
		_, size := utf8.DecodeRuneInString(s)
		s = s[size:]
	}
	return "", false
}
