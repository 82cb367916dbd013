package waf

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

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

// hexByte reads two hexadecimal digits at the start of s.
func hexByte(s string) (byte, bool) {
	if len(s) < 2 {
		return 0, false
	}
	hi, lo := unhex(s[0]), unhex(s[1])
	return byte(hi<<4 | lo), hi >= 0 && lo >= 0
}

// wideByte folds a four-digit code into a byte: full-width ASCII (FF01-FF5E) becomes plain ASCII, of any other code
// only the lower byte remains (WAF/waf-rule-statement-transformation).
func wideByte(s string) (byte, bool) {
	hi, ok1 := hexByte(s)
	if !ok1 {
		return 0, false
	}
	lo, ok2 := hexByte(s[2:])
	if hi == 0xFF && lo >= 0x01 && lo <= 0x5E {
		lo += 0x20
	}
	return lo, ok2
}

func urlDecode(s string) string    { return unescapeURL(s, false) }
func urlDecodeUni(s string) string { return unescapeURL(s, true) }

// unescapeURL leaves what is no valid escape as it is.
func unescapeURL(s string, uni bool) string {
	i := strings.IndexAny(s, "%+")
	if i < 0 {
		return s
	}
	b := make([]byte, i, len(s))
	copy(b, s)
	for i < len(s) {
		switch c := s[i]; {
		case c == '+':
			b = append(b, ' ')
		case c == '%' && uni && i+1 < len(s) && lowerByte(s[i+1]) == 'u':
			if w, ok := wideByte(s[i+2:]); ok {
				b, i = append(b, w), i+6
				continue
			}
			b = append(b, c)
		case c == '%':
			if h, ok := hexByte(s[i+1:]); ok {
				b, i = append(b, h), i+3
				continue
			}
			b = append(b, c)
		default:
			b = append(b, c)
		}
		i++
	}
	return string(b)
}

// base64Decode is sure only of well-formed input; of other input it decodes the part before the fault.
func base64Decode(s string) (string, bool) {
	t := strings.TrimRight(s, "=")
	end := strings.IndexFunc(t, func(r rune) bool { return !isBase64(r) })
	whole := end < 0 && len(t)%4 != 1
	if end >= 0 {
		t = t[:end]
	}
	return decode64(t), whole
}

// base64DecodeExt ignores the characters that are not valid.
func base64DecodeExt(s string) string {
	return decode64(strings.Map(func(r rune) rune {
		if isBase64(r) {
			return r
		}
		return -1
	}, s))
}

func isBase64(r rune) bool {
	return 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '+' || r == '/'
}

// decode64 decodes base64 digits without padding; a digit left over is dropped.
func decode64(s string) string {
	if len(s)%4 == 1 {
		s = s[:len(s)-1]
	}
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		return ""
	}
	return string(b)
}

func hexDecode(s string) (string, bool) {
	b := make([]byte, 0, len(s)/2)
	for i := 0; i+1 < len(s); i += 2 {
		c, ok := hexByte(s[i:])
		if !ok {
			return string(b), false
		}
		b = append(b, c)
	}
	return string(b), len(s)%2 == 0
}

// sqlHexDecode decodes each 0x literal of whole bytes in place.
func sqlHexDecode(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] == '0' && i+1 < len(s) && lowerByte(s[i+1]) == 'x' {
			j := i + 2
			for c, ok := hexByte(s[j:]); ok; c, ok = hexByte(s[j:]) {
				b.WriteByte(c)
				j += 2
			}
			if j > i+2 {
				i = j
				continue
			}
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}

// htmlEntityDecode knows the entities that AWS lists. Numbers beyond ASCII and &amp; are not spelled out there.
func htmlEntityDecode(s string) (string, bool) {
	sure := true
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			b.WriteString(s)
			return b.String(), sure
		}
		b.WriteString(s[:i])
		s = s[i:]
		text, n, known := htmlEntity(s)
		sure = sure && known
		b.WriteString(text)
		s = s[n:]
	}
}

// htmlEntity reads the entity at the start of s, which begins with an ampersand. Text that is no entity stays.
func htmlEntity(s string) (text string, n int, known bool) {
	end := strings.IndexByte(s, ';')
	if end < 0 || end > 12 {
		return "&", 1, len(s) < 2 || s[1] != '#'
	}
	name := lowercase(s[1:end])
	switch name {
	case "quot":
		return `"`, end + 1, true
	case "lt":
		return "<", end + 1, true
	case "gt":
		return ">", end + 1, true
	case "nbsp":
		return "\xa0", end + 1, true
	case "amp":
		return "&", end + 1, false
	}
	digits, base := strings.TrimPrefix(name, "#"), 10
	if digits == name {
		return "&", 1, true
	}
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	code, err := strconv.ParseUint(digits, base, 32)
	if err != nil {
		return "&", 1, true
	}
	if code < utf8.RuneSelf {
		return string(rune(code)), end + 1, true
	}
	return string(rune(code)), end + 1, false
}

// escapeSeqDecode decodes ANSI C escapes and leaves invalid ones.
func escapeSeqDecode(s string) string {
	const from, to = `abfnrtv\?'"`, "\a\b\f\n\r\t\v\\?'\""
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		next := s[i+1]
		if k := strings.IndexByte(from, next); k >= 0 {
			b.WriteByte(to[k])
			i++
			continue
		}
		if c, ok := hexByte(s[i+2:]); ok && next == 'x' {
			b.WriteByte(c)
			i += 3
			continue
		}
		if c, n := octal(s[i+1:]); n > 0 && next == '0' {
			b.WriteByte(c)
			i += n
			continue
		}
		b.WriteByte('\\')
	}
	return b.String()
}

// octal reads up to four octal digits (a zero and three more); n is how many.
func octal(s string) (c byte, n int) {
	v := 0
	for n < len(s) && n < 4 && '0' <= s[n] && s[n] <= '7' {
		v = v<<3 | int(s[n]-'0')
		n++
	}
	return byte(v), n
}

// cssDecode decodes CSS 2 escapes: a backslash with one to six hexadecimal digits (of which the last two count)
// and one white space after them, or a backslash before any other character, which is dropped.
func cssDecode(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		n := 0
		for n < 6 && i+1+n < len(s) && unhex(s[i+1+n]) >= 0 {
			n++
		}
		if n == 0 {
			if s[i+1] == '\n' {
				i++
			}
			continue
		}
		digits := s[i+1 : i+1+n]
		b.WriteByte(cssByte(digits))
		i += n
		if i+1 < len(s) && (s[i+1] == ' ' || '\t' <= s[i+1] && s[i+1] <= '\r') {
			i++
		}
	}
	return b.String()
}

func cssByte(digits string) byte {
	if n := len(digits); n >= 4 {
		c, _ := wideByte(digits[n-4:])
		return c
	}
	v, err := strconv.ParseUint(digits, 16, 32)
	if err != nil {
		return 0
	}
	return byte(v)
}

// jsDecode decodes JavaScript escapes.
func jsDecode(s string) string {
	const from, to = "abfnrtv", "\a\b\f\n\r\t\v"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		rest := s[i+1:]
		wide, isWide := wideByte(rest)
		short, isShort := hexByte(rest)
		digits := octalDigits(s[i:])
		switch k := strings.IndexByte(from, s[i]); {
		case s[i] == 'u' && isWide:
			b.WriteByte(wide)
			i += 4
		case s[i] == 'x' && isShort:
			b.WriteByte(short)
			i += 2
		case digits > 0:
			c, _ := octal(s[i : i+digits])
			b.WriteByte(c)
			i += digits - 1
		case k >= 0:
			b.WriteByte(to[k])
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// octalDigits counts up to three octal digits, two when three would exceed a byte.
func octalDigits(s string) int {
	_, n := octal(s[:min(len(s), 3)])
	if n == 3 && s[0] > '3' {
		return 2
	}
	return n
}

// utf8ToUnicode writes each character beyond ASCII as %uHHHH. AWS does not show the form; that one is ModSecurity's.
func utf8ToUnicode(s string) (string, bool) {
	if strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return s, true
	}
	var b strings.Builder
	for i, r := range s {
		if r < utf8.RuneSelf {
			b.WriteByte(s[i])
		} else {
			fmt.Fprintf(&b, "%%u%04x", r)
		}
	}
	return b.String(), false
}
