package render

import (
	"bufio"
	"io"
	"strings"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/report"
)

// policy forbids the page everything but its own style: should a value ever get through as markup, it still could not run or load anything.
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

// writeHTML writes one page that needs nothing else: no script, no font, no image from elsewhere.
func writeHTML(w io.Writer, d *document, r *report.Report) error {
	main := el("main", el("header", el("h1", text(d.title))))
	main = main.add(htmlBlocks(d.top)...)
	for _, s := range d.sections {
		main = main.add(htmlSection(s, r))
	}
	page := el("html",
		el("head",
			el("meta").with("charset", "utf-8"),
			el("meta").with("http-equiv", "Content-Security-Policy").with("content", policy),
			el("meta").with("name", "viewport").with("content", "width=device-width, initial-scale=1"),
			el("meta").with("name", "color-scheme").with("content", "light dark"),
			el("meta").with("name", "generator").with("content", "cfdoctor "+r.CfdoctorVersion),
			el("title", text(d.title)),
			el("style", styleSheet{}),
		),
		el("body", main),
	).with("lang", "en")
	out := bufio.NewWriter(w)
	out.WriteString("<!DOCTYPE html>\n")
	page.write(out)
	out.WriteByte('\n')
	return out.Flush()
}

func htmlSection(s section, r *report.Report) node {
	blocks := htmlBlocks(s.blocks)
	if s.id == "way" {
		blocks = append([]node{drawWay(r.Trace)}, blocks...)
	}
	if s.folded {
		return el("section", el("details", el("summary", el("h2", text(s.title)))).add(blocks...)).with("id", s.id)
	}
	return el("section", el("h2", text(s.title))).add(blocks...).with("id", s.id)
}

func htmlBlocks(blocks []block) []node {
	var out []node
	for i, b := range blocks {
		// What an agent's tool takes stands beside the shell's form, folded.
		if c, ok := b.(command); ok && i > 0 && folds(c) {
			out = append(out, el("details", el("summary", text(c.purpose)), pre(c)))
			continue
		}
		out = append(out, htmlBlock(b))
	}
	return out
}

// folds reports whether a command is better shown on demand.
func folds(c command) bool {
	return strings.Count(c.text, "\n") > 12 || strings.HasPrefix(c.text, "call_aws(")
}

func htmlBlock(b block) node {
	switch b := b.(type) {
	case paragraph:
		if isLabel(b) {
			return el("p", el("strong", text(b.text.String()))).class("label")
		}
		return el("p").add(htmlLine(b.text)...)
	case aside:
		return el("p").add(htmlLine(b.text)...)
	case headline:
		return el("p", el("strong", text(b.mark+" "+b.text))).class("headline " + toneClass(b.tone))
	case subhead:
		return el("h3").add(htmlLine(b.text)...)
	case facts:
		return htmlFacts(b)
	case list:
		return htmlList(b)
	case command:
		return htmlCommand(b)
	case frames:
		return htmlFrames(b.refs)
	case way:
		return htmlWay(b.steps)
	case changes:
		return htmlChanges(b.rows)
	case table:
		return htmlTable(b.head, b.rows)
	}
	return text("")
}

// toneClass is the style class of a tone.
func toneClass(t tone) string {
	return [...]string{plain: "", strong: "strong", dim: "dim", code: "code", good: "good", bad: "bad", warn: "warn"}[t]
}

func htmlLine(l line) []node {
	var out []node
	for _, s := range l {
		switch s.tone {
		case plain:
			if strings.HasPrefix(s.text, "https://") {
				out = append(out, link(s.text))
			} else {
				out = append(out, text(s.text))
			}
		case code:
			out = append(out, el("code", text(s.text)))
		case strong:
			out = append(out, el("strong", text(s.text)))
		default:
			out = append(out, el("span", text(s.text)).class(toneClass(s.tone)))
		}
	}
	return out
}

func htmlFacts(f facts) node {
	out := el("dl")
	for _, row := range f.rows {
		out = out.add(el("dt", text(row.name)), el("dd").add(htmlLine(row.value)...))
	}
	return out
}

func htmlList(l list) node {
	out := el("ul")
	if l.ordered {
		out = el("ol")
	}
	for i, item := range l.items {
		if l.numbered {
			out = out.add(el("li", text(strings.TrimPrefix(item.String(), itoa(i+1)+". "))))
			continue
		}
		out = out.add(el("li").add(htmlLine(item)...))
	}
	return out
}

func pre(c command) node { return el("pre", el("code", preformatted(c.text))).with("tabindex", "0") }

func htmlCommand(c command) node {
	out := el("div").class("command")
	if c.purpose != "" {
		purpose := el("p", text(c.purpose)).class("purpose")
		if c.mutates {
			purpose = purpose.add(text(" "), el("span", text("changes your account")).class("warn"))
		}
		out = out.add(purpose)
	}
	if c.text != "" {
		out = out.add(pre(c))
	}
	if c.note != "" {
		out = out.add(el("p", text(c.note)).class("dim"))
	}
	return out
}

func htmlFrames(refs []evidence.Ref) node {
	out := el("div").class("evidence")
	for i, r := range refs {
		if i == 0 || r.Call != refs[i-1].Call || r.Resource != refs[i-1].Resource {
			out = out.add(el("p").add(htmlLine(source(r))...).class("source"))
		}
		out = out.add(htmlFrame(r))
	}
	return out
}

func htmlFrame(r evidence.Ref) node {
	out := el("div").class("frame")
	if r.Field != "" {
		out = out.add(el("code", text(r.Field)).class("field"))
	}
	if r.Value != "" {
		out = out.add(el("div", text("= "), markWrong(r)))
	}
	if r.Note != "" {
		out = out.add(el("div", text("← "+r.Note)).class("warn"))
	}
	if r.Expected != "" {
		out = out.add(el("div", text("should be "), el("code", text(r.Expected))).class("good"))
	}
	return out
}

// markWrong marks the part of a value that the text report points at.
func markWrong(r evidence.Ref) node {
	value := clean(r.Value)
	start, end, found := wrong(value, clean(r.Expected), false)
	if !found || start == end {
		return el("code", text(value))
	}
	v := []rune(value)
	return el("code", text(v[:start]), el("mark", text(v[start:end])), text(v[end:]))
}

func htmlChanges(rows []report.DiffLine) node {
	out := el("div").class("evidence")
	for _, d := range rows {
		frame := el("div", el("code", text(d.Path)).class("field"), text(" of "+d.Resource)).class("frame")
		if d.Old != "" {
			frame = frame.add(el("div", text("− "), el("del", el("code", text(d.Old)))).class("bad"))
		}
		if d.New != "" {
			frame = frame.add(el("div", text("+ "), el("ins", el("code", text(d.New)))).class("good"))
		}
		out = out.add(frame)
	}
	return out
}

func htmlWay(steps []stage) node {
	out := el("ol").class("way")
	for _, s := range steps {
		mark, tone := s.mark()
		item := el("li", el("span", text(mark)).class("mark "+toneClass(tone)).with("aria-label", s.verdict))
		if s.decides {
			item = item.class("decides")
		}
		item = item.add(el("strong", text(s.title)), text(" "))
		if s.status != 0 {
			item = item.add(el("span", text("→ "+itoa(s.status)+" ")).class(toneClass(statusTone(s.status))))
		}
		item = item.add(text(s.summary))
		if s.decides {
			item = item.add(el("em", text(" ← this decides the answer")))
		}
		if s.detail != "" || len(s.refs) > 0 {
			item = item.add(el("details", el("summary", text("evidence")), el("p", text(s.detail)), htmlFrames(s.refs)))
		}
		out = out.add(item)
	}
	return out
}

func htmlTable(head []string, rows [][]line) node {
	top := el("tr")
	for _, h := range head {
		top = top.add(el("th", text(h)).with("scope", "col"))
	}
	body := el("tbody")
	for _, row := range rows {
		tr := el("tr")
		for _, c := range row {
			tr = tr.add(el("td").add(htmlLine(c)...))
		}
		body = body.add(tr)
	}
	return el("div", el("table", el("thead", top), body)).class("scroll")
}
