package waf

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	libinjection "github.com/corazawaf/libinjection-go"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/tri"
)

// test is a condition on one transformed value.
type test interface {
	match(value string) match
	// say completes "the query string …" for the given outcome.
	say(value string, is tri.Bool) string
}

type stringTest struct {
	how  types.PositionalConstraint
	want string
}

func newStringTest(how types.PositionalConstraint, want string) test {
	switch how {
	case types.PositionalConstraintExactly, types.PositionalConstraintStartsWith, types.PositionalConstraintEndsWith,
		types.PositionalConstraintContains, types.PositionalConstraintContainsWord:
		return stringTest{how, want}
	}
	return unknownTest("its string match is of an unknown kind")
}

func (t stringTest) match(v string) match {
	found := false
	switch t.how {
	case types.PositionalConstraintExactly:
		found = v == t.want
	case types.PositionalConstraintStartsWith:
		found = strings.HasPrefix(v, t.want)
	case types.PositionalConstraintEndsWith:
		found = strings.HasSuffix(v, t.want)
	case types.PositionalConstraintContains:
		found = strings.Contains(v, t.want)
	case types.PositionalConstraintContainsWord:
		found = containsWord(v, t.want)
	}
	return match{is: tri.Of(found)}
}

// containsWord looks for want between characters that are neither alphanumeric nor an underscore
// (WAFAPI/ByteMatchStatement).
func containsWord(v, want string) bool {
	if want == "" {
		return false
	}
	for at := 0; ; {
		i := strings.Index(v[at:], want)
		if i < 0 {
			return false
		}
		start, end := at+i, at+i+len(want)
		if (start == 0 || !isWord(v[start-1])) && (end == len(v) || !isWord(v[end])) {
			return true
		}
		at = start + 1
	}
}

func isWord(c byte) bool {
	c = lowerByte(c)
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_'
}

func (t stringTest) say(v string, is tri.Bool) string {
	verb := map[types.PositionalConstraint][2]string{
		types.PositionalConstraintExactly:      {"is ", "is not "},
		types.PositionalConstraintStartsWith:   {"starts with ", "does not start with "},
		types.PositionalConstraintEndsWith:     {"ends with ", "does not end with "},
		types.PositionalConstraintContains:     {"contains ", "does not contain "},
		types.PositionalConstraintContainsWord: {"contains the word ", "does not contain the word "},
	}[t.how]
	if is == tri.True {
		return verb[0] + quote(t.want)
	}
	return verb[1] + quote(t.want)
}

type regexTest struct {
	any     []*regexp.Regexp
	foreign bool // some pattern is not understood
}

func (t regexTest) match(v string) match {
	for _, re := range t.any {
		if re.MatchString(v) {
			return yes
		}
	}
	if t.foreign {
		return possibly
	}
	return no
}

func (t regexTest) say(v string, is tri.Bool) string {
	switch is {
	case tri.Unknown:
		return "is matched against a regular expression that is not understood here"
	case tri.False:
		return "matches none of the regular expressions"
	}
	for _, re := range t.any {
		if re.MatchString(v) {
			return "matches the regular expression " + quote(re.String())
		}
	}
	return ""
}

type sqliTest struct{}

func (sqliTest) match(v string) match {
	if !strings.ContainsAny(v, "'\"`;#(=|<>&") && !strings.Contains(v, "--") && !strings.Contains(v, "/*") && !strings.ContainsAny(v, " \t\n+") {
		return no
	}
	if hit, _ := libinjection.IsSQLi(v); hit {
		return probably
	}
	if strings.ContainsAny(v, "'\"`;(") || strings.Contains(v, "--") || strings.Contains(v, "/*") {
		return weakly
	}
	return no
}

func (sqliTest) say(v string, is tri.Bool) string {
	if hit, _ := libinjection.IsSQLi(v); hit {
		return "looks like SQL injection to a public detector (AWS's own is not public)"
	}
	return detectorSays("SQL injection", is)
}

type xssTest struct{}

func (xssTest) match(v string) match {
	if !mayScript(v) {
		return no
	}
	if libinjection.IsXSS(v) {
		return probably
	}
	return weakly
}

// mayScript tells whether the text has any mark that a script in markup needs: a tag, an attribute or a scheme.
func mayScript(v string) bool {
	if strings.IndexByte(v, '<') >= 0 {
		return true
	}
	if strings.IndexByte(v, ':') >= 0 && (containsFold(v, "script:") || containsFold(v, "data:text")) {
		return true
	}
	return strings.IndexByte(v, '=') >= 0 && (eventAttribute(v) || containsFold(v, "style=") || containsFold(v, "src="))
}

// eventAttribute finds something like onload= after a separator.
func eventAttribute(v string) bool {
	for i := 0; i+4 < len(v); i++ {
		if lowerByte(v[i]) != 'o' || lowerByte(v[i+1]) != 'n' || i > 0 && isWord(v[i-1]) {
			continue
		}
		j := i + 2
		for j < len(v) && isWord(v[j]) {
			j++
		}
		if rest := strings.TrimLeft(v[j:], " \t\r\n"); j > i+3 && strings.HasPrefix(rest, "=") {
			return true
		}
	}
	return false
}

func (xssTest) say(v string, is tri.Bool) string {
	if libinjection.IsXSS(v) {
		return "looks like cross-site scripting to a public detector (AWS's own is not public)"
	}
	return detectorSays("cross-site scripting", is)
}

func detectorSays(attack string, is tri.Bool) string {
	if is == tri.False {
		return "has no mark of " + attack
	}
	return "has characters that " + attack + " needs, and AWS's detector is not public"
}

// unknownTest cannot be answered, for the reason it states.
type unknownTest string

func (t unknownTest) match(string) match          { return possibly }
func (t unknownTest) say(string, tri.Bool) string { return "cannot be judged: " + string(t) }

// containsFold looks for a lowercase ASCII word without regard to case.
func containsFold(v, word string) bool {
	for i := 0; i+len(word) <= len(v); i++ {
		if lowerByte(v[i]) == word[0] && equalFold(v[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

// quote shows a value of the account or the request: hostile, so escaped, and cut to a readable length.
func quote(s string) string {
	const most = 80
	if len(s) > most {
		cut := most
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		return strconv.Quote(s[:cut]) + "…"
	}
	return strconv.Quote(s)
}
