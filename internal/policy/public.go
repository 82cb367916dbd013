package policy

import (
	"strings"

	"cfdoctor/internal/tri"
)

// Public reports whether S3 calls this bucket policy public, which is what Block Public Access acts upon, and the
// first Allow statement that makes it so (or may). Nil when the policy is not public.
//
// S3 takes a policy for public until every grant is limited to fixed values, without wildcard or policy variable, of
// the caller or of certain condition keys (S3UG/access-control-block-public-access, "The meaning of public"). Deny
// statements do not count. Access point policies differ in one rule and VPC-only access points in all: not for here.
func (d *Document) Public() (tri.Bool, *Statement) {
	truth, first := tri.False, (*Statement)(nil)
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Effect != Allow {
			continue
		}
		switch s.public() {
		case tri.True:
			return tri.True, s
		case tri.Unknown:
			if first == nil {
				truth, first = tri.Unknown, s
			}
		}
	}
	return truth, first
}

func (s *Statement) public() tri.Bool {
	limited := tri.False
	if s.Principal != nil {
		limited = s.Principal.fixed()
	}
	for i := range s.Conditions {
		limited = tri.Or(limited, s.Conditions[i].limits())
	}
	return limited.Not()
}

// fixed reports whether the set names fixed callers only. Federated identities are public by S3's own example.
func (set *PrincipalSet) fixed() tri.Bool {
	if set.Everyone || len(set.Federated) > 0 {
		return tri.False
	}
	for _, n := range set.names {
		if strings.ContainsAny(n, "*?") {
			return tri.False
		}
	}
	if len(set.Other) > 0 {
		return tri.Unknown
	}
	return tri.True
}

// limits reports whether a condition confines the grant in S3's eyes.
func (c *Condition) limits() tri.Bool {
	rule, listed := limitingRule(c.key)
	switch {
	case !listed, c.op.negated, c.op.kind == nullOperator:
		return tri.False
	case c.op.kind == unknownOperator, c.op.ifExists, c.op.set == forAllValues:
		return tri.Unknown // holds for a missing key, too; how S3 weighs that is not documented
	}
	out := tri.True
	for _, v := range c.Values {
		out = tri.And(out, rule(c, v))
	}
	return out
}

// limitingRule returns how S3 judges the values of a condition key: for the keys that it lists, and for some of the
// same nature that it does not.
func limitingRule(key string) (rule func(*Condition, string) tri.Bool, listed bool) {
	switch key {
	case "aws:principalorgid", "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount",
		"s3:dataaccesspointaccount", "s3:x-amz-server-side-encryption-aws-kms-key-id":
		return fixedValue, true
	case "aws:sourceip":
		return narrowRange, true
	case "aws:userid":
		return fixedUser, true
	case "s3:dataaccesspointarn":
		return fixedAccessPoint, true
	case "aws:principalarn", "aws:principalaccount", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths":
		return perhaps, true
	}
	return nil, false
}

func fixedValue(c *Condition, v string) tri.Bool {
	switch {
	case strings.Contains(v, "${"):
		return tri.False
	case !strings.ContainsAny(v, "*?"):
		return tri.True
	case c.op.kind == stringLike || c.op.kind == arnLike:
		return tri.False
	}
	return tri.Unknown // a star that is no wildcard to this operator
}

// perhaps: not on S3's list, but "a principal" may cover it.
func perhaps(c *Condition, v string) tri.Bool { return tri.And(fixedValue(c, v), tri.Unknown) }

// fixedUser: S3 names the pattern "AROLEID:*", every session of one role, without saying more than that it stands
// outside the rule.
func fixedUser(c *Condition, v string) tri.Bool {
	if strings.HasPrefix(v, "AROA") && strings.HasSuffix(v, ":*") {
		return tri.Unknown
	}
	return fixedValue(c, v)
}

// fixedAccessPoint: in a bucket policy the name of the access point may hold a wildcard, the account may not.
func fixedAccessPoint(c *Condition, v string) tri.Bool {
	parts := strings.SplitN(v, ":", arnSections)
	if len(parts) != arnSections || !isAccountID(parts[4]) || strings.Contains(v, "${") {
		return fixedValue(c, v)
	}
	if strings.ContainsAny(strings.Join(parts[:4], ""), "*?") {
		return tri.Unknown
	}
	return tri.True
}

// Blocks wider than these are public to S3.
const (
	widestIPv4 = 8
	widestIPv6 = 32
)

func narrowRange(c *Condition, v string) tri.Bool {
	if c.op.kind != ipAddress {
		return tri.Unknown
	}
	r, ok := parseRange(v)
	switch {
	case !ok:
		return tri.Unknown
	case r.prefix.Addr().Is4():
		return tri.Of(r.prefix.Bits() >= widestIPv4)
	}
	return tri.Of(r.prefix.Bits() >= widestIPv6)
}
