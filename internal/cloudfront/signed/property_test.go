package signed

import (
	"crypto"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"cfdoctor/internal/tri"

	"pgregory.net/rapid"
)

// mutations each break one thing of a good request; the check named has to be the one that fails.
var mutations = []struct {
	name   string
	failed []Check
	change func(*rapid.T, *Credentials, *Request)
}{
	{"time", []Check{NotExpired}, func(t *rapid.T, _ *Credentials, r *Request) {
		r.Now = time.Unix(testEnd+rapid.Int64Range(0, 1<<40).Draw(t, "late"), 0)
	}},
	{"key id", []Check{KnownKey}, func(_ *rapid.T, c *Credentials, _ *Request) { c.KeyPairID += "X" }},
	{"key", []Check{SignatureVerifies}, func(t *rapid.T, c *Credentials, _ *Request) {
		c.KeyPairID = rapid.SampledFrom(otherSigners()).Draw(t, "other").id
	}},
	{"hash", []Check{SignatureVerifies}, func(_ *rapid.T, c *Credentials, _ *Request) {
		if c.HashAlgorithm == "" {
			c.HashAlgorithm = "SHA256"
		} else {
			c.HashAlgorithm = "SHA1"
		}
	}},
	{"signature", []Check{SignatureVerifies, SignatureDecodes}, func(t *rapid.T, c *Credentials, _ *Request) { c.Signature = alter(t, c.Signature) }},
	{"signature cut", []Check{SignatureVerifies, SignatureDecodes}, func(t *rapid.T, c *Credentials, _ *Request) {
		c.Signature = c.Signature[:rapid.IntRange(1, len(c.Signature)-4).Draw(t, "length")]
	}},
	{"grant", []Check{SignatureVerifies, PolicyParses}, func(t *rapid.T, c *Credentials, _ *Request) {
		if c.Policy != "" {
			c.Policy = alter(t, c.Policy)
		} else {
			c.Expires = fmt.Sprint(testEnd + rapid.Int64Range(1, 1000).Draw(t, "longer"))
		}
	}},
	{"path", []Check{SignatureVerifies, Resource}, func(t *rapid.T, _ *Credentials, r *Request) {
		r.Path += rapid.StringMatching(`[a-z0-9]{1,8}`).Draw(t, "more")
	}},
	{"host", []Check{SignatureVerifies, Resource}, func(_ *rapid.T, _ *Credentials, r *Request) { r.Host = "x" + r.Host }},
	{"query", []Check{SignatureVerifies, Resource}, func(t *rapid.T, _ *Credentials, r *Request) {
		r.RawQuery += "&" + rapid.StringMatching(`[a-z]{1,8}=[a-z]{0,8}`).Draw(t, "more")
	}},
	{"scheme", []Check{Resource}, func(_ *rapid.T, _ *Credentials, r *Request) {
		r.Scheme = map[string]string{"http": "https", "https": "http"}[r.Scheme]
	}},
}

// alter changes one character of CloudFront's base64 into another of its alphabet, in a place where every bit counts.
func alter(t *rapid.T, s string) string {
	i := rapid.IntRange(0, len(s)-5).Draw(t, "place")
	with := "A"
	if s[i] == 'A' {
		with = "B"
	}
	return s[:i] + with + s[i+1:]
}

func TestRoundTripAndMutations(t *testing.T) {
	all := append(keysOf(t, firstSigners()...), keysOf(t, otherSigners()...)...)
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.SampledFrom(firstSigners()).Draw(rt, "signer")
		url := rapid.StringMatching(`https?://[a-z]{1,10}\.example/([a-z0-9._~-]|%2[0-9A-F]|/){0,20}(\?[a-z]{1,5}=[a-z0-9]{0,5}(&[a-z]{1,5}=[a-z0-9%]{0,5}){0,2})?`).Draw(rt, "url")
		query := s.canned(t, url, testEnd)
		if rapid.Bool().Draw(rt, "custom") {
			query = s.custom(t, url, fmt.Sprintf(`{"Statement":[{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":%d}}}]}`, url, testEnd))
		}
		r := request(url, query)
		c := Find(query, nil)
		if v := Verify(c, all, true, r); !v.Valid.Yes() || v.Failed != "" {
			rt.Fatalf("a good signature: %+v", v)
		}
		m := rapid.SampledFrom(mutations).Draw(rt, "mutation")
		m.change(rt, &c, &r)
		v := Verify(c, all, true, r)
		if !v.Valid.No() {
			rt.Fatalf("%s was not noticed: %+v", m.name, v)
		}
		for _, want := range m.failed {
			if v.Failed == want {
				return
			}
		}
		rt.Fatalf("%s: failed %q, want one of %q: %s", m.name, v.Failed, m.failed, v.Because)
	})
}

// What is unknown may only make a verdict less certain.
func TestMissingFactsNeverFlip(t *testing.T) {
	all := keysOf(t, firstSigners()...)
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.SampledFrom(firstSigners()).Draw(rt, "signer")
		cidr := rapid.SampledFrom([]string{"192.0.2.0/24", "198.51.100.0/24"}).Draw(rt, "range")
		policy := fmt.Sprintf(`{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":%d},"IpAddress":{"AWS:SourceIp":"%s"}}}]}`, testEnd, cidr)
		r := request(testURL, s.custom(t, testURL, policy))
		r.Now = r.Now.Add(time.Duration(rapid.IntRange(0, 2).Draw(rt, "hours")) * time.Hour)
		c := Find(r.RawQuery, nil)
		full := Verify(c, all, true, r).Valid
		keys := all
		complete := rapid.Bool().Draw(rt, "complete")
		if !complete {
			keys = nil
		}
		if rapid.Bool().Draw(rt, "no address") {
			r.ClientIP = netip.Addr{}
		}
		if rapid.Bool().Draw(rt, "no time") {
			r.Now = time.Time{}
		}
		if less := Verify(c, keys, complete, r).Valid; less.Known() && less != full {
			rt.Fatalf("full evidence says %v, less evidence %v", full, less)
		}
	})
}

func FuzzVerify(f *testing.F) {
	s := firstSigners()[0]
	keys := []Key{s.key(f), firstSigners()[1].key(f)}
	f.Add("https", "media.example", "/videos/my%20film.mp4", s.canned(f, testURL, testEnd), "", int64(testEnd-1))
	f.Add("http", "media.example", "/", "", "CloudFront-Policy="+toURL([]byte(`{"Statement":[{"Resource":"*\?","Condition":{"DateLessThan":{"AWS:EpochTime":1}}}]}`))+"; CloudFront-Signature=YQ__; CloudFront-Key-Pair-Id="+s.id, int64(0))
	f.Add("https", "a", "/"+strings.Repeat("s", 40), "Signature="+strings.Repeat("s", 40)+"&Expires=1e9&Key-Pair-Id=K", "", int64(1))
	f.Fuzz(func(t *testing.T, scheme, host, path, query, cookies string, now int64) {
		var pairs []Pair
		for piece := range strings.SplitSeq(cookies, "; ") {
			name, value, _ := strings.Cut(piece, "=")
			pairs = append(pairs, Pair{name, value})
		}
		c := Find(query, pairs)
		r := Request{Scheme: scheme, Host: host, Path: path, RawQuery: query, AltHosts: []string{"b"}, Now: time.Unix(now, 0)}
		v := Verify(c, keys, true, r)
		all := tri.True
		shown := []string{v.Because, v.Hint, v.SignedFor}
		for _, check := range v.Checks {
			all = tri.And(all, check.Passed)
			shown = append(shown, check.Detail, check.Got, check.Want)
		}
		if len(v.Checks) != 9 || all != v.Valid || v.Valid.No() != (v.Failed != "") {
			t.Fatalf("inconsistent: %+v", v)
		}
		// An arbitrary input cannot have a valid signature over anything but what the signer signed.
		if v.Valid.Yes() && !genuineInFuzz(keys, c, v) {
			t.Fatalf("valid without a signature: %+v", v)
		}
		for _, secret := range []string{c.Signature, c.Policy} {
			if len(secret) >= shortestSecret && strings.Contains(strings.Join(shown, "\x00"), secret) {
				t.Fatalf("%q shown in %q", secret, shown)
			}
		}
	})
}

func genuineInFuzz(keys []Key, c Credentials, v Verdict) bool {
	signature, _, _ := decode("", c.Signature)
	for _, k := range parseKeys(keys) {
		for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
			if k.id == c.KeyPairID && verifies(k.key, h, v.Policy.text, signature) {
				return true
			}
		}
	}
	return false
}
