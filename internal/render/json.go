package render

import (
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// writeJSON writes a value as indented JSON: members in the order of the structs, lists never null, nothing escaped for HTML.
func writeJSON(w io.Writer, v any) error {
	out, err := json.Marshal(v, json.Deterministic(true), jsontext.AllowInvalidUTF8(true), jsontext.WithIndent("  "))
	if err != nil {
		return fmt.Errorf("encode the report as JSON: %w", err)
	}
	_, err = w.Write(append(escapeInvisible(out), '\n'))
	return err
}

// escapeInvisible writes what JSON allows in strings and terminals may act on (C1 controls, format characters such as right-to-left
// overrides) as \u escapes. The JSON means the same afterwards.
func escapeInvisible(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if r >= utf8.RuneSelf-1 && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
			for _, unit := range utf16.Encode([]rune{r}) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
		} else {
			out = append(out, text[:size]...)
		}
		text = text[size:]
	}
	return out
}
