package signed

import (
	"strings"
	"testing"

	"cfdoctor/internal/tri"
)

func TestParsePolicy(t *testing.T) {
	const ends = `"DateLessThan":{"AWS:EpochTime":1900000000}`
	wrap := func(condition string) string {
		return `{"Statement":[{"Resource":"https://a.example/*","Condition":{` + condition + `}}]}`
	}
	for _, tt := range []struct {
		name, text string
		want       tri.Bool
		detail     string
	}{
		{"least", wrap(ends), tri.True, ""},
		{"all, any order", wrap(`"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"},"DateGreaterThan":{"AWS:EpochTime":1},` + ends), tri.True, ""},
		{"white space is only more to sign", strings.ReplaceAll(wrap(ends), ",", " ,\n\t"), tri.True, ""},
		{"without resource", `{"Statement":[{"Condition":{` + ends + `}}]}`, tri.True, ""},
		{"null resource", `{"Statement":[{"Resource":null,"Condition":{` + ends + `}}]}`, tri.Unknown, "null"},
		{"list of resources", `{"Statement":[{"Resource":["a"],"Condition":{` + ends + `}}]}`, tri.False, "one string"},
		{"two statements", `{"Statement":[{"Condition":{` + ends + `}},{"Condition":{` + ends + `}}]}`, tri.False, "2 statements"},
		{"no statement", `{"Statement":[]}`, tri.False, "0 statements"},
		{"statement not in a list", `{"Statement":{"Condition":{` + ends + `}}}`, tri.False, "documented form"},
		{"no condition", `{"Statement":[{"Resource":"*"}]}`, tri.False, "DateLessThan"},
		{"no end", wrap(`"DateGreaterThan":{"AWS:EpochTime":1}`), tri.False, "DateLessThan"},
		{"name in another case", wrap(`"dateLessThan":{"AWS:EpochTime":1900000000}`), tri.False, "DateLessThan"},
		{"quoted time", wrap(`"DateLessThan":{"AWS:EpochTime":"1900000000"}`), tri.False, "quotation marks"},
		{"milliseconds", wrap(`"DateLessThan":{"AWS:EpochTime":1900000000000}`), tri.False, "in seconds it is 1900000000"},
		{"fraction", wrap(`"DateLessThan":{"AWS:EpochTime":1900000000.5}`), tri.Unknown, "whole number"},
		{"past 2038", wrap(`"DateLessThan":{"AWS:EpochTime":2147483648}`), tri.Unknown, "2037"},
		{"empty time", wrap(`"DateLessThan":{}`), tri.False, "no number"},
		{"two ranges", wrap(ends + `,"IpAddress":{"AWS:SourceIp":["192.0.2.0/24","198.51.100.0/24"]}`), tri.False, "one string"},
		{"address without mask", wrap(ends + `,"IpAddress":{"AWS:SourceIp":"192.0.2.1"}`), tri.Unknown, "/32"},
		{"IPv6 range", wrap(ends + `,"IpAddress":{"AWS:SourceIp":"2001:db8::/32"}`), tri.False, "IPv6"},
		{"no range", wrap(ends + `,"IpAddress":{"AWS:SourceIp":"*"}`), tri.False, "IPv4 range"},
		{"unknown member", `{"Version":"2012-10-17",` + wrap(ends)[1:], tri.Unknown, "unknown member"},
		{"repeated member", wrap(ends + "," + ends), tri.Unknown, "repeated"},
		{"escaped mark, no JSON", `{"Statement":[{"Resource":"https://a.example/x\?y=1","Condition":{` + ends + `}}]}`, tri.Unknown, `\?`},
		{"a false member decides over an unknown one", wrap(`"DateLessThan":{"AWS:EpochTime":2147483648},"IpAddress":{"AWS:SourceIp":"x"}`), tri.False, "IPv4 range"},
		{"no JSON", `Statement`, tri.False, "syntax error"},
		{"empty", ``, tri.False, "syntax error"},
		{"trailing text", wrap(ends) + "}", tri.False, "syntax error"},
		{"no UTF-8", wrap(ends + ",\"\xff\":1"), tri.False, "syntax error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, ok, detail := parsePolicy([]byte(tt.text))
			if ok != tt.want || !strings.Contains(detail, tt.detail) || tt.want.Yes() && detail != "" {
				t.Errorf("got %v %q, want %v %q", ok, detail, tt.want, tt.detail)
			}
			if (p == nil) != ok.No() {
				t.Errorf("policy %v with %v", p, ok)
			}
		})
	}
}

func TestDecode(t *testing.T) {
	for _, tt := range []struct {
		name, in, out string
		want          tri.Bool
		detail        string
	}{
		{"substituted", "-~-~", "\xfb\xff\xbf", tri.True, ""},
		{"padded", "YQ__", "a", tri.True, ""},
		{"plain base64", "YQ==", "a", tri.Unknown, "plain base64"},
		{"no padding", "YQ", "a", tri.Unknown, "padding"},
		{"percent", "%7E~~~", "\xff\xff\xff", tri.Unknown, "percent"},
		{"broken percent", "%7", "", tri.False, "broken"},
		{"RFC 4648 URL-safe", "_-__", "", tri.False, "URL-safe"},
		{"something else", "YQ!!", "", tri.False, "not base64"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data, ok, detail := decode("Signature", tt.in)
			if string(data) != tt.out || ok != tt.want || !strings.Contains(detail, tt.detail) {
				t.Errorf("got %q %v %q", data, ok, detail)
			}
		})
	}
}
