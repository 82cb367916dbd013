package plainwords

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"cfdoctor/internal/collect"
)

func TestParse(t *testing.T) {
	cases := []struct {
		sentence string
		want     Understood
	}{
		{"My distribution E2ABCDEF123456 returns 403 when I open /images/logo.png on www.example.com",
			Understood{Target: "E2ABCDEF123456", Code: 403, Path: "/images/logo.png", Domain: "www.example.com"}},
		{"My CloudFront distribution d123456abcdef is returning 403 errors when I try to access images.", Understood{Target: "d123456abcdef", Code: 403}},
		{"My CloudFront distribution abc123def456 is giving 504 errors. The distribution uses a custom origin pointing to my ALB.", Understood{Target: "abc123def456", Code: 504}},
		{"Why does https://www.example.com/a/b?x=1 give me a 502?", Understood{Target: "https://www.example.com/a/b?x=1", Code: 502}},
		{"www.example.com/images/logo.png shows Access Denied", Understood{Target: "www.example.com/images/logo.png", Code: 403}},
		{"POST to /api/items on shop.example.com fails with 405", Understood{Target: "shop.example.com", Code: 405, Path: "/api/items", Method: "POST"}},
		{"d111111abcdef8.cloudfront.net is slow", Understood{Target: "d111111abcdef8.cloudfront.net"}},
		{"https://d111111abcdef8.cloudfront.net/x.js says 404", Understood{Target: "https://d111111abcdef8.cloudfront.net/x.js", Code: 404}},
		{"(E2EXAMPLE1234): 503s at https://shop.example.org/cart, please help!",
			Understood{Target: "E2EXAMPLE1234", Code: 503, Path: "/cart", Domain: "shop.example.org", Scheme: "https"}},
		{"arn:aws:cloudfront::123456789012:distribution/E2EXAMPLE1234 gives Gateway Timeout", Understood{Target: "arn:aws:cloudfront::123456789012:distribution/E2EXAMPLE1234", Code: 504}},
		{"example.com over http gives 403", Understood{Target: "example.com", Code: 403, Scheme: "http"}},
		{"It answers HTTP 404 for index.html on www.example.com", Understood{Target: "www.example.com", Code: 404, Path: "/index.html"}},
		{"Opening / of distribution E2EXAMPLE1234 gives 403", Understood{Target: "E2EXAMPLE1234", Code: 403, Path: "/"}},
		{"E2EXAMPLE1234 times out after 504 seconds on port 443 and returns a 502", Understood{Target: "E2EXAMPLE1234", Code: 502}},
		{"The origin my-alb-12345.us-east-1.elb.amazonaws.com behind www.example.com is a Bad Gateway", Understood{Target: "www.example.com", Code: 502}},
		{"www.example.com fails e.g. for some users, i.e. 20 of them", Understood{Target: "www.example.com"}},
		{"check distribution id e2abcdef123456 please", Understood{Target: "e2abcdef123456"}},
		{"“https://www.fernhill.example/about.html” → 403", Understood{Target: "https://www.fernhill.example/about.html", Code: 403}},
		{"301 from www.example.com", Understood{Target: "www.example.com", Code: 301}},
	}
	for _, c := range cases {
		got, err := Parse(c.sentence)
		if err != nil || got != c.want {
			t.Errorf("%q\n is %+v (%v)\nwant %+v", c.sentence, got, err, c.want)
		}
	}
	for _, sentence := range []string{"", " ", "my website is broken", "it returns 403 for /images/logo.png", "index.html is not found", "Node.js gives errors", "the bucket example-bucket.s3.amazonaws.com is private"} {
		if got, err := Parse(sentence); !errors.Is(err, ErrNoTarget) {
			t.Errorf("%q is %+v (%v), want no target", sentence, got, err)
		}
	}
}

func TestString(t *testing.T) {
	u := Understood{Target: "E2EXAMPLE1234", Code: 403, Path: "/a", Domain: "www.example.com", Method: "POST"}
	if got, want := u.String(), "distribution or URL E2EXAMPLE1234, error 403, method POST, domain www.example.com, path /a"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Whatever somebody types, what is understood can be diagnosed.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"My distribution E2ABCDEF123456 returns 403 when I open /images/logo.png on www.example.com", "https://a.example/%zz?x#y 404", "distribution id d123456abcdef '/x",
		"arn:aws:cloudfront::1:distribution/E 5xx", "\x00 \xff //a /", "id 12345678 HTTP 999 GET http", "http://user:p@h.example/ E2EXAMPLE1234",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sentence string) {
		u, err := Parse(sentence)
		if err != nil {
			if u != (Understood{}) {
				t.Fatalf("an error and %+v", u)
			}
			return
		}
		if _, err := collect.ParseTarget(u.Target); err != nil {
			t.Fatalf("target %q: %v", u.Target, err)
		}
		if u.Code != 0 && (u.Code < 300 || u.Code > 599) || u.Path != "" && !strings.HasPrefix(u.Path, "/") || strings.ContainsFunc(u.Domain+u.Method+u.Scheme, unicode.IsSpace) {
			t.Fatalf("%q became %+v", sentence, u)
		}
		again, err := Parse(sentence)
		if err != nil || again != u {
			t.Fatalf("%q is %+v, then %+v", sentence, u, again)
		}
	})
}
