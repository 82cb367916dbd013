package function

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonWriter writes the event in one pass: a map would lose the order of the entries,
// which code that lists them can see.
type jsonWriter []byte

// entry is one value of a headers, cookies or querystring map.
type entry struct{ name, value, attributes string }

func (w *jsonWriter) raw(s string) { *w = append(*w, s...) }

func (w *jsonWriter) text(s string) {
	quoted, err := jsontext.AppendQuote(*w, strings.ToValidUTF8(s, "\uFFFD"))
	if err != nil {
		quoted = append(*w, `""`...)
	}
	*w = quoted
}

func (w *jsonWriter) field(name, value string) {
	w.raw(",")
	w.text(name)
	w.raw(":")
	w.text(value)
}

func (w *jsonWriter) pairs(pairs []Pair) {
	entries := make([]entry, len(pairs))
	for i, p := range pairs {
		entries[i] = entry{plainText(p.Name), p.Value, ""} // names that differ in bytes that are no UTF-8 are one name to the code
	}
	w.entries(entries)
}

// entries writes {name: {value, attributes?, multiValue?}}. A repeated name has its first
// value as value, as in the example of DG/functions-event-structure, and all in multiValue.
func (w *jsonWriter) entries(entries []entry) {
	w.raw("{")
	for i, e := range entries {
		same := func(o entry) bool { return o.name == e.name }
		if slices.ContainsFunc(entries[:i], same) {
			continue
		}
		if i > 0 {
			w.raw(",")
		}
		w.text(e.name)
		w.raw(":{")
		w.content(e)
		if slices.ContainsFunc(entries[i+1:], same) {
			w.raw(`,"multiValue":[{`)
			w.content(e)
			for _, o := range entries[i+1:] {
				if same(o) {
					w.raw("},{")
					w.content(o)
				}
			}
			w.raw("}]")
		}
		w.raw("}")
	}
	w.raw("}")
}

func (w *jsonWriter) content(e entry) {
	w.raw(`"value":`)
	w.text(e.value)
	if e.attributes != "" {
		w.field("attributes", e.attributes)
	}
}
