package signed

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"

	"cfdoctor/internal/tri"
)

// fromURL undoes the substitutions that make base64 fit for a URL
// (DG/private-content-creating-signed-url-custom-policy). They are not those of RFC 4648: "_" is padding.
var fromURL = strings.NewReplacer("-", "+", "_", "=", "~", "/")

// decode reads a Signature or Policy value. It is False when it cannot be base64, and Unknown, with the
// bytes, when it is base64 in a form that the guide does not promise to work.
func decode(name, value string) (data []byte, ok tri.Bool, detail string) {
	ok = tri.True
	if strings.Contains(value, "%") {
		plain, err := url.PathUnescape(value)
		if err != nil {
			return nil, tri.False, name + " has a broken percent escape"
		}
		value, ok, detail = plain, tri.Unknown, name+" is percent-encoded, and the guide does not say whether CloudFront decodes it"
	}
	if strings.ContainsAny(value, "+/=") {
		ok, detail = tri.Unknown, name+" has characters of plain base64; + = / have to be sent as - _ ~"
	}
	plain := fromURL.Replace(value)
	if data, err := base64.StdEncoding.DecodeString(plain); err == nil {
		return data, ok, detail
	}
	if data, err := base64.RawStdEncoding.DecodeString(plain); err == nil {
		return data, tri.Unknown, name + " lacks its padding (one or two _ at the end)"
	}
	detail = name + " is not base64 with - _ ~ in place of + = /"
	if _, err := base64.URLEncoding.DecodeString(value); err == nil {
		detail += ": it is the usual URL-safe base64, in which _ stands for /"
	} else if _, err := base64.RawURLEncoding.DecodeString(value); err == nil {
		detail += ": it is the usual URL-safe base64 without padding, in which _ stands for /"
	}
	return nil, tri.False, detail
}

// quote shows a value from outside: quoted, and no longer than a line or two.
func quote(s string) string {
	const most = 300
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strconv.Quote(s)
}
