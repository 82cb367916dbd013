package request

import (
	"strings"
	"testing"
)

func TestSetURL(t *testing.T) {
	cases := []struct{ raw, scheme, host, path, query string }{
		{"https://www.example.com/a/b?x=1&y=%2F", "https", "www.example.com", "/a/b", "x=1&y=%2F"},
		{"HTTP://WWW.Example.COM", "http", "www.example.com", "/", ""},
		{"https://www.example.com:8443/x#top?y", "https", "www.example.com", "/x", ""},
		{"https://www.example.com?x", "https", "www.example.com", "/", "x"},
		{"https://www.example.com/100%", "https", "www.example.com", "/100%", ""},
		{"https://www.example.com/%zz/%4", "https", "www.example.com", "/%zz/%4", ""},
		{"https://www.example.com/a b?q=c d", "https", "www.example.com", "/a%20b", "q=c%20d"},
		{"https://www.example.com/gr\u00f6\u00dfe", "https", "www.example.com", "/gr%C3%B6%C3%9Fe", ""},
		{"https://www.example.com//a/../b;v=1?r=https://x.example/@y", "https", "www.example.com", "//a/../b;v=1", "r=https://x.example/@y"},
		{"https://[2001:DB8::1]:443/x", "https", "2001:db8::1", "/x", ""},
	}
	for _, c := range cases {
		r := New("", "/")
		if err := r.SetURL(c.raw); err != nil {
			t.Errorf("%q: %v", c.raw, err)
		} else if r.Scheme != c.scheme || r.Host != c.host || r.Path != c.path || r.Query != c.query {
			t.Errorf("%q is %s %s %s ? %s", c.raw, r.Scheme, r.Host, r.Path, r.Query)
		}
	}
	for _, raw := range []string{
		"", "www.example.com/x", "https://", "https:///x", "ftp://www.example.com/", "https://user:secret@www.example.com/", "https://a b/", "https://www.example.com:x/",
		"https://www.example.com/a\nb", "https://[::1/x", "https://[::1]x/",
	} {
		r := New("kept", "/kept")
		if err := r.SetURL(raw); err == nil {
			t.Errorf("%q is taken for %s", raw, r.URL())
		} else if strings.ContainsAny(err.Error(), "\n\r") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the message is not one clean line: %q", raw, err)
		}
		if r.Host != "kept" || r.Path != "/kept" {
			t.Errorf("%q changed the request to %s", raw, r.URL())
		}
	}
}

func TestHeaders(t *testing.T) {
	r := New("www.example.com", "x?y=1#z")
	if r.Path != "/x" || r.Query != "y=1" || r.URL() != "https://www.example.com/x?y=1" {
		t.Errorf("the request is %+v", r)
	}
	before := r.Clone()
	r.SetHeader("ACCEPT", "text/html")
	r.Headers = append(r.Headers, Header{"Cookie", "a=1; b"}, Header{"cookie", "c=2=3;;"})
	if got, _ := r.Header("accept"); got != "text/html" {
		t.Errorf("Accept is %q", got)
	}
	if got, _ := before.Header("accept"); got != "*/*" {
		t.Errorf("the copy's Accept became %q", got)
	}
	if got := r.Cookies(); len(got) != 3 || got[1] != (Header{"b", ""}) || got[2] != (Header{"c", "2=3"}) {
		t.Errorf("the cookies are %v", got)
	}
}

// Whatever a URL holds, what is taken from it can be sent, and reading it again gives the same.
func FuzzSetURL(f *testing.F) {
	for _, seed := range []string{"https://www.example.com/a b?x=%#y", "http://h:80", "https://[::1]/%", "https://\u00fc.example/\u00fc", "https://a@b/", "://"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		r := New("", "/")
		if r.SetURL(raw) != nil {
			return
		}
		if r.Host == "" || r.Path[0] != '/' || strings.ContainsAny(r.Path+r.Query, " \t\r\n\x00\x7f") || strings.ContainsAny(r.Path, "?#") {
			t.Fatalf("%q became %+v", raw, r)
		}
		again := New("", "/")
		text := r.URL()
		if strings.Contains(r.Host, ":") {
			text = strings.Replace(text, r.Host, "["+r.Host+"]", 1)
		}
		if err := again.SetURL(text); err != nil || again.Host != r.Host || again.Path != r.Path || again.Query != r.Query {
			t.Fatalf("%q became %q, and that %q (%v)", raw, text, again.URL(), err)
		}
	})
}
