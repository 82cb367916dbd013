package cloudfront

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cfdoctor/internal/tri"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		pattern, path string
		want          bool
	}{
		// The examples of DG/DownloadDistValuesCacheBehavior.
		{"images/*.jpg", "/images/a.jpg", true},
		{"/images/*.jpg", "/images/a.jpg", true},
		{"images/*.jpg", "/images/sub/a.jpg", true},
		{"/a*", "/a/", true},
		{"*", "/", true},
		{"*", "/x/y", true},
		{"*.jpg", "/a.jpg", true},
		{"*.jpg", "/a.JPG", false},
		{"images/a*.jpg", "/images/a.jpg", true},
		{"images/a??.jpg", "/images/a12.jpg", true},
		{"images/a??.jpg", "/images/a1.jpg", false},
		{"*.doc*", "/x.docx", true},
		{"/api/*", "/api", false},
		{"/api/*", "/api/", true},
		{"/api*", "/api", true},
		{"/api/*", "/API/x", false},
		{"", "/", true},
		{"/", "/", true},
		{"/", "/x", false},
		{"a*b*c", "/abxbc", true},
		{"a*b*c", "/acb", false},
		{"ab*ba", "/aba", false},
		{"*a?c*", "/xxabc", true},
		{"*??", "/a", false},
	}
	for _, tt := range tests {
		if got := Compile(tt.pattern).Match(tt.path); got != tt.want {
			t.Errorf("Compile(%q).Match(%q) = %v, want %v", tt.pattern, tt.path, got, tt.want)
		}
	}
}

func TestNormalizePath(t *testing.T) {
	tests := []struct{ raw, want string }{
		{"/a/b/..?c=1", "/a/"}, // the documented example
		{"", "/"},
		{"?x=1", "/"},
		{"/", "/"},
		{"///", "/"},
		{"//a///b/", "/a/b/"},
		{"/a/./b", "/a/b"},
		{"/../../a", "/a"},
		{"/a/..", "/"},
		{"/.", "/"},
		{"/.well-known/x", "/.well-known/x"},
		{"/a..b/...", "/a..b/..."},
		{"a/b", "/a/b"},
		{"/a#x", "/a"},
		{"/%2e%2e/a", "/%2e%2e/a"},
	}
	for _, tt := range tests {
		if got := NormalizePath(tt.raw); got != tt.want {
			t.Errorf("NormalizePath(%q) = %q, want %q", tt.raw, got, tt.want)
		}
	}
}

func TestMatchURI(t *testing.T) {
	tests := []struct {
		pattern, raw string
		want         tri.Bool
	}{
		{"/a*", "/a/b/..?c=1", tri.True},
		{"/api/*", "/api/x%20y", tri.True},
		{"/api/*", "/%61pi/x", tri.Unknown},
		{"/api/*", "/other/%61", tri.False},
		{"/api/*", "/x%2f..%2fapi/y", tri.Unknown},
		{"*.jpg", "/a%2ejpg", tri.Unknown},
		{"/b", "/a//../b", tri.Unknown},
		{"*/foo", "/foo", tri.Unknown},
		{"*/foo", "/a/foo", tri.True},
		{"?oo", "/oo", tri.Unknown},
		{"*", "/", tri.True},
		{"/api/*", "/api%", tri.False},
	}
	for _, tt := range tests {
		if got := Compile(tt.pattern).MatchURI(tt.raw); got != tt.want {
			t.Errorf("Compile(%q).MatchURI(%q) = %v, want %v", tt.pattern, tt.raw, got, tt.want)
		}
	}
}

func TestValidatePattern(t *testing.T) {
	for _, ok := range []string{"*", "/api/*", `_-.*$/~"'@:+&?aZ9`, strings.Repeat("a", 255)} {
		if err := ValidatePattern(ok); err != nil {
			t.Errorf("ValidatePattern(%q): %v", ok, err)
		}
	}
	for _, bad := range []string{"", "/a b", "/{a,b}", "/a|b", "/ä", "/a%20b", "/a=b", strings.Repeat("a", 256)} {
		if ValidatePattern(bad) == nil {
			t.Errorf("ValidatePattern(%q) accepted it", bad)
		}
	}
}

// globRef is the textbook recursive matcher, the reference for Match.
func globRef(glob, s string) bool {
	if glob == "" {
		return s == ""
	}
	switch glob[0] {
	case '*':
		return globRef(glob[1:], s) || s != "" && globRef(glob, s[1:])
	case '?':
		return s != "" && globRef(glob[1:], s[1:])
	}
	return s != "" && s[0] == glob[0] && globRef(glob[1:], s[1:])
}

func TestMatchAgainstReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		glob := rapid.StringMatching(`[ab*?/]{0,10}`).Draw(t, "glob")
		path := "/" + rapid.StringMatching(`[ab/]{0,12}`).Draw(t, "path")
		p := Compile(glob)
		if got, want := p.Match(path), globRef(p.glob, path[1:]); got != want {
			t.Fatalf("Compile(%q).Match(%q) = %v, want %v", glob, path, got, want)
		}
	})
}

func TestNormalizePathIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.StringMatching(`[a./?]{0,20}`).Draw(t, "raw")
		once := NormalizePath(raw)
		if twice := NormalizePath(once); twice != once || !isNormal(once) {
			t.Fatalf("NormalizePath(%q) = %q, again %q", raw, once, twice)
		}
	})
}

func TestMatchAllocatesNothing(t *testing.T) {
	p := Compile("/a*/images/?x*.jpg")
	path := "/assets/v2/images/1xyz.jpg"
	if !p.Match(path) {
		t.Fatal("the pattern should match")
	}
	if n := testing.AllocsPerRun(100, func() { p.Match(NormalizePath(path)) }); n != 0 {
		t.Errorf("Match allocates %v times", n)
	}
}

func TestNearMiss(t *testing.T) {
	tests := []struct {
		pattern, path string
		kind          MissKind
		fix           string
	}{
		{"/api/*", "/API/users", MissCase, ""},
		{"/api/*", "/api", MissBareFolder, "/api*"},
		{"/search?q=*", "/search?q=x", MissQuery, "/search"},
		{"example.com/api/*", "/api/x", MissHost, "/api/*"},
		{"https://example.com/*", "/x", MissHost, "/*"},
		{"/api/.*", "/api/x", MissRegex, "/api/*"},
		{"/api", "/api/", MissSlash, "/api/"},
		{"/api/", "/api", MissSlash, "/api"},
		{"/api", "/api/users", MissBelow, "/api/*"},
		{"/api/", "/api/users", MissBelow, "/api/*"},
		{"/img/*", "/%69mg/a", MissEncoding, ""},
		{"*.jpg", "/a.jpg.webp", MissSuffix, "*.jpg*"},
		{"/api/*", "/v1/api/users", MissPrefix, "*/api/*"},
	}
	for _, tt := range tests {
		miss, ok := NearMiss(Compile(tt.pattern), tt.path)
		if !ok || miss.Kind != tt.kind || miss.Fix != tt.fix {
			t.Errorf("NearMiss(%q, %q) = %+v, %v, want kind %d and fix %q", tt.pattern, tt.path, miss, ok, tt.kind, tt.fix)
			continue
		}
		if miss.String() == "" {
			t.Errorf("kind %d has no sentence", miss.Kind)
		}
		if miss.Fix != "" && !Compile(miss.Fix).Match(NormalizePath(tt.path)) {
			t.Errorf("the fix %q does not match %q", miss.Fix, tt.path)
		}
	}
	for _, none := range [][2]string{{"/api/*", "/images/x"}, {"/api/*", "/api/x"}, {"*", "/x"}, {"/v1.old/*", "/x"}, {"/a/*", "/b"}} {
		if miss, ok := NearMiss(Compile(none[0]), none[1]); ok {
			t.Errorf("NearMiss(%q, %q) = %+v, want none", none[0], none[1], miss)
		}
	}
}

func FuzzPattern(f *testing.F) {
	f.Add("/api/*", "/a*", "/api/x%20y")
	f.Add("*?a*", "??", "/a//../b")
	f.Fuzz(func(t *testing.T, a, b, path string) {
		pa, pb := Compile(a), Compile(b)
		norm := NormalizePath(path)
		if NormalizePath(norm) != norm {
			t.Fatalf("NormalizePath(%q) is not stable", path)
		}
		pa.MatchURI(path)
		NearMiss(pa, path)
		if Contains(pa, pb) && pb.Match(norm) && !pa.Match(norm) {
			t.Fatalf("Contains(%q, %q), but only the second matches %q", a, b, norm)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	p := Compile("/a*/images/*.jpg")
	b.ReportAllocs()
	for b.Loop() {
		p.Match(NormalizePath("/assets/v2/images/1xyz.jpg"))
	}
}
