package render

import (
	"bufio"
	"cmp"
	"io"
	"strings"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/report"
)

// markdownWriter writes a document for a ticket or a pull request, in CommonMark with GitHub's tables.
type markdownWriter struct{ out *bufio.Writer }

func writeMarkdown(w io.Writer, d *document) error {
	m := &markdownWriter{bufio.NewWriter(w)}
	m.paragraph("# " + escapeMarkdown(d.title))
	m.blocks(d.top)
	for _, s := range d.sections {
		m.paragraph("## " + escapeMarkdown(s.title))
		m.blocks(s.blocks)
	}
	return m.out.Flush()
}

// paragraph writes text that is Markdown already, with a blank line after it.
func (m *markdownWriter) paragraph(text string) { m.out.WriteString(text + "\n\n") }

func (m *markdownWriter) blocks(blocks []block) {
	for _, b := range blocks {
		m.block(b)
	}
}

func (m *markdownWriter) block(b block) {
	switch b := b.(type) {
	case paragraph:
		m.paragraph(inline(b.text))
	case aside:
		m.paragraph(inline(b.text))
	case headline:
		m.paragraph("**" + b.mark + " " + escapeMarkdown(b.text) + "**")
	case subhead:
		m.paragraph("### " + inline(unstyled(b.text)))
	case facts:
		for _, f := range b.rows {
			m.out.WriteString("- " + escapeMarkdown(f.name) + ": " + inline(f.value) + "\n")
		}
		m.out.WriteByte('\n')
	case list:
		m.list(b)
	case command:
		m.command(b)
	case frames:
		m.frames(b.refs)
	case way:
		m.way(b.steps)
	case changes:
		m.fence("diff", diffLines(b.rows))
	case table:
		m.table(b.head, b.rows)
	}
}

func (m *markdownWriter) list(l list) {
	for i, item := range l.items {
		bullet := "- "
		text := inline(item)
		if l.ordered {
			bullet = itoa(i+1) + ". "
		}
		if l.numbered {
			text = escapeMarkdown(strings.TrimPrefix(item.String(), bullet))
		}
		m.out.WriteString(bullet + text + "\n")
	}
	m.out.WriteByte('\n')
}

func (m *markdownWriter) command(c command) {
	if c.purpose != "" {
		text := escapeMarkdown(c.purpose)
		if c.mutates {
			text += " (changes your account)"
		}
		m.paragraph(text)
	}
	if c.text != "" {
		m.fence(cmp.Or(c.language, "sh"), cleanLines(c.text))
	}
	if c.note != "" {
		m.paragraph(escapeMarkdown(c.note))
	}
}

// fence writes a code block whose fence is longer than any row of backticks in it.
func (m *markdownWriter) fence(language string, lines []string) {
	fence := "```"
	for _, l := range lines {
		fence = strings.Repeat("`", max(len(fence), longestRun(l)+1))
	}
	m.out.WriteString(fence + language + "\n")
	for _, l := range lines {
		m.out.WriteString(l + "\n")
	}
	m.out.WriteString(fence + "\n\n")
}

// diffLines writes changes as a unified diff would; every line is a value of one line.
func diffLines(rows []report.DiffLine) []string {
	var out []string
	for _, d := range rows {
		out = append(out, clean("  "+d.Path+" of "+d.Resource))
		if d.Old != "" {
			out = append(out, clean("- "+d.Old))
		}
		if d.New != "" {
			out = append(out, clean("+ "+d.New))
		}
	}
	return out
}

func (m *markdownWriter) frames(refs []evidence.Ref) {
	for i, r := range refs {
		if i == 0 || r.Call != refs[i-1].Call || r.Resource != refs[i-1].Resource {
			if i > 0 {
				m.out.WriteByte('\n')
			}
			m.paragraph(inline(source(r)))
		}
		text := ""
		if r.Field != "" {
			text = codeSpan(r.Field)
		}
		if r.Value != "" {
			text += " = " + codeSpan(r.Value)
		}
		if r.Note != "" {
			text += " ← " + escapeMarkdown(r.Note)
		}
		if r.Expected != "" {
			text += "; should be " + codeSpan(r.Expected)
		}
		m.out.WriteString("- " + strings.TrimSpace(text) + "\n")
	}
	m.out.WriteByte('\n')
}

func (m *markdownWriter) way(steps []stage) {
	var rows [][]line
	for _, s := range steps {
		mark, _ := s.mark()
		title := say(s.title)
		summary := say(s.summary)
		if s.status != 0 {
			summary = in(strong, "→ "+itoa(s.status)).plus(" ").plusAll(summary)
		}
		if s.decides {
			title = in(strong, s.title)
			summary = summary.plus(" ← this decides the answer")
		}
		rows = append(rows, []line{say(mark), title, summary})
	}
	m.table([]string{"", "Stage", "What happens"}, rows)
}

func (m *markdownWriter) table(head []string, rows [][]line) {
	titles := make([]string, len(head))
	for i, h := range head {
		titles[i] = escapeMarkdown(h)
	}
	m.row(titles)
	m.out.WriteString(strings.Repeat("| --- ", len(head)) + "|\n")
	for _, row := range rows {
		texts := make([]string, len(row))
		for i, c := range row {
			texts[i] = tableCell(c)
		}
		m.row(texts)
	}
	m.out.WriteByte('\n')
}

func (m *markdownWriter) row(texts []string) {
	m.out.WriteString("| " + strings.Join(texts, " | ") + " |\n")
}

// tableCell writes a cell: GitHub's tables end a cell at every bar, in code spans too, unless it is escaped.
func tableCell(l line) string {
	var out strings.Builder
	for _, s := range l {
		if s.tone == code {
			out.WriteString(strings.ReplaceAll(codeSpan(s.text), "|", `\|`))
		} else {
			out.WriteString(inline(line{s}))
		}
	}
	return out.String()
}

// inline writes a line with its tones.
func inline(l line) string {
	var out strings.Builder
	for _, s := range l {
		text := strings.TrimSpace(clean(s.text))
		if text == "" {
			out.WriteString(clean(s.text))
			continue
		}
		before, after, _ := strings.Cut(clean(s.text), text)
		out.WriteString(before)
		switch s.tone {
		case code:
			out.WriteString(codeSpan(text))
		case strong, bad:
			out.WriteString("**" + escapeMarkdown(text) + "**")
		default:
			out.WriteString(escapeMarkdown(text))
		}
		out.WriteString(after)
	}
	return out.String()
}

// unstyled drops all tones but code, for headings.
func unstyled(l line) line {
	out := make(line, len(l))
	for i, s := range l {
		if s.tone != code {
			s.tone = plain
		}
		out[i] = s
	}
	return out
}

// codeSpan writes a code span whose fence is longer than any row of backticks in it.
func codeSpan(text string) string {
	text = clean(text)
	if strings.TrimSpace(text) == "" {
		return ""
	}
	fence := strings.Repeat("`", longestRun(text)+1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return fence + text + fence
}

// longestRun is the length of the longest row of backticks.
func longestRun(text string) int {
	longest, n := 0, 0
	for _, r := range text {
		if n++; r != '`' {
			n = 0
		}
		longest = max(longest, n)
	}
	return longest
}

// isBetweenWords reports whether an underscore is within a word, where it means nothing: S3_POLICY stays readable.
func isBetweenWords(text string, i int) bool {
	alnum := func(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' }
	return i > 0 && i+1 < len(text) && alnum(text[i-1]) && alnum(text[i+1])
}

// escapeMarkdown writes text so that Markdown shows it as it is. A backslash takes the meaning from every sign that has one;
// an empty comment parts @ and # from what follows, so that nobody is notified and no ticket linked.
func escapeMarkdown(text string) string {
	var out strings.Builder
	text = clean(text)
	for i, r := range text {
		switch {
		case r == '_' && isBetweenWords(text, i):
			out.WriteByte('_')
		case r == '@' || r == '#':
			out.WriteString("\\" + string(r) + "<!-- -->")
		case strings.ContainsRune("\\`*_{}[]<>|~&!$^", r):
			out.WriteString("\\" + string(r))
		case i == 0 && strings.ContainsRune("-+=:", r):
			out.WriteString("\\" + string(r))
		case r == '.' || r == ')':
			// "1." and "1)" at the beginning of a line make a list.
			if strings.Trim(text[:i], "0123456789") == "" {
				out.WriteByte('\\')
			}
			out.WriteRune(r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}
