package cloudfront

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/tri"
)

// Protocol is a version of SSL or TLS, spelled as CloudFront's API does.
type Protocol string

// The versions, from the oldest.
const (
	SSLv3  Protocol = "SSLv3"
	TLSv1  Protocol = "TLSv1"
	TLSv11 Protocol = "TLSv1.1"
	TLSv12 Protocol = "TLSv1.2"
	TLSv13 Protocol = "TLSv1.3"
)

// newestFirst is the order in which two sides look for a protocol that both have.
func newestFirst() []Protocol { return []Protocol{TLSv13, TLSv12, TLSv11, TLSv1, SSLv3} }

// KeyType is the kind of key in a server's certificate. It decides which ciphers up to TLS 1.2 can be used.
type KeyType string

// The kinds that CloudFront works with; the zero value is a key that is not known.
const (
	KeyRSA   KeyType = "RSA"
	KeyECDSA KeyType = "ECDSA"
)

// TLSSide is what one end of a connection offers or accepts. Ciphers are OpenSSL names; on a server they stand in the
// order of its preference.
type TLSSide struct {
	Protocols []Protocol
	Ciphers   []string
	// Maybe are protocols of which it is not documented whether this side has them.
	Maybe []Protocol
}

// Handshake is what two sides agree on.
type Handshake struct {
	OK       tri.Bool
	Protocol Protocol // set if OK is True
	Cipher   string   // set if OK is True
	// Protocols and Ciphers are what both sides have: empty lists show which of the two is missing.
	Protocols []Protocol
	Ciphers   []string
}

// Negotiate finds the protocol and cipher on which a client and a server with that key agree. OK is Unknown where no
// agreement is found, but one side may have a protocol that would make one.
func Negotiate(server, client TLSSide, key KeyType) Handshake {
	h := Handshake{OK: tri.False}
	for _, p := range newestFirst() {
		if !slices.Contains(server.Protocols, p) || !slices.Contains(client.Protocols, p) {
			continue
		}
		h.Protocols = append(h.Protocols, p)
		for _, cipher := range server.Ciphers {
			if !usable(cipher, p, key) || !slices.Contains(client.Ciphers, cipher) {
				continue
			}
			if !slices.Contains(h.Ciphers, cipher) {
				h.Ciphers = append(h.Ciphers, cipher)
			}
			if h.OK.No() {
				h.OK, h.Protocol, h.Cipher = tri.True, p, cipher
			}
		}
	}
	if h.OK.No() && (mayShare(server, client) || mayShare(client, server)) {
		h.OK = tri.Unknown
	}
	return h
}

// mayShare reports whether a protocol that one side may have is one that the other has.
func mayShare(a, b TLSSide) bool {
	return slices.ContainsFunc(a.Maybe, func(p Protocol) bool {
		return slices.Contains(b.Protocols, p) || slices.Contains(b.Maybe, p)
	})
}

// usable reports whether a cipher works with the protocol and the server's key. TLS 1.3 has ciphers of its own that
// fit every key; SHA-256, SHA-384, GCM and ChaCha20 ciphers came with TLS 1.2 (RFC 5246, RFC 5288, RFC 7905).
func usable(cipher string, p Protocol, key KeyType) bool {
	modern := strings.HasPrefix(cipher, "TLS_")
	if modern || p == TLSv13 {
		return modern && p == TLSv13
	}
	if p != TLSv12 && !strings.HasSuffix(cipher, "-SHA") && !strings.HasSuffix(cipher, "-MD5") {
		return false
	}
	ecdsa := strings.HasPrefix(cipher, "ECDHE-ECDSA-")
	return key == "" || ecdsa == (key == KeyECDSA)
}

// viewerCiphers are the ciphers between viewers and CloudFront in the order in which CloudFront prefers them, each with
// the security policies that have it (DG/secure-connections-supported-viewer-protocols-ciphers, read 2026-10).
func viewerCiphers() []cipherRow {
	var rows []cipherRow
	rows = append(rows,
		cipherRow{"TLS_AES_128_GCM_SHA256", allPolicies}, cipherRow{"TLS_AES_256_GCM_SHA384", allPolicies},
		cipherRow{"TLS_CHACHA20_POLY1305_SHA256", allPolicies &^ policy12of2025})
	for _, kx := range [...]string{"ECDHE-ECDSA-", "ECDHE-RSA-"} {
		rows = append(rows,
			cipherRow{kx + "AES128-GCM-SHA256", upTo12of2025}, cipherRow{kx + "AES128-SHA256", upTo12of2019},
			cipherRow{kx + "AES128-SHA", upTo11of2016}, cipherRow{kx + "AES256-GCM-SHA384", upTo12of2025},
			cipherRow{kx + "CHACHA20-POLY1305", upTo12of2021}, cipherRow{kx + "AES256-SHA384", upTo12of2019},
			cipherRow{kx + "AES256-SHA", upTo11of2016})
	}
	return append(rows,
		cipherRow{"AES128-GCM-SHA256", upTo12of2018}, cipherRow{"AES256-GCM-SHA384", upTo12of2018},
		cipherRow{"AES128-SHA256", upTo12of2018}, cipherRow{"AES256-SHA", upTo11of2016}, cipherRow{"AES128-SHA", upTo11of2016},
		cipherRow{"DES-CBC3-SHA", policySSLv3 | policyTLSv1}, cipherRow{"RC4-MD5", policySSLv3})
}

// cipherRow is a row of the documented matrix.
type cipherRow struct {
	name     string
	policies policySet
}

// policySet is a set of viewer security policies.
type policySet uint16

const (
	policySSLv3 policySet = 1 << iota
	policyTLSv1
	policyTLSv1of2016
	policy11of2016
	policy12of2018
	policy12of2019
	policy12of2021
	policy12of2025
	policy13of2025
	allPolicies  = 1<<iota - 1
	upTo11of2016 = policySSLv3 | policyTLSv1 | policyTLSv1of2016 | policy11of2016
	upTo12of2018 = upTo11of2016 | policy12of2018
	upTo12of2019 = upTo12of2018 | policy12of2019
	upTo12of2021 = upTo12of2019 | policy12of2021
	upTo12of2025 = upTo12of2021 | policy12of2025
)

// viewerPolicy finds a policy by its API name and the oldest protocol that it has.
func viewerPolicy(name string) (set policySet, oldest Protocol, ok bool) {
	switch types.MinimumProtocolVersion(name) {
	case types.MinimumProtocolVersionSSLv3:
		return policySSLv3, SSLv3, true
	case types.MinimumProtocolVersionTLSv1:
		return policyTLSv1, TLSv1, true
	case types.MinimumProtocolVersionTLSv12016:
		return policyTLSv1of2016, TLSv1, true
	case types.MinimumProtocolVersionTLSv112016:
		return policy11of2016, TLSv11, true
	case types.MinimumProtocolVersionTLSv122018:
		return policy12of2018, TLSv12, true
	case types.MinimumProtocolVersionTLSv122019:
		return policy12of2019, TLSv12, true
	case types.MinimumProtocolVersionTLSv122021:
		return policy12of2021, TLSv12, true
	case types.MinimumProtocolVersionTLSv122025:
		return policy12of2025, TLSv12, true
	case types.MinimumProtocolVersionTLSv132025:
		return policy13of2025, TLSv13, true
	}
	return 0, "", false
}

// ViewerPolicy returns what CloudFront accepts from viewers under a security policy (MinimumProtocolVersion). ok is
// false for a policy that is not in the table, a newer one perhaps.
func ViewerPolicy(name string) (side TLSSide, ok bool) {
	set, oldest, ok := viewerPolicy(name)
	if !ok {
		return TLSSide{}, false
	}
	for _, p := range newestFirst() {
		side.Protocols = append(side.Protocols, p)
		if p == oldest {
			break
		}
	}
	for _, row := range viewerCiphers() {
		if row.policies&set != 0 {
			side.Ciphers = append(side.Ciphers, row.name)
		}
	}
	return side, true
}

// EffectiveViewerPolicy is the name of the security policy that a distribution really has: with CloudFront's own
// certificate it is TLSv1, whatever the setting says (DG/DownloadDistValuesGeneral). ok is false when the
// certificate is the customer's and no policy is recorded.
func EffectiveViewerPolicy(certificate *types.ViewerCertificate) (name string, ok bool) {
	if certificate == nil || aws.ToBool(certificate.CloudFrontDefaultCertificate) {
		return string(types.MinimumProtocolVersionTLSv1), true
	}
	return string(certificate.MinimumProtocolVersion), certificate.MinimumProtocolVersion != ""
}

// OriginSide is what CloudFront offers to an origin with these OriginSslProtocols
// (DG/secure-connections-supported-ciphers-cloudfront-to-origin). The order is not documented as a preference; the
// origin chooses. TLS 1.3 is a Maybe: no setting names it, the list of ciphers lacks it, and the page on requests to
// origins mentions it.
func OriginSide(protocols []types.SslProtocol) TLSSide {
	side := TLSSide{Maybe: []Protocol{TLSv13}}
	for _, p := range newestFirst() {
		if slices.Contains(protocols, types.SslProtocol(p)) {
			side.Protocols = append(side.Protocols, p)
		}
	}
	for _, kx := range [...]string{"ECDHE-ECDSA-", "ECDHE-RSA-"} {
		for _, c := range [...]string{"AES256-GCM-SHA384", "AES256-SHA384", "AES256-SHA", "AES128-GCM-SHA256", "AES128-SHA256", "AES128-SHA"} {
			side.Ciphers = append(side.Ciphers, kx+c)
		}
	}
	side.Ciphers = append(side.Ciphers, "AES256-SHA", "AES128-SHA", "DES-CBC3-SHA", "RC4-MD5")
	return side
}

// CanonicalCipher turns a cipher's RFC name into its OpenSSL name, as CloudFront's guide and load balancers write it;
// other names are returned as they are.
func CanonicalCipher(name string) string {
	rest, ok := strings.CutPrefix(name, "TLS_")
	kx, bulk, with := strings.Cut(rest, "_WITH_")
	if !ok || !with {
		return name // TLS 1.3 names are the same in both
	}
	switch bulk {
	case "3DES_EDE_CBC_SHA":
		bulk = "DES-CBC3-SHA"
	case "RC4_128_MD5":
		bulk = "RC4-MD5"
	case "CHACHA20_POLY1305_SHA256":
		bulk = "CHACHA20-POLY1305"
	default:
		bulk = strings.NewReplacer("AES_128_", "AES128-", "AES_256_", "AES256-", "CBC_", "", "_", "-").Replace(bulk)
	}
	if kx == "RSA" {
		return bulk
	}
	return strings.ReplaceAll(kx, "_", "-") + "-" + bulk
}
