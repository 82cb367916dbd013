package policy

import (
	"testing"

	"cfdoctor/internal/tri"

	"github.com/google/go-cmp/cmp"
)

// The grants as the CloudFront Developer Guide writes them (DG/private-content-restricting-access-to-s3).
const (
	oacGrant = `{"Sid":"AllowCloudFrontServicePrincipalReadOnly","Effect":"Allow",
		"Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject",
		"Resource":"arn:aws:s3:::example-bucket/*",
		"Condition":{"StringEquals":{"AWS:SourceArn":"` + testSourceARN + `"}}}`
	oaiGrant = `{"Sid":"AllowLegacyOAIReadOnly","Effect":"Allow",
		"Principal":{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC"},
		"Action":"s3:GetObject","Resource":"arn:aws:s3:::example-bucket/*"}`
	canonicalGrant = `{"Effect":"Allow","Principal":{"CanonicalUser":"79a59df9"},
		"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::example-bucket/*"]}`
	publicGrant  = `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::example-bucket/*"}`
	denyInsecure = `{"Sid":"DenyInsecure","Effect":"Deny","Principal":"*","Action":"s3:*",
		"Resource":["arn:aws:s3:::example-bucket","arn:aws:s3:::example-bucket/*"],
		"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
	denyOutsideVPCE = `{"Sid":"VPCEOnly","Effect":"Deny","Principal":"*","Action":"s3:*",
		"Resource":["arn:aws:s3:::example-bucket","arn:aws:s3:::example-bucket/*"],
		"Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}}}`
	denyOutsideOrg = `{"Sid":"OrgOnly","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*",
		"Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-example"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}`
	denyOutsideOrgAndServices = `{"Sid":"OrgOnly","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*",
		"Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-example"}}}`
	denyOtherAddresses = `{"Sid":"OfficeOnly","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*",
		"Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}`
	denyAllButOneAccount = `{"Sid":"NotUs","Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:root"},
		"Action":"s3:*","Resource":"*"}`
	denyAllButCloudFront = `{"Sid":"NotCloudFront","Effect":"Deny","NotPrincipal":{"Service":"cloudfront.amazonaws.com"},
		"Action":"s3:*","Resource":"*"}`
	accountGrant = `{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root","444455556666"]},"Action":"s3:*",
		"Resource":"*"}`
)

func TestDocumentedPolicies(t *testing.T) {
	oac := oacRequest()
	with := func(change func(*Request)) Request {
		r := oacRequest()
		change(&r)
		return r
	}
	oai := with(func(r *Request) { r.Principal = OriginAccessIdentity("EH1HDMB1FH2TC", "79a59df9") })
	anonymous := with(func(r *Request) { r.Principal = Principal{Kind: Anonymous} })
	user := with(func(r *Request) {
		r.Principal = Principal{Kind: AWSPrincipal, ID: "arn:aws:iam::444455556666:user/Bob"}
	})
	for _, tc := range []struct {
		name   string
		list   string
		req    Request
		want   tri.Bool
		reason Reason
		by     int // index of the deciding statement, -1 for none
	}{
		{"OAC grant", oacGrant, oac, tri.True, AllowMatched, 0},
		{"OAC grant, other distribution", oacGrant, with(func(r *Request) {
			r.Context.Set("aws:sourcearn", "arn:aws:cloudfront::111122223333:distribution/E2OTHER")
		}), tri.False, ImplicitDeny, -1},
		{"OAC grant, distribution unknown", oacGrant, with(func(r *Request) { r.Context.SetUnknown("AWS:SOURCEARN") }), tri.Unknown, Undecided, 0},
		{"OAC grant, listing", oacGrant, with(func(r *Request) { r.Action, r.Resource = "s3:ListBucket", "arn:aws:s3:::example-bucket" }), tri.False, ImplicitDeny, -1},
		{"OAC grant, anonymous", oacGrant, anonymous, tri.False, ImplicitDeny, -1},
		{"OAC grant, OAI", oacGrant, oai, tri.False, ImplicitDeny, -1},
		{"OAI grant by ARN", oaiGrant, oai, tri.True, AllowMatched, 0},
		{"OAI grant by canonical user", canonicalGrant, oai, tri.True, AllowMatched, 0},
		{"OAI grant, other OAI", oaiGrant, with(func(r *Request) { r.Principal = OriginAccessIdentity("EOTHER", "") }), tri.False, ImplicitDeny, -1},
		{"OAI grant, OAC", oaiGrant, oac, tri.False, ImplicitDeny, -1},
		{"account grant does not reach services", accountGrant, oac, tri.False, ImplicitDeny, -1},
		{"account grant by bare ID", accountGrant, user, tri.True, AllowMatched, 0},
		{"account grant, OAI has no account", accountGrant, oai, tri.False, ImplicitDeny, -1},
		{"public grant, anonymous", publicGrant, anonymous, tri.True, AllowMatched, 0},
		{"public grant, service", publicGrant, oac, tri.True, AllowMatched, 0},
		{"nothing granted", "", oac, tri.False, ImplicitDeny, -1},
		{"insecure transport denied, HTTPS", oacGrant + "," + denyInsecure, oac, tri.True, AllowMatched, 0},
		{"insecure transport denied, HTTP", oacGrant + "," + denyInsecure, with(func(r *Request) { r.Context.Set("aws:SecureTransport", "false") }), tri.False, ExplicitDeny, 1},
		{"insecure transport denied, unknown", oacGrant + "," + denyInsecure, with(func(r *Request) { r.Context.SetUnknown("aws:SecureTransport") }), tri.Unknown, Undecided, 1},
		{"VPC endpoint only", oacGrant + "," + denyOutsideVPCE, oac, tri.False, ExplicitDeny, 1},
		{"organization only, services exempt", oacGrant + "," + denyOutsideOrg, oac, tri.True, AllowMatched, 0},
		{"organization only, services forgotten", oacGrant + "," + denyOutsideOrgAndServices, oac, tri.False, ExplicitDeny, 1},
		{"one address range, address unknown", oacGrant + "," + denyOtherAddresses, oac, tri.Unknown, Undecided, 1},
		{"one address range, edge address", oacGrant + "," + denyOtherAddresses, with(func(r *Request) { r.Context.Set("aws:SourceIp", "198.51.100.7") }), tri.False, ExplicitDeny, 1},
		{"possible deny without grant", oaiGrant + "," + denyOtherAddresses, oac, tri.False, ImplicitDeny, -1},
		{"everybody but one account denied", oacGrant + "," + denyAllButOneAccount, oac, tri.False, ExplicitDeny, 1},
		{"everybody but CloudFront denied", denyAllButCloudFront + "," + oacGrant, oac, tri.True, AllowMatched, 1},
		{"everybody but CloudFront denied, OAI", oaiGrant + "," + denyAllButCloudFront, oai, tri.False, ExplicitDeny, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := mustParse(t, statements(tc.list)).Evaluate(tc.req)
			by := -1
			if d.Deciding != nil {
				by = d.Deciding.Index
			}
			if d.Allowed != tc.want || d.Reason != tc.reason || by != tc.by {
				t.Errorf("allowed %v, %v by %d; want %v, %v by %d\n%+v", d.Allowed, d.Reason, by, tc.want, tc.reason, tc.by, d.Matches)
			}
		})
	}
}

func TestMatchTellsElementsApart(t *testing.T) {
	document := statements(`
		{"Sid":"Arn","Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject",
		 "Resource":"arn:aws:s3:::example-bucket/*","Condition":{"StringEquals":{"AWS:SourceArn":"arn:aws:cloudfront::111122223333:distribution/EOLD"}}},
		{"Sid":"Bucket","Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject",
		 "Resource":"arn:aws:s3:::example-bucket"},
		{"Sid":"Who","Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"s3:*","Resource":"*"}`)
	d := mustParse(t, document).Evaluate(oacRequest())
	names := func(ms []Match) (out []string) {
		for _, m := range ms {
			out = append(out, m.Sid)
		}
		return out
	}
	for _, tc := range []struct {
		elements []string
		want     []string
	}{
		{[]string{ElementCondition}, []string{"Arn"}},
		{[]string{ElementResource, ElementAction}, []string{"Bucket"}},
		{[]string{ElementPrincipal}, []string{"Who"}},
		{[]string{ElementAction}, nil},
		{nil, nil},
	} {
		if diff := cmp.Diff(tc.want, names(d.AllowsBut(tc.elements...))); diff != "" {
			t.Errorf("AllowsBut(%v) (-want +got):\n%s", tc.elements, diff)
		}
	}
	want := []Mismatch{{
		Element: ElementCondition, Field: "Statement[0].Condition.StringEquals.AWS:SourceArn", Operator: "StringEquals",
		Key: "AWS:SourceArn", Want: []string{"arn:aws:cloudfront::111122223333:distribution/EOLD"},
		Got: []string{testSourceARN}, State: tri.False,
	}}
	if diff := cmp.Diff(want, d.Matches[0].Failed); diff != "" {
		t.Errorf("mismatches (-want +got):\n%s", diff)
	}
	if !d.Matches[0].ConditionsFailOnlyOn("aws:SourceArn") || d.Matches[0].ConditionsFailOnlyOn("aws:SourceIp") {
		t.Error("ConditionsFailOnlyOn does not tell the keys apart")
	}
	if got := d.Matches[2].Failed[0]; got.Field != "Statement[2].Principal" || got.Want[0] != "AWS:123456789012" {
		t.Errorf("principal mismatch: %+v", got)
	}
}

func TestNearMissNeedsCertainty(t *testing.T) {
	d := mustParse(t, statements(oacGrant))
	r := oacRequest()
	r.Context.SetUnknown("aws:SourceArn")
	if got := d.Evaluate(r).AllowsBut(ElementCondition); got != nil {
		t.Errorf("a condition that may hold is reported as a near miss: %+v", got)
	}
	r.Context.SetAbsent("aws:SourceArn")
	got := d.Evaluate(r).AllowsBut(ElementCondition)
	if len(got) != 1 || !got[0].Failed[0].Absent {
		t.Errorf("a missing key is no near miss: %+v", got)
	}
}

func TestActionsAndResources(t *testing.T) {
	for _, tc := range []struct {
		name     string
		elements string
		action   string
		resource string
		want     tri.Bool
	}{
		{"action ignores case", `"Action":"S3:getobject","Resource":"*"`, "s3:GetObject", testObject, tri.True},
		{"action wildcard", `"Action":"s3:Get*","Resource":"*"`, "s3:GetObject", testObject, tri.True},
		{"action question mark", `"Action":"s3:?etObject","Resource":"*"`, "s3:GetObject", testObject, tri.True},
		{"other service", `"Action":"kms:*","Resource":"*"`, "s3:GetObject", testObject, tri.False},
		{"NotAction spares", `"NotAction":["s3:PutObject"],"Resource":"*"`, "s3:GetObject", testObject, tri.True},
		{"NotAction excludes", `"NotAction":["s3:PutObject","s3:Get*"],"Resource":"*"`, "s3:GetObject", testObject, tri.False},
		{"unknown action", `"Action":"s3:Get*","Resource":"*"`, "", testObject, tri.Unknown},
		{"unknown action, all allowed", `"Action":"*","Resource":"*"`, "", testObject, tri.True},
		{"resource keeps case", `"Action":"*","Resource":"arn:aws:s3:::example-bucket/Index.html"`, "s3:GetObject", testObject, tri.False},
		{"bucket without objects", `"Action":"*","Resource":"arn:aws:s3:::example-bucket"`, "s3:GetObject", testObject, tri.False},
		{"prefix", `"Action":"*","Resource":"arn:aws:s3:::example-bucket/assets/*"`, "s3:GetObject", testObject, tri.False},
		{"star crosses slashes and colons", `"Action":"*","Resource":"arn:aws:s3*html"`, "s3:GetObject", testObject, tri.True},
		{"NotResource excludes", `"Action":"*","NotResource":"arn:aws:s3:::example-bucket/*"`, "s3:GetObject", testObject, tri.False},
		{"NotResource spares", `"Action":"*","NotResource":"arn:aws:s3:::other/*"`, "s3:GetObject", testObject, tri.True},
		{"unknown resource", `"Action":"*","Resource":"arn:aws:s3:::other/*"`, "s3:GetObject", "", tri.Unknown},
		{"unknown resource, all allowed", `"Action":"*","Resource":["arn:aws:s3:::other/*","*"]`, "s3:GetObject", "", tri.True},
		{"no resource in a trust policy", `"Action":"sts:AssumeRole"`, "sts:AssumeRole", "arn:aws:iam::111122223333:role/edge", tri.True},
		{"other partition", `"Action":"*","Resource":"arn:aws-cn:s3:::example-bucket/*"`, "s3:GetObject", testObject, tri.False},
		{"API Gateway short form", `"Action":"execute-api:Invoke","Resource":"execute-api:/prod/GET/*"`, "execute-api:Invoke",
			"arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/prod/GET/pets", tri.True},
		{"API Gateway short form, other stage", `"Action":"execute-api:Invoke","Resource":"execute-api:/prod/GET/*"`, "execute-api:Invoke",
			"arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/dev/GET/prod/GET/pets", tri.False},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := mustParse(t, statements(`{"Effect":"Allow","Principal":"*",`+tc.elements+`}`))
			got := d.Evaluate(Request{Principal: Principal{Kind: Anonymous}, Action: tc.action, Resource: tc.resource})
			if got.Allowed != tc.want {
				t.Errorf("allowed %v, want %v", got.Allowed, tc.want)
			}
		})
	}
}

func TestKeyPolicyForOAC(t *testing.T) {
	document := statements(`
		{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"},
		{"Sid":"AllowCloudFrontServicePrincipalSSE-KMS","Effect":"Allow","Principal":{"Service":["cloudfront.amazonaws.com"]},
		 "Action":["kms:Decrypt","kms:Encrypt","kms:GenerateDataKey*"],"Resource":"*",
		 "Condition":{"StringEquals":{"AWS:SourceArn":"` + testSourceARN + `"}}}`)
	r := oacRequest()
	r.Action, r.Resource = "kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/1234abcd"
	if d := mustParse(t, document).Evaluate(r); d.Allowed != tri.True || d.Deciding.Index != 1 {
		t.Errorf("allowed %v by %+v", d.Allowed, d.Deciding)
	}
}

func TestSingleStatementObject(t *testing.T) {
	d := mustParse(t, `{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::other/*"}}`)
	if got := d.Evaluate(oacRequest()).Matches[0].Failed[0].Field; got != "Statement.Resource" {
		t.Errorf("field %q", got)
	}
}
