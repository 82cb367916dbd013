package policy

import (
	"testing"

	"cfdoctor/internal/tri"
)

func TestPublic(t *testing.T) {
	everyone := func(condition string) string {
		return `{"Sid":"X","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":` + condition + `}`
	}
	for _, tc := range []struct {
		name string
		list string
		want tri.Bool
	}{
		{"nothing granted", "", tri.False},
		{"OAC grant", oacGrant, tri.False},
		{"OAI grant", oaiGrant, tri.False},
		{"service without condition", `{"Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"*","Resource":"*"}`, tri.False},
		{"world", publicGrant, tri.True},
		{"world beside a deny", publicGrant + "," + denyOutsideVPCE, tri.True},
		{"one public statement suffices", oacGrant + "," + publicGrant, tri.True},
		{"federated", `{"Effect":"Allow","Principal":{"Federated":"graph.facebook.com"},"Action":"s3:PutObject","Resource":"*"}`, tri.True},
		{"not principal", `{"Effect":"Allow","NotPrincipal":{"AWS":"111122223333"},"Action":"s3:PutObject","Resource":"*"}`, tri.True},
		{"VPC pattern", everyone(`{"StringLike":{"aws:SourceVpc":"vpc-*"}}`), tri.True},
		{"fixed VPC", everyone(`{"StringEquals":{"aws:SourceVpc":"vpc-91237329"}}`), tri.False},
		{"fixed VPC by StringLike", everyone(`{"StringLike":{"aws:SourceVpc":["vpc-1","vpc-2"]}}`), tri.False},
		{"one of two is open", everyone(`{"StringLike":{"aws:SourceVpc":["vpc-1","vpc-*"]}}`), tri.True},
		{"not this VPC", everyone(`{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}`), tri.True},
		{"VPC if there is one", everyone(`{"StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}}`), tri.Unknown},
		{"variable", everyone(`{"StringEquals":{"aws:SourceVpc":"${aws:PrincipalTag/vpc}"}}`), tri.True},
		{"fixed source", everyone(`{"ArnLike":{"AWS:SourceArn":"` + testSourceARN + `"}}`), tri.False},
		{"any distribution of an account", everyone(`{"ArnLike":{"AWS:SourceArn":"arn:aws:cloudfront::111122223333:distribution/*"}}`), tri.True},
		{"range", everyone(`{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]}}`), tri.False},
		{"wide range", everyone(`{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","0.0.0.0/1"]}}`), tri.True},
		{"wide IPv6 range", everyone(`{"IpAddress":{"aws:SourceIp":"2001::/16"}}`), tri.True},
		{"referer", everyone(`{"StringLike":{"aws:Referer":"https://example.com/*"}}`), tri.True},
		{"transport", everyone(`{"Bool":{"aws:SecureTransport":"true"}}`), tri.True},
		{"organization", everyone(`{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`), tri.False},
		{"principal ARN is not on the list", everyone(`{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/r"}}`), tri.Unknown},
		{"role sessions", everyone(`{"StringLike":{"aws:userid":"AROAEXAMPLE:*"}}`), tri.Unknown},
		{"access points of an account", everyone(`{"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:123456789012:accesspoint/*"}}`), tri.False},
		{"access points of anybody", everyone(`{"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:*:accesspoint/*"}}`), tri.True},
		{"user pattern", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/*"},"Action":"*","Resource":"*"}`, tri.True},
		{"kind of the future", `{"Effect":"Allow","Principal":{"Robot":"r2"},"Action":"*","Resource":"*"}`, tri.Unknown},
		{"operator of the future", everyone(`{"StringResembles":{"aws:SourceVpc":"vpc-1"}}`), tri.Unknown},
		{"range by another operator", everyone(`{"StringEquals":{"aws:SourceIp":"203.0.113.7"}}`), tri.Unknown},
		{"unreadable range", everyone(`{"IpAddress":{"aws:SourceIp":"203.0.113"}}`), tri.Unknown},
		{"a star that is none", everyone(`{"StringEquals":{"aws:SourceVpc":"vpc-*"}}`), tri.Unknown},
		{"fixed user", everyone(`{"StringEquals":{"aws:userid":"AIDAEXAMPLE"}}`), tri.False},
		{"access points in any region", everyone(`{"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:*:123456789012:accesspoint/*"}}`), tri.Unknown},
		{"two conditions, one limits", everyone(`{"StringEquals":{"aws:SourceVpce":"vpce-1"},"StringLike":{"aws:Referer":"*"}}`), tri.False},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, s := mustParse(t, statements(tc.list)).Public()
			if got != tc.want {
				t.Errorf("public %v, want %v", got, tc.want)
			}
			if (s == nil) != (got == tri.False) {
				t.Errorf("public %v with statement %+v", got, s)
			}
		})
	}
}
