package render

import (
	"bufio"
	"html"
	"strings"
)

// node is a piece of HTML. Only element, text and styleSheet are nodes, and only they write: a string cannot get into the page but as
// text or as an attribute's value, and both are escaped.
type node interface{ write(w *bufio.Writer) }

// text is escaped text.
type text string

// element is a tag. Names of tags and attributes are constants of this package; the types keep values from taking their places.
type element struct {
	name     tagName
	attrs    []attr
	children []node
}

type (
	tagName  string
	attrName string
	attr     struct {
		name  attrName
		value string
	}
)

// el makes an element.
func el(name tagName, children ...node) element { return element{name: name, children: children} }

// with adds an attribute.
func (e element) with(name attrName, value string) element {
	e.attrs = append(e.attrs[:len(e.attrs):len(e.attrs)], attr{name, value})
	return e
}

// class adds the class attribute.
func (e element) class(name string) element { return e.with("class", name) }

// add adds children.
func (e element) add(children ...node) element {
	e.children = append(e.children[:len(e.children):len(e.children)], children...)
	return e
}

func (t text) write(w *bufio.Writer) { w.WriteString(html.EscapeString(clean(string(t)))) }

func (e element) write(w *bufio.Writer) {
	w.WriteString("<" + string(e.name))
	for _, a := range e.attrs {
		w.WriteString(" " + string(a.name) + `="` + html.EscapeString(clean(a.value)) + `"`)
	}
	w.WriteByte('>')
	if isVoid(e.name) {
		return
	}
	for _, c := range e.children {
		c.write(w)
	}
	w.WriteString("</" + string(e.name) + ">")
	if isBlockTag(e.name) {
		w.WriteByte('\n')
	}
}

// isVoid reports tags that have no end tag.
func isVoid(name tagName) bool { return name == "meta" || name == "br" }

// isBlockTag reports tags that a line break may follow, to keep the page's source readable.
func isBlockTag(name tagName) bool {
	switch name {
	case "head", "body", "main", "header", "section", "details", "summary", "h1", "h2", "h3", "p", "ul", "ol", "li", "dl", "dd", "table",
		"thead", "tbody", "tr", "pre", "figure", "svg", "title", "style", "meta", "footer":
		return true
	}
	return false
}

// preformatted is the text of a <pre>: several lines, each escaped.
type preformatted string

func (p preformatted) write(w *bufio.Writer) {
	for i, l := range cleanLines(string(p)) {
		if i > 0 {
			w.WriteByte('\n')
		}
		w.WriteString(html.EscapeString(l))
	}
}

// link makes a link of an https address; anything else stays text.
func link(url string) node {
	if !strings.HasPrefix(url, "https://") {
		return text(url)
	}
	return el("a", text(url)).with("href", url).with("rel", "noopener noreferrer")
}
