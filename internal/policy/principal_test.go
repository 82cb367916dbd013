package policy

import (
	"testing"

	"cfdoctor/internal/tri"
)

func TestPrincipals(t *testing.T) {
	bob := Principal{Kind: AWSPrincipal, ID: "arn:aws:iam::444455556666:user/Bob"}
	session := Principal{
		Kind: AWSPrincipal, ID: "arn:aws:sts::444455556666:assumed-role/reader/s",
		Aliases: []string{"arn:aws:iam::444455556666:role/reader"},
	}
	chinese := Principal{Kind: AWSPrincipal, ID: "arn:aws-cn:iam::444455556666:user/Bob"}
	service := Service("cloudfront.amazonaws.com")
	oai := OriginAccessIdentity("E123", "abc")
	anonymous := Principal{Kind: Anonymous}
	for _, tc := range []struct {
		name      string
		principal string
		who       Principal
		want      tri.Bool
	}{
		{"everybody", `"*"`, anonymous, tri.True},
		{"everybody, long form", `{"AWS":"*"}`, anonymous, tri.True},
		{"everybody, in a list", `{"AWS":["111122223333","*"]}`, service, tri.True},
		{"everybody, whoever it is", `"*"`, Principal{}, tri.True},
		{"who knows", `{"Service":"cloudfront.amazonaws.com"}`, Principal{}, tri.Unknown},
		{"user", `{"AWS":"arn:aws:iam::444455556666:user/Bob"}`, bob, tri.True},
		{"user, other case", `{"AWS":"arn:aws:iam::444455556666:user/bob"}`, bob, tri.False},
		{"account", `{"AWS":"444455556666"}`, bob, tri.True},
		{"root", `{"AWS":"arn:aws:iam::444455556666:root"}`, bob, tri.True},
		{"root of another partition", `{"AWS":"arn:aws:iam::444455556666:root"}`, chinese, tri.False},
		{"root in China", `{"AWS":"arn:aws-cn:iam::444455556666:root"}`, chinese, tri.True},
		{"other account", `{"AWS":"111122223333"}`, bob, tri.False},
		{"account, caller's unknown", `{"AWS":"111122223333"}`, Principal{Kind: AWSPrincipal, ID: "AIDAEXAMPLEEXAMPLE"}, tri.Unknown},
		{"role behind a session", `{"AWS":"arn:aws:iam::444455556666:role/reader"}`, session, tri.True},
		{"deleted user", `{"AWS":"AIDAJQABLZS4A3QDU576Q"}`, bob, tri.False},
		{"service", `{"Service":["a.amazonaws.com","cloudfront.amazonaws.com"]}`, service, tri.True},
		{"other service", `{"Service":"s3.amazonaws.com"}`, service, tri.False},
		{"service wildcard is not supported", `{"Service":"*"}`, service, tri.Unknown},
		{"service wildcard, other kind", `{"Service":"*"}`, bob, tri.False},
		{"partial wildcard is not supported", `{"AWS":"arn:aws:iam::444455556666:user/*"}`, bob, tri.Unknown},
		{"partial wildcard, elsewhere", `{"AWS":"arn:aws:iam::444455556666:role/*"}`, bob, tri.False},
		{"account does not cover services", `{"AWS":"444455556666"}`, Principal{Kind: ServicePrincipal, ID: "x", Account: "444455556666"}, tri.False},
		{"OAI, Chinese ARN", `{"AWS":"arn:aws-cn:iam::cloudfront:user/CloudFront Origin Access Identity E123"}`, oai, tri.True},
		{"OAI, canonical", `{"CanonicalUser":"abc"}`, oai, tri.True},
		{"OAI, other canonical", `{"CanonicalUser":"abd"}`, oai, tri.False},
		{"OAI as canonical user", `{"CanonicalUser":"abc"}`, Principal{Kind: CanonicalUser, ID: "abc"}, tri.True},
		{"federated", `{"Federated":"graph.facebook.com"}`, service, tri.False},
		{"kind of the future", `{"Robot":"r2"}`, service, tri.Unknown},
		{"kind of the future beside a match", `{"Robot":"r2","Service":"cloudfront.amazonaws.com"}`, service, tri.True},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := mustParse(t, statements(`{"Effect":"Allow","Principal":`+tc.principal+`,"Action":"*","Resource":"*"}`))
			if got := d.Evaluate(Request{Principal: tc.who}).Matches[0].Principal; got != tc.want {
				t.Errorf("%v, want %v", got, tc.want)
			}
		})
	}
}

func TestNotPrincipal(t *testing.T) {
	bob := Principal{Kind: AWSPrincipal, ID: "arn:aws:iam::444455556666:user/Bob"}
	service := Service("cloudfront.amazonaws.com")
	for _, tc := range []struct {
		name   string
		effect Effect
		not    string
		who    Principal
		want   tri.Bool
	}{
		{"user and account spared", Deny, `{"AWS":["arn:aws:iam::444455556666:user/Bob","arn:aws:iam::444455556666:root"]}`, bob, tri.False},
		{"user spared, account forgotten", Deny, `{"AWS":"arn:aws:iam::444455556666:user/Bob"}`, bob, tri.Unknown},
		{"service not spared", Deny, `{"AWS":"arn:aws:iam::444455556666:root"}`, service, tri.True},
		{"service spared", Deny, `{"Service":"cloudfront.amazonaws.com"}`, service, tri.False},
		{"OAI spared", Deny, `{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}`, OriginAccessIdentity("E1", ""), tri.False},
		{"with Allow, others", Allow, `{"AWS":"444455556666"}`, service, tri.Unknown},
		{"with Allow, the one named", Allow, `{"AWS":"444455556666"}`, bob, tri.False},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := mustParse(t, statements(`{"Effect":"`+string(tc.effect)+`","NotPrincipal":`+tc.not+`,"Action":"*","Resource":"*"}`))
			if got := d.Evaluate(Request{Principal: tc.who}).Matches[0].Principal; got != tc.want {
				t.Errorf("%v, want %v", got, tc.want)
			}
		})
	}
}

func TestDeletedPrincipal(t *testing.T) {
	for entry, want := range map[string]bool{
		"AIDAJQABLZS4A3QDU576Q":              true,
		"AROADBQP57FF2AEXAMPLE":              true,
		"AROA":                               false,
		"arn:aws:iam::444455556666:user/Bob": false,
		"AIDAJQABLZS4A3QDU576Q:session":      false,
	} {
		if got := DeletedPrincipal(entry); got != want {
			t.Errorf("DeletedPrincipal(%q) = %v", entry, got)
		}
	}
}
