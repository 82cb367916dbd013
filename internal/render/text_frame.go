package render

import (
	"strings"
	"unicode"

	"cfdoctor/internal/evidence"
)

// maxValueLines is how many lines of a value a short text shows.
const maxValueLines = 4

// frames writes evidence: a heading for each call and resource, below it the fields with their values and a pointer to what is wrong.
func (t *textWriter) frames(refs []evidence.Ref) {
	for i, r := range refs {
		if i == 0 || r.Call != refs[i-1].Call || r.Resource != refs[i-1].Resource {
			t.wrapped("", "  ", source(r))
		}
		t.frame(r)
	}
}

// source says where a piece of evidence comes from.
func source(r evidence.Ref) line {
	out := in(dim, r.Call)
	if r.Resource != "" {
		out = out.and(dim, " of ").plus(r.Resource)
	}
	return out
}

func (t *textWriter) frame(r evidence.Ref) {
	const bar = "│ "
	if r.Field != "" {
		t.wrapped(bar, bar, in(strong, r.Field))
	}
	note := r.Note
	if r.Value != "" {
		note = t.pointed(bar+"  = ", bar+"    ", r)
	}
	if note != "" {
		t.wrapped(bar+"  ← ", bar+"    ", in(warn, note))
	}
	if r.Expected != "" {
		t.wrapped(bar+"  should be ", bar+"    ", in(good, r.Expected))
	}
}

// pointed writes a value and, where it fits into one line, carets below the part that is wrong. It returns the note if that is still to be written.
func (t *textWriter) pointed(first, rest string, r evidence.Ref) string {
	text := clean(r.Value)
	avail := t.width - t.indent - columns(first)
	if columns(text) > avail {
		t.value(first, rest, plain, text)
		return r.Note
	}
	t.wrapped(first, rest, say(text))
	start, end, found := wrong(text, clean(r.Expected), r.Note != "")
	if !found {
		return r.Note
	}
	runes := []rune(text)
	before := columns(string(runes[:start]))
	carets := strings.Repeat("^", max(columns(string(runes[start:end])), 1))
	pointer := in(bad, carets)
	if columns(rest)+before+len(carets) > t.width-t.indent {
		return r.Note
	}
	note := clean(r.Note)
	if room := avail - before - len(carets) - 1; columns(note) <= room {
		pointer = pointer.plus(" ").and(warn, note)
		note = ""
	}
	t.raw(blanks(t.indent) + rest + blanks(before) + t.paint(trimEnd(cells(pointer))))
	return note
}

// value writes a value on as many lines as it takes, and only the first of them in a short text.
func (t *textWriter) value(first, rest string, tone tone, text string) {
	avail := t.width - t.indent - columns(first)
	rows := wrapCells(cells(in(tone, text)), avail, avail, true)
	more := !t.verbose && len(rows) > maxValueLines
	if more {
		rows = rows[:maxValueLines]
	}
	prefix := first
	for _, row := range rows {
		t.raw(blanks(t.indent) + prefix + t.paint(row))
		prefix = rest
	}
	if more {
		t.raw(blanks(t.indent) + rest + t.paint(cells(in(dim, "… ("+itoa(len([]rune(text)))+" characters)"))))
	}
}

// wrong finds the part of a value that differs from what is expected, in whole words, as rune indexes. Without an expectation the whole value
// is pointed at where a note says what is wrong with it.
func wrong(value, expected string, noted bool) (start, end int, found bool) {
	v, e := []rune(value), []rune(expected)
	switch {
	case value == expected, expected == "" && !noted:
		return 0, 0, false
	case expected == "":
		return 0, len(v), len(v) > 0
	}
	for start < len(v) && start < len(e) && v[start] == e[start] {
		start++
	}
	end = len(v)
	for tail := len(e); end > start && tail > start && v[end-1] == e[tail-1]; tail-- {
		end--
	}
	// Half a word says little: the ends move outwards to where a word ends. Where something is only missing, its neighbor is pointed at.
	missing := start == end
	for start > 0 && isWord(v[start-1]) && (missing || isWord(v[start])) {
		start--
	}
	for end < len(v) && isWord(v[end]) && (missing || isWord(v[end-1])) {
		end++
	}
	return start, end, true
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
