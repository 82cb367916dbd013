package signed

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	cookies := []Pair{{"sid", "1"}, {"CloudFront-Policy", "P"}, {"CloudFront-Signature", "S"}, {"CloudFront-Key-Pair-Id", "K1"}}
	for _, tt := range []struct {
		name, query       string
		cookies           []Pair
		from, keyID       string
		incomplete        bool
		missing, repeated string
		misnamed, without string
		before            string
	}{
		{name: "nothing", query: "a=1", from: "", missing: "Key-Pair-Id,Signature,Policy or Expires", without: "a=1", before: "a=1"},
		{name: "url", query: "a=1&Expires=5&Signature=s&Key-Pair-Id=K2&Hash-Algorithm=SHA256&b=%20", from: FromURL, keyID: "K2", without: "a=1&b=%20", before: "a=1"},
		{name: "cookies", query: "a=1", cookies: cookies, from: FromCookie, keyID: "K1", without: "a=1", before: "a=1"},
		{name: "the url wins, complete or not", query: "Expires=5", cookies: cookies, from: FromURL, incomplete: true, missing: "Key-Pair-Id,Signature"},
		{name: "an own Policy parameter makes it a signed url", query: "Policy=basic", cookies: cookies, from: FromURL, incomplete: true, missing: "Key-Pair-Id,Signature"},
		{name: "a hash alone does not", query: "Hash-Algorithm=SHA1", cookies: cookies, from: FromCookie, keyID: "K1", without: "Hash-Algorithm=SHA1", before: "Hash-Algorithm=SHA1"},
		{name: "empty is missing", query: "Expires=5&Signature=s&Key-Pair-Id=", from: FromURL, incomplete: true, missing: "Key-Pair-Id"},
		{name: "policy cookie without signature", cookies: cookies[:2], from: FromCookie, incomplete: true, missing: "CloudFront-Key-Pair-Id,CloudFront-Signature"},
		{name: "repeated", query: "Expires=5&Expires=6&Signature=s&Key-Pair-Id=K", from: FromURL, keyID: "K", repeated: "Expires"},
		{name: "repeated alike", query: "Expires=5&Expires=5&Signature=s&Key-Pair-Id=K", from: FromURL, keyID: "K"},
		{name: "cookie in the wrong case", cookies: []Pair{{"Cloudfront-Policy", "P"}}, missing: "Key-Pair-Id,Signature,Policy or Expires", misnamed: "Cloudfront-Policy"},
		{
			name: "parameter in the wrong case", query: "Expires=5&Signature=s&Key-Pair-ID=K", from: FromURL, incomplete: true,
			missing: "Key-Pair-Id", misnamed: "Key-Pair-ID", without: "Key-Pair-ID=K",
		},
		{name: "a lower-case policy is anybody's", query: "policy=1", missing: "Key-Pair-Id,Signature,Policy or Expires", without: "policy=1", before: "policy=1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Find(tt.query, tt.cookies)
			join := func(s []string) string { return strings.Join(s, ",") }
			got := []string{c.From, c.KeyPairID, fmt.Sprint(c.Incomplete), join(c.Missing), join(c.Repeated), join(c.Misnamed), c.QueryWithout, c.QueryBefore}
			want := []string{tt.from, tt.keyID, fmt.Sprint(tt.incomplete), tt.missing, tt.repeated, tt.misnamed, tt.without, tt.before}
			if !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestCredentialsHideSecrets(t *testing.T) {
	c := Find("Policy=ThePolicy&Signature=TheSignature&Key-Pair-Id=K1", nil)
	for _, text := range []string{c.String(), fmt.Sprintf("%v %+v %#v", c, c, c)} {
		if strings.Contains(text, "ThePolicy") || strings.Contains(text, "TheSignature") || !strings.Contains(text, "K1") {
			t.Errorf("printed as %s", text)
		}
	}
}
