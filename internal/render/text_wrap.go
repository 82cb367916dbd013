package render

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"cfdoctor/internal/ui"
)

// cell is one character of a terminal line with its tone and the columns it takes.
type cell struct {
	r     rune
	tone  tone
	width int
}

// clean makes a value safe for a terminal, on one line.
func clean(text string) string { return ui.Clean(text) }

// cleanLines does the same for a text of several lines.
func cleanLines(text string) []string {
	text = strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if text == "" {
		return nil
	}
	out := strings.Split(strings.ReplaceAll(text, "\t", "    "), "\n")
	for i, l := range out {
		out[i] = clean(l)
	}
	return out
}

func itoa(n int) string { return strconv.Itoa(n) }

func blanks(n int) string { return strings.Repeat(" ", max(n, 0)) }

// runeWidth is the number of columns a terminal gives a character: two for East Asian wide ones and emoji (Unicode UAX #11),
// none for marks that combine with the character before.
func runeWidth(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// columns is the width of a cleaned text.
func columns(text string) int {
	n := 0
	for _, r := range text {
		n += runeWidth(r)
	}
	return n
}

func cells(l line) []cell {
	var out []cell
	for _, s := range l {
		for _, r := range clean(s.text) {
			out = append(out, cell{r, s.tone, runeWidth(r)})
		}
	}
	return out
}

func widthOf(cs []cell) int {
	n := 0
	for _, c := range cs {
		n += c.width
	}
	return n
}

// wrapped writes a line broken at spaces. The first printed line begins with one prefix, the others with another; both are as wide as they
// are long and carry no values.
func (t *textWriter) wrapped(first, rest string, l line) {
	margin := blanks(t.indent)
	prefix := margin + first
	avail := func() int { return t.width - columns(prefix) }
	for _, row := range wrapCells(cells(l), avail(), t.width-t.indent-columns(rest), false) {
		t.raw(prefix + t.paint(row))
		prefix = margin + rest
	}
}

// wrapCells breaks at spaces. A word wider than a line is cut, unless it is a web address: half of one is of no use.
func wrapCells(cs []cell, first, rest int, cutAll bool) [][]cell {
	var rows [][]cell
	avail := max(first, 1)
	var row []cell
	used := 0
	flush := func() {
		rows = append(rows, trimEnd(row))
		row, used, avail = nil, 0, max(rest, 1)
	}
	for len(cs) > 0 {
		space, word := nextWord(cs)
		cs = cs[len(space)+len(word):]
		size := widthOf(word)
		if len(row) > 0 && used+widthOf(space)+size > avail {
			flush()
			space = nil
		}
		if len(rows) > 0 && len(row) == 0 {
			space = nil
		}
		row, used = append(row, space...), used+widthOf(space)
		for used+size > avail && (cutAll || !isAddress(word)) {
			n := fitting(word, avail-used)
			if n == 0 {
				if len(row) == 0 {
					n = 1
				} else {
					flush()
					continue
				}
			}
			row = append(row, word[:n]...)
			size -= widthOf(word[:n])
			word = word[n:]
			if len(word) == 0 {
				break
			}
			flush()
		}
		row, used = append(row, word...), used+size
	}
	return append(rows, trimEnd(row))
}

// nextWord splits off leading spaces and the word after them.
func nextWord(cs []cell) (space, word []cell) {
	i := 0
	for i < len(cs) && cs[i].r == ' ' {
		i++
	}
	j := i
	for j < len(cs) && cs[j].r != ' ' {
		j++
	}
	return cs[:i], cs[i:j]
}

// fitting is how many cells fit into a number of columns, with the marks that combine with the last one.
func fitting(cs []cell, avail int) int {
	used := 0
	for i, c := range cs {
		if used+c.width > avail {
			return i
		}
		used += c.width
	}
	return len(cs)
}

func isAddress(word []cell) bool {
	var text strings.Builder
	for _, c := range word[:min(len(word), 10)] {
		text.WriteRune(c.r)
	}
	return strings.HasPrefix(text.String(), "https://") || strings.HasPrefix(text.String(), "http://")
}

func trimEnd(cs []cell) []cell {
	for len(cs) > 0 && cs[len(cs)-1].r == ' ' {
		cs = cs[:len(cs)-1]
	}
	return cs
}

// raw writes one line, without blanks at its end.
func (t *textWriter) raw(text string) {
	t.out.WriteString(strings.TrimRight(text, " "))
	t.newline()
}

func (t *textWriter) newline() { t.out.WriteByte('\n') }

// sgr is the terminal's "select graphic rendition" parameter for a tone (ECMA-48, section 8.3.117).
var sgr = [...]string{plain: "", strong: "1", dim: "2", code: "", good: "32", bad: "1;31", warn: "33"}

// paint writes cells with their tones. Without colour only the text is left, which says everything.
func (t *textWriter) paint(cs []cell) string {
	var out strings.Builder
	on := ""
	for _, c := range cs {
		if want := sgr[c.tone]; t.color && want != on && c.r != ' ' {
			if on != "" {
				out.WriteString("\x1b[0m")
			}
			if want != "" {
				out.WriteString("\x1b[" + want + "m")
			}
			on = want
		}
		out.WriteRune(c.r)
	}
	if on != "" {
		out.WriteString("\x1b[0m")
	}
	return out.String()
}
