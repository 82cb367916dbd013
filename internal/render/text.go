package render

import (
	"bufio"
	"io"
	"strings"

	"cfdoctor/internal/report"
)

// textWriter writes a document for a terminal.
type textWriter struct {
	out     *bufio.Writer
	width   int
	indent  int
	color   bool
	verbose bool
}

// bodyIndent is how far the text of a section stands in, in columns.
const bodyIndent = 2

func writeText(w io.Writer, d *document, o Options) error {
	width := o.Width
	if width == 0 {
		width = DefaultWidth
	}
	t := &textWriter{out: bufio.NewWriter(w), width: max(width, MinWidth), color: o.Color, verbose: o.Verbose}
	t.blocks(d.top)
	for _, s := range d.sections {
		t.newline()
		t.indent = 0
		t.wrapped("", "", in(strong, strings.ToUpper(s.title)))
		t.indent = bodyIndent
		t.blocks(s.blocks)
	}
	return t.out.Flush()
}

func (t *textWriter) blocks(blocks []block) {
	for i, b := range blocks {
		if i > 0 && apart(blocks[i-1], b) {
			t.newline()
		}
		t.block(b)
	}
}

// apart reports whether a blank line stands between two blocks.
func apart(before, after block) bool {
	switch after.(type) {
	case headline, subhead, aside:
		return true
	}
	switch before.(type) {
	case subhead:
		return false
	case paragraph:
		switch after.(type) {
		case frames, way:
			return true
		}
		return isLabel(after)
	case command:
		_, more := after.(command)
		return isLabel(after) || !more
	case list:
		_, more := after.(list)
		return !more
	}
	return true
}

// isLabel reports whether a block is a paragraph in bold: a small heading.
func isLabel(b block) bool {
	p, ok := b.(paragraph)
	return ok && len(p.text) == 1 && p.text[0].tone == strong
}

func (t *textWriter) block(b block) {
	switch b := b.(type) {
	case paragraph:
		t.wrapped("", "", b.text)
	case aside:
		t.wrapped("", "", b.text)
	case headline:
		t.indent = 0
		t.wrapped("", "  ", line{{b.mark + " ", b.tone}, {b.text, strong}})
		t.indent = bodyIndent
	case subhead:
		t.wrapped("", "  ", b.text)
	case facts:
		t.facts(b.rows)
	case list:
		t.list(b)
	case command:
		t.command(b)
	case frames:
		t.frames(b.refs)
	case way:
		t.way(b.steps)
	case changes:
		t.changes(b.rows)
	case table:
		t.table(b)
	}
}

// maxName is the widest column of names, in columns.
const maxName = 24

func (t *textWriter) facts(rows []fact) {
	names := 0
	for _, row := range rows {
		names = max(names, min(columns(clean(row.name)), maxName))
	}
	for i, row := range rows {
		name := clean(row.name) + ":"
		if i > 0 && rows[i-1].name == row.name {
			name = ""
		}
		pad := names + 2
		if columns(name) > names+1 {
			t.wrapped("", "  ", in(dim, name))
			name = ""
		}
		t.wrapped(name+blanks(pad-columns(name)), blanks(pad), row.value)
	}
}

func (t *textWriter) list(l list) {
	for i, item := range l.items {
		bullet := "• "
		switch {
		case l.numbered:
			bullet = ""
		case l.ordered:
			bullet = itoa(i+1) + ". "
		}
		hang := max(columns(bullet), 2)
		if l.numbered {
			hang = 3
		}
		t.wrapped(bullet, blanks(hang), item)
	}
}

// command writes a command as it stands, to be copied. A here-document ends at a line that begins in the first column, so a command
// with one is not indented.
func (t *textWriter) command(c command) {
	purpose := c.purpose
	if c.mutates && purpose != "" {
		purpose += " (changes your account)"
	}
	if purpose != "" {
		t.wrapped("# ", "# ", in(dim, purpose))
	}
	margin := blanks(max(t.indent, bodyIndent))
	if strings.Contains(c.text, "<<") {
		margin = ""
	}
	for _, l := range cleanLines(c.text) {
		t.out.WriteString(margin + l) // to the last blank: one after a backslash counts
		t.newline()
	}
	if c.note != "" {
		t.wrapped("# ", "# ", in(dim, c.note))
	}
}

// changes writes what a fix changes, as a diff does.
func (t *textWriter) changes(rows []report.DiffLine) {
	for _, d := range rows {
		t.wrapped("", "  ", in(strong, d.Path).and(dim, " of "+d.Resource))
		if d.Old != "" {
			t.value("- ", "  ", bad, clean(d.Old))
		}
		if d.New != "" {
			t.value("+ ", "  ", good, clean(d.New))
		}
	}
}

// maxTitle is the widest column of stage titles, in columns.
const maxTitle = 30

func (t *textWriter) way(steps []stage) {
	titles := 0
	for _, s := range steps {
		if w := columns(clean(s.title)); !s.run && w <= maxTitle {
			titles = max(titles, w)
		}
	}
	for _, s := range steps {
		t.stage(s, titles)
	}
}

func (t *textWriter) stage(s stage, titles int) {
	mark, tone := s.mark()
	title := clean(s.title)
	text := line{{mark + " ", tone}}
	if s.run {
		t.wrapped("", "  ", text.and(dim, title+": "+s.summary))
		return
	}
	hang := blanks(titles + 4)
	weight := plain
	if s.decides {
		weight = strong
	}
	text = text.and(weight, title).plus(blanks(max(titles-columns(title), 0) + 2))
	if s.status != 0 {
		text = text.and(statusTone(s.status), "→ "+itoa(s.status)).plus(" ")
	}
	text = text.and(weight, s.summary)
	if s.decides {
		text = text.and(dim, " ← this decides the answer")
	}
	t.wrapped("", hang, text)
	t.indent += 4
	if s.detail != "" {
		t.wrapped("", "", in(dim, s.detail))
	}
	t.frames(s.refs)
	t.indent -= 4
}
