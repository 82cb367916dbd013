package signed

import (
	"crypto"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"cfdoctor/internal/tri"
)

// Check is one condition of a signed request.
type Check string

// The checks, in the order in which Verify reports them. CloudFront documents no order; this one follows
// what each needs: a key before a signature, a signature before anything that it vouches for.
const (
	Present           Check = "present"            // key pair id, signature, and a policy or an expiry are there
	KnownKey          Check = "known key"          // the id is of a key that the cache behavior trusts
	SignatureDecodes  Check = "signature decodes"  // the signature is base64 with CloudFront's substitutions
	PolicyParses      Check = "policy parses"      // Expires is a time, or Policy is of the documented grammar
	SignatureVerifies Check = "signature verifies" // the key made the signature over the policy
	NotExpired        Check = "not expired"        // now is before DateLessThan
	Started           Check = "started"            // now is after DateGreaterThan
	Address           Check = "address"            // the viewer is in IpAddress
	Resource          Check = "resource"           // the URL is the one signed for
)

// CheckResult is the outcome of one check. Got and Want are set where there is something to compare.
type CheckResult struct {
	Check     Check
	Passed    tri.Bool
	Detail    string // why, in one sentence; "" when passed without remark
	Got, Want string
}

// The Code of CloudFront's XML answer, always with status 403. Not documented; seen in public captures.
const (
	CodeMissingKey         = "MissingKey"
	CodeInvalidKey         = "InvalidKey"
	CodeMalformedSignature = "MalformedSignature"
	CodeMalformedPolicy    = "MalformedPolicy"
	CodeAccessDenied       = "AccessDenied"
)

// Request is what the viewer asks for.
type Request struct {
	Scheme   string // "http" or "https", as the viewer used it
	Host     string // as in the viewer's Host header: the name that the policy must have
	Path     string // raw, percent escapes as sent; "" is "/"
	RawQuery string // as sent, signing parameters included

	AltHosts []string   // other names of the distribution, to recognize a signature made for one of them
	ClientIP netip.Addr // the zero Addr: unknown
	Now      time.Time  // the zero Time: unknown
}

// Verdict is the outcome of all checks.
type Verdict struct {
	Valid  tri.Bool // the conjunction of Checks: False is certain even where another check is unknown
	Failed Check    // the first check that is False; "" when none is
	Code   string   // the Code CloudFront answers with; "" when valid, or when the captures do not settle it

	Because   string // the deciding check in one sentence
	Checks    []CheckResult
	Policy    *Policy // nil when there is none that can be read
	SignedFor string  // the URL or pattern that was really signed, when Resource does not pass on a genuine signature
	Differs   Section // the first part of the URL in which the request differs from SignedFor
	Hint      string  // the likely mistake, when the signature or the parameters show one
}

// Result returns the outcome of one check.
func (v Verdict) Result(c Check) CheckResult {
	for _, r := range v.Checks {
		if r.Check == c {
			return r
		}
	}
	return CheckResult{Check: c}
}

// Verify checks credentials against the keys that the cache behavior trusts. With keysComplete false, a key
// group or signer could not be read, and an id that is not among keys is unknown rather than wrong.
//
// Expiry is judged at r.Now, the start of the request: CloudFront does not interrupt a running download
// (DG/private-content-signed-urls).
func Verify(c Credentials, keys []Key, keysComplete bool, r Request) Verdict {
	run := &run{c: c, keys: keys, complete: keysComplete, url: viewerURL(r), r: r, trusted: parseKeys(keys)}
	run.present()
	run.knownKey()
	run.decodeSignature()
	run.readPolicy()
	run.verifySignature()
	run.times()
	run.address()
	run.resource()
	return run.verdict()
}

// run carries one verification from check to check.
type run struct {
	c        Credentials
	keys     []Key
	complete bool
	r        Request
	url      sections
	trusted  []trustedKey

	signature []byte    // nil when it does not decode
	readings  []reading // the policies that the parameters may stand for; two when both kinds are sent
	genuine   bool      // the signature is a trusted key's, over this policy or the canned one of another URL

	out Verdict
}

type trustedKey struct {
	id  string
	key crypto.PublicKey // nil when unreadable
	err error
}

type reading struct {
	policy *Policy
	ok     tri.Bool
	detail string
}

func parseKeys(keys []Key) []trustedKey {
	out := make([]trustedKey, len(keys))
	for i, k := range keys {
		key, err := k.parse()
		out[i] = trustedKey{k.ID, key, err}
	}
	return out
}

// viewerURL is the URL that a canned policy names: as the viewer sent it, without the signing parameters.
func viewerURL(r Request) sections {
	s := sections{protocol: strings.ToLower(r.Scheme), domain: r.Host, path: r.Path}
	if s.path == "" {
		s.path = "/"
	}
	s.query = Find(r.RawQuery, nil).QueryWithout
	return s
}

func (n *run) add(c Check, passed tri.Bool, detail string) {
	n.out.Checks = append(n.out.Checks, CheckResult{Check: c, Passed: passed, Detail: detail})
}

func (n *run) compare(c Check, passed tri.Bool, detail, got, want string) {
	n.out.Checks = append(n.out.Checks, CheckResult{Check: c, Passed: passed, Detail: detail, Got: got, Want: want})
}

func (n *run) hint(format string, args ...any) {
	if n.out.Hint == "" {
		n.out.Hint = fmt.Sprintf(format, args...)
	}
}

func (n *run) present() {
	c := n.c
	if len(c.Misnamed) > 0 {
		n.hint("names are case sensitive: %s is ignored", quote(strings.Join(c.Misnamed, ", ")))
	}
	switch {
	case c.From == "":
		n.add(Present, tri.False, "the request has neither signing parameters in its URL nor CloudFront-* cookies")
	case len(c.Missing) > 0:
		if c.presignedV2 {
			n.hint("the URL is presigned for S3 (AWSAccessKeyId); CloudFront takes its Expires and Signature for its own")
		}
		n.add(Present, tri.False, fmt.Sprintf("the signed %s lacks %s", c.From, strings.Join(c.Missing, " and ")))
	case len(c.Repeated) > 0:
		n.add(Present, tri.Unknown, strings.Join(c.Repeated, ", ")+" is sent more than once with different values; which one CloudFront takes is not documented")
	case c.Policy != "" && c.Expires != "":
		n.add(Present, tri.Unknown, "both Policy and Expires are sent; which one CloudFront takes is not documented")
	default:
		n.add(Present, tri.True, "")
	}
}

func (n *run) knownKey() {
	id := n.c.KeyPairID
	if id == "" {
		n.add(KnownKey, tri.Unknown, "no key pair id was sent")
		return
	}
	var ids []string
	for _, k := range n.keys {
		if k.ID == id {
			n.add(KnownKey, tri.True, "")
			return
		}
		if strings.EqualFold(k.ID, strings.TrimSpace(id)) {
			n.hint("the key pair id differs from %s only in letter case or blanks", k.ID)
		}
		ids = append(ids, k.ID)
	}
	detail := "key " + quote(id) + " is in no key group and of no signer that the cache behavior trusts"
	passed := tri.False
	switch {
	case !isID(id):
		detail = quote(id) + " is not the id of a key"
	case !n.complete:
		passed = tri.Unknown
		detail = "key " + quote(id) + " is not among the trusted keys that could be read, and some could not"
	}
	n.compare(KnownKey, passed, detail, id, strings.Join(ids, ", "))
}

// isID reports whether s can be the id of a key; CloudFront's are letters and digits.
func isID(s string) bool {
	for _, b := range []byte(s) {
		if !('0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z') {
			return false
		}
	}
	return s != ""
}

func (n *run) decodeSignature() {
	if n.c.Signature == "" {
		n.add(SignatureDecodes, tri.Unknown, "no signature was sent")
		return
	}
	data, ok, detail := decode("Signature", n.c.Signature)
	n.signature = data
	n.add(SignatureDecodes, ok, detail)
}

func (n *run) readPolicy() {
	if n.c.Policy != "" {
		p, ok, detail := readCustom(n.c.Policy)
		n.readings = append(n.readings, reading{p, ok, detail})
	}
	if n.c.Expires != "" {
		p, ok, detail := readCanned(n.url.String(), n.c.Expires)
		n.readings = append(n.readings, reading{p, ok, detail})
	}
	if len(n.readings) == 0 {
		n.add(PolicyParses, tri.Unknown, "neither a policy nor an expiry was sent")
		return
	}
	n.preferVerifying()
	first := n.readings[0]
	n.out.Policy = first.policy
	n.add(PolicyParses, first.ok, first.detail)
}

// preferVerifying puts first the reading that the signature fits, when two kinds of policy were sent. If
// it then fails, the request fails either way: by the other reading the signature does not verify.
func (n *run) preferVerifying() {
	key, _ := n.named()
	if len(n.readings) < 2 || key.key == nil {
		return
	}
	try, _ := hashes(n.c.HashAlgorithm)
	second := n.readings[1].policy
	for _, h := range try {
		if second != nil && verifies(key.key, h, second.text, n.signature) {
			n.readings[0], n.readings[1] = n.readings[1], n.readings[0]
			return
		}
	}
}

// named is the key that Key-Pair-Id names; found is false when no trusted key has that id.
func (n *run) named() (k trustedKey, found bool) {
	for _, k = range n.trusted {
		if k.id == n.c.KeyPairID {
			return k, true
		}
	}
	return trustedKey{}, false
}

func (n *run) verifySignature() {
	key, found := n.named()
	p := n.out.Policy
	switch {
	case n.signature == nil || p == nil || n.c.KeyPairID == "":
		n.add(SignatureVerifies, tri.Unknown, "there is nothing to verify without a key pair id, a readable signature and a readable policy")
		return
	case !found:
		n.add(SignatureVerifies, tri.Unknown, "the key is not at hand")
		n.hintOtherKey()
		return
	case key.err != nil:
		n.add(SignatureVerifies, tri.Unknown, "key "+quote(key.id)+" is trusted, but "+key.err.Error())
		return
	}
	try, known := hashes(n.c.HashAlgorithm)
	for _, h := range try {
		if verifies(key.key, h, p.text, n.signature) {
			n.genuine = true
			if known {
				n.add(SignatureVerifies, tri.True, "")
			} else {
				n.add(SignatureVerifies, tri.Unknown, "the signature is good with "+hashName(h)+", but Hash-Algorithm "+quote(n.c.HashAlgorithm)+" is not documented")
			}
			return
		}
	}
	if p.Canned && n.signedForAnother(key.key, try) {
		n.genuine = true
		n.add(SignatureVerifies, tri.True, "the signature is genuine, for another URL")
		return
	}
	n.explainBadSignature(key, try)
	detail := "the signature is not that of key " + quote(key.id) + " over this policy: another private key signed, or the policy was changed afterwards"
	if p.Canned {
		detail = "the signature is not that of key " + quote(key.id) + " over this URL and expiry: another private key signed, or one of them was changed afterwards"
	}
	n.add(SignatureVerifies, tri.False, detail)
}

// verdict draws the conclusion and removes what must not be shown.
func (n *run) verdict() Verdict {
	v := &n.out
	v.Valid = tri.True
	certain := true // every check so far passed for certain, so CloudFront's answer is that of the next failure
	for _, r := range v.Checks {
		v.Valid = tri.And(v.Valid, r.Passed)
		if r.Passed.No() && v.Failed == "" {
			v.Failed, v.Because = r.Check, r.Detail
			if certain {
				v.Code = n.code(r.Check)
			}
		}
		certain = certain && r.Passed.Yes()
	}
	switch v.Valid {
	case tri.True:
		v.Because = "the signature of key " + quote(n.c.KeyPairID) + " is good until " + stamp(v.Policy.Ends)
	case tri.Unknown:
		for _, r := range v.Checks {
			if r.Passed == tri.Unknown {
				v.Because = r.Detail
				break
			}
		}
	}
	n.redact()
	return *v
}

// code is the answer to the first failed check when all before it passed.
func (n *run) code(c Check) string {
	switch c {
	case Present:
		if n.c.KeyPairID == "" {
			return CodeMissingKey
		}
		return "" // no capture of a request with a key pair id and no signature or policy
	case KnownKey:
		if !isID(n.c.KeyPairID) {
			return CodeMissingKey // seen with a PEM file in place of the id
		}
		return CodeInvalidKey
	case SignatureDecodes:
		return CodeMalformedSignature
	case PolicyParses:
		return CodeMalformedPolicy
	}
	return CodeAccessDenied
}

// redact takes the signature and the policy out of every text, wherever a hostile URL may have put them.
func (n *run) redact() {
	pairs := []string{}
	for _, secret := range []string{n.c.Signature, n.c.Policy} {
		if len(secret) >= shortestSecret {
			pairs = append(pairs, secret, "[redacted]")
		}
	}
	if len(pairs) == 0 {
		return
	}
	clean := strings.NewReplacer(pairs...).Replace
	v := &n.out
	v.Because, v.Hint, v.SignedFor = clean(v.Because), clean(v.Hint), clean(v.SignedFor)
	for i := range v.Checks {
		r := &v.Checks[i]
		r.Detail, r.Got, r.Want = clean(r.Detail), clean(r.Got), clean(r.Want)
	}
}

// shortestSecret is far below any real signature (an ECDSA one has 96 characters) and above any word.
const shortestSecret = 24
