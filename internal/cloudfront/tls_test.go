package cloudfront

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/tri"
)

// The matrix of DG/secure-connections-supported-viewer-protocols-ciphers, counted by column.
func TestViewerPolicy(t *testing.T) {
	tests := []struct {
		name               string
		protocols, ciphers int
		has, hasNot        string
	}{
		{"SSLv3", 5, 24, "RC4-MD5", ""},
		{"TLSv1", 4, 23, "DES-CBC3-SHA", "RC4-MD5"},
		{"TLSv1_2016", 4, 22, "AES128-SHA", "DES-CBC3-SHA"},
		{"TLSv1.1_2016", 3, 22, "ECDHE-RSA-AES256-SHA", "DES-CBC3-SHA"},
		{"TLSv1.2_2018", 2, 16, "AES128-SHA256", "AES128-SHA"},
		{"TLSv1.2_2019", 2, 13, "ECDHE-RSA-AES128-SHA256", "AES128-SHA256"},
		{"TLSv1.2_2021", 2, 9, "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-RSA-AES128-SHA256"},
		{"TLSv1.2_2025", 2, 6, "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"},
		{"TLSv1.3_2025", 1, 3, "TLS_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
	}
	for _, tt := range tests {
		side, ok := ViewerPolicy(tt.name)
		if !ok || len(side.Protocols) != tt.protocols || len(side.Ciphers) != tt.ciphers {
			t.Errorf("%s: %d protocols, %d ciphers, want %d and %d", tt.name, len(side.Protocols), len(side.Ciphers), tt.protocols, tt.ciphers)
		}
		if !slices.Contains(side.Ciphers, tt.has) || slices.Contains(side.Ciphers, tt.hasNot) {
			t.Errorf("%s: ciphers %v", tt.name, side.Ciphers)
		}
	}
	if len(tests) != len(types.MinimumProtocolVersion("").Values()) {
		t.Error("the API has policies that the table lacks")
	}
	if _, ok := ViewerPolicy("TLSv1.4_2030"); ok {
		t.Error("an unknown policy is found")
	}
}

func TestEffectiveViewerPolicy(t *testing.T) {
	own := &types.ViewerCertificate{CloudFrontDefaultCertificate: aws.Bool(true), MinimumProtocolVersion: "TLSv1.2_2021"}
	if name, ok := EffectiveViewerPolicy(own); name != "TLSv1" || !ok {
		t.Errorf("CloudFront's certificate: %q, %v", name, ok)
	}
	acm := &types.ViewerCertificate{ACMCertificateArn: aws.String("arn"), MinimumProtocolVersion: "TLSv1.2_2021"}
	if name, ok := EffectiveViewerPolicy(acm); name != "TLSv1.2_2021" || !ok {
		t.Errorf("an own certificate: %q, %v", name, ok)
	}
	if _, ok := EffectiveViewerPolicy(&types.ViewerCertificate{}); ok {
		t.Error("no policy recorded is known")
	}
}

func TestNegotiateViewer(t *testing.T) {
	modern, _ := ViewerPolicy("TLSv1.2_2021")
	old := TLSSide{Protocols: []Protocol{TLSv1, TLSv11}, Ciphers: []string{"AES128-SHA"}}
	if h := Negotiate(modern, old, KeyRSA); h.OK != tri.False || len(h.Protocols) != 0 {
		t.Errorf("TLS 1.1 client: %+v", h)
	}
	cbc := TLSSide{Protocols: []Protocol{TLSv12}, Ciphers: []string{"ECDHE-RSA-AES128-SHA256", "AES128-SHA"}}
	if h := Negotiate(modern, cbc, KeyRSA); h.OK != tri.False || len(h.Protocols) != 1 || len(h.Ciphers) != 0 {
		t.Errorf("a client with CBC ciphers only: %+v", h)
	}
	ecdsaOnly := TLSSide{Protocols: []Protocol{TLSv12}, Ciphers: []string{"ECDHE-ECDSA-AES128-GCM-SHA256"}}
	if h := Negotiate(modern, ecdsaOnly, KeyRSA); h.OK != tri.False {
		t.Errorf("ECDSA ciphers with an RSA certificate: %+v", h)
	}
	if h := Negotiate(modern, ecdsaOnly, KeyECDSA); h.OK != tri.True || h.Protocol != TLSv12 {
		t.Errorf("ECDSA ciphers with an ECDSA certificate: %+v", h)
	}
	browser := TLSSide{Protocols: []Protocol{TLSv12, TLSv13}, Ciphers: []string{"TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"}}
	if h := Negotiate(modern, browser, KeyRSA); h.Protocol != TLSv13 || h.Cipher != "TLS_AES_128_GCM_SHA256" {
		t.Errorf("the server's order decides: %+v", h)
	}
	// A cipher of TLS 1.2 does not serve TLS 1.1.
	if h := Negotiate(TLSSide{Protocols: []Protocol{TLSv11}, Ciphers: []string{"AES128-GCM-SHA256"}},
		TLSSide{Protocols: []Protocol{TLSv11}, Ciphers: []string{"AES128-GCM-SHA256"}}, KeyRSA); h.OK != tri.False {
		t.Errorf("GCM under TLS 1.1: %+v", h)
	}
}

func TestNegotiateOrigin(t *testing.T) {
	origin := OriginSide([]types.SslProtocol{types.SslProtocolTLSv12})
	for name, want := range map[string]tri.Bool{
		"ELBSecurityPolicy-2016-08":                    tri.True,
		"ELBSecurityPolicy-TLS13-1-2-2021-06":          tri.True,
		"ELBSecurityPolicy-TLS13-1-2-Res-2021-06":      tri.True,
		"ELBSecurityPolicy-FS-1-2-Res-2020-10":         tri.True,
		"ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04": tri.True,
		"ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04":     tri.Unknown,
		// CloudFront's settings do not name TLS 1.3, so a listener with nothing else is not certain to fail.
		"ELBSecurityPolicy-TLS13-1-3-2021-06": tri.Unknown,
	} {
		listener, ok := ELBSecurityPolicy(name)
		if !ok {
			t.Errorf("no policy %s", name)
			continue
		}
		if h := Negotiate(listener, origin, KeyRSA); h.OK != want {
			t.Errorf("%s: %+v, want %v", name, h, want)
		}
	}
	old := OriginSide([]types.SslProtocol{types.SslProtocolTLSv1})
	listener, _ := ELBSecurityPolicy("ELBSecurityPolicy-TLS-1-2-2017-01")
	if h := Negotiate(listener, old, KeyRSA); h.OK != tri.False || len(h.Protocols) != 0 {
		t.Errorf("TLS 1.0 to a TLS 1.2 listener: %+v", h)
	}
	chacha := TLSSide{Protocols: []Protocol{TLSv12}, Ciphers: []string{"ECDHE-RSA-CHACHA20-POLY1305", "AES128-GCM-SHA256"}}
	if h := Negotiate(chacha, origin, KeyRSA); h.OK != tri.False || len(h.Protocols) != 1 || len(h.Ciphers) != 0 {
		t.Errorf("an origin with ChaCha20 and RSA GCM only: %+v", h)
	}
}

func TestELBSecurityPolicy(t *testing.T) {
	for name, want := range map[string]int{
		"ELBSecurityPolicy-2016-08": 18, "ELBSecurityPolicy-TLS13-1-2-2021-06": 11, "ELBSecurityPolicy-TLS13-1-2-Res-2021-06": 7,
		"ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04": 6, "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04": 10,
		"ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06": 15, "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06": 21, "ELBSecurityPolicy-TLS-1-0-2015-04": 19,
		"ELBSecurityPolicy-TLS-1-2-2017-01": 12, "ELBSecurityPolicy-FS-2018-06": 12, "ELBSecurityPolicy-FS-1-2-Res-2019-08": 8,
		"ELBSecurityPolicy-TLS13-1-3-2021-06": 3,
	} {
		side, ok := ELBSecurityPolicy(name)
		if !ok || len(side.Ciphers) != want {
			t.Errorf("%s: %d ciphers, want %d", name, len(side.Ciphers), want)
		}
	}
	side, _ := ELBSecurityPolicy(DefaultELBPolicy)
	if !slices.Equal(side.Protocols, []Protocol{TLSv12, TLSv11, TLSv1}) {
		t.Errorf("%s: %v", DefaultELBPolicy, side.Protocols)
	}
	if _, ok := ELBSecurityPolicy("ELBSecurityPolicy-Custom"); ok {
		t.Error("an unknown policy is found")
	}
}

func TestCanonicalCipher(t *testing.T) {
	for rfc, want := range map[string]string{
		"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256":       "ECDHE-RSA-AES128-GCM-SHA256",
		"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384":     "ECDHE-ECDSA-AES256-SHA384",
		"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-RSA-CHACHA20-POLY1305",
		"TLS_RSA_WITH_AES_128_CBC_SHA":                "AES128-SHA",
		"TLS_RSA_WITH_3DES_EDE_CBC_SHA":               "DES-CBC3-SHA",
		"TLS_RSA_WITH_RC4_128_MD5":                    "RC4-MD5",
		"TLS_AES_128_GCM_SHA256":                      "TLS_AES_128_GCM_SHA256",
		"ECDHE-RSA-AES128-SHA":                        "ECDHE-RSA-AES128-SHA",
	} {
		if got := CanonicalCipher(rfc); got != want {
			t.Errorf("CanonicalCipher(%q) = %q, want %q", rfc, got, want)
		}
	}
}
