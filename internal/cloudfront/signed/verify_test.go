package signed

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"cfdoctor/internal/tri"
)

const (
	testURL = "https://media.example/videos/my%20film.mp4?quality=hd"
	testEnd = int64(1_900_000_000)
)

// request asks for url with the given raw query, an hour before testEnd.
func request(url, rawQuery string) Request {
	s := cut(url)
	return Request{
		Scheme: s.protocol, Host: s.domain, Path: s.path, RawQuery: rawQuery,
		AltHosts: []string{"d111111abcdef8.cloudfront.net"},
		ClientIP: netip.MustParseAddr("192.0.2.7"), Now: time.Unix(testEnd-3600, 0),
	}
}

func verify(keys []Key, r Request) Verdict { return Verify(Find(r.RawQuery, nil), keys, true, r) }

func expect(t *testing.T, v Verdict, failed Check, code string) {
	t.Helper()
	if v.Failed != failed || v.Code != code || v.Valid.No() != (failed != "") || failed != "" && v.Because == "" {
		t.Errorf("failed %q code %q valid %v because %q, want %q %q", v.Failed, v.Code, v.Valid, v.Because, failed, code)
	}
}

func TestVerifyMissing(t *testing.T) {
	key := firstSigners()[0].key(t)
	for _, tt := range []struct{ name, query, code string }{
		{"nothing", "", CodeMissingKey},
		{"no key", "Expires=1900000000&Signature=YQ__", CodeMissingKey},
		{"no signature", "Expires=1900000000&Key-Pair-Id=" + key.ID, ""},
		{"no policy", "Signature=YQ__&Key-Pair-Id=" + key.ID, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := verify([]Key{key}, request(testURL, tt.query))
			expect(t, v, Present, tt.code)
			if len(v.Checks) != 9 {
				t.Errorf("%d checks", len(v.Checks))
			}
		})
	}
	v := verify([]Key{key}, request(testURL, "AWSAccessKeyId=AKIAEXAMPLE&Signature=YQ__&Expires=1900000000"))
	if !strings.Contains(v.Hint, "presigned for S3") {
		t.Errorf("hint %q", v.Hint)
	}
}

func TestVerifyKey(t *testing.T) {
	s := firstSigners()[0]
	good := s.key(t)
	r := request(testURL, s.canned(t, testURL, testEnd))
	c := Find(r.RawQuery, nil)

	expect(t, Verify(c, nil, true, r), KnownKey, CodeInvalidKey)
	v := Verify(c, nil, false, r)
	if v.Valid != tri.Unknown || v.Result(KnownKey).Passed.Known() || v.Code != "" {
		t.Errorf("with unread key groups: %+v", v)
	}
	for name, pem := range map[string]string{"unread": "", "no PEM": "x", "no key": "-----BEGIN PUBLIC KEY-----\nYQ==\n-----END PUBLIC KEY-----\n"} {
		v := Verify(c, []Key{{s.id, pem}}, true, r)
		if v.Valid != tri.Unknown || !v.Result(KnownKey).Passed.Yes() || v.Result(SignatureVerifies).Passed.Known() {
			t.Errorf("%s: %+v", name, v)
		}
	}
	v = Verify(c, []Key{{"KOTHER", good.PEM}}, true, r)
	expect(t, v, KnownKey, CodeInvalidKey)
	if !strings.Contains(v.Hint, "KOTHER") {
		t.Errorf("hint %q", v.Hint)
	}
	c.KeyPairID = "-----BEGIN"
	expect(t, Verify(c, []Key{good}, false, r), KnownKey, CodeMissingKey)

	// Unknown before the failure: the refusal is certain, its code is not.
	r.Now = time.Unix(testEnd, 0)
	expect(t, Verify(Find(r.RawQuery, nil), nil, false, r), NotExpired, "")
}

func TestVerifyConditions(t *testing.T) {
	s := firstSigners()[1]
	keys := keysOf(t, s)
	policy := func(resource string) string {
		return fmt.Sprintf(`{"Statement":[{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":%d},"DateGreaterThan":{"AWS:EpochTime":%d},"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"}}}]}`,
			resource, testEnd, testEnd-7200)
	}
	good := request(testURL, s.custom(t, testURL, policy("https://media.example/videos/*")))
	for _, tt := range []struct {
		name   string
		change func(*Request)
		failed Check
	}{
		{"good", func(*Request) {}, ""},
		{"mapped address", func(r *Request) { r.ClientIP = netip.MustParseAddr("::ffff:192.0.2.7") }, ""},
		{"expired", func(r *Request) { r.Now = time.Unix(testEnd, 0) }, NotExpired},
		{"on the start", func(r *Request) { r.Now = time.Unix(testEnd-7200, 999) }, Started},
		{"other address", func(r *Request) { r.ClientIP = netip.MustParseAddr("198.51.100.1") }, Address},
		{"IPv6", func(r *Request) { r.ClientIP = netip.MustParseAddr("2001:db8::1") }, Address},
		{"other path", func(r *Request) { r.Path = "/audio/x" }, Resource},
		{"other protocol", func(r *Request) { r.Scheme = "http" }, Resource},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := good
			tt.change(&r)
			code := CodeAccessDenied
			if tt.failed == "" {
				code = ""
			}
			v := verify(keys, r)
			expect(t, v, tt.failed, code)
			if tt.failed == "" && !v.Valid.Yes() {
				t.Errorf("valid %v: %s", v.Valid, v.Because)
			}
			if tt.failed == Resource && v.SignedFor != "https://media.example/videos/*" {
				t.Errorf("signed for %q", v.SignedFor)
			}
		})
	}
	for name, change := range map[string]func(*Request){
		"unknown address": func(r *Request) { r.ClientIP = netip.Addr{} },
		"unknown time":    func(r *Request) { r.Now = time.Time{} },
	} {
		r := good
		change(&r)
		if v := verify(keys, r); v.Valid != tri.Unknown {
			t.Errorf("%s: %+v", name, v)
		}
	}
	r := request(testURL, s.custom(t, testURL, policy("https://d111111abcdef8.cloudfront.net/videos/*")))
	if v := verify(keys, r); v.Failed != Resource || v.Differs != SectionDomain || !strings.Contains(v.Hint, "d111111abcdef8") {
		t.Errorf("signed for the other name: %+v", v)
	}
}

func TestVerifyMalformed(t *testing.T) {
	s := firstSigners()[0]
	keys := keysOf(t, s)
	query := s.canned(t, testURL, testEnd)
	expect(t, verify(keys, request(testURL, s.canned(t, testURL, testEnd*1000))), PolicyParses, CodeMalformedPolicy)
	expect(t, verify(keys, request(testURL, strings.Replace(query, "Signature=", "Signature=!", 1))), SignatureDecodes, CodeMalformedSignature)
	expect(t, verify(keys, request(testURL, s.custom(t, testURL, `{"Statement":[]}`))), PolicyParses, CodeMalformedPolicy)
	if v := verify(keys, request(testURL, query+"&Hash-Algorithm=sha1")); v.Valid != tri.Unknown {
		t.Errorf("undocumented hash: %+v", v)
	}
	if v := verify(keys, request(testURL, query+"&Policy=YQ__")); v.Valid != tri.Unknown && v.Failed != PolicyParses {
		t.Errorf("both policies: %+v", v)
	}
	both := query + "&Policy=" + toURL([]byte(`{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":1900000000}}}]}`))
	if v := verify(keys, request(testURL, both)); v.Valid != tri.Unknown || !v.Policy.Canned {
		t.Errorf("both policies, canned one signed: %+v", v)
	}
}

// A genuine canned signature for a URL near the requested one is told from a wrong signature.
func TestSignedForAnotherURL(t *testing.T) {
	for _, tt := range []struct {
		signed, asked string
		differs       Section
	}{
		{"http://media.example/a.mp4", "https://media.example/a.mp4", SectionProtocol},
		{"https://d111111abcdef8.cloudfront.net/a.mp4", "https://media.example/a.mp4", SectionDomain},
		{"http://d111111abcdef8.cloudfront.net/a.mp4", "https://media.example/a.mp4", SectionProtocol},
		{"https://media.example/a b.mp4", "https://media.example/a%20b.mp4", SectionPath},
		{"https://media.example/a%20b.mp4", "https://media.example/a%20b.mp4?v=1", SectionQuery},
		{"https://media.example/%C3%A9", "https://media.example/é", SectionPath},
	} {
		for _, s := range firstSigners() {
			// The viewer's own query goes first, as when it was there before signing.
			_, query, _ := strings.Cut(tt.asked, "?")
			query = strings.Trim(query+"&"+s.canned(t, tt.signed, testEnd), "&")
			v := verify(keysOf(t, s), request(tt.asked, query))
			expect(t, v, Resource, CodeAccessDenied)
			if v.SignedFor != tt.signed || v.Differs != tt.differs || v.Hint == "" {
				t.Errorf("%s asked as %s: signed for %q, differs %q, hint %q", tt.signed, tt.asked, v.SignedFor, v.Differs, v.Hint)
			}
		}
	}
	s := firstSigners()[0]
	v := verify(keysOf(t, s), request(testURL, s.canned(t, testURL, testEnd)+"&utm=x"))
	if expect(t, v, Resource, CodeAccessDenied); v.SignedFor != testURL || v.Differs != SectionQuery {
		t.Errorf("added after signing: %+v", v)
	}
}

func TestHints(t *testing.T) {
	rsa1, ecdsa1, rsa256 := firstSigners()[0], firstSigners()[1], firstSigners()[2]
	canned := string(cannedPolicy(testURL, fmt.Sprint(testEnd)))
	grant := fmt.Sprintf("Expires=%d", testEnd)
	pss, err := rsa.SignPSS(rand.Reader, rsa1.private.(*rsa.PrivateKey), crypto.SHA256, digest(crypto.SHA256, []byte(canned)), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, s, err := ecdsa.Sign(rand.Reader, ecdsa1.private.(*ecdsa.PrivateKey), digest(crypto.SHA1, []byte(canned)))
	if err != nil {
		t.Fatal(err)
	}
	bare := s.FillBytes(r.FillBytes(make([]byte, 64))[32:])
	bare = append(r.FillBytes(make([]byte, 32)), bare...)
	other := otherSigners()[0]
	for _, tt := range []struct{ name, query, hint string }{
		{"hash not announced", rsa1.query(testURL, grant, rsa256.sign(t, canned)), "Hash-Algorithm=SHA256"},
		{"escaped slashes", rsa1.query(testURL, grant, rsa1.sign(t, strings.ReplaceAll(canned, "/", `\/`))), "slashes"},
		{"blanks", rsa1.query(testURL, grant, rsa1.sign(t, strings.Replace(strings.NewReplacer(`":`, `": `, `,"`, `, "`).Replace(canned), "  ", " ", 1))), "blanks"},
		{"newline", rsa1.query(testURL, grant, rsa1.sign(t, canned+"\n")), "newline"},
		{"other trusted key", rsa1.query(testURL, grant, other.sign(t, canned)), other.id},
		{"PSS", rsa1.query(testURL, grant, toURL(pss)), "RSA-PSS"},
		{"P1363", ecdsa1.query(testURL, grant, toURL(bare)), "P1363"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := verify(keysOf(t, rsa1, ecdsa1, other), request(testURL, tt.query))
			expect(t, v, SignatureVerifies, CodeAccessDenied)
			if !strings.Contains(v.Hint, tt.hint) {
				t.Errorf("hint %q, want %q in it", v.Hint, tt.hint)
			}
		})
	}
}

func TestCookies(t *testing.T) {
	s := firstSigners()[3]
	policy := fmt.Sprintf(`{"Statement":[{"Resource":"https://media.example/*","Condition":{"DateLessThan":{"AWS:EpochTime":%d}}}]}`, testEnd)
	cookies := []Pair{
		{"CloudFront-Policy", toURL([]byte(policy))}, {"CloudFront-Signature", s.sign(t, policy)},
		{"CloudFront-Key-Pair-Id", s.id}, {"CloudFront-Hash-Algorithm", "SHA256"},
	}
	r := request(testURL, "quality=hd")
	if v := Verify(Find(r.RawQuery, cookies), keysOf(t, s), true, r); !v.Valid.Yes() {
		t.Errorf("good cookies: %+v", v)
	}
	cookies[2].Name = "Cloudfront-Key-Pair-Id"
	v := Verify(Find(r.RawQuery, cookies), keysOf(t, s), true, r)
	if expect(t, v, Present, CodeMissingKey); !strings.Contains(v.Hint, "case sensitive") {
		t.Errorf("hint %q", v.Hint)
	}
}

func TestDomainInOtherCase(t *testing.T) {
	s := firstSigners()[0]
	v := verify(keysOf(t, s), request("https://MEDIA.example/a.mp4", s.canned(t, "https://media.example/a.mp4", testEnd)))
	if v.Valid != tri.Unknown || !v.Result(SignatureVerifies).Passed.Yes() || v.SignedFor != "https://media.example/a.mp4" {
		t.Errorf("%+v", v)
	}
}

func TestSecretsAreRedacted(t *testing.T) {
	s := firstSigners()[0]
	policy := fmt.Sprintf(`{"Statement":[{"Resource":"https://media.example/x","Condition":{"DateLessThan":{"AWS:EpochTime":%d}}}]}`, testEnd)
	r := request(testURL, s.custom(t, testURL, policy))
	c := Find(r.RawQuery, nil)
	// A viewer who pastes the parameters into the path would have them printed with the URL.
	r.Path = "/" + c.Policy + "/" + c.Signature
	v := Verify(c, keysOf(t, s), true, r)
	expect(t, v, Resource, CodeAccessDenied)
	shown := fmt.Sprintf("%+v", v)
	if strings.Contains(shown, c.Policy) || strings.Contains(shown, c.Signature) || !strings.Contains(shown, "[redacted]") {
		t.Errorf("shown: %s", shown)
	}
}
