package waf

import (
	"regexp"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

// maxDepth bounds the nesting of statements; the service allows far less.
const maxDepth = 64

// statement compiles a statement. A rule group cannot be nested (WAF/waf-rule-statement-type-managed-rule-group).
func (c *compiler) statement(s *types.Statement) node {
	if s == nil || c.depth >= maxDepth {
		return unknownNode{because: "its statement could not be read", hint: plain}
	}
	c.depth++
	defer func() { c.depth-- }()
	switch {
	case s.AndStatement != nil:
		return andNode(c.statements(s.AndStatement.Statements))
	case s.OrStatement != nil:
		return orNode(c.statements(s.OrStatement.Statements))
	case s.NotStatement != nil:
		return c.not(s.NotStatement.Statement)
	case s.IPSetReferenceStatement != nil:
		return c.ipSet(s.IPSetReferenceStatement)
	case s.GeoMatchStatement != nil:
		return c.geo(s.GeoMatchStatement)
	case s.AsnMatchStatement != nil:
		return newASNNode(s.AsnMatchStatement)
	case s.LabelMatchStatement != nil:
		return c.label(s.LabelMatchStatement)
	case s.RateBasedStatement != nil:
		return c.rate(s.RateBasedStatement)
	}
	return c.inspection(s)
}

// inspection compiles the statements that look at one component of the request.
func (c *compiler) inspection(s *types.Statement) node {
	switch {
	case s.ByteMatchStatement != nil:
		b := s.ByteMatchStatement
		return c.inspect(b.FieldToMatch, b.TextTransformations, newStringTest(b.PositionalConstraint, string(b.SearchString)))
	case s.RegexMatchStatement != nil:
		r := s.RegexMatchStatement
		return c.inspect(r.FieldToMatch, r.TextTransformations, newRegexTest([]string{deref(r.RegexString)}))
	case s.RegexPatternSetReferenceStatement != nil:
		r := s.RegexPatternSetReferenceStatement
		return c.inspect(r.FieldToMatch, r.TextTransformations, c.patternSet(deref(r.ARN)))
	case s.SizeConstraintStatement != nil:
		z := s.SizeConstraintStatement
		return c.size(z.FieldToMatch, z.TextTransformations, z.ComparisonOperator, z.Size)
	case s.SqliMatchStatement != nil:
		return c.inspect(s.SqliMatchStatement.FieldToMatch, s.SqliMatchStatement.TextTransformations, sqliTest{})
	case s.XssMatchStatement != nil:
		return c.inspect(s.XssMatchStatement.FieldToMatch, s.XssMatchStatement.TextTransformations, xssTest{})
	}
	return unknownNode{because: "its kind of statement is not known", hint: plain}
}

func (c *compiler) statements(list []types.Statement) []node {
	if len(list) == 0 {
		return []node{unknownNode{because: "it combines no statements", hint: plain}}
	}
	c.combined++
	defer func() { c.combined-- }()
	out := make([]node, len(list))
	for i := range list {
		out[i] = c.statement(&list[i])
	}
	return out
}

// not negates. A forwarded address in a header that is absent makes WAF skip the whole rule, which is not the same as
// the negation of no match; so that case stays unknown here.
func (c *compiler) not(s *types.Statement) node {
	of := c.statement(s)
	var headers []string
	forwardedHeaders(s, 0, &headers)
	if len(headers) == 0 {
		return notNode{of}
	}
	return skippingNotNode{notNode{of}, headers}
}

func (c *compiler) patternSet(arn string) test {
	set := resolve(c.refs.RegexPatternSet, arn)
	if set == nil {
		return unknownTest("the regex pattern set " + quote(nameInARN(arn)) + " could not be read")
	}
	patterns := make([]string, 0, len(set.RegularExpressionList))
	for _, r := range set.RegularExpressionList {
		patterns = append(patterns, deref(r.RegexString))
	}
	return newRegexTest(patterns)
}

// kindOf classifies a statement for the report and names its member in the API.
func kindOf(s *types.Statement) (Kind, string) {
	switch {
	case s == nil:
		return KindCustom, ""
	case s.IPSetReferenceStatement != nil:
		return KindIPSet, "IPSetReferenceStatement"
	case s.GeoMatchStatement != nil:
		return KindGeo, "GeoMatchStatement"
	case s.RateBasedStatement != nil:
		return KindRate, "RateBasedStatement"
	case s.LabelMatchStatement != nil:
		return KindLabel, "LabelMatchStatement"
	case s.NotStatement != nil:
		k, _ := kindOf(s.NotStatement.Statement)
		return k, "NotStatement"
	}
	return KindCustom, customMember(s)
}

func customMember(s *types.Statement) string {
	switch {
	case s.AndStatement != nil:
		return "AndStatement"
	case s.OrStatement != nil:
		return "OrStatement"
	case s.ByteMatchStatement != nil:
		return "ByteMatchStatement"
	case s.RegexMatchStatement != nil:
		return "RegexMatchStatement"
	case s.RegexPatternSetReferenceStatement != nil:
		return "RegexPatternSetReferenceStatement"
	case s.SizeConstraintStatement != nil:
		return "SizeConstraintStatement"
	case s.SqliMatchStatement != nil:
		return "SqliMatchStatement"
	case s.XssMatchStatement != nil:
		return "XssMatchStatement"
	case s.AsnMatchStatement != nil:
		return "AsnMatchStatement"
	}
	return ""
}

// newRegexTest compiles patterns of WAF's regular expressions, which have neither back-references nor look-around
// (WAF/waf-rule-statement-type-regex-match) and so mean the same to Go. One that Go rejects makes a miss unknown.
func newRegexTest(patterns []string) test {
	t := regexTest{}
	for _, p := range patterns {
		re, err := regexp.Compile(p)
		if err != nil {
			t.foreign = true
			continue
		}
		t.any = append(t.any, re)
	}
	return t
}
