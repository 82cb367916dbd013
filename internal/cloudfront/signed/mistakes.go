package signed

import (
	"crypto"
	"net/url"
	"slices"
	"strings"
)

// signedForAnother looks for the URL that a canned signature was really made for, among those that a
// signer could have confused with the viewer's. The nearest comes first: one part changed, then several.
func (n *run) signedForAnother(key crypto.PublicKey, try []crypto.Hash) bool {
	for _, candidate := range n.confusable() {
		text := cannedPolicy(candidate.String(), n.c.Expires)
		for _, h := range try {
			if !verifies(key, h, text, n.signature) {
				continue
			}
			n.out.SignedFor, n.out.Differs = candidate.String(), candidate.differsPlain(n.url)
			n.hintConfusion(candidate)
			return true
		}
	}
	return false
}

// confusable lists URLs near the viewer's, ordered by how many parts differ.
func (n *run) confusable() []sections {
	protocols := []string{n.url.protocol, "https", "http"}
	domains := append([]string{n.url.domain, strings.ToLower(n.url.domain)}, n.r.AltHosts...)
	queries := []string{n.url.query, Find(n.r.RawQuery, nil).QueryBefore, ""}
	paths := []string{n.url.path}
	if decoded, err := url.PathUnescape(n.url.path); err == nil {
		paths = append(paths, decoded, (&url.URL{Path: decoded}).EscapedPath())
	}
	if n.url.path == "/" {
		paths = append(paths, "")
	}
	byDistance := make([][]sections, 5)
	seen := map[sections]bool{n.url: true}
	for _, protocol := range protocols {
		for _, domain := range domains {
			for _, path := range paths {
				for _, query := range queries {
					s := sections{protocol, domain, path, query}
					if !seen[s] {
						seen[s] = true
						d := s.distance(n.url)
						byDistance[d] = append(byDistance[d], s)
					}
				}
			}
		}
	}
	return slices.Concat(byDistance...)
}

func (s sections) distance(o sections) int {
	d := 0
	for _, same := range []bool{s.protocol == o.protocol, s.domain == o.domain, s.path == o.path, s.query == o.query} {
		if !same {
			d++
		}
	}
	return d
}

func (n *run) hintConfusion(signed sections) {
	switch n.out.Differs {
	case SectionProtocol:
		n.hint("the signature was made for %s, and the viewer uses %s", quote(signed.protocol), quote(n.url.protocol))
	case SectionDomain:
		n.hint("the signature was made for the name %s, and the viewer uses %s", quote(signed.domain), quote(n.url.domain))
	case SectionPath:
		n.hint("the path was signed as %s, and the viewer sends it as %s: sign it in the encoding in which it is sent", quote(signed.path), quote(n.url.path))
	case SectionQuery:
		n.hint("the query string was %s when the URL was signed and is %s now: add parameters before signing", quote(signed.query), quote(n.url.query))
	}
}

// hintOtherHost tells when a custom policy covers the URL under another name of the distribution.
func (n *run) hintOtherHost(p *Policy) {
	for _, host := range n.r.AltHosts {
		other := n.url
		other.domain = host
		if ok, _ := matchResource(p.Resource, other); ok.Yes() {
			n.hint("the policy covers this URL under the name %s, and the viewer uses %s", quote(host), quote(n.url.domain))
			return
		}
	}
}

// hintOtherKey tells when a trusted key other than the named one made the signature.
func (n *run) hintOtherKey() {
	p := n.out.Policy
	for _, k := range n.trusted {
		if k.key == nil || k.id == n.c.KeyPairID {
			continue
		}
		for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
			if verifies(k.key, h, p.text, n.signature) {
				n.hint("key %s made the signature; the key pair id names another", quote(k.id))
				return
			}
		}
	}
}

// explainBadSignature tries the slips that leave a genuine signature which CloudFront nevertheless refuses.
func (n *run) explainBadSignature(key trustedKey, try []crypto.Hash) {
	p := n.out.Policy
	if other := otherHash(try[0]); len(try) == 1 && verifies(key.key, other, p.text, n.signature) {
		n.hint("the signature was made with %s, but the request announces %s: send Hash-Algorithm=%s",
			hashName(other), hashName(try[0]), hashName(other))
		return
	}
	n.hintOtherKey()
	for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
		if scheme := otherScheme(key.key, h, p.text, n.signature); scheme != "" {
			n.hint("the signature is %s", scheme)
			return
		}
	}
	for _, variant := range misprints(p, n.c.Expires) {
		for _, h := range try {
			if verifies(key.key, h, []byte(variant.text), n.signature) {
				n.hint("the signed policy text %s", variant.slip)
				return
			}
		}
	}
}

type misprint struct{ text, slip string }

// misprints are texts that JSON writers make of the same policy. The signature is over bytes, so a canned
// policy has to be exactly the documented text (DG/private-content-creating-signed-url-canned-policy).
func misprints(p *Policy, expires string) []misprint {
	text := string(p.text)
	out := []misprint{{text + "\n", "ended in a newline that is not part of the policy"}}
	if !p.Canned {
		return out
	}
	escape := func(old, with string) string {
		return string(cannedPolicy(strings.ReplaceAll(p.Resource, old, with), expires))
	}
	spaced := strings.NewReplacer(`":`, `": `, `,"`, `, "`)
	head, tail, _ := strings.Cut(text, p.Resource)
	return append(out,
		misprint{escape("/", `\/`), `has its slashes escaped as \/`},
		misprint{escape("&", `\u0026`), `has & escaped as \u0026`},
		misprint{spaced.Replace(head) + p.Resource + spaced.Replace(tail), "has blanks after its colons and commas; it must have none"},
	)
}
