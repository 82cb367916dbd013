package cloudfront

import (
	"fmt"
	"strings"
)

// MissKind says in which way a path that was probably meant for a pattern misses it.
type MissKind uint8

// The ways to miss, from the most to the least specific.
const (
	MissQuery      MissKind = iota + 1 // the pattern tries to match the query string
	MissHost                           // the pattern starts with a scheme or a host name
	MissRegex                          // the pattern uses ".*" as a regular expression would
	MissBareFolder                     // the pattern wants something after a slash, the path is the folder alone
	MissSlash                          // only a trailing slash differs
	MissCase                           // only letter case differs
	MissEncoding                       // only percent-encoding differs
	MissBelow                          // the pattern has no wildcard for what follows it in the path
	MissSuffix                         // the path has more at its end
	MissPrefix                         // the path has more in front
)

// Miss is why a path misses a pattern. Fix is a pattern that would have matched, or empty where none is certain.
type Miss struct {
	Kind    MissKind
	Pattern string
	Path    string
	Fix     string
}

// String says it in one sentence; values are quoted, for they come from an account.
func (m Miss) String() string {
	switch m.Kind {
	case MissQuery:
		return fmt.Sprintf("path pattern %q names a query string, but patterns see only the path, and ? stands for one character", m.Pattern)
	case MissHost:
		return fmt.Sprintf("path pattern %q starts with a host name, but patterns see only the path", m.Pattern)
	case MissRegex:
		return fmt.Sprintf("path pattern %q is written as a regular expression; * alone stands for any characters, and . for a dot", m.Pattern)
	case MissBareFolder:
		return fmt.Sprintf("path pattern %q needs the slash after the folder, which %q does not have", m.Pattern, m.Path)
	case MissSlash:
		return fmt.Sprintf("path pattern %q and path %q differ by a trailing slash", m.Pattern, m.Path)
	case MissCase:
		return fmt.Sprintf("path pattern %q and path %q differ in letter case, which counts", m.Pattern, m.Path)
	case MissEncoding:
		return fmt.Sprintf("path %q matches path pattern %q only once its percent-encoding is decoded", m.Path, m.Pattern)
	case MissBelow:
		return fmt.Sprintf("path pattern %q has no wildcard for what follows it in %q", m.Pattern, m.Path)
	case MissSuffix:
		return fmt.Sprintf("path %q goes on after what path pattern %q matches", m.Path, m.Pattern)
	case MissPrefix:
		return fmt.Sprintf("path %q has something in front of what path pattern %q matches", m.Path, m.Pattern)
	}
	return ""
}

// NearMiss explains why the path of a raw request target misses the pattern although it looks meant for it.
// ok is false when the pattern matches, or when nothing suggests that the path was meant for it.
func NearMiss(p Pattern, raw string) (miss Miss, ok bool) {
	path := NormalizePath(raw)
	if p.Match(path) {
		return Miss{}, false
	}
	for kind := MissQuery; kind <= MissPrefix; kind++ {
		if fix, ok := nearMissTry(p, path, kind); ok {
			return Miss{Kind: kind, Pattern: p.raw, Path: path, Fix: fix}, true
		}
	}
	return Miss{}, false
}

// nearMissTry tests one explanation: would the path match if that one thing were otherwise?
func nearMissTry(p Pattern, path string, kind MissKind) (fix string, ok bool) {
	bare := strings.TrimPrefix(path, "/")
	switch kind {
	case MissQuery:
		before, after, found := strings.Cut(p.raw, "?")
		return before, found && strings.Contains(after, "=") && Compile(before).Match(path)
	case MissHost:
		fix = stripHost(p.raw)
		return fix, fix != p.raw && Compile(fix).Match(path)
	case MissRegex:
		fix = strings.ReplaceAll(strings.TrimPrefix(p.raw, "^"), ".*", "*")
		return fix, fix != p.raw && Compile(strings.TrimSuffix(fix, "$")).Match(path)
	case MissBareFolder:
		fix, found := strings.CutSuffix(p.raw, "/*")
		return fix + "*", found && fix != "" && Compile(fix).Match(path)
	case MissSlash:
		if strings.HasSuffix(path, "/") {
			return p.raw + "/", bare != "" && p.Match(strings.TrimSuffix(path, "/"))
		}
		return strings.TrimSuffix(p.raw, "/"), strings.HasSuffix(p.raw, "/") && p.Match(path+"/")
	case MissCase:
		return "", Compile(lowerASCII(p.raw)).Match(lowerASCII(path))
	case MissEncoding:
		return "", p.Match(normalize(decodePercent(path, func(byte) bool { return true })))
	case MissBelow:
		folder := strings.TrimSuffix(p.raw, "/")
		return folder + "/*", !strings.Contains(folder, "*") && strings.Trim(folder, "/") != "" && Compile(folder+"/*").Match(path)
	case MissSuffix:
		return p.raw + "*", hasLiteral(p.glob) && Compile(p.raw+"*").Match(path)
	case MissPrefix:
		return "*/" + p.glob, strings.Contains(p.glob, "/") && hasLiteral(p.glob) && Compile("*/"+p.glob).Match(path)
	}
	return "", false
}

// stripHost removes a scheme and host, or a leading segment that looks like a host name. A segment after a
// leading slash may as well be a folder with a dot in its name, so there it must leave more than a wildcard.
func stripHost(pattern string) string {
	_, rest, scheme := strings.Cut(pattern, "://")
	if !scheme {
		rest = strings.TrimPrefix(pattern, "/")
	}
	host, path, found := strings.Cut(rest, "/")
	if !found || !scheme && !looksLikeHost(host) {
		return pattern
	}
	if rest != pattern && !scheme && !hasLiteral(path) {
		return pattern
	}
	return "/" + path
}

// looksLikeHost reports whether s is labels joined by dots with a top-level label of letters.
func looksLikeHost(s string) bool {
	i := strings.LastIndexByte(s, '.')
	if i <= 0 || len(s)-i < 3 {
		return false
	}
	return strings.IndexFunc(s[i+1:], func(r rune) bool { return r < 'a' || r > 'z' }) < 0
}

// hasLiteral reports whether the pattern holds enough text of its own to hint at a path: one letter or digit
// beside a wildcard says nothing.
func hasLiteral(glob string) bool {
	return len(strings.Trim(glob, "*?/")) >= 3
}

// lowerASCII lowers A to Z and leaves every other byte as it was sent.
func lowerASCII(s string) string { return string(appendLower(nil, s)) }

func appendLower(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}
