package request

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// SplitURL takes a URL of http or https apart: its scheme and host in lower case, the host without its port, and the rest from the first "/"
// or "?" on, without a fragment. It is less strict than RFC 3986, as browsers and logs are: the rest may hold a percent sign that encodes
// nothing, and what no request line carries (spaces, characters outside ASCII) is percent-encoded as browsers do.
func SplitURL(raw string) (scheme, host, rest string, err error) {
	scheme, after, ok := strings.Cut(raw, "://")
	if !ok {
		return "", "", "", fmt.Errorf("%.80q is not a URL of the form https://host/path", raw)
	}
	if scheme = strings.ToLower(scheme); scheme != "http" && scheme != "https" {
		return "", "", "", fmt.Errorf("CloudFront answers http and https, not %.20q", scheme)
	}
	if strings.IndexFunc(raw, func(r rune) bool { return r < ' ' || r == 0x7f }) >= 0 {
		return "", "", "", errors.New("the URL has a control character")
	}
	authority := after
	if i := strings.IndexAny(after, "/?#"); i >= 0 {
		authority, rest = after[:i], after[i:]
	}
	if strings.Contains(authority, "@") {
		return "", "", "", errors.New("the URL carries a user name or password: leave it out, and give an Authorization header with --header")
	}
	if host, err = hostOnly(authority); err != nil {
		return "", "", "", err
	}
	rest, _, _ = strings.Cut(rest, "#")
	return scheme, host, sendable(rest), nil
}

// hostOnly is the host of "host:port", in lower case, without the brackets of an IPv6 address.
func hostOnly(authority string) (string, error) {
	host, port := authority, ""
	if inner, after, ok := strings.Cut(strings.TrimPrefix(authority, "["), "]"); ok && authority[0] == '[' {
		host, port = inner, after
	} else if i := strings.IndexByte(authority, ':'); i >= 0 {
		host, port = authority[:i], authority[i:]
	}
	digits, _ := strings.CutPrefix(port, ":")
	if host == "" || strings.ContainsAny(host, " <>\"[]\\^`{}|%") || port != "" && port[0] != ':' || strings.Trim(digits, "0123456789") != "" {
		return "", fmt.Errorf("%.80q is not a host name", authority)
	}
	return strings.ToLower(host), nil
}

// sendable percent-encodes what no request line carries, and leaves the rest as it is.
func sendable(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if s[i] > ' ' && s[i] < utf8.RuneSelf && s[i] != 0x7f {
			b.WriteByte(s[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", s[i])
		}
	}
	return b.String()
}
