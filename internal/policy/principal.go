package policy

import (
	"slices"
	"strings"

	"cfdoctor/internal/tri"
)

// PrincipalKind is the kind of caller.
type PrincipalKind uint8

// The kinds. The zero value is a caller nobody knows: only a statement for everybody certainly covers it.
const (
	UnknownPrincipal PrincipalKind = iota
	ServicePrincipal               // an AWS service; ID is "cloudfront.amazonaws.com"
	AWSPrincipal                   // an IAM identity or session; ID is its ARN
	CanonicalUser                  // an S3 canonical user; ID is the canonical ID
	Anonymous                      // a request without credentials
)

// Principal is who makes the request.
type Principal struct {
	Kind PrincipalKind
	ID   string
	// Account is the caller's 12-digit account. Empty means the one in ID's ARN, if any.
	Account string
	// Aliases are other spellings of the same caller: a canonical user ID beside an ARN, the role behind a session.
	Aliases []string
}

// Service is an AWS service calling for itself, named as in policies: "cloudfront.amazonaws.com".
func Service(name string) Principal { return Principal{Kind: ServicePrincipal, ID: name} }

// OriginAccessIdentity is CloudFront's legacy identity with the given ID ("E…"). A bucket policy may name it by ARN
// or by the canonical user ID of the identity, which may be empty here when unknown
// (DG/private-content-restricting-access-to-s3). Regions in China write another partition.
func OriginAccessIdentity(id, canonicalUser string) Principal {
	const user = ":iam::cloudfront:user/CloudFront Origin Access Identity "
	p := Principal{Kind: AWSPrincipal, ID: "arn:aws" + user + id, Aliases: []string{"arn:aws-cn" + user + id}}
	if canonicalUser != "" {
		p.Aliases = append(p.Aliases, canonicalUser)
	}
	return p
}

// PrincipalSet is the content of Principal or NotPrincipal.
type PrincipalSet struct {
	Field    string // path in the document, for example "Statement[0].Principal"
	Everyone bool   // "*" or {"AWS": "*"}

	AWS, Service, CanonicalUser, Federated []string
	// Other holds entries of types this package does not know, as "Type:value". They leave matches undecided.
	Other []string

	names []string // every entry as written, for mismatches
}

// DeletedPrincipal reports whether an entry of an AWS list is the unique ID that AWS shows in place of the ARN of a
// deleted user or role. Such an entry matches nobody, also not a new identity of the same name
// (IAM/reference_policies_elements_principal, IAM/reference_identifiers).
func DeletedPrincipal(entry string) bool {
	if len(entry) < 16 || (!strings.HasPrefix(entry, "AIDA") && !strings.HasPrefix(entry, "AROA")) {
		return false
	}
	return !strings.ContainsFunc(entry, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') })
}

func parsePrincipals(n node, field string) (*PrincipalSet, error) {
	set := &PrincipalSet{Field: field}
	switch {
	case n.kind == stringNode && n.text == "*":
		set.Everyone = true
		set.names = []string{"*"}
		return set, nil
	case n.kind == stringNode:
		return nil, &ParseError{field, "must be \"*\" or an object such as {\"Service\": …}"}
	case n.kind != objectNode:
		return nil, wrongType(field, "\"*\" or an object", n)
	case len(n.members) == 0:
		return nil, &ParseError{field, "names nobody"}
	}
	for _, m := range n.members {
		entries, err := stringList(m.value, join(field, m.name))
		if err != nil {
			return nil, err
		}
		set.add(m.name, entries)
	}
	return set, nil
}

func (set *PrincipalSet) add(kind string, entries []string) {
	for _, e := range entries {
		set.names = append(set.names, kind+":"+e)
	}
	switch kind {
	case "AWS":
		set.AWS = entries
		set.Everyone = set.Everyone || slices.Contains(entries, "*")
	case "Service":
		set.Service = entries
	case "CanonicalUser":
		set.CanonicalUser = entries
	case "Federated":
		set.Federated = entries
	default:
		for _, e := range entries {
			set.Other = append(set.Other, kind+":"+e)
		}
	}
}

// caller is a Principal with what matching needs worked out once per evaluation.
type caller struct {
	Principal
	account      string
	partition    string // of ID; empty when ID is not an ARN
	accountKnown bool   // also when the caller has no account, as services and origin access identities
}

func newCaller(p Principal) caller {
	c := caller{Principal: p, account: p.Account, accountKnown: p.Account != ""}
	if p.Kind != AWSPrincipal {
		return c
	}
	parts := strings.SplitN(p.ID, ":", arnSections)
	if len(parts) == arnSections && parts[0] == "arn" {
		c.partition = parts[1]
		c.accountKnown = true
		if c.account == "" && isAccountID(parts[4]) {
			c.account = parts[4]
		}
	}
	return c
}

func (c *caller) is(entry string) bool {
	return c.ID == entry && entry != "" || slices.Contains(c.Aliases, entry)
}

// matches reports whether the set covers the caller.
//
// "*" covers everyone: anonymous callers (IAM/reference_policies_elements_principal, where {"AWS": "*"} is the same)
// and AWS services too, which is why AWS's own deny examples exempt services with aws:PrincipalIsAWSService
// (IAM/reference_policies_condition-keys). An account or its root ARN covers every identity of the account, and no
// service. Entries with a partial wildcard are not supported by AWS and leave the match undecided where they fit.
func (set *PrincipalSet) matches(c *caller) tri.Bool {
	if set.Everyone {
		return tri.True
	}
	out := tri.False
	if len(set.Other) > 0 {
		out = tri.Unknown
	}
	switch c.Kind {
	case Anonymous:
		return out
	case UnknownPrincipal:
		return tri.Unknown
	case ServicePrincipal:
		return tri.Or(out, c.named(set.Service))
	}
	return tri.Or(out, c.inAccount(set.AWS), c.named(set.AWS), c.named(set.CanonicalUser), c.named(set.Federated))
}

// named compares whole identities.
func (c *caller) named(entries []string) tri.Bool {
	out := tri.False
	for _, e := range entries {
		if c.is(e) {
			return tri.True
		}
		if strings.ContainsAny(e, "*?") && c.fits(newPattern(e, wildcards).glob) {
			out = tri.Unknown
		}
	}
	return out
}

func (c *caller) fits(g glob) bool {
	return g.match(c.ID) || slices.ContainsFunc(c.Aliases, g.match)
}

// inAccount looks for the caller's account, as bare ID or root ARN.
func (c *caller) inAccount(entries []string) tri.Bool {
	out := tri.False
	for _, e := range entries {
		account, partition := accountEntry(e)
		switch {
		case account == "":
		case !c.accountKnown:
			out = tri.Unknown
		case account == c.account && (partition == "" || c.partition == "" || partition == c.partition):
			return tri.True
		}
	}
	return out
}

// accountEntry returns the account that an AWS entry stands for as a whole, and the partition it is written with.
func accountEntry(entry string) (account, partition string) {
	if isAccountID(entry) {
		return entry, ""
	}
	rest, ok := strings.CutPrefix(entry, "arn:")
	if !ok {
		return "", ""
	}
	partition, rest, _ = strings.Cut(rest, ":")
	rest, ok = strings.CutPrefix(rest, "iam::")
	account, isRoot := strings.CutSuffix(rest, ":root")
	if !ok || !isRoot || !isAccountID(account) {
		return "", ""
	}
	return account, partition
}

func isAccountID(s string) bool {
	return len(s) == 12 && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// excepted is the truth of NotPrincipal: the caller is not in the set.
//
// A caller listed by its own name while its account is not may be denied all the same, depending on the service;
// and with Allow the element is no longer supported (IAM/reference_policies_elements_notprincipal): both undecided.
func (set *PrincipalSet) excepted(c *caller, e Effect) tri.Bool {
	out := set.matches(c).Not()
	switch {
	case e == Allow && out == tri.True:
		return tri.Unknown
	case e == Deny && out == tri.False && c.Kind == AWSPrincipal && c.account != "" && !set.Everyone &&
		c.inAccount(set.AWS) != tri.True:
		return tri.Unknown
	}
	return out
}
