package cloudfront

import (
	"testing"

	"pgregory.net/rapid"
)

func TestNormalizeHost(t *testing.T) {
	for in, want := range map[string]string{
		"WWW.Example.COM": "www.example.com", "example.com:443": "example.com", "example.com.": "example.com",
		"example.com.:80": "example.com", "[2001:DB8::1]:443": "2001:db8::1", "2001:db8::1": "2001:db8::1",
		"": "", " a.b ": "a.b", "[x": "[x",
	} {
		if got := NormalizeHost(in); got != want {
			t.Errorf("NormalizeHost(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAliasMatches(t *testing.T) {
	tests := []struct {
		alias, host string
		want        bool
	}{
		{"www.example.com", "www.example.com", true},
		{"www.example.com", "WWW.EXAMPLE.COM:443", true},
		{"*.example.com", "www.example.com", true},
		{"*.example.com", "marketing.product-name.example.com", true}, // the documented example
		{"*.example.com", "example.com", false},
		{"*.example.com", ".example.com", false},
		{"*.example.com", "badexample.com", false},
		{"*.example.com", "www.example.com.evil.org", false},
		{"example.com", "www.example.com", false},
		{"*.", "x.", false},
		{"", "", false},
	}
	for _, tt := range tests {
		if got := AliasMatches(tt.alias, tt.host); got != tt.want {
			t.Errorf("AliasMatches(%q, %q) = %v, want %v", tt.alias, tt.host, got, tt.want)
		}
	}
}

func TestBestAlias(t *testing.T) {
	aliases := []string{"*.example.com", "*.b.example.com", "www.b.example.com", "example.org"}
	for host, want := range map[string]string{
		"www.b.example.com": "www.b.example.com", "x.b.example.com": "*.b.example.com",
		"b.example.com": "*.example.com", "www.example.com": "*.example.com", "example.net": "",
	} {
		got, ok := BestAlias(aliases, host)
		if got != want || ok != (want != "") {
			t.Errorf("BestAlias(%q) = %q, %v, want %q", host, got, ok, want)
		}
	}
}

func TestCertCovers(t *testing.T) {
	names := []string{"example.com", "*.example.com", "*.product.example.com"}
	for host, want := range map[string]bool{
		// The examples of DG/CNAMEs.
		"marketing.example.com": true, "api.example.com": true, "marketing.product.example.com": true,
		"example.com": true, "a.marketing.product.example.com": false, "deep.marketing.example.com": false,
		"example.org": false, "*.example.com": true, "*.x.example.com": false, "": false, "API.example.com:443": true,
	} {
		if got := CertCovers(names, host); got != want {
			t.Errorf("CertCovers(%q) = %v, want %v", host, got, want)
		}
	}
	if CertCovers([]string{"*.example.com"}, "example.com") {
		t.Error("a wildcard covers the bare domain")
	}
	if !CoversAliasPartly([]string{"*.example.com"}, "*.example.com", "a.b.example.com") {
		t.Error("a wildcard certificate covers two levels")
	}
}

// What a certificate covers, an alias of the same name takes.
func TestCertificatesAreNarrowerThanAliases(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`(\*\.)?[ab](\.[ab]){0,2}`).Draw(t, "name")
		host := rapid.StringMatching(`[ab](\.[ab]){0,3}`).Draw(t, "host")
		if CertCovers([]string{name}, host) && !AliasMatches(name, host) {
			t.Fatalf("certificate %q covers %q, the alias does not match", name, host)
		}
	})
}
