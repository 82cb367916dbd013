package fix

import (
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// hostile are values as an account may hold them.
var hostile = []string{"", "plain", "it's", `a"b`, "$(reboot)", "`id`", "a b\tc", `back\slash\`, "--flag", "-", "*", "~", "é", "a;b&c|d>e<f", "!!", "#x", "'", "''", "{}", "%s%n"}

func TestQuoteRoundTrips(t *testing.T) {
	check := func(t interface{ Fatalf(string, ...any) }, s string) {
		out, err := exec.Command("sh", "-c", "printf %s "+quote(s)).Output()
		if err != nil || string(out) != s {
			t.Fatalf("%q came back as %q (%v)", s, out, err)
		}
		words, ok := shlex("x " + quote(s))
		if !ok || len(words) != 2 || words[1] != s {
			t.Fatalf("%q came back from shlex as %q", s, words)
		}
	}
	for _, s := range hostile {
		check(t, s)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom([]rune("ab '\"\\$`!*?[]{}()<>|&;~#=%-\té日"))).Draw(t, "s")
		if !strings.HasPrefix(s, "-") { // printf's own options, not the shell's
			check(t, s)
		}
	})
}

func TestCheckPlainRefusesWhatDoesNotShow(t *testing.T) {
	for _, s := range []string{"a\nb", "a\x00", "\x1b[31m", "a\u202eb", "a\u200bb", "a\u2028b", "\xff", "\u0085", "a\rb"} {
		if checkPlain(s) == nil {
			t.Errorf("%q is accepted", s)
		}
		if p := printable(s); checkPlain(p) != nil {
			t.Errorf("printable(%q) = %q does not show", s, p)
		}
	}
	for _, s := range []string{"file:///etc/passwd", "fileb://x", "http://x", "https://x"} {
		if checkArgument(s) == nil {
			t.Errorf("%q is accepted as an argument", s)
		}
	}
}

func TestTextEscapesWhatDoesNotShow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		raw := text(s)
		if err := checkPlain(raw); err != nil {
			t.Fatalf("text(%q) = %s: %v", s, raw, err)
		}
		back, err := parseTree([]byte(raw))
		if err != nil || back != s {
			t.Fatalf("%q came back as %q (%v)", s, back, err)
		}
	})
}

// shlex splits as Python's shlex.split does (POSIX mode, no comments).
func shlex(s string) ([]string, bool) {
	var words []string
	var word strings.Builder
	started, quoted := false, rune(0)
	runes := []rune(s)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case quoted == '\'' && r != '\'', quoted == '"' && r != '"' && r != '\\':
			word.WriteRune(r)
		case quoted == '"' && r == '\\':
			i++
			if i == len(runes) {
				return nil, false
			}
			if runes[i] != '"' && runes[i] != '\\' {
				word.WriteRune('\\')
			}
			word.WriteRune(runes[i])
		case quoted != 0:
			quoted = 0
		case r == '\'' || r == '"':
			quoted, started = r, true
		case r == '\\':
			i++
			if i == len(runes) {
				return nil, false
			}
			word.WriteRune(runes[i])
			started = true
		case strings.ContainsRune(" \t\r\n", r):
			if started {
				words = append(words, word.String())
			}
			word.Reset()
			started = false
		default:
			word.WriteRune(r)
			started = true
		}
	}
	if started {
		words = append(words, word.String())
	}
	return words, quoted == 0
}
