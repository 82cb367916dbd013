package probe

import "fmt"

// cipherRow is one cipher up to TLS 1.2 with the number that hellos name it by (IANA, TLS Cipher Suites).
type cipherRow struct {
	id   uint16
	name string // OpenSSL's
}

// cipherRows are the ciphers that servers are found with: CloudFront's own and those that it does not have.
func cipherRows() []cipherRow {
	return []cipherRow{
		{0xc02c, "ECDHE-ECDSA-AES256-GCM-SHA384"}, {0xc030, "ECDHE-RSA-AES256-GCM-SHA384"},
		{0xc02b, "ECDHE-ECDSA-AES128-GCM-SHA256"}, {0xc02f, "ECDHE-RSA-AES128-GCM-SHA256"},
		{0xcca9, "ECDHE-ECDSA-CHACHA20-POLY1305"}, {0xcca8, "ECDHE-RSA-CHACHA20-POLY1305"},
		{0xc024, "ECDHE-ECDSA-AES256-SHA384"}, {0xc028, "ECDHE-RSA-AES256-SHA384"},
		{0xc023, "ECDHE-ECDSA-AES128-SHA256"}, {0xc027, "ECDHE-RSA-AES128-SHA256"},
		{0xc00a, "ECDHE-ECDSA-AES256-SHA"}, {0xc014, "ECDHE-RSA-AES256-SHA"},
		{0xc009, "ECDHE-ECDSA-AES128-SHA"}, {0xc013, "ECDHE-RSA-AES128-SHA"},
		{0xc0ad, "ECDHE-ECDSA-AES256-CCM"}, {0xc0ac, "ECDHE-ECDSA-AES128-CCM"},
		{0xc05d, "ECDHE-ECDSA-ARIA256-GCM-SHA384"}, {0xc061, "ECDHE-ARIA256-GCM-SHA384"},
		{0xc073, "ECDHE-ECDSA-CAMELLIA256-SHA384"}, {0xc077, "ECDHE-RSA-CAMELLIA256-SHA384"},
		{0xc072, "ECDHE-ECDSA-CAMELLIA128-SHA256"}, {0xc076, "ECDHE-RSA-CAMELLIA128-SHA256"},
		{0xc008, "ECDHE-ECDSA-DES-CBC3-SHA"}, {0xc012, "ECDHE-RSA-DES-CBC3-SHA"},
		{0xc007, "ECDHE-ECDSA-RC4-SHA"}, {0xc011, "ECDHE-RSA-RC4-SHA"},
		{0x009f, "DHE-RSA-AES256-GCM-SHA384"}, {0x009e, "DHE-RSA-AES128-GCM-SHA256"}, {0xccaa, "DHE-RSA-CHACHA20-POLY1305"},
		{0x006b, "DHE-RSA-AES256-SHA256"}, {0x0067, "DHE-RSA-AES128-SHA256"}, {0x0039, "DHE-RSA-AES256-SHA"}, {0x0033, "DHE-RSA-AES128-SHA"},
		{0xc09f, "DHE-RSA-AES256-CCM"}, {0xc09e, "DHE-RSA-AES128-CCM"}, {0x0088, "DHE-RSA-CAMELLIA256-SHA"}, {0x0045, "DHE-RSA-CAMELLIA128-SHA"},
		{0x0016, "DHE-RSA-DES-CBC3-SHA"},
		{0x009d, "AES256-GCM-SHA384"}, {0x009c, "AES128-GCM-SHA256"}, {0x003d, "AES256-SHA256"}, {0x003c, "AES128-SHA256"},
		{0x0035, "AES256-SHA"}, {0x002f, "AES128-SHA"}, {0xc09d, "AES256-CCM"}, {0xc09c, "AES128-CCM"},
		{0x0084, "CAMELLIA256-SHA"}, {0x0041, "CAMELLIA128-SHA"}, {0x000a, "DES-CBC3-SHA"}, {0x0005, "RC4-SHA"}, {0x0004, "RC4-MD5"},
	}
}

func cipherID(name string) (uint16, bool) {
	for _, row := range cipherRows() {
		if row.name == name {
			return row.id, true
		}
	}
	return 0, false
}

// cipherName is OpenSSL's name of a cipher, or its number.
func cipherName(id uint16) string {
	for _, row := range cipherRows() {
		if row.id == id {
			return row.name
		}
	}
	switch id { // TLS 1.3 (RFC 8446, B.4)
	case 0x1301:
		return "TLS_AES_128_GCM_SHA256"
	case 0x1302:
		return "TLS_AES_256_GCM_SHA384"
	case 0x1303:
		return "TLS_CHACHA20_POLY1305_SHA256"
	}
	return fmt.Sprintf("0x%04x", id)
}

// alertName is an alert's name (RFC 8446, 6; RFC 6066, 9).
func alertName(code byte) string {
	names := map[byte]string{
		0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 40: "handshake_failure", 41: "no_certificate", 42: "bad_certificate",
		43: "unsupported_certificate", 46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error",
		51: "decrypt_error", 70: "protocol_version", 71: "insufficient_security", 80: "internal_error", 86: "inappropriate_fallback",
		90: "user_canceled", 109: "missing_extension", 110: "unsupported_extension", 112: "unrecognized_name", 116: "certificate_required",
		120: "no_application_protocol",
	}
	if name, ok := names[code]; ok {
		return name
	}
	return fmt.Sprintf("alert %d", code)
}
