// Package signed verifies CloudFront signed URLs and signed cookies against the public keys that a cache
// behavior trusts, and says which check fails.
//
// [Find] reads the signing parameters the way CloudFront does; [Verify] runs the checks in order. Nothing
// here decides on a guess: a key that could not be read, or a form that CloudFront's documentation does
// not settle, gives an unknown check and never a failed one.
//
// Sources are pages of the CloudFront Developer Guide, cited as DG/page. The error codes of the answer are
// not documented; they are the ones seen in public captures.
package signed

import (
	"fmt"
	"slices"
	"strings"
)

// Where credentials were found.
const (
	FromURL    = "url"
	FromCookie = "cookie"
)

// The parameters of a signed URL. A signed cookie has the same names behind cookiePrefix.
const (
	paramExpires   = "Expires"
	paramPolicy    = "Policy"
	paramSignature = "Signature"
	paramKeyPairID = "Key-Pair-Id"
	paramHash      = "Hash-Algorithm"

	cookiePrefix = "CloudFront-"
)

// decisive are the names of which any one makes CloudFront take a URL for a signed one, so that it does
// not look at cookies (DG/private-content-choosing-signed-urls-cookies).
var decisive = []string{paramExpires, paramPolicy, paramSignature, paramKeyPairID}

// Pair is one cookie as the viewer sends it. A browser may send several of one name, so it is not a map.
type Pair struct{ Name, Value string }

// Credentials are the signing parameters of one request, as sent: nothing is decoded.
//
// Signature and Policy grant access to whoever has them; print the value through String, which hides both.
type Credentials struct {
	From string // FromURL, FromCookie, or "" when the request has none

	KeyPairID, Signature, Policy, Expires, HashAlgorithm string

	Incomplete bool     // something is there, but not enough to be checked
	Missing    []string // names that are absent or empty, as the viewer would have to send them; "Policy or Expires" is one entry
	Repeated   []string // names sent more than once with different values; the first value is taken
	Misnamed   []string // names that differ from a signing parameter in letter case only, which CloudFront ignores

	QueryWithout string // the query string without the signing parameters, order and encoding kept
	QueryBefore  string // the part of QueryWithout that stood before the first signing parameter

	presignedV2 bool // AWSAccessKeyId is there: an S3 presigned URL of signature version 2
}

// Find extracts the signing parameters from a raw query string (without "?") and the request's cookies.
//
// The URL wins: one of its four parameters is enough for CloudFront to ignore the cookies, complete or not
// (DG/private-content-choosing-signed-urls-cookies).
func Find(rawQuery string, cookies []Pair) Credentials {
	params := splitQuery(rawQuery)
	if slices.ContainsFunc(params, func(p Pair) bool { return slices.Contains(decisive, p.Name) }) {
		c := read(FromURL, "", params)
		c.QueryWithout, c.QueryBefore = stripQuery(rawQuery)
		c.presignedV2 = slices.ContainsFunc(params, func(p Pair) bool { return p.Name == "AWSAccessKeyId" })
		return c
	}
	c := Credentials{Missing: missing("", Credentials{})}
	if slices.ContainsFunc(cookies, func(p Pair) bool {
		name, ok := strings.CutPrefix(p.Name, cookiePrefix)
		return ok && slices.Contains(decisive, name)
	}) {
		c = read(FromCookie, cookiePrefix, cookies)
	}
	// A lower-case "policy" or "expires" is an ordinary query parameter; only the two that nobody else uses betray a slip.
	c.Misnamed = append(misnamed("", params, paramKeyPairID, paramHash), misnamed(cookiePrefix, cookies, append(decisive[:4:4], paramHash)...)...)
	c.QueryWithout, c.QueryBefore = rawQuery, rawQuery
	return c
}

// String describes the credentials without what they grant access with.
func (c Credentials) String() string {
	if c.From == "" {
		return "no signing parameters"
	}
	hide := func(s string) string {
		if s == "" {
			return "none"
		}
		return fmt.Sprintf("%d characters", len(s))
	}
	return fmt.Sprintf("signed %s: key %s, signature %s, policy %s, expires %s", c.From, quote(c.KeyPairID),
		hide(c.Signature), hide(c.Policy), quote(c.Expires))
}

// GoString is String: %#v must not show the signature either.
func (c Credentials) GoString() string { return c.String() }

// read fills credentials from pairs whose names carry prefix.
func read(from, prefix string, pairs []Pair) Credentials {
	c := Credentials{From: from}
	for name, field := range map[string]*string{
		paramExpires: &c.Expires, paramPolicy: &c.Policy, paramSignature: &c.Signature,
		paramKeyPairID: &c.KeyPairID, paramHash: &c.HashAlgorithm,
	} {
		var values []string
		for _, p := range pairs {
			if p.Name == prefix+name {
				values = append(values, p.Value)
			}
		}
		if len(values) > 0 {
			*field = values[0]
		}
		if slices.ContainsFunc(values, func(v string) bool { return v != values[0] }) {
			c.Repeated = append(c.Repeated, prefix+name)
		}
	}
	slices.Sort(c.Repeated)
	c.Missing = missing(prefix, c)
	c.Incomplete = len(c.Missing) > 0
	c.Misnamed = misnamed(prefix, pairs, c.absent()...)
	return c
}

// missing names what a check needs and c lacks. An empty value is as good as none.
func missing(prefix string, c Credentials) []string {
	var out []string
	if c.KeyPairID == "" {
		out = append(out, prefix+paramKeyPairID)
	}
	if c.Signature == "" {
		out = append(out, prefix+paramSignature)
	}
	if c.Policy == "" && c.Expires == "" {
		out = append(out, prefix+paramPolicy+" or "+prefix+paramExpires)
	}
	return out
}

// absent lists the parameters without a value, bare of the prefix.
func (c Credentials) absent() []string {
	var out []string
	for _, p := range []Pair{
		{paramExpires, c.Expires}, {paramPolicy, c.Policy}, {paramSignature, c.Signature},
		{paramKeyPairID, c.KeyPairID}, {paramHash, c.HashAlgorithm},
	} {
		if p.Value == "" {
			out = append(out, p.Name)
		}
	}
	return out
}

// misnamed lists the pairs named like one of names but for letter case.
// Names are case sensitive (DG/private-content-setting-signed-cookie-custom-policy).
func misnamed(prefix string, pairs []Pair, names ...string) []string {
	var out []string
	for _, p := range pairs {
		if slices.ContainsFunc(names, func(n string) bool { return p.Name != prefix+n && strings.EqualFold(p.Name, prefix+n) }) {
			out = append(out, p.Name)
		}
	}
	return out
}

func splitQuery(raw string) []Pair {
	if raw == "" {
		return nil
	}
	var out []Pair
	for piece := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(piece, "=")
		out = append(out, Pair{name, value})
	}
	return out
}

// stripQuery removes the signing parameters and keeps everything else byte for byte: what is left is
// signed, and goes to the origin (DG/private-content-creating-signed-url-canned-policy).
func stripQuery(raw string) (without, before string) {
	var kept []string
	first := -1
	for piece := range strings.SplitSeq(raw, "&") {
		name, _, _ := strings.Cut(piece, "=")
		if slices.Contains(decisive, name) || name == paramHash {
			if first < 0 {
				first = len(kept)
			}
			continue
		}
		kept = append(kept, piece)
	}
	if first < 0 {
		first = len(kept)
	}
	return strings.Join(kept, "&"), strings.Join(kept[:first], "&")
}
