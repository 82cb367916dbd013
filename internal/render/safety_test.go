package render

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"cfdoctor/internal/report"
)

// anyReport draws a report whose every text is arbitrary, out of what does most harm.
func anyReport(t *rapid.T) *report.Report {
	pieces := rapid.SampledFrom([]string{
		hostile, "\x1b]0;x\x07", "\u202e", "\u2028", "\x85", "\xff\xfe", "```", "`", "|", "表示", "é", "e\u0301", "👩‍💻", " ", "", "\n", "\t", "<<EOF",
		"https://example.com/" + strings.Repeat("a", 200), "word", strings.Repeat("x", 120), "1.", "- ", "]]>", "-->", "&amp;", "</style>", "</title>", "#", "@a",
	})
	text := rapid.Custom(func(t *rapid.T) string {
		if rapid.Bool().Draw(t, "free") {
			return rapid.String().Draw(t, "text")
		}
		return strings.Join(rapid.SliceOfN(pieces, 0, 4).Draw(t, "pieces"), "")
	})
	// Drawing every text anew makes rapid slow; a few per report reach every field over the runs.
	texts := rapid.SliceOfN(text, 1, 8).Draw(t, "texts")
	i := 0
	r := filledWith(func() string { i++; return texts[i%len(texts)] })
	r.Symptom.ErrorCode = rapid.SampledFrom([]int{0, 403}).Draw(t, "code")
	r.Findings[0].ExplainsSymptom = rapid.Bool().Draw(t, "explains")
	r.Findings[0].Severity = rapid.SampledFrom([]string{"critical", "low", texts[0]}).Draw(t, "severity")
	r.Trace.Steps[0].Verdict = rapid.SampledFrom([]string{"pass", "skipped", "stop", texts[0]}).Draw(t, "verdict")
	r.Trace.Steps[1].Verdict = r.Trace.Steps[0].Verdict
	return r
}

func anyOptions(t *rapid.T) Options {
	return Options{Width: rapid.IntRange(MinWidth, 160).Draw(t, "width"), Verbose: rapid.Bool().Draw(t, "verbose")}
}

// TestTextFits: no line is wider than the terminal, but for commands and web addresses, which must stay whole.
func TestTextFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, o := anyReport(t), anyOptions(t)
		whole := commandLines(r)
		var out bytes.Buffer
		if err := Write(&out, "text", r, o); err != nil {
			t.Fatal(err)
		}
		for _, l := range strings.Split(out.String(), "\n") {
			if columns(l) > o.Width && !whole[strings.TrimSpace(l)] && !endsInAddress(l) {
				t.Fatalf("%d columns instead of %d: %q", columns(l), o.Width, l)
			}
		}
	})
}

func endsInAddress(l string) bool {
	last := l[strings.LastIndexByte(l, ' ')+1:]
	return strings.HasPrefix(last, "https://") || strings.HasPrefix(last, "http://")
}

// TestNothingControlsTheTerminal: whatever an account holds, no format lets control or format characters through.
func TestNothingControlsTheTerminal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, o := anyReport(t), anyOptions(t)
		for _, format := range Formats() {
			var out bytes.Buffer
			if err := Write(&out, format, r, o); err != nil {
				t.Fatal(err)
			}
			if bad := strings.IndexFunc(out.String(), dangerous); bad >= 0 {
				t.Fatalf("%s lets %q through at %d", format, []rune(out.String()[bad:])[0], bad)
			}
		}
	})
}

func dangerous(r rune) bool {
	return r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp))
}

// TestColorAddsNothing: colour changes how a report looks and nothing else.
func TestColorAddsNothing(t *testing.T) {
	escapes := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for name, r := range fixtures() {
		for _, width := range []int{80, 140} {
			bare := render(t, "text", r, Options{Width: width, Verbose: true})
			colored := render(t, "text", r, Options{Width: width, Verbose: true, Color: true})
			if got := escapes.ReplaceAllString(colored, ""); got != bare {
				t.Errorf("%s at %d columns: colour changes the text", name, width)
			}
			if name == "single" && colored == bare {
				t.Error("no colour where it was asked for")
			}
		}
	}
}

// pageTags are the tags that a page may hold, each with the attributes it may have.
var pageTags = map[string][]string{
	"html": {"lang"}, "head": nil, "meta": {"charset", "name", "content", "http-equiv"}, "title": nil, "style": nil, "body": nil, "main": nil, "header": nil,
	"section": {"id"}, "details": nil, "summary": nil, "h1": nil, "h2": nil, "h3": nil, "p": {"class"}, "ul": nil, "ol": {"class"}, "li": {"class"},
	"dl": nil, "dt": nil, "dd": nil, "div": {"class"}, "span": {"class", "aria-label"}, "code": {"class"}, "pre": {"tabindex"}, "strong": nil, "em": nil,
	"mark": nil, "del": nil, "ins": nil, "a": {"href", "rel"}, "table": nil, "thead": nil, "tbody": nil, "tr": nil, "th": {"scope"}, "td": nil, "figure": nil,
	"svg": {"viewBox", "role", "width", "aria-label", "viewbox"}, "g": nil, "line": {"x1", "x2", "y1", "y2", "class"}, "circle": {"cx", "cy", "r", "class"},
	"text": {"x", "y", "class"},
}

// TestHTMLIsOnlyOurs: every tag and attribute of a page is one that this package writes, tags are balanced, links lead to https.
func TestHTMLIsOnlyOurs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var out bytes.Buffer
		if err := Write(&out, "html", anyReport(t), Options{}); err != nil {
			t.Fatal(err)
		}
		checkPage(t, out.String())
	})
	for _, r := range fixtures() {
		checkPage(t, render(t, "html", r, Options{}))
	}
}

type failer interface{ Fatalf(string, ...any) }

func checkPage(t failer, page string) {
	var open []string
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		token := z.Token()
		switch kind {
		case html.CommentToken:
			t.Fatalf("a comment in the page: %q", token.Data)
		case html.StartTagToken:
			allowed, ok := pageTags[token.Data]
			if !ok {
				t.Fatalf("the page has <%s>", token.Data)
			}
			for _, a := range token.Attr {
				if !slices.Contains(allowed, a.Key) {
					t.Fatalf("<%s> has the attribute %s", token.Data, a.Key)
				}
				if a.Key == "href" && !strings.HasPrefix(a.Val, "https://") {
					t.Fatalf("a link leads to %q", a.Val)
				}
			}
			if token.Data != "meta" {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("</%s> closes %v", token.Data, open)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Fatalf("never closed: %v", open)
	}
}

// TestHTMLKeepsValues: escaping loses nothing; a reader sees the value as it is, control characters apart.
func TestHTMLKeepsValues(t *testing.T) {
	root, err := html.Parse(strings.NewReader(render(t, "html", fixtures()["hostile"], Options{})))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for n := range root.Descendants() {
		if n.Type == html.TextNode && strings.Contains(n.Data, clean(hostile)) {
			seen++
		}
	}
	if seen < 50 {
		t.Errorf("the value is shown in %d places, want it in every field", seen)
	}
}

// TestMarkdownEscapes: without its escapes the text is the value again, and no sign that means something stands bare.
func TestMarkdownEscapes(t *testing.T) {
	escape := regexp.MustCompile(`\\([[:punct:]])`)
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringOf(rapid.RuneFrom([]rune("ab1 .)-+_*`<>[]()!#@|&~\\\n\x1b表"))).Draw(t, "value")
		escaped := escapeMarkdown(value)
		if got := escape.ReplaceAllString(strings.ReplaceAll(escaped, "<!-- -->", ""), "$1"); got != clean(value) {
			t.Fatalf("%q reads as %q", value, got)
		}
		bare := escape.ReplaceAllString(strings.ReplaceAll(escaped, "<!-- -->", ""), "")
		if i := strings.IndexAny(bare, "`*<>[]|&~\\@#"); i >= 0 {
			t.Fatalf("%q leaves %q bare", value, bare[i])
		}
	})
}

// TestMarkdownFences: no value ends a code span or a code block before its end.
func TestMarkdownFences(t *testing.T) {
	for value, want := range map[string]string{
		"plain": "`plain`", "a`b": "``a`b``", "`": "`` ` ``", "": "", "a``b": "```a``b```", "two\nlines": "`two lines`",
	} {
		if got := codeSpan(value); got != want {
			t.Errorf("codeSpan(%q) = %q, want %q", value, got, want)
		}
	}
	r := &report.Report{NextSteps: []report.NextStep{{Scenario: "x", Commands: []report.Command{{AWSCLI: "a\n````\n# heading"}}}}}
	if got := render(t, "markdown", r, Options{}); !strings.Contains(got, "`````sh\na\n````\n# heading\n`````\n") {
		t.Errorf("the fence is too short:\n%s", got)
	}
}

// TestTableRowsStayRows: a bar or a line break in a value makes no new cell.
func TestTableRowsStayRows(t *testing.T) {
	r := &report.Report{Compatibility: []report.Compatibility{{CloudFrontSetting: "a|b", Current: "c\nd", OriginRequires: `e\|f`, OriginHas: "`|`"}}}
	got := render(t, "markdown", r, Options{})
	bars := regexp.MustCompile(`(?:^|[^\\])(?:\\\\)*\|`)
	for _, l := range strings.Split(got, "\n") {
		if strings.Contains(l, "a\\|b") {
			if n := len(bars.FindAllString(l, -1)); n != 6 {
				t.Errorf("%d cell borders, want 6: %s", n, l)
			}
			return
		}
	}
	t.Errorf("no row:\n%s", got)
}
