package cloudfront

import "strings"

// NormalizePath returns the path that CloudFront compares with path patterns: the query string and fragment
// cut off, runs of slashes collapsed, "." and ".." segments resolved as RFC 3986 section 5.2.4 says, and a
// leading slash guaranteed. The origin still receives the raw path (DG/DownloadDistValuesCacheBehavior).
//
// Percent-encoding is left alone: whether CloudFront decodes it before matching is not documented; see
// [Pattern.MatchURI]. A path that is already normal is returned as is, without allocating.
func NormalizePath(raw string) string {
	return normalize(cutQuery(raw))
}

// normalize is NormalizePath for a path that carries no query string: a decoded '?' is part of it.
func normalize(p string) string {
	if isNormal(p) {
		return p
	}
	return removeDots(collapseSlashes(p))
}

// cutQuery drops everything from the first '?' or '#'.
func cutQuery(raw string) string {
	if i := strings.IndexAny(raw, "?#"); i >= 0 {
		return raw[:i]
	}
	return raw
}

// isNormal reports whether normalisation would return p unchanged.
func isNormal(p string) bool {
	if p == "" || p[0] != '/' {
		return false
	}
	for i := 1; i < len(p); i++ {
		if p[i-1] != '/' {
			continue
		}
		if p[i] == '/' {
			return false
		}
		if p[i] == '.' && isDotSegment(p[i:]) {
			return false
		}
	}
	return true
}

// isDotSegment reports whether rest starts with a whole "." or ".." segment.
func isDotSegment(rest string) bool {
	n := 1
	if len(rest) > 1 && rest[1] == '.' {
		n = 2
	}
	return len(rest) == n || rest[n] == '/'
}

// collapseSlashes replaces each run of slashes by one.
func collapseSlashes(p string) string {
	if !strings.Contains(p, "//") {
		return p
	}
	var b strings.Builder
	b.Grow(len(p))
	for i := 0; i < len(p); i++ {
		if p[i] == '/' && i > 0 && p[i-1] == '/' {
			continue
		}
		b.WriteByte(p[i])
	}
	return b.String()
}

// removeDots is RFC 3986 section 5.2.4 for absolute paths: ".." removes the segment before it, never more
// than the root, and a trailing dot segment leaves a trailing slash.
func removeDots(p string) string {
	p = strings.TrimPrefix(p, "/")
	out := make([]string, 0, strings.Count(p, "/")+1)
	for {
		segment, rest, more := strings.Cut(p, "/")
		switch segment {
		case ".", "..":
			if segment == ".." && len(out) > 0 {
				out = out[:len(out)-1]
			}
			if !more {
				out = append(out, "")
			}
		default:
			out = append(out, segment)
		}
		if !more {
			return "/" + strings.Join(out, "/")
		}
		p = rest
	}
}

// isUnreserved reports whether RFC 3986 section 2.3 calls c unreserved: encoding it changes nothing.
func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// decodePercent decodes the well-formed %XX sequences whose byte keep accepts and leaves the others as they are.
func decodePercent(p string, keep func(byte) bool) string {
	if strings.IndexByte(p, '%') < 0 {
		return p
	}
	var b strings.Builder
	b.Grow(len(p))
	for i := 0; i < len(p); i++ {
		if p[i] == '%' && i+2 < len(p) {
			hi, lo := unhex(p[i+1]), unhex(p[i+2])
			if hi >= 0 && lo >= 0 && keep(byte(hi<<4|lo)) {
				b.WriteByte(byte(hi<<4 | lo))
				i += 2
				continue
			}
		}
		b.WriteByte(p[i])
	}
	return b.String()
}

// unhex is the value of a hexadecimal digit, or -1.
func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
