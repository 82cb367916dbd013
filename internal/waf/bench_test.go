package waf

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

// ownRules is a web ACL of n rules of the usual kinds, none of which matches a browser's request.
func ownRules(t testing.TB, n int) *ACL {
	kinds := []string{
		`{"ByteMatchStatement":{"SearchString":"L2FkbWluJV8=","PositionalConstraint":"STARTS_WITH","FieldToMatch":{"UriPath":{}},"TextTransformations":[{"Priority":0,"Type":"LOWERCASE"}]}}`,
		`{"IPSetReferenceStatement":{"ARN":"a/ipset/list/1"}}`,
		`{"GeoMatchStatement":{"CountryCodes":["KP","SY"]}}`,
		`{"ByteMatchStatement":{"SearchString":"QmFkQm90","PositionalConstraint":"CONTAINS","FieldToMatch":{"SingleHeader":{"Name":"user-agent"}},"TextTransformations":[{"Priority":0,"Type":"NONE"}]}}`,
		`{"SizeConstraintStatement":{"ComparisonOperator":"GT","Size":2000,"FieldToMatch":{"QueryString":{}},"TextTransformations":[{"Priority":0,"Type":"NONE"}]}}`,
		`{"AndStatement":{"Statements":[{"ByteMatchStatement":{"SearchString":"UE9TVA==","PositionalConstraint":"EXACTLY","FieldToMatch":{"Method":{}},"TextTransformations":[{"Priority":0,"Type":"NONE"}]}},{"LabelMatchStatement":{"Scope":"LABEL","Key":"x:y"}}]}}`,
	}
	var rules []string
	for i := range n {
		rules = append(rules, fmt.Sprintf(`{"Name":"r%d","Priority":%d,"Action":{"Block":{}},"Statement":%s}`, i, i, kinds[i%len(kinds)]))
	}
	return Compile(rulesACL(t, rules...), References{IPSet: func(string) (*types.IPSet, bool) {
		set := &types.IPSet{}
		for i := range 500 {
			set.Addresses = append(set.Addresses, fmt.Sprintf("10.%d.%d.0/25", i/256, i%256))
		}
		return set, true
	}})
}

func visitor() *Request {
	r := browse("/catalog/shoes.html?page=2&sort=price")
	r.ClientIP, r.Country = netip.MustParseAddr("203.0.113.9"), "DE"
	return r
}

func BenchmarkOwnRules(b *testing.B) {
	a, r := ownRules(b, 24), visitor()
	b.ReportAllocs()
	for b.Loop() {
		if a.Evaluate(r).Action != Allow {
			b.Fatal("blocked")
		}
	}
}

func BenchmarkManagedGroups(b *testing.B) {
	a, r := Compile(rulesACL(b, managed("CommonRuleSet"), managed("KnownBadInputsRuleSet"), managed("SQLiRuleSet"), managed("AmazonIpReputationList")), References{}), visitor()
	b.ReportAllocs()
	for b.Loop() {
		if a.Evaluate(r).Action != Allow {
			b.Fatal("blocked")
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	acl := rulesACL(b, managed("CommonRuleSet"), managed("KnownBadInputsRuleSet"), managed("SQLiRuleSet"))
	for b.Loop() {
		Compile(acl, References{})
	}
}
