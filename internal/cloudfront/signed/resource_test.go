package signed

import (
	"regexp"
	"strings"
	"testing"

	"cfdoctor/internal/tri"

	"pgregory.net/rapid"
)

func cut(url string) sections {
	protocol, rest, _ := strings.Cut(url, "://")
	rest, query, _ := strings.Cut(rest, "?")
	domain, path, _ := strings.Cut(rest, "/")
	return sections{protocol, domain, "/" + path, query}
}

func TestMatchResource(t *testing.T) {
	for _, tt := range []struct {
		resource, url string
		want          tri.Bool
		section       Section
	}{
		{"*", "http://a.example/x?y", tri.True, ""},
		{"https://a.example/x.jpg", "https://a.example/x.jpg", tri.True, ""},
		{"https://a.example/x.jpg", "http://a.example/x.jpg", tri.False, SectionProtocol},
		{"https://a.example/x.jpg", "https://b.example/x.jpg", tri.False, SectionDomain},
		{"https://a.example/x.jpg", "https://a.example/y.jpg", tri.False, SectionPath},
		{"https://a.example/x.jpg", "https://a.example/X.jpg", tri.False, SectionPath},
		{"https://a.example/x.jpg", "https://a.example/x.jpg?v=1", tri.False, SectionQuery},
		{"https://a.example/x.jpg?v=1", "https://a.example/x.jpg?v=1", tri.True, ""},
		{"https://a.example/x.jpg?v=1", "https://a.example/x.jpg", tri.False, SectionQuery},
		{"https://a.example/x.jpg?v=*", "https://a.example/x.jpg?v=12&w", tri.True, ""},
		// The guide's own examples of wildcards within a section.
		{"https://a.example/*game_download.zip*", "https://a.example/game_download.zip", tri.True, ""},
		{"https://a.example/*game_download.zip*", "https://a.example/example_game_download.zip?license=yes", tri.True, ""},
		{"https://a.example/*game_download.zip*", "https://a.example/test_game_download.zip?license=temp", tri.True, ""},
		{"https://a.example/hello*world", "https://a.example/hello-world", tri.True, ""},
		{"https://a.example/hello*world", "https://a.example/hello?world", tri.False, SectionPath},
		{"https://a.example/hello*", "https://a.example/hello/there?a=b", tri.True, ""},
		{"https://a.example/*.jpg", "https://a.example/p/x.jpg?w=1", tri.False, SectionQuery},
		{"http*://a.example/*", "https://a.example/x", tri.True, ""},
		{"*://a.example/*", "http://a.example/x", tri.True, ""},
		{"*a.example/x", "http://www.a.example/x", tri.True, ""},
		{"*a.example", "http://www.a.example/", tri.True, ""},
		{"*a.example", "http://www.a.example/x", tri.False, SectionPath},
		{"https://a.example", "https://a.example/", tri.True, ""},
		{"https://a.*", "https://a.example/deep/er?q", tri.True, ""},
		{"https://*/x", "https://a.example/y", tri.False, SectionPath},
		{"https://*.example/x", "https://a.example.evil/x", tri.False, SectionDomain},
		{"https://a.example/*", "https://a.example/r?u=https://b", tri.True, ""},
		{"a.example/*", "https://a.example/x", tri.False, ""},
		{"/x", "https://a.example/x", tri.False, ""},
		{"", "https://a.example/", tri.False, ""},
		// Readings that the guide does not settle.
		{"https://a.example/x?.jpg", "https://a.example/xy.jpg", tri.Unknown, SectionPath},
		{`https://a.example/x\?v=1`, "https://a.example/x?v=1", tri.Unknown, ""},
		{`https://a.example/x?\?v=1`, "https://a.example/xy?v=1", tri.Unknown, ""},
		{"https://A.example/x", "https://a.example/x", tri.Unknown, SectionDomain},
		{"https://a.example/x y", "https://a.example/x%20y", tri.Unknown, SectionPath},
	} {
		ok, section := matchResource(tt.resource, cut(tt.url))
		if ok != tt.want || section != tt.section {
			t.Errorf("%s on %s: got %v %q, want %v %q", tt.resource, tt.url, ok, section, tt.want, tt.section)
		}
	}
}

// The regexp package is the model of glob.
func TestGlobIsItsRegexp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringMatching(`[ab*?]{0,8}`).Draw(t, "pattern")
		s := rapid.StringMatching(`[ab]{0,10}`).Draw(t, "s")
		model := regexp.MustCompile("^" + strings.NewReplacer("*", ".*", "?", ".").Replace(pattern) + "$")
		if got, want := glob(pattern, s), model.MatchString(s); got != want {
			t.Fatalf("glob(%q, %q) = %v", pattern, s, got)
		}
	})
}
