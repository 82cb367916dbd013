// Package plainwords finds a distribution and a failing request in a sentence that a person typed, by rules alone: the same words always mean the same.
package plainwords

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/publicsuffix"

	"cfdoctor/internal/collect"
	"cfdoctor/internal/request"
)

// Understood is what a sentence says. Only Target is always set; it is one that [collect.ParseTarget] takes.
type Understood struct {
	Target string
	Code   int    // the HTTP status, 0 where none was named
	Path   string // with a query string, "" where none was named
	Domain string // the host that viewers ask for, where the target does not say so already
	Method string // in capitals, "" where none was named
	Scheme string // http or https, "" where none was named
}

// ErrNoTarget says that a sentence names no distribution.
var ErrNoTarget = errors.New("the sentence names no distribution")

// Parse reads a sentence.
//
// The target is the first of: an ARN, a distribution's ID or cloudfront.net domain, a URL, a domain. Origins' own names (amazonaws.com and such) are
// not what viewers ask for, so they are passed over. Of several statuses the one beside a word such as "error" counts.
func Parse(sentence string) (Understood, error) {
	words := split(sentence)
	u := Understood{Code: code(words), Method: method(words), Scheme: scheme(words)}
	arn, id := find(words, isARN), distribution(words)
	address := find(words, isURL)
	domain := find(words, isDomain)
	switch {
	case arn != "":
		u.Target = arn
	case id != "":
		u.Target = id
	case address != "":
		u.Target = address
	case domain != "":
		u.Target = domain
	default:
		return Understood{}, ErrNoTarget
	}
	u.Path = path(words)
	if u.Target != address && address != "" {
		if err := u.fromURL(address); err != nil {
			return Understood{}, err
		}
	}
	if u.Domain == "" && u.Target != domain && u.Target != address {
		u.Domain = strings.ToLower(domain)
	}
	if _, err := collect.ParseTarget(u.Target); err != nil {
		return Understood{}, err
	}
	return u, nil
}

// fromURL takes the request of a URL beside a distribution that was named too.
func (u *Understood) fromURL(address string) error {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	r := request.New("", "/")
	if err := r.SetURL(address); err != nil {
		return err
	}
	u.Domain, u.Scheme = r.Host, r.Scheme
	if u.Path == "" {
		u.Path = r.Path
		if r.Query != "" {
			u.Path += "?" + r.Query
		}
	}
	return nil
}

// String tells what was understood, in one line.
func (u Understood) String() string {
	parts := []string{"distribution or URL " + u.Target}
	if u.Code != 0 {
		parts = append(parts, fmt.Sprintf("error %d", u.Code))
	}
	for _, p := range []struct{ name, value string }{{"method", u.Method}, {"scheme", u.Scheme}, {"domain", u.Domain}, {"path", u.Path}} {
		if p.value != "" {
			parts = append(parts, p.name+" "+p.value)
		}
	}
	return strings.Join(parts, ", ")
}

// word is one word of a sentence without the punctuation around it.
type word struct {
	text  string
	lower string
}

// split takes the words of a sentence apart. Quotes, brackets and the punctuation of a sentence belong to no word; a slash does.
func split(sentence string) []word {
	var out []word
	for _, field := range strings.Fields(sentence) {
		text := strings.TrimLeft(field, "\"'`“”‘’„«»([{<*")
		text = strings.TrimRight(text, "\"'`“”‘’„«».,;:!?)]}>*…")
		for _, suffix := range []string{"'s", "’s"} {
			text = strings.TrimSuffix(text, suffix)
		}
		if text != "" {
			out = append(out, word{text, strings.ToLower(text)})
		}
	}
	return out
}

func find(words []word, is func(word) bool) string {
	if i := slices.IndexFunc(words, is); i >= 0 {
		return words[i].text
	}
	return ""
}

func isARN(w word) bool { return strings.HasPrefix(w.lower, "arn:") && takes(w.text) }

func takes(target string) bool {
	_, err := collect.ParseTarget(target)
	return err == nil
}

// isURL reports whether a word is a URL of a host that viewers ask for, with or without its scheme.
func isURL(w word) bool {
	if strings.HasPrefix(w.lower, "http://") || strings.HasPrefix(w.lower, "https://") {
		_, host, _, err := request.SplitURL(w.text)
		return err == nil && takes(w.text) && !isOrigin(host)
	}
	host, rest, ok := strings.Cut(w.text, "/")
	return ok && rest != "" && isDomain(word{host, strings.ToLower(host)}) && takes(w.text)
}

// isDomain reports whether a word is a host name that viewers may ask for. Its ending has to be one of the public suffix list, so that neither
// "index.html" nor "e.g" is one, or one of those kept for examples (RFC 2606).
func isDomain(w word) bool {
	host := w.lower
	if !strings.Contains(host, ".") || strings.ContainsAny(host, "/:@=") || !takes(host) || isOrigin(host) {
		return false
	}
	suffix, managed := publicsuffix.PublicSuffix(host)
	if last := host[strings.LastIndexByte(host, '.')+1:]; slices.Contains([]string{"example", "test", "invalid", "internal"}, last) {
		return true
	}
	return host != suffix && (managed || strings.Contains(suffix, "."))
}

// isOrigin reports whether a host is one that AWS gives to what stands behind a distribution.
func isOrigin(host string) bool {
	for _, suffix := range []string{".amazonaws.com", ".amazonaws.com.cn", ".on.aws", ".elasticbeanstalk.com", ".awsapprunner.com"} {
		if strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return false
}

// wholeID are the forms in which ids are written without any word before them: E and capitals and digits, d and small letters and digits.
var (
	wholeID   = regexp.MustCompile(`^E[A-Z0-9]{9,19}$`)
	wholeHost = regexp.MustCompile(`^d[a-z0-9]{11,14}$`)
	typedID   = regexp.MustCompile(`^[A-Za-z0-9]{8,20}$`)
)

// distribution finds an id or a cloudfront.net domain. After the word "distribution" or "id" anything of an id's form is one.
func distribution(words []word) string {
	digits := func(w word) bool { return strings.ContainsAny(w.text, "0123456789") }
	for _, w := range words {
		switch host, _, isURL := strings.Cut(strings.TrimPrefix(w.lower, "https://"), "/"); {
		case isURL && strings.HasSuffix(host, ".cloudfront.net"): // a URL says more
		case strings.HasSuffix(w.lower, ".cloudfront.net") && takes(w.text):
			return w.text
		case wholeID.MatchString(w.text) && digits(w) && takes(w.text), wholeHost.MatchString(w.text) && digits(w) && takes(w.text):
			return w.text
		}
	}
	for i, w := range words[:max(len(words)-1, 0)] {
		next := words[i+1]
		if next.lower == "id" && i+2 < len(words) {
			next = words[i+2]
		}
		if slices.Contains([]string{"distribution", "id", "distro"}, w.lower) && typedID.MatchString(next.text) && digits(next) && takes(next.text) {
			return next.text
		}
	}
	return ""
}

// named are the errors that people call by their names (RFC 9110 section 15).
var named = []struct {
	words []string
	code  int
}{
	{[]string{"access", "denied"}, 403}, {[]string{"forbidden"}, 403}, {[]string{"not", "found"}, 404}, {[]string{"method", "not", "allowed"}, 405},
	{[]string{"bad", "gateway"}, 502}, {[]string{"service", "unavailable"}, 503}, {[]string{"gateway", "timeout"}, 504}, {[]string{"gateway", "time-out"}, 504},
	{[]string{"bad", "request"}, 400}, {[]string{"internal", "server", "error"}, 500},
}

// near are words beside which a number is a status, and units are words after which it is none.
var (
	near  = []string{"error", "errors", "code", "status", "http", "returns", "returning", "return", "returned", "gives", "giving", "give", "gets", "get", "getting", "a", "an", "responds", "response", "responses", "answers", "says", "with", "seeing", "see", "shows", "throws", "throwing"}
	units = []string{"seconds", "second", "s", "ms", "milliseconds", "minutes", "hours", "days", "mb", "kb", "gb", "bytes", "files", "objects", "users", "times", "requests", "percent", "%"}
)

func code(words []word) int {
	best, points := 0, 0
	for i, w := range words {
		n, err := strconv.Atoi(strings.TrimSuffix(w.lower, "s")) // "403s"
		if err != nil || len(strings.TrimSuffix(w.lower, "s")) != 3 || n < 300 || n > 599 {
			continue
		}
		before, after := at(words, i-1), at(words, i+1)
		if slices.Contains(units, after) || before == "port" || before == "after" {
			continue
		}
		p := 1
		if slices.Contains(near, before) {
			p += 2
		}
		if after == "error" || after == "errors" || after == "status" || after == "code" || after == "response" || after == "responses" {
			p += 2
		}
		if n >= 400 {
			p++
		}
		if p > points {
			best, points = n, p
		}
	}
	if best != 0 {
		return best
	}
	for _, e := range named {
		for i := range words {
			if i+len(e.words) <= len(words) && slices.EqualFunc(words[i:i+len(e.words)], e.words, func(w word, s string) bool { return w.lower == s }) {
				return e.code
			}
		}
	}
	return 0
}

func at(words []word, i int) string {
	if i < 0 || i >= len(words) {
		return ""
	}
	return words[i].lower
}

// method takes a method only in capitals: "get" and "put" are words of English.
func method(words []word) string {
	return find(words, func(w word) bool {
		return slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}, w.text)
	})
}

// scheme takes http only where it is said how somebody asks: "HTTP 403" is about something else.
func scheme(words []word) string {
	for i, w := range words {
		if (w.lower == "http" || w.lower == "https") && slices.Contains([]string{"over", "via", "using", "by", "plain"}, at(words, i-1)) {
			return w.lower
		}
	}
	return ""
}

// before are words after which a file's name is what was asked for.
var before = []string{"open", "opening", "load", "loading", "get", "getting", "fetch", "fetching", "request", "requesting", "access", "accessing", "path", "file", "object", "for", "on", "at", "page", "image", "download", "downloading"}

var fileName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.~%/-]*\.(?:html?|png|jpe?g|gif|svg|webp|avif|ico|css|js|mjs|json|xml|txt|pdf|php|mp4|webm|m3u8|mpd|woff2?|ttf|map|zip|gz|csv|wasm)$`)

// path finds the path: a word that begins with a slash, or a file's name where something is asked for.
func path(words []word) string {
	for i, w := range words {
		if !strings.HasPrefix(w.text, "/") || strings.HasPrefix(w.text, "//") {
			continue
		}
		if w.text != "/" || slices.Contains(before, at(words, i-1)) {
			return w.text
		}
	}
	for i, w := range words {
		if slices.Contains(before, cmp.Or(at(words, i-1), " ")) && fileName.MatchString(w.text) && !isURL(w) {
			return "/" + w.text
		}
	}
	return ""
}
