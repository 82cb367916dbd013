package edge

import (
	"testing"
	"time"

	acm "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	ec2 "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	route53 "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/tri"
)

// TestBalancer follows DG/http-502-bad-gateway, DG/http-504-gateway-timeout, ELB/load-balancer-troubleshooting and ELB/listener-rules.
func TestBalancer(t *testing.T) {
	secret := elb.RuleCondition{Field: ptr("http-header"), HttpHeaderConfig: &elb.HttpHeaderConditionConfig{HttpHeaderName: ptr("X-Secret"), Values: []string{"s3cr*t"}}}
	cases := map[string]struct {
		edit func(*originWorld)
		want want
	}{
		"healthy":                         {func(w *originWorld) {}, want{200, Likely, ""}},
		"name without a record":           {func(w *originWorld) { w.zone() }, want{502, Certain, "origin-dns"}},
		"name in a wildcard":              {func(w *originWorld) { w.zone(wildcard("*.example.com.")) }, want{200, Likely, ""}},
		"neither a record nor a wildcard": {func(w *originWorld) { w.zoneInParts(nil) }, want{502, Certain, "origin-dns"}},
		"wildcard read apart":             {func(w *originWorld) { w.zoneInParts([]route53.ResourceRecordSet{wildcard("*.example.com.")}) }, want{200, Likely, ""}},
		"balancer deleted":                {func(w *originWorld) { account.LoadBalancers("eu-west-1").Set(w.World, account.LoadBalancersOutput{}) }, want{200, Likely, ""}},
		"no listener on the port":         {func(w *originWorld) { w.listener(func(l *elb.Listener) { l.Port = ptr(int32(80)) }) }, want{502, Uncertain, "origin-connection"}},
		"internal": {func(w *originWorld) {
			w.balancer(func(b *elb.LoadBalancer) { b.Scheme = elb.LoadBalancerSchemeEnumInternal })
		}, want{504, Uncertain, "origin-connection"}},
		"open to the office only": {func(w *originWorld) { w.group(from(443, "203.0.113.0/24")) }, want{504, Certain, "origin-connection"}},
		"open on another port":    {func(w *originWorld) { w.group(from(8443, "0.0.0.0/0")) }, want{504, Certain, "origin-connection"}},
		"open to everybody":       {func(w *originWorld) { w.group(from(443, "0.0.0.0/0")) }, want{200, Likely, ""}},
		"open to all ranges":      {func(w *originWorld) { w.group(from(443, "130.176.0.0/16", "64.252.64.0/18")) }, want{200, Likely, ""}},
		"open to some ranges":     {func(w *originWorld) { w.group(from(443, "130.176.0.0/17")) }, want{200, Likely, ""}},
		"another prefix list":     {func(w *originWorld) { w.group(lists("pl-2")) }, want{200, Likely, ""}},
		"prefix list of S3":       {func(w *originWorld) { w.group(lists("pl-3")) }, want{504, Certain, "origin-connection"}},
		"no route to internet":    {func(w *originWorld) { w.routes("nat-1") }, want{504, Uncertain, "origin-connection"}},
		"route to internet":       {func(w *originWorld) { w.routes("igw-1") }, want{200, Likely, ""}},
		"network ACL denies":      {func(w *originWorld) { w.acl(ec2.RuleActionDeny) }, want{504, Uncertain, "origin-connection"}},
		"network ACL allows":      {func(w *originWorld) { w.acl(ec2.RuleActionAllow) }, want{200, Likely, ""}},
		"plain listener":          {func(w *originWorld) { w.listener(func(l *elb.Listener) { l.Protocol = elb.ProtocolEnumHttp }) }, want{502, Certain, "origin-tls"}},
		"certificate for another": {func(w *originWorld) {
			w.certificate(func(c *acm.CertificateDetail) { c.SubjectAlternativeNames = []string{"www.example.net"} })
		}, want{502, Certain, "origin-tls"}},
		"certificate expired": {func(w *originWorld) {
			w.certificate(func(c *acm.CertificateDetail) { c.NotAfter = ptr(testNow().Add(-time.Hour)) })
		}, want{502, Certain, "origin-tls"}},
		"certificate not read": {func(w *originWorld) { w.Deny(account.Certificate(testOriginCert).Call) }, want{200, Likely, ""}},
		"old TLS only":         {oldTLS, want{502, Certain, "origin-tls"}},
		"fixed response":       {func(w *originWorld) { w.rules(fixedRule("default", "404")) }, want{404, Certain, "origin-access"}},
		"path rule": {func(w *originWorld) {
			w.rules(forwardRule("1", testTargets, path("/api/*")), fixedRule("default", "404"))
		}, want{404, Certain, "origin-access"}},
		"path rule fits": {func(w *originWorld) {
			w.rules(forwardRule("1", testTargets, path("/img/*.p?g")), fixedRule("default", "404"))
		}, want{200, Likely, ""}},
		"host rule": {func(w *originWorld) {
			w.rules(forwardRule("1", testTargets, host("www.example.com")), fixedRule("default", "503"))
		}, want{503, Certain, "origin-access"}},
		"host rule fits": {func(w *originWorld) {
			w.rules(forwardRule("1", testTargets, host("ORIGIN.example.*")), fixedRule("default", "503"))
		}, want{200, Likely, ""}},
		"secret not sent": {func(w *originWorld) { w.rules(forwardRule("1", testTargets, secret), fixedRule("default", "403")) }, want{403, Certain, "origin-access"}},
		"secret sent": {func(w *originWorld) {
			w.rules(forwardRule("1", testTargets, secret), fixedRule("default", "403"))
			w.custom("X-Secret", "s3cret")
		}, want{200, Likely, ""}},
		"no targets":        {func(w *originWorld) { w.health() }, want{503, Certain, "origin-object"}},
		"unused targets":    {func(w *originWorld) { w.health(elb.TargetHealthStateEnumUnused) }, want{503, Certain, "origin-object"}},
		"unhealthy targets": {func(w *originWorld) { w.health(elb.TargetHealthStateEnumUnhealthy) }, want{200, Likely, ""}},
		"AWS's own name":    {func(w *originWorld) { w.origin().DomainName = ptr(testALBName) }, want{502, Certain, "origin-tls"}},
		"an IP address":     {func(w *originWorld) { w.origin().DomainName = ptr("192.0.2.1") }, want{502, Certain, "origin-dns"}},
		"nothing known":     {func(w *originWorld) { w.origin().DomainName = ptr("app.example.net") }, want{200, Likely, ""}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newBalancerWorld()
			c.edit(w)
			w.expect(t, c.want)
		})
	}
}

func wildcard(name string) route53.ResourceRecordSet {
	return route53.ResourceRecordSet{Name: ptr(name), Type: route53.RRTypeCname, ResourceRecords: []route53.ResourceRecord{{Value: ptr(testALBName)}}}
}

func from(port int32, cidrs ...string) ec2.IpPermission {
	p := ec2.IpPermission{IpProtocol: ptr("tcp"), FromPort: &port, ToPort: &port}
	for _, c := range cidrs {
		p.IpRanges = append(p.IpRanges, ec2.IpRange{CidrIp: ptr(c)})
	}
	return p
}

func lists(id string) ec2.IpPermission {
	return ec2.IpPermission{IpProtocol: ptr("-1"), PrefixListIds: []ec2.PrefixListId{{PrefixListId: ptr(id)}}}
}

func (w *originWorld) routes(gateway string) {
	account.RouteTables("eu-west-1", "vpc-1").Set(w.World, account.RouteTablesOutput{RouteTables: []ec2.RouteTable{
		{VpcId: ptr("vpc-2"), Associations: []ec2.RouteTableAssociation{{Main: ptr(true)}}, Routes: []ec2.Route{{GatewayId: ptr("igw-9")}}},
		{VpcId: ptr("vpc-1"), Associations: []ec2.RouteTableAssociation{{Main: ptr(true)}}, Routes: []ec2.Route{{GatewayId: ptr("local")}, {GatewayId: ptr(gateway)}}},
	}})
}

func (w *originWorld) acl(in ec2.RuleAction) {
	account.NetworkACLs("eu-west-1", "vpc-1").Set(w.World, account.NetworkACLsOutput{NetworkAcls: []ec2.NetworkAcl{{
		NetworkAclId: ptr("acl-1"), Associations: []ec2.NetworkAclAssociation{{SubnetId: ptr("subnet-1")}},
		Entries: []ec2.NetworkAclEntry{
			{RuleNumber: ptr(int32(100)), Egress: ptr(true), Protocol: ptr("-1"), CidrBlock: ptr("0.0.0.0/0"), RuleAction: ec2.RuleActionAllow},
			{RuleNumber: ptr(int32(200)), Egress: ptr(false), Protocol: ptr("-1"), CidrBlock: ptr("0.0.0.0/0"), RuleAction: ec2.RuleActionAllow},
			{RuleNumber: ptr(int32(100)), Egress: ptr(false), Protocol: ptr("6"), CidrBlock: ptr("0.0.0.0/0"), RuleAction: in},
		},
	}}})
}

func oldTLS(w *originWorld) {
	w.origin().CustomOriginConfig.OriginSslProtocols.Items = []types.SslProtocol{types.SslProtocolTLSv1}
	w.listener(func(l *elb.Listener) { l.SslPolicy = ptr("ELBSecurityPolicy-TLS-1-2-2017-01") })
}

func path(pattern string) elb.RuleCondition {
	return elb.RuleCondition{Field: ptr("path-pattern"), Values: []string{pattern}}
}

func host(pattern string) elb.RuleCondition {
	return elb.RuleCondition{Field: ptr("host-header"), HostHeaderConfig: &elb.HostHeaderConditionConfig{Values: []string{pattern}}}
}

func (w *originWorld) custom(name, value string) {
	w.origin().CustomHeaders = &types.CustomHeaders{Items: []types.OriginCustomHeader{{HeaderName: ptr(name), HeaderValue: ptr(value)}}}
}

// TestConnectionFailureAlternatives: a balancer that is not in this account's list may be another account's.
func TestBalancerGone(t *testing.T) {
	w := newBalancerWorld()
	account.LoadBalancers("eu-west-1").Set(w.World, account.LoadBalancersOutput{})
	tr := w.expect(t, want{200, Likely, ""})
	if !tr.Exchange.DNS.GoneBalancer || len(tr.Offers("origin-dns")) != 1 || tr.Offers("origin-dns")[0].Status != 502 {
		t.Errorf("DNS %+v, alternatives %+v", tr.Exchange.DNS, tr.Alternatives)
	}
}

func TestGlob(t *testing.T) {
	cases := []struct {
		pattern, text string
		want          bool
	}{
		{"*", "", true}, {"", "", true}, {"", "a", false}, {"a*c", "abbc", true}, {"a*c", "abcd", false}, {"a?c", "ac", false},
		{"*a*a*", "bab", false}, {"*a*a*", "baba", true}, {"a**", "a", true},
	}
	for _, c := range cases {
		if got := globMatch(c.pattern, c.text); got != c.want {
			t.Errorf("globMatch(%q, %q) = %v", c.pattern, c.text, got)
		}
	}
}

// TestProtocolGap follows the table of security policies in ELB/describe-ssl-policies.
func TestProtocolGap(t *testing.T) {
	cases := []struct {
		policy  string
		offered string
		want    tri.Bool
	}{
		{"ELBSecurityPolicy-2016-08", "TLSv1", tri.True}, {"ELBSecurityPolicy-TLS-1-2-2017-01", "TLSv1", tri.False},
		{"ELBSecurityPolicy-TLS-1-2-2017-01", "TLSv1.2", tri.True}, {"ELBSecurityPolicy-TLS-1-1-2017-01", "TLSv1.1", tri.True},
		{"ELBSecurityPolicy-TLS13-1-3-2021-06", "TLSv1.2", tri.Unknown}, {"ELBSecurityPolicy-TLS13-1-2-2021-06", "TLSv1.1", tri.Unknown},
		{"ELBSecurityPolicy-FS-1-2-Res-2020-10", "SSLv3", tri.False}, {"", "TLSv1", tri.Unknown},
	}
	for _, c := range cases {
		if got := protocolGap([]string{c.offered}, c.policy); got != c.want {
			t.Errorf("protocolGap(%s, %s) = %v, want %v", c.offered, c.policy, got, c.want)
		}
	}
}
