package waf

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

func TestTransformations(t *testing.T) {
	for _, tc := range []struct {
		name     types.TextTransformationType
		in, want string
		unsure   bool
	}{
		{"LOWERCASE", "AbÇ-Z", "abÇ-z", false},
		{"COMPRESS_WHITE_SPACE", "a  b\t\n\r\f\vc", "a b c", false},
		{"COMPRESS_WHITE_SPACE", "a\u00a0b", "a b", true},
		{"HTML_ENTITY_DECODE", "&quot;&lt;b&gt;&#65;&#x42;&#X43;", `"<b>ABC`, false},
		{"HTML_ENTITY_DECODE", "a&nbsp;b & c &copy; &#;", "a\xa0b & c &copy; &#;", false},
		{"HTML_ENTITY_DECODE", "&amp;", "&", true},
		{"HTML_ENTITY_DECODE", "&#65", "&#65", true},
		{"CMD_LINE", `C^md.EXE  /c,"dir";'x' (y`, "cmd.exe/c dir x(y", false},
		{"URL_DECODE", "a%20b+c%2", "a b c%2", false},
		{"URL_DECODE", "%zz%41", "%zzA", false},
		{"URL_DECODE_UNI", "%u0041%uff41%u12", "Aa%u12", false},
		{"BASE64_DECODE", "aGVsbG8=", "hello", false},
		{"BASE64_DECODE", "aGVs bG8=", "hel", true},
		{"BASE64_DECODE_EXT", "aGVs. bG8=", "hello", false},
		{"HEX_DECODE", "48656C6c6f", "Hello", false},
		{"HEX_DECODE", "486", "H", true},
		{"MD5", "", "\xd4\x1d\x8c\xd9\x8f\x00\xb2\x04\xe9\x80\x09\x98\xec\xf8\x42\x7e", false},
		{"REPLACE_COMMENTS", "a/*x*//**/b*/c/*d", "a  b*/c ", false},
		{"ESCAPE_SEQ_DECODE", `\a\n\x41\0101\q\?\`, "\a\nAA\\q?\\", false},
		{"SQL_HEX_DECODE", "x=0x414243 0xg 0x4", "x=ABC 0xg 0x4", false},
		{"CSS_DECODE", `ja\vascript\3a \000041`, "javascript:A", false},
		{"JS_DECODE", `\u0061\uff41\x62\143\n\q`, "aabc\nq", false},
		{"NORMALIZE_PATH", "/a//b/./c/../d/", "/a/b/d/", false},
		{"NORMALIZE_PATH", "../a/../b", "../b", false},
		{"NORMALIZE_PATH", "/../a", "/a", true},
		{"NORMALIZE_PATH_WIN", `\a\\b\..\c`, "/a/c", false},
		{"REMOVE_NULLS", "a\x00b", "ab", false},
		{"REPLACE_NULLS", "a\x00b", "a b", false},
		{"UTF8_TO_UNICODE", "abc", "abc", false},
		{"UTF8_TO_UNICODE", "é", "%u00e9", true},
	} {
		tr, ok := transforms(tc.name)
		if !ok {
			t.Errorf("%s is not known", tc.name)
			continue
		}
		got, sure := tr.apply(tc.in)
		if got != tc.want || sure == tc.unsure {
			t.Errorf("%s(%q) = %q, sure %v; want %q, %v", tc.name, tc.in, got, sure, tc.want, !tc.unsure)
		}
	}
}

// TestEveryTransformationIsKnown goes by the API model, so that a new one does not go unnoticed.
func TestEveryTransformationIsKnown(t *testing.T) {
	for _, name := range types.TextTransformationType("").Values() {
		if _, ok := transformChain([]types.TextTransformation{{Type: name}}); !ok {
			t.Errorf("%s is not known", name)
		}
	}
}

func TestTransformationsRunByPriority(t *testing.T) {
	chain, _ := transformChain([]types.TextTransformation{{Priority: 2, Type: "HEX_DECODE"}, {Priority: 0, Type: "NONE"}, {Priority: 1, Type: "URL_DECODE"}})
	if len(chain) != 2 || chain[0].name != "URL_DECODE" || chain[1].name != "HEX_DECODE" {
		t.Errorf("chain %+v", chain)
	}
}

func FuzzTransformations(f *testing.F) {
	for _, s := range []string{"", "%", "%u", `\`, `\x`, "&#x;", "0x", "/*", "/../", "\xc2", "=", "+%00\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, name := range types.TextTransformationType("").Values() {
			tr, ok := transforms(name)
			if !ok {
				continue
			}
			if out, _ := tr.apply(s); tr.keepsSize && len(out) != len(s) {
				t.Errorf("%s changed the size of %q", name, s)
			}
		}
	})
}
