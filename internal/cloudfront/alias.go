package cloudfront

import "strings"

// NormalizeHost returns a Host header, authority or DNS name as CloudFront compares it: lower case, without port,
// brackets of an IPv6 literal, or the dot at the end.
func NormalizeHost(host string) string {
	host = strings.TrimSpace(host)
	if rest, ok := strings.CutPrefix(host, "["); ok {
		if i := strings.IndexByte(rest, ']'); i >= 0 {
			return strings.ToLower(rest[:i])
		}
	}
	// A second colon means a bare IPv6 address, which carries no port.
	if i := strings.IndexByte(host, ':'); i >= 0 && strings.IndexByte(host[i+1:], ':') < 0 {
		host = host[:i]
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// AliasMatches reports whether an alternate domain name takes requests for host. A wildcard stands only for the
// leftmost label, but covers subdomains at every depth below it, and not the bare domain
// (DG/alternate-domain-names-wildcard). Certificates are narrower: see [CertCovers].
func AliasMatches(alias, host string) bool {
	alias, host = NormalizeHost(alias), NormalizeHost(host)
	if host == "" {
		return false
	}
	if suffix, ok := strings.CutPrefix(alias, "*."); ok {
		rest, ok := strings.CutSuffix(host, suffix)
		return ok && suffix != "" && len(rest) > 1 && rest[len(rest)-1] == '.'
	}
	return alias == host
}

// BestAlias returns the alternate domain name that takes requests for host: an exact name before a wildcard, and
// of wildcards the one with the longest domain, for the more specific alias wins wherever DNS points (DG/CNAMEs).
// ok is false when none matches.
func BestAlias(aliases []string, host string) (best string, ok bool) {
	for _, alias := range aliases {
		if AliasMatches(alias, host) && (!ok || moreSpecific(alias, best)) {
			best, ok = alias, true
		}
	}
	return best, ok
}

// moreSpecific compares two aliases that match the same host.
func moreSpecific(a, b string) bool {
	aWild, bWild := strings.HasPrefix(a, "*."), strings.HasPrefix(b, "*.")
	if aWild != bWild {
		return bWild
	}
	return len(a) > len(b)
}

// CertCovers reports whether one of a certificate's names covers host. A wildcard covers exactly one label: not
// the bare domain and nothing deeper (DG/CNAMEs; RFC 6125 section 6.4.3).
func CertCovers(names []string, host string) bool {
	_, ok := CoveringName(names, host)
	return ok
}

// CoveringName returns the first of a certificate's names that covers host. The host may itself be a wildcard
// alias: it is covered by the same wildcard only, since no certificate covers more than one level.
func CoveringName(names []string, host string) (name string, ok bool) {
	host = NormalizeHost(host)
	_, parent, dotted := strings.Cut(host, ".")
	for _, name := range names {
		norm := NormalizeHost(name)
		if norm == "" || host == "" {
			continue
		}
		if norm == host {
			return name, true
		}
		suffix, wild := strings.CutPrefix(norm, "*.")
		if wild && dotted && suffix == parent && suffix != "" && host[0] != '.' {
			return name, true
		}
	}
	return "", false
}

// CoversAliasPartly reports whether a wildcard alias takes hosts that the certificate's names do not cover:
// an alias *.example.com takes a.b.example.com, which the certificate for *.example.com does not cover, so
// HTTPS viewers of that host see a certificate error although CloudFront would answer.
func CoversAliasPartly(names []string, alias, host string) bool {
	return AliasMatches(alias, host) && CertCovers(names, alias) && !CertCovers(names, host)
}
