package collect

import (
	"strings"
	"testing"

	"cfdoctor/internal/request"
)

func TestParseTarget(t *testing.T) {
	for _, tc := range []struct{ given, id, domain, url string }{
		{"E2ABCDEFGHIJKL", "E2ABCDEFGHIJKL", "", ""},
		{" e2abcdefghijkl\n", "E2ABCDEFGHIJKL", "", ""},
		{"E2ABCDEFGHIJ", "E2ABCDEFGHIJ", "", ""},
		{"arn:aws:cloudfront::111122223333:distribution/E2ABCDEFGHIJKL", "E2ABCDEFGHIJKL", "", ""},
		{"arn:aws:cloudfront::111122223333:distribution/YUNHSOXGGLEAR", "YUNHSOXGGLEAR", "", ""}, // a random id can come without a digit
		{"EUNHSOXGGLEAR", "EUNHSOXGGLEAR", "", ""},
		{"d111111abcdef8.cloudfront.net", "", "d111111abcdef8.cloudfront.net", ""},
		{"D111111ABCDEF8.CloudFront.net.", "", "d111111abcdef8.cloudfront.net", ""},
		{"d111111abcdef8", "", "d111111abcdef8.cloudfront.net", ""},
		{"D111111ABCDEF8", "", "d111111abcdef8.cloudfront.net", ""},
		{"www.example.com", "", "www.example.com", ""},
		{"my_host.example.com", "", "my_host.example.com", ""},
		{"bücher.example", "", "xn--bcher-kva.example", ""},
		{"https://www.example.com/images/logo.png?v=2", "", "www.example.com", "https://www.example.com/images/logo.png?v=2"},
		{"HTTP://WWW.Example.com", "", "www.example.com", "http://www.example.com"},
		{"https://www.example.com:443/a%20b?x=%2F#top", "", "www.example.com", "https://www.example.com/a%20b?x=%2F"},
		{"www.example.com/images/", "", "www.example.com", "https://www.example.com/images/"},
		{"https://www.example.com?x=1", "", "www.example.com", "https://www.example.com?x=1"},
		{"https://www.example.com/größe", "", "www.example.com", "https://www.example.com/gr%C3%B6%C3%9Fe"},
		{"https://www.example.com/$(id);'&a=1", "", "www.example.com", "https://www.example.com/$(id);'&a=1"}, // a URL may hold these; they are quoted wherever they go
		{"https://www.example.com/?q=<script>", "", "www.example.com", "https://www.example.com/?q=<script>"},
		{"https://www.example.com/100%", "", "www.example.com", "https://www.example.com/100%"},
		{"www.example.com/a b/%zz?q=c d", "", "www.example.com", "https://www.example.com/a%20b/%zz?q=c%20d"},
	} {
		got, err := ParseTarget(tc.given)
		if err != nil {
			t.Errorf("%q: %v", tc.given, err)
			continue
		}
		if got.ID != tc.id || got.Domain != tc.domain || got.URL != tc.url {
			t.Errorf("%q is %+v", tc.given, got)
		}
	}
}

func TestParseTargetRefuses(t *testing.T) {
	for _, given := range []string{
		"", "  ", "E2ABC DEFGHIJKL", "www.example.com; rm -rf /", "$(id)", "`id`", "E2ABC\x00DEFGHIJ", "www.exa\x1b[31mmple.com", "a\u202eb.example.com",
		"localhost", "192.0.2.1", "https://192.0.2.1/x", "https://[2001:db8::1]/", "*.example.com", "ftp://www.example.com/", "https://user:secret@www.example.com/",
		"https:///path", "https://", "-a.example.com", "a..example.com", "www.example.com$(id)", "arn:aws:s3:::bucket", "arn:aws:cloudfront::111122223333:distribution/*",
		"arn:aws:cloudfront::111122223333:distribution-tenant/dt_1", "\xff\xfe", "https://www.example.com/`id`", strings.Repeat("a", 9000) + ".com", strings.Repeat("a", 70000), "a<b.example.com",
		"'E2ABCDEFGHIJKL'", "--help",
	} {
		got, err := ParseTarget(given)
		if err == nil {
			t.Errorf("%q is taken for %+v", given, got)
			continue
		}
		if strings.ContainsAny(err.Error(), "\n\r\x1b\x00") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the message is not one clean line: %q", given, err)
		}
	}
}

func FuzzParseTarget(f *testing.F) {
	for _, seed := range []string{"E2ABCDEFGHIJKL", "arn:aws:cloudfront::1:distribution/E2", "https://a.example/%41?b#c", "d111111abcdef8", "xn--a.example", "a.b/c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		got, err := ParseTarget(given)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r\x00\x1b") {
				t.Fatalf("the message is not one clean line: %q", err)
			}
			return
		}
		if (got.ID == "") == (got.Domain == "") {
			t.Fatalf("%q names both or neither: %+v", given, got)
		}
		if got.Domain != "" && !isHostName(got.Domain) {
			t.Fatalf("%q is no host name", got.Domain)
		}
		req := request.New("", "/")
		if got.URL == "" {
			return
		}
		if err := req.SetURL(got.URL); err != nil {
			t.Fatalf("%q: %v", given, err)
		}
		if req.Host != got.Domain {
			t.Fatalf("host %q of %+v", req.Host, got)
		}
	})
}
