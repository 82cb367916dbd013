package signed

import (
	"net/url"
	"strings"

	"cfdoctor/internal/tri"
)

// Section is one of the four parts of a URL within which wildcards match.
type Section string

// The sections, in the order of a URL.
const (
	SectionProtocol Section = "protocol"
	SectionDomain   Section = "domain"
	SectionPath     Section = "path"
	SectionQuery    Section = "query"
)

// sections is a URL, or a pattern for one, in its four parts.
type sections struct{ protocol, domain, path, query string }

func (s sections) String() string {
	out := s.protocol + "://" + s.domain + s.path
	if s.query != "" {
		out += "?" + s.query
	}
	return out
}

// matchResource compares a custom policy's Resource with the viewer's URL
// (DG/private-content-creating-signed-url-custom-policy, wildcards). When it is not True, section is the
// first part that differs, "" when the Resource is not a URL pattern at all.
//
// Two readings of "?" are documented: the mark before the query string, not to be escaped, and a wildcard
// for one character. A match by the first is certain; by the second only, unknown. So are a match through
// an escaped \?, one that needs percent-decoding of the path, and one that ignores the case of the domain.
func matchResource(resource string, got sections) (ok tri.Bool, section Section) {
	if resource == "*" {
		return tri.True, ""
	}
	pattern, escaped, valid := splitResource(resource, true)
	if !valid {
		return tri.False, ""
	}
	section = pattern.differs(got)
	if section == "" {
		if escaped {
			return tri.Unknown, ""
		}
		return tri.True, ""
	}
	whole, _, _ := splitResource(resource, false)
	folded := got
	folded.domain = strings.ToLower(got.domain)
	if path, err := url.PathUnescape(got.path); err == nil {
		folded.path = path
	}
	for _, p := range []sections{pattern, whole} {
		folding := p
		folding.domain = strings.ToLower(p.domain)
		if p.differs(got) == "" || folding.differs(folded) == "" {
			return tri.Unknown, section
		}
	}
	return tri.False, section
}

// splitResource cuts a pattern into sections and adds what a trailing * implies. With questionMark, the
// first "?" of the path begins the query; without, only an escaped one does.
func splitResource(resource string, questionMark bool) (s sections, escaped, valid bool) {
	protocol, rest, found := strings.Cut(resource, "://")
	if !found || strings.Contains(protocol, "/") {
		if !strings.HasPrefix(resource, "*") {
			return s, false, false
		}
		protocol, rest = "*", resource
	}
	s.protocol = protocol
	slash := strings.Index(rest, "/")
	if slash < 0 {
		s.domain, s.path = rest, "/"
		if strings.HasSuffix(rest, "*") {
			s.path, s.query = "/*", "*"
		}
		return s, false, true
	}
	s.domain, s.path = rest[:slash], rest[slash:]
	mark := `\?`
	if escaped = strings.Contains(s.path, mark); !escaped && questionMark {
		mark = "?"
	}
	path, query, hasQuery := strings.Cut(s.path, mark)
	s.path, s.query = path, query
	if !hasQuery && strings.HasSuffix(path, "*") {
		s.query = "*"
	}
	return s, escaped, true
}

// differs names the first section of got that the pattern does not match, "" when all do.
func (s sections) differs(got sections) Section {
	switch {
	case !glob(s.protocol, got.protocol):
		return SectionProtocol
	case !glob(s.domain, got.domain):
		return SectionDomain
	case !glob(s.path, got.path):
		return SectionPath
	case !glob(s.query, got.query):
		return SectionQuery
	}
	return ""
}

// differsPlain compares two URLs without wildcards.
func (s sections) differsPlain(got sections) Section {
	switch {
	case s.protocol != got.protocol:
		return SectionProtocol
	case s.domain != got.domain:
		return SectionDomain
	case s.path != got.path:
		return SectionPath
	case s.query != got.query:
		return SectionQuery
	}
	return ""
}

// glob matches * (any number of bytes) and ? (exactly one). It goes back to the last * only, which is
// enough, and keeps a hostile pattern at the product of the two lengths.
func glob(pattern, s string) bool {
	p, i := 0, 0
	star, mark := -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p, i = p+1, i+1
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
