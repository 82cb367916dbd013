package collect

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/request"
)

// Target is what a person named to be diagnosed. Exactly one of ID and Domain is set.
type Target struct {
	Given   string // as typed, without the white space around it
	ID      string // a distribution's id
	Account string // twelve digits, where an ARN told
	Domain  string // a host name, in lower case
	URL     string // the URL, where one was given; its host is Domain
}

// maxTarget is the longest target, in bytes. CloudFront's limit for URLs is 8,192 (DG/cloudfront-limits); what is longer has to get in to be diagnosed.
const maxTarget = 64 << 10

// TargetForms says what [ParseTarget] takes, as advice for who gave something else.
const TargetForms = "give a distribution ID (E…), its ARN, its domain (d….cloudfront.net), an alternate domain name, or the failing URL"

// ParseTarget reads what a person typed: a distribution's id in any case of letters, its ARN, its cloudfront.net domain or only the
// first label of it, an alternate domain name, or a URL, which may lack its scheme. The error is one line for the person who typed it;
// [TargetForms] says how to go on.
func ParseTarget(given string) (Target, error) {
	t := Target{Given: strings.TrimSpace(given)}
	if err := checkTyped(t.Given); err != nil {
		return Target{}, err
	}
	s := t.Given
	switch {
	case strings.HasPrefix(strings.ToLower(s), "arn:"):
		return t.fromARN(s)
	case strings.Contains(s, "://"):
		return t.fromURL(s)
	case strings.ContainsAny(s, "/?#"):
		return t.fromURL("https://" + s)
	case strings.Contains(s, "."):
		return t.fromHost(s)
	}
	upper, lower := strings.ToUpper(s), strings.ToLower(s) // a typed d… is a domain, whatever its case
	switch {
	case isDomainLabel(lower):
		t.Domain = lower + ".cloudfront.net"
		return t, nil
	case cloudfront.IsDistributionID(upper):
		t.ID = upper
		return t, nil
	}
	return Target{}, fmt.Errorf("%.80q does not name a distribution", s)
}

// checkTyped refuses what no form of a target can contain, before any of it reaches a message, a call or a command.
func checkTyped(s string) error {
	switch {
	case s == "":
		return errors.New("no target is given")
	case len(s) > maxTarget:
		return fmt.Errorf("the target has %d bytes, more than %d", len(s), maxTarget)
	case !utf8.ValidString(s):
		return errors.New("the target is not valid UTF-8")
	}
	for _, r := range s {
		if unicode.IsControl(r) || unicode.IsSpace(r) && r != ' ' || !unicode.IsPrint(r) || r == '`' || r == '\\' {
			return fmt.Errorf("the target %.80q has a character that no ID, domain or URL contains: %q", s, r)
		}
	}
	return nil
}

// isDomainLabel reports whether s looks like the first label of a distribution's domain: d and 12 or 13 letters and digits in all
// that were seen; AWS documents no length.
func isDomainLabel(s string) bool {
	if len(s) < 10 || len(s) > 20 || s[0] != 'd' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == "" && strings.ContainsAny(s, "0123456789")
}

func (t Target) fromARN(arn string) (Target, error) {
	d, err := cloudfront.ParseDistributionARN(arn)
	if err != nil {
		return Target{}, fmt.Errorf("%w: want arn:aws:cloudfront::ACCOUNT:distribution/ID", err)
	}
	t.ID, t.Account = d.ID, d.Account
	return t, nil
}

func (t Target) fromURL(address string) (Target, error) {
	scheme, host, rest, err := request.SplitURL(address)
	if err != nil {
		return Target{}, err
	}
	if t, err = t.fromHost(host); err != nil {
		return Target{}, err
	}
	t.URL = scheme + "://" + t.Domain + rest
	return t, nil
}

func (t Target) fromHost(host string) (Target, error) {
	name := strings.TrimSuffix(strings.ToLower(host), ".")
	if strings.HasPrefix(name, "*.") {
		return Target{}, fmt.Errorf("%.80q is a wildcard: name one host below it, such as www.%s", host, name[2:])
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return Target{}, fmt.Errorf("%s is an address, and CloudFront finds a distribution by its name", name)
	}
	// Host names of the web may hold underscores, which DNS allows and strict profiles do not. The work of encoding grows with the square
	// of the length, so that what is no host name by its length is not tried.
	if len(name) <= maxHost*utf8.UTFMax {
		if ascii, err := idna.Punycode.ToASCII(name); err == nil {
			name = ascii
		}
	}
	if !isHostName(name) {
		return Target{}, fmt.Errorf("%.80q is not a host name", host)
	}
	t.Domain = name
	return t, nil
}

// maxHost is the longest host name, in bytes (RFC 1035 section 2.3.4, less the length byte and the root).
const maxHost = 253

// isHostName reports whether name has two labels or more of the characters and lengths that DNS allows hosts (RFC 1123 section 2.1),
// and underscores.
func isHostName(name string) bool {
	labels := strings.Split(name, ".")
	if len(labels) < 2 || len(name) > maxHost {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}
