package edge

import (
	"testing"

	cf "github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/request"
	"cfdoctor/internal/tri"
)

// TestBalancerConditions follows ELB/rule-condition-types: a rule answers with 418 where all of its conditions hold for what CloudFront sends.
func TestBalancerConditions(t *testing.T) {
	query := func(key *string, value string) elb.RuleCondition {
		return elb.RuleCondition{Field: ptr("query-string"), QueryStringConfig: &elb.QueryStringConditionConfig{Values: []elb.QueryStringKeyValuePair{{Key: key, Value: ptr(value)}}}}
	}
	source := func(cidrs ...string) elb.RuleCondition {
		return elb.RuleCondition{Field: ptr("source-ip"), SourceIpConfig: &elb.SourceIpConditionConfig{Values: cidrs}}
	}
	method := func(names ...string) elb.RuleCondition {
		return elb.RuleCondition{Field: ptr("http-request-method"), HttpRequestMethodConfig: &elb.HttpRequestMethodConditionConfig{Values: names}}
	}
	pattern := func(regex string) elb.RuleCondition {
		return elb.RuleCondition{Field: ptr("path-pattern"), PathPatternConfig: &elb.PathPatternConditionConfig{RegexValues: []string{regex}}}
	}
	const matched, missed, unclear = "matched", "missed", "unclear"
	cases := map[string]struct {
		condition elb.RuleCondition
		want      string
	}{
		"query of that name and value":     {query(ptr("v"), "2*"), matched},
		"query in another case of letters": {query(ptr("V"), "22"), matched},
		"query value under any name":       {query(nil, "22"), matched},
		"query of another value":           {query(ptr("v"), "3"), missed},
		"any source":                       {source("0.0.0.0/0"), matched},
		"private sources":                  {source("10.0.0.0/8", "192.168.1.0/24"), missed},
		"sources that may be CloudFront's": {source("130.176.0.0/16"), unclear},
		"sources that are none":            {source("everywhere"), unclear},
		"method":                           {method("GET"), matched},
		"another method":                   {method("POST"), missed},
		"regular expression":               {pattern(`^/img/[a-z]+\.png$`), matched},
		"regular expression that misses":   {pattern(`^/css/`), missed},
		"regular expression that is none":  {pattern(`(`), unclear},
		"a kind that is not known":         {elb.RuleCondition{Field: ptr("weather"), Values: []string{"sun"}}, unclear},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newBalancerWorld()
			w.forward("b689b0a8-53d0-40ab-baf2-68738e2966ac") // Managed-AllViewerExceptHostHeader
			w.rules(fixedRule("1", "418", c.condition), forwardRule("default", testTargets))
			tr := w.model(t).Simulate(request.New(originDomain, "/img/logo.png?v=22"))
			got := missed
			if tr.Outcome.Status == 418 && tr.StoppedAt == "origin-access" {
				got = matched
			}
			for _, a := range tr.Offers("origin-access") {
				if a.Status == 418 {
					got = unclear
				}
			}
			if got != c.want {
				t.Errorf("the rule is %s (%d at %q), want %s; %s", got, tr.Outcome.Status, tr.StoppedAt, c.want, doing(tr))
			}
		})
	}
}

// TestBalancerRedirect fills in the placeholders of ELB/rule-action-types.
func TestBalancerRedirect(t *testing.T) {
	f := OriginRequest{Scheme: "https", Host: "origin.example.com", Port: 443, Path: "/a/b", Query: "x=1"}
	cases := []struct {
		config elb.RedirectActionConfig
		want   string
	}{
		{elb.RedirectActionConfig{}, "https://origin.example.com/a/b?x=1"},
		{elb.RedirectActionConfig{Protocol: ptr("HTTP"), Port: ptr("80")}, "http://origin.example.com/a/b?x=1"},
		{elb.RedirectActionConfig{Port: ptr("8443"), Path: ptr("/new/#{path}"), Query: ptr("")}, "https://origin.example.com:8443/new/a/b?x=1"},
		{elb.RedirectActionConfig{Host: ptr("www.#{host}"), Path: ptr("/"), Query: ptr("from=#{path}&#{query}")}, "https://www.origin.example.com/?from=a/b&x=1"},
	}
	for _, c := range cases {
		if got := redirectLocation(c.config, &f); got != c.want {
			t.Errorf("%+v leads to %s, want %s", c.config, got, c.want)
		}
	}
	w := newBalancerWorld()
	w.rules(elb.Rule{Priority: ptr("default"), IsDefault: ptr(true), Actions: []elb.Action{{Type: elb.ActionTypeEnumRedirect, RedirectConfig: &elb.RedirectActionConfig{
		StatusCode: elb.RedirectActionStatusCodeEnumHttp301, Host: ptr("www.example.org"),
	}}}})
	tr := w.expect(t, want{301, Certain, "origin-access"})
	if got, _ := tr.Exchange.Response.Header("Location"); got != "https://www.example.org/img/logo.png" {
		t.Errorf("the redirect leads to %q", got)
	}
}

// TestACLs follows S3UG/acl-overview: an ACL lets everybody or a named user read, unless ACLs are off or public ones are ignored.
func TestACLs(t *testing.T) {
	everybody := s3.Grant{Permission: s3.PermissionRead, Grantee: &s3.Grantee{Type: s3.TypeGroup, URI: ptr("http://acs.amazonaws.com/groups/global/AllUsers")}}
	open := func(grants ...s3.Grant) *originWorld {
		w := newBucketWorld()
		w.origin().OriginAccessControlId = nil // nobody signs
		account.BucketPolicy(testBucket).SetAbsent(w.World)
		account.OwnershipControls(testBucket).SetAbsent(w.World)
		account.PublicAccessBlock(testBucket).SetAbsent(w.World)
		owner := &s3.Owner{ID: ptr("owner")}
		account.BucketACL(testBucket).Set(w.World, account.ACLOutput{Owner: *owner})
		account.ObjectACL(testBucket, "img/logo.png").Set(w.World, account.ACLOutput{Owner: *owner, Grants: grants})
		return w
	}
	open(everybody).expect(t, want{200, Certain, ""})
	open().expect(t, want{403, Certain, "origin-access"})
	writing := everybody
	writing.Permission = s3.PermissionWrite
	open(writing).expect(t, want{403, Certain, "origin-access"})
	ignored := open(everybody)
	account.PublicAccessBlock(testBucket).Set(ignored.World, account.PublicAccessBlockOutput{PublicAccessBlockConfiguration: s3.PublicAccessBlockConfiguration{IgnorePublicAcls: ptr(true)}})
	ignored.expect(t, want{403, Certain, "origin-access"})
	off := open(everybody)
	account.OwnershipControls(testBucket).Set(off.World, account.OwnershipControlsOutput{
		OwnershipControls: s3.OwnershipControls{Rules: []s3.OwnershipControlsRule{{ObjectOwnership: s3.ObjectOwnershipBucketOwnerEnforced}}},
	})
	off.expect(t, want{403, Certain, "origin-access"})
	unread := open(everybody)
	unread.Deny(account.ObjectACL(testBucket, "img/logo.png").Call)
	if got := unread.model(t).Simulate(unread.req).Outcome; got.Certainty == Certain {
		t.Errorf("an ACL that nobody read gives %+v", got)
	}
}

// TestServicePorts: AWS's endpoints answer on the ports of their protocols alone.
func TestServicePorts(t *testing.T) {
	for _, c := range []struct {
		policy      cf.OriginProtocolPolicy
		http, https int32
		want        want
	}{
		{cf.OriginProtocolPolicyHttpsOnly, 80, 443, want{200, Likely, ""}},
		{cf.OriginProtocolPolicyHttpsOnly, 80, 8443, want{504, Uncertain, "origin-connection"}},
		{cf.OriginProtocolPolicyHttpOnly, 8080, 443, want{504, Uncertain, "origin-connection"}},
		{cf.OriginProtocolPolicyHttpOnly, 80, 443, want{200, Likely, ""}},
	} {
		w := newOriginWorld(cf.Origin{DomainName: ptr(testAPIHost), CustomOriginConfig: &cf.CustomOriginConfig{
			OriginProtocolPolicy: c.policy, HTTPPort: ptr(c.http), HTTPSPort: ptr(c.https),
		}})
		w.expect(t, c.want)
	}
}

// TestResponseLambda: Lambda@Edge on the answer is not run; a version that cannot run is a 503 (DG/http-503-service-unavailable).
func TestResponseLambda(t *testing.T) {
	for arn, want := range map[string]want{
		"arn:aws:lambda:us-east-1:111122223333:function:tail:7":       {200, Certain, ""},
		"arn:aws:lambda:us-east-1:111122223333:function:tail:$LATEST": {503, Certain, "viewer-response-function"},
		"arn:aws:lambda:eu-west-1:111122223333:function:tail:7":       {503, Certain, "viewer-response-function"},
	} {
		w := newBucketWorld()
		w.config.DefaultCacheBehavior.LambdaFunctionAssociations = &cf.LambdaFunctionAssociations{Items: []cf.LambdaFunctionAssociation{
			{EventType: cf.EventTypeViewerResponse, LambdaFunctionARN: ptr(arn)},
		}}
		w.expect(t, want)
	}
}

// TestBeyond looks behind a stage that answers early.
func TestBeyond(t *testing.T) {
	w := newBucketWorld()
	w.missing("img/logo.png")
	w.config.DefaultCacheBehavior.AllowedMethods = nil
	w.req.Method = "DELETE"
	m := w.model(t)
	tr := m.Simulate(w.req)
	if tr.StoppedAt != "allowed-methods" || tr.Reached("origin-access") {
		t.Fatalf("stopped at %s", tr.StoppedAt)
	}
	if beyond := m.Beyond(tr); beyond == nil || !beyond.Reached("origin-access") || beyond.Exchange.S3 == nil {
		t.Errorf("beyond is %+v", beyond)
	}
	if whole := m.Simulate(request.New(originDomain, "/img/logo.png")); m.Beyond(whole) != whole {
		t.Error("a trace that got to the origin is made anew")
	}
	if !Before("viewer-dns", "web-acl") || Before("origin-access", "web-acl") || Before("no stage", "viewer-dns") {
		t.Error("the order of stages is wrong")
	}
}

// TestCertificateFor tells the certificate of a host that is not configured yet.
func TestCertificateFor(t *testing.T) {
	m := newViewerWorld().model(t)
	if c := m.CertificateFor("New.Example.com"); c.Covers != tri.True || c.CertificateARN != testCertificate {
		t.Errorf("%+v", c)
	}
	if c := m.CertificateFor("a.b.example.com"); c.Covers != tri.False {
		t.Errorf("a wildcard covers two labels: %+v", c)
	}
	if c := m.CertificateFor(testDomain); !c.Default || cloudfront.NormalizeHost(testDomain) != testDomain {
		t.Errorf("%+v", c)
	}
}
