package waf

import (
	"cmp"
	"crypto/md5"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

// transform rewrites a component before it is inspected. sure is false when AWS's documentation leaves open what
// comes out for this input: the result is then a best guess.
type transform struct {
	name      types.TextTransformationType
	apply     func(string) (out string, sure bool)
	keepsSize bool
}

// transforms lists the text transformations (WAF/waf-rule-statement-transformation). Where that page is terse
// they follow ModSecurity's functions of the same names, from which AWS's list descends.
func transforms(name types.TextTransformationType) (transform, bool) {
	t := transform{name: name}
	switch name {
	case types.TextTransformationTypeLowercase:
		t.apply, t.keepsSize = surely(lowercase), true
	case types.TextTransformationTypeCompressWhiteSpace:
		t.apply = compressWhiteSpace
	case types.TextTransformationTypeHtmlEntityDecode:
		t.apply = htmlEntityDecode
	case types.TextTransformationTypeCmdLine:
		t.apply = surely(cmdLine)
	case types.TextTransformationTypeUrlDecode:
		t.apply = surely(urlDecode)
	case types.TextTransformationTypeUrlDecodeUni:
		t.apply = surely(urlDecodeUni)
	case types.TextTransformationTypeBase64Decode:
		t.apply = base64Decode
	case types.TextTransformationTypeBase64DecodeExt:
		t.apply = surely(base64DecodeExt)
	case types.TextTransformationTypeHexDecode:
		t.apply = hexDecode
	case types.TextTransformationTypeMd5:
		t.apply = surely(md5Sum)
	case types.TextTransformationTypeReplaceComments:
		t.apply = surely(replaceComments)
	case types.TextTransformationTypeEscapeSeqDecode:
		t.apply = surely(escapeSeqDecode)
	case types.TextTransformationTypeSqlHexDecode:
		t.apply = surely(sqlHexDecode)
	case types.TextTransformationTypeCssDecode:
		t.apply = surely(cssDecode)
	case types.TextTransformationTypeJsDecode:
		t.apply = surely(jsDecode)
	case types.TextTransformationTypeNormalizePath:
		t.apply = normalizePath
	case types.TextTransformationTypeNormalizePathWin:
		t.apply = normalizePathWin
	case types.TextTransformationTypeRemoveNulls:
		t.apply = surely(removeNulls)
	case types.TextTransformationTypeReplaceNulls:
		t.apply, t.keepsSize = surely(replaceNulls), true
	case types.TextTransformationTypeUtf8ToUnicode:
		t.apply = utf8ToUnicode
	default:
		return t, false
	}
	return t, true
}

// transformChain orders a statement's transformations by ascending priority and drops those that do nothing.
// ok is false when one is not known here.
func transformChain(list []types.TextTransformation) (chain []transform, ok bool) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b types.TextTransformation) int { return cmp.Compare(a.Priority, b.Priority) })
	for _, tt := range list {
		if tt.Type == types.TextTransformationTypeNone {
			continue
		}
		t, ok := transforms(tt.Type)
		if !ok {
			return nil, false
		}
		chain = append(chain, t)
	}
	return chain, true
}

func surely(f func(string) string) func(string) (string, bool) {
	return func(s string) (string, bool) { return f(s), true }
}

// lowercase changes A-Z only; strings.ToLower would change other letters too.
func lowercase(s string) string {
	i := strings.IndexFunc(s, func(r rune) bool { return 'A' <= r && r <= 'Z' })
	if i < 0 {
		return s
	}
	b := []byte(s)
	for ; i < len(b); i++ {
		b[i] = lowerByte(b[i])
	}
	return string(b)
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// compressWhiteSpace turns white space into single spaces. AWS names the non-breaking space as decimal 160, one
// byte; what becomes of the two bytes that UTF-8 has for it is not said.
func compressWhiteSpace(s string) (string, bool) {
	const nbsp = '\u00a0'
	sure := true
	var b strings.Builder
	space := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == 0xC2 && i+1 < len(s) && s[i+1] == nbsp:
			sure = false
			continue
		case c == ' ' || '\t' <= c && c <= '\r' || c == nbsp:
			if !space {
				b.WriteByte(' ')
			}
			space = true
		default:
			b.WriteByte(c)
			space = false
		}
	}
	return b.String(), sure
}

func cmdLine(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch c {
		case '\\', '"', '\'', '^':
			continue
		case ' ', ',', ';':
			if len(b) == 0 || b[len(b)-1] != ' ' {
				b = append(b, ' ')
			}
			continue
		case '/', '(':
			if len(b) > 0 && b[len(b)-1] == ' ' {
				b = b[:len(b)-1]
			}
		}
		b = append(b, lowerByte(c))
	}
	return string(b)
}

func md5Sum(s string) string {
	sum := md5.Sum([]byte(s))
	return string(sum[:])
}

func removeNulls(s string) string  { return strings.ReplaceAll(s, "\x00", "") }
func replaceNulls(s string) string { return strings.ReplaceAll(s, "\x00", " ") }

// replaceComments puts one space for each C comment, an unterminated one included, and leaves a lone end alone.
func replaceComments(s string) string {
	i := strings.Index(s, "/*")
	if i < 0 {
		return s
	}
	var b strings.Builder
	for i >= 0 {
		b.WriteString(s[:i])
		b.WriteByte(' ')
		end := strings.Index(s[i+2:], "*/")
		if end < 0 {
			return b.String()
		}
		s = s[i+2+end+2:]
		i = strings.Index(s, "/*")
	}
	b.WriteString(s)
	return b.String()
}

// normalizePath drops repeated slashes, "." segments and the ".." segments that have something to take back.
// A ".." at the beginning stays. Whether one right under the root stays is not documented.
func normalizePath(s string) (string, bool) {
	if s == "" {
		return s, true
	}
	sure := true
	rooted, slashed := s[0] == '/', s[len(s)-1] == '/'
	var out []string
	for part := range strings.SplitSeq(s, "/") {
		switch {
		case part == "" || part == ".":
		case part == ".." && len(out) > 0 && out[len(out)-1] != "..":
			out = out[:len(out)-1]
		case part == ".." && rooted:
			sure = false
		default:
			out = append(out, part)
		}
	}
	p := strings.Join(out, "/")
	if rooted {
		p = "/" + p
	}
	if slashed && p != "" && p[len(p)-1] != '/' {
		p += "/"
	}
	return p, sure
}

func normalizePathWin(s string) (string, bool) {
	return normalizePath(strings.ReplaceAll(s, `\`, "/"))
}
