package policy

import (
	"testing"

	"cfdoctor/internal/tri"
)

func TestConditions(t *testing.T) {
	ctx := func() Context { return NewContext().Close() }
	for _, tc := range []struct {
		name      string
		condition string
		context   Context
		want      tri.Bool
	}{
		{"no condition", `{}`, ctx(), tri.True},
		{"equal", `{"StringEquals":{"k":"a"}}`, ctx().Set("K", "a"), tri.True},
		{"case matters", `{"StringEquals":{"k":"a"}}`, ctx().Set("k", "A"), tri.False},
		{"one of several", `{"StringEquals":{"k":["a","b"]}}`, ctx().Set("k", "b"), tri.True},
		{"star is literal to StringEquals", `{"StringEquals":{"k":"a*"}}`, ctx().Set("k", "ab"), tri.False},
		{"two operators must both hold", `{"StringEquals":{"k":"a"},"StringLike":{"j":"b*"}}`, ctx().Set("k", "a").Set("j", "c"), tri.False},
		{"false beats unknown", `{"StringEquals":{"k":"a"},"StringLike":{"j":"b*"}}`, NewContext().Set("j", "c"), tri.False},
		{"not equal", `{"StringNotEquals":{"k":["a","b"]}}`, ctx().Set("k", "c"), tri.True},
		{"not equal, one equals", `{"StringNotEquals":{"k":["a","b"]}}`, ctx().Set("k", "b"), tri.False},
		{"fold", `{"StringEqualsIgnoreCase":{"k":"aB"}}`, ctx().Set("k", "Ab"), tri.True},
		{"not fold", `{"StringNotEqualsIgnoreCase":{"k":"aB"}}`, ctx().Set("k", "Ab"), tri.False},
		{"like", `{"StringLike":{"k":"a?c*"}}`, ctx().Set("k", "abcd"), tri.True},
		{"not like", `{"StringNotLike":{"k":"a?c*"}}`, ctx().Set("k", "abcd"), tri.False},

		{"absent fails", `{"StringEquals":{"k":"a"}}`, ctx(), tri.False},
		{"absent satisfies negation", `{"StringNotEquals":{"k":"a"}}`, ctx(), tri.True},
		{"absent satisfies NotIpAddress", `{"NotIpAddress":{"k":"10.0.0.0/8"}}`, ctx(), tri.True},
		{"absent satisfies ArnNotLike", `{"ArnNotLike":{"k":"arn:aws:s3:::a"}}`, ctx(), tri.True},
		{"absent satisfies NumericNotEquals", `{"NumericNotEquals":{"k":1}}`, ctx(), tri.True},
		{"absent satisfies DateNotEquals", `{"DateNotEquals":{"k":"2020-01-01"}}`, ctx(), tri.True},
		{"absent fails less-than", `{"NumericLessThan":{"k":1}}`, ctx(), tri.False},
		{"absent satisfies IfExists", `{"StringEqualsIfExists":{"k":"a"}}`, ctx(), tri.True},
		{"absent satisfies negated IfExists", `{"StringNotEqualsIfExists":{"k":"a"}}`, ctx(), tri.True},
		{"IfExists compares what is there", `{"StringEqualsIfExists":{"k":"a"}}`, ctx().Set("k", "b"), tri.False},
		{"unknown is unknown", `{"StringEquals":{"k":"a"}}`, NewContext(), tri.Unknown},
		{"unknown is unknown, negated", `{"StringNotEquals":{"k":"a"}}`, NewContext(), tri.Unknown},
		{"unknown is unknown in the zero context", `{"Null":{"k":true}}`, Context{}, tri.Unknown},
		{"no values is absent", `{"Null":{"k":"true"}}`, NewContext().Set("k"), tri.True},
		{"null", `{"Null":{"k":"false"}}`, ctx().Set("k", "x"), tri.True},
		{"null, boolean literal", `{"Null":{"k":true}}`, ctx().Set("k", "x"), tri.False},
		{"null takes no IfExists", `{"NullIfExists":{"k":"true"}}`, ctx(), tri.Unknown},

		{"all values", `{"ForAllValues:StringEquals":{"k":["a","b"]}}`, ctx().Set("k", "a", "b"), tri.True},
		{"all values, one stranger", `{"ForAllValues:StringEquals":{"k":["a","b"]}}`, ctx().Set("k", "a", "c"), tri.False},
		{"all values of nothing", `{"ForAllValues:StringEquals":{"k":"a"}}`, ctx(), tri.True},
		{"all values of an empty string", `{"ForAllValues:StringEquals":{"k":"a"}}`, ctx().Set("k", ""), tri.True},
		{"all values not like", `{"ForAllValues:StringNotLike":{"k":"key1*"}}`, ctx().Set("k", "key1:hr", "key2:x"), tri.False},
		{"all values not like, none", `{"ForAllValues:StringNotLike":{"k":"key1*"}}`, ctx().Set("k", "key2:audit"), tri.True},
		{"any value", `{"ForAnyValue:StringLike":{"k":"b*"}}`, ctx().Set("k", "a", "bc"), tri.True},
		{"any value of nothing", `{"ForAnyValue:StringLike":{"k":"*"}}`, ctx(), tri.False},
		{"any value of nothing, negated", `{"ForAnyValue:StringNotEquals":{"k":"a"}}`, ctx(), tri.False},
		{"any value of nothing, IfExists", `{"ForAnyValue:StringEqualsIfExists":{"k":"a"}}`, ctx(), tri.False},
		{"several values without set operator", `{"StringEquals":{"k":"a"}}`, ctx().Set("k", "a", "b"), tri.Unknown},
		{"several values that agree", `{"StringLike":{"k":"*"}}`, ctx().Set("k", "a", "b"), tri.True},

		{"numbers", `{"NumericLessThanEquals":{"k":"10"}}`, ctx().Set("k", "10.0"), tri.True},
		{"large integers stay exact", `{"NumericEquals":{"k":9007199254740993}}`, ctx().Set("k", "9007199254740992"), tri.False},
		{"greater", `{"NumericGreaterThan":{"k":"10"}}`, ctx().Set("k", "9"), tri.False},
		{"greater or equal", `{"NumericGreaterThanEquals":{"k":"10"}}`, ctx().Set("k", "10"), tri.True},
		{"less or equal, not less", `{"NumericLessThanEquals":{"k":"10"}}`, ctx().Set("k", "11"), tri.False},
		{"no number", `{"NumericGreaterThan":{"k":"ten"}}`, ctx().Set("k", "9"), tri.Unknown},
		{"dates", `{"DateGreaterThan":{"k":"2020-01-01T00:00:01Z"}}`, ctx().Set("k", "2020-01-01T01:00:01+01:00"), tri.False},
		{"date against epoch", `{"DateLessThan":{"k":"2020-01-01T00:00:01Z"}}`, ctx().Set("k", "1577836800"), tri.True},
		{"bool", `{"Bool":{"k":true}}`, ctx().Set("k", "TRUE"), tri.True},
		{"binary", `{"BinaryEquals":{"k":"QUI="}}`, ctx().Set("k", "QUI="), tri.True},
		{"address", `{"IpAddress":{"k":["192.0.2.0/24","2001:db8::/32"]}}`, ctx().Set("k", "2001:db8::1"), tri.True},
		{"bare address", `{"IpAddress":{"k":"192.0.2.1"}}`, ctx().Set("k", "192.0.2.2"), tri.False},
		{"mapped address", `{"IpAddress":{"k":"192.0.2.0/24"}}`, ctx().Set("k", "::ffff:192.0.2.9"), tri.True},
		{"mapped range", `{"IpAddress":{"k":"::ffff:192.0.2.0/120"}}`, ctx().Set("k", "192.0.2.9"), tri.True},
		{"no address", `{"IpAddress":{"k":"192.0.2"}}`, ctx().Set("k", "192.0.2.9"), tri.Unknown},
		{"no address in the request", `{"IpAddress":{"k":"192.0.2.0/24"}}`, ctx().Set("k", "viewer"), tri.Unknown},
		{"bare IPv6, same", `{"IpAddress":{"k":"2001:db8::1"}}`, ctx().Set("k", "2001:db8::1"), tri.True},
		{"bare IPv6, inside /32", `{"IpAddress":{"k":"2001:db8::1"}}`, ctx().Set("k", "2001:db8::2"), tri.Unknown},
		{"bare IPv6, outside /32", `{"IpAddress":{"k":"2001:db8::1"}}`, ctx().Set("k", "2001:db9::2"), tri.False},
		{"IPv6 viewer, IPv4 rule", `{"NotIpAddress":{"k":"0.0.0.0/0"}}`, ctx().Set("k", "2001:db8::1"), tri.True},

		{"ARN sections", `{"ArnLike":{"k":"arn:aws:someservice:*:111122223333:finance/*"}}`,
			ctx().Set("k", "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"), tri.False},
		{"the same as text", `{"StringLike":{"k":"arn:aws:someservice:*:111122223333:finance/*"}}`,
			ctx().Set("k", "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"), tri.True},
		{"ArnEquals takes wildcards", `{"ArnEquals":{"k":"arn:aws:cloudfront::111122223333:distribution/*"}}`, ctx().Set("k", testSourceARN), tri.True},
		{"last section keeps colons", `{"ArnLike":{"k":"arn:aws:lambda:us-east-1:111122223333:function:f:*"}}`,
			ctx().Set("k", "arn:aws:lambda:us-east-1:111122223333:function:f:1"), tri.True},
		{"other account", `{"ArnLike":{"k":"arn:aws:cloudfront::444455556666:distribution/*"}}`, ctx().Set("k", testSourceARN), tri.False},
		{"lone star is no ARN", `{"ArnLike":{"k":"*"}}`, ctx().Set("k", testSourceARN), tri.Unknown},

		{"operator of the future", `{"StringResembles":{"k":"a"}}`, ctx().Set("k", "a"), tri.Unknown},
		{"set prefix of the future", `{"ForMostValues:StringLike":{"k":"a"}}`, ctx().Set("k", "a"), tri.Unknown},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := mustParse(t, conditional(tc.condition))
			got := d.Evaluate(Request{Principal: Principal{Kind: Anonymous}, Context: tc.context})
			if got.Allowed != tc.want {
				t.Errorf("%s: %v, want %v", tc.condition, got.Allowed, tc.want)
			}
		})
	}
}

func TestPolicyVariables(t *testing.T) {
	ctx := func() Context { return NewContext().Close() }
	for _, tc := range []struct {
		name      string
		condition string
		context   Context
		want      tri.Bool
	}{
		{"value", `{"StringEquals":{"k":"home/${aws:username}"}}`, ctx().Set("aws:username", "ann").Set("k", "home/ann"), tri.True},
		{"other value", `{"StringEquals":{"k":"home/${aws:username}"}}`, ctx().Set("aws:username", "ann").Set("k", "home/bob"), tri.False},
		{"unknown", `{"StringEquals":{"k":"home/${aws:username}"}}`, NewContext().Set("k", "home/ann"), tri.Unknown},
		{"unknown but hopeless", `{"StringEquals":{"k":"home/${aws:username}"}}`, NewContext().Set("k", "away/ann"), tri.False},
		{"missing", `{"StringEquals":{"k":"home/${aws:username}"}}`, ctx().Set("k", "home/ann"), tri.False},
		{"missing, negated", `{"StringNotEquals":{"k":"home/${aws:username}"}}`, ctx().Set("k", "home/ann"), tri.Unknown},
		{"default", `{"StringEquals":{"k":"${aws:userid, 'nobody'}"}}`, ctx().Set("k", "nobody"), tri.True},
		{"default not needed", `{"StringEquals":{"k":"${aws:userid, 'nobody'}"}}`, ctx().Set("aws:userid", "u").Set("k", "nobody"), tri.False},
		{"literal star", `{"StringLike":{"k":"a${*}c"}}`, ctx().Set("k", "abc"), tri.False},
		{"literal star matches itself", `{"StringLike":{"k":"a${*}c*"}}`, ctx().Set("k", "a*cd"), tri.True},
		{"literal question mark and dollar", `{"StringEquals":{"k":"${?}${$}"}}`, ctx().Set("k", "?$"), tri.True},
		{"value with a star, literally", `{"StringLike":{"k":"${v}"}}`, ctx().Set("v", "a*").Set("k", "a*"), tri.True},
		{"value with a star, as wildcard", `{"StringLike":{"k":"${v}"}}`, ctx().Set("v", "a*").Set("k", "ab"), tri.Unknown},
		{"value with a star, hopeless", `{"StringLike":{"k":"${v}"}}`, ctx().Set("v", "a*").Set("k", "cb"), tri.False},
		{"several values", `{"StringEquals":{"k":"${v}"}}`, ctx().Set("v", "a", "b").Set("k", "a"), tri.Unknown},
		{"fold", `{"StringEqualsIgnoreCase":{"k":"Home/${V}"}}`, ctx().Set("v", "ANN").Set("k", "home/Ann"), tri.True},
		{"in ARNs", `{"ArnEquals":{"k":"arn:aws:s3:::${v}/*"}}`, ctx().Set("v", "b").Set("k", "arn:aws:s3:::b/x"), tri.True},
		{"unfinished default", `{"StringLike":{"k":"${v, 'a}"}}`, ctx().Set("k", "x"), tri.Unknown},
		{"unfinished", `{"StringEquals":{"k":"${v"}}`, ctx().Set("k", "${v"), tri.Unknown},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := mustParse(t, conditional(tc.condition)).Evaluate(Request{Context: tc.context})
			if got.Allowed != tc.want {
				t.Errorf("%s: %v, want %v", tc.condition, got.Allowed, tc.want)
			}
		})
	}
}

func TestVariablesNeedTheNewVersion(t *testing.T) {
	old := `{"Version":"2008-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:s3:::b/${aws:username}"}}`
	r := Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/${aws:username}"}
	if got := mustParse(t, old).Evaluate(r).Allowed; got != tri.True {
		t.Errorf("in the old version a variable is plain text: allowed %v", got)
	}
}

func TestVariablesInResources(t *testing.T) {
	for _, tc := range []struct {
		resource string
		context  Context
		want     tri.Bool
	}{
		{"arn:aws:s3:::example-bucket/${v}", NewContext().Set("v", "index.html"), tri.True},
		{"arn:aws:s3:::example-bucket/${v}", NewContext(), tri.Unknown},
		{"arn:aws:s3:::other/${v}", NewContext(), tri.False},
		{"arn:aws:s3:::example-bucket/${v}", NewContext().Close(), tri.False},
		{"arn:aws:${v}:::example-bucket/*", NewContext().Set("v", "s3"), tri.Unknown},
	} {
		d := mustParse(t, statements(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"`+tc.resource+`"}`))
		if got := d.Evaluate(Request{Action: "s3:GetObject", Resource: testObject, Context: tc.context}).Allowed; got != tc.want {
			t.Errorf("%s: %v, want %v", tc.resource, got, tc.want)
		}
	}
}

func TestContextIsNotSharedByClones(t *testing.T) {
	base := NewContext().Set("aws:SourceIp", "192.0.2.1").SetAbsent("aws:SourceVpce")
	variant := base.Clone().Set("AWS:sourceip", "198.51.100.1").SetUnknown("aws:SourceVpce").Close()
	if got, known := base.Get("aws:sourceIP"); !known || got[0] != "192.0.2.1" {
		t.Errorf("the original changed: %v %v", got, known)
	}
	if got, known := base.Get("aws:SourceVpce"); !known || got != nil {
		t.Errorf("an absent key has values %v, known %v", got, known)
	}
	if _, known := variant.Get("aws:SourceVpce"); known {
		t.Error("a key set to unknown is known in a closed context")
	}
	if _, known := base.Get("aws:Referer"); known || base.Closed() || !variant.Closed() {
		t.Error("closing the variant closed the original")
	}
	if _, known := (Context{}).Clone().Set("a", "b").Get("a"); !known {
		t.Error("a clone of the zero context cannot be filled")
	}
}

func TestPublicAddressesNobodyKnows(t *testing.T) {
	for _, tc := range []struct {
		condition string
		want      tri.Bool
	}{
		{`{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`, tri.False},
		{`{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","10.1.0.0/16","2001:db8::/40"]}}`, tri.True},
		{`{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","15.158.0.0/16"]}}`, tri.Unknown},
		{`{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","15.158.0.0/16"]}}`, tri.Unknown},
		{`{"IpAddress":{"aws:SourceIp":"203.0.112.0/23"}}`, tri.Unknown}, // half of it is public
		{`{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}`, tri.Unknown},
		{`{"IpAddressIfExists":{"aws:SourceIp":"10.0.0.0/8"}}`, tri.Unknown}, // true without the key, false with it
		{`{"StringEquals":{"aws:SourceIp":"10.0.0.1"}}`, tri.Unknown},
		{`{"Null":{"aws:SourceIp":"true"}}`, tri.Unknown},
	} {
		d := mustParse(t, statements(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":`+tc.condition+`}`))
		got := d.Evaluate(Request{Action: "s3:GetObject", Resource: testObject, Context: NewContext().SetPublicAddress("aws:SourceIp")}).Allowed
		if got != tc.want {
			t.Errorf("%s: %v, want %v", tc.condition, got, tc.want)
		}
	}
}
